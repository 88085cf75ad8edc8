"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import math

import numpy as np

from autograder.mistakes import variant


@variant(question="norms")
def gradient_norms__entry_by_entry(gradients):
    result = []
    for dw, db in gradients:
        total = 0.0
        for row, bias in zip(dw, db, strict=True):
            total += bias**2
            for entry in row:
                total += entry**2
        result.append(math.sqrt(total))
    return result


@variant(question="norms")
def gradient_norms__by_hypot(gradients):
    return [math.hypot(np.linalg.norm(dw), np.linalg.norm(db)) for dw, db in gradients]


@variant(question="shrinkage")
def factor_per_step__mean_of_logarithms(norms):
    return math.exp(-np.mean(np.diff(np.log(norms))))


@variant(question="gain")
def expected_gain__sums(slopes, w_next):
    return np.linalg.norm(w_next) * np.linalg.norm(slopes) / math.sqrt(len(w_next) * slopes.size)


@variant(question="product")
def first_delta__jacobian_from_the_front(last_delta, weights, slopes):
    jacobian = np.eye(len(slopes[0]))
    for w, slope in zip(weights, slopes, strict=True):
        jacobian = w @ np.diag(slope) @ jacobian
    return jacobian.T @ last_delta


@variant(question="silent")
def silence_per_unit__loop(z):
    counts = [0] * z.shape[1]
    for row in z:
        for unit, value in enumerate(row):
            counts[unit] += max(value, 0) == 0
    return [count / len(z) for count in counts]


@variant(question="dead")
def dead_units__candidates(batches):
    alive = set()
    for z in batches:
        for row in z:
            alive |= {unit for unit, value in enumerate(row) if value > 0}
    return [unit for unit in range(batches[0].shape[1]) if unit not in alive]


@variant(question="pieces")
def count_pieces__loop(x, y):
    pieces, last = 0, None
    for k in range(len(x) - 1):
        slope = (y[k + 1] - y[k]) / (x[k + 1] - x[k])
        if last is None or abs(slope - last) > 1e-6:
            pieces += 1
        last = slope
    return pieces


@variant(question="pieces")
def tent_parameters__layer_by_layer(pieces):
    counts = []
    for sizes in ([1] + [2] * round(math.log2(pieces)) + [1], [1, pieces - 1, 1]):
        counts.append(sum((d + 1) * m for d, m in zip(sizes[:-1], sizes[1:], strict=True)))
    return counts


@variant(question="diagnosis")
def diagnose__table(loss, classes, norms, dead_shares):
    orders = math.log10(norms[0]) - math.log10(norms[-1])
    table = [
        ("scale", not (loss <= 2 * math.log(classes))),
        ("dead", any(share > 0.5 for share in dead_shares)),
        ("vanishing", orders < -3),
        ("exploding", orders > 3),
        ("healthy", True),
    ]
    return next(word for word, applies in table if applies)
