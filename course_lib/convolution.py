"""Convolution, the module of chapter 10: one small kernel moved over an image, and layers made of such kernels.

It goes from one kernel on one picture (blurring, edges) to the layer of a network: many kernels over many channels of
a batch of images (N, C, H, W). As in all of deep learning, the layer *correlates*: it lays the kernel on the image
without flipping it first. The layer stands here twice: as plain loops, which say what it is, and as matrix products,
which are tens to more than a thousand times faster; both take and return the same, caches included.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_float, is_whole, require_not_empty, require_shape

Pair = int | tuple[int, int]  # one number for both axes, or (for the rows, for the columns)

SOBEL_X = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
SOBEL_Y = SOBEL_X.T
for _kernel in (SOBEL_X, SOBEL_Y):
    _kernel.setflags(write=False)


def correlate2d(image: ArrayLike, kernel: ArrayLike, *, stride: Pair = 1, padding: Pair = 0) -> np.ndarray:
    """Lay a kernel on every place of an image and sum the products, without flipping it.

    y[i, j] = Σᵤ Σᵥ k[u, v] x[i·s + u, j·s + v], with x padded by zeros. Equation :eq:`correlation`. The sum is taken
    one kernel entry at a time, for many places together: kh·kw shifted copies of the image are added up, in bands of
    rows that stay in the processor's cache (a fifth faster than the whole image at once).

    Parameters
    ----------
    image : array_like, shape (H, W)
        The picture x.
    kernel : array_like, shape (kh, kw)
        The kernel k; it is read in the image's precision.
    stride : int or pair of int
        Steps s between the places.
    padding : int or pair of int
        Zeros put around the image.

    Returns
    -------
    ndarray, shape (Ho, Wo)
        The sums, one for each place; `output_size` says how many there are.

    Raises
    ------
    ValueError
        If a shape is not as above, the kernel is larger than the padded image, or stride or padding is no such number.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 2018, section 3.4.

    Examples
    --------
    >>> correlate2d([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1, 2], [3, 4]])
    array([[4., 3.],
           [2., 1.]])
    """
    x = as_float("image", image)
    k = as_float("kernel", kernel).astype(x.dtype)
    require_shape("image", x, ("H", "W"))
    require_shape("kernel", k, ("kh", "kw"))
    (sh, sw), padding, (ho, wo) = _grid("kernel", k, "image", x, stride, padding)
    x = zero_pad(x, padding)
    out = np.zeros((ho, wo), x.dtype)
    band = max(1, 2**16 // wo)
    product = np.empty_like(out[:band])
    for top in range(0, ho, band):
        sums = out[top : top + band]
        for u, v in np.ndindex(k.shape):
            start = top * sh + u
            pixels = x[start : start + sh * len(sums) : sh, v : v + sw * wo : sw]
            sums += np.multiply(pixels, k[u, v], out=product[: len(sums)])
    return out


def convolve2d(image: ArrayLike, kernel: ArrayLike, *, stride: Pair = 1, padding: Pair = 0) -> np.ndarray:
    """Convolve an image with a kernel: correlate it with the kernel flipped along both axes.

    y[i, j] = Σᵤ Σᵥ k[u, v] x[i·s + kh−1−u, j·s + kw−1−v]. Equation :eq:`convolution-flip`. The picture of a single
    bright dot becomes the kernel itself, the right way up. For kernels that look the same after half a turn, such as
    the Gaussian, convolution and correlation are one; for Sobel's they differ in sign.

    Parameters
    ----------
    image : array_like, shape (H, W)
        The picture x.
    kernel : array_like, shape (kh, kw)
        The kernel k; it is read in the image's precision.
    stride : int or pair of int
        Steps s between the places.
    padding : int or pair of int
        Zeros put around the image.

    Returns
    -------
    ndarray, shape (Ho, Wo)
        The sums, one for each place.

    Raises
    ------
    ValueError
        As `correlate2d`.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 2018, section 3.4.

    Examples
    --------
    >>> convolve2d([[0, 0, 0], [0, 1, 0], [0, 0, 0]], [[1, 2], [3, 4]])
    array([[1., 2.],
           [3., 4.]])
    """
    kernel = as_float("kernel", kernel)
    require_shape("kernel", kernel, ("kh", "kw"))
    return correlate2d(image, kernel[::-1, ::-1], stride=stride, padding=padding)


def gaussian_kernel(size: int, sigma: float) -> np.ndarray:
    """Return the bell curve exp(−(u² + v²) / 2σ²) on a square grid, divided by its sum.

    Equation :eq:`gaussian-kernel`; u and v count from the centre. Since the entries sum to 1, blurring keeps the mean
    brightness. The kernel is the product of a column and a row, so blurring with the column
    ``kernel.sum(axis=1, keepdims=True)`` and then with the row ``kernel.sum(axis=0, keepdims=True)`` gives the same
    with 2·size instead of size² products a pixel.

    Parameters
    ----------
    size : int
        Rows and columns of the kernel.
    sigma : float
        The width σ > 0 of the bell, in pixels.

    Returns
    -------
    ndarray, shape (size, size)
        Positive numbers that sum to 1. For size 7 and σ = 0.84089642 the centre is 0.22508352; a table in wide use
        has it as 0.22518352, a slip of one digit after which the sum is no longer 1.

    Raises
    ------
    ValueError
        If size is no positive integer, or sigma not a positive number.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 2018, section 3.5.

    Examples
    --------
    >>> gaussian_kernel(3, 0.84089642).round(4)
    array([[0.0616, 0.125 , 0.0616],
           [0.125 , 0.2535, 0.125 ],
           [0.0616, 0.125 , 0.0616]])
    """
    size, width = _whole("size", size, 1), as_float("sigma", sigma)
    if width.ndim != 0 or not 0 < width < np.inf:
        raise ValueError(f"sigma must be a positive number, but is {sigma!r}")
    squares = (np.arange(size) - (size - 1) / 2) ** 2
    with np.errstate(over="ignore"):  # exp(−∞) = 0 is right; the middle is 1, so the sum is not 0 for any sigma
        bell = np.exp(-(squares - squares.min()) / 2 / width / width)
    bell /= bell.sum()
    return np.outer(bell, bell)


def sobel(image: ArrayLike, padding: Pair = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return how fast an image brightens to the right and downwards, by Sobel's two kernels.

    G_x = S_x ⋆ x and G_y = S_y ⋆ x with S_x = [[−1, 0, 1], [−2, 0, 2], [−1, 0, 1]] and S_y = S_xᵀ.
    Equation :eq:`sobel`. Each kernel differentiates along one axis and smooths along the other. On a slope of 1 a
    pixel they give 8: the smoothing weights sum to 4, and the difference spans two pixels.

    Parameters
    ----------
    image : array_like, shape (H, W)
        The picture; rows count downwards.
    padding : int or pair of int
        Zeros put around the image. With 1 the results keep its shape, but a bright border counts as an edge.

    Returns
    -------
    gx, gy : ndarrays, shape (Ho, Wo)
        (H − 2, W − 2) without padding.

    Raises
    ------
    ValueError
        If the image is no (H, W) array of at least 3×3 pixels with its padding, or padding is no such number.

    References
    ----------
    Sobel and Feldman, "A 3×3 isotropic gradient operator for image processing", Stanford Artificial Intelligence
    Project, 1968.

    Examples
    --------
    >>> gx, gy = sobel([[0, 1, 2], [0, 1, 2], [0, 1, 2]])
    >>> gx, gy
    (array([[8.]]), array([[0.]]))
    """
    return correlate2d(image, SOBEL_X, padding=padding), correlate2d(image, SOBEL_Y, padding=padding)


