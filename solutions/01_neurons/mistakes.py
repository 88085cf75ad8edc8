"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="parabola",
    hint="The ½ of the cost is missing: this is the mean squared error, and the gradient of the question belongs to half of it.",
)
def parabola_cost__half_forgotten(theta, x, y):
    return np.mean((theta[0] + theta[1] * x + theta[2] * x**2 - y) ** 2)


@mistake(
    question="parabola",
    hint="The squares are summed and not averaged. The cost is a mean, so it does not grow with the number of samples.",
)
def parabola_cost__no_mean(theta, x, y):
    return np.sum((theta[0] + theta[1] * x + theta[2] * x**2 - y) ** 2) / 2


@mistake(
    question="parabola",
    hint="The intercept is missing in the prediction: at x = 0 the parabola is θ₀, not 0.",
)
def parabola_cost__intercept_forgotten(theta, x, y):
    return np.mean((theta[1] * x + theta[2] * x**2 - y) ** 2) / 2


@mistake(
    question="parabola",
    hint="np.polyval takes the highest power first. In θ the intercept stands first.",
)
def parabola_cost__highest_power_first(theta, x, y):
    return np.mean((np.polyval(theta, x) - y) ** 2) / 2


@mistake(
    question="parabola",
    hint="The gradient lacks the 1/N. The cost is a mean over the samples, so its gradient is one too.",
)
def parabola_gradient__no_mean(theta, x, y):
    error = theta[0] + theta[1] * x + theta[2] * x**2 - y
    return np.array([np.sum(error), np.sum(error * x), np.sum(error * x**2)])


@mistake(
    question="parabola",
    hint="There is a 2 too many. The ½ in front of the square takes away the 2 that differentiating brings.",
)
def parabola_gradient__twice(theta, x, y):
    error = theta[0] + theta[1] * x + theta[2] * x**2 - y
    return np.array([2 * np.mean(error), 2 * np.mean(error * x), 2 * np.mean(error * x**2)])


@mistake(
    question="parabola",
    hint="The intercept is missing in the prediction, so all errors are off by θ₀.",
)
def parabola_gradient__intercept_forgotten(theta, x, y):
    error = theta[1] * x + theta[2] * x**2 - y
    return np.array([np.mean(error), np.mean(error * x), np.mean(error * x**2)])


@mistake(
    question="parabola",
    hint="The error was taken as y − ŷ, so the gradient points downhill. It points to where the cost rises.",
)
def parabola_gradient__opposite_sign(theta, x, y):
    error = y - (theta[0] + theta[1] * x + theta[2] * x**2)
    return np.array([np.mean(error), np.mean(error * x), np.mean(error * x**2)])


@mistake(
    question="parabola",
    hint="The last entry multiplies the error with 2θ₂x or with x. Ask what θ₂ is multiplied with in the prediction.",
)
def parabola_gradient__wrong_input_for_the_square(theta, x, y):
    error = theta[0] + theta[1] * x + theta[2] * x**2 - y
    return np.array([np.mean(error), np.mean(error * x), np.mean(error * x)])


@mistake(
    question="parabola",
    hint="The last entry multiplies the error with 2x, the slope of x² along x. The gradient is taken along θ₂, and θ₂ is multiplied with x².",
)
def parabola_gradient__slope_along_x(theta, x, y):
    error = theta[0] + theta[1] * x + theta[2] * x**2 - y
    return np.array([np.mean(error), np.mean(error), np.mean(error * 2 * x)])


@mistake(
    question="parabola",
    hint="The errors multiply the inputs, but nothing is averaged: there is still one column a sample.",
)
def parabola_gradient__not_averaged(theta, x, y):
    error = theta[0] + theta[1] * x + theta[2] * x**2 - y
    return np.array([error, error * x, error * x**2])


@mistake(
    question="fit",
    hint="The parameters come in the order of np.polyfit, highest power first. Here the intercept stands first.",
)
def fit_parabola__reversed(x, y):
    return np.polyfit(x, y, 2)


@mistake(
    question="fit",
    hint="The column of ones is missing, so the parabola is forced through the origin.",
)
def fit_parabola__through_the_origin(x, y):
    slopes = np.linalg.lstsq(np.stack([x, x**2], axis=1), y, rcond=None)[0]
    return np.array([0.0, *slopes])


@mistake(
    question="fit",
    hint="This is the parabola through the first three points. The others have a say too: all squared errors count.",
)
def fit_parabola__first_three_points(x, y):
    return np.linalg.solve(np.stack([np.ones(3), x[:3], x[:3] ** 2], axis=1), y[:3])


