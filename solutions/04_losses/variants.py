"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="huber")
def huber_loss__entry_by_entry(a, y, delta):
    total = 0.0
    for output, target in zip(np.ravel(a), np.ravel(y), strict=True):
        e = abs(float(output) - float(target))
        total += 0.5 * e * e if e < delta else delta * e - 0.5 * delta * delta
    return total / np.shape(a)[0]


@variant(question="huber")
def huber_gradient__both_pieces(a, y, delta):
    e = (np.asarray(a, dtype=float) - y) / a.shape[0]
    far = np.abs(a - y) > delta
    return e * ~far + far * np.sign(e) * delta / a.shape[0]


@variant(question="hinge")
def hinge__class_by_class(score, label, width):
    lacking = [max(0.0, width - s) if t == 1 else max(0.0, width + s) for s, t in zip(score, label, strict=True)]
    return sum(lacking) / len(lacking)


@variant(question="hinge")
def hinge_gradient__other_slope_at_the_kink(score, label, width):
    gradient = np.zeros(len(score))
    for n, (s, t) in enumerate(zip(score, label, strict=True)):
        if t == 1 and s <= width:
            gradient[n] = -1 / len(score)
        elif t == 0 and -s <= width:
            gradient[n] = 1 / len(score)
    return gradient


@variant(question="bits")
def logistic_bits__logaddexp2(score, y):
    return float(np.mean(np.logaddexp2(0.0, -y * score / np.log(2))))


@variant(question="bits")
def logistic_bits_gradient__tanh(score, y):
    return -y * (1 - np.tanh(y * score / 2)) / (2 * np.log(2) * score.size)


@variant(question="weighted")
def weighted_loss__softplus_by_hand(z, y, c):
    correction = np.log1p(np.exp(-np.abs(z)))
    return np.average(c * y * (np.maximum(-z, 0) + correction) + (1 - y) * (np.maximum(z, 0) + correction))


@variant(question="weighted")
def weighted_loss__one_softplus(z, y, c):
    total = 0.0
    for logit, target in zip(z, y, strict=True):
        softplus = np.logaddexp(0, -logit)
        total += (1 - target) * logit + (1 + (c - 1) * target) * softplus
    return total / len(z)


@variant(question="weighted")
def weighted_loss_gradient__one_sigmoid(z, y, c):
    p = 0.5 + 0.5 * np.tanh(0.5 * z)
    return (p * (1 - y + c * y) - c * y) / len(z)


@variant(question="smoothing")
def smoothed_loss__two_cross_entropies(z, labels, smoothing):
    largest = z.max(axis=1)
    log_sum = largest + np.log(np.exp(z - largest[:, None]).sum(axis=1))
    right = z[np.arange(len(z)), labels]
    return np.mean(log_sum - (1 - smoothing) * right - smoothing * z.mean(axis=1))


@variant(question="smoothing")
def smoothed_loss_gradient__row_by_row(z, labels, smoothing):
    n, m = z.shape
    rows = []
    for logits, label in zip(z, labels, strict=True):
        e = np.exp(logits - np.max(logits))
        target = (1 - smoothing) * np.eye(m)[label] + smoothing / m
        rows.append((e / e.sum() - target) / n)
    return np.array(rows)


@variant(question="counts")
def count_loss__sample_by_sample(z, y):
    total = 0.0
    for logit, count in zip(z, y, strict=True):
        rate = np.exp(logit)
        total -= count * np.log(rate) - rate
    return total / len(z)


@variant(question="counts")
def count_loss_gradient__through_the_rate(z, y):
    rate = np.exp(z)
    return np.array([(1 - count / r) * r / len(z) for r, count in zip(rate, y, strict=True)])


@variant(question="elastic")
def elastic_net__weight_by_weight(w, ratio):
    return sum(ratio * abs(v) + (1 - ratio) * v * v / 2 for v in w.ravel().tolist())


@variant(question="elastic")
def elastic_net_gradient__by_size(w, ratio):
    size = np.abs(w)
    pull = np.divide(w, size, out=np.zeros(w.shape), where=size > 0)
    return w - ratio * (w - pull)


@variant(question="objective")
def add_penalty__value_and_gradients_apart(loss, gradients, parameters, strength):
    everything = np.concatenate([w.ravel() for w, _ in parameters])
    pairs = [
        (gradient[0] + strength * layer[0], gradient[1].copy())
        for gradient, layer in zip(gradients, parameters, strict=True)
    ]
    return loss + 0.5 * strength * (everything @ everything), pairs
