"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="paths",
    hint="Each place overwrites what the place before it left, so only the last path counts. Contributions of several paths are added.",
)
def gradient_over_paths__overwritten(upstreams, jacobians):
    for upstream, local in zip(upstreams, jacobians, strict=True):
        total = upstream @ local
    return total


@mistake(
    question="paths",
    hint="Only the first path was followed. The vector reaches the result through every place that uses it.",
)
def gradient_over_paths__first_path_only(upstreams, jacobians):
    return upstreams[0] @ jacobians[0]


@mistake(
    question="paths",
    hint="The upstream gradients are missing: this adds up the local slopes alone. Along a path the two are multiplied.",
)
def gradient_over_paths__local_only(upstreams, jacobians):
    return sum(local.sum(axis=0) for local in jacobians)


@mistake(
    question="paths",
    hint="The sum is collected in the first Jacobian's or gradient's own array, so something that was handed in is changed. Start a new array.",
)
def gradient_over_paths__input_changed(upstreams, jacobians):
    for upstream, local in zip(upstreams, jacobians, strict=True):
        local *= upstream[:, None]
    return sum(local.sum(axis=0) for local in jacobians)


@mistake(
    question="skip",
    hint="The skip connection is missing in z2: the input reaches the output by a second way, U x.",
)
def forward_with_skip__skip_forgotten(x, w1, b1, w2, b2, u):
    z1 = x @ w1.T + b1
    a1 = np.tanh(z1)
    return z1, a1, a1 @ w2.T + b2


@mistake(
    question="skip",
    hint="The output layer got a tanh as well. z2 is a pre-activation; it is returned as it is.",
)
def forward_with_skip__output_activated(x, w1, b1, w2, b2, u):
    z1 = x @ w1.T + b1
    a1 = np.tanh(z1)
    return z1, a1, np.tanh(a1 @ w2.T + b2 + x @ u.T)


@mistake(
    question="skip",
    hint="The second layer was fed with z1. It takes a1, what the first layer's function made of it.",
)
def forward_with_skip__activation_forgotten(x, w1, b1, w2, b2, u):
    z1 = x @ w1.T + b1
    return z1, np.tanh(z1), z1 @ w2.T + b2 + x @ u.T


@mistake(
    question="output",
    hint="The tanh was taken of the output once more. a is tanh z already, so the slope is 1 − a².",
)
def tanh_delta__slope_of_the_output(a, y):
    return (a - y) * (1 - np.tanh(a) ** 2) / len(a)


@mistake(
    question="output",
    hint="The slope of tanh is missing. a − y alone is the delta of outputs that match their loss, such as a sigmoid with binary cross entropy.",
)
def tanh_delta__slope_forgotten(a, y):
    return (a - y) / len(a)


@mistake(
    question="output",
    hint="The mean over the batch is missing: divide by the number of rows, N.",
)
def tanh_delta__no_mean(a, y):
    return (a - y) * (1 - a**2)


@mistake(
    question="output",
    hint="h(1 − h) is only the diagonal of the softmax's Jacobian. Raising one score also lowers all other probabilities, and they are in the loss too.",
)
def softmax_delta__diagonal_only(h, y):
    return (h - y) * h * (1 - h) / len(h)


@mistake(
    question="output",
    hint="h − y is the delta of softmax with *cross entropy*. With the squared error the Jacobian does not cancel.",
)
def softmax_delta__cross_entropy(h, y):
    return (h - y) / len(h)


@mistake(
    question="output",
    hint="The sum of g·h runs over the whole batch. Each sample has its own: sum along axis 1 and keep the dimension.",
)
def softmax_delta__summed_over_batch(h, y):
    g = (h - y) / len(h)
    return h * (g - np.sum(g * h))


@mistake(
    question="branch",
    hint="Only one of the two layers was walked back. The hidden layer reaches the loss through both, and the contributions add.",
)
def branched_delta__one_path(delta_p, w_p, delta_q, w_q, z):
    return (delta_p @ w_p) * (1 - np.tanh(z) ** 2)


