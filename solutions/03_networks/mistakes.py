"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="forward",
    hint="The output layer went through the rectifier as well, so it can never be negative. Only hidden layers bend here.",
)
def all_activations__output_activated(x, layers):
    result = [x]
    for w, b in layers:
        result.append(np.maximum(result[-1] @ w.T + b, 0))
    return result


@mistake(
    question="forward",
    hint="The biases are missing: every unit adds its own b to its weighted sum.",
)
def all_activations__bias_forgotten(x, layers):
    result = [x]
    for number, (w, _) in enumerate(layers, start=1):
        z = result[-1] @ w.T
        result.append(np.maximum(z, 0) if number < len(layers) else z)
    return result


@mistake(
    question="forward",
    hint="The weights are used as (in, out). Here a row of w belongs to a unit, so a batch of rows meets the transpose. Where a layer has as many inputs as units no shape complains.",
)
def all_activations__transposed(x, layers):
    result = [x]
    for number, (w, b) in enumerate(layers, start=1):
        z = result[-1] @ w + b
        result.append(np.maximum(z, 0) if number < len(layers) else z)
    return result


@mistake(
    question="forward",
    hint="No layer bends: the rectifier of the hidden layers is missing, and the whole network is one linear layer.",
)
def all_activations__no_activation(x, layers):
    result = [x]
    for w, b in layers:
        result.append(result[-1] @ w.T + b)
    return result


@mistake(
    question="forward",
    hint="The list holds pre-activations for the hidden layers. What the next layer sees, and what belongs in the list, comes after the rectifier.",
)
def all_activations__pre_activations_kept(x, layers):
    result, a = [x], x
    for w, b in layers:
        z = a @ w.T + b
        result.append(z)
        a = np.maximum(z, 0)
    return result


@mistake(
    question="forward",
    hint="Every layer was fed with the network's input. Layer l takes what layer l − 1 answered.",
)
def all_activations__always_the_input(x, layers):
    result = [x]
    for number, (w, b) in enumerate(layers, start=1):
        z = x @ w.T + b
        result.append(np.maximum(z, 0) if number < len(layers) else z)
    return result


@mistake(
    question="forward",
    hint="The input itself is missing from the list. Entry 0 is a⁰ = x.",
)
def all_activations__input_not_in_the_list(x, layers):
    result, a = [], x
    for number, (w, b) in enumerate(layers, start=1):
        z = a @ w.T + b
        a = np.maximum(z, 0) if number < len(layers) else z
        result.append(a)
    return result


@mistake(
    question="forward",
    hint="The bias was added after the rectifier. It belongs to the weighted sum, so the function sees both.",
)
def all_activations__bias_after_the_rectifier(x, layers):
    result = [x]
    for number, (w, b) in enumerate(layers, start=1):
        z = result[-1] @ w.T
        result.append(np.maximum(z, 0) + b if number < len(layers) else z + b)
    return result


@mistake(
    question="forward",
    hint="The list ends before the output layer. With L layers it has L + 1 entries, the last of them linear.",
)
def all_activations__output_missing(x, layers):
    result = [x]
    for w, b in layers[:-1]:
        result.append(np.maximum(result[-1] @ w.T + b, 0))
    return result


@mistake(
    question="columns",
    hint="The weights were not transposed. They are (in, out) in this paper, and the product with a column needs (out, in). With equally wide layers no shape complains.",
)
def columns_forward__not_transposed(x, layers):
    a = x
    for v, b in layers:
        a = np.tanh(v @ a + b[:, None])
    return a


@mistake(
    question="columns",
    hint="The bias was added along the samples. Samples are columns here, so b has to stand as a column for its entries to meet the units.",
)
def columns_forward__bias_along_samples(x, layers):
    a = x
    for v, b in layers:
        a = np.tanh(v.T @ a + b)
    return a


@mistake(
    question="columns",
    hint="The numbers are right, but they come out with samples as rows. The paper wants columns.",
)
def columns_forward__rows_returned(x, layers):
    a = x
    for v, b in layers:
        a = np.tanh(v.T @ a + b[:, None])
    return a.T


