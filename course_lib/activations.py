"""Activation functions of chapter 2: from a unit's pre-activation z to its activation a = f(z).

Elementwise functions come as ``f`` and ``f_derivative``, both functions of z and both of z's shape; maxout and
softmax, which mix several entries, bring their gradient rules instead. The formulas stand in the order of the
chapter, each in the form that neither overflows nor loses accuracy for large |z|, written without branches:
max(z, 0) and min(z, 0) do the work of "if", let NaN pass, and are several times faster than a mask.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_float, require_shape


def linear(z: ArrayLike) -> np.ndarray:
    """Return the pre-activation as it is: f(z) = z, any real number.  Equation :eq:`linear`.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        A copy of z, same shape.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Widrow and Hoff, "Adaptive switching circuits", IRE WESCON Convention Record 4, 1960.

    Examples
    --------
    >>> linear([-2.0, 0.0, 3.0])
    array([-2.,  0.,  3.])
    """
    return as_float("z", z).copy()


def linear_derivative(z: ArrayLike) -> np.ndarray:
    """Return the slope of the linear unit: f'(z) = 1, whatever z is (NaN included).  Equation :eq:`linear-derivative`.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        Ones, same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Widrow and Hoff, "Adaptive switching circuits", IRE WESCON Convention Record 4, 1960.

    Examples
    --------
    >>> linear_derivative([-2.0, 0.0, 3.0])
    array([1., 1., 1.])
    """
    return np.ones_like(as_float("z", z))


def sigmoid(z: ArrayLike) -> np.ndarray:
    """Squash z into (0, 1): σ(z) = 1 / (1 + exp(−z)).  Equation :eq:`sigmoid`.

    Computed as ½ (1 + tanh(z/2)), the same function without an exponential that can overflow. Rounding takes the
    result to exactly 0 below z ≈ −38 and to exactly 1 above z ≈ 38 (float64); the absolute error stays near 1e-16.
    Where the logarithm of σ is wanted, use `softplus`: ln σ(z) = −softplus(−z).

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        σ(z) in [0, 1], same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature 323, 1986.

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1.0, 1000.0])
    array([0.        , 0.5       , 0.73105858, 1.        ])
    """
    z = as_float("z", z)
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def sigmoid_derivative(z: ArrayLike) -> np.ndarray:
    """Return the slope of the sigmoid: σ'(z) = σ(z) (1 − σ(z)), at most ¼.  Equation :eq:`sigmoid-derivative`.

    Parameters
    ----------
    z : array_like
        Pre-activations (not activations), any shape.

    Returns
    -------
    ndarray
        σ'(z) in [0, ¼], same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature 323, 1986.

    Examples
    --------
    >>> sigmoid_derivative([-1000.0, 0.0, 1.0])
    array([0.        , 0.25      , 0.19661193])
    """
    a = sigmoid(z)
    return a * (1 - a)


def tanh(z: ArrayLike) -> np.ndarray:
    """Squash z into (−1, 1): tanh z = (e²ᶻ − 1) / (e²ᶻ + 1) = 2σ(2z) − 1.  Equation :eq:`tanh`.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        tanh z in [−1, 1], same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    LeCun, Bottou, Orr and Müller, "Efficient BackProp", in Neural Networks: Tricks of the Trade, 1998.

    Examples
    --------
    >>> tanh([-1000.0, 0.0, 1.0])
    array([-1.        ,  0.        ,  0.76159416])
    """
    return np.tanh(as_float("z", z))


def tanh_derivative(z: ArrayLike) -> np.ndarray:
    """Return the slope of tanh: tanh' z = 1 − tanh² z, at most 1.  Equation :eq:`tanh-derivative`.

    Parameters
    ----------
    z : array_like
        Pre-activations (not activations), any shape.

    Returns
    -------
    ndarray
        tanh' z in [0, 1], same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    LeCun, Bottou, Orr and Müller, "Efficient BackProp", in Neural Networks: Tricks of the Trade, 1998.

    Examples
    --------
    >>> tanh_derivative([-1000.0, 0.0, 1.0])
    array([0.        , 1.        , 0.41997434])
    """
    a = tanh(z)
    return 1 - a * a


def relu(z: ArrayLike) -> np.ndarray:
    """Cut off what is negative: relu(z) = max(0, z), in [0, ∞).  Equation :eq:`relu`.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        relu(z), same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.

    Examples
    --------
    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    return np.maximum(as_float("z", z), 0)


