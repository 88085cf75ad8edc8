"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="scaled-tanh",
    hint="The slope treats the activation as if it were z: the tanh of the value is taken once more. "
    "What comes in is already A·tanh(Bz); divide by A and you hold tanh(Bz) itself.",
)
def scaled_tanh_slope__tanh_of_the_output(a, height, rate):
    return height * rate * (1 - np.tanh(rate * np.asarray(a)) ** 2)


@mistake(
    question="scaled-tanh",
    hint="1 − a² is the slope of the plain tanh. Here the value runs from −A to A, so a has to be divided by A before it is squared, "
    "and the factors A and B of the chain rule belong in front.",
)
def scaled_tanh_slope__plain_tanh(a, height, rate):
    return 1 - np.asarray(a) ** 2


@mistake(
    question="scaled-tanh",
    hint="The inner derivative is missing: differentiating tanh(Bz) brings a factor B to the front.",
)
def scaled_tanh_slope__inner_derivative_forgotten(a, height, rate):
    return height - np.asarray(a) ** 2 / height


@mistake(
    question="scaled-tanh",
    hint="Typed with exponentials as it stands, tanh divides infinity by infinity for large z. np.tanh, or exponentials of −2|z| only, never overflow.",
)
def scaled_tanh__overflows(z, height, rate):
    e = np.exp(2 * rate * np.asarray(z))
    return height * (e - 1) / (e + 1)


@mistake(
    question="shrink",
    hint="Large values are kept as they are: this is a hard threshold, with a jump at ±t. The soft one pulls them towards 0 by t, so that it is continuous.",
)
def soft_threshold__hard(z, t):
    z = np.asarray(z, dtype=float)
    return np.where(np.abs(z) > t, z, 0.0)


@mistake(
    question="shrink",
    hint="The negative side is cut off: this is a shifted ReLU. A pre-activation below −t keeps its sign and moves towards 0.",
)
def soft_threshold__one_sided(z, t):
    return np.maximum(np.asarray(z, dtype=float) - t, 0)


@mistake(
    question="shrink",
    hint="The result is written into z itself, so the caller's array is changed. Work on a copy.",
)
def soft_threshold__input_changed(z, t):
    small = np.abs(z) <= t
    z -= (t * np.sign(z)).astype(z.dtype)
    z[small] = 0
    return z


@mistake(
    question="shrink",
    hint="z holds integers, and the result is written into an array of z's type, so the decimals are cut off. Make z float first.",
)
def soft_threshold__integers_cut_off(z, t):
    result = np.zeros_like(z)
    result[z > t] = z[z > t] - t
    result[z < -t] = z[z < -t] + t
    return result


@mistake(
    question="shrink",
    hint="The slope was taken at the output: soft_threshold(z) was compared with t, and values between t and 2t came out flat. Compare z itself.",
)
def soft_threshold_derivative__of_the_output(z, t):
    z = np.asarray(z, dtype=float)
    value = np.maximum(z - t, 0) + np.minimum(z + t, 0)
    return (np.abs(value) > t).astype(float)


@mistake(
    question="prelu",
    hint="The gradient for the slopes still has a row for each sample. All samples share a unit's slope, so their contributions are summed over the batch (axis 0).",
)
def prelu_backward__slope_not_summed(dout, z, mu):
    return dout * np.where(z > 0, 1.0, mu), dout * np.minimum(z, 0)


@mistake(
    question="prelu",
    hint="dmu is averaged over the batch, but dout carries the 1/N of the loss already. Dividing once more makes it too small by N; sum instead.",
)
def prelu_backward__slope_averaged(dout, z, mu):
    return dout * np.where(z > 0, 1.0, mu), np.mean(dout * np.minimum(z, 0), axis=0)


@mistake(
    question="prelu",
    hint="This follows max(μz, z), which has the slope μ on the positive side once μ exceeds 1. Decide by the sign of z, not by which of the two is larger.",
)
def prelu_backward__maximum_of_two(dout, z, mu):
    takes_mu = mu * z > z
    return dout * np.where(takes_mu, mu, 1.0), np.sum(dout * np.where(takes_mu, z, 0.0), axis=0)


@mistake(
    question="prelu",
    hint="These are the local slopes alone. On the way back each is multiplied by the gradient that arrives, dout.",
)
def prelu_backward__upstream_forgotten(dout, z, mu):
    return np.where(z > 0, 1.0, mu), np.sum(np.minimum(z, 0), axis=0)


@mistake(
    question="sharp",
    hint="The division by β in front is missing, so the values are β times too large, far out as well as near 0.",
)
def sharp_softplus__not_divided(z, beta):
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    return np.maximum(beta * z, 0) + np.log1p(np.exp(-np.abs(beta * z)))


@mistake(
    question="sharp",
    hint="The exponential of a large βz overflows. Take max(z, 0) out of the logarithm first; then the exponent is never positive.",
)
def sharp_softplus__overflows(z, beta):
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    return np.log1p(np.exp(beta * z)) / beta


@mistake(
    question="sharp",
    hint="β has slipped into the slope as a factor. The β of the inner derivative cancels against the 1/β in front.",
)
def sharp_softplus_derivative__times_beta(z, beta):
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    return beta * (0.5 + 0.5 * np.tanh(0.5 * beta * z))


