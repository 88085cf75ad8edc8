"""Training a network by mini-batch gradient descent, for every chapter that needs a trained one.

Chapters before the sixth use it as a black box: chapter 6 opens `loss_and_gradient`, chapter 8 opens `train`.
Everything random comes from the generator that is passed in, so a run can be repeated exactly.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_float, require_not_empty, require_shape
from course_lib.backprop import backpropagate
from course_lib.networks import Layer, activate, flatten_parameters, forward, parameter_count, unflatten_parameters


def initial_layers(sizes: Sequence[int], activations: Sequence[str], rng: np.random.Generator) -> list[Layer]:
    """Return a network with random weights and zero biases, ready to be trained.

    Weights are drawn from a normal distribution with variance 2/D after a rectifier's kin and 1/D otherwise, where D
    is the number of inputs of the layer; chapter 8 says why.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, then the units of each layer.
    activations : sequence of str
        One name a layer.
    rng : numpy.random.Generator
        Where the weights come from.

    Returns
    -------
    list of Layer
        One layer fewer than there are sizes.

    Raises
    ------
    ValueError
        If there is not one activation for each layer, one is unknown, or a size is not a positive whole number.

    References
    ----------
    LeCun, Bottou, Orr & Müller, Efficient BackProp (1998); He, Zhang, Ren & Sun (2015) for rectifiers.

    Examples
    --------
    >>> [layer.weights.shape for layer in initial_layers([3, 4, 2], ["tanh", "linear"], np.random.default_rng(0))]
    [(4, 3), (2, 4)]
    """
    parameter_count(sizes)  # raises where these are not the sizes of a network
    if len(activations) != len(sizes) - 1:
        raise ValueError(f"activations has {len(activations)} names, expected {len(sizes) - 1} for sizes {list(sizes)}")
    layers = []
    whole = [int(size) for size in sizes]  # 3.0 is as good as 3
    for d, m, activation in zip(whole[:-1], whole[1:], activations, strict=True):
        activate(np.zeros(m), activation)  # raises where there is no such function
        gain = 2.0 if "relu" in activation or activation == "elu" else 1.0
        layers.append(Layer(rng.standard_normal((m, d)) * np.sqrt(gain / d), np.zeros(m), activation))
    return layers


def predict(x: ArrayLike, layers: Sequence[Layer]) -> np.ndarray:
    """Return the output of a network; `networks.forward`, for chapters that come before the third.

    Parameters
    ----------
    x : array_like, shape (N, D) or (D,)
        A batch of samples or one.
    layers : sequence of Layer
        The network, or its first layers.

    Returns
    -------
    ndarray, shape (N, M) or (M,)
        The output of the last layer given.

    Raises
    ------
    ValueError
        As `networks.forward`.

    Examples
    --------
    >>> predict([1.0, 2.0], [Layer(np.array([[1.0, 1.0]]), np.zeros(1), "relu")])
    array([3.])
    """
    return forward(x, layers)


def loss_and_gradient(
    theta: ArrayLike, layers: Sequence[Layer], x: ArrayLike, y: ArrayLike, loss: str
) -> tuple[float, np.ndarray]:
    """Return the loss of a network on a batch and its gradient for all parameters, as one vector.

    Parameters
    ----------
    theta : array_like, shape (P,)
        The parameters, ordered as by `networks.flatten_parameters`.
    layers : sequence of Layer
        The network whose shapes and activations are used; its own parameters are not.
    x : array_like, shape (N, D)
        A batch of samples.
    y : array_like, shape (N, M), or int (N,) for cross entropy
        The targets.
    loss : str
        A key of `backprop.LOSSES`.

    Returns
    -------
    value : float
        The loss, averaged over the batch.
    gradient : ndarray, shape (P,)
        Its gradient for `theta`.

    Raises
    ------
    ValueError
        As `backprop.backpropagate`, or if `theta` has the wrong length.

    Examples
    --------
    >>> network = [Layer(np.zeros((1, 2)), np.zeros(1), "linear")]
    >>> loss_and_gradient([1.0, 1.0, 0.0], network, [[1.0, 2.0]], [[1.0]], "half_squared")
    (2.0, array([2., 4., 2.]))
    """
    value, gradients = backpropagate(x, y, unflatten_parameters(theta, layers), loss)
    return value, np.concatenate([part.ravel() for pair in gradients for part in pair])


def train(
    layers: Sequence[Layer],
    x: ArrayLike,
    y: ArrayLike,
    loss: str,
    *,
    learning_rate: float,
    epochs: int,
    rng: np.random.Generator,
    batch_size: int | None = None,
    callback: Callable[[int, list[Layer], float], Any] | None = None,
) -> tuple[list[Layer], np.ndarray]:
    """Return the network after training by gradient descent on shuffled mini-batches, and the loss of each epoch.

    Parameters
    ----------
    layers : sequence of Layer
        Where to start; not changed.
    x : array_like, shape (N, D)
        The samples.
    y : array_like, shape (N, M), or int (N,) for cross entropy
        Their targets.
    loss : str
        A key of `backprop.LOSSES`.
    learning_rate : float
        How far each step goes along the negative gradient.
    epochs : int
        How many times every sample is seen.
    rng : numpy.random.Generator
        Shuffles the samples.
    batch_size : int, optional
        Samples a step; left out, all of them.
    callback : callable, optional
        Called as ``callback(epoch, layers, loss)`` after each epoch.

    Returns
    -------
    layers : list of Layer
        The trained network.
    history : ndarray, shape (epochs,)
        For each epoch the mean of its mini-batches' losses, each taken before its step.

    Raises
    ------
    ValueError
        If `x` and `y` differ in length or are empty, or a number is not positive.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> line = initial_layers([1, 1], ["linear"], rng)
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> line, history = train(line, x, 3 * x + 1, "half_squared", learning_rate=0.5, epochs=100, rng=rng)
    >>> line[0].weights.round(3), line[0].bias.round(3)
    (array([[3.]]), array([1.]))
    """
    x, y = as_float("x", x), np.asarray(y)
    require_shape("x", x, ("N", "D"))
    require_not_empty("x", x)
    if y.shape[:1] != x.shape[:1]:
        raise ValueError(f"y has shape {y.shape}, expected {len(x)} rows, one for each row of x")
    size = len(x) if batch_size is None else batch_size
    if not learning_rate > 0:
        raise ValueError(f"learning_rate must be positive, but is {learning_rate!r}")
    for name, number in (("epochs", epochs), ("batch_size", size)):
        if not (isinstance(number, int | np.integer) and number > 0):
            raise ValueError(f"{name} must be a positive whole number, but is {number!r}")
    theta, history = flatten_parameters(layers), []
    for epoch in range(epochs):
        order, values = rng.permutation(len(x)), []
        for start in range(0, len(x), size):
            rows = order[start : start + size]
            value, gradient = loss_and_gradient(theta, layers, x[rows], y[rows], loss)
            theta = theta - float(learning_rate) * gradient  # NumPy's own float64 would lift a float32 network
            values.append(value * len(rows))
        history.append(sum(values) / len(x))
        if callback is not None:
            callback(epoch, unflatten_parameters(theta, layers), history[-1])
    return unflatten_parameters(theta, layers), np.array(history)
