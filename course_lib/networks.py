"""Feedforward networks: layers that follow one another, each an affine map and an activation function.

This is the module of chapter 3. A network is a list of `Layer`; samples are rows, weights are (out, in), and all
parameters together make one flat vector for those who differentiate or optimise.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_count, as_float, require_shape
from course_lib.activations import ACTIVATIONS, softmax


class Layer(NamedTuple):
    """One layer: a = f(W x + b)."""

    weights: np.ndarray
    """W, shape (M, D)."""
    bias: np.ndarray
    """b, shape (M,)."""
    activation: str
    """The name of f: a key of `activations.ACTIVATIONS`, or ``"softmax"``."""


def affine(x: ArrayLike, w: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Return the pre-activations of one layer.

    z = W x + b for one sample, Z = X Wᵀ + b for a batch of rows. Equation :eq:`pre-activation`.

    Parameters
    ----------
    x : array_like, shape (N, D) or (D,)
        A batch of samples or one.
    w : array_like, shape (M, D)
        Weights; row m belongs to unit m.
    b : array_like, shape (M,)
        Biases.

    Returns
    -------
    ndarray, shape (N, M) or (M,)
        The pre-activations.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.1.

    Examples
    --------
    >>> affine([1.0, 2.0], [[1.0, 0.0], [3.0, 1.0], [0.0, -1.0]], [0.0, 0.5, 0.0])
    array([ 1. ,  5.5, -2. ])
    """
    x, w, b = as_float("x", x), as_float("w", w), as_float("b", b)
    sizes: dict[str, int] = {}
    require_shape("w", w, ("M", "D"), sizes=sizes)
    require_shape("b", b, ("M",), sizes=sizes)
    require_shape("x", x, ("N", "D"), ("D",), sizes=sizes)
    return x @ w.T + b


def activate(z: ArrayLike, activation: str) -> np.ndarray:
    """Return the activations of one layer, by the name of its function.

    a = f(z), entry by entry, or over each row for softmax. Equation :eq:`layer-activation`.

    Parameters
    ----------
    z : array_like, shape (N, M) or (M,)
        Pre-activations.
    activation : str
        A key of `activations.ACTIVATIONS`, or ``"softmax"``.

    Returns
    -------
    ndarray, shape of `z`
        The activations.

    Raises
    ------
    ValueError
        If there is no activation function of that name.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.3.

    Examples
    --------
    >>> activate([-1.0, 2.0], "relu")
    array([0., 2.])
    """
    if activation == "softmax":
        return softmax(z)
    if activation not in ACTIVATIONS:
        known = ", ".join([*ACTIVATIONS, "softmax"])
        raise ValueError(f"activation {activation!r} is unknown; known are {known}")
    return ACTIVATIONS[activation][0](z)


def forward(x: ArrayLike, layers: Sequence[Layer]) -> np.ndarray:
    """Return the output of a network.

    a⁰ = x, and aˡ = f(Wˡ aˡ⁻¹ + bˡ) for l = 1, …, L; the result is aᴸ. Equation :eq:`forward-pass`.

    Parameters
    ----------
    x : array_like, shape (N, D) or (D,)
        A batch of samples or one.
    layers : sequence of Layer
        The layers from input to output; plain tuples (weights, bias, activation) will do.

    Returns
    -------
    ndarray, shape (N, M) or (M,)
        The output of the last layer.

    Raises
    ------
    ValueError
        If there is no layer, one does not fit the one before it, or an activation function is unknown.

    References
    ----------
    Rumelhart, Hinton & Williams, Learning representations by back-propagating errors (1986).

    Examples
    --------
    >>> hidden = Layer(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0.0, -1.0]), "relu")
    >>> output = Layer(np.array([[1.0, -2.0]]), np.array([0.0]), "linear")
    >>> forward([[0, 0], [0, 1], [1, 0], [1, 1]], [hidden, output]).ravel()  # exclusive or
    array([0., 1., 1., 0.])
    """
    a = as_float("x", x)
    if len(layers) == 0:
        raise ValueError("layers is empty; at least one layer is needed")
    for number, (weights, bias, activation) in enumerate(layers, start=1):
        a = activate(_affine_in_layer(number, a, weights, bias), activation)
    return a


