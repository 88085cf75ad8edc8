"""Where training starts, the second module of chapter 8: weights that let signals through a deep network.

A layer sums D products, so its pre-activations have D times the variance of one product. Weights whose variance is
about 1/D keep the size of the signal from layer to layer; much smaller ones let it die out, much larger ones let it
grow or saturate, and zeros keep all units of a layer the same forever. Every function takes the weights' shape,
(M, D) for a dense layer or (F, C, kh, kw) for a convolution, and the generator that the numbers come from.
"""

from collections.abc import Sequence

import numpy as np

from course_lib._shapes import as_number, is_whole


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Return how many inputs reach a unit and how many units an input reaches.

    D and M for a dense layer; C·kh·kw and F·kh·kw for a convolution, whose kernel meets so many pixels and whose
    pixels meet so many weights (with stride 1, away from the border). Equation :eq:`fans`.

    Parameters
    ----------
    shape : sequence of int
        Of the weights: (M, D) or (F, C, kh, kw).

    Returns
    -------
    fan_in, fan_out : int
        n_in and n_out.

    Raises
    ------
    ValueError
        If shape is not two or four positive integers.

    References
    ----------
    He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015, section 2.2.

    Examples
    --------
    >>> fans((10, 784)), fans((16, 3, 5, 5))
    ((784, 10), (75, 400))
    """
    sizes = _read(shape)
    if len(sizes) not in (2, 4):
        raise ValueError(f"shape is {sizes}, expected (M, D) or (F, C, kh, kw)")
    area = int(np.prod(sizes[2:]))
    return sizes[1] * area, sizes[0] * area


def zeros(shape: Sequence[int]) -> np.ndarray:
    """Return weights that are all 0: w = 0.  Equation :eq:`init-zeros`.

    Right for biases, and wrong for weights before a hidden layer: all its units get the same gradient and stay alike.

    Parameters
    ----------
    shape : sequence of int
        Any shape of positive integers.

    Returns
    -------
    ndarray, of that shape

    Raises
    ------
    ValueError
        If shape holds anything but positive integers.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.4.

    Examples
    --------
    >>> zeros((2, 3))
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """
    return np.zeros(_read(shape))


def scaled_normal(shape: Sequence[int], scale: float, rng: np.random.Generator) -> np.ndarray:
    """Draw weights from a normal distribution with mean 0: w ~ N(0, s²).  Equation :eq:`init-normal`.

    Parameters
    ----------
    shape : sequence of int
        Any shape of positive integers.
    scale : float
        The standard deviation s, at least 0.
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray, of that shape

    Raises
    ------
    ValueError
        If shape holds anything but positive integers, or scale is negative.

    References
    ----------
    LeCun, Bottou, Orr and Müller, "Efficient BackProp", Neural Networks: Tricks of the Trade, 1998, section 4.6.

    Examples
    --------
    >>> w = scaled_normal((200, 100), 0.1, np.random.default_rng(0))
    >>> w.shape, round(float(w.std()), 2)
    ((200, 100), 0.1)
    """
    return as_number("scale", scale, at_least=0) * rng.standard_normal(_read(shape))


def glorot_normal(shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Draw weights that keep the size of signals forwards and of gradients backwards, as well as one number can.

    w ~ N(0, 2/(n_in + n_out)): between 1/n_in, which keeps the variance of the signals, and 1/n_out, which keeps that
    of the gradients. For tanh and other functions with slope 1 at 0. Equation :eq:`init-glorot`.

    Parameters
    ----------
    shape : sequence of int
        (M, D) or (F, C, kh, kw).
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray, of that shape

    Raises
    ------
    ValueError
        As `fans`.

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.

    Examples
    --------
    >>> w = glorot_normal((100, 300), np.random.default_rng(0))
    >>> round(float(w.var() * (100 + 300) / 2), 1)
    1.0
    """
    fan_in, fan_out = fans(shape)
    return scaled_normal(shape, (2 / (fan_in + fan_out)) ** 0.5, rng)


def glorot_uniform(shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Draw weights as `glorot_normal`, from a uniform distribution.

    w ~ U(−r, r) with r = √(6/(n_in + n_out)), whose variance r²/3 is the same. Equation :eq:`init-glorot`.

    Parameters
    ----------
    shape : sequence of int
        (M, D) or (F, C, kh, kw).
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray, of that shape

    Raises
    ------
    ValueError
        As `fans`.

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.

    Examples
    --------
    >>> w = glorot_uniform((2, 4), np.random.default_rng(0))
    >>> bool(np.all(np.abs(w) < 1))
    True
    """
    fan_in, fan_out = fans(shape)
    return _uniform(shape, (6 / (fan_in + fan_out)) ** 0.5, rng)


def he_normal(shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Draw weights for layers of rectifiers: w ~ N(0, 2/n_in).  Equation :eq:`init-he`.

    A rectifier sets half of its inputs to 0 and so halves the mean square of the signal; the 2 makes up for it.

    Parameters
    ----------
    shape : sequence of int
        (M, D) or (F, C, kh, kw).
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray, of that shape

    Raises
    ------
    ValueError
        As `fans`.

    References
    ----------
    He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> w = he_normal((100, 300), np.random.default_rng(0))
    >>> round(float(w.var() * 300 / 2), 1)
    1.0
    """
    fan_in, _ = fans(shape)
    return scaled_normal(shape, (2 / fan_in) ** 0.5, rng)


def he_uniform(shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Draw weights as `he_normal`, from a uniform distribution: w ~ U(−r, r) with r = √(6/n_in).

    Equation :eq:`init-he`.

    Parameters
    ----------
    shape : sequence of int
        (M, D) or (F, C, kh, kw).
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    ndarray, of that shape

    Raises
    ------
    ValueError
        As `fans`.

    References
    ----------
    He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> w = he_uniform((2, 6), np.random.default_rng(0))
    >>> bool(np.all(np.abs(w) < 1))
    True
    """
    fan_in, _ = fans(shape)
    return _uniform(shape, (6 / fan_in) ** 0.5, rng)


def _uniform(shape: Sequence[int], radius: float, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(-radius, radius, _read(shape))


def _read(shape: Sequence[int]) -> tuple[int, ...]:
    """Return a shape as a tuple of Python's own positive integers."""
    try:
        sizes = tuple(shape)
    except TypeError:
        sizes = ()
    if not sizes or not all(is_whole(size, 1) for size in sizes):
        raise ValueError(f"shape must hold positive integers, but is {shape!r}")
    return tuple(int(size) for size in sizes)
