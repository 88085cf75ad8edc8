"""Autoencoders, the module of chapter 12: networks that copy their input through something that makes copying hard.

An encoder turns inputs x of D numbers into a code h of M numbers, a decoder turns codes back into inputs. What makes
it hard is a narrow code, noise on the input, or a price on activity. The linear autoencoder stands beside principal
component analysis, which finds its best code without any training. Batches are rows, parameters come as arrays, and
the objective of the sparse autoencoder is one function over one flat vector, ready for any optimiser.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_count, as_float, as_number, is_whole, require_not_empty, require_shape
from course_lib.activations import ACTIVATIONS


def autoencoder_forward(
    x: ArrayLike,
    w1: ArrayLike,
    b1: ArrayLike,
    w2: ArrayLike,
    b2: ArrayLike,
    *,
    activation: str = "sigmoid",
    output: str = "sigmoid",
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Encode a batch and decode it again.

    h = f(W₁ x + b₁), Equation :eq:`encoder`, and x̂ = g(W₂ h + b₂), Equation :eq:`decoder`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        A batch of inputs.
    w1 : array_like, shape (M, D)
        Weights of the encoder.
    b1 : array_like, shape (M,)
        Its biases.
    w2 : array_like, shape (D, M)
        Weights of the decoder.
    b2 : array_like, shape (D,)
        Its biases.
    activation, output : str
        f and g: keys of `activations.ACTIVATIONS`. With ``"linear"`` for both it is the linear autoencoder.

    Returns
    -------
    x_hat : ndarray, shape (N, D)
        The reconstruction.
    code : ndarray, shape (N, M)
        h.
    cache : tuple
        What the backward pass needs. It holds x and the weights themselves: do not change them before it.

    Raises
    ------
    ValueError
        If a shape is not as above, the batch is empty, or an activation function is unknown.

    References
    ----------
    Rumelhart, Hinton and Williams, "Learning internal representations by error propagation", Parallel Distributed
    Processing 1, 1986; Goodfellow, Bengio and Courville, Deep Learning, 2016, chapter 14.

    Examples
    --------
    >>> x_hat, code, cache = autoencoder_forward(
    ...     [[2.0, 4.0]], [[0.5, 0.5]], [0.0], [[1.0], [1.0]], [0.0, 0.0], activation="linear", output="linear"
    ... )
    >>> code, x_hat
    (array([[3.]]), array([[3., 3.]]))
    """
    x, w1, b1, w2, b2 = _read(x=(x, "ND"), w1=(w1, "MD"), b1=(b1, "M"), w2=(w2, "DM"), b2=(b2, "D"))
    z1 = x @ w1.T + b1
    code = _function("activation", activation)[0](z1)
    z2 = code @ w2.T + b2
    return _function("output", output)[0](z2), code.copy(), (x, w2, z1, code, z2, activation, output)


