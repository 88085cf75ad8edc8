"""Pooling and a small convolutional network, the module of chapter 11.

Pooling replaces every window of a feature map by one number, its maximum or its mean, so that maps become smaller and
care less where exactly something was seen. The second half of the module puts a network together: convolution, ReLU,
max-pooling, a dense layer and softmax, forwards and backwards, with all its parameters as one vector for those who
optimise it. Maps are (N, C, H, W).
"""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_float, require_not_empty, require_shape
from course_lib.activations import relu, relu_derivative, softmax
from course_lib.backprop import gradient_at_output, layer_gradients
from course_lib.convolution import Pair, _pair, _whole, conv2d_backward, conv2d_forward, output_size
from course_lib.initializers import he_normal, scaled_normal
from course_lib.losses import softmax_cross_entropy, softmax_cross_entropy_gradient
from course_lib.networks import affine


def max_pool2d_forward(x: ArrayLike, window: Pair = 2, stride: Pair | None = None) -> tuple[np.ndarray, Any]:
    """Keep the largest entry of every window: a[n, c, i, j] = maxᵤᵥ x[n, c, i·s + u, j·s + v].

    Equation :eq:`max-pooling`. The maximum is taken over kh·kw shifted views of the maps, all windows at once.

    Parameters
    ----------
    x : array_like, shape (N, C, H, W)
        A batch of feature maps.
    window : int or pair of int
        kh and kw, the rows and columns of a window.
    stride : int or pair of int, optional
        Steps s between windows. By default the window itself, so that windows lie side by side; smaller strides make
        them overlap. Rows and columns that fill no window are left out.

    Returns
    -------
    out : ndarray, shape (N, C, Ho, Wo)
        The maxima; NaN where the window holds a NaN.
    cache : tuple
        What `max_pool2d_backward` needs. It holds x and out themselves: do not change them before the backward pass.

    Raises
    ------
    ValueError
        If x has another shape or is empty, a window is larger than a map, or window or stride is no such number.

    References
    ----------
    Zhou and Chellappa, "Computation of optical flow using a neural network", IEEE International Conference on Neural
    Networks, 1988.

    Examples
    --------
    >>> out, cache = max_pool2d_forward([[[[1, 2, 5, 0], [3, 4, 0, 0]]]])
    >>> out
    array([[[[4., 5.]]]])
    """
    x, window, stride = _read_maps(x, window, stride)
    first, *others = _views(x, window, stride)
    out = first.copy()
    for view in others:
        np.maximum(out, view, out=out)
    return out, (x, out, window, stride)


def max_pool2d_backward(dout: ArrayLike, cache: Any) -> np.ndarray:
    """Send the gradient of every window to its largest entry, and 0 to the others.

    Equation :eq:`max-pooling-gradient`. If several entries are the largest, the first of them, row by row,
    takes all; so it is with several NaN. Where windows overlap, an entry receives the sum.

    Parameters
    ----------
    dout : array_like, shape (N, C, Ho, Wo)
        Gradient of the loss with respect to `out` of `max_pool2d_forward`.
    cache : tuple
        From `max_pool2d_forward`.

    Returns
    -------
    ndarray, shape (N, C, H, W)
        Gradient with respect to x.

    Raises
    ------
    ValueError
        If `dout` does not have the shape of `out`.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 9.3.

    Examples
    --------
    >>> out, cache = max_pool2d_forward([[[[1, 2, 5, 5], [3, 4, 0, 5]]]])
    >>> max_pool2d_backward([[[[10, 20]]]], cache)
    array([[[[ 0.,  0., 20.,  0.],
             [ 0., 10.,  0.,  0.]]]])
    """
    x, out, window, stride = cache
    dout = as_float("dout", dout)
    require_shape("dout", dout, out.shape)
    dx, undecided = np.zeros_like(x), np.ones(out.shape, dtype=bool)
    overlap, has_nan = stride[0] < window[0] or stride[1] < window[1], bool(np.isnan(out).any())
    for view, dview in zip(_views(x, window, stride), _views(dx, window, stride), strict=True):
        wins = view == out
        if has_nan:  # a NaN equals nothing, not even itself
            wins |= np.isnan(view)
        wins &= undecided
        undecided ^= wins
        if overlap:
            dview += dout * wins
        else:  # every entry lies in one window at most: written once, not added to
            np.multiply(dout, wins, out=dview)
    return dx