@mistake(
    question="columns",
    hint="The last layer was left linear. In this network it has tanh like all others.",
)
def columns_forward__output_linear(x, layers):
    a = x
    for number, (v, b) in enumerate(layers, start=1):
        z = v.T @ a + b[:, None]
        a = np.tanh(z) if number < len(layers) else z
    return a


@mistake(
    question="columns",
    hint="The biases are missing: every unit adds its own b to its weighted sum.",
)
def columns_forward__bias_forgotten(x, layers):
    a = x
    for v, _ in layers:
        a = np.tanh(v.T @ a)
    return a


@mistake(
    question="columns",
    hint="The bias was added after tanh. It belongs to the weighted sum, so the function sees both.",
)
def columns_forward__bias_after_tanh(x, layers):
    for v, b in layers:
        x = np.tanh(v.T @ x) + b[:, None]
    return x


@mistake(
    question="simplify",
    hint="The matrices are multiplied in the order in which the layers are listed. The layer that acts first stands last in the product.",
)
def simplify__wrong_order(layers):
    short = [tuple(layers[0])]
    for w, b, name in layers[1:]:
        before_w, before_b, before = short[-1]
        if before == "linear":
            short[-1] = (before_w @ w, w @ before_b + b, name)
        else:
            short.append((w, b, name))
    return short


@mistake(
    question="simplify",
    hint="The earlier layer's bias got lost. The later layer multiplies it by its weights, like everything that reaches it.",
)
def simplify__earlier_bias_lost(layers):
    short = [tuple(layers[0])]
    for w, b, name in layers[1:]:
        before_w, _, before = short[-1]
        if before == "linear":
            short[-1] = (w @ before_w, b, name)
        else:
            short.append((w, b, name))
    return short


@mistake(
    question="simplify",
    hint="The two biases were added as they are. The earlier one passes through the later layer's weights before it meets the later bias.",
)
def simplify__biases_added(layers):
    short = [tuple(layers[0])]
    for w, b, name in layers[1:]:
        before_w, before_b, before = short[-1]
        if before == "linear":
            short[-1] = (w @ before_w, before_b + b, name)
        else:
            short.append((w, b, name))
    return short


@mistake(
    question="simplify",
    hint="A linear layer was merged into the layer before it, which bends. What comes after a bend cannot be pulled in front of it; only the layer that follows a linear one can take it up.",
)
def simplify__merged_into_the_bend_before(layers):
    short = [tuple(layers[0])]
    for w, b, name in layers[1:]:
        before_w, before_b, before = short[-1]
        if name == "linear":
            short[-1] = (w @ before_w, w @ before_b + b, before)
        else:
            short.append((w, b, name))
    return short


@mistake(
    question="simplify",
    hint="Linear layers were merged with each other only. A linear layer can also be taken up by a rectifier or a tanh that follows.",
)
def simplify__linear_with_linear_only(layers):
    short = [tuple(layers[0])]
    for w, b, name in layers[1:]:
        before_w, before_b, before = short[-1]
        if before == "linear" and name == "linear":
            short[-1] = (w @ before_w, w @ before_b + b, name)
        else:
            short.append((w, b, name))
    return short


@mistake(
    question="simplify",
    hint="The merged layer kept the name of the linear one. It has the activation function of the layer that took the other up.",
)
def simplify__name_of_the_first(layers):
    short = [tuple(layers[0])]
    bends = [layers[0][2]]
    for w, b, name in layers[1:]:
        before_w, before_b, before = short[-1]
        if bends[-1] == "linear":
            short[-1], bends[-1] = (w @ before_w, w @ before_b + b, before), name
        else:
            short.append((w, b, name))
            bends.append(name)
    return short


@mistake(
    question="simplify",
    hint="Linear layers were thrown away. They do something; their weights and biases have to live on in the layer that takes them up.",
)
def simplify__linear_layers_dropped(layers):
    return [layer for layer in layers if layer[2] != "linear"] or [layers[-1]]


@mistake(
    question="simplify",
    hint="Everything was multiplied into one layer, across the bends as well. Only a linear layer can be taken up by the one that follows it.",
)
def simplify__all_in_one(layers):
    w, b, name = layers[0]
    for next_w, next_b, next_name in layers[1:]:
        w, b, name = next_w @ w, next_w @ b + next_b, next_name
    return [(w, b, name)]


