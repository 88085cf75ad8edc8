"""Backpropagation: the gradient of a loss for every weight, from one pass forward and one pass back.

This is the module of chapter 6, in its order: the chain rule over several paths, a forward pass that keeps what it
computed, the delta of the output, the deltas of hidden layers, the gradients of a layer's parameters, the whole
network; then small networks worked out by hand, in one piece and as modules. Batches are rows, and the losses'
average over the batch enters with the first delta, so that everything after it is a sum.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_lib import losses
from course_lib._shapes import as_float, require_not_empty, require_shape
from course_lib.activations import ACTIVATIONS, relu, relu_derivative, sigmoid, softmax
from course_lib.networks import Layer, _affine_in_layer, activate, affine

LOSSES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "half_squared": (losses.half_squared_loss, losses.half_squared_loss_gradient),
    "squared": (losses.squared_loss, losses.squared_loss_gradient),
    "mean_squared_error": (losses.mean_squared_error, losses.mean_squared_error_gradient),
    "l1": (losses.l1_loss, losses.l1_loss_gradient),
    "binary_cross_entropy": (losses.binary_cross_entropy, losses.binary_cross_entropy_gradient),
    "cross_entropy": (losses.cross_entropy, losses.cross_entropy_gradient),
}


def sum_over_paths(upstream: ArrayLike, local: ArrayLike) -> np.ndarray:
    """Return the derivative of p for a where a reaches p by several ways.

    ∂p/∂a = Σᵢ ∂p/∂qᵢ · ∂qᵢ/∂a. Equation :eq:`chain-rule-paths`.

    Parameters
    ----------
    upstream : array_like, shape (Q,)
        ∂p/∂qᵢ for the Q quantities between a and p.
    local : array_like, shape (Q,) or (Q, D)
        ∂qᵢ/∂a for one a, or for D of them.

    Returns
    -------
    ndarray, shape () or (D,)
        ∂p/∂a.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Rumelhart, Hinton & Williams, Learning representations by back-propagating errors (1986).

    Examples
    --------
    >>> float(sum_over_paths([2.0, 3.0], [5.0, 7.0]))
    31.0
    """
    upstream, local = as_float("upstream", upstream), as_float("local", local)
    sizes: dict[str, int] = {}
    require_shape("upstream", upstream, ("Q",), sizes=sizes)
    require_shape("local", local, ("Q",), ("Q", "D"), sizes=sizes)
    return upstream @ local


def forward_pass(x: ArrayLike, layers: Sequence[Layer]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Run a network forwards and keep every pre-activation and activation.

    zˡ = Wˡ aˡ⁻¹ + bˡ and aˡ = f(zˡ), with a⁰ = x. Equation :eq:`forward-kept`.

    Parameters
    ----------
    x : array_like, shape (N, D) or (D,)
        A batch of samples or one.
    layers : sequence of Layer
        The network.

    Returns
    -------
    zs : list of ndarray
        z¹, …, zᴸ, each (N, M) or (M,).
    activations : list of ndarray
        a⁰, …, aᴸ: one more than `zs`, since it begins with x.

    Raises
    ------
    ValueError
        If a layer does not fit the one before it, or an activation function is unknown.

    References
    ----------
    Nielsen, Neural Networks and Deep Learning (2015), chapter 2.

    Examples
    --------
    >>> zs, activations = forward_pass([1.0, 2.0], [Layer([[1.0, -1.0]], [0.0], "relu")])
    >>> zs, activations
    ([array([-1.])], [array([1., 2.]), array([0.])])
    """
    zs, activations = [], [as_float("x", x)]
    for number, (weights, bias, activation) in enumerate(layers, start=1):
        zs.append(_affine_in_layer(number, activations[-1], weights, bias))
        activations.append(activate(zs[-1], activation))
    return zs, activations


