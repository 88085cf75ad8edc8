"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="local",
    hint="The sign of the sine's local derivative is flipped. It is the cosine that has a minus sign in its derivative.",
)
def sine__sign(x):
    return np.sin(x), (-np.cos(x),)


@mistake(
    question="local",
    hint="The local derivative of the sine is taken to be the sine itself. Only the exponential is its own derivative.",
)
def sine__own_derivative(x):
    return np.sin(x), (np.sin(x),)


@mistake(
    question="local",
    hint="The root was not divided by: these are the derivatives of half the square, x and y. The root adds a factor of its own.",
)
def hypotenuse__root_forgotten(x, y):
    return np.sqrt(x * x + y * y), (x, y)


@mistake(
    question="local",
    hint="There is a factor 2 too many: the 2 of the square cancels against the ½ of the root.",
)
def hypotenuse__factor_two(x, y):
    value = np.sqrt(x * x + y * y)
    return value, (2 * x / value, 2 * y / value)


@mistake(
    question="local",
    hint="The local derivatives are those of a product, each the other input. A hypotenuse answers more to its longer side.",
)
def hypotenuse__exchanged(x, y):
    value = np.sqrt(x * x + y * y)
    return value, (y / value, x / value)


@mistake(
    question="local",
    hint="The exponent is an input here as well, so the power answers to it. Write x to the power y as an exponential to see how.",
)
def power__exponent_fixed(x, y):
    value = float(x) ** y
    return value, (y * value / x, 0.0)


@mistake(
    question="local",
    hint="The derivative for the exponent lacks its logarithm. Only for the base e is it the value alone.",
)
def power__logarithm_forgotten(x, y):
    value = float(x) ** y
    return value, (y * value / x, value)


@mistake(
    question="local",
    hint="The derivative for the base still has the exponent y; it goes down by one.",
)
def power__exponent_kept(x, y):
    value = float(x) ** y
    return value, (y * value, value * np.log(x))


@mistake(
    question="operator",
    hint="The slope of the sigmoid is missing: these are the derivatives of z, not of a.",
)
def neuron__slope_forgotten(w1, x1, w2, x2, b):
    a = 0.5 + 0.5 * np.tanh(0.5 * (w1 * x1 + w2 * x2 + b))
    return a, (x1, w1, x2, w2, 1.0)


@mistake(
    question="operator",
    hint="Weights and inputs got each other's derivative. A product's local derivative is the other factor.",
)
def neuron__factors_exchanged(w1, x1, w2, x2, b):
    a = 0.5 + 0.5 * np.tanh(0.5 * (w1 * x1 + w2 * x2 + b))
    slope = a * (1 - a)
    return a, (slope * w1, slope * x1, slope * w2, slope * x2, slope)


@mistake(
    question="operator",
    hint="The sigmoid was taken once more for the slope. a is the sigmoid of z already, so the slope is a(1 − a).",
)
def neuron__sigmoid_twice(w1, x1, w2, x2, b):
    a = 0.5 + 0.5 * np.tanh(0.5 * (w1 * x1 + w2 * x2 + b))
    s = 0.5 + 0.5 * np.tanh(0.5 * a)
    slope = s * (1 - s)
    return a, (slope * x1, slope * w1, slope * x2, slope * w2, slope)


@mistake(
    question="operator",
    hint="The local derivative for the bias is 1. The bias goes through the sigmoid like everything else.",
)
def neuron__bias_past_the_sigmoid(w1, x1, w2, x2, b):
    a = 0.5 + 0.5 * np.tanh(0.5 * (w1 * x1 + w2 * x2 + b))
    slope = a * (1 - a)
    return a, (slope * x1, slope * w1, slope * x2, slope * w2, 1.0)


@mistake(
    question="operator",
    hint="The exponential overflows for a large z, and ∞/∞ is no number. A form with tanh, or one that only takes exponentials of negative numbers, does not overflow.",
)
def neuron__overflow(w1, x1, w2, x2, b):
    e = np.exp(np.float64(w1 * x1 + w2 * x2 + b))
    a = e / (1 + e)
    slope = a * (1 - a)
    return a, (slope * x1, slope * w1, slope * x2, slope * w2, slope)