@mistake(
    question="signed",
    hint="The formula for labels 0 and 1 was used. Here a no is −1, and with it both of its terms count at once.",
)
def signed_cost__labels_0_and_1(w, b, x, y):
    z = x @ w + b
    return np.mean(np.logaddexp(0, z) - y * z)


@mistake(
    question="signed",
    hint="The costs of the samples are summed; the mean is asked for.",
)
def signed_cost__no_mean(w, b, x, y):
    return np.sum(np.logaddexp(0, -y * (x @ w + b)))


@mistake(
    question="signed",
    hint="The exponential overflows where a sample is far on the wrong side. The question names a form of ln(1 + eᵘ) that does not.",
)
def signed_cost__overflow(w, b, x, y):
    return np.mean(np.log(1 + np.exp(-y * (x @ w + b))))


@mistake(
    question="signed",
    hint="The bias is missing in the score.",
)
def signed_cost__bias_forgotten(w, b, x, y):
    return np.mean(np.logaddexp(0, -y * (x @ w)))


@mistake(
    question="signed",
    hint="The error was taken as σ(z) − y, which belongs to labels 0 and 1. Here a no is −1, and the error comes out twice as large as any probability can be wrong.",
)
def signed_step__labels_0_and_1(w, b, x, y, rate):
    error = (0.5 + 0.5 * np.tanh((x @ w + b) / 2) - y) / len(x)
    return w - rate * error @ x, b - rate * np.sum(error)


@mistake(
    question="signed",
    hint="The gradient lacks the 1/N: with more samples the same learning rate takes larger steps.",
)
def signed_step__no_mean(w, b, x, y, rate):
    slope = -y * (0.5 - 0.5 * np.tanh(y * (x @ w + b) / 2))
    return w - rate * slope @ x, b - rate * np.sum(slope)


@mistake(
    question="signed",
    hint="Only the weights took a step. The bias has a gradient as well, as if its input were always 1.",
)
def signed_step__bias_stays(w, b, x, y, rate):
    slope = -y * (0.5 - 0.5 * np.tanh(y * (x @ w + b) / 2)) / len(x)
    return w - rate * slope @ x, b


@mistake(
    question="signed",
    hint="The errors and the samples are averaged each by itself and then multiplied. Each error belongs to its own sample: multiply first, then take the mean.",
)
def signed_step__product_of_means(w, b, x, y, rate):
    slope = -y * (0.5 - 0.5 * np.tanh(y * (x @ w + b) / 2))
    return w - rate * np.mean(slope) * np.mean(x, axis=0), b - rate * np.mean(slope)


@mistake(
    question="signed",
    hint="The step goes uphill: the gradient is subtracted, not added.",
)
def signed_step__uphill(w, b, x, y, rate):
    slope = -y * (0.5 - 0.5 * np.tanh(y * (x @ w + b) / 2)) / len(x)
    return w + rate * slope @ x, b + rate * np.sum(slope)


@mistake(
    question="signed",
    hint="The step uses σ(yz), the probability of the right answer. What pulls is what is missing to 1, σ(−yz).",
)
def signed_step__right_ones_pull(w, b, x, y, rate):
    slope = -y * (0.5 + 0.5 * np.tanh(y * (x @ w + b) / 2)) / len(x)
    return w - rate * slope @ x, b - rate * np.sum(slope)


@mistake(
    question="sweep",
    hint="The bias never learns. It moves by y with every mistake, like a weight whose input is always 1.",
)
def sweep__bias_forgotten(x, y, w, b):
    mistakes = 0
    for sample, label in zip(x, y, strict=True):
        if label * (sample @ w + b) <= 0:
            w = w + label * sample
            mistakes += 1
    return w, b, mistakes


@mistake(
    question="sweep",
    hint="The sample is added whatever its label. With label −1 it has to be subtracted: it is y x that is added.",
)
def sweep__always_added(x, y, w, b):
    mistakes = 0
    for sample, label in zip(x, y, strict=True):
        if label * (sample @ w + b) <= 0:
            w, b = w + sample, b + label
            mistakes += 1
    return w, b, mistakes


@mistake(
    question="sweep",
    hint="The function returns after the first mistake. The return stands inside the loop; a sweep goes on to the last sample.",
)
def sweep__stops_at_the_first_mistake(x, y, w, b):
    for sample, label in zip(x, y, strict=True):
        if label * (sample @ w + b) <= 0:
            return w + label * sample, b + label, 1
    return w, b, 0


