"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake
from course_lib import activations


@mistake(
    question="huber",
    hint="The losses of the samples are summed. The loss is their mean: divide by the number of rows, N.",
)
def huber_loss__sum_for_mean(a, y, delta):
    e = np.abs(a - y)
    return np.sum(np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)))


@mistake(
    question="huber",
    hint="This averages over the outputs too. Over the M outputs of a sample the loss sums; the mean runs over the N samples.",
)
def huber_loss__mean_over_outputs(a, y, delta):
    e = np.abs(a - y)
    return np.mean(np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)))


@mistake(
    question="huber",
    hint="The two pieces do not meet at |e| = δ: the far piece lacks its −½δ². Compare both at the width itself.",
)
def huber_loss__pieces_do_not_meet(a, y, delta):
    e = np.abs(a - y)
    return np.sum(np.where(e <= delta, e**2 / 2, delta * e)) / len(a)


@mistake(
    question="huber",
    hint="The question which piece applies was asked of e, not of |e|, so large negative errors are squared.",
)
def huber_loss__sign_in_the_question(a, y, delta):
    e = a - y
    return np.sum(np.where(e <= delta, e**2 / 2, delta * (np.abs(e) - delta / 2))) / len(a)


@mistake(
    question="huber",
    hint="The gradient lacks the 1/N of the mean. It belongs to the loss, so it belongs to the gradient.",
)
def huber_gradient__no_mean(a, y, delta):
    return np.clip(a - y, -delta, delta)


@mistake(
    question="huber",
    hint="Far from the target the slope is ±1 here. The far piece is δ|e| and a constant, so its slope is ±δ.",
)
def huber_gradient__slope_one(a, y, delta):
    e = a - y
    return np.where(np.abs(e) <= delta, e, np.sign(e)) / len(a)


@mistake(
    question="hinge",
    hint="The labels 0 and 1 were used where the formula wants −1 and +1: for the label 0 the score drops out. Convert first.",
)
def hinge__labels_not_converted(score, label, width):
    return np.mean(np.maximum(width - label * score, 0))


@mistake(
    question="hinge",
    hint="The width is still 1. What a margin lacks is measured from m.",
)
def hinge__width_forgotten(score, label, width):
    return np.mean(np.maximum(1 - (2 * label - 1) * score, 0))


@mistake(
    question="hinge",
    hint="The losses of the samples are summed. The loss is their mean.",
)
def hinge__sum_for_mean(score, label, width):
    return np.sum(np.maximum(width - (2 * label - 1) * score, 0))


@mistake(
    question="hinge",
    hint="Margins that are wide enough count as well, with negative loss. What a margin has too much is not paid back: the loss of a sample is at least 0.",
)
def hinge__not_cut_at_zero(score, label, width):
    return np.mean(width - (2 * label - 1) * score)


@mistake(
    question="hinge",
    hint="The gradient uses the labels 0 and 1 as they are, so samples with the label 0 send none. Convert to −1 and +1 first.",
)
def hinge_gradient__labels_not_converted(score, label, width):
    return -label * (label * score < width) / len(score)


@mistake(
    question="hinge",
    hint="Only samples on the wrong side are counted. The hinge pushes until the margin has the width m, so also some that are right already.",
)
def hinge_gradient__only_the_wrong_side(score, label, width):
    y = 2 * label - 1
    return -y * (y * score < 0) / len(score)


@mistake(
    question="hinge",
    hint="The gradient lacks the 1/N of the mean.",
)
def hinge_gradient__no_mean(score, label, width):
    y = 2 * label - 1
    return -1.0 * y * (y * score < width)


@mistake(
    question="bits",
    hint="This is in the natural unit. To count in bits the logarithm has the base 2.",
)
def logistic_bits__natural_logarithm(score, y):
    return np.mean(activations.softplus(-y * score))


@mistake(
    question="bits",
    hint="The sign of the exponent is turned: large margins are expensive here, and should be cheap.",
)
def logistic_bits__sign_of_the_margin(score, y):
    return np.mean(activations.softplus(y * score)) / np.log(2)


