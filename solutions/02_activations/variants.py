"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="scaled-tanh")
def scaled_tanh__by_bounded_exponentials(z, height, rate):
    e = np.exp(-2 * rate * np.abs(z))
    return height * np.sign(z) * (1 - e) / (1 + e)


@variant(question="scaled-tanh")
def scaled_tanh_slope__two_factors(a, height, rate):
    return rate / height * (height - np.asarray(a)) * (height + np.asarray(a))


@variant(question="shrink")
def soft_threshold__by_clip(z, t):
    z = np.array(z, dtype=float)
    return z - np.clip(z, -t, t)


@variant(question="shrink")
def soft_threshold_derivative__two_steps(z, t):
    z = np.asarray(z)
    return 1.0 * (z > t) + 1.0 * (z < -t)


@variant(question="prelu")
def prelu_backward__loops(dout, z, mu):
    dz, dmu = np.zeros(z.shape), np.zeros(mu.shape)
    for n in range(z.shape[0]):
        for m in range(z.shape[1]):
            if z[n, m] > 0:
                dz[n, m] = dout[n, m]
            else:
                dz[n, m] = mu[m] * dout[n, m]
                dmu[m] += dout[n, m] * z[n, m]
    return dz, dmu


@variant(question="sharp")
def sharp_softplus__logaddexp(z, beta):
    z = np.asarray(z)
    if z.dtype != np.float32:
        z = z.astype(np.float64)
    return np.logaddexp(z.dtype.type(0), beta * z) / beta


@variant(question="sharp")
def sharp_softplus_derivative__by_cases(z, beta):
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    e = np.exp(-np.abs(beta * z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


@variant(question="minout")
def minout_gradients__loops(dout, x, w, b):
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
    for n in range(len(x)):
        for m in range(w.shape[1]):
            i = int(np.argmin(w[:, m] @ x[n] + b[:, m]))
            dx[n] += dout[n, m] * w[i, m]
            dw[i, m] += dout[n, m] * x[n]
            db[i, m] += dout[n, m]
    return dx, dw, db


@variant(question="count")
def maxout_network_parameters__loop(sizes, k):
    total = 0
    for position in range(1, len(sizes)):
        pieces = k if position < len(sizes) - 1 else 1
        total += pieces * (sizes[position] * sizes[position - 1] + sizes[position])
    return total


@variant(question="temperature")
def softmax_at__by_logarithm(z, temperature, axis):
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    moved = np.moveaxis(z, axis, -1)
    shifted = (moved - moved.max(-1)[..., None]) / temperature
    logarithm = shifted - np.log(np.exp(shifted).sum(-1))[..., None]
    return np.moveaxis(np.exp(logarithm), -1, axis)


@variant(question="temperature")
def softmax_at_backward__with_the_jacobian(dout, h, temperature):
    rows = []
    for d, p in zip(dout, h, strict=True):
        rows.append((np.diag(p) - np.outer(p, p)) @ d / temperature)
    return np.array(rows)