def relu_derivative(z: ArrayLike) -> np.ndarray:
    """Return the slope of ReLU: 1 for z > 0, and 0 for z ≤ 0.  Equation :eq:`relu-derivative`.

    At z = 0 there is no derivative; every number from 0 to 1 is a subgradient, and this course takes 0.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        0 or 1, same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Glorot, Bordes and Bengio, "Deep sparse rectifier neural networks", AISTATS 2011.

    Examples
    --------
    >>> relu_derivative([-2.0, 0.0, 3.0])
    array([0., 0., 1.])
    """
    return _step(as_float("z", z))


def shifted_relu(z: ArrayLike) -> np.ndarray:
    """Cut off what is below −1: f(z) = max(−1, z), in [−1, ∞).  Equation :eq:`shifted-relu`.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        f(z), same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units
    (ELUs)", ICLR 2016, who compare it with the ELU.

    Examples
    --------
    >>> shifted_relu([-2.0, -0.5, 3.0])
    array([-1. , -0.5,  3. ])
    """
    return np.maximum(as_float("z", z), -1)


def shifted_relu_derivative(z: ArrayLike) -> np.ndarray:
    """Return the slope of the shifted ReLU: 1 for z > −1, and 0 for z ≤ −1.  Equation :eq:`shifted-relu-derivative`.

    The choice at the kink z = −1 is that of `relu_derivative`.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        0 or 1, same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units
    (ELUs)", ICLR 2016.

    Examples
    --------
    >>> shifted_relu_derivative([-2.0, -1.0, -0.5, 3.0])
    array([0., 0., 1., 1.])
    """
    return _step(as_float("z", z) + 1)


def leaky_relu(z: ArrayLike, slope: float = 0.01) -> np.ndarray:
    """Let a little of the negative side through: z for z > 0, else slope·z.  Equation :eq:`leaky-relu`.

    Computed as max(z, 0) + slope · min(z, 0).

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.
    slope : float
        The fixed slope for z ≤ 0; 0.01 and 0.1 are both in use.

    Returns
    -------
    ndarray
        f(z), same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers, or slope is neither a number nor of a shape that broadcasts to z's.

    References
    ----------
    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013.

    Examples
    --------
    >>> leaky_relu([-2.0, 0.0, 3.0], slope=0.1)
    array([-0.2,  0. ,  3. ])
    """
    z = as_float("z", z)
    return np.maximum(z, 0) + _parameter("slope", slope, z) * np.minimum(z, 0)


def leaky_relu_derivative(z: ArrayLike, slope: float = 0.01) -> np.ndarray:
    """Return the slope of the leaky ReLU: 1 for z > 0, else `slope`.  Equation :eq:`leaky-relu-derivative`.

    At the kink z = 0 this is `slope`, the derivative from the left, as `relu_derivative` takes 0 there.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.
    slope : float
        The fixed slope for z ≤ 0.

    Returns
    -------
    ndarray
        1 or `slope`, same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers, or slope is neither a number nor of a shape that broadcasts to z's.

    References
    ----------
    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013.

    Examples
    --------
    >>> leaky_relu_derivative([-2.0, 0.0, 3.0], slope=0.1)
    array([0.1, 0.1, 1. ])
    """
    z = as_float("z", z)
    positive = _step(z)
    return positive + _parameter("slope", slope, z) * (1 - positive)


def prelu(z: ArrayLike, mu: ArrayLike) -> np.ndarray:
    """Leaky ReLU whose slope μ is learned: z for z > 0, else μ·z.  Equation :eq:`prelu`.

    The definition is by branch and holds for every μ. The shorter max(μz, z) is the same function only while μ ≤ 1.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape, for example (N, M).
    mu : float or array_like
        The slope μ: one number, or a shape that broadcasts to z's, for example (M,) for one slope a unit.

    Returns
    -------
    ndarray
        f(z), same shape as z.

    Raises
    ------
    ValueError
        If z or mu does not hold real numbers, or mu's shape does not broadcast to z's.

    References
    ----------
    He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> prelu([-2.0, 0.0, 3.0], mu=2.0)
    array([-4.,  0.,  3.])
    """
    z = as_float("z", z)
    return np.maximum(z, 0) + _parameter("mu", mu, z) * np.minimum(z, 0)