def collapse_linear(layers: Sequence[Layer]) -> tuple[np.ndarray, np.ndarray]:
    """Return the one affine map that a stack of linear layers amounts to.

    W = Wᴸ ⋯ W² W¹ and b = Wᴸ(⋯(W² b¹ + b²)⋯) + bᴸ. Equation :eq:`collapse-linear`.

    Parameters
    ----------
    layers : sequence of Layer
        Layers from input to output, all with the activation ``"linear"``.

    Returns
    -------
    w : ndarray, shape (M, D)
        The weights of the single layer; a copy even where there is only one.
    b : ndarray, shape (M,)
        Its biases.

    Raises
    ------
    ValueError
        If there is no layer, one is not linear, or one does not fit itself or the one before it.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.1.

    Examples
    --------
    >>> w, b = collapse_linear([Layer([[2.0]], [1.0], "linear"), Layer([[3.0]], [4.0], "linear")])
    >>> w, b
    (array([[6.]]), array([7.]))
    """
    if len(layers) == 0:
        raise ValueError("layers is empty; at least one layer is needed")
    for number, layer in enumerate(layers, start=1):
        if layer[2] != "linear":
            raise ValueError(f"layer {number} has the activation {layer[2]!r}; only linear layers collapse to one")
    w, b = as_float("w", layers[0][0]).copy(), as_float("b", layers[0][1]).copy()
    _affine_in_layer(1, np.zeros(w.shape[-1:]), w, b)  # raises where the first layer does not fit itself
    for number, (weights, bias, _) in enumerate(layers[1:], start=2):
        b = _affine_in_layer(number, b, weights, bias)
        w = as_float("w", weights) @ w
    return w, b


def parameter_count(sizes: Sequence[int], bias: bool = True) -> int:
    """Return the number of parameters of a fully connected network.

    Σ over layers of M·D weights and, with biases, M more: 4·3 + 4 + 2·4 + 2 = 26 for sizes 3, 4, 2.
    Equation :eq:`parameter-count`.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, then the units of each layer.
    bias : bool
        Whether units have biases.

    Returns
    -------
    int
        The count.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or one is not a positive whole number.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.4.

    Examples
    --------
    >>> parameter_count([3, 4, 2])
    26
    """
    numbers = as_float("sizes", sizes)
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers >= 1)
    if numbers.ndim != 1 or len(numbers) < 2 or not whole.all():
        raise ValueError(f"sizes must be at least two positive whole numbers, but is {sizes}")
    pairs = list(pairwise(int(size) for size in numbers))  # Python's integers: they do not overflow
    return sum(d * m for d, m in pairs) + (sum(m for _, m in pairs) if bias else 0)


def flatten_parameters(layers: Sequence[Layer]) -> np.ndarray:
    """Return all parameters of a network as one vector.

    θ = (W¹, b¹, W², b², …), each matrix row by row. Equation :eq:`flat-parameters`.

    Parameters
    ----------
    layers : sequence of Layer
        The network.

    Returns
    -------
    ndarray, shape (P,)
        The parameters; a copy.

    Raises
    ------
    ValueError
        If there is no layer.

    References
    ----------
    Nocedal & Wright, Numerical Optimization (2006), chapter 2: one vector of unknowns.

    Examples
    --------
    >>> flatten_parameters([Layer([[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0], "relu")])
    array([1., 2., 3., 4., 5., 6.])
    """
    if len(layers) == 0:
        raise ValueError("layers is empty; at least one layer is needed")
    return np.concatenate([as_float("layers", part).ravel() for layer in layers for part in layer[:2]])