def output_delta(z: ArrayLike, y: ArrayLike, activation: str, loss: str) -> np.ndarray:
    """Return the gradient of the loss for the pre-activations of the last layer.

    Elementwise outputs: δᴸ = ∇ₐJ ⊙ f′(zᴸ), Equation :eq:`output-delta`. For the sigmoid with binary cross entropy and
    for softmax with cross entropy this shortens to (a − y)/N, Equation :eq:`output-delta-matched`. Softmax with any
    other loss needs its Jacobian in place of f′: δᴸ = h ⊙ (g − gᵀh), Equation :eq:`output-delta-softmax`.

    Only the two matched pairs are computed from the logits. Crossed over (softmax with binary cross entropy, sigmoid
    with cross entropy), an output that has rounded to 0 where it should be 1 has an infinite loss and no slope.

    Parameters
    ----------
    z : array_like, shape (N, M)
        zᴸ, one row a sample.
    y : array_like, shape (N, M), or int (N,) for cross entropy
        The targets.
    activation : str
        The last layer's function.
    loss : str
        A key of `LOSSES`.

    Returns
    -------
    ndarray, shape (N, M)
        δᴸ; it carries the loss's 1/N.

    Raises
    ------
    ValueError
        If the loss or the activation function is unknown, or the shapes do not fit.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), section 5.3.1.

    Examples
    --------
    >>> output_delta([[0.0, 0.0]], [1], "softmax", "cross_entropy")
    array([[ 0.5, -0.5]])
    """
    z = as_float("z", z)
    require_shape("z", z, ("N", "M"))
    if loss not in LOSSES:
        raise ValueError(f"loss {loss!r} is unknown; known are {', '.join(LOSSES)}")
    if activation == "softmax" and loss == "cross_entropy":
        return losses.softmax_cross_entropy_gradient(z, y)
    if activation == "sigmoid" and loss == "binary_cross_entropy":
        return losses.binary_cross_entropy_from_logits_gradient(z, y)
    a = activate(z, activation)
    return delta_from_output_gradient(LOSSES[loss][1](a, y), z, activation)


def gradient_at_output(delta_next: ArrayLike, w_next: ArrayLike) -> np.ndarray:
    """Return the gradient of the loss for the outputs of a layer, from the delta of the next one.

    ∂J/∂aˡ = (Wˡ⁺¹)ᵀ δˡ⁺¹: a unit's output reaches the loss through every unit it feeds. Equation :eq:`hidden-gradient`.

    Parameters
    ----------
    delta_next : array_like, shape (N, M) or (M,)
        δˡ⁺¹.
    w_next : array_like, shape (M, D)
        Wˡ⁺¹.

    Returns
    -------
    ndarray, shape (N, D) or (D,)
        ∂J/∂aˡ.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Rumelhart, Hinton & Williams, Learning representations by back-propagating errors (1986).

    Examples
    --------
    >>> gradient_at_output([1.0, 10.0], [[2.0, 0.0], [3.0, 4.0]])
    array([32., 40.])
    """
    delta_next, w_next = as_float("delta_next", delta_next), as_float("w_next", w_next)
    sizes: dict[str, int] = {}
    require_shape("w_next", w_next, ("M", "D"), sizes=sizes)
    require_shape("delta_next", delta_next, ("N", "M"), ("M",), sizes=sizes)
    return delta_next @ w_next


def delta_from_output_gradient(da: ArrayLike, z: ArrayLike, activation: str) -> np.ndarray:
    """Carry a gradient from the output of a layer back through its activation function.

    δ = ∂J/∂a ⊙ f′(z), Equation :eq:`delta-from-output-gradient`; for softmax, which mixes the entries of a row, through
    its Jacobian: δ = h ⊙ (g − gᵀh) with g = ∂J/∂h, Equation :eq:`output-delta-softmax`.

    Parameters
    ----------
    da : array_like, shape of `z`
        ∂J/∂a.
    z : array_like, shape (N, M) or (M,)
        The layer's pre-activations.
    activation : str
        The layer's function.

    Returns
    -------
    ndarray, shape of `z`
        ∂J/∂z.

    Raises
    ------
    ValueError
        If the shapes differ or the activation function is unknown.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), section 5.3.1.

    Examples
    --------
    >>> delta_from_output_gradient([10.0, 10.0], [-1.0, 2.0], "relu")
    array([ 0., 10.])
    """
    da, z = as_float("da", da), as_float("z", z)
    require_shape("da", da, z.shape)
    if activation == "softmax":
        h = softmax(z)
        return h * (da - np.sum(da * h, axis=-1, keepdims=True))
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation {activation!r} is unknown; known are {', '.join([*ACTIVATIONS, 'softmax'])}")
    return da * ACTIVATIONS[activation][1](z)


