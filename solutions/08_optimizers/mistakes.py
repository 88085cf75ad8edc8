"""Wrong answers that real people hand in, each with the hint that its author should read.

A function is named after the student's function and, behind two underscores, after the mistake.
"""

import numpy as np

from autograder.mistakes import mistake


@mistake(
    question="step",
    hint="The step goes with the gradient, so uphill. Which way does the loss fall?",
)
def decayed_step__uphill(theta, gradient, rate, strength):
    return theta + rate * (gradient + strength * theta)


@mistake(
    question="step",
    hint="The pull of the penalty is not multiplied by the learning rate. It is part of the gradient like the rest.",
)
def decayed_step__decay_without_rate(theta, gradient, rate, strength):
    return theta - rate * gradient - strength * theta


@mistake(
    question="step",
    hint="The penalty pulls twice as hard as it should: the ½ in front of ‖θ‖² takes the 2 away.",
)
def decayed_step__penalty_doubled(theta, gradient, rate, strength):
    return theta - rate * (gradient + 2 * strength * theta)


@mistake(
    question="step",
    hint="theta itself is changed, so whoever called has lost the old point. Make a new array.",
)
def decayed_step__in_place(theta, gradient, rate, strength):
    theta -= rate * (gradient + strength * theta)
    return theta


@mistake(
    question="batches",
    hint="The last batch is dropped where it is smaller. Its samples are then not seen in this epoch; it should have what is left.",
)
def deal__last_batch_dropped(x, y, size, rng):
    batches = []
    order = rng.permutation(len(x))
    for k in range(len(x) // size):
        rows = order[k * size : (k + 1) * size]
        batches.append((x[rows], y[rows]))
    return batches


@mistake(
    question="batches",
    hint="The samples are shuffled and their targets are not, so each sample meets a stranger's target. One order has to serve both.",
)
def deal__targets_not_shuffled(x, y, size, rng):
    batches = []
    order = rng.permutation(len(x))
    for start in range(0, len(x), size):
        batches.append((x[order[start : start + size]], y[start : start + size]))
    return batches


@mistake(
    question="batches",
    hint="Each batch is drawn by itself, so some samples come twice in an epoch and others never. Draw one order for the whole epoch.",
)
def deal__drawn_with_replacement(x, y, size, rng):
    batches = []
    for start in range(0, len(x), size):
        rows = rng.integers(0, len(x), min(size, len(x) - start))
        batches.append((x[rows], y[rows]))
    return batches


@mistake(
    question="batches",
    hint="Only the order inside each batch is drawn, so a batch has the same samples in every epoch. Draw one order for all samples, and cut it.",
)
def deal__shuffled_inside_batches(x, y, size, rng):
    batches = []
    for start in range(0, len(x), size):
        rows = start + rng.permutation(min(size, len(x) - start))
        batches.append((x[rows], y[rows]))
    return batches


@mistake(
    question="batches",
    hint="The samples come in the order in which they were handed in. The order has to be drawn anew for every epoch.",
)
def deal__not_shuffled(x, y, size, rng):
    batches = []
    for start in range(0, len(x), size):
        batches.append((x[start : start + size], y[start : start + size]))
    return batches


@mistake(
    question="momentum",
    hint="Here the velocity already points downhill, because −ηg was added to it. It is added to θ, not subtracted.",
)
def heavy_step__sign(theta, velocity, gradient, rate, momentum):
    velocity = momentum * velocity - rate * gradient
    return theta - velocity, velocity


@mistake(
    question="momentum",
    hint="The gradient enters the velocity with a plus, so the step leads uphill. Look at the sign of ηg.",
)
def heavy_step__uphill(theta, velocity, gradient, rate, momentum):
    velocity = momentum * velocity + rate * gradient
    return theta + velocity, velocity


@mistake(
    question="momentum",
    hint="The learning rate was applied twice, in the velocity and again in the step. In this form the velocity is the step.",
)
def heavy_step__rate_twice(theta, velocity, gradient, rate, momentum):
    velocity = momentum * velocity - rate * gradient
    return theta + rate * velocity, velocity


@mistake(
    question="momentum",
    hint="θ moves with the velocity of the step before. The gradient has to reach the velocity first.",
)
def heavy_step__old_velocity(theta, velocity, gradient, rate, momentum):
    return theta + velocity, momentum * velocity - rate * gradient


@mistake(
    question="adam",
    hint="The bias correction is missing. Both means begin with 0, so in the first steps they are too small, and by different factors.",
)
def adamw_step__no_bias_correction(theta, m, s, gradient, t, rate, beta1, beta2, epsilon, strength):
    m = beta1 * m + (1 - beta1) * gradient
    s = beta2 * s + (1 - beta2) * gradient**2
    return theta - rate * (m / (np.sqrt(s) + epsilon) + strength * theta), m, s


@mistake(
    question="adam",
    hint="ε stands inside the root, where it counts far more. It is added after the root has been taken.",
)
def adamw_step__epsilon_inside(theta, m, s, gradient, t, rate, beta1, beta2, epsilon, strength):
    m = beta1 * m + (1 - beta1) * gradient
    s = beta2 * s + (1 - beta2) * gradient**2
    corrected = (m / (1 - beta1**t)) / np.sqrt(s / (1 - beta2**t) + epsilon)
    return theta - rate * (corrected + strength * theta), m, s


@mistake(
    question="adam",
    hint="The weight decay went into the gradient, so it is averaged and divided like the rest. In AdamW it stays beside the quotient.",
)
def adamw_step__decay_in_the_gradient(theta, m, s, gradient, t, rate, beta1, beta2, epsilon, strength):
    gradient = gradient + strength * theta
    m = beta1 * m + (1 - beta1) * gradient
    s = beta2 * s + (1 - beta2) * gradient**2
    corrected = (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + epsilon)
    return theta - rate * corrected, m, s


@mistake(
    question="adam",
    hint="The corrected means are returned, so the next step corrects them once more. Return m and s as they were before the division.",
)
def adamw_step__corrected_returned(theta, m, s, gradient, t, rate, beta1, beta2, epsilon, strength):
    m = (beta1 * m + (1 - beta1) * gradient) / (1 - beta1**t)
    s = (beta2 * s + (1 - beta2) * gradient**2) / (1 - beta2**t)
    return theta - rate * (m / (np.sqrt(s) + epsilon) + strength * theta), m, s


@mistake(
    question="adam",
    hint="The root is missing: the mean of the squares has the size of a squared gradient, and dividing by it leaves steps of the size 1/g.",
)
def adamw_step__no_root(theta, m, s, gradient, t, rate, beta1, beta2, epsilon, strength):
    m = beta1 * m + (1 - beta1) * gradient
    s = beta2 * s + (1 - beta2) * gradient**2
    corrected = (m / (1 - beta1**t)) / (s / (1 - beta2**t) + epsilon)
    return theta - rate * (corrected + strength * theta), m, s


@mistake(
    question="newton",
    hint="This is Newton's own step, which goes uphill where the curvature is negative. Take the absolute values of the eigenvalues.",
)
def saddle_free_step__plain_newton(theta, gradient, hessian):
    return theta - np.linalg.solve(hessian, gradient)


@mistake(
    question="newton",
    hint="The absolute values were taken of the matrix's entries. It is the eigenvalues that tell up from down.",
)
def saddle_free_step__absolute_entries(theta, gradient, hessian):
    return theta - np.linalg.pinv(np.abs(hessian)) @ gradient


@mistake(
    question="newton",
    hint="The step is multiplied by the curvatures. A strong curvature asks for a short step, so divide by them.",
)
def saddle_free_step__multiplied(theta, gradient, hessian):
    curvatures, directions = np.linalg.eigh(hessian)
    return theta - directions @ (np.abs(curvatures) * (directions.T @ gradient))


@mistake(
    question="newton",
    hint="The eigenvectors are missing: the entries of the gradient are divided by curvatures of other directions. Turn the gradient into the eigenvectors' directions first, and back afterwards.",
)
def saddle_free_step__not_turned(theta, gradient, hessian):
    curvatures, _ = np.linalg.eigh(hessian)
    return theta - gradient / np.abs(curvatures[::-1])


@mistake(
    question="conjugate",
    hint="Every direction is the residual alone: that is steepest descent. The old direction has to be mixed into the new one.",
)
def solve_without_matrix__steepest_descent(multiply, b, theta):
    residual = b - multiply(theta)
    for _ in range(len(b)):
        squared = residual @ residual
        if squared == 0:
            break
        image = multiply(residual)
        length = squared / (residual @ image)
        theta = theta + length * residual
        residual = residual - length * image
    return theta


@mistake(
    question="conjugate",
    hint="The share of the old direction is upside down. It is the new squared residual over the old one.",
)
def solve_without_matrix__share_inverted(multiply, b, theta):
    residual = b - multiply(theta)
    direction = residual
    for _ in range(len(b)):
        squared = residual @ residual
        if squared < 1e-24:
            break
        image = multiply(direction)
        length = squared / (direction @ image)
        theta = theta + length * direction
        residual = residual - length * image
        new = residual @ residual
        if new < 1e-24:
            break
        direction = residual + squared / new * direction
    return theta


@mistake(
    question="conjugate",
    hint="The walk starts with the residual b, which is right only at 0. At another start it is b − Aθ.",
)
def solve_without_matrix__residual_of_zero(multiply, b, theta):
    residual = b.copy()
    direction = residual
    for _ in range(len(b)):
        squared = residual @ residual
        if squared < 1e-24:
            break
        image = multiply(direction)
        length = squared / (direction @ image)
        theta = theta + length * direction
        residual = residual - length * image
        direction = residual + (residual @ residual) / squared * direction
    return theta


@mistake(
    question="search",
    hint="Any decrease is accepted. The loss has to fall by a share of what the slope promises, which is in c, the length and gᵀd.",
)
def backtrack__any_decrease(loss, theta, gradient, direction, first, decrease, shrink):
    length = first
    while loss(theta + length * direction) >= loss(theta):
        length = length * shrink
    return length


@mistake(
    question="search",
    hint="The bound does not depend on the length: c·gᵀd alone asks a short step for as much as a long one.",
)
def backtrack__length_forgotten(loss, theta, gradient, direction, first, decrease, shrink):
    length = first
    bound = loss(theta) + decrease * (gradient @ direction)
    while loss(theta + length * direction) > bound and length > 1e-9:
        length = length * shrink
    return length


@mistake(
    question="search",
    hint="The bound rises with the length: the slope gᵀd is negative, and its sign was turned. So steps that raise the loss pass.",
)
def backtrack__sign_of_the_slope(loss, theta, gradient, direction, first, decrease, shrink):
    length, slope = first, abs(gradient @ direction)
    while loss(theta + length * direction) > loss(theta) + decrease * length * slope:
        length = length * shrink
    return length


@mistake(
    question="search",
    hint="The length is shortened once too often, or before the first one was tried. If the first length is good, it is the answer.",
)
def backtrack__first_not_tried(loss, theta, gradient, direction, first, decrease, shrink):
    length = first * shrink
    while loss(theta + length * direction) > loss(theta) + decrease * length * (gradient @ direction):
        length = length * shrink
    return length


@mistake(
    question="start",
    hint="This takes the fan-out. The sum of a unit runs over its inputs, and weights are (out, in).",
)
def leaky_scale__fan_out(shape, slope):
    return np.sqrt(2 / ((1 + slope**2) * shape[0] * np.prod(shape[2:])))


@mistake(
    question="start",
    hint="A kernel's height and width are missing from the fan-in: each unit of a convolution sums over all of them, for every channel.",
)
def leaky_scale__kernel_forgotten(shape, slope):
    return np.sqrt(2 / ((1 + slope**2) * shape[1]))


@mistake(
    question="start",
    hint="This is the variance. The standard deviation is its root.",
)
def leaky_scale__variance(shape, slope):
    return 2 / ((1 + slope**2) * np.prod(shape[1:]))


@mistake(
    question="start",
    hint="This is the standard deviation. A uniform distribution from −r to r has the variance r²/3, so r is longer.",
)
def glorot_limit__standard_deviation(shape):
    return np.sqrt(2 / ((shape[0] + shape[1]) * np.prod(shape[2:])))


@mistake(
    question="start",
    hint="Only the fan-in was used, which is He's start. Glorot's variance has both fans.",
)
def glorot_limit__fan_in_only(shape):
    return np.sqrt(6 / np.prod(shape[1:]))
