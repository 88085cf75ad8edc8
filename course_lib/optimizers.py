"""Optimisation, the module of chapter 8: ways downhill, all over one flat vector of parameters.

First the rules that take one gradient and make one step: gradient descent, momentum, Nesterov, Adam, with a learning
rate that may follow a schedule. Then the walks that use them, on the whole loss or on mini-batches; and the methods
that choose direction and length by themselves: Newton, conjugate gradients, L-BFGS. Every walk is a generator that
yields its path as it goes, so a reader can plot it, count what it cost, and stop when there is a reason to: a small
gradient, a validation loss that no longer falls, a budget that is spent. "Until θ stops changing" is none.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from course_lib._line_search import Trial, strong_wolfe
from course_lib._shapes import as_count, as_float, as_number, as_positive, require_shape

Schedule = Callable[[int], float]
LossAndGradient = Callable[[np.ndarray], tuple[Any, ArrayLike]]


class Step(NamedTuple):
    """A point of a path: where it is, what is known there, and what it has cost to get there."""

    theta: np.ndarray
    """θ, shape (P,)."""
    value: float
    """The loss."""
    gradient_norm: float
    """‖∇J‖."""
    evaluations: int
    """How often the loss and its gradient have been computed so far."""


class Rule(Protocol):
    """What makes θ_{t+1} of θ_t and g_t, by Equation :eq:`gradient-descent` or another of its kind."""

    def step(self, theta: ArrayLike, gradient: ArrayLike) -> np.ndarray: ...


class GradientDescent:
    """Step against the gradient: θ ← θ − η g.  Equation :eq:`gradient-descent`.

    Parameters
    ----------
    learning_rate : float or callable
        η > 0, or a schedule: from the number of the step, beginning with 0, to η.

    Raises
    ------
    ValueError
        If the learning rate is not positive, or theta and gradient differ in shape.

    References
    ----------
    Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", Comptes rendus 25, 1847.

    Examples
    --------
    >>> GradientDescent(0.1).step([1.0, 2.0], [10.0, -10.0])
    array([0., 3.])
    """

    def __init__(self, learning_rate: float | Schedule) -> None:
        self._rate = _as_schedule(learning_rate)
        self._steps = 0

    def step(self, theta: ArrayLike, gradient: ArrayLike) -> np.ndarray:
        """Return the new θ; nothing is changed in place."""
        theta, gradient = _read_step(theta, gradient)
        return theta - self._next_rate() * gradient

    def _next_rate(self) -> float:
        rate = self._rate(self._steps)
        if not rate >= 0:
            raise ValueError(f"learning_rate must not be negative, but its schedule gives {rate} at step {self._steps}")
        self._steps += 1
        return float(rate)


class Momentum(GradientDescent):
    """Let the gradients of earlier steps go on pushing: v ← μ v + g, θ ← θ − η v.  Equation :eq:`momentum`.

    On a long even slope v grows to g / (1 − μ), so that η works like η / (1 − μ).

    Parameters
    ----------
    learning_rate : float or callable
        η > 0, or a schedule.
    momentum : float
        μ, at least 0 and less than 1.

    Raises
    ------
    ValueError
        If the learning rate is not positive, momentum is not in [0, 1), or theta and gradient differ in shape.

    References
    ----------
    Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational Mathematics and
    Mathematical Physics 4, 1964.

    Examples
    --------
    >>> rule = Momentum(0.1, momentum=0.5)
    >>> theta = rule.step([0.0], [1.0])
    >>> rule.step(theta, [1.0])  # −0.1 − 0.1·(0.5 + 1)
    array([-0.25])
    """

    def __init__(self, learning_rate: float | Schedule, momentum: float = 0.9) -> None:
        super().__init__(learning_rate)
        self._momentum = as_number("momentum", momentum, at_least=0, less_than=1)
        self._velocity: Any = 0.0

    def step(self, theta: ArrayLike, gradient: ArrayLike) -> np.ndarray:
        """Return the new θ; nothing is changed in place."""
        theta, gradient = _read_step(theta, gradient)
        self._velocity = self._momentum * self._velocity + gradient
        return theta - self._next_rate() * self._velocity


class Nesterov(Momentum):
    """Momentum that looks ahead: v ← μ v + g, θ ← θ − η (g + μ v).  Equation :eq:`nesterov`.

    Written for the point at which the gradient is taken, which is one push ahead of where plain momentum takes it.

    Parameters
    ----------
    learning_rate : float or callable
        η > 0, or a schedule.
    momentum : float
        μ, at least 0 and less than 1.

    Raises
    ------
    ValueError
        As `Momentum`.

    References
    ----------
    Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k²)", Soviet Mathematics
    Doklady 27, 1983; in this form Sutskever, Martens, Dahl and Hinton, ICML 2013.

    Examples
    --------
    >>> Nesterov(0.1, momentum=0.5).step([0.0], [1.0])  # −0.1·(1 + 0.5·1)
    array([-0.15])
    """

    def step(self, theta: ArrayLike, gradient: ArrayLike) -> np.ndarray:
        """Return the new θ; nothing is changed in place."""
        theta, gradient = _read_step(theta, gradient)
        self._velocity = self._momentum * self._velocity + gradient
        return theta - self._next_rate() * (gradient + self._momentum * self._velocity)


class Adam(GradientDescent):
    """Give every parameter a step of about η, whatever the size of its gradient.  Equation :eq:`adam`.

    m ← β₁ m + (1 − β₁) g and s ← β₂ s + (1 − β₂) g² are running means of the gradient and of its square. They start
    at 0, so after t steps they are too small by 1 − β₁ᵗ and 1 − β₂ᵗ; divided by that, they are m̂ and ŝ, and
    θ ← θ − η m̂ / (√ŝ + ε). Note that ε stands outside the root.

    Parameters
    ----------
    learning_rate : float or callable
        η > 0, or a schedule.
    beta1, beta2 : float
        Memory of the two means, at least 0 and less than 1.
    epsilon : float
        ε > 0, keeps the quotient finite.

    Raises
    ------
    ValueError
        If a number is outside its range, or theta and gradient differ in shape.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.

    Examples
    --------
    >>> Adam(0.1).step([0.0, 0.0], [5.0, -0.001]).round(3)  # the first step is η against the sign
    array([-0.1,  0.1])
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate)
        self._beta1 = as_number("beta1", beta1, at_least=0, less_than=1)
        self._beta2 = as_number("beta2", beta2, at_least=0, less_than=1)
        self._epsilon = as_positive("epsilon", epsilon)
        self._mean: Any = 0.0
        self._square: Any = 0.0

    def step(self, theta: ArrayLike, gradient: ArrayLike) -> np.ndarray:
        """Return the new θ; nothing is changed in place."""
        theta, gradient = _read_step(theta, gradient)
        rate = self._next_rate()
        self._mean = self._beta1 * self._mean + (1 - self._beta1) * gradient
        self._square = self._beta2 * self._square + (1 - self._beta2) * gradient * gradient
        mean = self._mean / (1 - self._beta1**self._steps)
        square = self._square / (1 - self._beta2**self._steps)
        return theta - rate * mean / (np.sqrt(square) + self._epsilon)