def sobel_magnitude(gx: ArrayLike, gy: ArrayLike) -> np.ndarray:
    """Return the steepness of an edge: √(G_x² + G_y²).  Equation :eq:`sobel-magnitude`.

    Parameters
    ----------
    gx, gy : array_like, any one shape
        From `sobel`.

    Returns
    -------
    ndarray, shape of gx
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 2018, section 10.2.

    Examples
    --------
    >>> sobel_magnitude([3.0, 0.0], [4.0, -1.0])
    array([5., 1.])
    """
    gx, gy = as_float("gx", gx), as_float("gy", gy)
    require_shape("gy", gy, gx.shape)
    return np.hypot(gx, gy)


def sobel_direction(gx: ArrayLike, gy: ArrayLike) -> np.ndarray:
    """Return where the image brightens most, as an angle: arctan2(G_y, G_x).  Equation :eq:`sobel-direction`.

    The angle counts from "to the right" (0) to "downwards" (π/2), since rows count downwards. The plain
    arctan(G_y / G_x) that is often written cannot tell an edge from the opposite one, and divides by 0.

    Parameters
    ----------
    gx, gy : array_like, any one shape
        From `sobel`.

    Returns
    -------
    ndarray, shape of gx
        Angles in [−π, π]; 0 where there is no edge.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Gonzalez and Woods, Digital Image Processing, 2018, section 10.2.

    Examples
    --------
    >>> np.degrees(sobel_direction([1.0, -1.0, 0.0], [1.0, -1.0, 5.0]))
    array([  45., -135.,   90.])
    """
    gx, gy = as_float("gx", gx), as_float("gy", gy)
    require_shape("gy", gy, gx.shape)
    return np.arctan2(gy, gx)