@mistake(
    question="count",
    hint="The biases are missing: each layer has one for each of its units, beside its weights.",
)
def count_by_layer__without_biases(sizes):
    return [m * d for d, m in zip(sizes[:-1], sizes[1:], strict=True)]


@mistake(
    question="count",
    hint="There is a bias for each input of a layer in this count. Biases belong to units, so a layer has as many as it has outputs.",
)
def count_by_layer__a_bias_for_each_input(sizes):
    return [m * d + d for d, m in zip(sizes[:-1], sizes[1:], strict=True)]


@mistake(
    question="count",
    hint="This is one total. Wanted is a list with the number of each layer.",
)
def count_by_layer__total(sizes):
    return sum(m * d + m for d, m in zip(sizes[:-1], sizes[1:], strict=True))


@mistake(
    question="count",
    hint="One bias a layer was counted. Each unit has its own.",
)
def count_by_layer__one_bias_a_layer(sizes):
    return [m * d + 1 for d, m in zip(sizes[:-1], sizes[1:], strict=True)]


@mistake(
    question="count",
    hint="The inputs were counted as a layer. They have no parameters; the first number belongs to the layer behind them.",
)
def count_by_layer__inputs_as_a_layer(sizes):
    return [0] + [m * d + m for d, m in zip(sizes[:-1], sizes[1:], strict=True)]


@mistake(
    question="count",
    hint="The output layer is missing. L + 1 sizes belong to L layers.",
)
def count_by_layer__output_layer_missing(sizes):
    return [sizes[i] * sizes[i + 1] + sizes[i + 1] for i in range(len(sizes) - 2)]


@mistake(
    question="count",
    hint="The width is not a whole number. Round down: a part of a unit cannot be built.",
)
def widest_layer__not_whole(inputs, outputs, budget):
    return max(0, (budget - outputs) / (inputs + 1 + outputs))