def prelu_derivative(z: ArrayLike, mu: ArrayLike) -> np.ndarray:
    """Return the slope of PReLU with respect to z: 1 for z > 0, else μ.  Equation :eq:`prelu-derivative`.

    At the kink z = 0 this is μ, the derivative from the left.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape, for example (N, M).
    mu : float or array_like
        The slope μ: one number, or a shape that broadcasts to z's.

    Returns
    -------
    ndarray
        1 or μ, same shape as z.

    Raises
    ------
    ValueError
        If z or mu does not hold real numbers, or mu's shape does not broadcast to z's.

    References
    ----------
    He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> prelu_derivative([-2.0, 0.0, 3.0], mu=2.0)
    array([2., 2., 1.])
    """
    z = as_float("z", z)
    positive = _step(z)
    return positive + _parameter("mu", mu, z) * (1 - positive)


def prelu_slope_gradient(z: ArrayLike, mu: ArrayLike) -> np.ndarray:
    """Return the derivative of PReLU with respect to its slope: ∂f/∂μ = min(z, 0).  Equation :eq:`prelu-slope`.

    It is given per entry of z. A slope shared by several entries receives the sum over them, each times the gradient
    that arrives there: ``(dout * prelu_slope_gradient(z, mu)).sum(axis=0)`` for one slope a unit.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape, for example (N, M).
    mu : float or array_like
        The slope μ, as in `prelu`. Its value does not matter, since f is linear in μ.

    Returns
    -------
    ndarray
        ∂f/∂μ, same shape as z.

    Raises
    ------
    ValueError
        If z or mu does not hold real numbers, or mu's shape does not broadcast to z's.

    References
    ----------
    He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> prelu_slope_gradient([-2.0, 0.0, 3.0], mu=0.25)
    array([-2.,  0.,  0.])
    """
    z = as_float("z", z)
    _parameter("mu", mu, z)
    return np.minimum(z, 0)


def elu(z: ArrayLike, alpha: float = 1.0) -> np.ndarray:
    """Bend smoothly towards −α: z for z > 0, else α (eᶻ − 1).  Equation :eq:`elu`.

    Computed as max(z, 0) + α expm1(min(z, 0)), exact near 0 and without overflow.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.
    alpha : float
        The value −α is approached as z goes to −∞.

    Returns
    -------
    ndarray
        f(z), same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers, or alpha is neither a number nor of a shape that broadcasts to z's.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units
    (ELUs)", ICLR 2016.

    Examples
    --------
    >>> elu([-1000.0, -1.0, 0.0, 3.0])
    array([-1.        , -0.63212056,  0.        ,  3.        ])
    """
    z = as_float("z", z)
    return np.maximum(z, 0) + _parameter("alpha", alpha, z) * np.expm1(np.minimum(z, 0))


def elu_derivative(z: ArrayLike, alpha: float = 1.0) -> np.ndarray:
    """Return the slope of the ELU: 1 for z > 0, else α eᶻ = f(z) + α.  Equation :eq:`elu-derivative`.

    With α = 1 the two sides meet at z = 0; for other α there is a kink, where this is α, the derivative from the left.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.
    alpha : float
        As in `elu`.

    Returns
    -------
    ndarray
        f'(z), same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers, or alpha is neither a number nor of a shape that broadcasts to z's.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units
    (ELUs)", ICLR 2016.

    Examples
    --------
    >>> elu_derivative([-1000.0, -1.0, 0.0, 3.0])
    array([0.        , 0.36787944, 1.        , 1.        ])
    """
    z = as_float("z", z)
    positive = _step(z)
    return positive + _parameter("alpha", alpha, z) * np.exp(np.minimum(z, 0)) * (1 - positive)