def zero_pad(x: ArrayLike, padding: Pair) -> np.ndarray:
    """Put zeros around an image, or around every channel of every image: x̃[i + p, j + p] = x[i, j], 0 elsewhere.

    Equation :eq:`zero-padding`.

    Parameters
    ----------
    x : array_like, shape (H, W), (C, H, W) or (N, C, H, W)
        The last two axes are padded.
    padding : int or pair of int
        Rows of zeros above and below, columns of zeros left and right.

    Returns
    -------
    ndarray, shape (…, H + 2·ph, W + 2·pw)
        A new array, also when padding is 0.

    Raises
    ------
    ValueError
        If x has another number of axes, or padding is no such number.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285, 2016.

    Examples
    --------
    >>> zero_pad([[1, 2]], (1, 2))
    array([[0., 0., 0., 0., 0., 0.],
           [0., 0., 1., 2., 0., 0.],
           [0., 0., 0., 0., 0., 0.]])
    """
    x = as_float("x", x)
    require_shape("x", x, ("H", "W"), ("C", "H", "W"), ("N", "C", "H", "W"))
    ph, pw = _pair("padding", padding, 0)
    h, w = x.shape[-2:]
    padded = np.zeros((*x.shape[:-2], h + 2 * ph, w + 2 * pw), x.dtype)
    padded[..., ph : ph + h, pw : pw + w] = x
    return padded


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Count the places of a kernel along one axis: ⌊(size + 2·padding − kernel) / stride⌋ + 1.

    Equation :eq:`output-size`. Pixels left over at the far end, fewer than a stride, are not looked at.

    Parameters
    ----------
    size, kernel : int
        Lengths of the image and of the kernel along the axis.
    stride, padding : int
        Steps between places, and zeros at either end.

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    ValueError
        If an argument is no integer or too small, or the kernel is longer than the padded image.

    References
    ----------
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285, 2016.

    Examples
    --------
    >>> output_size(9, kernel=3, stride=2, padding=2)  # a 9×9 image then has 6·6 = 36 places
    6
    """
    size, kernel = _whole("size", size, 1), _whole("kernel", kernel, 1)
    stride, padding = _whole("stride", stride, 1), _whole("padding", padding, 0)
    if kernel > size + 2 * padding:
        raise ValueError(f"kernel is {kernel}, expected at most the padded size {size + 2 * padding}")
    return (size + 2 * padding - kernel) // stride + 1


def conv2d_parameter_count(channels: int, filters: int, kernel: Pair, bias: bool = True) -> int:
    """Count the parameters of a convolution layer: F·C·kh·kw weights and, with biases, F more.

    Equation :eq:`shared-weights`. All places of a kernel share its weights, so neither the size of the image nor the
    number of places occurs. One 3×3 kernel at 36 places has 9 weights, where an edge of its own for each would be 324.

    Parameters
    ----------
    channels, filters : int
        C channels in, F kernels (each over all channels) and so F feature maps out.
    kernel : int or pair of int
        kh and kw.
    bias : bool
        Whether every filter has a bias.

    Returns
    -------
    int
        The count.

    Raises
    ------
    ValueError
        If a number is no positive integer.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998, section II.

    Examples
    --------
    >>> [conv2d_parameter_count(c, f, 3, bias=False) for c, f in ((1, 1), (3, 1), (3, 3))]
    [9, 27, 81]
    """
    channels, filters = _whole("channels", channels, 1), _whole("filters", filters, 1)
    kh, kw = _pair("kernel", kernel, 1)
    return filters * channels * kh * kw + (filters if bias else 0)


def conv2d_forward_loops(
    x: ArrayLike, w: ArrayLike, b: ArrayLike, stride: Pair = 1, padding: Pair = 0
) -> tuple[np.ndarray, Any]:
    """Apply a convolution layer to a batch of images, one output at a time.

    z[n, f, i, j] = b[f] + Σ_c Σᵤ Σᵥ w[f, c, u, v] x̃[n, c, i·s + u, j·s + v], where x̃ is x with its padding.
    Equation :eq:`conv2d`. The plain way, to be read; `conv2d_forward` computes the same.

    Parameters
    ----------
    x : array_like, shape (N, C, H, W)
        A batch of images.
    w : array_like, shape (F, C, kh, kw)
        F kernels, each over all channels.
    b : array_like, shape (F,)
        A bias for every filter.
    stride, padding : int or pair of int
        For rows and columns.

    Returns
    -------
    out : ndarray, shape (N, F, Ho, Wo)
        F feature maps for every image.
    cache : tuple
        What the backward pass needs. It holds x and w themselves: do not change them before the backward pass.

    Raises
    ------
    ValueError
        If a shape is not as above, the batch is empty, a kernel is larger than the padded image, or stride or padding
        is no such number.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998, section II.

    Examples
    --------
    >>> out, cache = conv2d_forward_loops([[[[1, 2, 3], [4, 5, 6]]]], [[[[1, 10]]]], [0.5])
    >>> out
    array([[[[21.5, 32.5],
             [54.5, 65.5]]]])
    """
    x, w, b, (sh, sw), padding, (ho, wo) = _read_layer(x, w, b, stride, padding)
    kh, kw = w.shape[2:]
    padded = zero_pad(x, padding)
    out = np.empty((len(x), len(w), ho, wo), x.dtype)
    for n in range(len(x)):
        for f in range(len(w)):
            for i in range(ho):
                for j in range(wo):
                    patch = padded[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw]  # (C, kh, kw)
                    out[n, f, i, j] = np.sum(w[f] * patch) + b[f]
    return out, (x, w, (sh, sw), padding)


def conv2d_backward_loops(dout: ArrayLike, cache: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of a convolution layer, one output at a time.

    Were every edge to have a weight of its own, output (n, f, i, j) would send dout·patch to its weights and dout·w to
    its patch. The weights are shared, so their gradient is the sum over all outputs of a filter, and so is that of a
    pixel over all patches it lies in. Equation :eq:`conv2d-gradients`.

    Parameters
    ----------
    dout : array_like, shape (N, F, Ho, Wo)
        Gradient of the loss with respect to `out` of the forward pass.
    cache : tuple
        From `conv2d_forward_loops` or `conv2d_forward`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw : ndarray, shape (F, C, kh, kw)
        Summed over the batch; a loss that is a batch mean has put its 1/N into `dout`.
    db : ndarray, shape (F,)
        Summed over the batch, like dw.

    Raises
    ------
    ValueError
        If `dout` does not have the shape of `out`.

    References
    ----------
    LeCun and others, "Backpropagation applied to handwritten zip code recognition", Neural Computation 1, 1989.

    Examples
    --------
    >>> out, cache = conv2d_forward_loops([[[[1, 2, 3], [4, 5, 6]]]], [[[[1, 10]]]], [0.5])
    >>> dx, dw, db = conv2d_backward_loops([[[[1, 0], [0, 1]]]], cache)
    >>> dx.tolist(), dw.tolist(), db.tolist()
    ([[[[1.0, 10.0, 0.0], [0.0, 1.0, 10.0]]]], [[[[6.0, 8.0]]]], [2.0])
    """
    x, w, (sh, sw), (ph, pw) = cache
    dout = _read_upstream(dout, cache)
    (kh, kw), (h, width) = w.shape[2:], x.shape[2:]
    padded = zero_pad(x, (ph, pw))
    dpadded, dw, db = np.zeros_like(padded), np.zeros_like(w), np.zeros_like(w, shape=len(w))
    for n, f, i, j in np.ndindex(dout.shape):
        place = (n, slice(None), slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw))
        dw[f] += dout[n, f, i, j] * padded[place]
        dpadded[place] += dout[n, f, i, j] * w[f]
        db[f] += dout[n, f, i, j]
    return dpadded[:, :, ph : ph + h, pw : pw + width].copy(), dw, db