@mistake(
    question="sharp",
    hint="float32 comes in and float64 goes out. Keep the array's own type: convert only what is not float32.",
)
def sharp_softplus__float32_lost(z, beta):
    z = np.asarray(z, dtype=np.float64)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(beta * z))) / beta


@mistake(
    question="minout",
    hint="The gradient went to the largest piece. Here the smallest wins: argmin in place of argmax.",
)
def minout_gradients__largest_wins(dout, x, w, b):
    pieces = np.einsum("kmd,nd->knm", w, x) + b[:, None, :]
    delta = dout * (np.arange(len(w))[:, None, None] == pieces.argmax(axis=0))
    return np.einsum("knm,kmd->nd", delta, w), np.einsum("knm,nd->kmd", delta, x), delta.sum(axis=1)


@mistake(
    question="minout",
    hint="Every piece received the gradient. Only the piece that gave the minimum moves the output; the others get nothing.",
)
def minout_gradients__every_piece(dout, x, w, b):
    delta = np.repeat(dout[None], len(w), axis=0)
    return np.einsum("knm,kmd->nd", delta, w), np.einsum("knm,nd->kmd", delta, x), delta.sum(axis=1)


@mistake(
    question="minout",
    hint="The parameters' gradients are averaged over the batch, but dout carries the 1/N already. Sum over the samples.",
)
def minout_gradients__averaged(dout, x, w, b):
    pieces = np.einsum("kmd,nd->knm", w, x) + b[:, None, :]
    delta = dout * (np.arange(len(w))[:, None, None] == pieces.argmin(axis=0))
    return np.einsum("knm,kmd->nd", delta, w), np.einsum("knm,nd->kmd", delta, x) / len(x), delta.mean(axis=1)


@mistake(
    question="minout",
    hint="The pieces were compared without their biases, so the wrong one is taken for the smallest.",
)
def minout_gradients__bias_forgotten(dout, x, w, b):
    pieces = np.einsum("kmd,nd->knm", w, x)
    delta = dout * (np.arange(len(w))[:, None, None] == pieces.argmin(axis=0))
    return np.einsum("knm,kmd->nd", delta, w), np.einsum("knm,nd->kmd", delta, x), delta.sum(axis=1)


@mistake(
    question="count",
    hint="The biases are missing: each piece of each unit has one.",
)
def maxout_network_parameters__no_biases(sizes, k):
    layers = [m * d for d, m in zip(sizes[:-1], sizes[1:], strict=True)]
    return k * sum(layers[:-1]) + layers[-1]


@mistake(
    question="count",
    hint="The output layer was counted k times as well. It is a plain layer: one set of weights.",
)
def maxout_network_parameters__output_too(sizes, k):
    return k * sum(m * (d + 1) for d, m in zip(sizes[:-1], sizes[1:], strict=True))


@mistake(
    question="count",
    hint="The next layer's inputs were multiplied by k. A maxout unit hands on one number, the largest, however many pieces it has.",
)
def maxout_network_parameters__pieces_handed_on(sizes, k):
    total, inputs = 0, sizes[0]
    for m in sizes[1:-1]:
        total += k * m * (inputs + 1)
        inputs = k * m
    return total + sizes[-1] * (inputs + 1)


@mistake(
    question="temperature",
    hint="The sum below the fraction line runs over the whole array, so only everything together adds up to 1. Sum along the axis, with keepdims=True.",
)
def softmax_at__over_everything(z, temperature, axis):
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    h = np.exp((z - z.max(axis=axis, keepdims=True)) / temperature)
    return h / h.sum()


@mistake(
    question="temperature",
    hint="The axis that was asked for is ignored; this always normalises along the first one.",
)
def softmax_at__always_axis_0(z, temperature, axis):
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    h = np.exp((z - z.max(axis=0, keepdims=True)) / temperature)
    return h / h.sum(axis=0, keepdims=True)


@mistake(
    question="temperature",
    hint="The exponentials of large scores overflow. Subtract the largest score along the axis first; the result does not change.",
)
def softmax_at__no_shift(z, temperature, axis):
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    h = np.exp(z / temperature)
    return h / h.sum(axis=axis, keepdims=True)


@mistake(
    question="temperature",
    hint="The probabilities were divided by the temperature, where it cancels. It belongs inside the exponential, under the scores.",
)
def softmax_at__temperature_outside(z, temperature, axis):
    z = np.asarray(z)
    z = z if z.dtype == np.float32 else z.astype(float)
    h = np.exp(z - z.max(axis=axis, keepdims=True)) / temperature
    return h / h.sum(axis=axis, keepdims=True)


@mistake(
    question="temperature",
    hint="h(1 − h) is only the diagonal of the Jacobian. A score also takes from all other classes, which is the second term, h times the sum of dout·h.",
)
def softmax_at_backward__diagonal_only(dout, h, temperature):
    return dout * h * (1 - h) / temperature


@mistake(
    question="temperature",
    hint="The sum of dout·h was taken over the whole batch. Each sample has a sum of its own: the last axis, with keepdims=True.",
)
def softmax_at_backward__summed_over_batch(dout, h, temperature):
    return h * (dout - np.sum(dout * h)) / temperature


@mistake(
    question="temperature",
    hint="The temperature is missing on the way back: the scores were divided by it, so their gradient is too.",
)
def softmax_at_backward__temperature_forgotten(dout, h, temperature):
    return h * (dout - np.sum(dout * h, axis=-1, keepdims=True))