def autoencoder_backward(
    dx_hat: ArrayLike, cache: Any, dcode: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of an autoencoder for its parameters.

    δ₂ = dx̂ ⊙ g′(z₂) and δ₁ = (δ₂ W₂ + dh) ⊙ f′(z₁): what comes back through the decoder, and what a price on the code
    adds to it. Equation :eq:`autoencoder-gradients`.

    Parameters
    ----------
    dx_hat : array_like, shape (N, D)
        Gradient of the loss for the reconstruction.
    cache : tuple
        From `autoencoder_forward`.
    dcode : array_like, shape (N, M), optional
        dh, the gradient of the loss for the code that does not come through the decoder.

    Returns
    -------
    dw1 : ndarray, shape (M, D)
    db1 : ndarray, shape (M,)
    dw2 : ndarray, shape (D, M)
    db2 : ndarray, shape (D,)

    Raises
    ------
    ValueError
        If a gradient does not have the shape of what it is the gradient of.

    References
    ----------
    Rumelhart, Hinton and Williams, "Learning internal representations by error propagation", Parallel Distributed
    Processing 1, 1986.

    Examples
    --------
    >>> x_hat, code, cache = autoencoder_forward(
    ...     [[2.0, 4.0]], [[0.5, 0.5]], [0.0], [[1.0], [1.0]], [0.0, 0.0], activation="linear", output="linear"
    ... )
    >>> dw1, db1, dw2, db2 = autoencoder_backward(x_hat - [[2.0, 4.0]], cache)
    >>> dw1.tolist(), dw2.tolist()  # 1 too much and 1 too little: the code can do nothing about it
    ([[0.0, 0.0]], [[3.0], [-3.0]])
    """
    x, w2, z1, code, z2, activation, output = cache
    delta2 = _read_upstream("dx_hat", dx_hat, z2) * ACTIVATIONS[output][1](z2)
    at_code = delta2 @ w2
    if dcode is not None:
        at_code = at_code + _read_upstream("dcode", dcode, code)
    delta1 = at_code * ACTIVATIONS[activation][1](z1)
    return delta1.T @ x, delta1.sum(axis=0), delta2.T @ code, delta2.sum(axis=0)


def tied_forward(
    x: ArrayLike,
    w: ArrayLike,
    b1: ArrayLike,
    b2: ArrayLike,
    *,
    activation: str = "sigmoid",
    output: str = "sigmoid",
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Encode and decode with the same weights: h = f(W x + b₁), x̂ = g(Wᵀ h + b₂).  Equation :eq:`tied-weights`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        A batch of inputs.
    w : array_like, shape (M, D)
        The weights of both.
    b1 : array_like, shape (M,)
        Biases of the encoder.
    b2 : array_like, shape (D,)
        Biases of the decoder.
    activation, output : str
        f and g: keys of `activations.ACTIVATIONS`.

    Returns
    -------
    x_hat : ndarray, shape (N, D)
    code : ndarray, shape (N, M)
    cache : tuple
        What the backward pass needs.

    Raises
    ------
    ValueError
        As `autoencoder_forward`.

    References
    ----------
    Vincent, Larochelle, Lajoie, Bengio and Manzagol, "Stacked denoising autoencoders", Journal of Machine Learning
    Research 11, 2010.

    Examples
    --------
    >>> x_hat, code, cache = tied_forward(
    ...     [[2.0, 4.0]], [[0.6, 0.8]], [0.0], [0.0, 0.0], activation="linear", output="linear"
    ... )
    >>> code.round(2), x_hat.round(2)  # the projection onto the direction (0.6, 0.8)
    (array([[4.4]]), array([[2.64, 3.52]]))
    """
    w = as_float("w", w)
    require_shape("w", w, ("M", "D"))
    return autoencoder_forward(x, w, b1, w.T, b2, activation=activation, output=output)


def tied_backward(
    dx_hat: ArrayLike, cache: Any, dcode: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients of an autoencoder with tied weights.

    The weights are used twice, so their gradient is the sum of two: dW = dW₁ + dW₂ᵀ. Equation
    :eq:`tied-weights-gradient`.

    Parameters
    ----------
    dx_hat : array_like, shape (N, D)
        Gradient of the loss for the reconstruction.
    cache : tuple
        From `tied_forward`.
    dcode : array_like, shape (N, M), optional
        Gradient of the loss for the code that does not come through the decoder.

    Returns
    -------
    dw : ndarray, shape (M, D)
    db1 : ndarray, shape (M,)
    db2 : ndarray, shape (D,)

    Raises
    ------
    ValueError
        As `autoencoder_backward`.

    References
    ----------
    Vincent, Larochelle, Lajoie, Bengio and Manzagol, "Stacked denoising autoencoders", Journal of Machine Learning
    Research 11, 2010.

    Examples
    --------
    >>> x_hat, code, cache = tied_forward([[1.0]], [[2.0]], [0.0], [0.0], activation="linear", output="linear")
    >>> tied_backward(np.ones((1, 1)), cache)[0]  # x̂ = w²x, so 2wx
    array([[4.]])
    """
    dw1, db1, dw2, db2 = autoencoder_backward(dx_hat, cache, dcode)
    return dw1 + dw2.T, db1, db2


# ---- the linear autoencoder and principal components -------------------------------------------------------------


class PrincipalComponents(NamedTuple):
    """What `principal_components` finds."""

    mean: np.ndarray
    """The mean of the samples, shape (D,)."""
    components: np.ndarray
    """The K directions in which they vary most, orthonormal rows, shape (K, D)."""
    variances: np.ndarray
    """The variance along each, largest first, shape (K,)."""


def principal_components(x: ArrayLike, count: int) -> PrincipalComponents:
    """Find the directions in which samples vary most, by the singular value decomposition of the centred samples.

    X − μ = U S Vᵀ; the first K rows of Vᵀ are the components, and S²/N the variances. Equation :eq:`pca`. The sign of
    a component is free; here its largest entry is positive.

    Parameters
    ----------
    x : array_like, shape (N, D)
        The samples.
    count : int
        K, from 1 to the smaller of N and D.

    Returns
    -------
    PrincipalComponents

    Raises
    ------
    ValueError
        If x is no (N, D) array, is empty or has entries that are not finite, or count is no such number.

    References
    ----------
    Pearson, "On lines and planes of closest fit to systems of points in space", Philosophical Magazine 2, 1901;
    Eckart and Young, "The approximation of one matrix by another of lower rank", Psychometrika 1, 1936.

    Examples
    --------
    >>> found = principal_components([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]], 1)
    >>> found.mean, found.components.round(3), found.variances.round(3)
    (array([3., 4.]), array([[0.6, 0.8]]), array([16.667]))
    """
    x = as_float("x", x)
    require_shape("x", x, ("N", "D"))
    require_not_empty("x", x)
    _require_finite("x", x)
    count = as_count("count", count)
    if count > min(x.shape):
        raise ValueError(f"count must be at most {min(x.shape)} for x of shape {x.shape}, but is {count}")
    mean = x.mean(axis=0)
    _, s, vt = np.linalg.svd(x - mean, full_matrices=False)
    components = vt[:count]
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
    return PrincipalComponents(mean, components * np.where(largest < 0, -1, 1).astype(x.dtype), s[:count] ** 2 / len(x))


def pca_reconstruction(x: ArrayLike, pca: PrincipalComponents) -> np.ndarray:
    """Project samples onto the principal components and back: x̂ = μ + Vᵀ V (x − μ), with the components as rows of V.

    No linear autoencoder with as many code units has a smaller mean squared error. Equation :eq:`pca-reconstruction`.

    Parameters
    ----------
    x : array_like, shape (N, D)
        Samples, those of `principal_components` or others.
    pca : PrincipalComponents
        From `principal_components`.

    Returns
    -------
    ndarray, shape (N, D)

    Raises
    ------
    ValueError
        If x has not as many columns as there are entries in a component.

    References
    ----------
    Baldi and Hornik, "Neural networks and principal component analysis: learning from examples without local minima",
    Neural Networks 2, 1989.

    Examples
    --------
    >>> line = principal_components([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]], 1)
    >>> pca_reconstruction([[3.8, 3.4]], line).round(6)  # a point beside the line, and its foot on it
    array([[3., 4.]])
    """
    x = as_float("x", x)
    require_shape("x", x, ("N", pca.mean.size))
    return pca.mean + (x - pca.mean) @ pca.components.T @ pca.components


def principal_angles(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Return the angles between two subspaces, each spanned by the rows of a matrix; all 0 if they are the same.

    With orthonormal bases Q_a and Q_b the cosines of the angles are the singular values of Q_aᵀ Q_b. Small angles are
    computed from their sines, since cosines near 1 cannot tell them apart. Equation :eq:`principal-angles`.

    Parameters
    ----------
    a : array_like, shape (K, D)
        K independent rows.
    b : array_like, shape (L, D)
        L independent rows.

    Returns
    -------
    ndarray, shape (min(K, L),)
        Angles from 0 to π/2, smallest first.

    Raises
    ------
    ValueError
        If the shapes do not fit together, an entry is not finite, or rows are dependent.

    References
    ----------
    Björck and Golub, "Numerical methods for computing angles between linear subspaces", Mathematics of Computation
    27, 1973.

    Examples
    --------
    >>> principal_angles([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]], [[1.0, 1.0, 0.0]]).round(6)  # a line in a plane
    array([0.])
    >>> np.degrees(principal_angles([[1.0, 0.0]], [[1.0, 1.0]])).round(6)
    array([45.])
    """
    bases = []
    sizes: dict[str, int] = {}
    for name, letter, value in (("a", "K", a), ("b", "L", b)):
        rows = as_float(name, value)
        require_shape(name, rows, (letter, "D"), sizes=sizes)
        require_not_empty(name, rows)
        _require_finite(name, rows)
        if np.linalg.matrix_rank(rows) < len(rows):
            raise ValueError(f"{name} has dependent rows; {len(rows)} independent ones are needed")
        bases.append(np.linalg.qr(rows.T)[0])
    one, other = sorted(bases, key=lambda basis: -basis.shape[1])  # other spans the smaller space
    cosines = np.linalg.svd(one.T @ other, compute_uv=False)
    sines = np.linalg.svd(other - one @ (one.T @ other), compute_uv=False)[::-1]  # of what one does not hold
    small = cosines > 0.7
    return np.where(small, np.arcsin(np.minimum(sines, 1)), np.arccos(np.minimum(cosines, 1)))