@mistake(
    question="bits",
    hint="The formula as it stands overflows for a large negative margin. Look for a function that computes ln(1 + eᶻ) safely.",
)
def logistic_bits__overflow(score, y):
    return np.mean(np.log2(1 + np.exp(-y * score)))


@mistake(
    question="bits",
    hint="The gradient lacks the 1/N of the mean.",
)
def logistic_bits_gradient__no_mean(score, y):
    return -y * activations.sigmoid(-y * score) / np.log(2)


@mistake(
    question="bits",
    hint="The gradient belongs to the natural logarithm. The change of unit divides the loss by a constant, so it divides the slope too.",
)
def logistic_bits_gradient__natural_logarithm(score, y):
    return -y * activations.sigmoid(-y * score) / len(score)


@mistake(
    question="bits",
    hint="The sigmoid is taken of the margin. The push is large where the margin is negative, so it is the sigmoid of minus the margin.",
)
def logistic_bits_gradient__sigmoid_of_the_margin(score, y):
    return -y * activations.sigmoid(y * score) / np.log(2) / len(score)


@mistake(
    question="bits",
    hint="This is the binary cross entropy, which wants the labels 0 and 1. Here they are −1 and +1: convert, or use the margin.",
)
def logistic_bits__formula_for_0_and_1(score, y):
    return np.mean(y * activations.softplus(-score) + (1 - y) * activations.softplus(score)) / np.log(2)


@mistake(
    question="bits",
    hint="Prediction minus target is the gradient for the labels 0 and 1. Here they are −1 and +1.",
)
def logistic_bits_gradient__formula_for_0_and_1(score, y):
    return (activations.sigmoid(score) - y) / np.log(2) / len(score)


@mistake(
    question="weighted",
    hint="The minus reaches the first term only, so a confident mistake on class 0 is rewarded. It stands before the whole bracket.",
)
def weighted_loss__bracket_lost(z, y, c):
    return np.mean(c * y * activations.softplus(-z) - (1 - y) * activations.softplus(z))


@mistake(
    question="weighted",
    hint="The logarithm was taken of the wrong probability: for y = 1 what counts is ln p, for y = 0 ln(1 − p). Here they are exchanged.",
)
def weighted_loss__log_of_the_wrong_probability(z, y, c):
    return np.mean(c * y * activations.softplus(z) + (1 - y) * activations.softplus(-z))


@mistake(
    question="weighted",
    hint="c multiplies both terms, which only scales the loss. It belongs to the term of class 1 alone.",
)
def weighted_loss__both_classes(z, y, c):
    return np.mean(c * (y * activations.softplus(-z) + (1 - y) * activations.softplus(z)))


@mistake(
    question="weighted",
    hint="This divides by the sum of the weights. Here the loss is divided by N, whatever c is.",
)
def weighted_loss__weighted_mean(z, y, c):
    weights = c * y + (1 - y)
    return np.sum(c * y * activations.softplus(-z) + (1 - y) * activations.softplus(z)) / np.sum(weights)


@mistake(
    question="weighted",
    hint="The losses of the samples are summed. The loss is their mean.",
)
def weighted_loss__sum_for_mean(z, y, c):
    return np.sum(c * y * activations.softplus(-z) + (1 - y) * activations.softplus(z))


@mistake(
    question="weighted",
    hint="The loss goes through the probability, and far out that is rounded to 0 or 1, whose logarithm is lost. Stay with the logit: −ln σ(z) is a softplus.",
)
def weighted_loss__through_the_probability(z, y, c):
    p = activations.sigmoid(z)
    return -np.mean(c * y * np.log(p) + (1 - y) * np.log(1 - p))


@mistake(
    question="weighted",
    hint="A small number inside the logarithm hides the infinity and makes the loss wrong: it stops growing. Far out the loss of a wrong answer is about |z|.",
)
def weighted_loss__clipped(z, y, c):
    p = np.clip(activations.sigmoid(z), 1e-12, 1 - 1e-12)
    return -np.mean(c * y * np.log(p) + (1 - y) * np.log(1 - p))


@mistake(
    question="weighted",
    hint="The gradient is that of the plain binary cross entropy, σ(z) − y. Where y is 1, the push counts c times.",
)
def weighted_loss_gradient__unweighted(z, y, c):
    return (activations.sigmoid(z) - y) / len(z)