@mistake(
    question="count",
    hint="The output layer's biases are not in the budget. They are there whatever the width.",
)
def widest_layer__output_biases_forgotten(inputs, outputs, budget):
    return max(0, budget // (inputs + 1 + outputs))


@mistake(
    question="count",
    hint="The hidden units' biases are not in the budget: a hidden unit costs one weight for each input, one for each output, and its bias.",
)
def widest_layer__hidden_biases_forgotten(inputs, outputs, budget):
    return max(0, (budget - outputs) // (inputs + outputs))


@mistake(
    question="count",
    hint="The width is one too small where the budget fits exactly. 'At most' allows to use it up.",
)
def widest_layer__budget_not_used_up(inputs, outputs, budget):
    return max(0, (budget - outputs - 1) // (inputs + 1 + outputs))


@mistake(
    question="count",
    hint="A budget that is too small for one unit should give 0, but here the width becomes negative.",
)
def widest_layer__negative(inputs, outputs, budget):
    return (budget - outputs) // (inputs + 1 + outputs)


@mistake(
    question="count",
    hint="The width was rounded to the nearest whole number, which can exceed the budget. Round down.",
)
def widest_layer__rounded(inputs, outputs, budget):
    return max(0, round((budget - outputs) / (inputs + 1 + outputs)))


@mistake(
    question="plateau",
    hint="The slopes are 1 and not 1/ramp, so the plateau has the height of the ramp's width. Divide the output weights by the ramp.",
)
def plateau__not_divided_by_the_ramp(left, right, ramp):
    kinks = np.array([left - ramp, left, right, right + ramp])
    return np.ones((4, 1)), -kinks, np.array([[1.0, -1.0, -1.0, 1.0]]), np.zeros(1)


@mistake(
    question="plateau",
    hint="The biases have the wrong sign: a rectifier of x + b has its kink at −b, so a kink at τ wants b = −τ.",
)
def plateau__sign_of_the_bias(left, right, ramp):
    kinks = np.array([left - ramp, left, right, right + ramp])
    return np.ones((4, 1)), kinks, np.array([[1.0, -1.0, -1.0, 1.0]]) / ramp, np.zeros(1)


@mistake(
    question="plateau",
    hint="The ramps lie inside the interval, so the plateau is shorter than asked for. It is 1 on all of left to right; the ramps are outside.",
)
def plateau__ramps_inside(left, right, ramp):
    kinks = np.array([left, left + ramp, right - ramp, right])
    return np.ones((4, 1)), -kinks, np.array([[1.0, -1.0, -1.0, 1.0]]) / ramp, np.zeros(1)


@mistake(
    question="plateau",
    hint="The second pair of units raises the function once more: it climbs to 2 and stays there. The step at the right end has to be taken away again.",
)
def plateau__two_steps_up(left, right, ramp):
    kinks = np.array([left - ramp, left, right, right + ramp])
    return np.ones((4, 1)), -kinks, np.array([[1.0, -1.0, 1.0, -1.0]]) / ramp, np.zeros(1)


@mistake(
    question="plateau",
    hint="The ramps are centred on the ends, half inside and half outside. They begin a whole ramp before left and end a whole ramp after right.",
)
def plateau__ramps_centred(left, right, ramp):
    kinks = np.array([left - ramp / 2, left + ramp / 2, right - ramp / 2, right + ramp / 2])
    return np.ones((4, 1)), -kinks, np.array([[1.0, -1.0, -1.0, 1.0]]) / ramp, np.zeros(1)


@mistake(
    question="plateau",
    hint="The first layer's weights are 1/ramp, and its biases were left as they are. A unit with the weight w has its kink at −b/w, so the biases have to be divided as well.",
)
def plateau__kinks_not_scaled(left, right, ramp):
    kinks = np.array([left - ramp, left, right, right + ramp])
    return np.full((4, 1), 1 / ramp), -kinks, np.array([[1.0, -1.0, -1.0, 1.0]]), np.zeros(1)


@mistake(
    question="plateau",
    hint="The function is right, but the parameters are not in the shapes of a layer: w1 is (4, 1), four units of one input, w2 is (1, 4), one output of four units, and b2 is (1,).",
)
def plateau__flat_shapes(left, right, ramp):
    kinks = np.array([left - ramp, left, right, right + ramp])
    return np.ones(4), -kinks, np.array([1.0, -1.0, -1.0, 1.0]) / ramp, 0.0


@mistake(
    question="join",
    hint="The output bias of one network got lost. Both sums have one, so they add up.",
)
def side_by_side__one_output_bias(first, second):
    w1 = np.concatenate([first[0], second[0]])
    b1 = np.concatenate([first[1], second[1]])
    return w1, b1, np.concatenate([first[2], second[2]], axis=1), first[3]


@mistake(
    question="join",
    hint="The output weights are stacked below each other, which makes new outputs in place of a sum. New hidden units are new columns of w2.",
)
def side_by_side__outputs_stacked(first, second):
    w1 = np.concatenate([first[0], second[0]])
    b1 = np.concatenate([first[1], second[1]])
    h, k = len(first[1]), len(second[1])
    above = np.hstack([first[2], np.zeros((len(first[3]), k))])
    below = np.hstack([np.zeros((len(second[3]), h)), second[2]])
    return w1, b1, np.vstack([above, below]), np.concatenate([first[3], second[3]])


@mistake(
    question="join",
    hint="The two w2 were put below each other, like w1. But hidden units are the columns of w2: each output needs a weight for every hidden unit, side by side in one row.",
)
def side_by_side__w2_below(first, second):
    w1, b1, w2 = (np.concatenate([p, q]) for p, q in zip(first[:3], second[:3], strict=True))
    return w1, b1, w2, first[3] + second[3]


@mistake(
    question="join",
    hint="The parameters themselves were added. The sum of two networks is not the network of the summed weights, since f stands between.",
)
def side_by_side__weights_added(first, second):
    return tuple(p + q for p, q in zip(first, second, strict=True))


@mistake(
    question="join",
    hint="This is the mean of the two networks. Wanted is their sum.",
)
def side_by_side__mean(first, second):
    w1 = np.concatenate([first[0], second[0]])
    b1 = np.concatenate([first[1], second[1]])
    w2 = np.concatenate([first[2], second[2]], axis=1)
    return w1, b1, w2 / 2, (first[3] + second[3]) / 2


@mistake(
    question="join",
    hint="Hidden units and output weights stand in different orders: the rows of w1 begin with one network, the columns of w2 with the other.",
)
def side_by_side__orders_differ(first, second):
    w1 = np.concatenate([first[0], second[0]])
    b1 = np.concatenate([first[1], second[1]])
    w2 = np.concatenate([second[2], first[2]], axis=1)
    return w1, b1, w2, first[3] + second[3]


@mistake(
    question="shares",
    hint="Rows and columns are exchanged. Row i belongs to the class that is right, column j to the one that was answered.",
)
def confusion_shares__transposed(outputs, labels):
    counts = np.zeros((outputs.shape[1], outputs.shape[1]))
    for label, answer in zip(labels, np.argmax(outputs, axis=1), strict=True):
        counts[label, answer] += 1
    return (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)).T


@mistake(
    question="shares",
    hint="The shares are taken of each answered class, so the columns add up to 1. Wanted is the share of each right class: the rows add up to 1.",
)
def confusion_shares__of_the_answers(outputs, labels):
    counts = np.zeros((outputs.shape[1], outputs.shape[1]))
    for label, answer in zip(labels, np.argmax(outputs, axis=1), strict=True):
        counts[label, answer] += 1
    return counts / np.maximum(counts.sum(axis=0), 1)


@mistake(
    question="shares",
    hint="The counts are divided by the number of all samples. Each row is divided by the number of samples of its own class.",
)
def confusion_shares__of_all_samples(outputs, labels):
    counts = np.zeros((outputs.shape[1], outputs.shape[1]))
    for label, answer in zip(labels, np.argmax(outputs, axis=1), strict=True):
        counts[label, answer] += 1
    return counts / len(labels)


@mistake(
    question="shares",
    hint="These are counts. Divide each row by its sum to get shares.",
)
def confusion_shares__counts(outputs, labels):
    counts = np.zeros((outputs.shape[1], outputs.shape[1]))
    for label, answer in zip(labels, np.argmax(outputs, axis=1), strict=True):
        counts[label, answer] += 1
    return counts


@mistake(
    question="shares",
    hint="A class that does not occur makes a division of 0 by 0. Its row should be 0.",
)
def confusion_shares__absent_class_divided(outputs, labels):
    counts = np.zeros((outputs.shape[1], outputs.shape[1]))
    for label, answer in zip(labels, np.argmax(outputs, axis=1), strict=True):
        counts[label, answer] += 1
    return counts / counts.sum(axis=1, keepdims=True)


@mistake(
    question="shares",
    hint="The number of classes was taken from the labels. Classes that do not occur there are missing; the network has as many classes as outputs has columns.",
)
def confusion_shares__classes_of_the_labels(outputs, labels):
    classes = len(set(np.asarray(labels).tolist()))
    counts = np.zeros((classes, classes))
    for label, answer in zip(labels, np.argmax(outputs, axis=1), strict=True):
        counts[label, answer] += 1
    return counts / counts.sum(axis=1, keepdims=True)


@mistake(
    question="shares",
    hint="The shares were written into an array of whole numbers, which cuts the decimals off. Count in an array of floats, or divide into a new one.",
)
def confusion_shares__in_whole_numbers(outputs, labels):
    counts = np.zeros((outputs.shape[1], outputs.shape[1]), dtype=int)
    for label, answer in zip(labels, np.argmax(outputs, axis=1), strict=True):
        counts[label, answer] += 1
    for i in range(len(counts)):
        if counts[i].sum():
            counts[i] = counts[i] / counts[i].sum()
    return counts


@mistake(
    question="shares",
    hint="All samples of the same cell were counted once: `counts[labels, answers] += 1` with repeated indices adds only one. Look at what it makes of two samples with the same label and the same answer.",
)
def confusion_shares__repeated_indices(outputs, labels):
    counts = np.zeros((outputs.shape[1], outputs.shape[1]))
    counts[labels, np.argmax(outputs, axis=1)] += 1
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
