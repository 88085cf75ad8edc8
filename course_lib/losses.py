"""Losses and penalties of chapter 4: how far the outputs of a network are from the targets, in one number.

A loss takes the network's output first and the target second. It sums over the M outputs of a sample and averages
over the N samples of the batch; its ``_gradient``, with respect to the first argument, has that argument's shape
and carries the same 1/N. Outputs are (N, M), or (N,) for one output a sample; a single sample is the batch (1, M).
The target is read in the output's precision, so float32 outputs give float32 losses and gradients.
"""

import numpy as np
from numpy.typing import ArrayLike

from course_lib._shapes import as_float, as_integer, require_not_empty, require_shape
from course_lib.activations import sigmoid, softmax, softplus


def l1_loss(a: ArrayLike, y: ArrayLike) -> np.floating:
    """Average the absolute errors: L = 1/N Σₙ Σₘ |aₙₘ − yₙₘ|.  Equation :eq:`l1-loss`.

    Parameters
    ----------
    a : array_like, shape (N, M) or (N,)
        Outputs of the network.
    y : array_like, shape of a
        Targets.

    Returns
    -------
    float
        The loss, at least 0.

    Raises
    ------
    ValueError
        If a is empty or of another shape, or y has not the shape of a.

    References
    ----------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, section 10.6.

    Examples
    --------
    >>> float(l1_loss([[1.0, 2.0], [3.0, 4.0]], [[0.0, 4.0], [3.0, 4.0]]))
    1.5
    """
    a, y = _output_and_target("a", a, y)
    return np.sum(np.abs(a - y)) / len(a)


