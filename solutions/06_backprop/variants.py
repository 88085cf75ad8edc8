"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="paths")
def gradient_over_paths__one_long_vector(upstreams, jacobians):
    return np.concatenate(jacobians).T @ np.concatenate(upstreams)


@variant(question="paths")
def gradient_over_paths__entry_by_entry(upstreams, jacobians):
    result = np.zeros(np.shape(jacobians[0])[1])
    for upstream, local in zip(upstreams, jacobians, strict=True):
        for i in range(len(upstream)):
            for d in range(len(result)):
                result[d] += upstream[i] * local[i][d]
    return result


@variant(question="skip")
def forward_with_skip__sample_by_sample(x, w1, b1, w2, b2, u):
    z1 = np.array([w1 @ row + b1 for row in x])
    a1 = np.tanh(z1)
    z2 = np.array([w2 @ hidden + b2 + u @ row for hidden, row in zip(a1, x, strict=True)])
    return z1, a1, z2


@variant(question="skip")
def forward_with_skip__one_product(x, w1, b1, w2, b2, u):
    z1 = np.einsum("nd,kd->nk", x, w1) + b1
    a1 = 1 - 2 / (np.exp(2 * z1) + 1)
    return z1, a1, np.hstack([a1, x]) @ np.hstack([w2, u]).T + b2


@variant(question="output")
def tanh_delta__two_factors(a, y):
    return (a - y) * (1 - a) * (1 + a) / a.shape[0]


@variant(question="output")
def softmax_delta__with_the_jacobian(h, y):
    rows = [(np.diag(p) - np.outer(p, p)) @ (p - t) for p, t in zip(h, y, strict=True)]
    return np.array(rows) / len(h)


@variant(question="branch")
def branched_delta__as_one_layer(delta_p, w_p, delta_q, w_q, z):
    slope = 1 / np.cosh(z) ** 2
    return slope * (np.concatenate([delta_p, delta_q], axis=1) @ np.concatenate([w_p, w_q], axis=0))


@variant(question="weighted")
def weighted_gradients__loop(delta, a, c):
    dw, db = np.zeros((delta.shape[1], a.shape[1])), np.zeros(delta.shape[1])
    for d, row, count in zip(delta, a, c, strict=True):
        dw += count * np.outer(d, row)
        db += count * d
    return dw / c.sum(), db / c.sum()


@variant(question="weighted")
def weighted_gradients__average(delta, a, c):
    products = delta[:, :, None] * a[:, None, :]
    return np.average(products, axis=0, weights=c), np.average(delta, axis=0, weights=c)


@variant(question="module")
def sigmoid_layer_backward__loop(da, cache):
    x, w, a = cache
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros(len(w))
    for n in range(len(x)):
        for m in range(len(w)):
            delta = da[n, m] * (a[n, m] - a[n, m] ** 2)
            dx[n] += delta * w[m]
            dw[m] += delta * x[n]
            db[m] += delta
    return dx, dw, db


@variant(question="small")
def neuron_gradients__sample_by_sample(x, y, w, b, strength):
    dw, db = strength * w, 0.0
    for row, target in zip(x, y, strict=True):
        a = 1 / (1 + np.exp(-(row @ w + b)))
        slope = (a - target) * a * (1 - a) / len(x)
        dw = dw + slope * row
        db = db + slope
    return dw, db


@variant(question="small")
def linear_gradients__bias_as_a_weight(x, y, w, b):
    n, m = y.shape
    extended = np.hstack([x, np.ones((n, 1))])
    both = 2 / (n * m) * (extended @ np.hstack([w, b[:, None]]).T - y).T @ extended
    return both[:, :-1], both[:, -1]


@variant(question="relu")
def relu_gradients__other_slope_at_0(x, y, w1, b1, w2, b2):
    n = x.shape[0]
    z = x @ w1.T + b1
    on = (z >= 0).astype(float)
    h = z * on
    error = h @ w2.T + b2 - y
    hidden = 2 / n * on * (error @ w2)
    return hidden.T @ x, hidden.sum(0), 2 / n * error.T @ h, 2 / n * error.sum(0)