@mistake(
    question="branch",
    hint="This stops at the unit's output. From there it is one more step to the pre-activation: times the slope of tanh at z.",
)
def branched_delta__slope_forgotten(delta_p, w_p, delta_q, w_q, z):
    return delta_p @ w_p + delta_q @ w_q


@mistake(
    question="branch",
    hint="The slope was computed as 1 − z². z is the pre-activation; it has to go through tanh before it is squared.",
)
def branched_delta__slope_of_the_pre_activation(delta_p, w_p, delta_q, w_q, z):
    return (delta_p @ w_p + delta_q @ w_q) * (1 - z**2)


@mistake(
    question="branch",
    hint="The two deltas went through each other's weights. Each returns along the matrix by which the value came.",
)
def branched_delta__weights_exchanged(delta_p, w_p, delta_q, w_q, z):
    return (delta_p @ w_q + delta_q @ w_p) * (1 - np.tanh(z) ** 2)


@mistake(
    question="branch",
    hint="The matrices were transposed once too often. With samples as rows, δ W is already Wᵀδ for each of them.",
)
def branched_delta__transposed(delta_p, w_p, delta_q, w_q, z):
    return (delta_p @ w_p.T + delta_q @ w_q.T) * (1 - np.tanh(z) ** 2)


@mistake(
    question="weighted",
    hint="The division by the sum of the weights is missing: the loss is a weighted *mean*.",
)
def weighted_gradients__not_divided(delta, a, c):
    weighted = delta * c[:, None]
    return weighted.T @ a, weighted.sum(axis=0)


@mistake(
    question="weighted",
    hint="This divides by the number of samples. A weighted mean divides by the sum of the weights.",
)
def weighted_gradients__divided_by_count(delta, a, c):
    weighted = delta * c[:, None] / len(c)
    return weighted.T @ a, weighted.sum(axis=0)


@mistake(
    question="weighted",
    hint="The weights reached dw but not db. The bias has a path through every sample as well, with the same weights.",
)
def weighted_gradients__bias_unweighted(delta, a, c):
    weighted = delta * (c / np.sum(c))[:, None]
    return weighted.T @ a, delta.mean(axis=0)


@mistake(
    question="weighted",
    hint="dw came out as (in, out). Weights are (out, in) here, so the product is Δᵀ A.",
)
def weighted_gradients__transposed(delta, a, c):
    weighted = delta * (c / np.sum(c))[:, None]
    return a.T @ weighted, weighted.sum(axis=0)


@mistake(
    question="weighted",
    hint="db still has a row for each sample. All samples share the bias, so their contributions are summed.",
)
def weighted_gradients__bias_not_summed(delta, a, c):
    weighted = delta * (c / np.sum(c))[:, None]
    return weighted.T @ a, weighted


@mistake(
    question="module",
    hint="The gradient goes past the sigmoid untouched. Multiply da by its slope a(1 − a) before it reaches the affine map.",
)
def sigmoid_layer_backward__slope_forgotten(da, cache):
    x, w, _ = cache
    return da @ w, da.T @ x, da.sum(axis=0)


@mistake(
    question="module",
    hint="The sigmoid was taken of a. The cache holds the output already; its slope is a(1 − a).",
)
def sigmoid_layer_backward__sigmoid_of_the_output(da, cache):
    x, w, a = cache
    s = 1 / (1 + np.exp(-a))
    dz = da * s * (1 - s)
    return dz @ w, dz.T @ x, dz.sum(axis=0)


@mistake(
    question="module",
    hint="The parameters' gradients are averaged over the batch. The 1/N belongs to the loss and is inside da; here contributions are summed.",
)
def sigmoid_layer_backward__averaged(da, cache):
    x, w, a = cache
    dz = da * a * (1 - a)
    return dz @ w, dz.T @ x / len(x), dz.mean(axis=0)


@mistake(
    question="module",
    hint="db still has a row for each sample. The bias was added to every row, so its gradient is the sum over them.",
)
def sigmoid_layer_backward__bias_not_summed(da, cache):
    x, w, a = cache
    dz = da * a * (1 - a)
    return dz @ w, dz.T @ x, dz


