"""One neuron, the module of chapter 1: a weighted sum, and what one can fit, decide and not decide with it.

From the straight line, fitted in one stroke or step by step, to probabilities for yes and no; then the neuron as a
unit of its own, the perceptron that learns from its mistakes, gates with weights set by hand, and XOR, which takes two
layers. In the regressions the parameters are one vector θ with the intercept θ₀ first; a neuron has weights w and a
bias b. Batches are rows.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_count, as_float, as_positive, require_not_empty, require_shape


class Perceptron(NamedTuple):
    """Weights and bias of a unit that says 1 where wᵀx + b > 0 and 0 elsewhere."""

    weights: np.ndarray
    """w, shape (D,)."""
    bias: float
    """b."""


GATES = {
    "AND": Perceptron(np.array([1.0, 1.0]), -1.5),
    "OR": Perceptron(np.array([1.0, 1.0]), -0.5),
    "NOT": Perceptron(np.array([-1.0]), 0.5),
    "A AND NOT B": Perceptron(np.array([1.0, -1.0]), -0.5),
    "B AND NOT A": Perceptron(np.array([-1.0, 1.0]), -0.5),
}
"""Gates with weights set by hand. Every place between the two cases it has to tell apart would do; these are midway."""
for _gate in GATES.values():
    _gate.weights.setflags(write=False)


# ---- linear regression -------------------------------------------------------------------------------------------


def linear_model(x: ArrayLike, theta: ArrayLike) -> np.ndarray:
    """Return the predictions of a linear model: ŷ = θ₀ + Σⱼ xⱼ θⱼ.  Equation :eq:`linear-model`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Samples.
    theta : array_like, shape (D + 1,)
        The intercept θ₀, then a slope for each input.

    Returns
    -------
    ndarray, shape (N,)

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 3.1.

    Examples
    --------
    >>> linear_model([[1.0], [2.0]], [10.0, 3.0])
    array([13., 16.])
    """
    x, theta = _read_model(x, theta)
    return theta[0] + x @ theta[1:]


def linear_cost(theta: ArrayLike, x: ArrayLike, y: ArrayLike) -> np.floating:
    """Return half the mean squared error of a linear model: J = 1/(2N) Σₙ (ŷₙ − yₙ)².  Equation :eq:`linear-cost`.

    Parameters
    ----------
    theta : array_like, shape (D + 1,)
        The intercept, then the slopes.
    x : array_like, shape (N, D)
        Samples.
    y : array_like, shape (N,)
        Their targets.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes do not fit together, or there is no sample.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 3.1.

    Examples
    --------
    >>> float(linear_cost([0.0, 1.0], [[1.0], [2.0]], [1.0, 4.0]))
    1.0
    """
    x, theta, y = _read_problem(x, theta, y)
    error = theta[0] + x @ theta[1:] - y
    return 0.5 * np.sum(error * error) / len(x)


def linear_cost_gradient(theta: ArrayLike, x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂J/∂θ₀ = 1/N Σₙ eₙ and ∂J/∂θⱼ = 1/N Σₙ eₙ xₙⱼ with e = ŷ − y.  Equation :eq:`linear-cost-gradient`.

    Parameters
    ----------
    theta : array_like, shape (D + 1,)
        The intercept, then the slopes.
    x : array_like, shape (N, D)
        Samples.
    y : array_like, shape (N,)
        Their targets.

    Returns
    -------
    ndarray, shape (D + 1,)

    Raises
    ------
    ValueError
        As `linear_cost`.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 3.1.

    Examples
    --------
    >>> linear_cost_gradient([0.0, 1.0], [[1.0], [2.0]], [1.0, 4.0])
    array([-1., -2.])
    """
    x, theta, y = _read_problem(x, theta, y)
    return _with_ones(x).T @ (theta[0] + x @ theta[1:] - y) / len(x)


