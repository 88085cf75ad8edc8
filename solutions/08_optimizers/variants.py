"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="step")
def decayed_step__shrink_first(theta, gradient, rate, strength):
    return (1 - rate * strength) * np.asarray(theta) - rate * np.asarray(gradient)


@variant(question="batches")
def deal__shuffled_copies(x, y, size, rng):
    batches = []
    left = list(range(len(x)))
    rng.shuffle(left)
    while left:
        rows, left = left[:size], left[size:]
        batches.append((np.array([x[n] for n in rows]), np.array([y[n] for n in rows])))
    return batches


@variant(question="momentum")
def heavy_step__by_the_sum(theta, velocity, gradient, rate, momentum):
    summed = -velocity / rate  # the velocity of the other form
    summed = momentum * summed + gradient
    return theta - rate * summed, -rate * summed


@variant(question="adam")
def adamw_step__entry_by_entry(theta, m, s, gradient, t, rate, beta1, beta2, epsilon, strength):
    new = [np.array(a, dtype=float) for a in (theta, m, s)]
    scale = np.sqrt(1 - beta2**t)
    for i, g in enumerate(gradient):
        new[1][i] += (1 - beta1) * (g - m[i])
        new[2][i] += (1 - beta2) * (g * g - s[i])
        adapted = new[1][i] / (1 - beta1**t) * scale / (np.sqrt(new[2][i]) + epsilon * scale)
        new[0][i] = theta[i] * (1 - rate * strength) - rate * adapted
    return tuple(new)


@variant(question="newton")
def saddle_free_step__singular_values(theta, gradient, hessian):
    _, values, rows = np.linalg.svd(hessian)  # the root of HᵀH
    return theta - np.linalg.solve(rows.T @ np.diag(values) @ rows, gradient)


@variant(question="conjugate")
def solve_without_matrix__orthogonalised(multiply, b, theta):
    residual, done = b - multiply(theta), []
    for _ in range(len(b)):
        if np.linalg.norm(residual) < 1e-13:
            break
        direction = residual.copy()
        for d, image in done:
            direction = direction - (image @ residual) / (image @ d) * d
        image = multiply(direction)
        length = (direction @ residual) / (direction @ image)
        done.append((direction, image))
        theta = theta + length * direction
        residual = residual - length * image
    return theta


@variant(question="search")
def backtrack__recursive(loss, theta, gradient, direction, first, decrease, shrink):
    gain = loss(theta) - loss(theta + first * direction)
    if gain >= -decrease * first * np.sum(gradient * direction):
        return first
    return backtrack__recursive(loss, theta, gradient, direction, first * shrink, decrease, shrink)


@variant(question="start")
def leaky_scale__counted(shape, slope):
    _, *rest = shape
    n_in = 1
    for size in rest:
        n_in *= size
    return (2 / n_in / (1 + slope * slope)) ** 0.5


@variant(question="start")
def glorot_limit__from_the_variance(shape):
    weights = np.empty(shape)
    n_in, n_out = weights[0].size, weights[:, 0].size
    return 3**0.5 * (2 / (n_in + n_out)) ** 0.5