@mistake(
    question="small",
    hint="The neuron's slope a(1 − a) is missing. With the squared error it does not cancel; it would with binary cross entropy.",
)
def neuron_gradients__slope_forgotten(x, y, w, b, strength):
    a = 0.5 + 0.5 * np.tanh(0.5 * (x @ w + b))
    delta = (a - y) / len(x)
    return delta @ x + strength * w, np.sum(delta)


@mistake(
    question="small",
    hint="The penalty's gradient is λw: the ½ in front of ‖w‖² takes the 2 away.",
)
def neuron_gradients__penalty_doubled(x, y, w, b, strength):
    a = 0.5 + 0.5 * np.tanh(0.5 * (x @ w + b))
    delta = (a - y) * a * (1 - a) / len(x)
    return delta @ x + 2 * strength * w, np.sum(delta)


@mistake(
    question="small",
    hint="The bias was penalised too. The penalty is on w alone.",
)
def neuron_gradients__bias_penalised(x, y, w, b, strength):
    a = 0.5 + 0.5 * np.tanh(0.5 * (x @ w + b))
    delta = (a - y) * a * (1 - a) / len(x)
    return delta @ x + strength * w, np.sum(delta) + strength * b


@mistake(
    question="small",
    hint="The factor 2 of the square is missing. It belongs to this loss; only half the squared error has none.",
)
def linear_gradients__factor_2_forgotten(x, y, w, b):
    delta = (x @ w.T + b - y) / y.size
    return delta.T @ x, delta.sum(axis=0)


@mistake(
    question="small",
    hint="This divides by the number of samples only. The mean runs over samples and outputs, N·M numbers.",
)
def linear_gradients__outputs_not_averaged(x, y, w, b):
    delta = 2 * (x @ w.T + b - y) / len(y)
    return delta.T @ x, delta.sum(axis=0)


@mistake(
    question="relu",
    hint="The mean over the batch is missing: the first delta carries a 1/N, and all gradients inherit it.",
)
def relu_gradients__no_mean(x, y, w1, b1, w2, b2):
    z = x @ w1.T + b1
    h = np.maximum(z, 0)
    delta2 = 2 * (h @ w2.T + b2 - y)
    delta1 = (delta2 @ w2) * (z > 0)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)


@mistake(
    question="relu",
    hint="The 1/N was applied twice: once in the first delta and once more in the gradients. Once is right.",
)
def relu_gradients__mean_twice(x, y, w1, b1, w2, b2):
    n = len(x)
    z = x @ w1.T + b1
    h = np.maximum(z, 0)
    delta2 = 2 * (h @ w2.T + b2 - y) / n
    delta1 = (delta2 @ w2) * (z > 0)
    return delta1.T @ x / n, delta1.mean(axis=0), delta2.T @ h / n, delta2.mean(axis=0)


@mistake(
    question="relu",
    hint="Silent units let the gradient through. A rectifier passes it on only where its pre-activation was positive.",
)
def relu_gradients__switch_forgotten(x, y, w1, b1, w2, b2):
    h = np.maximum(x @ w1.T + b1, 0)
    delta2 = 2 * (h @ w2.T + b2 - y) / len(x)
    delta1 = delta2 @ w2
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)


@mistake(
    question="relu",
    hint="The factor 2 of the square is missing: this loss has no ½ in front.",
)
def relu_gradients__factor_2_forgotten(x, y, w1, b1, w2, b2):
    z = x @ w1.T + b1
    h = np.maximum(z, 0)
    delta2 = (h @ w2.T + b2 - y) / len(x)
    delta1 = (delta2 @ w2) * (z > 0)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)


@mistake(
    question="relu",
    hint="The gradient for the second layer's weights was built with z in place of h: a weight's gradient contains what the weight multiplied, the activation.",
)
def relu_gradients__pre_activation_for_activation(x, y, w1, b1, w2, b2):
    z = x @ w1.T + b1
    h = np.maximum(z, 0)
    delta2 = 2 * (h @ w2.T + b2 - y) / len(x)
    delta1 = (delta2 @ w2) * (z > 0)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ z, delta2.sum(axis=0)
