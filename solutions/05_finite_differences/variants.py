"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="one-sided")
def one_sided_gradient__rows_of_identity(f, x, step):
    x = np.asarray(x, dtype=float)
    start = f(x.copy())
    nudges = step * np.eye(x.size)
    return np.array([(f(x + nudge.reshape(x.shape)) - start) / step for nudge in nudges]).reshape(x.shape)


@variant(question="one-sided")
def one_sided_gradient__nudge_and_undo(f, x, step):
    work = np.array(x, dtype=np.float64)
    flat = work.reshape(-1)
    start, slopes = f(work), []
    for i in range(flat.size):
        kept = flat[i]
        flat[i] = kept + step
        slopes.append((f(work) - start) / step)
        flat[i] = kept
    return np.reshape(slopes, work.shape)


@variant(question="central-parameters")
def central_gradients__one_flat_vector(loss, parameters, step):
    shapes = [np.shape(p) for p in parameters]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    theta = np.concatenate([np.ravel(p) for p in parameters]).astype(float)

    def of_flat(theta):
        return loss([part.reshape(shape) for part, shape in zip(np.split(theta, cuts), shapes, strict=True)])

    slopes = np.empty_like(theta)
    for i, nudge in enumerate(step * np.eye(theta.size)):
        slopes[i] = (of_flat(theta + nudge) - of_flat(theta - nudge)) / (2 * step)
    return [part.reshape(shape) for part, shape in zip(np.split(slopes, cuts), shapes, strict=True)]


@variant(question="central-parameters")
def central_gradients__mean_of_both_sides(loss, parameters, step):
    def shifted(k, i, amount):
        copy = [np.array(p, dtype=float) for p in parameters]
        copy[k][i] += amount
        return loss(copy)

    here = loss([np.array(p, dtype=float) for p in parameters])
    gradients = []
    for k, parameter in enumerate(parameters):
        gradient = np.empty(np.shape(parameter))
        for i in np.ndindex(gradient.shape):
            ahead = (shifted(k, i, step) - here) / step
            behind = (here - shifted(k, i, -step)) / step
            gradient[i] = (ahead + behind) / 2
        gradients.append(gradient)
    return gradients


@variant(question="jacobian")
def jacobian__row_by_row(f, x, step):
    x = np.asarray(x, dtype=float)
    n_outputs = len(f(x))
    result = np.empty((n_outputs, x.size))
    for m in range(n_outputs):
        for i in range(x.size):
            up, down = x.copy(), x.copy()
            up[i] += step
            down[i] -= step
            result[m, i] = (f(up)[m] - f(down)[m]) / (2 * step)
    return result


@variant(question="best-step")
def best_three_point_step__power(value, third_derivative, precision):
    truncation, rounding = abs(third_derivative) / 3, 4 * precision * abs(value)
    return (rounding / (2 * truncation)) ** (1 / 3)


@variant(question="multiplications")
def multiplications__loop(sizes, n_samples, method):
    weights = biases = 0
    for i in range(1, len(sizes)):
        weights += sizes[i] * sizes[i - 1]
        biases += sizes[i]
    if method == "direction":
        passes = 2
    elif method == "forward":
        passes = 1 + weights + biases
    else:
        passes = 2 * (weights + biases)
    return passes * n_samples * weights


@variant(question="worst-entry")
def worst_entry__plain_loop(a, b):
    best_index, best_error = None, -1.0
    for index in np.ndindex(np.shape(a)):
        scale = max(abs(a[index]), abs(b[index]))
        error = abs(a[index] - b[index]) / scale if scale > 0 else 0.0
        if error > best_error:
            best_index, best_error = index, error
    return best_index, best_error


@variant(question="slope")
def complex_slope__larger_step(f, x, v):
    step = 1e-100
    return (f(x + step * 1j * v) / step).imag
