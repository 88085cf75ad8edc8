"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="parabola")
def parabola_cost__with_columns(theta, x, y):
    error = np.vander(x, 3, increasing=True) @ theta - y
    return error @ error / (2 * len(y))


@variant(question="parabola")
def parabola_gradient__with_columns(theta, x, y):
    columns = np.vander(x, 3, increasing=True)
    return columns.T @ (columns @ theta - y) / len(y)


@variant(question="parabola")
def parabola_gradient__loop(theta, x, y):
    total = [0.0, 0.0, 0.0]
    for a, b in zip(x, y, strict=True):
        error = theta[0] + theta[1] * a + theta[2] * a * a - b
        for k in range(3):
            total[k] += error * a**k
    return [entry / len(x) for entry in total]


@variant(question="fit")
def fit_parabola__normal_equations(x, y):
    columns = np.vander(x, 3, increasing=True)
    return np.linalg.solve(columns.T @ columns, columns.T @ y)


@variant(question="fit")
def fit_parabola__polyfit(x, y):
    return np.polyfit(x, y, 2)[::-1]


@variant(question="fit")
def fit_parabola__orthogonal_factors(x, y):
    q, r = np.linalg.qr(np.vander(x, 3, increasing=True))
    return np.linalg.solve(r, q.T @ y)


@variant(question="signed")
def signed_cost__sample_by_sample(w, b, x, y):
    total = 0.0
    for sample, label in zip(x, y, strict=True):
        u = -label * (sum(p * q for p, q in zip(sample, w, strict=True)) + b)
        total += max(u, 0) + np.log1p(np.exp(-abs(u)))
    return total / len(x)


@variant(question="signed")
def signed_step__through_labels_0_and_1(w, b, x, y, rate):
    error = 0.5 + 0.5 * np.tanh((x @ w + b) / 2) - (y + 1) / 2
    return w - rate * x.T @ error / len(x), b - rate * np.mean(error)


@variant(question="sweep")
def sweep__bias_as_a_weight(x, y, w, b):
    both, count = np.append(w, b).astype(float), 0
    for n in range(len(x)):
        sample = np.append(x[n], 1.0)
        if np.sign(both @ sample) != y[n]:
            both = both + y[n] * sample
            count += 1
    return both[:-1], both[-1], count


@variant(question="bound")
def mistake_bound__squares_only(x, y, w):
    right = [label * sum(p * q for p, q in zip(sample, w, strict=True)) for sample, label in zip(x, y, strict=True)]
    if min(right) <= 0:
        return float("inf")
    return max(np.sum(x**2, axis=1)) * np.sum(w**2) / min(right) ** 2


@variant(question="gates", variable="answers")
def answers__as_truth_values():
    return [True, False, True, False]


@variant(question="gates", variable="nand")
def nand__whole_numbers():
    return [-2, -2, 3]


@variant(question="gates", variable="majority")
def majority__unequal_votes():
    return [3.0, 2.5, 2.0, -4.0]


@variant(question="network")
def two_layers__unit_by_unit(x, w1, b1, w2, b2):
    hidden = np.zeros((len(x), len(w1)), int)
    out = np.zeros(len(x), int)
    for n in range(len(x)):
        for k in range(len(w1)):
            hidden[n, k] = int(np.dot(w1[k], x[n]) + b1[k] > 0)
        out[n] = int(np.dot(w2, hidden[n]) + b2 > 0)
    return out, hidden


@variant(question="network")
def two_layers__truth_values(x, w1, b1, w2, b2):
    hidden = np.einsum("nd,kd->nk", x, w1) > -b1
    return hidden @ w2 > -b2, hidden


@variant(question="network", variable="same")
def same__both_or_neither():
    return [[[1, 1], [-1, -1]], [-1.5, 0.5], [1, 1], -0.5]