def linear_regression(x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return the θ with the smallest squared error, in one stroke.

    With X̃ the samples and a column of ones in front, θ solves X̃ᵀX̃ θ = X̃ᵀy. Equation :eq:`least-squares`. The system
    is not formed, which would square its condition number; the orthogonal factors of X̃ solve it. Where samples leave
    some direction open, θ is the shortest of all that fit equally well.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Samples.
    y : array_like, shape (N,)
        Their targets.

    Returns
    -------
    ndarray, shape (D + 1,)
        The intercept, then the slopes.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or there is no sample.

    References
    ----------
    Golub and Van Loan, Matrix Computations, 2013, chapter 5.

    Examples
    --------
    >>> linear_regression([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]).round(12)
    array([1., 2.])
    """
    x, y = _read_samples(x, y)
    return np.linalg.lstsq(_with_ones(x), y)[0]


def linear_regression_descent(
    x: ArrayLike, y: ArrayLike, learning_rate: float, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return θ after walking down the squared error from 0, and the cost on the way.

    θ ← θ − η ∇J, again and again. Equation :eq:`regression-step`. It ends where `linear_regression` jumps to, provided
    that η is less than 2 over the largest eigenvalue of X̃ᵀX̃/N.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Samples.
    y : array_like, shape (N,)
        Their targets.
    learning_rate : float
        η > 0.
    steps : int
        How many.

    Returns
    -------
    theta : ndarray, shape (D + 1,)
    costs : ndarray, shape (steps,)
        The cost before each step.

    Raises
    ------
    ValueError
        If the shapes do not fit together, there is no sample, or a number is not positive.

    References
    ----------
    Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", Comptes rendus 25, 1847.

    Examples
    --------
    >>> theta, costs = linear_regression_descent([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], learning_rate=0.5, steps=200)
    >>> theta.round(6), costs[0].round(3)
    (array([1., 2.]), np.float64(5.833))
    """
    x, y = _read_samples(x, y)
    return _walk_down(x, y, linear_cost, linear_cost_gradient, learning_rate, steps)


# ---- logistic regression -----------------------------------------------------------------------------------------


def logistic_probability(x: ArrayLike, theta: ArrayLike) -> np.ndarray:
    """Return the probability of "yes": ŷ = σ(θ₀ + Σⱼ xⱼ θⱼ), always between 0 and 1.  Equation :eq:`logistic-model`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Samples.
    theta : array_like, shape (D + 1,)
        The intercept, then the slopes.

    Returns
    -------
    ndarray, shape (N,)

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Cox, "The regression analysis of binary sequences", Journal of the Royal Statistical Society B 20, 1958.

    Examples
    --------
    >>> logistic_probability([[0.0], [1.0], [1000.0]], [0.0, np.log(3.0)])
    array([0.5 , 0.75, 1.  ])
    """
    return 0.5 + 0.5 * np.tanh(0.5 * linear_model(x, theta))


def logistic_cost(theta: ArrayLike, x: ArrayLike, y: ArrayLike) -> np.floating:
    """Return the cross entropy of probabilities: J = −1/N Σₙ [yₙ ln ŷₙ + (1 − yₙ) ln(1 − ŷₙ)].

    Equation :eq:`logistic-cost`. Computed from z = θ₀ + Σⱼ xⱼ θⱼ as ln(1 + eᶻ) − y z, which stays exact where ŷ rounds
    to 0 or 1.

    Parameters
    ----------
    theta : array_like, shape (D + 1,)
        The intercept, then the slopes.
    x : array_like, shape (N, D)
        Samples.
    y : array_like, shape (N,)
        1 for yes and 0 for no.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes do not fit together, there is no sample, or a label is neither 0 nor 1.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.2.

    Examples
    --------
    >>> round(float(logistic_cost([0.0, 0.0], [[1.0], [2.0]], [0, 1])), 6)  # knows nothing: ln 2
    0.693147
    """
    x, theta, y = _read_problem(x, theta, y, binary=True)
    z = theta[0] + x @ theta[1:]
    return np.sum(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z) / len(x)


def logistic_cost_gradient(theta: ArrayLike, x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂J/∂θ₀ = 1/N Σₙ eₙ and ∂J/∂θⱼ = 1/N Σₙ eₙ xₙⱼ with e = ŷ − y, the same form as for the line.

    Equation :eq:`logistic-cost-gradient`.

    Parameters
    ----------
    theta : array_like, shape (D + 1,)
        The intercept, then the slopes.
    x : array_like, shape (N, D)
        Samples.
    y : array_like, shape (N,)
        1 for yes and 0 for no.

    Returns
    -------
    ndarray, shape (D + 1,)

    Raises
    ------
    ValueError
        As `logistic_cost`.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.2.

    Examples
    --------
    >>> logistic_cost_gradient([0.0, 0.0], [[1.0], [2.0]], [0, 1])
    array([ 0.  , -0.25])
    """
    x, theta, y = _read_problem(x, theta, y, binary=True)
    return _with_ones(x).T @ (logistic_probability(x, theta) - y) / len(x)


def logistic_regression_descent(
    x: ArrayLike, y: ArrayLike, learning_rate: float, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return θ after walking down the cross entropy from 0, and the cost on the way.

    θ ← θ − η ∇J. Equation :eq:`regression-step`. There is no formula for the minimum, and if a line separates the
    classes there is no minimum: θ grows without end.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Samples.
    y : array_like, shape (N,)
        1 for yes and 0 for no.
    learning_rate : float
        η > 0.
    steps : int
        How many.

    Returns
    -------
    theta : ndarray, shape (D + 1,)
    costs : ndarray, shape (steps,)
        The cost before each step.

    Raises
    ------
    ValueError
        As `logistic_cost`, or if a number is not positive.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.2.

    Examples
    --------
    >>> theta, costs = logistic_regression_descent([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1], 0.5, 2000)
    >>> logistic_probability([[0.0], [3.0]], theta).round(2)
    array([0.2, 0.8])
    """
    x, y = _read_samples(x, y, binary=True)
    return _walk_down(x, y, logistic_cost, logistic_cost_gradient, learning_rate, steps)


# ---- linear scores and the neuron --------------------------------------------------------------------------------


def linear_scores(x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None) -> np.ndarray:
    """Return a score for each class: s = W x + b, the likeness of x to one template a class.  Equation :eq:`scores`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Samples, such as images with their pixels in a row.
    w : array_like, shape (M, D)
        A template for each of M classes.
    b : array_like, shape (M,), optional
        A head start for each class; left out, none.

    Returns
    -------
    ndarray, shape (N, M)

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, section 4.2.

    Examples
    --------
    >>> linear_scores([[1.0, 2.0]], [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    array([[1., 2., 3.]])
    """
    x, w = as_float("x", x), as_float("w", w)
    sizes: dict[str, int] = {}
    require_shape("w", w, ("M", "D"), sizes=sizes)
    require_shape("x", x, ("N", "D"), sizes=sizes)
    scores = x @ w.T
    if b is None:
        return scores
    b = as_float("b", b)
    require_shape("b", b, ("M",), sizes=sizes)
    return scores + b


def neuron(
    x: ArrayLike, w: ArrayLike, b: float, activation: Callable[[np.ndarray], np.ndarray] | None = None
) -> np.ndarray:
    """Return the activation of a neuron: a = f(z) with z = wᵀx + b.  Equation :eq:`neuron`.

    z is constant along lines at right angles to w, so w turns the ridge that the neuron draws over its inputs; and the
    line z = 0 lies −b/‖w‖ from the origin, so b shifts it.

    Parameters
    ----------
    x : array_like, shape (N, D) or (D,)
        A batch of inputs or one.
    w : array_like, shape (D,)
        Weights.
    b : float
        Bias.
    activation : callable, optional
        f; left out, the sigmoid.

    Returns
    -------
    ndarray, shape (N,) or ()

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    McCulloch and Pitts, "A logical calculus of the ideas immanent in nervous activity", Bulletin of Mathematical
    Biophysics 5, 1943.

    Examples
    --------
    >>> neuron([[0.0, 0.0], [1.0, 1.0]], [1.0, 2.0], -3.0)
    array([0.04742587, 0.5       ])
    >>> neuron([1.0, 1.0], [1.0, 2.0], -1.0, activation=np.tanh).round(3)
    np.float64(0.964)
    """
    z = _pre_activation(x, w, b)
    return 0.5 + 0.5 * np.tanh(0.5 * z) if activation is None else activation(z)


# ---- the perceptron ----------------------------------------------------------------------------------------------


def perceptron(x: ArrayLike, w: ArrayLike, b: float) -> np.ndarray:
    """Return a perceptron's decisions: 1 where wᵀx + b > 0, else 0.  Equation :eq:`perceptron`.

    Parameters
    ----------
    x : array_like, shape (N, D) or (D,)
        A batch of inputs or one.
    w : array_like, shape (D,)
        Weights.
    b : float
        Bias.

    Returns
    -------
    ndarray of int, shape (N,) or ()

    Raises
    ------
    ValueError
        If the shapes do not fit together, or an input or parameter is NaN: there is no third answer.

    References
    ----------
    Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the brain",
    Psychological Review 65, 1958.

    Examples
    --------
    >>> perceptron([[0, 0], [0, 1], [1, 1]], *GATES["AND"])
    array([0, 0, 1])
    """
    z = _pre_activation(x, w, b)
    if np.isnan(z).any():
        raise ValueError("wᵀx + b is not a number, and a perceptron has no answer to that")
    return (z > 0).astype(np.int64)


def perceptron_update(x: ArrayLike, y: int, w: ArrayLike, b: float) -> Perceptron:
    """Learn from one sample: w ← w + (y − ŷ) x, b ← b + (y − ŷ).  Equation :eq:`perceptron-rule`.

    Where the answer ŷ is right nothing changes. A missed 1 turns w towards x, a false 1 turns it away.

    Parameters
    ----------
    x : array_like, shape (D,)
        The sample.
    y : int
        Its label, 0 or 1.
    w : array_like, shape (D,)
        Weights.
    b : float
        Bias.

    Returns
    -------
    Perceptron
        The new weights and bias; what was given is not changed.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or y is neither 0 nor 1.

    References
    ----------
    Rosenblatt, "The perceptron", Psychological Review 65, 1958.

    Examples
    --------
    >>> perceptron_update([2.0, -1.0], 1, [0.0, 0.0], 0.0)
    Perceptron(weights=array([ 2., -1.]), bias=1.0)
    """
    x, w = as_float("x", x), as_float("w", w)
    require_shape("x", x, w.shape)
    if y not in (0, 1):
        raise ValueError(f"y must be 0 or 1, but is {y!r}")
    error = int(y) - int(perceptron(x, w, b))
    return Perceptron(w + error * x, float(b) + error)


def train_perceptron(
    x: ArrayLike, y: ArrayLike, epochs: int, rng: np.random.Generator | None = None
) -> tuple[Perceptron, np.ndarray]:
    """Learn from all samples, one after the other, until an epoch brings no mistake.

    `perceptron_update` on every sample, from weights and bias 0. Equation :eq:`perceptron-rule`. If a line separates
    the classes it ends after at most `perceptron_mistake_bound` mistakes; if none does it never ends by itself.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Samples.
    y : array_like of int, shape (N,)
        Their labels, 0 or 1.
    epochs : int
        How many times every sample is shown at most.
    rng : numpy.random.Generator, optional
        Shuffles before each epoch; left out, the samples keep their order.

    Returns
    -------
    perceptron : Perceptron
        Weights and bias at the end.
    mistakes : ndarray of int, shape (E,)
        How many there were in each of the E epochs that were run; the last is 0 if it converged.

    Raises
    ------
    ValueError
        If the shapes do not fit together, there is no sample, a label is neither 0 nor 1, or epochs is no count.

    References
    ----------
    Rosenblatt, Principles of Neurodynamics, 1962.

    Examples
    --------
    >>> learned, mistakes = train_perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1], epochs=100)
    >>> perceptron([[0, 0], [0, 1], [1, 0], [1, 1]], *learned), mistakes
    (array([0, 1, 1, 1]), array([1, 2, 1, 0]))
    """
    x, y = _read_samples(x, y, binary=True)
    unit, mistakes = Perceptron(np.zeros_like(x[0]), 0.0), []
    for _ in range(as_count("epochs", epochs)):
        order = np.arange(len(x)) if rng is None else rng.permutation(len(x))
        mistakes.append(0)
        for n in order:
            learned = perceptron_update(x[n], int(y[n]), *unit)
            mistakes[-1] += learned.bias != unit.bias  # a mistake always moves the bias
            unit = learned
        if mistakes[-1] == 0:
            break
    return unit, np.array(mistakes)


def perceptron_mistake_bound(x: ArrayLike, y: ArrayLike, w: ArrayLike, b: float) -> float:
    """Return how many mistakes `train_perceptron` can make at most, given any line that separates the classes.

    With x̃ = (x, 1) and w̃ = (w, b): (R/γ)², where R is the largest ‖x̃ₙ‖ and γ the smallest distance of an x̃ₙ from the
    plane w̃ᵀx̃ = 0, counted positive on its right side. Equation :eq:`perceptron-bound`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Samples.
    y : array_like of int, shape (N,)
        Their labels, 0 or 1.
    w : array_like, shape (D,)
        Weights of a line that separates them.
    b : float
        Its bias.

    Returns
    -------
    float
        Infinite where (w, b) does not separate the classes.

    Raises
    ------
    ValueError
        If the shapes do not fit together, there is no sample, or a label is neither 0 nor 1.

    References
    ----------
    Novikoff, "On convergence proofs on perceptrons", Symposium on the Mathematical Theory of Automata 12, 1962.

    Examples
    --------
    >>> round(perceptron_mistake_bound([[0.0, 0.0], [1.0, 1.0]], [0, 1], *GATES["AND"]), 6)  # R² = 3, γ² = ¼ / 4.25
    51.0
    """
    x, y = _read_samples(x, y, binary=True)
    z = _pre_activation(x, w, b)
    length = float(np.hypot(np.linalg.norm(as_float("w", w)), float(b)))
    margin = float(np.min((2 * y - 1) * z)) / length if length > 0 else 0.0
    radius = np.sqrt(1 + np.max(np.sum(x * x, axis=1)))
    return float((radius / margin) ** 2) if margin > 0 else float("inf")


# ---- gates and XOR -----------------------------------------------------------------------------------------------


def gate(name: str, x: ArrayLike) -> np.ndarray:
    """Return the answer of a gate whose weights were set by hand: a perceptron from `GATES`.

    AND is 1 where x₁ + x₂ > 1.5, OR where x₁ + x₂ > 0.5, NOT where −x₁ > −0.5. Equation :eq:`gates`.

    Parameters
    ----------
    name : str
        A key of `GATES`: AND, OR, NOT, A AND NOT B, B AND NOT A.
    x : array_like, shape (N, 2) or (2,), for NOT (N, 1) or (1,)
        Inputs 0 and 1.

    Returns
    -------
    ndarray of int, shape (N,) or ()

    Raises
    ------
    ValueError
        If there is no such gate, or x has another number of inputs.

    References
    ----------
    McCulloch and Pitts, "A logical calculus of the ideas immanent in nervous activity", Bulletin of Mathematical
    Biophysics 5, 1943.

    Examples
    --------
    >>> inputs = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> gate("AND", inputs), gate("OR", inputs), gate("NOT", [[0], [1]])
    (array([0, 0, 0, 1]), array([0, 1, 1, 1]), array([1, 0]))
    """
    if name not in GATES:
        raise ValueError(f"gate {name!r} is unknown; known are {', '.join(GATES)}")
    return perceptron(x, *GATES[name])


def xor(x: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return A XOR B = A·B′ + A′·B by two layers of perceptrons, and what the first layer said.

    h₁ is "A and not B", h₂ is "B and not A", and the output is "h₁ or h₂". Equation :eq:`xor`. One perceptron cannot
    do it: 0 at (0, 0) and 1 at (0, 1) and (1, 0) would force 1 at (1, 1).

    Parameters
    ----------
    x : array_like, shape (N, 2)
        Inputs 0 and 1.

    Returns
    -------
    out : ndarray of int, shape (N,)
    hidden : ndarray of int, shape (N, 2)
        h₁ and h₂.

    Raises
    ------
    ValueError
        If x is no (N, 2) array.

    References
    ----------
    Minsky and Papert, Perceptrons, 1969.

    Examples
    --------
    >>> out, hidden = xor([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> out, hidden.tolist()
    (array([0, 1, 1, 0]), [[0, 0], [0, 1], [1, 0], [0, 0]])
    """
    x = as_float("x", x)
    require_shape("x", x, ("N", 2))
    hidden = np.stack([gate("A AND NOT B", x), gate("B AND NOT A", x)], axis=1)
    return gate("OR", hidden), hidden


# ---- reading arguments, walking down -----------------------------------------------------------------------------


def _walk_down(
    x: np.ndarray,
    y: np.ndarray,
    cost: Callable[..., np.floating],
    gradient: Callable[..., np.ndarray],
    learning_rate: float,
    steps: int,
) -> tuple[np.ndarray, np.ndarray]:
    rate, costs = as_positive("learning_rate", learning_rate), []
    theta = np.zeros(x.shape[1] + 1, x.dtype)
    for _ in range(as_count("steps", steps)):
        costs.append(cost(theta, x, y))
        theta = theta - rate * gradient(theta, x, y)
    return theta, np.array(costs)


def _with_ones(x: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(x), x.dtype), x])


def _read_samples(x: ArrayLike, y: ArrayLike, binary: bool = False) -> tuple[np.ndarray, np.ndarray]:
    x = as_float("x", x)
    y = as_float("y", y).astype(x.dtype, copy=False)
    sizes: dict[str, int] = {}
    require_shape("x", x, ("N", "D"), sizes=sizes)
    require_not_empty("x", x)
    require_shape("y", y, ("N",), sizes=sizes)
    if binary and not np.isin(y, (0, 1)).all():
        raise ValueError(f"y must hold only 0 and 1, but contains {y[~np.isin(y, (0, 1))][0]:g}")
    return x, y


def _read_model(x: ArrayLike, theta: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    x = as_float("x", x)
    require_shape("x", x, ("N", "D"))
    theta = as_float("theta", theta).astype(x.dtype, copy=False)
    require_shape("theta", theta, (x.shape[1] + 1,))
    return x, theta


def _read_problem(
    x: ArrayLike, theta: ArrayLike, y: ArrayLike, binary: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    samples, labels = _read_samples(x, y, binary)
    return *_read_model(samples, theta), labels


def _pre_activation(x: ArrayLike, w: ArrayLike, b: float) -> np.ndarray:
    x, w, bias = as_float("x", x), as_float("w", w), as_float("b", b)
    sizes: dict[str, int] = {}
    require_shape("w", w, ("D",), sizes=sizes)
    require_shape("b", bias, ())
    require_shape("x", x, ("N", "D"), ("D",), sizes=sizes)
    return x @ w.astype(x.dtype, copy=False) + bias.astype(x.dtype)