@mistake(
    question="sweep",
    hint="All samples were judged by the weights from before the sweep. Each sample meets what was learned from the ones before it.",
)
def sweep__all_at_once(x, y, w, b):
    wrong = y * (x @ w + b) <= 0
    return w + (y * wrong) @ x, b + np.sum(y * wrong), int(np.sum(wrong))


@mistake(
    question="sweep",
    hint="The weights change with every sample, right or wrong. A perceptron learns from mistakes only.",
)
def sweep__learns_from_right_ones(x, y, w, b):
    mistakes = 0
    for sample, label in zip(x, y, strict=True):
        mistakes += int(label * (sample @ w + b) <= 0)
        w, b = w + label * sample, b + label
    return w, b, mistakes


@mistake(
    question="sweep",
    hint="The answers are 0 and 1, the labels −1 and +1: a right no is then seen as a mistake, and a wrong no is corrected twice as far.",
)
def sweep__answers_0_and_1(x, y, w, b):
    mistakes = 0
    for sample, label in zip(x, y, strict=True):
        error = label - int(sample @ w + b > 0)
        w, b = w + error * sample, b + error
        mistakes += int(error != 0)
    return w, b, mistakes


@mistake(
    question="sweep",
    hint="A sample on the line passes for right. From weights 0 every sample is on the line, so nothing is ever learned.",
)
def sweep__on_the_line_is_right(x, y, w, b):
    mistakes = 0
    for sample, label in zip(x, y, strict=True):
        if label * (sample @ w + b) < 0:
            w, b = w + label * sample, b + label
            mistakes += 1
    return w, b, mistakes


@mistake(
    question="sweep",
    hint="A sample on the line passes for right if its label is −1. On the line there is no right answer: look at what y·z has to be.",
)
def sweep__on_the_line_is_no(x, y, w, b):
    mistakes = 0
    for sample, label in zip(x, y, strict=True):
        if (1 if sample @ w + b > 0 else -1) != label:
            w, b = w + label * sample, b + label
            mistakes += 1
    return w, b, mistakes


@mistake(
    question="sweep",
    hint="w is changed in place: `+=` on an array writes into the array that was handed in. Make a new one.",
)
def sweep__weights_changed_in_place(x, y, w, b):
    mistakes = 0
    for sample, label in zip(x, y, strict=True):
        if label * (sample @ w + b) <= 0:
            w += label * sample
            b += label
            mistakes += 1
    return w, b, mistakes


@mistake(
    question="bound",
    hint="This is R/γ. The theorem has its square.",
)
def mistake_bound__not_squared(x, y, w):
    gamma = np.min(y * (x @ w)) / np.linalg.norm(w)
    return np.max(np.linalg.norm(x, axis=1)) / gamma if gamma > 0 else np.inf


@mistake(
    question="bound",
    hint="The length of w is missing: wᵀx is the distance from the line only if w has length 1.",
)
def mistake_bound__length_of_w_forgotten(x, y, w):
    gamma = np.min(y * (x @ w))
    return (np.max(np.linalg.norm(x, axis=1)) / gamma) ** 2 if gamma > 0 else np.inf


@mistake(
    question="bound",
    hint="R came out as the length of all samples together. Take the length of each row, and then the largest.",
)
def mistake_bound__length_of_all(x, y, w):
    gamma = np.min(y * (x @ w)) / np.linalg.norm(w)
    return (np.linalg.norm(x) / gamma) ** 2 if gamma > 0 else np.inf


@mistake(
    question="bound",
    hint="The labels play no part: distances count on both sides. On the wrong side of the line a distance is negative.",
)
def mistake_bound__labels_ignored(x, y, w):
    gamma = np.min(np.abs(x @ w)) / np.linalg.norm(w)
    return (np.max(np.linalg.norm(x, axis=1)) / gamma) ** 2 if gamma > 0 else np.inf


@mistake(
    question="bound",
    hint="It is not asked whether w separates the classes: squaring hides a negative γ. There the bound is infinite.",
)
def mistake_bound__separation_not_asked(x, y, w):
    gamma = np.min(y * (x @ w)) / np.linalg.norm(w)
    return (np.max(np.linalg.norm(x, axis=1)) / gamma) ** 2


@mistake(
    question="bound",
    hint="γ is taken as the mean of the distances. The nearest sample decides: it is their minimum.",
)
def mistake_bound__mean_distance(x, y, w):
    distances = y * (x @ w) / np.linalg.norm(w)
    return (np.max(np.linalg.norm(x, axis=1)) / np.mean(distances)) ** 2 if np.min(distances) > 0 else np.inf