def conv2d_forward(
    x: ArrayLike, w: ArrayLike, b: ArrayLike, stride: Pair = 1, padding: Pair = 0
) -> tuple[np.ndarray, Any]:
    """Apply a convolution layer to a batch of images, one matrix product an image.

    The C·kh·kw pixels of every place, and a 1 for the bias, become a column of a matrix X; the kernels, each with its
    bias, become the rows of a matrix W. Then Z = W X holds all sums. Equation :eq:`conv2d-matrix`. X has about kh·kw
    times the pixels of the image, so it is made for one image at a time in a buffer that is used again.

    Parameters
    ----------
    x : array_like, shape (N, C, H, W)
        A batch of images.
    w : array_like, shape (F, C, kh, kw)
        F kernels, each over all channels.
    b : array_like, shape (F,)
        A bias for every filter.
    stride, padding : int or pair of int
        For rows and columns.

    Returns
    -------
    out : ndarray, shape (N, F, Ho, Wo)
        F feature maps for every image.
    cache : tuple
        What the backward pass needs. It holds x and w themselves: do not change them before the backward pass.

    Raises
    ------
    ValueError
        If a shape is not as above, the batch is empty, a kernel is larger than the padded image, or stride or padding
        is no such number.

    References
    ----------
    Chellapilla, Puri and Simard, "High performance convolutional neural networks for document processing", Tenth
    International Workshop on Frontiers in Handwriting Recognition, 2006.

    Examples
    --------
    >>> out, cache = conv2d_forward(np.ones((2, 3, 9, 9)), np.ones((4, 3, 3, 3)), np.zeros(4), stride=2, padding=2)
    >>> out.shape, out[0, 0, :2, :3].tolist()  # at the corner the kernel meets 3 pixels and 24 zeros
    ((2, 4, 6, 6), [[3.0, 9.0, 9.0], [9.0, 27.0, 27.0]])
    """
    x, w, b, stride, padding, (ho, wo) = _read_layer(x, w, b, stride, padding)
    patches = _Patches(x, w, stride, padding)
    rows = np.column_stack([w.transpose(0, 2, 1, 3).reshape(len(w), w[0].size), b])  # (F, kh·C·kw + 1)
    out = np.empty((len(x), len(w), ho * wo), x.dtype)
    for image, z in zip(x, out, strict=True):
        np.matmul(rows, patches.gather(image), out=z)
    return out.reshape(len(x), len(w), ho, wo), (x, w, stride, padding)


