"""Right answers written another way: other algorithms, not other spellings. Each must get full marks."""

import cmath
import math

import numpy as np

from autograder.mistakes import variant


@variant(question="local")
def sine__complex_step(x):
    return math.sin(x), [cmath.sin(x + 1e-30j).imag / 1e-30]


@variant(question="local")
def hypotenuse__by_angle(x, y):
    angle = math.atan2(y, x)
    return math.hypot(x, y), np.array([math.cos(angle), math.sin(angle)])


@variant(question="local")
def power__as_an_exponential(x, y):
    logarithm = math.log(x)
    value = math.exp(y * logarithm)
    return value, (value * y / x, value * logarithm)


@variant(question="operator")
def neuron__by_sign(w1, x1, w2, x2, b):
    z = w1 * x1 + w2 * x2 + b
    e = math.exp(-abs(z))
    a = 1 / (1 + e) if z >= 0 else e / (1 + e)
    return a, [e / (1 + e) ** 2 * factor for factor in (x1, w1, x2, w2, 1)]


@variant(question="order")
def topological_order__by_counting_what_is_missing(inputs, output):
    needed, waiting = {output}, [output]
    while waiting:
        for before in inputs[waiting.pop()]:
            if before not in needed:
                needed.add(before)
                waiting.append(before)
    missing = {node: len(inputs[node]) for node in needed}
    readers = {node: [] for node in needed}
    for node in needed:
        for before in inputs[node]:
            readers[before].append(node)
    order = [node for node in needed if missing[node] == 0]
    for node in order:
        for reader in readers[node]:
            missing[reader] -= 1
            if missing[reader] == 0:
                order.append(reader)
    return order


@variant(question="order")
def topological_order__one_input_at_a_time(inputs, output):
    order, done, path, position = [], set(), [output], [0]
    while path:
        node = path[-1]
        if node not in done and position[-1] < len(inputs[node]):
            position[-1] += 1
            path.append(inputs[node][position[-1] - 1])
            position.append(0)
            continue
        if node not in done:
            done.add(node)
            order.append(node)
        path.pop()
        position.pop()
    return np.array(order)


@variant(question="forward")
def forward_pass__by_dictionary(values, gates, evaluate):
    at = dict(enumerate(values))
    slopes = {k: [] for k in at}
    for k, (operator, sources) in enumerate(gates, start=len(values)):
        at[k], slopes[k] = evaluate(operator, [at[i] for i in sources])
    return [at[k] for k in sorted(at)], [tuple(slopes[k]) for k in sorted(at)]


@variant(question="backward")
def backward_pass__collected_by_each_node(inputs, local):
    readers = [[] for _ in inputs]
    for k, sources in enumerate(inputs):
        for place, i in enumerate(sources):
            readers[i].append((k, local[k][place]))
    gradients = np.zeros(len(inputs))
    gradients[-1] = 1.0
    for i in range(len(inputs) - 2, -1, -1):
        gradients[i] = sum(gradients[k] * slope for k, slope in readers[i])
    return gradients


@variant(question="modes")
def slopes_from__as_a_matrix(inputs, local, start):
    count = len(inputs)
    matrix = np.zeros((count, count))
    for k in range(count):
        if k != start:
            for i, slope in zip(inputs[k], local[k], strict=True):
                matrix[k, i] += slope
    return np.linalg.solve(np.eye(count) - matrix, np.eye(count)[start])


@variant(question="modes")
def slopes_from__delivered_to_readers(inputs, local, start):
    slopes = [0.0] * len(inputs)
    slopes[start] = 1.0
    for k in range(start + 1, len(inputs)):
        for place in range(len(inputs[k])):
            slopes[k] += local[k][place] * slopes[inputs[k][place]]
    return slopes


@variant(question="arrays")
def sum_to_shape__entry_by_entry(g, shape):
    total = np.zeros(shape)
    new_axes = g.ndim - len(shape)
    for place in np.ndindex(*g.shape):
        home = tuple(0 if length == 1 else k for k, length in zip(place[new_axes:], shape, strict=True))
        total[home] += g[place]
    return total


@variant(question="arrays")
def bilinear_backward__sample_by_sample(dz, x, m, y):
    dx, dm, dy = np.zeros_like(x), np.zeros_like(m), np.zeros_like(y)
    for n in range(len(dz)):
        dx[n] = dz[n] * (m @ y[n])
        dm += dz[n] * np.outer(x[n], y[n])
        dy[n] = dz[n] * (m.T @ x[n])
    return dx, dm, dy


@variant(question="arrays")
def bilinear_backward__by_einsum(dz, x, m, y):
    return (
        np.einsum("n,de,ne->nd", dz, m, y),
        np.einsum("n,nd,ne->de", dz, x, y),
        np.einsum("n,nd,de->ne", dz, x, m),
    )
