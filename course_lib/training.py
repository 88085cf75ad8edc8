"""Training, for every chapter that needs a trained network: epochs of shuffled mini-batches, and when to stop.

`fit` trains anything that has a loss and a gradient over one flat vector; `train` is `fit` for a list of layers.
Chapters before the sixth use it as a black box: chapter 6 opens `loss_and_gradient`, chapter 8 opens `train`.
Everything random comes from the generator that is passed in, so a run can be repeated exactly.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_count, as_float, require_not_empty, require_shape
from course_lib.backprop import backpropagate
from course_lib.networks import Layer, activate, flatten_parameters, forward, parameter_count, unflatten_parameters
from course_lib.optimizers import GradientDescent, Rule, mini_batches


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


def fit(
    loss_and_gradient: Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]],
    theta: ArrayLike,
    samples: int,
    rule: Rule,
    *,
    epochs: int,
    rng: np.random.Generator,
    batch_size: int | None = None,
    validation_loss: Callable[[np.ndarray], float] | None = None,
    patience: int | None = None,
    callback: Callable[[int, np.ndarray, float], Any] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return trained parameters and the loss of each epoch, for anything with a loss that is a mean over samples.

    Parameters
    ----------
    loss_and_gradient : callable
        From θ, shape (P,), and the numbers of some samples to their mean loss and its gradient.
    theta : array_like, shape (P,)
        Where to start; not changed.
    samples : int
        How many there are.
    rule : object with a method ``step(theta, gradient)``
        Such as `optimizers.Adam`; it should be new, since it remembers.
    epochs : int
        How many times every sample is seen, at most.
    rng : numpy.random.Generator
        Shuffles the samples before each epoch.
    batch_size : int, optional
        Samples a step; left out, all of them. The last batch of an epoch has what is left.
    validation_loss : callable, optional
        From θ to the loss on samples that are not trained on; asked after each epoch.
    patience : int, optional
        Stop early, after so many epochs without a validation loss below the best one.
    callback : callable, optional
        Called as ``callback(epoch, theta, loss)`` after each epoch.

    Returns
    -------
    theta : ndarray, shape (P,)
        The last parameters; with `patience`, those with the best validation loss.
    history : ndarray, shape (E,), with `validation_loss` (E, 2)
        For each of the E epochs that were run the mean of its mini-batches' losses, each taken before its step; and
        in the second column the validation loss after it.

    Raises
    ------
    ValueError
        If a number is not positive and whole, theta is no vector, or there is a `patience` but no `validation_loss`.

    References
    ----------
    Prechelt, "Early stopping - but when?", Neural Networks: Tricks of the Trade, 1998.

    Examples
    --------
    >>> points = np.array([1.0, 2.0, 3.0, 6.0])
    >>> def distance(theta, rows):
    ...     return np.mean((theta - points[rows]) ** 2), 2 * np.mean(theta - points[rows], keepdims=True)
    >>> theta, history = fit(distance, [0.0], 4, GradientDescent(0.25), epochs=30, rng=np.random.default_rng(0))
    >>> theta.round(6), history[[0, -1]].round(6)
    (array([3.]), array([12.5,  3.5]))
    """
    point = as_float("theta", theta)
    require_shape("theta", point, ("P",))
    samples, epochs = as_count("samples", samples), as_count("epochs", epochs)
    size = samples if batch_size is None else as_count("batch_size", batch_size)
    if patience is not None:
        patience = as_count("patience", patience)
        if validation_loss is None:
            raise ValueError("patience needs a validation loss to look at, but there is none")
    best, best_loss, best_epoch, history = point, np.inf, 0, []
    for epoch in range(epochs):
        values = []
        for rows in mini_batches(samples, size, rng):
            value, gradient = loss_and_gradient(point, rows)
            point = rule.step(point, gradient)
            values.append(value * len(rows))
        loss = sum(values) / samples
        seen = None if validation_loss is None else float(validation_loss(point))
        history.append(loss if seen is None else (loss, seen))
        if callback is not None:
            callback(epoch, point.copy(), loss)
        if seen is not None and seen < best_loss:
            best, best_loss, best_epoch = point, seen, epoch
        if patience is not None and epoch - best_epoch >= patience:
            break
    return (point if patience is None else best).copy(), np.array(history)


def train(
    layers: Sequence[Layer],
    x: ArrayLike,
    y: ArrayLike,
    loss: str,
    *,
    learning_rate: float | None = None,
    epochs: int,
    rng: np.random.Generator,
    batch_size: int | None = None,
    callback: Callable[[int, list[Layer], float], Any] | None = None,
    rule: Rule | None = None,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    patience: int | None = None,
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
        How far each step goes along the negative gradient; left out where there is a `rule`.
    epochs : int
        How many times every sample is seen, at most.
    rng : numpy.random.Generator
        Shuffles the samples.
    batch_size : int, optional
        Samples a step; left out, all of them.
    callback : callable, optional
        Called as ``callback(epoch, layers, loss)`` after each epoch.
    rule : object with a method ``step(theta, gradient)``, optional
        Another way to step than gradient descent, such as `optimizers.Adam`.
    validation : (x, y), optional
        Samples that are not trained on; their loss is taken after each epoch.
    patience : int, optional
        Stop after so many epochs without a lower validation loss, and go back to the best.

    Returns
    -------
    layers : list of Layer
        The trained network.
    history : ndarray, shape (E,), with `validation` (E, 2)
        For each epoch the mean of its mini-batches' losses, each taken before its step; and the validation loss.

    Raises
    ------
    ValueError
        If `x` and `y` differ in length or are empty, a number is not positive, or there is not one of `learning_rate`
        and `rule`.

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
    if (learning_rate is None) == (rule is None):
        raise ValueError("give either a learning_rate or a rule, and not both")
    if rule is None:
        rule = GradientDescent(learning_rate)  # type: ignore[arg-type]  # not None after the check above

    def of_rows(theta: np.ndarray, rows: np.ndarray) -> tuple[float, np.ndarray]:
        return loss_and_gradient(theta, layers, x[rows], y[rows], loss)

    def of_validation(theta: np.ndarray) -> float:
        unseen, wanted = validation or (x, y)
        return loss_and_gradient(theta, layers, unseen, wanted, loss)[0]

    def tell(epoch: int, theta: np.ndarray, value: float) -> None:
        if callback is not None:
            callback(epoch, unflatten_parameters(theta, layers), value)

    theta, history = fit(
        of_rows,
        flatten_parameters(layers),
        len(x),
        rule,
        epochs=epochs,
        rng=rng,
        batch_size=batch_size,
        validation_loss=None if validation is None else of_validation,
        patience=patience,
        callback=tell,
    )
    return unflatten_parameters(theta, layers), history