def average_pool2d_forward(x: ArrayLike, window: Pair = 2, stride: Pair | None = None) -> tuple[np.ndarray, Any]:
    """Average every window: a[n, c, i, j] = 1/(kh·kw) Σᵤ Σᵥ x[n, c, i·s + u, j·s + v].  Equation :eq:`average-pooling`.

    Parameters
    ----------
    x : array_like, shape (N, C, H, W)
        A batch of feature maps.
    window : int or pair of int
        kh and kw, the rows and columns of a window.
    stride : int or pair of int, optional
        Steps s between windows; by default the window itself, as in `max_pool2d_forward`.

    Returns
    -------
    out : ndarray, shape (N, C, Ho, Wo)
        The means.
    cache : tuple
        What `average_pool2d_backward` needs.

    Raises
    ------
    ValueError
        If x has another shape or is empty, a window is larger than a map, or window or stride is no such number.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998, section II.

    Examples
    --------
    >>> out, cache = average_pool2d_forward([[[[1, 2, 5, 0], [3, 4, 0, 0]]]])
    >>> out
    array([[[[2.5 , 1.25]]]])
    """
    x, window, stride = _read_maps(x, window, stride)
    first, *others = _views(x, window, stride)
    out = first.copy()
    for view in others:
        out += view
    out /= window[0] * window[1]
    return out, (x.shape, out.shape, x.dtype, window, stride)


def average_pool2d_backward(dout: ArrayLike, cache: Any) -> np.ndarray:
    """Share the gradient of every window evenly among its entries: dout/(kh·kw) each.

    Equation :eq:`average-pooling-gradient`. Where windows overlap, an entry receives the sum.

    Parameters
    ----------
    dout : array_like, shape (N, C, Ho, Wo)
        Gradient of the loss with respect to `out` of `average_pool2d_forward`.
    cache : tuple
        From `average_pool2d_forward`.

    Returns
    -------
    ndarray, shape (N, C, H, W)
        Gradient with respect to x.

    Raises
    ------
    ValueError
        If `dout` does not have the shape of `out`.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998, section II.

    Examples
    --------
    >>> out, cache = average_pool2d_forward([[[[1, 2, 5], [3, 4, 0]]]])
    >>> average_pool2d_backward([[[[8]]]], cache)  # the third column fills no window
    array([[[[2., 2., 0.],
             [2., 2., 0.]]]])
    """
    x_shape, out_shape, dtype, window, stride = cache
    share = as_float("dout", dout) / (window[0] * window[1])
    require_shape("dout", share, out_shape)
    dx = np.zeros(x_shape, dtype)
    for dview in _views(dx, window, stride):
        dview += share
    return dx


def flatten_forward(x: ArrayLike) -> tuple[np.ndarray, Any]:
    """Write all maps of an image in one row: a[n, (c·H + i)·W + j] = x[n, c, i, j].  Equation :eq:`flatten`.

    Parameters
    ----------
    x : array_like, shape (N, C, H, W)
        A batch of feature maps.

    Returns
    -------
    out : ndarray, shape (N, C·H·W)
        Rows for a dense layer; a copy.
    cache : tuple
        What `flatten_backward` needs: the shape of x.

    Raises
    ------
    ValueError
        If x has another number of axes or is empty.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998, section II.

    Examples
    --------
    >>> out, cache = flatten_forward([[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]])
    >>> out
    array([[1., 2., 3., 4., 5., 6., 7., 8.]])
    """
    x = as_float("x", x)
    require_shape("x", x, ("N", "C", "H", "W"))
    require_not_empty("x", x)
    return x.reshape(len(x), -1).copy(), x.shape


def flatten_backward(dout: ArrayLike, cache: Any) -> np.ndarray:
    """Give every gradient back to the place its entry came from.  Equation :eq:`flatten`, read backwards.

    Parameters
    ----------
    dout : array_like, shape (N, C·H·W)
        Gradient of the loss with respect to `out` of `flatten_forward`.
    cache : tuple
        From `flatten_forward`.

    Returns
    -------
    ndarray, shape (N, C, H, W)
        Gradient with respect to x; a copy.

    Raises
    ------
    ValueError
        If `dout` does not have the shape of `out`.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998, section II.

    Examples
    --------
    >>> out, cache = flatten_forward(np.zeros((1, 1, 2, 2)))
    >>> flatten_backward([[1, 2, 3, 4]], cache)
    array([[[[1., 2.],
             [3., 4.]]]])
    """
    dout = as_float("dout", dout)
    n, *rest = cache
    require_shape("dout", dout, (n, int(np.prod(rest))))
    return dout.reshape(cache).copy()