@mistake(
    question="weighted",
    hint="The gradient lacks the 1/N of the mean.",
)
def weighted_loss_gradient__no_mean(z, y, c):
    return (1 - y) * activations.sigmoid(z) - c * y * activations.sigmoid(-z)


@mistake(
    question="weighted",
    hint="c multiplies the target only: σ(z) − c·y. The term of class 1 is c·y·softplus(−z); differentiate all of it.",
)
def weighted_loss_gradient__target_scaled(z, y, c):
    return (activations.sigmoid(z) - c * y) / len(z)


@mistake(
    question="weighted",
    hint="Targets between 0 and 1 were taken for 0. Each target takes part in both terms, with y and with 1 − y.",
)
def weighted_loss__all_or_nothing(z, y, c):
    return np.mean(np.where(y == 1, c * activations.softplus(-z), activations.softplus(z)))


@mistake(
    question="weighted",
    hint="Targets between 0 and 1 were taken for 0. Each target takes part in both terms, with y and with 1 − y.",
)
def weighted_loss_gradient__all_or_nothing(z, y, c):
    return np.where(y == 1, c, 1) * (activations.sigmoid(z) - y) / len(z)


@mistake(
    question="smoothing",
    hint="Softmax was applied twice: log_softmax takes the logits themselves, not their probabilities.",
)
def smoothed_loss__softmax_twice(z, labels, smoothing):
    t = np.full(z.shape, smoothing / z.shape[1])
    t[np.arange(len(z)), labels] += 1 - smoothing
    return -np.sum(t * activations.log_softmax(activations.softmax(z))) / len(z)


@mistake(
    question="smoothing",
    hint="ε was shared among the M − 1 wrong classes. Here every class gets ε/M, the right one too.",
)
def smoothed_loss__shared_among_the_others(z, labels, smoothing):
    t = np.full(z.shape, smoothing / (z.shape[1] - 1))
    t[np.arange(len(z)), labels] = 1 - smoothing
    return -np.sum(t * activations.log_softmax(z)) / len(z)


@mistake(
    question="smoothing",
    hint="The targets of a row do not sum to 1: the right class has 1 − ε and lacks its own share ε/M.",
)
def smoothed_loss__share_of_the_right_class_lost(z, labels, smoothing):
    t = np.full(z.shape, smoothing / z.shape[1])
    t[np.arange(len(z)), labels] = 1 - smoothing
    return -np.sum(t * activations.log_softmax(z)) / len(z)


@mistake(
    question="smoothing",
    hint="The mean runs over samples and classes. Over the classes of a sample the loss sums.",
)
def smoothed_loss__mean_over_classes(z, labels, smoothing):
    t = np.full(z.shape, smoothing / z.shape[1])
    t[np.arange(len(z)), labels] += 1 - smoothing
    return -np.mean(t * activations.log_softmax(z))


@mistake(
    question="smoothing",
    hint="The logarithm is taken after the softmax, of probabilities that may have been rounded to 0. log_softmax does both at once.",
)
def smoothed_loss__log_of_the_softmax(z, labels, smoothing):
    t = np.full(z.shape, smoothing / z.shape[1])
    t[np.arange(len(z)), labels] += 1 - smoothing
    return -np.sum(t * np.log(activations.softmax(z))) / len(z)


@mistake(
    question="smoothing",
    hint="The gradient is that of unsmoothed labels, h − e. The prediction is compared with the smoothed targets.",
)
def smoothed_loss_gradient__not_smoothed(z, labels, smoothing):
    h = activations.softmax(z)
    h[np.arange(len(z)), labels] -= 1
    return h / len(z)


@mistake(
    question="smoothing",
    hint="The gradient lacks the 1/N of the mean.",
)
def smoothed_loss_gradient__no_mean(z, labels, smoothing):
    t = np.full(z.shape, smoothing / z.shape[1])
    t[np.arange(len(z)), labels] += 1 - smoothing
    return activations.softmax(z) - t


