"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import numpy as np

from autograder.mistakes import variant


@variant(question="forward")
def all_activations__unit_by_unit(x, layers):
    result = [np.array(x)]
    for w, b in layers:
        rows = []
        for sample in result[-1]:
            row = []
            for weights, bias in zip(w, b, strict=True):
                total = bias
                for weight, value in zip(weights, sample, strict=True):
                    total = total + weight * value
                row.append(total)
            rows.append(row)
        result.append(np.array(rows))
        if len(result) <= len(layers):
            result[-1][result[-1] < 0] = 0
    return result


@variant(question="forward")
def all_activations__bias_as_a_weight(x, layers):
    ones = np.ones((len(x), 1))
    result = [x]
    for w, b in layers[:-1]:
        z = np.hstack([ones, result[-1]]) @ np.column_stack([b, w]).T
        result.append(z * (z > 0))
    w, b = layers[-1]
    return [*result, np.hstack([ones, result[-1]]) @ np.column_stack([b, w]).T]


@variant(question="columns")
def columns_forward__by_rows(x, layers):
    rows = x.T
    for v, b in layers:
        rows = 1 - 2 / (np.exp(2 * (rows @ v + b)) + 1)
    return rows.T


@variant(question="columns")
def columns_forward__sample_by_sample(x, layers):
    out = []
    for n in range(x.shape[1]):
        a = x[:, n]
        for v, b in layers:
            a = np.tanh(a @ v + b)
        out.append(a)
    return np.stack(out, axis=1)


@variant(question="simplify")
def simplify__backwards(layers):
    result = [layers[-1]]
    for w, b, name in layers[-2::-1]:
        next_w, next_b, next_name = result[0]
        if name == "linear":
            result[0] = (next_w @ w, next_b + next_w @ b, next_name)
        else:
            result.insert(0, (w, b, name))
    return result


@variant(question="simplify")
def simplify__probing(layers):
    # An affine map is known by its value at 0 and at the unit vectors.
    result, run = [], []
    for number, layer in enumerate(layers):
        run.append(layer)
        if layer[2] == "linear" and number < len(layers) - 1:
            continue
        inputs = np.shape(run[0][0])[1]
        probes = np.vstack([np.zeros(inputs), np.eye(inputs)])
        for w, b, _ in run:
            probes = probes @ w.T + b
        result.append(((probes[1:] - probes[0]).T, probes[0], layer[2]))
        run = []
    return result


@variant(question="count")
def count_by_layer__counting_arrays(sizes):
    counts = []
    for layer in range(1, len(sizes)):
        weights = 0
        for _ in range(sizes[layer]):
            weights += sizes[layer - 1] + 1
        counts.append(weights)
    return np.array(counts)


@variant(question="count")
def widest_layer__trying(inputs, outputs, budget):
    width = 0
    while (width + 1) * (inputs + 1) + outputs * (width + 1) + outputs <= budget:
        width += 1
    return width


@variant(question="plateau")
def plateau__from_the_other_side(left, right, ramp):
    # 1 minus a falling step on the left minus a rising step on the right
    w1 = np.array([[-1.0], [-1.0], [1.0], [1.0]])
    b1 = np.array([left, left - ramp, -right, -right - ramp])
    return w1, b1, np.array([[-1.0, 1.0, -1.0, 1.0]]) / ramp, np.ones(1)


@variant(question="plateau")
def plateau__slopes_in_the_first_layer(left, right, ramp):
    w1 = np.full((4, 1), 1 / ramp)
    b1 = [1 - left / ramp, -left / ramp, -right / ramp, -right / ramp - 1]
    return w1.tolist(), b1, [[1, -1, -1, 1]], [0]


@variant(question="join")
def side_by_side__filled_in(first, second):
    h, k = len(first[1]), len(second[1])
    w1 = np.zeros((h + k, np.shape(first[0])[1]))
    b1, w2 = np.zeros(h + k), np.zeros((len(first[3]), h + k))
    w1[k:], w1[:k] = first[0], second[0]
    b1[k:], b1[:k] = first[1], second[1]
    w2[:, k:], w2[:, :k] = first[2], second[2]
    return w1, b1, w2, [p + q for p, q in zip(first[3], second[3], strict=True)]


@variant(question="shares")
def confusion_shares__products_of_one_hots(outputs, labels):
    classes = outputs.shape[1]
    right, answered = np.eye(classes)[labels], np.eye(classes)[outputs.argmax(axis=1)]
    counts = right.T @ answered
    totals = right.sum(axis=0)
    return np.divide(counts, totals[:, None], out=np.zeros_like(counts), where=totals[:, None] > 0)


@variant(question="shares")
def confusion_shares__class_by_class(outputs, labels):
    answers = [max(range(len(row)), key=lambda j, row=row: row[j]) for row in outputs]
    result = []
    for i in range(len(outputs[0])):
        own = [answer for answer, label in zip(answers, labels, strict=True) if label == i]
        result.append([own.count(j) / len(own) if own else 0.0 for j in range(len(outputs[0]))])
    return result