def conv2d_backward(dout: ArrayLike, cache: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of a convolution layer by matrix products.

    With D the upstream gradient of an image, (F, Ho·Wo): dW = Σₙ D Xᵀ, whose last column, that of the ones, is db;
    and Wᵀ D holds what every place sends back to each of its pixels; the sum over the places a pixel lies in is its
    gradient. Equation :eq:`conv2d-matrix-gradients`. X is made anew, which costs less than keeping it.

    Parameters
    ----------
    dout : array_like, shape (N, F, Ho, Wo)
        Gradient of the loss with respect to `out` of the forward pass.
    cache : tuple
        From `conv2d_forward` or `conv2d_forward_loops`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw : ndarray, shape (F, C, kh, kw)
        Summed over the batch; a loss that is a batch mean has put its 1/N into `dout`.
    db : ndarray, shape (F,)
        Summed over the batch, like dw.

    Raises
    ------
    ValueError
        If `dout` does not have the shape of `out`.

    References
    ----------
    Chellapilla, Puri and Simard, "High performance convolutional neural networks for document processing", Tenth
    International Workshop on Frontiers in Handwriting Recognition, 2006.

    Examples
    --------
    >>> out, cache = conv2d_forward([[[[1, 2, 3], [4, 5, 6]]]], [[[[1, 10]]]], [0.5])
    >>> dx, dw, db = conv2d_backward([[[[1, 0], [0, 1]]]], cache)
    >>> dx.tolist(), dw.tolist(), db.tolist()
    ([[[[1.0, 10.0, 0.0], [0.0, 1.0, 10.0]]]], [[[[6.0, 8.0]]]], [2.0])
    """
    x, w, stride, padding = cache
    dout = _read_upstream(dout, cache)
    f, c, kh, kw = w.shape
    patches = _Patches(x, w, stride, padding)
    columns = w.transpose(2, 1, 3, 0).reshape(kh * c * kw, f)
    dx, dcolumns = np.empty(x.shape, x.dtype), np.zeros((len(columns) + 1, f), x.dtype)
    for image, d, dimage in zip(x, dout.reshape(len(x), f, -1), dx, strict=True):
        matrix = patches.gather(image)
        dcolumns += matrix @ d.T
        np.matmul(columns, d, out=matrix[:-1])  # its pixels are used: the buffer now holds their gradients
        dimage[...] = patches.scatter()
    return dx, dcolumns[:-1].reshape(kh, c, kw, f).transpose(3, 1, 0, 2).copy(), dcolumns[-1].copy()


class _Patches:
    """The patches of one image as the columns of a matrix, in buffers made once for a whole batch.

    The matrix is (kh·C·kw + 1, Ho·Wo); its last row is all ones, for the bias. It is made in two steps, and taken
    apart in the same two, backwards. First each kernel column v takes, from all rows of the image, the pixels it will
    meet; the rows are sorted by their remainder modulo the row stride. Then the rows that kernel row u meets lie one
    after another, and go over in one run. That is kw passes of short runs and kh of long ones, instead of kh·kw of
    short ones, and takes a quarter to a half off the time around the matrix products.
    """

    def __init__(self, x: np.ndarray, w: np.ndarray, stride: tuple[int, int], padding: tuple[int, int]) -> None:
        (c, h, width), (kh, kw), (sh, sw), (ph, pw) = x.shape[1:], w.shape[2:], stride, padding
        ho, wo = _places(x, w, stride, padding)
        wp = width + 2 * pw
        hq = -(-(h + 2 * ph) // sh)  # rows of one remainder; the last ones may lie below the image
        self.crop = np.s_[:, ph : ph + h, pw : pw + width]
        self.padded = np.zeros_like(x, shape=(c, hq * sh, wp))
        self.by_remainder = self.padded.reshape(c, hq, sh, wp).transpose(2, 0, 1, 3)
        self.spread = np.zeros_like(x, shape=(kw, sh, c, hq, wp))  # what is never met stays 0
        self.rows = np.empty_like(x, shape=(sh, c, kw, hq, wo))
        self.matrix = np.ones_like(x, shape=(kh * c * kw + 1, ho * wo))

        met = [np.s_[..., v : v + sw * wo : sw] for v in range(kw)]
        self.column_steps = [(self.rows[:, :, v], self.by_remainder[met[v]], self.spread[v][met[v]]) for v in range(kw)]
        runs, parts = self.rows.reshape(sh, c * kw, hq * wo), self.matrix[:-1].reshape(kh, c * kw, ho * wo)
        self.row_steps = [(parts[u], runs[u % sh, :, u // sh * wo : (u // sh + ho) * wo]) for u in range(kh)]

    def gather(self, image: np.ndarray) -> np.ndarray:
        """Fill the matrix with the patches of an image (C, H, W), and return it."""
        self.padded[self.crop] = image
        for row, pixels, _ in self.column_steps:
            row[...] = pixels
        for part, run in self.row_steps:
            part[...] = run
        return self.matrix

    def scatter(self) -> np.ndarray:
        """Return the image (C, H, W) in which each pixel is the sum of the matrix entries that `gather` puts it in."""
        self.rows[...] = 0
        for part, run in self.row_steps:
            run += part
        for row, _, place in self.column_steps:
            place[...] = row
        total = np.add.reduce(self.spread, axis=0)  # what sum() calls; without its wrapper, small layers gain 4 %
        return total.transpose(1, 2, 0, 3).reshape(self.padded.shape)[self.crop]


def _read_layer(
    x: ArrayLike, w: ArrayLike, b: ArrayLike, stride: Pair, padding: Pair
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Return x, w, b as arrays of one precision, stride and padding as pairs, and the size (Ho, Wo) of a map."""
    arrays = {"w": as_float("w", w), "b": as_float("b", b), "x": as_float("x", x)}
    sizes: dict[str, int] = {}
    for name, shape in (("w", ("F", "C", "kh", "kw")), ("b", ("F",)), ("x", ("N", "C", "H", "W"))):
        require_shape(name, arrays[name], shape, sizes=sizes)
        require_not_empty(name, arrays[name])
    precision = np.result_type(*arrays.values())
    w, b, x = (array.astype(precision, copy=False) for array in arrays.values())
    return x, w, b, *_grid("w", w, "x", x, stride, padding)


def _read_upstream(dout: ArrayLike, cache: Any) -> np.ndarray:
    """Return the gradient that arrives at the layer's outputs, in the precision of the layer."""
    x, w, stride, padding = cache
    upstream = as_float("dout", dout).astype(x.dtype, copy=False)
    require_shape("dout", upstream, (len(x), len(w), *_places(x, w, stride, padding)))
    return upstream


def _grid(
    kernel_name: str, kernel: np.ndarray, image_name: str, image: np.ndarray, stride: Pair, padding: Pair
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Return stride and padding as pairs, and how many places the kernel has along rows and columns."""
    (sh, sw), (ph, pw) = _pair("stride", stride, 1), _pair("padding", padding, 0)
    (h, w), (kh, kw) = image.shape[-2:], kernel.shape[-2:]
    require_not_empty(image_name, image)
    require_not_empty(kernel_name, kernel)
    if kh > h + 2 * ph or kw > w + 2 * pw:
        raise ValueError(
            f"{kernel_name} has shape {kernel.shape}, expected a kernel of at most {(h + 2 * ph, w + 2 * pw)}, "
            f"the size of {image_name} with its padding"
        )
    return (sh, sw), (ph, pw), _places(image, kernel, (sh, sw), (ph, pw))


def _places(
    image: np.ndarray, kernel: np.ndarray, stride: tuple[int, int], padding: tuple[int, int]
) -> tuple[int, int]:
    """Return how many places a kernel has along the rows and along the columns of an image."""
    rows, columns = zip(image.shape[-2:], kernel.shape[-2:], stride, padding, strict=True)
    return output_size(*rows), output_size(*columns)


def _pair(name: str, value: Any, least: int) -> tuple[int, int]:
    """Return a number for the rows and one for the columns, both integers of at least `least`."""
    parts = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(parts) != 2 or not all(is_whole(part, least) for part in parts):
        raise ValueError(
            f"{name} must be an integer of at least {least}, or a pair (rows, columns) of them, but is {value!r}"
        )
    return int(parts[0]), int(parts[1])


def _whole(name: str, value: Any, least: int) -> int:
    """Return an integer of at least `least` as Python's, which does not overflow."""
    if not is_whole(value, least):
        raise ValueError(f"{name} must be an integer of at least {least}, but is {value!r}")
    return int(value)
