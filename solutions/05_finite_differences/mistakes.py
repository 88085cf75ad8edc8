"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import itertools

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="one-sided",
    hint="The nudge of one entry is still there when the next entry is nudged. "
    "Start every entry from the point itself, so that exactly one entry differs from x.",
)
def one_sided_gradient__nudges_pile_up(f, x, step):
    x = np.array(x, dtype=float)
    gradient = np.empty_like(x)
    nudged = x.copy()
    for i in np.ndindex(x.shape):
        before = f(nudged)
        nudged[i] += step
        gradient[i] = (f(nudged) - before) / step
    return gradient


@mistake(
    question="one-sided",
    hint="x holds integers, and so does its copy: a nudge of 0.5 added to an integer array is cut off to 0. "
    "Work on a copy made of floats.",
)
def one_sided_gradient__integers_cut_off(f, x, step):
    x = np.array(x)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        nudged = x.copy()
        nudged[i] = nudged[i] + step
        gradient[i] = (f(nudged) - f(x)) / step
    return gradient


@mistake(
    question="one-sided",
    hint="This divides by the size of the step and loses its sign. "
    "Looking back, f changes by about h·f' with a negative h, so the quotient has to be taken with the sign as well.",
)
def one_sided_gradient__sign_of_step_lost(f, x, step):
    x = np.array(x, dtype=float)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        nudged = x.copy()
        nudged[i] += step
        gradient[i] = (f(nudged) - f(x)) / abs(step)
    return gradient


@mistake(
    question="one-sided",
    hint="The nudged entry of x is never put back, so the caller's array is changed. Nudge a copy.",
)
def one_sided_gradient__input_changed(f, x, step):
    gradient = np.empty(np.shape(x))
    for i in np.ndindex(np.shape(x)):
        before = f(x.copy())
        x[i] += step
        gradient[i] = (f(x) - before) / step
    return gradient


@mistake(
    question="one-sided",
    hint="This is the central difference, with a nudge to either side and 2h below. "
    "Here the second point is x itself, and the step, with its sign, decides on which side the other one lies.",
)
def one_sided_gradient__central(f, x, step):
    x = np.array(x, dtype=float)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        upper, lower = x.copy(), x.copy()
        upper[i] += step
        lower[i] -= step
        gradient[i] = (f(upper) - f(lower)) / (2 * step)
    return gradient


@mistake(
    question="central-parameters",
    hint="This is a forward difference: it compares with the loss at the point itself. "
    "A central difference compares a nudge up with a nudge down, and divides by 2h.",
)
def central_gradients__one_sided(loss, parameters, step):
    gradients = []
    for k, parameter in enumerate(parameters):
        gradient = np.zeros(np.shape(parameter))
        for i in np.ndindex(gradient.shape):
            nudged = [np.array(p, dtype=float) for p in parameters]
            nudged[k][i] += step
            gradient[i] = (loss(nudged) - loss([np.array(p, dtype=float) for p in parameters])) / step
        gradients.append(gradient)
    return gradients


@mistake(
    question="central-parameters",
    hint="The two nudged points lie 2h apart, but the difference is divided by h, so every slope comes out twice too large.",
)
def central_gradients__divided_by_h(loss, parameters, step):
    gradients = []
    for k, parameter in enumerate(parameters):
        gradient = np.zeros(np.shape(parameter))
        for i in np.ndindex(gradient.shape):
            upper = [np.array(p, dtype=float) for p in parameters]
            lower = [np.array(p, dtype=float) for p in parameters]
            upper[k][i] += step
            lower[k][i] -= step
            gradient[i] = (loss(upper) - loss(lower)) / step
        gradients.append(gradient)
    return gradients


@mistake(
    question="central-parameters",
    hint="list(parameters) copies the list, but the arrays in it are still the caller's, and the nudges stay in them. "
    "Copy each array.",
)
def central_gradients__shallow_copy(loss, parameters, step):
    gradients = []
    for k, parameter in enumerate(parameters):
        gradient = np.zeros(np.shape(parameter))
        for i in np.ndindex(gradient.shape):
            nudged = list(parameters)
            nudged[k][i] += step
            upper = loss(nudged)
            nudged[k][i] -= 2 * step
            gradient[i] = (upper - loss(nudged)) / (2 * step)
        gradients.append(gradient)
    return gradients


@mistake(
    question="jacobian",
    hint="The columns of the Jacobian belong to the inputs, the rows to the outputs. Here they are exchanged: "
    "each nudged input has filled a row.",
)
def jacobian__transposed(f, x, step):
    x = np.array(x, dtype=float)
    rows = []
    for i in range(x.size):
        nudge = np.zeros_like(x)
        nudge[i] = step
        rows.append((f(x + nudge) - f(x - nudge)) / (2 * step))
    return np.stack(rows, axis=0)


@mistake(
    question="jacobian",
    hint="The outputs were added up before the slopes were taken, which leaves one slope for each input. "
    "Each output keeps a row of its own.",
)
def jacobian__outputs_summed(f, x, step):
    x = np.array(x, dtype=float)
    gradient = np.empty_like(x)
    for i in range(x.size):
        nudge = np.zeros_like(x)
        nudge[i] = step
        gradient[i] = (np.sum(f(x + nudge)) - np.sum(f(x - nudge))) / (2 * step)
    return gradient


@mistake(
    question="jacobian",
    hint="This is the forward difference (f(x + h) − f(x)) / h. The question asks for the central one, with a nudge to either side.",
)
def jacobian__one_sided(f, x, step):
    x = np.array(x, dtype=float)
    columns = []
    for i in range(x.size):
        nudge = np.zeros_like(x)
        nudge[i] = step
        columns.append((f(x + nudge) - f(x)) / step)
    return np.stack(columns, axis=1)