@mistake(
    question="smoothing",
    hint="This is the gradient for the probabilities, −t/h. The question asks for the logits; on the way back through softmax it becomes much simpler.",
)
def smoothed_loss_gradient__for_the_probabilities(z, labels, smoothing):
    t = np.full(z.shape, smoothing / z.shape[1])
    t[np.arange(len(z)), labels] += 1 - smoothing
    return -t * np.exp(-activations.log_softmax(z)) / len(z)


@mistake(
    question="smoothing",
    hint="Softmax runs down the columns, over the samples. Each row is a sample with probabilities of its own.",
)
def smoothed_loss_gradient__softmax_over_the_batch(z, labels, smoothing):
    t = np.full(z.shape, smoothing / z.shape[1])
    t[np.arange(len(z)), labels] += 1 - smoothing
    return (activations.softmax(z.T).T - t) / len(z)


@mistake(
    question="smoothing",
    hint="The probabilities were smoothed instead of the targets. The prediction stays as it is; the target moves away from 0 and 1.",
)
def smoothed_loss_gradient__prediction_smoothed(z, labels, smoothing):
    h = (1 - smoothing) * activations.softmax(z) + smoothing / z.shape[1]
    h[np.arange(len(z)), labels] -= 1
    return h / len(z)


@mistake(
    question="counts",
    hint="z was taken for the rate itself. The rate is eᶻ, so its logarithm is z and no further logarithm is needed.",
)
def count_loss__z_for_the_rate(z, y):
    with np.errstate(all="ignore"):
        return np.mean(z - y * np.log(z))


@mistake(
    question="counts",
    hint="This is the logarithm of the likelihood, which one would want large. A loss is minus that.",
)
def count_loss__sign_forgotten(z, y):
    return np.mean(y * z - np.exp(z))


@mistake(
    question="counts",
    hint="The logarithm of the rate is missing: from rʸ the loss gets y times ln r, and ln r is z.",
)
def count_loss__logarithm_forgotten(z, y):
    return np.mean(np.exp(z) - y * np.exp(z))


@mistake(
    question="counts",
    hint="The losses of the samples are summed. The loss is their mean.",
)
def count_loss__sum_for_mean(z, y):
    return np.sum(np.exp(z) - y * z)


@mistake(
    question="counts",
    hint="The term ln y! is included. It is right as a likelihood, but does not depend on z and was to be left out.",
)
def count_loss__with_the_constant(z, y):
    constant = [sum(np.log(k) for k in range(1, int(count) + 1)) for count in y]
    return np.mean(np.exp(z) - y * z + np.array(constant))


@mistake(
    question="counts",
    hint="This is the gradient for the rate, 1 − y/r. The question asks for the one for z, one step further back: r = eᶻ.",
)
def count_loss_gradient__for_the_rate(z, y):
    return (1 - y / np.exp(z)) / len(z)


@mistake(
    question="counts",
    hint="The gradient lacks the 1/N of the mean.",
)
def count_loss_gradient__no_mean(z, y):
    return np.exp(z) - y


@mistake(
    question="counts",
    hint="The logarithm was taken of the product y·r. The rate stands to the power y, so it is y times the logarithm of the rate.",
)
def count_loss__log_of_the_product(z, y):
    with np.errstate(all="ignore"):
        return np.mean(np.exp(z) - np.log(y * np.exp(z)))


@mistake(
    question="elastic",
    hint="The ½ of the squares is missing.",
)
def elastic_net__half_forgotten(w, ratio):
    return ratio * np.sum(np.abs(w)) + (1 - ratio) * np.sum(w**2)


@mistake(
    question="elastic",
    hint="The ratio went to the wrong part: r is the share of the absolute values.",
)
def elastic_net__shares_exchanged(w, ratio):
    return (1 - ratio) * np.sum(np.abs(w)) + ratio * np.sum(w**2) / 2


@mistake(
    question="elastic",
    hint="The absolute values are missing, so positive and negative weights cancel. A penalty is never negative.",
)
def elastic_net__signs_cancel(w, ratio):
    return ratio * np.sum(w) + (1 - ratio) * np.sum(w**2) / 2