@mistake(
    question="order",
    hint="Each node was put down before its inputs: this is an order for the way back. A node may be put down only after all that it reads.",
)
def topological_order__reversed(inputs, output):
    order, seen, stack = [], set(), [(output, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((before, False) for before in inputs[node])
    return order[::-1]


@mistake(
    question="order",
    hint="The function calls itself once for each step down, and Python stops that at a depth of about a thousand. Keep the nodes that wait in a list of your own.",
)
def topological_order__recursive(inputs, output):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for before in inputs[node]:
                visit(before)
            order.append(node)

    visit(output)
    return order


@mistake(
    question="order",
    hint="Nodes were put down as they were met and the row turned round at the end. With ways of different length a node is then met too early, and one of its readers comes before it.",
)
def topological_order__as_met(inputs, output):
    order, seen, stack = [], {output}, [output]
    while stack:
        node = stack.pop()
        order.append(node)
        for before in inputs[node]:
            if before not in seen:
                seen.add(before)
                stack.append(before)
    return order[::-1]


@mistake(
    question="order",
    hint="Nodes were sorted by their numbers. The numbers say nothing about who reads whom.",
)
def topological_order__sorted_by_number(inputs, output):
    seen, stack = {output}, [output]
    while stack:
        for before in inputs[stack.pop()]:
            if before not in seen:
                seen.add(before)
                stack.append(before)
    return sorted(seen)


@mistake(
    question="order",
    hint="All nodes are listed. Those that the output does not depend on are to be left out, so start the search at the output.",
)
def topological_order__all_nodes(inputs, output):
    order, seen = [], set()
    for start in range(len(inputs)):
        stack = [(start, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((before, False) for before in inputs[node])
    return order


@mistake(
    question="forward",
    hint="The list of values that was handed in has grown: the new values were appended to it. Start from a copy.",
)
def forward_pass__input_changed(values, gates, evaluate):
    local = [[] for _ in values]
    for operator, sources in gates:
        value, slopes = evaluate(operator, [values[i] for i in sources])
        values.append(value)
        local.append(slopes)
    return values, local


@mistake(
    question="forward",
    hint="The local derivatives have no entries for the inputs of the graph, so their places do not fit the nodes. An input has an empty list.",
)
def forward_pass__inputs_left_out(values, gates, evaluate):
    values, local = list(values), []
    for operator, sources in gates:
        value, slopes = evaluate(operator, [values[i] for i in sources])
        values.append(value)
        local.append(slopes)
    return values, local


@mistake(
    question="forward",
    hint="The sources of a gate were sorted. x ÷ y and y ÷ x read the same nodes; their order is the order of the arguments.",
)
def forward_pass__sources_sorted(values, gates, evaluate):
    values, local = list(values), [[] for _ in values]
    for operator, sources in gates:
        value, slopes = evaluate(operator, [values[i] for i in sorted(sources)])
        values.append(value)
        local.append(slopes)
    return values, local


@mistake(
    question="backward",
    hint="The gradient is overwritten each time a gate delivers, so only one use of a node counts. Contributions of several paths are added.",
)
def backward_pass__overwritten(inputs, local):
    gradients = [0.0] * len(inputs)
    gradients[-1] = 1.0
    for k in reversed(range(len(inputs))):
        for i, slope in zip(inputs[k], local[k], strict=True):
            gradients[i] = gradients[k] * slope
    return gradients


@mistake(
    question="backward",
    hint="The order was not reversed: gates deliver before their own gradient has arrived. Start at the output, which is the last.",
)
def backward_pass__not_reversed(inputs, local):
    gradients = [0.0] * len(inputs)
    gradients[-1] = 1.0
    for k in range(len(inputs)):
        for i, slope in zip(inputs[k], local[k], strict=True):
            gradients[i] += gradients[k] * slope
    return gradients


@mistake(
    question="backward",
    hint="All gradients start from 1. Only the output answers to itself with 1; all others start from 0 and collect.",
)
def backward_pass__ones_everywhere(inputs, local):
    gradients = [1.0] * len(inputs)
    for k in reversed(range(len(inputs))):
        for i, slope in zip(inputs[k], local[k], strict=True):
            gradients[i] += gradients[k] * slope
    return gradients


@mistake(
    question="backward",
    hint="Local derivatives are added up without the gradient of the gate. Along a path slopes multiply: upstream times local.",
)
def backward_pass__upstream_forgotten(inputs, local):
    gradients = [0.0] * len(inputs)
    gradients[-1] = 1.0
    for k in reversed(range(len(inputs))):
        for i, slope in zip(inputs[k], local[k], strict=True):
            gradients[i] += slope
    return gradients


@mistake(
    question="backward",
    hint="A gate that reads a node twice delivered only once. Both arrows count: x·x gives x a share for each factor.",
)
def backward_pass__second_use_forgotten(inputs, local):
    gradients = [0.0] * len(inputs)
    gradients[-1] = 1.0
    for k in reversed(range(len(inputs))):
        for i in set(inputs[k]):
            gradients[i] += gradients[k] * local[k][inputs[k].index(i)]
    return gradients


@mistake(
    question="backward",
    hint="The gradients are collected in an array of whole numbers, which cuts off everything behind the point. Start from floats.",
)
def backward_pass__whole_numbers(inputs, local):
    gradients = np.zeros(len(inputs), dtype=int)
    gradients[-1] = 1
    for k in reversed(range(len(inputs))):
        for i, slope in zip(inputs[k], local[k], strict=True):
            gradients[i] += gradients[k] * slope
    return gradients


@mistake(
    question="modes",
    hint="The start is treated like any other gate, so its 1 is lost when it has inputs of its own. It counts as free, and its slope is 1 whatever it reads.",
)
def slopes_from__start_recomputed(inputs, local, start):
    slopes = [0.0] * len(inputs)
    slopes[start] = 1.0
    for k in range(len(inputs)):
        if inputs[k]:
            slopes[k] = sum(s * slopes[i] for i, s in zip(inputs[k], local[k], strict=True))
    return slopes


@mistake(
    question="modes",
    hint="Only the last of a gate's inputs counts, since each overwrites the one before. A gate that answers through several inputs adds.",
)
def slopes_from__overwritten(inputs, local, start):
    slopes = [0.0] * len(inputs)
    for k in range(len(inputs)):
        for i, slope in zip(inputs[k], local[k], strict=True):
            slopes[k] = slope * slopes[i]
        if k == start:
            slopes[k] = 1.0
    return slopes


@mistake(
    question="modes",
    hint="This is the pass back: it says how the last node answers to all others. Here all nodes answer to one, and slopes travel with the values.",
)
def slopes_from__pass_back(inputs, local, start):
    slopes = [0.0] * len(inputs)
    slopes[-1] = 1.0
    for k in reversed(range(len(inputs))):
        for i, slope in zip(inputs[k], local[k], strict=True):
            slopes[i] += slopes[k] * slope
    return slopes


@mistake(
    question="modes",
    hint="Every input of the graph starts with slope 1, so the slopes of all inputs are mixed. Only the start has slope 1.",
)
def slopes_from__all_inputs_one(inputs, local, start):
    slopes = []
    for k in range(len(inputs)):
        through = sum(s * slopes[i] for i, s in zip(inputs[k], local[k], strict=True))
        slopes.append(1.0 if k == start or not inputs[k] else through)
    return slopes


@mistake(
    question="arrays",
    hint="Only new axes on the left were summed. An axis of length 1 was copied as well; there the sum keeps a length of 1.",
)
def sum_to_shape__ones_forgotten(g, shape):
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g[tuple(slice(0, length) for length in shape)]


@mistake(
    question="arrays",
    hint="The copies are averaged. Each is a path of its own, and paths add.",
)
def sum_to_shape__mean(g, shape):
    new_axes = g.ndim - len(shape)
    copied = [axis + new_axes for axis, length in enumerate(shape) if length == 1]
    return g.mean(axis=(*range(new_axes), *copied)).reshape(shape)


@mistake(
    question="arrays",
    hint="The sums are right, but axes of length 1 are gone from the shape. A gradient has the shape of what it belongs to.",
)
def sum_to_shape__axes_lost(g, shape):
    new_axes = g.ndim - len(shape)
    copied = [axis + new_axes for axis, length in enumerate(shape) if length == 1]
    return g.sum(axis=(*range(new_axes), *copied))


@mistake(
    question="arrays",
    hint="dm lacks the gradient dz: each sample contributes its outer product times its own dz.",
)
def bilinear_backward__dz_forgotten(dz, x, m, y):
    weighted = dz[:, None] * x
    return dz[:, None] * (y @ m.T), x.T @ y, weighted @ m


@mistake(
    question="arrays",
    hint="dm is averaged over the samples. All samples share M, so their contributions are summed; a mean would be inside dz.",
)
def bilinear_backward__averaged(dz, x, m, y):
    weighted = dz[:, None] * x
    return dz[:, None] * (y @ m.T), weighted.T @ y / len(x), weighted @ m


@mistake(
    question="arrays",
    hint="dx and dy are exchanged. dx is what y makes of M, and dy what x makes of it.",
)
def bilinear_backward__exchanged(dz, x, m, y):
    weighted = dz[:, None] * x
    return weighted @ m, weighted.T @ y, dz[:, None] * (y @ m.T)