@mistake(
    question="best-step",
    hint="This is the best step of the central difference. The quotient here has another truncation error and "
    "adds up three rounded values with the weights 3, 4 and 1.",
)
def best_three_point_step__central(value, third_derivative, precision):
    return np.cbrt(3 * precision * abs(value) / abs(third_derivative))


@mistake(
    question="best-step",
    hint="The step was chosen where the two errors are equal. Their sum is smallest where its derivative with respect to h is zero, which is another place.",
)
def best_three_point_step__errors_equal(value, third_derivative, precision):
    return np.cbrt(12 * precision * abs(value) / abs(third_derivative))


@mistake(
    question="best-step",
    hint="The factors were dropped. Both errors have one, 1/3 and (3 + 4 + 1)/2, and both end up under the root.",
)
def best_three_point_step__no_factor(value, third_derivative, precision):
    return np.cbrt(precision * abs(value) / abs(third_derivative))


@mistake(
    question="best-step",
    hint="Sizes matter here, not signs: take the absolute values of f and f''' before the root.",
)
def best_three_point_step__sign_kept(value, third_derivative, precision):
    return np.cbrt(6 * precision * value / third_derivative)


@mistake(
    question="multiplications",
    hint="Only the weights were nudged. Biases are parameters too: each needs its own nudges, although adding it costs no multiplication.",
)
def multiplications__biases_not_nudged(sizes, n_samples, method):
    n_weights = sum(a * b for a, b in itertools.pairwise(sizes))
    return {"forward": n_weights + 1, "central": 2 * n_weights, "direction": 2}[method] * n_samples * n_weights


@mistake(
    question="multiplications",
    hint="The forward method needs the loss at the point itself as well: one evaluation more than there are parameters.",
)
def multiplications__shared_evaluation_forgotten(sizes, n_samples, method):
    n_weights = sum(a * b for a, b in itertools.pairwise(sizes))
    n_parameters = n_weights + sum(sizes[1:])
    return {"forward": n_parameters, "central": 2 * n_parameters, "direction": 2}[method] * n_samples * n_weights


@mistake(
    question="multiplications",
    hint="A pass over the batch multiplies every weight once for each sample. The number of samples is missing from the product.",
)
def multiplications__one_sample_only(sizes, n_samples, method):
    n_weights = sum(a * b for a, b in itertools.pairwise(sizes))
    n_parameters = n_weights + sum(sizes[1:])
    return {"forward": n_parameters + 1, "central": 2 * n_parameters, "direction": 2}[method] * n_weights


@mistake(
    question="worst-entry",
    hint="This finds the largest difference, not the largest relative error. "
    "A difference of 1 is nothing between 1000 and 1001 and everything between 0.5 and −0.5.",
)
def worst_entry__largest_difference(a, b):
    difference = np.abs(np.asarray(a) - np.asarray(b))
    index = np.unravel_index(np.argmax(difference), difference.shape)
    scale = max(abs(a[index]), abs(b[index]))
    return tuple(int(i) for i in index), float(difference[index] / scale) if scale else 0.0


@mistake(
    question="multiplications",
    hint="Adding a bias was counted as a multiplication. Biases count among what is nudged, not in the price of one pass.",
)
def multiplications__biases_multiplied(sizes, n_samples, method):
    n_parameters = sum((a + 1) * b for a, b in itertools.pairwise(sizes))
    return {"forward": n_parameters + 1, "central": 2 * n_parameters, "direction": 2}[method] * n_samples * n_parameters


@mistake(
    question="worst-entry",
    hint="The difference was divided by |b|, so exchanging a and b changes the result. Divide by the larger of |a| and |b|.",
)
def worst_entry__relative_to_b(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    errors = np.abs(a - b) / np.where(b == 0, 1.0, np.abs(b))
    index = np.unravel_index(np.argmax(errors), errors.shape)
    return tuple(int(i) for i in index), float(errors[index])


@mistake(
    question="worst-entry",
    hint="argmax counts through the flattened array. np.unravel_index turns its answer into one index for each axis.",
)
def worst_entry__flat_index(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    scale = np.maximum(np.abs(a), np.abs(b))
    errors = np.abs(a - b) / np.where(scale == 0, 1.0, scale)
    return (int(np.argmax(errors)),), float(errors.max())


@mistake(
    question="worst-entry",
    hint="Where both entries are 0 this divides 0 by 0, and the NaN that comes out wins every argmax. Give these entries the error 0.",
)
def worst_entry__zero_by_zero(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    with np.errstate(invalid="ignore"):
        errors = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    index = np.unravel_index(np.argmax(errors), errors.shape)
    return tuple(int(i) for i in index), float(errors[index])


@mistake(
    question="slope",
    hint="The direction was scaled to length 1, so the slope no longer grows with v. The question wants the derivative of f(x + t v) for v as it is.",
)
def complex_slope__normalised(f, x, v):
    step = 1e-30
    v = np.asarray(v) / np.linalg.norm(v)
    return float(np.imag(f(np.asarray(x) + 1j * step * v)) / step)


@mistake(
    question="slope",
    hint="This is a real central difference: two evaluations and a subtraction, which costs a third of the digits. Nudge along the imaginary axis and take the imaginary part.",
)
def complex_slope__real_difference(f, x, v):
    step = 1e-3
    return float((f(x + step * v) - f(x - step * v)) / (2 * step))


@mistake(
    question="slope",
    hint="The imaginary part is h times the slope. The division by the step is missing.",
)
def complex_slope__step_not_divided(f, x, v):
    step = 1e-30
    return float(np.imag(f(np.asarray(x) + 1j * step * np.asarray(v))))