def hidden_delta(delta_next: ArrayLike, w_next: ArrayLike, z: ArrayLike, activation: str) -> np.ndarray:
    """Return the delta of a hidden layer from the delta of the next one.

    δˡ = f′(zˡ) ⊙ (Wˡ⁺¹)ᵀ δˡ⁺¹: first to the units' outputs, then through f. Equation :eq:`hidden-delta`.

    Parameters
    ----------
    delta_next : array_like, shape (N, M) or (M,)
        δˡ⁺¹.
    w_next : array_like, shape (M, D)
        Wˡ⁺¹.
    z : array_like, shape (N, D) or (D,)
        zˡ.
    activation : str
        The function of layer l.

    Returns
    -------
    ndarray, shape of `z`
        δˡ.

    Raises
    ------
    ValueError
        If the shapes do not fit together or the activation function is unknown.

    References
    ----------
    Nielsen, Neural Networks and Deep Learning (2015), chapter 2.

    Examples
    --------
    >>> hidden_delta([1.0, 10.0], [[2.0, 0.0], [3.0, 4.0]], [0.5, -0.5], "relu")
    array([32.,  0.])
    """
    return delta_from_output_gradient(gradient_at_output(delta_next, w_next), z, activation)


def layer_gradients(delta: ArrayLike, a_previous: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients for a layer's weights and biases.

    One sample: ∂J/∂W = δ aᵀ and ∂J/∂b = δ. A batch: the sum of these over its rows, as one product Δᵀ A.
    Equation :eq:`weight-gradient`.

    Parameters
    ----------
    delta : array_like, shape (N, M) or (M,)
        The layer's delta; for a batch it carries the 1/N of the loss.
    a_previous : array_like, shape (N, D) or (D,)
        What came into the layer.

    Returns
    -------
    dw : ndarray, shape (M, D)
        ∂J/∂W.
    db : ndarray, shape (M,)
        ∂J/∂b.

    Raises
    ------
    ValueError
        If one is a batch and the other is not, or the batches differ in length.

    References
    ----------
    Nielsen, Neural Networks and Deep Learning (2015), chapter 2.

    Examples
    --------
    >>> layer_gradients([1.0, -1.0], [2.0, 3.0])
    (array([[ 2.,  3.],
           [-2., -3.]]), array([ 1., -1.]))
    """
    delta, a_previous = as_float("delta", delta), as_float("a_previous", a_previous)
    sizes: dict[str, int] = {}
    require_shape("delta", delta, ("N", "M"), ("M",), sizes=sizes)
    require_shape("a_previous", a_previous, ("N", "D") if delta.ndim == 2 else ("D",), sizes=sizes)
    if delta.ndim == 1:
        return np.outer(delta, a_previous), delta.copy()
    return delta.T @ a_previous, delta.sum(axis=0)


def backpropagate(
    x: ArrayLike, y: ArrayLike, layers: Sequence[Layer], loss: str
) -> tuple[float, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the loss of a network on a batch and its gradients for all weights and biases.

    Forwards z and a are kept, Equation :eq:`forward-kept`; the output's delta starts the way back, Equation
    :eq:`output-delta`; each layer turns its delta into gradients, Equation :eq:`weight-gradient`, and passes it on,
    Equation :eq:`hidden-delta`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        A batch of samples.
    y : array_like, shape (N, M), or int (N,) for cross entropy
        The targets.
    layers : sequence of Layer
        The network.
    loss : str
        A key of `LOSSES`.

    Returns
    -------
    value : float
        The loss, averaged over the batch.
    gradients : list of (dw, db)
        For each layer, in the order of `layers` and with the shapes of its parameters.

    Raises
    ------
    ValueError
        If the batch or the list of layers is empty, shapes do not fit, or a name is unknown.

    References
    ----------
    Rumelhart, Hinton & Williams, Learning representations by back-propagating errors (1986).

    Examples
    --------
    >>> network = [Layer(np.array([[1.0, 1.0]]), np.array([0.0]), "linear")]
    >>> backpropagate([[1.0, 2.0]], [[1.0]], network, "half_squared")
    (2.0, [(array([[2., 4.]]), array([2.]))])
    """
    x = as_float("x", x)
    require_shape("x", x, ("N", "D"))
    require_not_empty("x", x)
    if len(layers) == 0:
        raise ValueError("layers is empty; at least one layer is needed")
    zs, activations = forward_pass(x, layers)
    value, delta = _loss_and_delta(zs[-1], activations[-1], y, layers[-1][2], loss)
    gradients = []
    for k in reversed(range(len(layers))):  # activations[k] is what came into layers[k]
        gradients.append(layer_gradients(delta, activations[k]))
        if k > 0:
            delta = hidden_delta(delta, layers[k][0], zs[k - 1], layers[k - 1][2])
    return value, gradients[::-1]


def affine_forward(x: ArrayLike, w: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, Any]:
    """Run an affine map as a module that remembers what its way back needs.

    Z = X Wᵀ + b. Equation :eq:`module-affine`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        A batch of rows.
    w : array_like, shape (M, D)
        Weights.
    b : array_like, shape (M,)
        Biases.

    Returns
    -------
    z : ndarray, shape (N, M)
        The result.
    cache : tuple
        For `affine_backward`.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Griewank & Walther, Evaluating Derivatives (2008), chapter 3: each step keeps what its adjoint needs.

    Examples
    --------
    >>> affine_forward([[1.0, 2.0]], [[3.0, 4.0]], [5.0])[0]
    array([[16.]])
    """
    x, w = as_float("x", x), as_float("w", w)
    require_shape("x", x, ("N", "D"))
    return affine(x, w, b), (x, w)


def affine_backward(dz: ArrayLike, cache: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Carry a gradient back through an affine map.

    dX = dZ W, dW = dZᵀ X, db = Σₙ dZₙ. Equation :eq:`module-affine`.

    Parameters
    ----------
    dz : array_like, shape (N, M)
        Gradient for the result.
    cache : tuple
        From `affine_forward`.

    Returns
    -------
    dx : ndarray, shape (N, D)
        Gradient for the input.
    dw : ndarray, shape (M, D)
        Gradient for the weights.
    db : ndarray, shape (M,)
        Gradient for the biases.

    Raises
    ------
    ValueError
        If `dz` has another shape than the result had.

    References
    ----------
    Griewank & Walther, Evaluating Derivatives (2008), chapter 3.

    Examples
    --------
    >>> _, cache = affine_forward([[1.0, 2.0]], [[3.0, 4.0]], [5.0])
    >>> affine_backward([[10.0]], cache)
    (array([[30., 40.]]), array([[10., 20.]]), array([10.]))
    """
    x, w = cache
    dz = as_float("dz", dz)
    require_shape("dz", dz, (len(x), len(w)))
    return dz @ w, *layer_gradients(dz, x)


def two_layer_gradients(
    x: ArrayLike, y: ArrayLike, w: ArrayLike, v: ArrayLike, activation: str = "sigmoid"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of a two-layer network, derived in one piece for one sample.

    h = f(W x), ŷ = V h, J = ½‖ŷ − y‖²: ∂J/∂V = (ŷ − y) hᵀ and ∂J/∂W = [f′(W x) ⊙ Vᵀ(ŷ − y)] xᵀ.
    Equation :eq:`two-layer-by-hand`.

    Parameters
    ----------
    x : array_like, shape (D,)
        The sample.
    y : array_like, shape (M,)
        Its target.
    w : array_like, shape (K, D)
        Weights into the K hidden units.
    v : array_like, shape (M, K)
        Weights into the outputs.
    activation : str
        f, a key of `activations.ACTIVATIONS`.

    Returns
    -------
    dw : ndarray, shape (K, D)
        ∂J/∂W.
    dv : ndarray, shape (M, K)
        ∂J/∂V.

    Raises
    ------
    ValueError
        If the shapes do not fit together or the activation function is unknown.

    References
    ----------
    Rumelhart, Hinton & Williams, Learning representations by back-propagating errors (1986).

    Examples
    --------
    >>> two_layer_gradients([1.0, 2.0], [0.0], [[1.0, 1.0]], [[2.0]], activation="linear")
    (array([[12., 24.]]), array([[18.]]))
    """
    x, y, w, v = _read(x=(x, "D"), y=(y, "M"), w=(w, "KD"), v=(v, "MK"))
    z = w @ x
    h = activate(z, activation)
    error = v @ h - y
    dv = np.outer(error, h)
    dw = np.outer(delta_from_output_gradient(v.T @ error, z, activation), x)
    return dw, dv


def modular_gradients(
    x: ArrayLike, y: ArrayLike, weights: Sequence[ArrayLike], activation: str = "sigmoid"
) -> list[np.ndarray]:
    """Return the gradients of a network without biases, each module knowing only its own derivative.

    Every hidden layer is h ← f(W h), the last one ŷ = W h, J = ½‖ŷ − y‖². A module takes the gradient for its result
    and returns those for its input and its weights, so a third layer U costs one more module and no new derivation.
    Equation :eq:`modular-chain`.

    Parameters
    ----------
    x : array_like, shape (D,)
        The sample.
    y : array_like, shape (M,)
        Its target.
    weights : sequence of array_like
        W, V or W, V, U, …: from the input to the output, each (out, in).
    activation : str
        f, of every layer but the last.

    Returns
    -------
    list of ndarray
        The gradient for each matrix, in the order given.

    Raises
    ------
    ValueError
        If there are no weights, the shapes do not fit together, or the activation function is unknown.

    References
    ----------
    Griewank & Walther, Evaluating Derivatives (2008), chapter 3.

    Examples
    --------
    >>> modular_gradients([1.0, 2.0], [0.0], [[[1.0, 1.0]], [[2.0]]], activation="linear")
    [array([[12., 24.]]), array([[18.]])]
    """
    matrices = [as_float("weights", w) for w in weights]
    if not matrices:
        raise ValueError("weights is empty; at least one matrix is needed")
    h, y = as_float("x", x), as_float("y", y)
    require_shape("x", h, ("D",))
    caches = []
    for number, w in enumerate(matrices, start=1):
        require_shape(f"weights of layer {number}", w, ("M", h.size))
        z = w @ h
        caches.append((h, w, z))
        h = activate(z, activation) if number < len(matrices) else z
    require_shape("y", y, h.shape)
    dh, gradients = h - y.astype(h.dtype, copy=False), []  # a float64 target does not lift a float32 network
    for number, (h_in, w, z) in reversed(list(enumerate(caches, start=1))):
        dz = delta_from_output_gradient(dh, z, activation) if number < len(caches) else dh
        gradients.append(np.outer(dz, h_in))
        dh = w.T @ dz
    return gradients[::-1]


def sigmoid_neuron_gradient(x: ArrayLike, y: float, w: ArrayLike, b: float) -> tuple[np.ndarray, float]:
    """Return the gradients of one sigmoid neuron with squared loss, for its weights and its bias.

    a = σ(wᵀx + b), J = ½(a − y)²: ∂J/∂wᵢ = (a − y) a (1 − a) xᵢ and ∂J/∂b = (a − y) a (1 − a).
    Equation :eq:`sigmoid-neuron`.

    Parameters
    ----------
    x : array_like, shape (D,)
        The sample.
    y : float
        Its target.
    w : array_like, shape (D,)
        Weights.
    b : float
        Bias.

    Returns
    -------
    dw : ndarray, shape (D,)
        ∂J/∂w.
    db : float
        ∂J/∂b.

    Raises
    ------
    ValueError
        If `x` and `w` differ in shape, or `y` or `b` is not one number.

    References
    ----------
    Nielsen, Neural Networks and Deep Learning (2015), chapter 3.

    Examples
    --------
    >>> sigmoid_neuron_gradient([2.0, -1.0], 0.0, [1.0, 2.0], 0.0)
    (array([ 0.25 , -0.125]), 0.125)
    """
    x, w, _, _ = _read(x=(x, "D"), w=(w, "D"), y=(y, ""), b=(b, ""))
    a = sigmoid(w @ x + float(b))
    delta = (a - float(y)) * a * (1 - a)
    return delta * x, float(delta)


def relu_network_gradients(
    x: ArrayLike, y: ArrayLike, w1: ArrayLike, b1: ArrayLike, w2: ArrayLike, b2: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of a rectifier network with squared loss, layer by layer for one sample.

    hⱼ = max(0, Σᵢ w1ⱼᵢ xᵢ + b1ⱼ), ŷₖ = Σⱼ w2ₖⱼ hⱼ + b2ₖ, J = Σₖ (ŷₖ − yₖ)²; back: ∂J/∂ŷ = 2(ŷ − y), through w2 to
    ∂J/∂hⱼ, and on where hⱼ > 0. Equation :eq:`relu-network`.

    Parameters
    ----------
    x : array_like, shape (D,)
        The sample.
    y : array_like, shape (M,)
        Its target.
    w1, b1 : array_like, shapes (K, D) and (K,)
        The hidden layer.
    w2, b2 : array_like, shapes (M, K) and (M,)
        The output layer.

    Returns
    -------
    dw1, db1, dw2, db2 : ndarrays
        The gradients, with the shapes of the parameters.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.5.

    Examples
    --------
    >>> relu_network_gradients([1.0], [0.0], [[2.0], [-1.0]], [0.0, 0.0], [[1.0, 1.0]], [0.0])[0]
    array([[4.],
           [0.]])
    """
    x, w1, b1, w2, b2, y = _read(x=(x, "D"), w1=(w1, "KD"), b1=(b1, "K"), w2=(w2, "MK"), b2=(b2, "M"), y=(y, "M"))
    z = affine(x, w1, b1)
    h = relu(z)
    y_hat = affine(h, w2, b2)
    dy_hat = 2 * (y_hat - y)
    dw2, db2 = layer_gradients(dy_hat, h)
    dh = gradient_at_output(dy_hat, w2)
    dz = dh * relu_derivative(z)
    dw1, db1 = layer_gradients(dz, x)
    return dw1, db1, dw2, db2


def linear_mse_gradient(x: ArrayLike, y: ArrayLike, w: ArrayLike) -> np.ndarray:
    """Return the gradient of a one-layer linear network without biases under the mean squared error.

    J = 1/(NM) ‖X Wᵀ − Y‖², so ∂J/∂W = 2/(NM) (X Wᵀ − Y)ᵀ X: the 2 belongs to it. Equation :eq:`linear-mse`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        A batch of samples.
    y : array_like, shape (N, M)
        Their targets.
    w : array_like, shape (M, D)
        Weights.

    Returns
    -------
    ndarray, shape (M, D)
        ∂J/∂W.

    Raises
    ------
    ValueError
        If the shapes do not fit together or the batch is empty.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning (2006), section 3.1.

    Examples
    --------
    >>> linear_mse_gradient([[1.0, 2.0]], [[1.0]], [[1.0, 1.0]])
    array([[4., 8.]])
    """
    x, w, y = _read(x=(x, "ND"), w=(w, "MD"), y=(y, "NM"))
    require_not_empty("x", x)
    return losses.mean_squared_error_gradient(x @ w.T, y).T @ x


def _read(**arguments: tuple[ArrayLike, str]) -> list[np.ndarray]:
    """Return each `name=(value, shape)` as a float array of that shape; a letter means one length throughout.

    A target y is read in the precision of the others, as the losses read it: it lifts no float32 network to float64.
    """
    sizes: dict[str, int] = {}
    arrays = {name: as_float(name, value) for name, (value, _) in arguments.items()}
    for name, (_, shape) in arguments.items():
        require_shape(name, arrays[name], shape, sizes=sizes)
    precision = np.result_type(*(array for name, array in arrays.items() if name != "y"))
    return [array.astype(precision, copy=False) if name == "y" else array for name, array in arrays.items()]


def _loss_and_delta(z: np.ndarray, a: np.ndarray, y: ArrayLike, activation: str, loss: str) -> tuple[float, np.ndarray]:
    """Return the loss, from the logits where a probability could round to 0 or 1, and `output_delta`."""
    if activation == "softmax" and loss == "cross_entropy":
        value, delta = losses.softmax_cross_entropy_and_gradient(z, y)
        return float(value), delta
    delta = output_delta(z, y, activation, loss)
    if activation == "sigmoid" and loss == "binary_cross_entropy":
        return float(losses.binary_cross_entropy_from_logits(z, y)), delta
    return float(LOSSES[loss][0](a, y)), delta