# ---- learning rates that change ----------------------------------------------------------------------------------


def step_decay(rate: float, factor: float, every: int) -> Schedule:
    """Multiply the learning rate by a factor from time to time: η_t = η₀ γ^⌊t/k⌋.  Equation :eq:`step-decay`.

    Parameters
    ----------
    rate : float
        η₀ > 0.
    factor : float
        γ, in (0, 1].
    every : int
        k, in steps.

    Returns
    -------
    callable
        From the number of the step, beginning with 0, to its learning rate.

    Raises
    ------
    ValueError
        If a number is outside its range.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.3.1.

    Examples
    --------
    >>> schedule = step_decay(0.8, 0.5, every=10)
    >>> [schedule(t) for t in (0, 9, 10, 25)]
    [0.8, 0.8, 0.4, 0.2]
    """
    rate, factor, every = as_positive("rate", rate), as_positive("factor", factor), as_count("every", every)
    if factor > 1:
        raise ValueError(f"factor must be at most 1, but is {factor}")
    return lambda t: rate * factor ** (t // every)


def exponential_decay(rate: float, factor: float) -> Schedule:
    """Multiply the learning rate by a factor at every step: η_t = η₀ γᵗ.  Equation :eq:`exponential-decay`.

    Parameters
    ----------
    rate : float
        η₀ > 0.
    factor : float
        γ, in (0, 1].

    Returns
    -------
    callable
        From the number of the step to its learning rate.

    Raises
    ------
    ValueError
        If a number is outside its range.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.3.1.

    Examples
    --------
    >>> schedule = exponential_decay(0.8, 0.5)
    >>> [schedule(t) for t in (0, 1, 2)]
    [0.8, 0.4, 0.2]
    """
    return step_decay(rate, factor, 1)


def inverse_time_decay(rate: float, decay: float) -> Schedule:
    """Let the learning rate fall like one over the time: η_t = η₀ / (1 + κ t).  Equation :eq:`inverse-time-decay`.

    The sum of these rates has no bound and that of their squares has one, which is what stochastic descent needs to
    reach the minimum of a convex loss in spite of its noise.

    Parameters
    ----------
    rate : float
        η₀ > 0.
    decay : float
        κ > 0; after 1/κ steps the rate is half.

    Returns
    -------
    callable
        From the number of the step to its learning rate.

    Raises
    ------
    ValueError
        If a number is outside its range.

    References
    ----------
    Robbins and Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22, 1951.

    Examples
    --------
    >>> schedule = inverse_time_decay(0.8, 0.1)
    >>> [schedule(t) for t in (0, 10, 30)]
    [0.8, 0.4, 0.2]
    """
    rate, decay = as_positive("rate", rate), as_positive("decay", decay)
    return lambda t: rate / (1 + decay * t)


def cosine_decay(rate: float, steps: int, final: float = 0.0) -> Schedule:
    """Let the learning rate fall along half a cosine: η_t = η_T + ½ (η₀ − η_T)(1 + cos(π t/T)), then stay at η_T.

    Equation :eq:`cosine-decay`.

    Parameters
    ----------
    rate : float
        η₀ > 0.
    steps : int
        T.
    final : float
        η_T, from 0 to rate.

    Returns
    -------
    callable
        From the number of the step to its learning rate.

    Raises
    ------
    ValueError
        If a number is outside its range.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.

    Examples
    --------
    >>> schedule = cosine_decay(0.8, steps=100)
    >>> [round(schedule(t), 3) for t in (0, 50, 100, 200)]
    [0.8, 0.4, 0.0, 0.0]
    """
    rate, steps = as_positive("rate", rate), as_count("steps", steps)
    if not 0 <= final <= rate:
        raise ValueError(f"final must lie between 0 and rate = {rate}, but is {final!r}")
    return lambda t: float(final + 0.5 * (rate - final) * (1 + np.cos(np.pi * min(t, steps) / steps)))


def warm_up(schedule: float | Schedule, steps: int) -> Schedule:
    """Begin with small learning rates: η_t (t + 1)/T_w during the first T_w steps, η_t after.  Equation :eq:`warm-up`.

    Parameters
    ----------
    schedule : float or callable
        η, or a schedule η_t.
    steps : int
        T.

    Returns
    -------
    callable
        From the number of the step to its learning rate.

    Raises
    ------
    ValueError
        If a number is outside its range.

    References
    ----------
    Goyal and others, "Accurate, large minibatch SGD: training ImageNet in 1 hour", arXiv 1706.02677, 2017.

    Examples
    --------
    >>> schedule = warm_up(0.8, steps=4)
    >>> [schedule(t) for t in (0, 1, 3, 10)]
    [0.2, 0.4, 0.8, 0.8]
    """
    rate, steps = _as_schedule(schedule), as_count("steps", steps)
    return lambda t: rate(t) * min(1.0, (t + 1) / steps)


# ---- walks that take their steps from a rule ---------------------------------------------------------------------


def descend(
    loss_and_gradient: LossAndGradient, theta: ArrayLike, rule: Rule, steps: int, tolerance: float = 0.0
) -> Iterator[Step]:
    """Walk down a loss with a rule: at every point the gradient of the whole loss, then a step.

    θ_{t+1} is what the rule makes of θ_t and ∇J(θ_t). Equation :eq:`gradient-descent`.

    Parameters
    ----------
    loss_and_gradient : callable
        From θ, shape (P,), to (J, ∇J).
    theta : array_like, shape (P,)
        Where to start.
    rule : object with a method ``step(theta, gradient)``
        Such as `GradientDescent`; a rule with a memory should be new.
    steps : int
        The budget: how many steps at most.
    tolerance : float
        Stop where ‖∇J‖ is no larger.

    Yields
    ------
    Step
        The start and every point after it.

    Raises
    ------
    ValueError
        If theta is no vector, the gradient has another shape, or a number is outside its range.

    References
    ----------
    Nocedal and Wright, Numerical Optimization, 2006, chapter 2.

    Examples
    --------
    >>> def bowl(theta):
    ...     return theta @ theta, 2 * theta
    >>> [step.theta.tolist() for step in descend(bowl, [8.0], GradientDescent(0.25), steps=3)]
    [[8.0], [4.0], [2.0], [1.0]]
    """
    loss, point = _Counted(loss_and_gradient), _read_theta(theta)
    steps, tolerance = as_count("steps", steps), as_number("tolerance", tolerance, at_least=0)
    value, gradient = loss(point)
    yield loss.step(point, value, gradient)
    for _ in range(steps):
        if np.linalg.norm(gradient) <= tolerance:
            return
        point = rule.step(point, gradient)
        value, gradient = loss(point)
        yield loss.step(point, value, gradient)


def mini_batches(samples: int, batch_size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Deal the numbers 0, …, samples − 1 out into batches, in a new random order.

    With N samples and batches of B there are ⌈N/B⌉ of them; the last one may be smaller. Equation :eq:`mini-batch`.

    Parameters
    ----------
    samples : int
        N.
    batch_size : int
        B; the last batch has what is left.
    rng : numpy.random.Generator
        Shuffles.

    Returns
    -------
    list of ndarray of int
        Every number once.

    Raises
    ------
    ValueError
        If a number is no positive integer.

    References
    ----------
    Bottou, Curtis and Nocedal, "Optimization methods for large-scale machine learning", SIAM Review 60, 2018.

    Examples
    --------
    >>> [batch.size for batch in mini_batches(20, 8, np.random.default_rng(0))]
    [8, 8, 4]
    """
    samples, batch_size = as_count("samples", samples), as_count("batch_size", batch_size)
    order = rng.permutation(samples)
    return [order[start : start + batch_size] for start in range(0, samples, batch_size)]


def stochastic_descent(
    loss_and_gradient: Callable[[np.ndarray, np.ndarray], tuple[Any, ArrayLike]],
    theta: ArrayLike,
    samples: int,
    rule: Rule,
    *,
    batch_size: int,
    epochs: int,
    rng: np.random.Generator,
) -> Iterator[Step]:
    """Walk down a loss that is a mean over samples, with the gradient of a few of them at a time.

    θ ← θ − η ∇J_B(θ) with J_B the mean over a mini-batch B; an epoch shows every sample once. Equation
    :eq:`mini-batch`. Batches of 1 are stochastic gradient descent in the strict sense, one batch of all is `descend`.

    Parameters
    ----------
    loss_and_gradient : callable
        From θ, shape (P,), and the numbers of some samples to their mean loss and its gradient.
    theta : array_like, shape (P,)
        Where to start.
    samples : int
        How many there are.
    rule : object with a method ``step(theta, gradient)``
        Such as `GradientDescent` or `Adam`; a rule with a memory should be new.
    batch_size : int
        Samples a step. The last batch of an epoch has what is left.
    epochs : int
        How often every sample is seen.
    rng : numpy.random.Generator
        Shuffles before every epoch.

    Yields
    ------
    Step
        The point after every update; its value and gradient norm are those of the mini-batch before the update.

    Raises
    ------
    ValueError
        If theta is no vector, the gradient has another shape, or a number is outside its range.

    References
    ----------
    Robbins and Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22, 1951.

    Examples
    --------
    >>> points = np.array([1.0, 2.0, 3.0, 6.0])
    >>> def distance(theta, rows):
    ...     return np.mean((theta - points[rows]) ** 2), 2 * np.mean(theta - points[rows], keepdims=True)
    >>> rule = GradientDescent(inverse_time_decay(0.5, 1.0))
    >>> path = stochastic_descent(distance, [0.0], 4, rule, batch_size=1, epochs=1, rng=np.random.default_rng(0))
    >>> [step.theta.round(6).tolist() for step in path][-1]  # the mean of all points
    [3.0]
    """
    loss, point = _Counted(loss_and_gradient), _read_theta(theta)
    for _ in range(as_count("epochs", epochs)):
        for rows in mini_batches(samples, batch_size, rng):
            value, gradient = loss(point, rows)
            point = rule.step(point, gradient)
            yield loss.step(point, value, gradient)


# ---- methods that choose their steps themselves ------------------------------------------------------------------


def newton(
    loss_and_gradient: LossAndGradient,
    hessian: Callable[[np.ndarray], ArrayLike],
    theta: ArrayLike,
    steps: int = 50,
    tolerance: float = 1e-8,
    damping: float = 0.0,
) -> Iterator[Step]:
    """Jump to where the parabola that fits the loss here is flat: θ ← θ − (H + λ I)⁻¹ g.  Equation :eq:`newton`.

    Without damping the jump goes to a maximum or a saddle point as willingly as to a minimum.

    Parameters
    ----------
    loss_and_gradient : callable
        From θ, shape (P,), to (J, ∇J).
    hessian : callable
        From θ to the matrix H of second derivatives, shape (P, P).
    theta : array_like, shape (P,)
        Where to start.
    steps : int
        The budget.
    tolerance : float
        Stop where ‖∇J‖ is no larger.
    damping : float
        λ ≥ 0: the larger, the shorter and the closer to the negative gradient the steps are.

    Yields
    ------
    Step
        The start and every point after it.

    Raises
    ------
    ValueError
        If a shape does not fit, H + λ I has no inverse, or a number is outside its range.

    References
    ----------
    Nocedal and Wright, Numerical Optimization, 2006, section 3.3.

    Examples
    --------
    >>> def bowl(theta):
    ...     return theta @ theta, 2 * theta
    >>> [step.theta.tolist() for step in newton(bowl, lambda theta: 2 * np.eye(2), [8.0, -3.0])]
    [[8.0, -3.0], [0.0, 0.0]]
    """
    loss, point = _Counted(loss_and_gradient), _read_theta(theta)
    steps, tolerance = as_count("steps", steps), as_number("tolerance", tolerance, at_least=0)
    damping = as_number("damping", damping, at_least=0)
    value, gradient = loss(point)
    yield loss.step(point, value, gradient)
    for _ in range(steps):
        if np.linalg.norm(gradient) <= tolerance:
            return
        matrix = as_float("hessian", hessian(point))
        require_shape("hessian", matrix, (point.size, point.size))
        try:
            point = point - np.linalg.solve(matrix + damping * np.eye(point.size, dtype=matrix.dtype), gradient)
        except np.linalg.LinAlgError:
            raise ValueError(f"hessian has no inverse at theta = {point}; give a positive damping") from None
        value, gradient = loss(point)
        yield loss.step(point, value, gradient)


def conjugate_gradient_quadratic(
    matrix: ArrayLike, vector: ArrayLike, theta: ArrayLike | None = None, tolerance: float = 0.0
) -> Iterator[Step]:
    """Minimise ½ θᵀAθ − bᵀθ, which is to solve Aθ = b, in at most P steps.

    Each direction is the new residual r = b − Aθ with the old direction mixed in, so that it is conjugate to all
    before: dᵢᵀ A dⱼ = 0. What is won along one direction is never lost again. Equation :eq:`conjugate-directions`.

    Parameters
    ----------
    matrix : array_like, shape (P, P)
        A, symmetric and positive definite.
    vector : array_like, shape (P,)
        b.
    theta : array_like, shape (P,), optional
        Where to start; left out, 0.
    tolerance : float
        Stop where the residual's norm is no larger.

    Yields
    ------
    Step
        The start and every point after it, P + 1 at most; an evaluation is a product with A.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or A is not symmetric, or not positive along a direction.

    References
    ----------
    Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", Journal of Research of the
    National Bureau of Standards 49, 1952.

    Examples
    --------
    >>> *_, last = conjugate_gradient_quadratic([[2.0, 1.0], [1.0, 3.0]], [3.0, 4.0])
    >>> last.theta.round(12), last.evaluations
    (array([1., 1.]), 3)
    """
    a, b = as_float("matrix", matrix), as_float("vector", vector)
    sizes: dict[str, int] = {}
    require_shape("vector", b, ("P",), sizes=sizes)
    require_shape("matrix", a, (sizes["P"], sizes["P"]))
    if not np.allclose(a, a.T, rtol=1e-5, atol=1e-12 * np.max(np.abs(a), initial=0.0), equal_nan=True):
        raise ValueError("matrix must be symmetric, but differs from its transpose")
    tolerance = as_number("tolerance", tolerance, at_least=0)
    point = np.zeros_like(b) if theta is None else _read_theta(theta)
    require_shape("theta", point, b.shape)
    residual = b - a @ point
    direction, evaluations = residual, 1

    def here() -> Step:  # ½ θᵀAθ − bᵀθ = −½ θᵀ(b + r)
        norm = float(np.linalg.norm(residual))
        return Step(point.copy(), float(-0.5 * point @ (b + residual)), norm, evaluations)

    yield here()
    for _ in range(b.size):
        squared = residual @ residual
        if squared**0.5 <= tolerance:
            return
        image = a @ direction
        curvature = direction @ image
        if not curvature > 0:
            raise ValueError(f"matrix must be positive definite, but dᵀAd = {curvature} along a direction d")
        length = squared / curvature
        point = point + length * direction
        residual = residual - length * image
        direction = residual + (residual @ residual) / squared * direction
        evaluations += 1
        yield here()


def conjugate_gradient(
    loss_and_gradient: LossAndGradient, theta: ArrayLike, steps: int = 1000, tolerance: float = 1e-6
) -> Iterator[Step]:
    """Walk down any smooth loss along conjugate directions, each to where a line search says.

    d = −g + β d_prev with β = max(0, gᵀ(g − g_prev) / g_prevᵀg_prev), Polak and Ribière's choice: on a quadratic the
    directions are those of `conjugate_gradient_quadratic`, and elsewhere the walk starts anew when it must. Equation
    :eq:`nonlinear-conjugate-gradient`.

    Parameters
    ----------
    loss_and_gradient : callable
        From θ, shape (P,), to (J, ∇J).
    theta : array_like, shape (P,)
        Where to start.
    steps : int
        The budget.
    tolerance : float
        Stop where ‖∇J‖ is no larger.

    Yields
    ------
    Step
        The start and every point after it. The walk also ends where the line search finds no better point, which near
        a minimum is the end of what rounding lets one see.

    Raises
    ------
    ValueError
        If theta is no vector, the gradient has another shape, or a number is outside its range.

    References
    ----------
    Nocedal and Wright, Numerical Optimization, 2006, section 5.2.

    Examples
    --------
    >>> def valley(theta):
    ...     return theta[0] ** 2 + 100 * theta[1] ** 2, np.array([2.0, 200.0]) * theta
    >>> *_, last = conjugate_gradient(valley, [5.0, 1.0])
    >>> bool(last.value < 1e-12)
    True
    """

    def next_direction(gradient: np.ndarray, history: "_History") -> np.ndarray:
        if not history.steps:
            return -gradient
        _, change = history.steps[-1]
        before = gradient - change
        direction = max(0.0, gradient @ change / (before @ before)) * history.direction - gradient
        return direction if gradient @ direction < 0 else -gradient

    return _line_search_walk(loss_and_gradient, theta, next_direction, 1, steps, tolerance, quasi_newton=False)


def lbfgs(
    loss_and_gradient: LossAndGradient,
    theta: ArrayLike,
    steps: int = 1000,
    tolerance: float = 1e-6,
    memory: int = 10,
) -> Iterator[Step]:
    """Walk down like Newton, with an inverse Hessian that is guessed from the last steps.

    A step s and the change y of the gradient along it are one observation of the Hessian, H s ≈ y. From the last few
    pairs two loops build the product of the guessed inverse with the gradient, at a few products of vectors a pair.
    Equation :eq:`lbfgs`.

    Parameters
    ----------
    loss_and_gradient : callable
        From θ, shape (P,), to (J, ∇J).
    theta : array_like, shape (P,)
        Where to start.
    steps : int
        The budget.
    tolerance : float
        Stop where ‖∇J‖ is no larger.
    memory : int
        How many pairs (s, y) are kept.

    Yields
    ------
    Step
        The start and every point after it. The walk also ends where the line search finds no better point.

    Raises
    ------
    ValueError
        If theta is no vector, the gradient has another shape, or a number is outside its range.

    References
    ----------
    Nocedal, "Updating quasi-Newton matrices with limited storage", Mathematics of Computation 35, 1980.

    Examples
    --------
    >>> def valley(theta):
    ...     return theta[0] ** 2 + 100 * theta[1] ** 2, np.array([2.0, 200.0]) * theta
    >>> *_, last = lbfgs(valley, [5.0, 1.0])
    >>> bool(last.value < 1e-12)
    True
    """

    def next_direction(gradient: np.ndarray, history: "_History") -> np.ndarray:
        return -two_loop_product(gradient, history.steps)

    return _line_search_walk(loss_and_gradient, theta, next_direction, memory, steps, tolerance, quasi_newton=True)


def two_loop_product(gradient: ArrayLike, pairs: Sequence[tuple[ArrayLike, ArrayLike]]) -> np.ndarray:
    """Return L-BFGS's guess of H⁻¹ g from the pairs (s, y) of the last steps, without ever forming a matrix.

    From the newest pair to the oldest αᵢ = sᵢᵀq / yᵢᵀsᵢ and q ← q − αᵢ yᵢ; then r = (sᵀy / yᵀy) q with the newest
    pair; then back, r ← r + sᵢ (αᵢ − yᵢᵀr / yᵢᵀsᵢ). Equation :eq:`lbfgs`.

    Parameters
    ----------
    gradient : array_like, shape (P,)
        g.
    pairs : sequence of (array_like, array_like), each of shape (P,)
        Steps s and changes of the gradient y with sᵀy > 0, oldest first.

    Returns
    -------
    ndarray, shape (P,)
        g itself, copied, where there is no pair.

    Raises
    ------
    ValueError
        If a shape does not fit, or sᵀy is not positive.

    References
    ----------
    Nocedal and Wright, Numerical Optimization, 2006, algorithm 7.4.

    Examples
    --------
    >>> two_loop_product([4.0], [([1.0], [2.0])])  # one dimension: the slope has changed by 2 over 1
    array([2.])
    """
    q = _read_theta(gradient, "gradient").copy()
    known = [(as_float("pairs", s), as_float("pairs", y)) for s, y in pairs]
    for s, y in known:
        require_shape("pairs", s, q.shape)
        require_shape("pairs", y, q.shape)
        if not s @ y > 0:
            raise ValueError(f"pairs must have sᵀy > 0, but one has {s @ y}")
    shares = []
    for s, y in reversed(known):
        shares.append(s @ q / (y @ s))
        q = q - shares[-1] * y
    if known:
        s, y = known[-1]
        q = s @ y / (y @ y) * q
    for (s, y), share in zip(known, reversed(shares), strict=True):
        q = q + (share - y @ q / (y @ s)) * s
    return q


class LineSearch(NamedTuple):
    """What a line search found."""

    length: float
    """a > 0."""
    theta: np.ndarray
    """θ + a d, shape (P,)."""
    value: float
    """The loss there."""
    gradient: np.ndarray
    """Its gradient there, shape (P,)."""
    evaluations: int
    """How often the loss and its gradient were computed."""


def wolfe_line_search(
    loss_and_gradient: LossAndGradient,
    theta: ArrayLike,
    direction: ArrayLike,
    *,
    first: float = 1.0,
    decrease: float = 1e-4,
    curvature: float = 0.9,
    most: int = 40,
    start: tuple[float, ArrayLike] | None = None,
) -> LineSearch | None:
    """Find a step length that lowers the loss enough and flattens it enough: the strong Wolfe conditions.

    With φ(a) = J(θ + a d): φ(a) ≤ φ(0) + c₁ a φ′(0), and |φ′(a)| ≤ c₂ |φ′(0)|. Equation :eq:`wolfe`. Lengths grow
    until they enclose such a point; then the interval shrinks around it, by the minimum of the cubic through both ends
    where that lies well inside, by half where it does not.

    Parameters
    ----------
    loss_and_gradient : callable
        From θ, shape (P,), to (J, ∇J).
    theta : array_like, shape (P,)
        Where to start.
    direction : array_like, shape (P,)
        d, with ∇Jᵀd < 0.
    first : float
        The length that is tried first.
    decrease, curvature : float
        0 < c₁ < c₂ < 1.
    most : int
        How many lengths are tried before it is given up.
    start : (float, array_like), optional
        J and ∇J at theta where they are known, so that they are not computed again.

    Returns
    -------
    LineSearch or None
        None where no length satisfies the conditions: the loss has no lower bound, the gradient is not its gradient,
        or the differences are below what rounding shows.

    Raises
    ------
    ValueError
        If a shape does not fit, the direction does not lead downhill, or a number is outside its range.

    References
    ----------
    Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6.

    Examples
    --------
    >>> def bowl(theta):
    ...     return theta @ theta, 2 * theta
    >>> found = wolfe_line_search(bowl, [8.0], [-16.0])
    >>> found.length, found.theta, found.evaluations
    (0.5, array([0.]), 3)
    """
    loss, origin = _Counted(loss_and_gradient), _read_theta(theta)
    along = as_float("direction", direction)
    require_shape("direction", along, origin.shape)
    if not 0 < decrease < curvature < 1:
        raise ValueError(f"0 < decrease < curvature < 1 is needed, but they are {decrease!r} and {curvature!r}")
    value, gradient = loss(origin) if start is None else (float(start[0]), as_float("start", start[1]))
    begin = Trial(0.0, value, float(gradient @ along), None)
    if not begin.slope < 0:
        raise ValueError(f"direction must lead downhill, but the slope along it is {begin.slope}")

    def phi(length: float) -> Trial:
        point = origin + length * along
        value, gradient = loss(point)
        return Trial(length, value, float(gradient @ along), (point, gradient))

    best = strong_wolfe(phi, begin, as_positive("first", first), decrease, curvature, as_count("most", most))
    return None if best is None else LineSearch(best.length, best.found[0], best.value, best.found[1], loss.count)


class _History:
    """The last steps s and changes of the gradient y, and the last direction."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.steps: list[tuple[np.ndarray, np.ndarray]] = []
        self.direction: Any = None

    def remember(self, s: np.ndarray, y: np.ndarray) -> None:
        if s @ y > 0:  # always, but for rounding: the slope along the step has risen
            self.steps = [*self.steps, (s, y)][-self.memory :]


def _line_search_walk(
    loss_and_gradient: LossAndGradient,
    theta: ArrayLike,
    next_direction: Callable[[np.ndarray, _History], np.ndarray],
    memory: int,
    steps: int,
    tolerance: float,
    quasi_newton: bool,
) -> Iterator[Step]:
    """Walk along directions that are made from the gradient and the history, each to where a line search says."""
    loss, point, history = _Counted(loss_and_gradient), _read_theta(theta), _History(as_count("memory", memory))
    steps, tolerance = as_count("steps", steps), as_number("tolerance", tolerance, at_least=0)
    value, gradient = loss(point)
    yield loss.step(point, value, gradient)
    first = 1 / max(1.0, float(np.linalg.norm(gradient)))
    gain = 0.0
    for _ in range(steps):
        if not np.linalg.norm(gradient) > tolerance:
            return
        direction = history.direction = next_direction(gradient, history)
        slope = float(gradient @ direction)
        if gain:  # as much as the last step won to first order; a quasi-Newton step has its own length
            first = 1.0 if quasi_newton else gain / slope
        found = wolfe_line_search(
            loss, point, direction, first=first, curvature=0.9 if quasi_newton else 0.1, start=(value, gradient)
        )
        if found is None:
            return
        history.remember(found.theta - point, found.gradient - gradient)
        gain = found.length * slope
        point, value, gradient = found.theta, found.value, found.gradient
        yield loss.step(point, value, gradient)


# ---- reading arguments -------------------------------------------------------------------------------------------


class _Counted:
    """A loss and its gradient, counted, and looked at before they are used."""

    def __init__(self, loss_and_gradient: Callable[..., tuple[Any, ArrayLike]]) -> None:
        self.function = loss_and_gradient
        self.count = 0

    def __call__(self, theta: np.ndarray, *rest: Any) -> tuple[float, np.ndarray]:
        self.count += 1
        value, gradient = self.function(theta, *rest)
        array = as_float("gradient", gradient)
        require_shape("gradient", array, theta.shape)
        return float(value), array

    def step(self, theta: np.ndarray, value: float, gradient: np.ndarray) -> Step:
        return Step(theta.copy(), value, float(np.linalg.norm(gradient)), self.count)


def _read_theta(theta: ArrayLike, name: str = "theta") -> np.ndarray:
    array = as_float(name, theta)
    require_shape(name, array, ("P",))
    return array


def _read_step(theta: ArrayLike, gradient: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    point = as_float("theta", theta)
    slope = as_float("gradient", gradient).astype(point.dtype, copy=False)
    require_shape("gradient", slope, point.shape)
    return point, slope


def _as_schedule(rate: float | Schedule) -> Schedule:
    if callable(rate):
        return rate
    number = as_positive("learning_rate", rate)
    return lambda t: number