def unflatten_parameters(theta: ArrayLike, layers: Sequence[Layer]) -> list[Layer]:
    """Return the network with the shapes and activations of `layers` and the parameters of `theta`.

    The inverse of `flatten_parameters`. Equation :eq:`flat-parameters`.

    Parameters
    ----------
    theta : array_like, shape (P,)
        All parameters.
    layers : sequence of Layer
        The network whose shapes and activations are used.

    Returns
    -------
    list of Layer
        A new network.

    Raises
    ------
    ValueError
        If there is no layer, or `theta` has another length than the network has parameters.

    References
    ----------
    Nocedal & Wright, Numerical Optimization (2006), chapter 2: one vector of unknowns.

    Examples
    --------
    >>> network = [Layer(np.zeros((1, 2)), np.zeros(1), "tanh")]
    >>> unflatten_parameters([1.0, 2.0, 3.0], network)[0].bias
    array([3.])
    """
    theta = as_float("theta", theta)
    if len(layers) == 0:
        raise ValueError("layers is empty; at least one layer is needed")
    shapes = [np.shape(part) for layer in layers for part in layer[:2]]
    lengths = [int(np.prod(shape)) for shape in shapes]
    require_shape("theta", theta, (sum(lengths),))
    parts = np.split(theta.copy(), np.cumsum(lengths)[:-1])
    shaped = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
    return [Layer(w, b, layer[2]) for w, b, layer in zip(shaped[::2], shaped[1::2], layers, strict=True)]


def _affine_in_layer(number: int, x: np.ndarray, w: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Apply `affine`; where it fails, say in which layer."""
    try:
        return affine(x, w, b)
    except ValueError as error:
        raise ValueError(f"layer {number}: {error}") from None


class Structure(NamedTuple):
    """Hidden layers that have been tried, and how good they were."""

    widths: tuple[int, ...]
    """Units of each hidden layer."""
    score: float
    """The lower the better."""


def search_structure(
    score: Callable[[tuple[int, ...]], float],
    widths: Sequence[int],
    *,
    generations: int,
    children: int,
    rng: np.random.Generator,
) -> list[list[Structure]]:
    """Look for a good number of layers and units by trying small changes and keeping the best.

    In each generation the best structure so far gets some children, each with one change: a layer made wider or
    narrower by a third at most, a layer more, or a layer less. The best of parent and children becomes the next parent:
    s_{g+1} = argmin of the score over s_g and its children. Equation :eq:`structure-search`. What was tried before is
    not tried again.

    Parameters
    ----------
    score : callable
        From the widths of the hidden layers to a number, the lower the better: a validation loss after training.
    widths : sequence of int
        The structure to begin with; empty for none.
    generations : int
        How many times children are made.
    children : int
        How many, each time.
    rng : numpy.random.Generator
        Chooses the changes.

    Returns
    -------
    list of list of Structure
        What was tried, in order: the start by itself, then the new children of each generation.

    Raises
    ------
    ValueError
        If a width or a number is no positive integer.

    References
    ----------
    Yao, "Evolving artificial neural networks", Proceedings of the IEEE 87, 1999.

    Examples
    --------
    >>> def far_from_two_layers_of_eight(widths):  # in place of a training run
    ...     return abs(sum(widths) - 16) + 10 * abs(len(widths) - 2)
    >>> tried = search_structure(
    ...     far_from_two_layers_of_eight, [4], generations=30, children=8, rng=np.random.default_rng(0)
    ... )
    >>> best = min((structure for generation in tried for structure in generation), key=lambda one: one.score)
    >>> len(best.widths), sum(best.widths)
    (2, 16)
    """
    parent = tuple(as_count("widths", width) for width in widths)
    tried = [[Structure(parent, float(score(parent)))]]
    best, known = tried[0][0], {parent}
    for _ in range(as_count("generations", generations)):
        tried.append([])
        for _ in range(as_count("children", children)):
            child = _changed(best.widths, rng)
            if child not in known:
                known.add(child)
                tried[-1].append(Structure(child, float(score(child))))
        best = min([best, *tried[-1]], key=lambda structure: structure.score)
    return tried


def _changed(widths: tuple[int, ...], rng: np.random.Generator) -> tuple[int, ...]:
    """Return the widths with one layer changed, added or taken away."""
    place = int(rng.integers(len(widths) + 1))
    if place == len(widths) or rng.random() < 0.25:  # one more, as wide as its neighbour
        return (*widths[:place], widths[place - 1] if widths else 8, *widths[place:])
    if rng.random() < 0.25:
        return (*widths[:place], *widths[place + 1 :])
    step = int(rng.integers(1, max(1, round(widths[place] / 3)) + 1))
    wider = widths[place] + (step if rng.random() < 0.5 else -step)
    return (*widths[:place], max(1, wider), *widths[place + 1 :])