def l1_loss_gradient(a: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂L/∂aₙₘ = 1/N sign(aₙₘ − yₙₘ), taking sign(0) = 0.  Equation :eq:`l1-loss-gradient`.

    Where a = y there is no derivative; every number from −1/N to 1/N is a subgradient, and this course takes 0.

    Parameters
    ----------
    a : array_like, shape (N, M) or (N,)
        Outputs of the network.
    y : array_like, shape of a
        Targets.

    Returns
    -------
    ndarray, shape of a

    Raises
    ------
    ValueError
        If a is empty or of another shape, or y has not the shape of a.

    References
    ----------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, section 10.6.

    Examples
    --------
    >>> l1_loss_gradient([[1.0, 2.0], [3.0, 4.0]], [[0.0, 4.0], [3.0, 4.0]])
    array([[ 0.5, -0.5],
           [ 0. ,  0. ]])
    """
    a, y = _output_and_target("a", a, y)
    return np.sign(a - y) / len(a)


def half_squared_loss(a: ArrayLike, y: ArrayLike) -> np.floating:
    """Average half the squared distances: L = 1/N Σₙ ½ ‖aₙ − yₙ‖².  Equation :eq:`half-squared-loss`.

    Parameters
    ----------
    a : array_like, shape (N, M) or (N,)
        Outputs of the network.
    y : array_like, shape of a
        Targets.

    Returns
    -------
    float
        The loss, at least 0.

    Raises
    ------
    ValueError
        If a is empty or of another shape, or y has not the shape of a.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, equation (5.11), which sums where we average.

    Examples
    --------
    >>> float(half_squared_loss([[1.0, 2.0], [3.0, 4.0]], [[0.0, 4.0], [3.0, 4.0]]))
    1.25
    """
    a, y = _output_and_target("a", a, y)
    return 0.5 * np.sum((a - y) ** 2) / len(a)


def half_squared_loss_gradient(a: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂L/∂aₙₘ = 1/N (aₙₘ − yₙₘ): the ½ cancels the 2.  Equation :eq:`half-squared-loss-gradient`.

    Parameters
    ----------
    a : array_like, shape (N, M) or (N,)
        Outputs of the network.
    y : array_like, shape of a
        Targets.

    Returns
    -------
    ndarray, shape of a

    Raises
    ------
    ValueError
        If a is empty or of another shape, or y has not the shape of a.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 5.3.1.

    Examples
    --------
    >>> half_squared_loss_gradient([[1.0, 2.0], [3.0, 4.0]], [[0.0, 4.0], [3.0, 4.0]])
    array([[ 0.5, -1. ],
           [ 0. ,  0. ]])
    """
    a, y = _output_and_target("a", a, y)
    return (a - y) / len(a)


def squared_loss(a: ArrayLike, y: ArrayLike) -> np.floating:
    """Average the squared distances: L = 1/N Σₙ ‖aₙ − yₙ‖².  Equation :eq:`squared-loss`.

    Parameters
    ----------
    a : array_like, shape (N, M) or (N,)
        Outputs of the network.
    y : array_like, shape of a
        Targets.

    Returns
    -------
    float
        The loss, at least 0.

    Raises
    ------
    ValueError
        If a is empty or of another shape, or y has not the shape of a.

    References
    ----------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, section 2.4.

    Examples
    --------
    >>> float(squared_loss([[1.0, 2.0], [3.0, 4.0]], [[0.0, 4.0], [3.0, 4.0]]))
    2.5
    """
    a, y = _output_and_target("a", a, y)
    return np.sum((a - y) ** 2) / len(a)


def squared_loss_gradient(a: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂L/∂aₙₘ = 2/N (aₙₘ − yₙₘ).  Equation :eq:`squared-loss-gradient`.

    Parameters
    ----------
    a : array_like, shape (N, M) or (N,)
        Outputs of the network.
    y : array_like, shape of a
        Targets.

    Returns
    -------
    ndarray, shape of a

    Raises
    ------
    ValueError
        If a is empty or of another shape, or y has not the shape of a.

    References
    ----------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, section 2.4.

    Examples
    --------
    >>> squared_loss_gradient([[1.0, 2.0], [3.0, 4.0]], [[0.0, 4.0], [3.0, 4.0]])
    array([[ 1., -2.],
           [ 0.,  0.]])
    """
    a, y = _output_and_target("a", a, y)
    return 2 * (a - y) / len(a)


def mean_squared_error(a: ArrayLike, y: ArrayLike) -> np.floating:
    """Average the squared errors over samples and outputs: L = 1/(NM) Σₙ Σₘ (aₙₘ − yₙₘ)².

    Equation :eq:`mean-squared-error`. It is `squared_loss` divided by M, the number of outputs.

    Parameters
    ----------
    a : array_like, shape (N, M) or (N,)
        Outputs of the network.
    y : array_like, shape of a
        Targets.

    Returns
    -------
    float
        The loss, at least 0.

    Raises
    ------
    ValueError
        If a is empty or of another shape, or y has not the shape of a.

    References
    ----------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, section 2.4.

    Examples
    --------
    >>> float(mean_squared_error([[1.0, 2.0], [3.0, 4.0]], [[0.0, 4.0], [3.0, 4.0]]))
    1.25
    """
    a, y = _output_and_target("a", a, y)
    return np.mean((a - y) ** 2)


def mean_squared_error_gradient(a: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂L/∂aₙₘ = 2/(NM) (aₙₘ − yₙₘ); the 2 belongs to it.  Equation :eq:`mean-squared-error-gradient`.

    Parameters
    ----------
    a : array_like, shape (N, M) or (N,)
        Outputs of the network.
    y : array_like, shape of a
        Targets.

    Returns
    -------
    ndarray, shape of a

    Raises
    ------
    ValueError
        If a is empty or of another shape, or y has not the shape of a.

    References
    ----------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, section 2.4.

    Examples
    --------
    >>> mean_squared_error_gradient([[1.0, 2.0], [3.0, 4.0]], [[0.0, 4.0], [3.0, 4.0]])
    array([[ 0.5, -1. ],
           [ 0. ,  0. ]])
    """
    a, y = _output_and_target("a", a, y)
    return 2 * (a - y) / a.size


def hinge_loss(score: ArrayLike, y: ArrayLike) -> np.floating:
    """Charge what the margin y·s lacks of 1: L = 1/N Σₙ max(0, 1 − yₙ sₙ).  Equation :eq:`hinge-loss`.

    Parameters
    ----------
    score : array_like, shape (N,) or (N, M)
        Scores s, any real number; the sign is the predicted class.
    y : array_like, shape of score
        Classes, −1 or +1.

    Returns
    -------
    float
        The loss, at least 0; with M scores a sample, their losses are summed.

    Raises
    ------
    ValueError
        If score is empty or of another shape, y has not the shape of score, or y holds anything but −1 and +1.

    References
    ----------
    Cortes and Vapnik, "Support-vector networks", Machine Learning 20, 1995.

    Examples
    --------
    >>> float(hinge_loss([2.0, 0.5, -1.0, 3.0], [1, 1, 1, -1]))
    1.625
    """
    s, y = _output_and_target("score", score, y)
    _require_signs(y)
    return np.sum(np.maximum(1 - y * s, 0)) / len(s)


def hinge_loss_gradient(score: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂L/∂sₙ = −yₙ/N where yₙ sₙ < 1, and 0 elsewhere.  Equation :eq:`hinge-loss-gradient`.

    At the kink yₙ sₙ = 1 it is 0, as for ReLU.

    Parameters
    ----------
    score : array_like, shape (N,) or (N, M)
        Scores s.
    y : array_like, shape of score
        Classes, −1 or +1.

    Returns
    -------
    ndarray, shape of score

    Raises
    ------
    ValueError
        If score is empty or of another shape, y has not the shape of score, or y holds anything but −1 and +1.

    References
    ----------
    Shalev-Shwartz, Singer and Srebro, "Pegasos: primal estimated sub-gradient solver for SVM", ICML 2007.

    Examples
    --------
    >>> hinge_loss_gradient([-2.0, 0.5, -1.0, 3.0], [-1, 1, 1, -1])
    array([ 0.  , -0.25, -0.25,  0.25])
    """
    s, y = _output_and_target("score", score, y)
    _require_signs(y)
    falls_short = np.maximum(np.sign(1 - y * s), 0)
    return -y * falls_short / len(s)


def logistic_loss(score: ArrayLike, y: ArrayLike) -> np.floating:
    """Charge ln(1 + exp(−y·s)), a smooth hinge: L = 1/N Σₙ ln(1 + exp(−yₙ sₙ)).  Equation :eq:`logistic-loss`.

    It is the negative log-likelihood of the class when P(y | s) = σ(y·s).

    Parameters
    ----------
    score : array_like, shape (N,) or (N, M)
        Scores s, any real number.
    y : array_like, shape of score
        Classes, −1 or +1.

    Returns
    -------
    float
        The loss, at least 0; with M scores a sample, their losses are summed.

    Raises
    ------
    ValueError
        If score is empty or of another shape, y has not the shape of score, or y holds anything but −1 and +1.

    References
    ----------
    Friedman, Hastie and Tibshirani, "Additive logistic regression", Annals of Statistics 28, 2000.

    Examples
    --------
    >>> float(logistic_loss([1000.0, -1000.0], [1, 1]))
    500.0
    """
    s, y = _output_and_target("score", score, y)
    _require_signs(y)
    return np.sum(softplus(-y * s)) / len(s)


def logistic_loss_gradient(score: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂L/∂sₙ = −yₙ/N σ(−yₙ sₙ).  Equation :eq:`logistic-loss-gradient`.

    Parameters
    ----------
    score : array_like, shape (N,) or (N, M)
        Scores s.
    y : array_like, shape of score
        Classes, −1 or +1.

    Returns
    -------
    ndarray, shape of score

    Raises
    ------
    ValueError
        If score is empty or of another shape, y has not the shape of score, or y holds anything but −1 and +1.

    References
    ----------
    Friedman, Hastie and Tibshirani, "Additive logistic regression", Annals of Statistics 28, 2000.

    Examples
    --------
    >>> logistic_loss_gradient([0.0, -1000.0], [1, 1])
    array([-0.25, -0.5 ])
    """
    s, y = _output_and_target("score", score, y)
    _require_signs(y)
    return -y * sigmoid(-y * s) / len(s)


def binary_cross_entropy(p: ArrayLike, y: ArrayLike) -> np.floating:
    """Average the surprise at what happened: L = −1/N Σₙ [yₙ ln pₙ + (1 − yₙ) ln(1 − pₙ)].

    Equation :eq:`binary-cross-entropy`. As y is 0 or 1, one term is left: −ln of the probability given to what
    happened. A certain and right prediction (p = y) therefore costs 0, which is the convention 0·ln 0 = 0; a certain
    and wrong one costs ∞, without a warning.

    Parameters
    ----------
    p : array_like, shape (N,) or (N, M)
        Probabilities of class 1, in [0, 1].
    y : array_like, shape of p
        Classes, 0 or 1.

    Returns
    -------
    float
        The loss in [0, ∞]; with M probabilities a sample, their losses are summed.

    Raises
    ------
    ValueError
        If p is empty, of another shape or outside [0, 1], y has not the shape of p, or y holds anything but 0 and 1.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, equation (4.90), which sums where we average.

    Examples
    --------
    >>> round(float(binary_cross_entropy([0.9, 0.2, 1.0], [1, 0, 1])), 4)
    0.1095
    >>> float(binary_cross_entropy([0.0], [1]))
    inf
    """
    p, y = _output_and_target("p", p, y)
    happened = _probability_of_what_happened(p, y)
    with np.errstate(divide="ignore"):  # ln 0 = −∞ is the right value here
        return np.sum(-np.log(happened)) / len(p)


def binary_cross_entropy_gradient(p: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂L/∂pₙ = −1/N [yₙ/pₙ − (1 − yₙ)/(1 − pₙ)].  Equation :eq:`binary-cross-entropy-gradient`.

    It is ∓1/N over the probability given to what happened: −1/N or 1/N for p = y, ∓∞ for a certain and wrong p.

    Parameters
    ----------
    p : array_like, shape (N,) or (N, M)
        Probabilities of class 1, in [0, 1].
    y : array_like, shape of p
        Classes, 0 or 1.

    Returns
    -------
    ndarray, shape of p

    Raises
    ------
    ValueError
        If p is empty, of another shape or outside [0, 1], y has not the shape of p, or y holds anything but 0 and 1.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.2.

    Examples
    --------
    >>> binary_cross_entropy_gradient([0.5, 0.2], [1, 0])
    array([-1.   ,  0.625])
    """
    p, y = _output_and_target("p", p, y)
    happened = _probability_of_what_happened(p, y)
    with np.errstate(divide="ignore"):  # 1/0 = ∞ is the right value here
        return (1 - 2 * y) / happened / len(p)


def binary_cross_entropy_from_logits(z: ArrayLike, y: ArrayLike) -> np.floating:
    """Return the binary cross entropy of p = σ(z) from z itself: L = 1/N Σₙ [softplus(zₙ) − yₙ zₙ].

    Equation :eq:`binary-cross-entropy-logits`. For y = 0 or 1 a summand is softplus((1 − 2y) z), which is how it is
    computed: finite at every finite z, and exact to the last digits also where the loss is tiny.

    Parameters
    ----------
    z : array_like, shape (N,) or (N, M)
        Logits, the pre-activations of a sigmoid output.
    y : array_like, shape of z
        Classes, 0 or 1.

    Returns
    -------
    float
        The loss, at least 0; with M logits a sample, their losses are summed.

    Raises
    ------
    ValueError
        If z is empty or of another shape, y has not the shape of z, or y holds anything but 0 and 1.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.2.2.2.

    Examples
    --------
    >>> float(binary_cross_entropy_from_logits([1000.0, -1000.0], [1, 1]))
    500.0
    """
    z, y = _output_and_target("z", z, y)
    _require_bits(y)
    return np.sum(softplus((1 - 2 * y) * z)) / len(z)


def binary_cross_entropy_from_logits_gradient(z: ArrayLike, y: ArrayLike) -> np.ndarray:
    """Return ∂L/∂zₙ = 1/N (σ(zₙ) − yₙ).  Equation :eq:`binary-cross-entropy-logits-gradient`.

    Parameters
    ----------
    z : array_like, shape (N,) or (N, M)
        Logits, the pre-activations of a sigmoid output.
    y : array_like, shape of z
        Classes, 0 or 1.

    Returns
    -------
    ndarray, shape of z

    Raises
    ------
    ValueError
        If z is empty or of another shape, y has not the shape of z, or y holds anything but 0 and 1.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, equation (4.91).

    Examples
    --------
    >>> binary_cross_entropy_from_logits_gradient([0.0, -1000.0], [1, 1])
    array([-0.25, -0.5 ])
    """
    z, y = _output_and_target("z", z, y)
    _require_bits(y)
    return (sigmoid(z) - y) / len(z)


def cross_entropy(p: ArrayLike, labels: ArrayLike) -> np.floating:
    """Average −ln of the probability given to the right class: L = −1/N Σₙ ln p[n, labelₙ].

    Equation :eq:`cross-entropy`. A right class with probability 0 costs ∞, without a warning. That rows sum to 1 is
    not checked, so that the loss can be differentiated entry by entry.

    Parameters
    ----------
    p : array_like, shape (N, M)
        Probabilities of the M classes, in [0, 1].
    labels : array_like of int, shape (N,)
        The right classes, 0 to M − 1.

    Returns
    -------
    float
        The loss in [0, ∞].

    Raises
    ------
    ValueError
        If p is empty, of another shape or outside [0, 1], or labels has another shape, is not integer or out of range.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, equation (4.108), which sums where we average.

    Examples
    --------
    >>> round(float(cross_entropy([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]], [0, 2])), 4)
    0.3466
    """
    p, labels = _scores_and_labels("p", p, labels)
    _require_probabilities(p)
    with np.errstate(divide="ignore"):  # ln 0 = −∞ is the right value here
        return np.sum(-np.log(p[np.arange(len(p)), labels])) / len(p)


def cross_entropy_gradient(p: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Return ∂L/∂pₙₘ = −1/N · 1/pₙₘ at m = labelₙ, and 0 elsewhere.  Equation :eq:`cross-entropy-gradient`.

    Parameters
    ----------
    p : array_like, shape (N, M)
        Probabilities of the M classes, in [0, 1].
    labels : array_like of int, shape (N,)
        The right classes, 0 to M − 1.

    Returns
    -------
    ndarray, shape (N, M)
        −∞ where the right class has probability 0.

    Raises
    ------
    ValueError
        If p is empty, of another shape or outside [0, 1], or labels has another shape, is not integer or out of range.

    References
    ----------
    Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4.

    Examples
    --------
    >>> cross_entropy_gradient([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]], [0, 2])
    array([[-1. ,  0. ,  0. ],
           [ 0. ,  0. , -0.5]])
    """
    p, labels = _scores_and_labels("p", p, labels)
    _require_probabilities(p)
    rows = np.arange(len(p))
    gradient = np.zeros_like(p)
    with np.errstate(divide="ignore"):  # 1/0 = ∞ is the right value here
        gradient[rows, labels] = -1 / p[rows, labels] / len(p)
    return gradient


def softmax_cross_entropy(logits: ArrayLike, labels: ArrayLike) -> np.floating:
    """Return the cross entropy of h = softmax(z) from z itself: L = 1/N Σₙ [ln Σⱼ exp(zₙⱼ) − z[n, labelₙ]].

    Equation :eq:`softmax-cross-entropy`. The largest logit of a row is subtracted first, as in `log_softmax`.

    Parameters
    ----------
    logits : array_like, shape (N, M)
        Logits z, the pre-activations of a softmax output.
    labels : array_like of int, shape (N,)
        The right classes, 0 to M − 1.

    Returns
    -------
    float
        The loss, at least 0.

    Raises
    ------
    ValueError
        If logits is empty or of another shape, or labels has another shape, is not integer or out of range.

    References
    ----------
    Bridle, "Probabilistic interpretation of feedforward classification network outputs", in Neurocomputing, 1990.

    Examples
    --------
    >>> float(softmax_cross_entropy([[1000.0, 0.0], [1000.0, 0.0]], [0, 1]))
    500.0
    """
    z, labels = _scores_and_labels("logits", logits, labels)
    shifted = z - z.max(axis=1, keepdims=True)
    right = shifted[np.arange(len(z)), labels]
    return np.sum(np.log(np.exp(shifted).sum(axis=1)) - right) / len(z)


def softmax_cross_entropy_gradient(logits: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """Return ∂L/∂zₙₘ = 1/N (hₙₘ − [m = labelₙ]), h = softmax(z).  Equation :eq:`softmax-cross-entropy-gradient`.

    For one sample this is h − e_y. The one-hot e_y is never built: 1/N is subtracted at the label, in place on our
    own h, so the step costs little more than the softmax.

    Parameters
    ----------
    logits : array_like, shape (N, M)
        Logits z, the pre-activations of a softmax output.
    labels : array_like of int, shape (N,)
        The right classes, 0 to M − 1.

    Returns
    -------
    ndarray, shape (N, M)
        Each row sums to 0.

    Raises
    ------
    ValueError
        If logits is empty or of another shape, or labels has another shape, is not integer or out of range.

    References
    ----------
    Bridle, "Probabilistic interpretation of feedforward classification network outputs", in Neurocomputing, 1990.

    Examples
    --------
    >>> softmax_cross_entropy_gradient([[1000.0, 0.0], [0.0, 0.0]], [1, 0])
    array([[ 0.5 , -0.5 ],
           [-0.25,  0.25]])
    """
    z, labels = _scores_and_labels("logits", logits, labels)
    gradient = softmax(z)
    gradient /= len(z)
    gradient[np.arange(len(z)), labels] -= 1 / len(z)
    return gradient


def softmax_cross_entropy_and_gradient(logits: ArrayLike, labels: ArrayLike) -> tuple[np.floating, np.ndarray]:
    """Return `softmax_cross_entropy` and `softmax_cross_entropy_gradient` from one exponential instead of two.

    Equations :eq:`softmax-cross-entropy` and :eq:`softmax-cross-entropy-gradient`. A training step wants both, and the
    exponentials are most of the work.

    Parameters
    ----------
    logits : array_like, shape (N, M)
        Logits z, the pre-activations of a softmax output.
    labels : array_like of int, shape (N,)
        The right classes, 0 to M − 1.

    Returns
    -------
    value : float
        The loss.
    gradient : ndarray, shape (N, M)
        Each row sums to 0.

    Raises
    ------
    ValueError
        If logits is empty or of another shape, or labels has another shape, is not integer or out of range.

    References
    ----------
    Bridle, "Probabilistic interpretation of feedforward classification network outputs", in Neurocomputing, 1990.

    Examples
    --------
    >>> value, gradient = softmax_cross_entropy_and_gradient([[0.0, np.log(3.0)]], [1])
    >>> round(float(value), 6), gradient  # −ln ¾
    (0.287682, array([[ 0.25, -0.25]]))
    """
    z, labels = _scores_and_labels("logits", logits, labels)
    rows = np.arange(len(z))
    h = z - z.max(axis=1, keepdims=True)
    right = h[rows, labels]
    np.exp(h, out=h)
    total = h @ np.ones(h.shape[1], h.dtype)  # the sums of the rows, three times faster than sum(axis=1)
    value = np.sum(np.log(total) - right) / len(z)
    h *= (1 / (total * len(z)))[:, None]
    h[rows, labels] -= 1 / len(z)
    return value, h


def l2_penalty(w: ArrayLike) -> np.floating:
    """Charge for large weights: Ω(w) = ½ ‖w‖² = ½ Σᵢ wᵢ².  Equation :eq:`l2-penalty`.

    Parameters
    ----------
    w : array_like
        Weights, any shape.

    Returns
    -------
    float
        The penalty, at least 0.

    Raises
    ------
    ValueError
        If w does not hold real numbers.

    References
    ----------
    Krogh and Hertz, "A simple weight decay can improve generalization", NIPS 1991.

    Examples
    --------
    >>> float(l2_penalty([[3.0, -4.0]]))
    12.5
    """
    return 0.5 * np.sum(as_float("w", w) ** 2)


def l2_penalty_gradient(w: ArrayLike) -> np.ndarray:
    """Return ∂Ω/∂w = w: each weight is pulled to 0 in proportion to itself.  Equation :eq:`l2-penalty-gradient`.

    Parameters
    ----------
    w : array_like
        Weights, any shape.

    Returns
    -------
    ndarray, shape of w
        A copy of w.

    Raises
    ------
    ValueError
        If w does not hold real numbers.

    References
    ----------
    Krogh and Hertz, "A simple weight decay can improve generalization", NIPS 1991.

    Examples
    --------
    >>> l2_penalty_gradient([[3.0, -4.0]])
    array([[ 3., -4.]])
    """
    return as_float("w", w).copy()


def l1_penalty(w: ArrayLike) -> np.floating:
    """Charge for weights that are not 0: Ω(w) = Σᵢ |wᵢ|.  Equation :eq:`l1-penalty`.

    Parameters
    ----------
    w : array_like
        Weights, any shape.

    Returns
    -------
    float
        The penalty, at least 0.

    Raises
    ------
    ValueError
        If w does not hold real numbers.

    References
    ----------
    Tibshirani, "Regression shrinkage and selection via the lasso", Journal of the Royal Statistical Society B 58, 1996.

    Examples
    --------
    >>> float(l1_penalty([[3.0, -4.0]]))
    7.0
    """
    return np.sum(np.abs(as_float("w", w)))


def l1_penalty_gradient(w: ArrayLike) -> np.ndarray:
    """Return ∂Ω/∂wᵢ = sign(wᵢ), taking sign(0) = 0.  Equation :eq:`l1-penalty-gradient`.

    Each weight is pulled to 0 with the same force, however small it is. At 0 every number from −1 to 1 is a
    subgradient; this course takes 0.

    Parameters
    ----------
    w : array_like
        Weights, any shape.

    Returns
    -------
    ndarray, shape of w

    Raises
    ------
    ValueError
        If w does not hold real numbers.

    References
    ----------
    Tibshirani, "Regression shrinkage and selection via the lasso", Journal of the Royal Statistical Society B 58, 1996.

    Examples
    --------
    >>> l1_penalty_gradient([[3.0, -4.0, 0.0]])
    array([[ 1., -1.,  0.]])
    """
    return np.sign(as_float("w", w))


def objective(loss: ArrayLike, penalty: ArrayLike, strength: float) -> np.ndarray:
    """Add a penalty to a loss: J(θ) = L(θ) + λ Ω(θ).  Equation :eq:`objective`.

    Gradients combine in the same way, ∇J = ∇L + λ ∇Ω, so this serves for the values and for the gradients.

    Parameters
    ----------
    loss : float or array_like
        The mean loss L over the data, or its gradient.
    penalty : float or array_like, shape of loss
        The penalty Ω, or its gradient.
    strength : float
        λ, at least 0: how much the penalty counts.

    Returns
    -------
    float or ndarray, shape of loss

    Raises
    ------
    ValueError
        If penalty has not the shape of loss, or strength is not a number at least 0.

    References
    ----------
    Goodfellow, Bengio and Courville, Deep Learning, 2016, section 7.1.

    Examples
    --------
    >>> float(objective(2.0, l2_penalty([3.0, -4.0]), strength=0.1))
    3.25
    """
    loss, penalty = as_float("loss", loss), as_float("penalty", penalty)
    weight = as_float("strength", strength)
    require_shape("penalty", penalty, loss.shape)
    require_shape("strength", weight, ())
    if weight < 0:
        raise ValueError(f"strength must be at least 0, but is {strength}")
    return loss + weight.astype(loss.dtype) * penalty


def _output_and_target(name: str, output: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    a = as_float(name, output)
    target = as_float("y", y).astype(a.dtype, copy=False)
    require_shape(name, a, ("N",), ("N", "M"))
    require_not_empty(name, a)
    require_shape("y", target, a.shape)
    return a, target


def _scores_and_labels(name: str, scores: ArrayLike, labels: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    z, classes = as_float(name, scores), as_integer("labels", labels)
    sizes: dict[str, int] = {}
    require_shape(name, z, ("N", "M"), sizes=sizes)
    require_not_empty(name, z)
    require_shape("labels", classes, ("N",), sizes=sizes)
    if classes.min() < 0 or classes.max() >= sizes["M"]:
        wrong = classes.min() if classes.min() < 0 else classes.max()
        raise ValueError(
            f"labels must lie in 0..{sizes['M'] - 1}, as {name} has shape {z.shape} (N, M), but contains {wrong}"
        )
    return z, classes


def _require_signs(y: np.ndarray) -> None:
    if not np.all(np.abs(y) == 1):
        raise ValueError(f"y must hold only -1 and +1, but contains {y[np.abs(y) != 1].flat[0]:g}")


def _require_bits(y: np.ndarray) -> None:
    bits = (y == 0) | (y == 1)
    if not np.all(bits):
        raise ValueError(f"y must hold only 0 and 1, but contains {y[~bits].flat[0]:g}")


def _require_probabilities(p: np.ndarray) -> None:
    outside = (p < 0) | (p > 1)
    if np.any(outside):
        raise ValueError(f"p must hold probabilities in [0, 1], but contains {p[outside].flat[0]:g}")


def _probability_of_what_happened(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return p where y = 1 and 1 − p where y = 0."""
    _require_probabilities(p)
    _require_bits(y)
    return y * p + (1 - y) * (1 - p)