class ConvNet(NamedTuple):
    """A small convolutional network: convolution, ReLU, max-pooling, a dense layer, softmax."""

    kernels: np.ndarray
    """The F kernels of the convolution, shape (F, C, kh, kw); its stride is 1."""
    kernel_bias: np.ndarray
    """Their biases, shape (F,)."""
    weights: np.ndarray
    """The weights of the dense layer, shape (M, F·Hp·Wp) for pooled maps of Hp×Wp."""
    bias: np.ndarray
    """Its biases, shape (M,)."""
    padding: Pair = 1
    """Zeros around the image."""
    window: Pair = 2
    """The windows of the pooling, side by side."""


def initial_convnet(
    image_shape: tuple[int, int, int],
    filters: int,
    classes: int,
    rng: np.random.Generator,
    kernel: Pair = 3,
    padding: Pair = 1,
    window: Pair = 2,
) -> ConvNet:
    """Return a convolutional network with random weights and biases 0.

    Weights are normal with mean 0; their variance is 2 / (inputs of a unit) before the ReLU and 1 / (inputs of a unit)
    before the softmax. Equation :eq:`convnet-start`.

    Parameters
    ----------
    image_shape : (int, int, int)
        (C, H, W) of the images.
    filters, classes : int
        F and M.
    rng : numpy.random.Generator
        Source of the weights.
    kernel, padding, window : int or pair of int
        Sizes of the kernels, the padding and the pooling windows.

    Returns
    -------
    ConvNet
        Its dense layer fits images of that shape.

    Raises
    ------
    ValueError
        If a size is no positive integer (padding: from 0 on), or nothing is left of the maps.

    References
    ----------
    He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> net = initial_convnet((1, 8, 8), filters=4, classes=10, rng=np.random.default_rng(0))
    >>> net.kernels.shape, net.weights.shape
    ((4, 1, 3, 3), (10, 64))
    """
    if len(image_shape) != 3:
        raise ValueError(f"image_shape is {image_shape}, expected (C, H, W)")
    channels, height, width = (_whole("image_shape", length, 1) for length in image_shape)
    filters, classes = _whole("filters", filters, 1), _whole("classes", classes, 1)
    (kh, kw), (ph, pw) = _pair("kernel", kernel, 1), _pair("padding", padding, 0)
    maps = output_size(height, kh, 1, ph), output_size(width, kw, 1, pw)
    wh, ww = _read_window(window, maps)
    inputs = filters * (maps[0] // wh) * (maps[1] // ww)
    kernels = he_normal((filters, channels, kh, kw), rng)
    weights = scaled_normal((classes, inputs), np.sqrt(1 / inputs), rng)
    return ConvNet(kernels, np.zeros(filters), weights, np.zeros(classes), (ph, pw), (wh, ww))


def convnet_forward(images: ArrayLike, net: ConvNet) -> tuple[np.ndarray, Any]:
    """Run a convolutional network up to its logits, the scores before the softmax.

    Z¹ = K ⋆ x + b, A¹ = ReLU(Z¹), Q = maxpool(A¹), Z² = flatten(Q) W²ᵀ + b². Equation :eq:`convnet`.

    Parameters
    ----------
    images : array_like, shape (N, C, H, W)
        A batch of images.
    net : ConvNet
        The network.

    Returns
    -------
    logits : ndarray, shape (N, M)
        Z².
    cache : tuple
        What `convnet_backward` needs. It holds the images and the parameters themselves.

    Raises
    ------
    ValueError
        If the shapes do not fit together or the batch is empty.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998.

    Examples
    --------
    >>> net = initial_convnet((1, 8, 8), filters=4, classes=10, rng=np.random.default_rng(0))
    >>> convnet_forward(np.ones((2, 1, 8, 8)), net)[0].shape
    (2, 10)
    """
    z, convolution = conv2d_forward(images, net.kernels, net.kernel_bias, padding=net.padding)
    pooled, pooling = max_pool2d_forward(relu(z), net.window)
    row, flattening = flatten_forward(pooled)
    return affine(row, net.weights, net.bias), (convolution, z, pooling, flattening, row, net.weights)


def convnet_backward(
    dlogits: ArrayLike, cache: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Carry a gradient from the logits back to every parameter and to the images.

    The steps of `convnet_forward` in reverse order, each by its own backward function. Equation
    :eq:`convnet-gradients`.

    Parameters
    ----------
    dlogits : array_like, shape (N, M)
        Gradient of the loss with respect to the logits.
    cache : tuple
        From `convnet_forward`.

    Returns
    -------
    dimages : ndarray, shape (N, C, H, W)
    dkernels, dkernel_bias, dweights, dbias : ndarrays
        With the shapes of the parameters.

    Raises
    ------
    ValueError
        If `dlogits` does not have the shape of the logits.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998.

    Examples
    --------
    >>> net = initial_convnet((1, 8, 8), filters=4, classes=10, rng=np.random.default_rng(0))
    >>> logits, cache = convnet_forward(np.ones((2, 1, 8, 8)), net)
    >>> [gradient.shape for gradient in convnet_backward(np.ones((2, 10)), cache)]
    [(2, 1, 8, 8), (4, 1, 3, 3), (4,), (10, 64), (10,)]
    """
    convolution, z, pooling, flattening, row, weights = cache
    dlogits = as_float("dlogits", dlogits).astype(row.dtype)
    require_shape("dlogits", dlogits, (len(row), len(weights)))
    dweights, dbias = layer_gradients(dlogits, row)
    dpooled = flatten_backward(gradient_at_output(dlogits, weights), flattening)
    dz = max_pool2d_backward(dpooled, pooling) * relu_derivative(z)
    dimages, dkernels, dkernel_bias = conv2d_backward(dz, convolution)
    return dimages, dkernels, dkernel_bias, dweights, dbias


def convnet_probabilities(images: ArrayLike, net: ConvNet) -> np.ndarray:
    """Return what a convolutional network believes: softmax of its logits.  Equation :eq:`convnet`.

    Parameters
    ----------
    images : array_like, shape (N, C, H, W)
        A batch of images.
    net : ConvNet
        The network.

    Returns
    -------
    ndarray, shape (N, M)
        One row of probabilities an image.

    Raises
    ------
    ValueError
        If the shapes do not fit together or the batch is empty.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998.

    Examples
    --------
    >>> net = initial_convnet((1, 8, 8), filters=4, classes=10, rng=np.random.default_rng(0))
    >>> convnet_probabilities(np.ones((2, 1, 8, 8)), net).sum(axis=1).round(12)
    array([1., 1.])
    """
    return softmax(convnet_forward(images, net)[0])


def convnet_maps(images: ArrayLike, net: ConvNet) -> tuple[np.ndarray, np.ndarray]:
    """Return the feature maps of a convolutional network, A¹ and Q of Equation :eq:`convnet`, to be looked at.

    Parameters
    ----------
    images : array_like, shape (N, C, H, W)
        A batch of images.
    net : ConvNet
        The network.

    Returns
    -------
    maps : ndarray, shape (N, F, Ho, Wo)
        One map a kernel, after the ReLU.
    pooled : ndarray, shape (N, F, Hp, Wp)
        The same after pooling.

    Raises
    ------
    ValueError
        If the shapes do not fit together or the batch is empty.

    References
    ----------
    Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014.

    Examples
    --------
    >>> net = initial_convnet((1, 8, 8), filters=4, classes=10, rng=np.random.default_rng(0))
    >>> [maps.shape for maps in convnet_maps(np.ones((2, 1, 8, 8)), net)]
    [(2, 4, 8, 8), (2, 4, 4, 4)]
    """
    maps = relu(conv2d_forward(images, net.kernels, net.kernel_bias, padding=net.padding)[0])
    return maps, max_pool2d_forward(maps, net.window)[0]


def flatten_convnet(net: ConvNet) -> np.ndarray:
    """Return all parameters of a convolutional network as one vector θ = (K, b¹, W², b²), each array row by row.

    Equation :eq:`convnet-vector`.

    Parameters
    ----------
    net : ConvNet
        The network.

    Returns
    -------
    ndarray, shape (P,)
        The parameters; a copy.

    Raises
    ------
    ValueError
        If a parameter does not hold real numbers.

    References
    ----------
    Nocedal and Wright, Numerical Optimization, 2006, chapter 2: one vector of unknowns.

    Examples
    --------
    >>> flatten_convnet(ConvNet([[[[1.0, 2.0]]]], [3.0], [[4.0]], [5.0]))
    array([1., 2., 3., 4., 5.])
    """
    return np.concatenate([as_float("net", part).ravel() for part in net[:4]])


def unflatten_convnet(theta: ArrayLike, net: ConvNet) -> ConvNet:
    """Return the network with the shapes of `net` and the parameters of θ, the inverse of `flatten_convnet`.

    Equation :eq:`convnet-vector`.

    Parameters
    ----------
    theta : array_like, shape (P,)
        All parameters.
    net : ConvNet
        The network whose shapes, padding and window are used.

    Returns
    -------
    ConvNet
        A new network; its arrays are no views of θ.

    Raises
    ------
    ValueError
        If θ has another length than the network has parameters.

    References
    ----------
    Nocedal and Wright, Numerical Optimization, 2006, chapter 2: one vector of unknowns.

    Examples
    --------
    >>> net = ConvNet(np.zeros((1, 1, 1, 2)), np.zeros(1), np.zeros((1, 1)), np.zeros(1))
    >>> unflatten_convnet([1.0, 2.0, 3.0, 4.0, 5.0], net).kernels
    array([[[[1., 2.]]]])
    """
    theta = as_float("theta", theta)
    shapes = [np.shape(part) for part in net[:4]]
    lengths = [int(np.prod(shape)) for shape in shapes]
    require_shape("theta", theta, (sum(lengths),))
    parts = np.split(theta.copy(), np.cumsum(lengths)[:-1])
    kernels, kernel_bias, weights, bias = (part.reshape(s) for part, s in zip(parts, shapes, strict=True))
    return ConvNet(kernels, kernel_bias, weights, bias, net.padding, net.window)


def convnet_loss_and_gradient(
    theta: ArrayLike, net: ConvNet, images: ArrayLike, labels: ArrayLike
) -> tuple[np.floating, np.ndarray]:
    """Return the mean cross entropy of a convolutional network and its gradient, both as functions of θ.

    J(θ) = 1/N Σₙ −ln softmax(Z²ₙ)[labelₙ] and ∇J. Equation :eq:`convnet-loss`. An optimiser needs nothing else.

    Parameters
    ----------
    theta : array_like, shape (P,)
        All parameters, as from `flatten_convnet`.
    net : ConvNet
        The network whose shapes, padding and window are used; its own parameters do not matter.
    images : array_like, shape (N, C, H, W)
        A batch of images.
    labels : array_like of int, shape (N,)
        Their classes, 0 to M − 1.

    Returns
    -------
    value : float
        The loss.
    gradient : ndarray, shape (P,)
        ∇J.

    Raises
    ------
    ValueError
        If the shapes do not fit together or a label is no class.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998.

    Examples
    --------
    >>> net = initial_convnet((1, 8, 8), filters=4, classes=10, rng=np.random.default_rng(0))
    >>> theta = np.zeros_like(flatten_convnet(net))  # all classes are equally likely: ln 10
    >>> value, gradient = convnet_loss_and_gradient(theta, net, np.ones((2, 1, 8, 8)), [3, 7])
    >>> round(float(value), 6), gradient.shape
    (2.302585, (690,))
    """
    logits, cache = convnet_forward(images, unflatten_convnet(theta, net))
    _, *gradients = convnet_backward(softmax_cross_entropy_gradient(logits, labels), cache)
    return softmax_cross_entropy(logits, labels), np.concatenate([part.ravel() for part in gradients])


def _read_maps(x: ArrayLike, window: Pair, stride: Pair | None) -> tuple[np.ndarray, tuple[int, int], tuple[int, int]]:
    """Return the maps as an array, and window and stride as pairs that fit them."""
    maps = as_float("x", x)
    require_shape("x", maps, ("N", "C", "H", "W"))
    require_not_empty("x", maps)
    window = _read_window(window, maps.shape[2:])
    return maps, window, window if stride is None else _pair("stride", stride, 1)


def _read_window(window: Pair, size: tuple[int, ...]) -> tuple[int, int]:
    """Return the window as a pair that fits into a map of that size."""
    kh, kw = _pair("window", window, 1)
    if kh > size[0] or kw > size[1]:
        raise ValueError(f"window is {(kh, kw)}, expected at most {size}, the size of a map")
    return kh, kw


def _views(x: np.ndarray, window: tuple[int, int], stride: tuple[int, int]) -> list[np.ndarray]:
    """Return for every place in a window, row by row, the entries of x that lie there in all windows."""
    (kh, kw), (sh, sw) = window, stride
    ho, wo = output_size(x.shape[2], kh, sh), output_size(x.shape[3], kw, sw)
    return [x[:, :, u : u + sh * ho : sh, v : v + sw * wo : sw] for u, v in product(range(kh), range(kw))]