@mistake(
    question="elastic",
    hint="This averages over the weights. A penalty sums over them; there is no batch here.",
)
def elastic_net__mean_of_the_weights(w, ratio):
    return ratio * np.mean(np.abs(w)) + (1 - ratio) * np.mean(w**2) / 2


@mistake(
    question="elastic",
    hint="The L2 part is the length of the weights. It is half of its square.",
)
def elastic_net__length_not_squared(w, ratio):
    return ratio * np.sum(np.abs(w)) + (1 - ratio) * np.sqrt(np.sum(w**2)) / 2


@mistake(
    question="elastic",
    hint="A weight that is 0 is pushed away from it: its sign was taken as 1. At the kink this assignment takes 0.",
)
def elastic_net_gradient__zero_counts_as_positive(w, ratio):
    return ratio * np.where(w >= 0, 1.0, -1.0) + (1 - ratio) * w


@mistake(
    question="elastic",
    hint="The slope of |w| was taken as 1 for all weights. For a negative weight it is −1.",
)
def elastic_net_gradient__sign_forgotten(w, ratio):
    return ratio + (1 - ratio) * w


@mistake(
    question="elastic",
    hint="The gradient of the squares is twice too large: the ½ takes the 2 away.",
)
def elastic_net_gradient__squares_doubled(w, ratio):
    return ratio * np.sign(w) + (1 - ratio) * 2 * w


@mistake(
    question="objective",
    hint="λ was applied to the biases as well. They only say where things are, and go free.",
)
def add_penalty__bias_penalised(loss, gradients, parameters, strength):
    new_gradients = []
    for (w, b), (dw, db) in zip(parameters, gradients, strict=True):
        loss = loss + strength / 2 * (np.sum(w**2) + np.sum(b**2))
        new_gradients.append((dw + strength * w, db + strength * b))
    return loss, new_gradients


@mistake(
    question="objective",
    hint="Only one layer is in the penalty. The sum runs over the weights of all layers.",
)
def add_penalty__last_layer_only(loss, gradients, parameters, strength):
    for (w, _), (dw, db) in zip(parameters, gradients, strict=True):
        value = loss + strength / 2 * np.sum(w**2)
        last = (dw + strength * w, db)
    return value, [*gradients[:-1], last]


@mistake(
    question="objective",
    hint="The penalty's gradient is λW: the ½ takes the 2 away.",
)
def add_penalty__gradient_doubled(loss, gradients, parameters, strength):
    new_gradients = []
    for (w, _), (dw, db) in zip(parameters, gradients, strict=True):
        loss = loss + strength / 2 * np.sum(w**2)
        new_gradients.append((dw + 2 * strength * w, db))
    return loss, new_gradients


@mistake(
    question="objective",
    hint="The penalty is in the objective but not in the gradients, so descent would never feel it.",
)
def add_penalty__gradient_forgotten(loss, gradients, parameters, strength):
    for w, _ in parameters:
        loss = loss + strength / 2 * np.sum(w**2)
    return loss, gradients


@mistake(
    question="objective",
    hint="The gradients that were handed in are changed in place: += writes into their arrays. Make new ones.",
)
def add_penalty__changed_in_place(loss, gradients, parameters, strength):
    for (w, _), (dw, _) in zip(parameters, gradients, strict=True):
        loss = loss + strength / 2 * np.sum(w**2)
        dw += strength * w
    return loss, gradients


@mistake(
    question="objective",
    hint="The penalty is subtracted. Large weights are to cost something: it is added, in the value and in the gradients.",
)
def add_penalty__subtracted(loss, gradients, parameters, strength):
    new_gradients = []
    for (w, _), (dw, db) in zip(parameters, gradients, strict=True):
        loss = loss - strength / 2 * np.sum(w**2)
        new_gradients.append((dw - strength * w, db))
    return loss, new_gradients


@mistake(
    question="objective",
    hint="The ½ of the penalty is missing in the objective.",
)
def add_penalty__half_forgotten(loss, gradients, parameters, strength):
    new_gradients = []
    for (w, _), (dw, db) in zip(parameters, gradients, strict=True):
        loss = loss + strength * np.sum(w**2)
        new_gradients.append((dw + strength * w, db))
    return loss, new_gradients