# ---- denoising ---------------------------------------------------------------------------------------------------


def mask_inputs(x: ArrayLike, share: float, rng: np.random.Generator) -> np.ndarray:
    """Set each entry to 0 with the same probability: x̃ = x ⊙ m with P(m = 0) = q.  Equation :eq:`corruption`.

    A denoising autoencoder is given x̃ and has to return x.

    Parameters
    ----------
    x : array_like, any shape
        Inputs.
    share : float
        q, from 0 to 1.
    rng : numpy.random.Generator
        Draws the mask.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    ValueError
        If x holds no real numbers, or share is not in [0, 1].

    References
    ----------
    Vincent, Larochelle, Bengio and Manzagol, "Extracting and composing robust features with denoising autoencoders",
    ICML 2008.

    Examples
    --------
    >>> mask_inputs(np.ones(8), 0.5, np.random.default_rng(0))
    array([1., 0., 0., 0., 1., 1., 1., 1.])
    """
    x, share = as_float("x", x), as_number("share", share, at_least=0)
    if share > 1:
        raise ValueError(f"share must be at most 1, but is {share}")
    return x * (rng.random(x.shape) >= share)


def add_noise(x: ArrayLike, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Add normal noise: x̃ = x + ε with ε ~ N(0, σ²).  Equation :eq:`corruption`.

    Parameters
    ----------
    x : array_like, any shape
        Inputs.
    sigma : float
        The standard deviation σ, at least 0.
    rng : numpy.random.Generator
        Draws the noise.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    ValueError
        If x holds no real numbers, or sigma is negative.

    References
    ----------
    Vincent, Larochelle, Lajoie, Bengio and Manzagol, "Stacked denoising autoencoders", Journal of Machine Learning
    Research 11, 2010.

    Examples
    --------
    >>> add_noise([1.0, 2.0], 0.1, np.random.default_rng(0)).round(3)
    array([1.013, 1.987])
    """
    x, sigma = as_float("x", x), as_number("sigma", sigma, at_least=0)
    return x + (sigma * rng.standard_normal(x.shape)).astype(x.dtype)


# ---- sparsity ----------------------------------------------------------------------------------------------------


def mean_activity(code: ArrayLike) -> np.ndarray:
    """Return how active each code unit is on average: ρ̂ₘ = 1/N Σₙ hₙₘ.  Equation :eq:`mean-activity`.

    Parameters
    ----------
    code : array_like, shape (N, M)
        Codes of a batch.

    Returns
    -------
    ndarray, shape (M,)

    Raises
    ------
    ValueError
        If code is no (N, M) array or is empty.

    References
    ----------
    Ng, "Sparse autoencoder", lecture notes CS294A, Stanford University, 2011.

    Examples
    --------
    >>> mean_activity([[0.0, 1.0], [0.5, 1.0]])
    array([0.25, 1.  ])
    """
    return _read_code(code).mean(axis=0)


def kl_sparsity(code: ArrayLike, target: float) -> np.floating:
    """Price a batch of codes by how far the mean activities are from a small target.

    S = Σₘ ρ ln(ρ/ρ̂ₘ) + (1 − ρ) ln((1 − ρ)/(1 − ρ̂ₘ)), the Kullback-Leibler divergence between coins that fall with
    probability ρ and ρ̂ₘ; 0 where ρ̂ₘ = ρ. Equation :eq:`kl-sparsity`. A unit that is never active, or always, would
    have an infinite price; its ρ̂ is taken to be the rounding unit away from 0 or 1.

    Parameters
    ----------
    code : array_like, shape (N, M)
        Codes of a batch, each entry from 0 to 1, as after a sigmoid.
    target : float
        ρ, between 0 and 1.

    Returns
    -------
    float
        At least 0.

    Raises
    ------
    ValueError
        If code is no (N, M) array, is empty, or has entries outside [0, 1], or target is not between 0 and 1.

    References
    ----------
    Ng, "Sparse autoencoder", lecture notes CS294A, Stanford University, 2011.

    Examples
    --------
    >>> float(kl_sparsity([[0.0], [1.0]], 0.5))
    0.0
    >>> round(float(kl_sparsity([[0.2], [0.4]], 0.1)), 4)
    0.1163
    """
    active, target = _activity_between(code, target)
    return np.sum(target * np.log(target / active) + (1 - target) * np.log((1 - target) / (1 - active)))


def kl_sparsity_gradient(code: ArrayLike, target: float) -> np.ndarray:
    """Return ∂S/∂hₙₘ = 1/N (−ρ/ρ̂ₘ + (1 − ρ)/(1 − ρ̂ₘ)), the same for all samples.  Equation :eq:`kl-sparsity-gradient`.

    For a unit that is never active, or always, it is taken a rounding unit away from there, as the price is: large,
    finite, and towards the target.

    Parameters
    ----------
    code : array_like, shape (N, M)
        Codes of a batch, each entry from 0 to 1.
    target : float
        ρ, between 0 and 1.

    Returns
    -------
    ndarray, shape (N, M)

    Raises
    ------
    ValueError
        As `kl_sparsity`.

    References
    ----------
    Ng, "Sparse autoencoder", lecture notes CS294A, Stanford University, 2011.

    Examples
    --------
    >>> kl_sparsity_gradient([[0.25], [0.75]], 0.25)  # −0.5 + 1.5, halved by the mean
    array([[0.5],
           [0.5]])
    """
    active, target = _activity_between(code, target)
    shape = np.shape(code)
    return np.broadcast_to((-target / active + (1 - target) / (1 - active)) / shape[0], shape).copy()


def l1_sparsity(code: ArrayLike) -> np.floating:
    """Price a batch of codes by the sum of their sizes: S = 1/N Σₙ Σₘ |hₙₘ|.  Equation :eq:`l1-sparsity`.

    Parameters
    ----------
    code : array_like, shape (N, M)
        Codes of a batch.

    Returns
    -------
    float
        At least 0.

    Raises
    ------
    ValueError
        If code is no (N, M) array or is empty.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 14.2.1.

    Examples
    --------
    >>> float(l1_sparsity([[1.0, -2.0], [0.0, 1.0]]))
    2.0
    """
    code = _read_code(code)
    return np.sum(np.abs(code)) / len(code)


def l1_sparsity_gradient(code: ArrayLike) -> np.ndarray:
    """Return ∂S/∂hₙₘ = 1/N sign(hₙₘ), taking sign(0) = 0.  Equation :eq:`l1-sparsity-gradient`.

    Parameters
    ----------
    code : array_like, shape (N, M)
        Codes of a batch.

    Returns
    -------
    ndarray, shape (N, M)

    Raises
    ------
    ValueError
        As `l1_sparsity`.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 14.2.1.

    Examples
    --------
    >>> l1_sparsity_gradient([[1.0, -2.0], [0.0, 1.0]])
    array([[ 0.5, -0.5],
           [ 0. ,  0.5]])
    """
    code = _read_code(code)
    return np.sign(code) / len(code)


def sparse_loss_and_gradient(
    theta: ArrayLike,
    x: ArrayLike,
    code_size: int,
    *,
    wanted: ArrayLike | None = None,
    decay: float = 0.0,
    strength: float = 0.0,
    target: float | None = None,
    activation: str = "sigmoid",
    output: str = "sigmoid",
) -> tuple[float, np.ndarray]:
    """Return the objective of a sparse autoencoder and its gradient, over all parameters as one vector.

    J = 1/N Σₙ ½ ‖x̂ₙ − xₙ‖² + λ/2 (‖W₁‖² + ‖W₂‖²) + β S(h). Biases are not priced. Equation :eq:`sparse-objective`.

    Parameters
    ----------
    theta : array_like, shape (P,)
        W₁, b₁, W₂, b₂ one after the other, each matrix row by row; P = 2 M D + M + D. See `pack`.
    x : array_like, shape (N, D)
        Inputs.
    code_size : int
        M.
    wanted : array_like, shape (N, D), optional
        What should come out, where it is not x: the clean inputs of a denoising autoencoder.
    decay : float
        λ ≥ 0.
    strength : float
        β ≥ 0.
    target : float, optional
        ρ; with it S is `kl_sparsity`, without it `l1_sparsity`.
    activation, output : str
        f and g: keys of `activations.ACTIVATIONS`.

    Returns
    -------
    value : float
        J.
    gradient : ndarray, shape (P,)

    Raises
    ------
    ValueError
        If a shape does not fit, or a number is outside its range.

    References
    ----------
    Ng, "Sparse autoencoder", lecture notes CS294A, Stanford University, 2011.

    Examples
    --------
    >>> value, gradient = sparse_loss_and_gradient(np.zeros(7), [[0.5, 1.0]], 1)
    >>> value, gradient.round(3)  # everything is ½: nothing is wrong with the first output
    (0.125, array([ 0.   ,  0.   ,  0.   ,  0.   , -0.062,  0.   , -0.125]))
    """
    x = as_float("x", x)
    require_shape("x", x, ("N", "D"))
    goal = x if wanted is None else as_float("wanted", wanted).astype(x.dtype, copy=False)
    require_shape("wanted", goal, x.shape)
    decay, strength = as_number("decay", decay, at_least=0), as_number("strength", strength, at_least=0)
    w1, b1, w2, b2 = unpack(theta, x.shape[1], code_size)
    x_hat, code, cache = autoencoder_forward(x, w1, b1, w2, b2, activation=activation, output=output)
    error = x_hat - goal
    value = 0.5 * np.sum(error * error) / len(x) + 0.5 * decay * (np.sum(w1 * w1) + np.sum(w2 * w2))
    dcode = None
    if strength > 0:
        value += strength * (l1_sparsity(code) if target is None else kl_sparsity(code, target))
        dcode = strength * (l1_sparsity_gradient(code) if target is None else kl_sparsity_gradient(code, target))
    dw1, db1, dw2, db2 = autoencoder_backward(error / len(x), cache, dcode)
    return float(value), pack(dw1 + decay * w1, db1, dw2 + decay * w2, db2)


def pack(w1: ArrayLike, b1: ArrayLike, w2: ArrayLike, b2: ArrayLike) -> np.ndarray:
    """Return all parameters as one vector: θ = (W₁, b₁, W₂, b₂), row by row.  Equation :eq:`flat-parameters`.

    Parameters
    ----------
    w1, b1, w2, b2 : array_like, shapes (M, D), (M,), (D, M), (D,)
        The parameters.

    Returns
    -------
    ndarray, shape (2 M D + M + D,)

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    References
    ----------
    Ng, "Sparse autoencoder", lecture notes CS294A, Stanford University, 2011.

    Examples
    --------
    >>> pack([[1.0, 2.0]], [3.0], [[4.0], [5.0]], [6.0, 7.0])
    array([1., 2., 3., 4., 5., 6., 7.])
    """
    parts = _read(w1=(w1, "MD"), b1=(b1, "M"), w2=(w2, "DM"), b2=(b2, "D"))
    return np.concatenate([part.ravel() for part in parts])


def unpack(theta: ArrayLike, inputs: int, code_size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return W₁, b₁, W₂, b₂ from one vector; the inverse of `pack`.  Equation :eq:`flat-parameters`.

    Parameters
    ----------
    theta : array_like, shape (2 M D + M + D,)
        All parameters.
    inputs : int
        D.
    code_size : int
        M.

    Returns
    -------
    w1, b1, w2, b2 : ndarrays, shapes (M, D), (M,), (D, M), (D,)
        New arrays.

    Raises
    ------
    ValueError
        If theta has another length, or a size is no positive integer.

    References
    ----------
    Ng, "Sparse autoencoder", lecture notes CS294A, Stanford University, 2011.

    Examples
    --------
    >>> [part.tolist() for part in unpack(np.arange(7.0), inputs=2, code_size=1)]
    [[[0.0, 1.0]], [2.0], [[3.0], [4.0]], [5.0, 6.0]]
    """
    d, m = as_count("inputs", inputs), as_count("code_size", code_size)
    theta = as_float("theta", theta)
    require_shape("theta", theta, (2 * m * d + m + d,))
    w1, b1, w2, b2 = np.split(theta.copy(), np.cumsum([m * d, m, d * m]))
    return w1.reshape(m, d), b1, w2.reshape(d, m), b2


# ---- looking at weights ------------------------------------------------------------------------------------------


def mosaic(weights: ArrayLike, tile_shape: tuple[int, int], gap: int = 1) -> np.ndarray:
    """Arrange the weights of each code unit as a small picture, and all pictures in a square.

    Unit m is shown as row m of W₁, divided by its largest size, so that −1 is the darkest and 1 the brightest:
    w_m / max|w_m|. Equation :eq:`mosaic`. Gaps and places without a unit are NaN.

    Parameters
    ----------
    weights : array_like, shape (M, D)
        W₁.
    tile_shape : pair of int
        (H, W) with H·W = D.
    gap : int
        Pixels between the pictures, at least 0.

    Returns
    -------
    ndarray, shape (R·(H + gap) − gap, K·(W + gap) − gap)
        With K = ⌈√M⌉ columns and R = ⌈M/K⌉ rows of pictures.

    Raises
    ------
    ValueError
        If weights is no (M, D) array, D is not H·W, or a number is outside its range.

    References
    ----------
    Olshausen and Field, "Emergence of simple-cell receptive field properties by learning a sparse code for natural
    images", Nature 381, 1996.

    Examples
    --------
    >>> mosaic([[1.0, -2.0], [3.0, 0.0], [0.0, 0.0]], (1, 2), gap=1)
    array([[ 0.5, -1. ,  nan,  1. ,  0. ],
           [ nan,  nan,  nan,  nan,  nan],
           [ 0. ,  0. ,  nan,  nan,  nan]])
    """
    w = as_float("weights", weights)
    require_shape("weights", w, ("M", "D"))
    require_not_empty("weights", w)
    if not isinstance(tile_shape, tuple | list) or len(tile_shape) != 2:
        raise ValueError(f"tile_shape must be a pair (H, W), but is {tile_shape!r}")
    height, width = (as_count("tile_shape", side) for side in tile_shape)
    if height * width != w.shape[1]:
        raise ValueError(f"weights has shape {w.shape}, expected (M, {height * width}) for tiles of {height}×{width}")
    if not is_whole(gap, 0):
        raise ValueError(f"gap must be a whole number of at least 0, but is {gap!r}")
    columns = int(np.ceil(np.sqrt(len(w))))
    rows = -(-len(w) // columns)
    largest = np.abs(w).max(axis=1, keepdims=True)
    tiles = (w / np.where(largest > 0, largest, 1)).reshape(len(w), height, width)
    picture = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan, w.dtype)
    for m, tile in enumerate(tiles):
        top, left = m // columns * (height + gap), m % columns * (width + gap)
        picture[top : top + height, left : left + width] = tile
    return picture


# ---- reading arguments -------------------------------------------------------------------------------------------


def _read(**arguments: tuple[ArrayLike, str]) -> list[np.ndarray]:
    """Return each `name=(value, shape)` in one precision; a letter means one length throughout."""
    arrays = {name: as_float(name, value) for name, (value, _) in arguments.items()}
    sizes: dict[str, int] = {}
    for name, (_, shape) in arguments.items():
        require_shape(name, arrays[name], shape, sizes=sizes)
        require_not_empty(name, arrays[name])
    precision = np.result_type(*arrays.values())
    return [array.astype(precision, copy=False) for array in arrays.values()]


def _read_upstream(name: str, value: ArrayLike, like: np.ndarray) -> np.ndarray:
    array = as_float(name, value).astype(like.dtype, copy=False)
    require_shape(name, array, like.shape)
    return array


def _read_code(code: ArrayLike) -> np.ndarray:
    array = as_float("code", code)
    require_shape("code", array, ("N", "M"))
    require_not_empty("code", array)
    return array


def _activity_between(code: ArrayLike, target: float) -> tuple[np.ndarray, float]:
    """Return the mean activities, kept away from 0 and 1, and the target."""
    array, target = _read_code(code), as_number("target", target, at_least=0, less_than=1)
    if target == 0:
        raise ValueError("target must be more than 0")
    if np.any(array < 0) or np.any(array > 1):
        raise ValueError(f"code must lie in [0, 1], but has entries from {array.min()} to {array.max()}")
    tiny = np.finfo(array.dtype).eps
    return np.clip(array.mean(axis=0), tiny, 1 - tiny), target


def _function(argument: str, name: str) -> tuple[Any, Any]:
    if name not in ACTIVATIONS:
        raise ValueError(f"{argument} {name!r} is unknown; known are {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def _require_finite(name: str, array: np.ndarray) -> None:
    """Raise a ValueError before a decomposition, which could only say that it does not converge."""
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers; directions of NaN or infinite ones do not exist")
