"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="norms",
    hint="This is the mean size of an entry, not the length of the vector. A mean does not grow with the number of entries; the norm is the root of the sum of squares.",
)
def gradient_norms__mean_instead_of_norm(gradients):
    return np.array([np.mean(np.abs(np.concatenate([dw.ravel(), db]))) for dw, db in gradients])


@mistake(
    question="norms",
    hint="The biases are missing. A layer's gradient has the entries of dw and of db.",
)
def gradient_norms__biases_forgotten(gradients):
    return np.array([np.linalg.norm(dw) for dw, _ in gradients])


@mistake(
    question="norms",
    hint="The norms of dw and db are added. For one long vector their squares are added, and the root is taken once, at the end.",
)
def gradient_norms__norms_added(gradients):
    return np.array([np.linalg.norm(dw) + np.linalg.norm(db) for dw, db in gradients])


@mistake(
    question="norms",
    hint="The layers are counted from the wrong end. The list begins with the first layer, and so does the result.",
)
def gradient_norms__from_the_wrong_end(gradients):
    return np.array([np.sqrt(np.sum(dw**2) + np.sum(db**2)) for dw, db in gradients[::-1]])


@mistake(
    question="norms",
    hint="The root is missing: these are the squares of the norms.",
)
def gradient_norms__no_root(gradients):
    return np.array([np.sum(dw**2) + np.sum(db**2) for dw, db in gradients])


@mistake(
    question="shrinkage",
    hint="The layers are counted from the wrong end: this is the factor of a step *forwards*. On the way back one comes from the last layer and arrives at the first.",
)
def factor_per_step__from_the_wrong_end(norms):
    return (norms[-1] / norms[0]) ** (1 / (len(norms) - 1))


@mistake(
    question="shrinkage",
    hint="The root is taken by the number of layers. Between L layers there are L − 1 steps.",
)
def factor_per_step__layers_for_steps(norms):
    return (norms[0] / norms[-1]) ** (1 / len(norms))


@mistake(
    question="shrinkage",
    hint="The ratio of the first and the last norm is divided by the number of steps. Factors multiply, so it takes a root.",
)
def factor_per_step__divided(norms):
    return norms[0] / norms[-1] / (len(norms) - 1)


@mistake(
    question="shrinkage",
    hint="This is the arithmetic mean of the factors. Multiplied by itself as many times as there are steps, it does not lead from the last norm to the first.",
)
def factor_per_step__arithmetic_mean(norms):
    norms = np.asarray(norms)
    return np.mean(norms[:-1] / norms[1:])


@mistake(
    question="gain",
    hint="The mean of the slopes was squared. q is the mean of the squares, which is larger wherever slopes differ.",
)
def expected_gain__square_of_the_mean(slopes, w_next):
    return np.sqrt(slopes.shape[1] * np.mean(w_next**2) * np.mean(slopes) ** 2)


@mistake(
    question="gain",
    hint="The number of units was taken from the next layer. M counts the units that the delta arrives at, the columns of w_next.",
)
def expected_gain__units_of_the_next_layer(slopes, w_next):
    return np.sqrt(len(w_next) * np.mean(w_next**2) * np.mean(slopes**2))


@mistake(
    question="gain",
    hint="The root is missing: this is the factor for the *square* of the delta's norm.",
)
def expected_gain__no_root(slopes, w_next):
    return slopes.shape[1] * np.mean(w_next**2) * np.mean(slopes**2)


@mistake(
    question="gain",
    hint="The number of units is missing. v and q are means over entries, while the delta's norm is a sum over units.",
)
def expected_gain__units_forgotten(slopes, w_next):
    return np.sqrt(np.mean(w_next**2) * np.mean(slopes**2))


@mistake(
    question="product",
    hint="The slopes are missing. Each step back multiplies by a transposed matrix and then by the slopes of the layer it arrives at.",
)
def first_delta__slopes_forgotten(last_delta, weights, slopes):
    delta = last_delta
    for w in reversed(weights):
        delta = w.T @ delta
    return delta


@mistake(
    question="product",
    hint="The layers were walked from the first to the last. The delta starts at the output, so the last matrix comes first.",
)
def first_delta__order_not_reversed(last_delta, weights, slopes):
    delta = last_delta
    for w, slope in zip(weights, slopes, strict=True):
        delta = slope * (w.T @ delta)
    return delta


@mistake(
    question="product",
    hint="The matrices were not transposed. Forwards a value goes through W, and its gradient comes back through the transpose.",
)
def first_delta__not_transposed(last_delta, weights, slopes):
    delta = last_delta
    for w, slope in zip(reversed(weights), reversed(slopes), strict=True):
        delta = slope * (w @ delta)
    return delta


@mistake(
    question="product",
    hint="The matrices were walked backwards and the slopes forwards. Each step needs the slopes of the layer that it arrives at.",
)
def first_delta__slopes_from_the_wrong_end(last_delta, weights, slopes):
    delta = last_delta
    for w, slope in zip(reversed(weights), slopes, strict=True):
        delta = (w.T @ delta) * slope
    return delta


@mistake(
    question="silent",
    hint="A pre-activation of exactly 0 counts as active here. The rectifier's output is 0 there too.",
)
def silence_per_unit__zero_is_active(z):
    return np.mean(z < 0, axis=0)