def softplus(z: ArrayLike) -> np.ndarray:
    """Round off the corner of ReLU: softplus(z) = ln(1 + eᶻ), in (0, ∞).  Equation :eq:`softplus`.

    Computed as max(z, 0) + log1p(exp(−|z|)), whose exponential is never above 1.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        softplus(z), same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Dugas, Bengio, Bélisle, Nadeau and Garcia, "Incorporating second-order functional knowledge for better option
    pricing", NIPS 2000.

    Examples
    --------
    >>> softplus([-1000.0, 0.0, 1000.0])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    z = as_float("z", z)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_derivative(z: ArrayLike) -> np.ndarray:
    """Return the slope of softplus, which is the sigmoid: softplus'(z) = σ(z).  Equation :eq:`softplus-derivative`.

    Parameters
    ----------
    z : array_like
        Pre-activations, any shape.

    Returns
    -------
    ndarray
        σ(z) in [0, 1], same shape as z.

    Raises
    ------
    ValueError
        If z does not hold real numbers.

    References
    ----------
    Dugas, Bengio, Bélisle, Nadeau and Garcia, "Incorporating second-order functional knowledge for better option
    pricing", NIPS 2000.

    Examples
    --------
    >>> softplus_derivative([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    """
    return sigmoid(z)


def maxout_forward(x: ArrayLike, w: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, Any]:
    """Let each unit give the largest of its k linear pieces: aₘ = maxᵢ (wᵢₘ·x + bᵢₘ).  Equation :eq:`maxout`.

    The pieces are learned, k (D + 1) numbers for each of the M units. With the pieces 0 and z a unit is a ReLU, with
    slope·z and z (slope ≤ 1) a leaky ReLU.

    Parameters
    ----------
    x : array_like, shape (N, D) or (D,)
        A batch of inputs in rows, or one input.
    w : array_like, shape (k, M, D)
        Weights of the k pieces.
    b : array_like, shape (k, M)
        Biases of the k pieces.

    Returns
    -------
    out : ndarray, shape (N, M) or (M,)
        The activations a.
    cache : tuple
        What `maxout_backward` needs. It holds x and w themselves: do not change them before the backward pass.

    Raises
    ------
    ValueError
        If a shape is not as above, or k is 0.

    References
    ----------
    Goodfellow, Warde-Farley, Mirza, Courville and Bengio, "Maxout networks", ICML 2013.

    Examples
    --------
    >>> w = [[[0.0]], [[1.0]]]          # two pieces of one unit with one input: 0 and x, that is ReLU
    >>> out, cache = maxout_forward([[-2.0], [3.0]], w, [[0.0], [0.0]])
    >>> out
    array([[0.],
           [3.]])
    """
    x, w, b = as_float("x", x), as_float("w", w), as_float("b", b)
    sizes: dict[str, int] = {}
    require_shape("w", w, ("k", "M", "D"), sizes=sizes)
    require_shape("b", b, ("k", "M"), sizes=sizes)
    require_shape("x", x, ("N", "D"), ("D",), sizes=sizes)
    if len(w) == 0:
        raise ValueError(f"w has shape {w.shape}, expected (k, M, D) with at least one piece k")
    pieces = np.matmul(x, w.transpose(0, 2, 1)) + (b[:, None] if x.ndim == 2 else b)  # (k, N, M) or (k, M)
    out = pieces.max(axis=0)
    return out, (x, w, pieces, out)


def maxout_backward(dout: ArrayLike, cache: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Send each unit's gradient to the piece that gave the maximum.  Equation :eq:`maxout-gradients`.

    With δᵢ = dout where piece i won and 0 elsewhere: dwᵢ = δᵢᵀ x, dbᵢ = Σₙ δᵢ, dx = Σᵢ δᵢ wᵢ. In a tie the first
    of the largest pieces wins.

    Parameters
    ----------
    dout : array_like, shape (N, M) or (M,)
        Gradient of the loss with respect to `out` of `maxout_forward`.
    cache : tuple
        From `maxout_forward`.

    Returns
    -------
    dx : ndarray, shape (N, D) or (D,)
    dw : ndarray, shape (k, M, D)
        Summed over the batch; a loss that is a batch mean has put its 1/N into `dout`.
    db : ndarray, shape (k, M)
        Summed over the batch, like dw.

    Raises
    ------
    ValueError
        If `dout` does not have the shape of `out`.

    References
    ----------
    Goodfellow, Warde-Farley, Mirza, Courville and Bengio, "Maxout networks", ICML 2013.

    Examples
    --------
    >>> out, cache = maxout_forward([[-2.0], [3.0]], [[[0.0]], [[1.0]]], [[0.0], [0.0]])
    >>> dx, dw, db = maxout_backward([[10.0], [1.0]], cache)
    >>> dx.tolist(), dw.tolist(), db.tolist()
    ([[0.0], [1.0]], [[[-20.0]], [[3.0]]], [[10.0], [1.0]])
    """
    x, w, pieces, out = cache
    upstream = as_float("dout", dout)
    require_shape("dout", upstream, out.shape)
    rows, upstream = np.atleast_2d(x, upstream)  # (N, D), (N, M)
    undecided = np.ones(upstream.shape, dtype=bool)
    dx, dw, db = np.zeros_like(rows), np.empty_like(w), np.empty_like(w, shape=w.shape[:2])
    for i in range(len(w)):
        wins = undecided & (pieces[i] == out)
        undecided = undecided & ~wins
        delta = upstream * wins
        dx += delta @ w[i]
        dw[i] = delta.T @ rows
        db[i] = delta.sum(axis=0)
    return dx.reshape(x.shape), dw, db


def softmax(z: ArrayLike) -> np.ndarray:
    """Turn M scores into probabilities: hᵢ = exp(zᵢ) / Σⱼ exp(zⱼ), over the last axis.  Equation :eq:`softmax`.

    The largest score c is subtracted first. That changes nothing, since exp(−c) cancels, and keeps every exponential
    at or below 1. A score of −∞ gets probability 0; a row that holds +∞ has no limit and becomes NaN.

    Parameters
    ----------
    z : array_like, shape (N, M) or (M,)
        Scores (logits), one row a sample.

    Returns
    -------
    ndarray, shape (N, M) or (M,)
        Probabilities h; each row sums to 1.

    Raises
    ------
    ValueError
        If z has another shape, or M is 0.

    References
    ----------
    Bridle, "Probabilistic interpretation of feedforward classification network outputs", in Neurocomputing, 1990.
    Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions", IMA Journal of
    Numerical Analysis 41, 2021, on the shift.

    Examples
    --------
    >>> softmax([[0.0, 0.0], [1000.0, 0.0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    h = np.exp(_shifted(z))
    h /= h.sum(axis=-1, keepdims=True)
    return h


def log_softmax(z: ArrayLike) -> np.ndarray:
    """Return ln hᵢ = (zᵢ − c) − ln Σⱼ exp(zⱼ − c) with c the largest score.  Equation :eq:`log-softmax`.

    Finite where the logarithm of a rounded softmax would be −∞.

    Parameters
    ----------
    z : array_like, shape (N, M) or (M,)
        Scores (logits), one row a sample.

    Returns
    -------
    ndarray, shape (N, M) or (M,)
        Logarithms of the probabilities, at most 0.

    Raises
    ------
    ValueError
        If z has another shape, or M is 0.

    References
    ----------
    Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions", IMA Journal of
    Numerical Analysis 41, 2021.

    Examples
    --------
    >>> log_softmax([1000.0, 0.0])
    array([    0., -1000.])
    """
    shifted = _shifted(z)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax_jacobian(z: ArrayLike) -> np.ndarray:
    """Return how each probability answers to each score: ∂hᵢ/∂zⱼ = hᵢ (δᵢⱼ − hⱼ).  Equation :eq:`softmax-jacobian`.

    Here δᵢⱼ is 1 for i = j and 0 otherwise. The matrix is symmetric, and its rows sum to 0.

    Parameters
    ----------
    z : array_like, shape (N, M) or (M,)
        Scores (logits), one row a sample.

    Returns
    -------
    ndarray, shape (N, M, M) or (M, M)
        One matrix a sample, row i for hᵢ, column j for zⱼ.

    Raises
    ------
    ValueError
        If z has another shape, or M is 0.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4.

    Examples
    --------
    >>> softmax_jacobian([0.0, 0.0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    h = softmax(z)
    identity = np.eye(h.shape[-1], dtype=h.dtype)
    return h[..., :, None] * (identity - h[..., None, :])


ACTIVATIONS: dict[str, tuple[Callable[[ArrayLike], np.ndarray], Callable[[ArrayLike], np.ndarray]]] = {
    "linear": (linear, linear_derivative),
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
    "shifted_relu": (shifted_relu, shifted_relu_derivative),
    "leaky_relu": (leaky_relu, leaky_relu_derivative),
    "elu": (elu, elu_derivative),
    "softplus": (softplus, softplus_derivative),
}
"""The elementwise activations by name, each with its derivative, at their default parameters."""


def _step(z: np.ndarray) -> np.ndarray:
    """Return 1 for z > 0, 0 for z ≤ 0, NaN for NaN: like np.heaviside(z, 0), in about a tenth of its time."""
    return np.maximum(np.sign(z), 0)


def _parameter(name: str, value: ArrayLike, z: np.ndarray) -> np.ndarray:
    """Return a parameter of f in z's dtype, so that a float64 slope does not turn float32 units into float64."""
    parameter = as_float(name, value).astype(z.dtype, copy=False)
    fits = parameter.ndim <= z.ndim and all(
        p in (1, n) for p, n in zip(parameter.shape[::-1], z.shape[::-1], strict=False)
    )
    if not fits:
        raise ValueError(f"{name} has shape {parameter.shape}, expected () or one that broadcasts to z's {z.shape}")
    return parameter


def _shifted(z: ArrayLike) -> np.ndarray:
    """Return z minus the largest entry of its row, as a new array."""
    z = as_float("z", z)
    require_shape("z", z, ("N", "M"), ("M",))
    if z.shape[-1] == 0:
        raise ValueError(f"z has shape {z.shape}, expected (N, M) or (M,) with at least one class M")
    return z - z.max(axis=-1, keepdims=True)