@mistake(
    question="gates",
    hint="Look at (1, 1): the sum is exactly 0 there, and the unit wants more than 0 for a 1.",
    variable="answers",
)
def answers__zero_counts_as_yes():
    return [1, 0, 1, 1]


@mistake(
    question="gates",
    hint="These are the answers without the bias. It is added to the weighted sum before the sign is looked at.",
    variable="answers",
)
def answers__bias_forgotten():
    return [0, 0, 1, 0]


@mistake(
    question="gates",
    hint="These are answers −1 and +1. A unit of this chapter says 0 and 1.",
    variable="answers",
)
def answers__minus_one_for_no():
    return [1, -1, 1, -1]


@mistake(
    question="gates",
    hint="The bias is 0, so at (0, 0), where NAND is 1, the sum is 0 and the unit says 0. Without a bias every unit says 0 there.",
    variable="nand",
)
def nand__bias_forgotten():
    return [-1.0, -1.0, 0.0]


@mistake(
    question="gates",
    hint="This is AND. NAND says the opposite in all four cases; think of what happens when all three signs change.",
    variable="nand",
)
def nand__and():
    return [1.0, 1.0, -1.5]


@mistake(
    question="gates",
    hint="The threshold stands there with its own sign. Moved to the left side of the inequality it becomes a bias with the opposite sign.",
    variable="majority",
)
def majority__threshold_for_bias():
    return [1.0, 1.0, 1.0, 1.5]


@mistake(
    question="gates",
    hint="With the bias −2 two votes make a sum of exactly 0, and the unit wants more than 0.",
    variable="majority",
)
def majority__two_is_not_enough():
    return [1.0, 1.0, 1.0, -2.0]


@mistake(
    question="network",
    hint="The hidden units hand on their sums. They say 0 or 1, too; without that step the two layers are no more than one.",
)
def two_layers__hidden_without_threshold(x, w1, b1, w2, b2):
    hidden = x @ w1.T + b1
    return (hidden @ w2 + b2 > 0) * 1, hidden


@mistake(
    question="network",
    hint="The output unit hands on its sum. It says 1 where the sum is greater than 0, and 0 elsewhere.",
)
def two_layers__output_without_threshold(x, w1, b1, w2, b2):
    hidden = (x @ w1.T + b1 > 0) * 1
    return hidden @ w2 + b2, hidden


@mistake(
    question="network",
    hint="np.sign says −1 for a no. The units here say 0, and the next layer counts on it.",
)
def two_layers__minus_one_for_no(x, w1, b1, w2, b2):
    hidden = np.sign(x @ w1.T + b1)
    return np.sign(hidden @ w2 + b2), hidden


@mistake(
    question="network",
    hint="A sum of exactly 0 counts as a yes here. The units want more than 0.",
)
def two_layers__zero_counts_as_yes(x, w1, b1, w2, b2):
    hidden = (x @ w1.T + b1 >= 0) * 1
    return (hidden @ w2 + b2 >= 0) * 1, hidden


@mistake(
    question="network",
    hint="The product is x W₁, which takes columns for units. Row k of W₁ belongs to hidden unit k, so for samples in rows it is x W₁ᵀ. With as many units as inputs nothing but the values tells.",
)
def two_layers__transposed(x, w1, b1, w2, b2):
    hidden = (x @ w1.reshape(x.shape[1], -1) + b1 > 0) * 1
    return (hidden @ w2 + b2 > 0) * 1, hidden


@mistake(
    question="network",
    hint="The biases of the hidden layer are missing, so all its lines run through the origin.",
)
def two_layers__bias_forgotten(x, w1, b1, w2, b2):
    hidden = (x @ w1.T > 0) * 1
    return (hidden @ w2 + b2 > 0) * 1, hidden


@mistake(
    question="network",
    hint="This network says 1 where the inputs differ. Where they are the same is just the opposite: the output unit has to be turned round.",
    variable="same",
)
def same__xor():
    return [[[1.0, -1.0], [-1.0, 1.0]], [-0.5, -0.5], [1.0, 1.0], -0.5]


@mistake(
    question="network",
    hint="The output unit's weights were turned round, but its bias was not. With both hidden units at 0 it must say 1, so the bias has to be above 0.",
    variable="same",
)
def same__bias_not_turned():
    return [[[1.0, -1.0], [-1.0, 1.0]], [-0.5, -0.5], [-1.0, -1.0], -0.5]
