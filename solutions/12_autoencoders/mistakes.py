"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="copy",
    hint="The output got a tanh as well. Here the decoder is linear, so that copies may have any size.",
)
def encode_and_decode__output_activated(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    return h, np.tanh(h @ w2.T + b2)


@mistake(
    question="copy",
    hint="The code is the pre-activation: tanh is missing between the encoder's sum and the decoder.",
)
def encode_and_decode__code_not_activated(x, w1, b1, w2, b2):
    h = x @ w1.T + b1
    return h, h @ w2.T + b2


@mistake(
    question="copy",
    hint="The decoder uses the encoder's matrix. These weights are not tied: W² is its own argument.",
)
def encode_and_decode__decoder_borrows_the_encoder(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    return h, h @ w1 + b2


@mistake(
    question="copy",
    hint="The pair is the other way round: the code comes first, the reconstruction second.",
)
def encode_and_decode__pair_exchanged(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    return h @ w2.T + b2, h


@mistake(
    question="copy",
    hint="The decoder's biases are missing: they are added to every reconstruction.",
)
def encode_and_decode__decoder_biases_forgotten(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    return h, h @ w2.T


@mistake(
    question="copy",
    hint="A sigmoid makes the code here. The question asks for tanh, with values from −1 to 1.",
)
def encode_and_decode__sigmoid_code(x, w1, b1, w2, b2):
    h = 1 / (1 + np.exp(-(x @ w1.T + b1)))
    return h, h @ w2.T + b2


@mistake(
    question="backward",
    hint="The mean over the batch is missing: the first delta carries the loss's 1/N, and all four gradients inherit it.",
)
def copy_gradients__no_mean(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    delta2 = h @ w2.T + b2 - x
    delta1 = (delta2 @ w2) * (1 - h**2)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)


@mistake(
    question="backward",
    hint="What comes back through the decoder stops at the code. From there to the pre-activation it is one more step, through the slope of tanh.",
)
def copy_gradients__slope_forgotten(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    delta2 = (h @ w2.T + b2 - x) / len(x)
    delta1 = delta2 @ w2
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)


@mistake(
    question="backward",
    hint="The slope is taken of the code instead of the pre-activation, so tanh is applied twice. h is tanh z already; its slope is 1 − h².",
)
def copy_gradients__tanh_twice(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    delta2 = (h @ w2.T + b2 - x) / len(x)
    delta1 = (delta2 @ w2) * (1 - np.tanh(h) ** 2)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)


@mistake(
    question="backward",
    hint="The error has the wrong sign: the gradient of half the squared distance is copy minus input.",
)
def copy_gradients__sign(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    delta2 = (x - h @ w2.T - b2) / len(x)
    delta1 = (delta2 @ w2) * (1 - h**2)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)


@mistake(
    question="backward",
    hint="dw1 was built from the code. A weight's gradient contains what the weight multiplied, and W¹ multiplied x.",
)
def copy_gradients__way_back_through_the_encoder(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    delta2 = (h @ w2.T + b2 - x) / len(x)
    delta1 = (delta2 @ w2) * (1 - h**2)
    return delta1.T @ (h @ w2.T + b2), delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)


@mistake(
    question="backward",
    hint="The factor 2 belongs to the squared error without the ½. This loss has the ½.",
)
def copy_gradients__factor_2(x, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    delta2 = 2 * (h @ w2.T + b2 - x) / len(x)
    delta1 = (delta2 @ w2) * (1 - h**2)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ h, delta2.sum(axis=0)


@mistake(
    question="tied",
    hint="Only the encoder's use of W was counted. W reaches the loss by a second path, the decoder, and contributions of several paths add.",
)
def tied_gradients__encoder_only(x, w, b1, b2):
    h = 1 / (1 + np.exp(-(x @ w.T + b1)))
    delta2 = (h @ w + b2 - x) / len(x)
    delta1 = (delta2 @ w.T) * h * (1 - h)
    return delta1.T @ x, delta1.sum(axis=0), delta2.sum(axis=0)


@mistake(
    question="tied",
    hint="Only the decoder's use of W was counted. W reaches the loss by a second path, through the code, and contributions of several paths add.",
)
def tied_gradients__decoder_only(x, w, b1, b2):
    h = 1 / (1 + np.exp(-(x @ w.T + b1)))
    delta2 = (h @ w + b2 - x) / len(x)
    delta1 = (delta2 @ w.T) * h * (1 - h)
    return h.T @ delta2, delta1.sum(axis=0), delta2.sum(axis=0)


@mistake(
    question="tied",
    hint="The two contributions to dw were averaged. Paths add; their mean is half of the gradient.",
)
def tied_gradients__averaged(x, w, b1, b2):
    h = 1 / (1 + np.exp(-(x @ w.T + b1)))
    delta2 = (h @ w + b2 - x) / len(x)
    delta1 = (delta2 @ w.T) * h * (1 - h)
    return (delta1.T @ x + h.T @ delta2) / 2, delta1.sum(axis=0), delta2.sum(axis=0)


@mistake(
    question="tied",
    hint="The encoder's contribution was doubled. The decoder's use of W has a gradient of its own, made of the code and the error, and it differs from the encoder's.",
)
def tied_gradients__encoder_doubled(x, w, b1, b2):
    h = 1 / (1 + np.exp(-(x @ w.T + b1)))
    delta2 = (h @ w + b2 - x) / len(x)
    delta1 = (delta2 @ w.T) * h * (1 - h)
    return 2 * delta1.T @ x, delta1.sum(axis=0), delta2.sum(axis=0)


@mistake(
    question="tied",
    hint="The mean over the batch is missing: divide the error by the number of rows.",
)
def tied_gradients__no_mean(x, w, b1, b2):
    h = 1 / (1 + np.exp(-(x @ w.T + b1)))
    delta2 = h @ w + b2 - x
    delta1 = (delta2 @ w.T) * h * (1 - h)
    return delta1.T @ x + h.T @ delta2, delta1.sum(axis=0), delta2.sum(axis=0)


@mistake(
    question="components",
    hint="The projections were not moved back: the mean was taken off and never added again.",
)
def component_copy__mean_not_added(known, new, k):
    mean = known.mean(axis=0)
    components = np.linalg.svd(known - mean, full_matrices=False)[2][:k]
    return (new - mean) @ components.T @ components


@mistake(
    question="components",
    hint="These are the coordinates of the samples along the components, the code. Multiply by the components once more to come back to the space of the samples, and add the mean.",
)
def component_copy__coordinates_only(known, new, k):
    mean = known.mean(axis=0)
    components = np.linalg.svd(known - mean, full_matrices=False)[2][:k]
    return (new - mean) @ components.T


@mistake(
    question="components",
    hint="The samples were not centred. Without that, the first direction points to where the samples are, and not along which they vary.",
)
def component_copy__not_centred(known, new, k):
    components = np.linalg.svd(known, full_matrices=False)[2][:k]
    return new @ components.T @ components


@mistake(
    question="components",
    hint="The new samples were centred with their own mean. The mean belongs to the components: it is that of the known samples, also for a single new one.",
)
def component_copy__mean_of_the_new(known, new, k):
    components = np.linalg.svd(known - known.mean(axis=0), full_matrices=False)[2][:k]
    mean = new.mean(axis=0)
    return mean + (new - mean) @ components.T @ components


@mistake(
    question="components",
    hint="The components were taken from the new samples. They are to come from the known ones, and the new ones are only projected.",
)
def component_copy__components_of_the_new(known, new, k):
    mean = known.mean(axis=0)
    directions = np.linalg.eigh((new - mean).T @ (new - mean))[1]
    components = directions[:, ::-1].T[:k]
    return mean + (new - mean) @ components.T @ components


@mistake(
    question="components",
    hint="These are the directions of the smallest variances: eigh sorts from small to large. Take its last columns.",
)
def component_copy__smallest_variances(known, new, k):
    mean = known.mean(axis=0)
    directions = np.linalg.eigh((known - mean).T @ (known - mean))[1]
    components = directions[:, :k].T
    return mean + (new - mean) @ components.T @ components


@mistake(
    question="components",
    hint="The components are rows of what numpy.linalg.svd returns as its third result, Vᵀ. Its columns were taken here.",
)
def component_copy__columns_of_vt(known, new, k):
    mean = known.mean(axis=0)
    directions = np.linalg.svd(known - mean)[2][:, :k]
    return mean + (new - mean) @ directions @ directions.T


@mistake(
    question="components",
    hint="The share was taken of the singular values. Variances are their squares.",
)
def share_kept__not_squared(known, k):
    s = np.linalg.svd(known - known.mean(axis=0), compute_uv=False)
    return np.sum(s[:k]) / np.sum(s)


@mistake(
    question="components",
    hint="These are the variances themselves. The share is the sum of the first k, divided by the sum of all.",
)
def share_kept__variances_themselves(known, k):
    s = np.linalg.svd(known - known.mean(axis=0), compute_uv=False)
    return s[:k] ** 2 / len(known)


@mistake(
    question="components",
    hint="The samples were not centred, so the share is one of squared distances from 0, and not of the variance.",
)
def share_kept__not_centred(known, k):
    s = np.linalg.svd(known, compute_uv=False)
    return np.sum(s[:k] ** 2) / np.sum(s**2)


@mistake(
    question="components",
    hint="This is the share that is lost. The first k variances are kept.",
)
def share_kept__share_lost(known, k):
    s = np.linalg.svd(known - known.mean(axis=0), compute_uv=False)
    return np.sum(s[k:] ** 2) / np.sum(s**2)


@mistake(
    question="activity",
    hint="The arguments of the divergence are exchanged: the wanted activity comes first, as ρ ln(ρ/ρ̂) + …, and the divergence is not symmetric.",
)
def activity_price__arguments_swapped(code, target):
    active = (1 + code.mean(axis=0)) / 2
    return np.sum(active * np.log(active / target) + (1 - active) * np.log((1 - active) / (1 - target)))


@mistake(
    question="activity",
    hint="The mean was taken along axis 1, over the units of a sample. Mean activity belongs to a unit: average over the samples, axis 0.",
)
def activity_price__mean_over_units(code, target):
    active = (1 + code.mean(axis=1)) / 2
    return np.sum(target * np.log(target / active) + (1 - target) * np.log((1 - target) / (1 - active)))


@mistake(
    question="activity",
    hint="One mean was taken over samples and units together. Each unit has its own mean activity, and the price is the sum over the units.",
)
def activity_price__one_mean_for_all(code, target):
    active = (1 + code.mean()) / 2
    return target * np.log(target / active) + (1 - target) * np.log((1 - target) / (1 - active))


@mistake(
    question="activity",
    hint="There is still one price for each unit. Sum them: S is one number.",
)
def activity_price__not_summed(code, target):
    active = (1 + code.mean(axis=0)) / 2
    return target * np.log(target / active) + (1 - target) * np.log((1 - target) / (1 - active))


@mistake(
    question="activity",
    hint="The size of the codes was taken for their activity. A tanh unit is silent at −1: its activity is (1 + h)/2.",
)
def activity_price__size_as_activity(code, target):
    active = np.abs(code).mean(axis=0)
    return np.sum(target * np.log(target / active) + (1 - target) * np.log((1 - target) / (1 - active)))


@mistake(
    question="activity",
    hint="The prices of the units were averaged. The formula sums them.",
)
def activity_price__averaged_over_units(code, target):
    active = (1 + code.mean(axis=0)) / 2
    return np.mean(target * np.log(target / active) + (1 - target) * np.log((1 - target) / (1 - active)))


@mistake(
    question="activity",
    hint="The second half of the price is missing, what a unit costs for being active more often than wanted: (1 − ρ) ln((1 − ρ)/(1 − ρ̂)).",
)
def activity_price__first_term_only(code, target):
    active = (1 + code.mean(axis=0)) / 2
    return np.sum(target * np.log(target / active))


@mistake(
    question="activity",
    hint="The factor ½ is missing: the activity is (1 + h)/2, so a nudge of h moves it by half as much.",
)
def activity_price_gradient__half_forgotten(code, target):
    active = (1 + code.mean(axis=0)) / 2
    slope = (1 - target) / (1 - active) - target / active
    return np.tile(slope / len(code), (len(code), 1))


@mistake(
    question="activity",
    hint="The gradient has one entry a unit. Every sample's activity can be nudged by itself, so it has a row for each sample, the same in all rows.",
)
def activity_price_gradient__one_row(code, target):
    active = (1 + code.mean(axis=0)) / 2
    return ((1 - target) / (1 - active) - target / active) / (2 * len(code))


@mistake(
    question="activity",
    hint="The 1/N is missing: each sample has only an N-th share in the mean activity.",
)
def activity_price_gradient__no_mean(code, target):
    active = (1 + code.mean(axis=0)) / 2
    slope = (1 - target) / (1 - active) - target / active
    return np.tile(slope / 2, (len(code), 1))


@mistake(
    question="activity",
    hint="The mean was taken along axis 1, over the units of a sample. Mean activity belongs to a unit: average over the samples, axis 0.",
)
def activity_price_gradient__mean_over_units(code, target):
    active = (1 + code.mean(axis=1, keepdims=True)) / 2
    slope = (1 - target) / (1 - active) - target / active
    return np.tile(slope / (2 * len(code)), (1, code.shape[1]))


@mistake(
    question="activity",
    hint="The slope was taken at each single activity. The price looks at the mean over the samples, so the slope is the same for all of them.",
)
def activity_price_gradient__at_each_activity(code, target):
    active = (1 + code) / 2
    return ((1 - target) / (1 - active) - target / active) / (2 * len(code))


@mistake(
    question="activity",
    hint="This is the slope of the divergence with its arguments exchanged. In this price the wanted activity comes first.",
)
def activity_price_gradient__arguments_swapped(code, target):
    active = (1 + code.mean(axis=0)) / 2
    slope = np.log(active * (1 - target) / (target * (1 - active)))
    return np.tile(slope / (2 * len(code)), (len(code), 1))


@mistake(
    question="activity",
    hint="The sign is wrong. A unit that is more active than wanted has a positive slope: less of it would cost less.",
)
def activity_price_gradient__sign(code, target):
    active = (1 + code.mean(axis=0)) / 2
    slope = target / active - (1 - target) / (1 - active)
    return np.tile(slope / (2 * len(code)), (len(code), 1))


@mistake(
    question="largest",
    hint="Largest went by size here, so that −5 beats 3. The question goes by value.",
)
def keep_largest__by_size(code, k):
    smallest_kept = np.sort(np.abs(code), axis=1)[:, [-k]]
    return code * (np.abs(code) >= smallest_kept)


@mistake(
    question="largest",
    hint="The largest were sought down the columns, over the samples of a unit. Each sample keeps its own k: sort along axis 1.",
)
def keep_largest__down_the_columns(code, k):
    smallest_kept = np.sort(code, axis=0)[[-min(k, len(code))]]
    return code * (code >= smallest_kept)


@mistake(
    question="largest",
    hint="These are the k smallest of each row: sorting goes from small to large, so the largest stand at the end.",
)
def keep_largest__smallest(code, k):
    largest_kept = np.sort(code, axis=1)[:, [k - 1]]
    return code * (code <= largest_kept)


@mistake(
    question="largest",
    hint="Only the survivors were returned, in another order. They have to stay in their places, with 0 in the others: the decoder knows each unit by its place.",
)
def keep_largest__survivors_alone(code, k):
    return np.sort(code, axis=1)[:, -k:]


@mistake(
    question="largest",
    hint="The zeros were written into the code that was handed in. Start from a copy.",
)
def keep_largest__in_place(code, k):
    smallest_kept = np.sort(code, axis=1)[:, [-k]]
    code[code < smallest_kept] = 0
    return code


@mistake(
    question="largest",
    hint="The gradient came back for all entries. One that was set to 0 has no influence on what follows, so it gets none.",
)
def keep_largest_backward__to_all(dout, code, k):
    return dout.copy()


@mistake(
    question="largest",
    hint="The k largest entries of the gradient were kept. Which entries survived was decided by the code.",
)
def keep_largest_backward__largest_gradients(dout, code, k):
    smallest_kept = np.sort(dout, axis=1)[:, [-k]]
    return dout * (dout >= smallest_kept)


@mistake(
    question="largest",
    hint="The gradient was multiplied by the code. A surviving entry passes with the slope 1.",
)
def keep_largest_backward__times_the_code(dout, code, k):
    smallest_kept = np.sort(code, axis=1)[:, [-k]]
    return dout * code * (code >= smallest_kept)


@mistake(
    question="objective",
    hint="The ½ of the weight decay is missing in the value; its gradient λW is right only with it.",
)
def sparse_objective__decay_without_half(x, x_hat, code, w1, w2, decay, strength):
    n = len(x)
    value = np.sum((x_hat - x) ** 2) / (2 * n) + decay * (np.sum(w1**2) + np.sum(w2**2))
    value += strength / n * np.sum(np.log1p(code**2))
    return value, (x_hat - x) / n, strength / n * 2 * code / (1 + code**2), decay * w1, decay * w2


@mistake(
    question="objective",
    hint="The price of the code is summed over the samples and not averaged: its β is divided by N.",
)
def sparse_objective__price_not_averaged(x, x_hat, code, w1, w2, decay, strength):
    n = len(x)
    value = np.sum((x_hat - x) ** 2) / (2 * n) + decay / 2 * (np.sum(w1**2) + np.sum(w2**2))
    value += strength * np.sum(np.log1p(code**2))
    return value, (x_hat - x) / n, strength * 2 * code / (1 + code**2), decay * w1, decay * w2


@mistake(
    question="objective",
    hint="The copying error was averaged over the pixels as well. It is a sum over the entries of a sample and a mean over the samples.",
)
def sparse_objective__mean_over_pixels(x, x_hat, code, w1, w2, decay, strength):
    n = len(x)
    value = np.mean((x_hat - x) ** 2) / 2 + decay / 2 * (np.sum(w1**2) + np.sum(w2**2))
    value += strength / n * np.sum(np.log1p(code**2))
    return value, (x_hat - x) / x.size, strength / n * 2 * code / (1 + code**2), decay * w1, decay * w2


@mistake(
    question="objective",
    hint="The inner derivative is missing in dcode: the slope of ln(1 + h²) is 2h/(1 + h²).",
)
def sparse_objective__inner_derivative_forgotten(x, x_hat, code, w1, w2, decay, strength):
    n = len(x)
    value = np.sum((x_hat - x) ** 2) / (2 * n) + decay / 2 * (np.sum(w1**2) + np.sum(w2**2))
    value += strength / n * np.sum(np.log1p(code**2))
    return value, (x_hat - x) / n, strength / n / (1 + code**2), decay * w1, decay * w2


@mistake(
    question="objective",
    hint="dcode lacks the strength β: it stands before the price in the objective, so also before its slope.",
)
def sparse_objective__strength_forgotten(x, x_hat, code, w1, w2, decay, strength):
    n = len(x)
    value = np.sum((x_hat - x) ** 2) / (2 * n) + decay / 2 * (np.sum(w1**2) + np.sum(w2**2))
    value += strength / n * np.sum(np.log1p(code**2))
    return value, (x_hat - x) / n, 2 * code / (1 + code**2) / n, decay * w1, decay * w2


@mistake(
    question="objective",
    hint="The decay's gradient is twice too large: the ½ before the squared norm takes the 2 away.",
)
def sparse_objective__decay_gradient_doubled(x, x_hat, code, w1, w2, decay, strength):
    n = len(x)
    value = np.sum((x_hat - x) ** 2) / (2 * n) + decay / 2 * (np.sum(w1**2) + np.sum(w2**2))
    value += strength / n * np.sum(np.log1p(code**2))
    return value, (x_hat - x) / n, strength / n * 2 * code / (1 + code**2), 2 * decay * w1, 2 * decay * w2


@mistake(
    question="objective",
    hint="The decoder's weights are not priced: the decay is on both matrices.",
)
def sparse_objective__decay_of_the_encoder_only(x, x_hat, code, w1, w2, decay, strength):
    n = len(x)
    value = np.sum((x_hat - x) ** 2) / (2 * n) + decay / 2 * np.sum(w1**2)
    value += strength / n * np.sum(np.log1p(code**2))
    return value, (x_hat - x) / n, strength / n * 2 * code / (1 + code**2), decay * w1, np.zeros_like(w2)


@mistake(
    question="bytes",
    hint="Entries were rounded down. The nearest value is wanted, above or below.",
)
def rounded_code__down(code, bits):
    top = 2**bits - 1
    return np.floor((code + 1) / 2 * top) / top * 2 - 1


@mistake(
    question="bytes",
    hint="The range was cut into 2^k steps, which makes 2^k + 1 values. Between 2^k values there are 2^k − 1 steps.",
)
def rounded_code__one_value_too_many(code, bits):
    return np.round((code + 1) / 2 * 2**bits) / 2**bits * 2 - 1


@mistake(
    question="bytes",
    hint="This rounds as if codes lay between 0 and 1. A tanh code begins at −1, and its range is 2 long.",
)
def rounded_code__range_of_a_sigmoid(code, bits):
    top = 2**bits - 1
    return np.round(code * top) / top


@mistake(
    question="bytes",
    hint="These are the whole numbers that are sent. The receiver turns them back into values from −1 to 1, and those are asked for.",
)
def rounded_code__whole_numbers(code, bits):
    return np.round((code + 1) / 2 * (2**bits - 1))


@mistake(
    question="bytes",
    hint="The code was not moved back to its range from −1 to 1 after rounding.",
)
def rounded_code__not_moved_back(code, bits):
    top = 2**bits - 1
    return np.round((code + 1) / 2 * top) / top


@mistake(
    question="bytes",
    hint="The decoder is missing. Without its weights and biases the receiver can make nothing of the codes.",
)
def bytes_sent__decoder_forgotten(pictures, inputs, code_size, bits):
    return -(-pictures * code_size * bits // 8)


@mistake(
    question="bytes",
    hint="The decoder's biases are missing: one number for each of its outputs.",
)
def bytes_sent__biases_forgotten(pictures, inputs, code_size, bits):
    return -(-pictures * code_size * bits // 8) + 4 * inputs * code_size


@mistake(
    question="bytes",
    hint="The encoder was counted as well. It stays with the sender; the receiver needs the decoder alone.",
)
def bytes_sent__encoder_too(pictures, inputs, code_size, bits):
    return -(-pictures * code_size * bits // 8) + 4 * (2 * inputs * code_size + inputs + code_size)


@mistake(
    question="bytes",
    hint="The codes were counted in bits. A byte has eight.",
)
def bytes_sent__bits_for_bytes(pictures, inputs, code_size, bits):
    return pictures * code_size * bits + 4 * (inputs * code_size + inputs)


@mistake(
    question="bytes",
    hint="The last byte was cut off where it is not full. Bits that are left over need a byte of their own.",
)
def bytes_sent__last_byte_lost(pictures, inputs, code_size, bits):
    return pictures * code_size * bits // 8 + 4 * (inputs * code_size + inputs)


@mistake(
    question="bytes",
    hint="Each picture's code was filled up to whole bytes. The bits of all pictures follow each other without gaps; only the very last byte is filled up.",
)
def bytes_sent__every_picture_filled_up(pictures, inputs, code_size, bits):
    return pictures * -(-code_size * bits // 8) + 4 * (inputs * code_size + inputs)