@mistake(
    question="silent",
    hint="This is the share for each *sample*. Units are columns: average over the rows.",
)
def silence_per_unit__per_sample(z):
    return np.mean(z <= 0, axis=1)


@mistake(
    question="silent",
    hint="This is the share of samples for which a unit is *active*.",
)
def silence_per_unit__active_share(z):
    return np.mean(z > 0, axis=0)


@mistake(
    question="silent",
    hint="These are counts. A share is divided by the number of samples.",
)
def silence_per_unit__counts(z):
    return np.sum(z <= 0, axis=0)


@mistake(
    question="dead",
    hint="Units were reported that are silent for *one* sample. A dead unit is silent for all of them.",
)
def dead_units__silent_for_one_sample(batches):
    return np.flatnonzero(np.any(np.concatenate(batches) <= 0, axis=0))


@mistake(
    question="dead",
    hint="Only the last batch has been looked at. A unit that is silent there may be active in an earlier one.",
)
def dead_units__last_batch_only(batches):
    return np.flatnonzero(np.all(batches[-1] <= 0, axis=0))


@mistake(
    question="dead",
    hint="A unit that is silent throughout *one* batch was reported. It has to be silent in every batch.",
)
def dead_units__in_one_batch(batches):
    return np.flatnonzero(np.any([np.all(z <= 0, axis=0) for z in batches], axis=0))


@mistake(
    question="dead",
    hint="The mean pre-activation decides here. A unit with a negative mean may still be active for some samples; look at each of them.",
)
def dead_units__mean_is_negative(batches):
    return np.flatnonzero(np.mean(np.concatenate(batches), axis=0) <= 0)


@mistake(
    question="dead",
    hint="The result has a true or false for every unit. Asked for are the numbers of the dead ones.",
)
def dead_units__mask(batches):
    return np.all(np.concatenate(batches) <= 0, axis=0)


@mistake(
    question="pieces",
    hint="Only changes of direction are counted. A bend from one rising piece to a steeper one begins a new piece as well.",
)
def count_pieces__turning_points(x, y):
    return 1 + np.count_nonzero(np.diff(np.sign(np.diff(y))))


@mistake(
    question="pieces",
    hint="The differences of y are compared as if all points were evenly spaced. A slope is a difference of y over the difference of x.",
)
def count_pieces__spacing_ignored(x, y):
    return 1 + np.count_nonzero(np.abs(np.diff(y, 2)) >= 1e-6)


@mistake(
    question="pieces",
    hint="These are the bends. There is one piece more than there are bends.",
)
def count_pieces__bends(x, y):
    return np.count_nonzero(np.abs(np.diff(np.diff(y) / np.diff(x))) >= 1e-6)


@mistake(
    question="pieces",
    hint="The biases are missing in both counts: every hidden unit and the output have one.",
)
def tent_parameters__no_biases(pieces):
    folds = int(pieces).bit_length() - 1
    return 2 + 4 * (folds - 1) + 2, 2 * (pieces - 1)


@mistake(
    question="pieces",
    hint="The wide network was given one unit a piece. One unit less is enough: it takes a unit for each bend, and one for the first slope.",
)
def tent_parameters__one_unit_too_many(pieces):
    folds = int(pieces).bit_length() - 1
    return 4 + 6 * (folds - 1) + 3, 3 * pieces + 1


@mistake(
    question="diagnosis",
    hint="A loss that is not a number passes as healthy. Comparisons with NaN are always false, so ask for it before you compare.",
)
def diagnose__nan_passes(loss, classes, norms, dead_shares):
    if loss > 2 * np.log(classes):
        return "scale"
    if np.max(dead_shares) > 0.5:
        return "dead"
    if norms[0] < norms[-1] / 1000:
        return "vanishing"
    return "exploding" if norms[0] > 1000 * norms[-1] else "healthy"


@mistake(
    question="diagnosis",
    hint="The layers are counted from the wrong end: vanishing and exploding are exchanged. The first norm belongs to the layer next to the input.",
)
def diagnose__from_the_wrong_end(loss, classes, norms, dead_shares):
    if not np.isfinite(loss) or loss > 2 * np.log(classes):
        return "scale"
    if np.max(dead_shares) > 0.5:
        return "dead"
    if norms[-1] < norms[0] / 1000:
        return "vanishing"
    return "exploding" if norms[-1] > 1000 * norms[0] else "healthy"


@mistake(
    question="diagnosis",
    hint="The dead shares are averaged over the layers. One layer in which most units are dead is enough to stop what comes through.",
)
def diagnose__mean_of_the_layers(loss, classes, norms, dead_shares):
    if not np.isfinite(loss) or loss > 2 * np.log(classes):
        return "scale"
    if np.mean(dead_shares) > 0.5:
        return "dead"
    if norms[0] < norms[-1] / 1000:
        return "vanishing"
    return "exploding" if norms[0] > 1000 * norms[-1] else "healthy"


@mistake(
    question="diagnosis",
    hint="The gradients are looked at before the dead units. Where several cases apply, the first of the list is wanted.",
)
def diagnose__order_changed(loss, classes, norms, dead_shares):
    if not np.isfinite(loss) or loss > 2 * np.log(classes):
        return "scale"
    if norms[0] < norms[-1] / 1000:
        return "vanishing"
    if norms[0] > 1000 * norms[-1]:
        return "exploding"
    return "dead" if np.max(dead_shares) > 0.5 else "healthy"
