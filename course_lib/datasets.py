"""Small data sets for the experiments of every chapter: bundled digits, points in the plane made on request, a text.

Each function returns the inputs and the integer labels as new arrays, so changing them changes nothing for the next
caller. The digits and the text come with the package (their licences are in data/README.md). Only `mnist`, which no
chapter needs, asks the network, once.
"""

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np

from course_lib._download import cache_folder, fetch
from course_lib._shapes import is_whole

MNIST_SOURCE = "https://storage.googleapis.com/cvdf-datasets/mnist/"
MNIST_FILES = {  # split: (images, their SHA-256, labels, their SHA-256)
    "train": (
        "train-images-idx3-ubyte.gz",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    "test": (
        "t10k-images-idx3-ubyte.gz",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
}
_DIGITS_SHA256 = "b508b4f324a791510eda456e789a11e808069126463db70a9ddce6f638f9814e"


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the 1797 handwritten digits of 8×8 pixels that come with the course.

    A pixel is the share of ink, from 0 to 1 in steps of 1/16, of a 4×4 block in the 32×32 bitmap scanned from a form.

    Returns
    -------
    images : ndarray, shape (1797, 8, 8)
        Ink 1, no ink 0, and shares between.
    labels : ndarray of int, shape (1797,)
        The digits 0 to 9, about 180 of each.

    Raises
    ------
    RuntimeError
        If the bundled file is not the one that was published with the course.

    References
    ----------
    Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
    doi 10.24432/C50P49, CC BY 4.0; the test part of that data set, as in scikit-learn.

    Examples
    --------
    >>> images, labels = digits()
    >>> images.shape, labels[:5].tolist()
    ((1797, 8, 8), [0, 1, 2, 3, 4])
    """
    packed = (Path(__file__).parent / "data" / "digits.gz").read_bytes()
    _require_intact("digits.gz", packed, _DIGITS_SHA256)
    table = np.frombuffer(gzip.decompress(packed), dtype=np.uint8).reshape(1797, 65)  # 64 counts 0..16, then the class
    return table[:, :64].reshape(1797, 8, 8) / 16, table[:, 64].astype(np.int64)


def digits16() -> tuple[np.ndarray, np.ndarray]:
    """Return the digits as 16×16 pictures of ink (1) and no ink (0), made from the 8×8 ones.

    They are not scans of that size. Each picture of `digits` is enlarged by bilinear interpolation: a new pixel lies a
    quarter of an old one away from the nearest old centre and takes ¾ of its value and ¼ of the next one's, along each
    axis (at the border all of it). A pixel is ink where the result is at least ½, which leaves the share of ink almost
    as it was: 30.7 % after 30.5 %.

    Returns
    -------
    images : ndarray, shape (1797, 16, 16)
        Floats, each exactly 0 or 1; `images.reshape(1797, 256)` gives a network its 256 inputs.
    labels : ndarray of int, shape (1797,)
        The digits 0 to 9.

    Raises
    ------
    RuntimeError
        If the bundled file is not the one that was published with the course.

    References
    ----------
    As `digits`.

    Examples
    --------
    >>> images, labels = digits16()
    >>> for row in images[0, ::3]:
    ...     print("".join("-#"[int(pixel)] for pixel in row))
    ------###-------
    ----########----
    ----##-----##---
    -----------##---
    ----##---###----
    ------###-------
    """
    images, labels = digits()
    enlarge = np.zeros((16, 8))
    for i in range(8):
        before, after = max(i - 1, 0), min(i + 1, 7)
        for new, neighbour in ((2 * i, before), (2 * i + 1, after)):
            enlarge[new, i] += 0.75
            enlarge[new, neighbour] += 0.25
    return (enlarge @ images @ enlarge.T >= 0.5).astype(np.float64), labels


def mnist(
    split: str = "train", *, cache: str | os.PathLike[str] | None = None, source: str = MNIST_SOURCE
) -> tuple[np.ndarray, np.ndarray]:
    """Return MNIST: 60,000 handwritten digits of 28×28 pixels to train on, or 10,000 to test on.

    The files are downloaded the first time, 11 MB in all, compared with their published SHA-256, and kept; after that
    no network is needed.

    Parameters
    ----------
    split : str
        ``"train"`` or ``"test"``.
    cache : path, optional
        The folder to keep the files in; left out, ``neural-networks-course`` in the user's cache.
    source : str
        The address of a folder that has the four files under their usual names.

    Returns
    -------
    images : ndarray of float32, shape (60000, 28, 28) or (10000, 28, 28)
        Ink 1, no ink 0, and shares between, in steps of 1/255.
    labels : ndarray of int, shape (60000,) or (10000,)
        The digits 0 to 9.

    Raises
    ------
    ValueError
        If there is no such split.
    RuntimeError
        If a file can neither be found nor downloaded whole, or is not the published one.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998.

    Examples
    --------
    With a network at hand, or after the first time::

        images, labels = mnist("test")
    """
    if split not in MNIST_FILES:
        raise ValueError(f"split must be one of {', '.join(MNIST_FILES)}, but is {split!r}")
    images_name, images_sha256, labels_name, labels_sha256 = MNIST_FILES[split]
    folder, address = cache_folder(cache), source.rstrip("/")
    images = _read_idx(images_name, fetch(f"{address}/{images_name}", images_sha256, folder / images_name), 3)
    labels = _read_idx(labels_name, fetch(f"{address}/{labels_name}", labels_sha256, folder / labels_name), 1)
    return images / np.float32(255), labels.astype(np.int64)


def text() -> str:
    """Return the short English text that comes with the course, for networks that learn to write letter by letter.

    Returns
    -------
    str
        About 1,500 characters; a few words that come back often.

    References
    ----------
    Written for this course.

    Examples
    --------
    >>> text()[:40], len(set(text()))
    ('The river runs from the hill to the sea.', 32)
    """
    return (Path(__file__).parent / "data" / "river.txt").read_text("utf-8")


def xor() -> tuple[np.ndarray, np.ndarray]:
    """Return the four points of XOR: class 1 where exactly one of the two inputs is 1.

    Returns
    -------
    x : ndarray, shape (4, 2)
    labels : ndarray of int, shape (4,)

    References
    ----------
    Minsky and Papert, Perceptrons, 1969, on why one linear unit cannot separate them.

    Examples
    --------
    >>> x, labels = xor()
    >>> x.tolist(), labels.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return x, np.array([0, 1, 1, 0])


def moons(n: int, rng: np.random.Generator, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Return n points on two half circles that reach into each other, one circle a class.

    With t uniform in [0, π], class 0 lies at (cos t, sin t) and class 1 at (1 − cos t, ½ − sin t), each coordinate
    with a normal error added. Classes alternate, so any stretch of rows is balanced.

    Parameters
    ----------
    n : int
        Number of points, at least 1.
    rng : numpy.random.Generator
        Source of the positions and errors.
    noise : float
        Standard deviation of the error, at least 0.

    Returns
    -------
    x : ndarray, shape (n, 2)
    labels : ndarray of int, shape (n,)
        0, 1, 0, 1, …

    Raises
    ------
    ValueError
        If n is not an integer from 1 on, noise is negative, or rng is not a Generator.

    References
    ----------
    Pedregosa and others, "Scikit-learn: machine learning in Python", JMLR 12, 2011, function `make_moons`.

    Examples
    --------
    >>> x, labels = moons(4, np.random.default_rng(0), noise=0.0)
    >>> labels.tolist(), np.hypot(*x[labels == 0].T).round(12).tolist()  # class 0 lies on the unit circle
    ([0, 1, 0, 1], [1.0, 1.0])
    """
    _require_request(n, rng, noise)
    labels = np.arange(n) % 2
    t = rng.uniform(0, np.pi, n)
    upper = np.column_stack([np.cos(t), np.sin(t)])
    lower = np.column_stack([1 - np.cos(t), 0.5 - np.sin(t)])
    x = np.where(labels[:, None] == 0, upper, lower)
    return x + noise * rng.normal(size=(n, 2)), labels


def spirals(n: int, rng: np.random.Generator, classes: int = 3, noise: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Return n points on spiral arms that wind about the origin, one arm a class.

    With r uniform in [0, 1], a point of class c lies at distance r and angle 2π (c / classes + ¾ r), each coordinate
    with a normal error added: three quarters of a turn from the middle to the end. Classes take turns, so any stretch
    of rows is balanced.

    Parameters
    ----------
    n : int
        Number of points, at least 1.
    rng : numpy.random.Generator
        Source of the positions and errors.
    classes : int
        Number of arms, at least 1.
    noise : float
        Standard deviation of the error, at least 0.

    Returns
    -------
    x : ndarray, shape (n, 2)
    labels : ndarray of int, shape (n,)
        0, 1, …, classes − 1, 0, 1, …

    Raises
    ------
    ValueError
        If n or classes is not an integer from 1 on, noise is negative, or rng is not a Generator.

    References
    ----------
    Lang and Witbrock, "Learning to tell two spirals apart", Proceedings of the 1988 Connectionist Models Summer School.

    Examples
    --------
    >>> x, labels = spirals(6, np.random.default_rng(0))
    >>> x.shape, labels.tolist()
    ((6, 2), [0, 1, 2, 0, 1, 2])
    """
    _require_request(n, rng, noise)
    _require_count("classes", classes)
    labels = np.arange(n) % classes
    r = rng.uniform(0, 1, n)
    angle = 2 * np.pi * (labels / classes + 0.75 * r)
    x = np.column_stack([r * np.cos(angle), r * np.sin(angle)])
    return x + noise * rng.normal(size=(n, 2)), labels


def _read_idx(name: str, packed: bytes, axes: int) -> np.ndarray:
    """Return the bytes of an IDX file: a magic number that says type and axes, the lengths, then the entries."""
    content = gzip.decompress(packed)
    lengths = np.frombuffer(content, ">u4", count=axes, offset=4) if len(content) >= 4 + 4 * axes else np.zeros(axes)
    shape = tuple(int(length) for length in lengths)
    if content[:4] != bytes([0, 0, 8, axes]) or len(content) != 4 + 4 * axes + int(np.prod(shape)):
        raise RuntimeError(f"{name} is no IDX file of bytes with {axes} axes")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _require_intact(name: str, content: bytes, sha256: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise RuntimeError(
            f"course_lib/data/{name} is not the published file (SHA-256 {found}, expected {sha256}); "
            "install the course again, or restore the file from the repository"
        )


def _require_request(n: int, rng: np.random.Generator, noise: float) -> None:
    _require_count("n", n)
    if not isinstance(rng, np.random.Generator):
        raise ValueError(
            f"rng must be a numpy.random.Generator, such as numpy.random.default_rng(0), but is {type(rng).__name__}"
        )
    if not noise >= 0:
        raise ValueError(f"noise must be at least 0, but is {noise}")


def _require_count(name: str, value: int) -> None:
    if not is_whole(value, 1):
        raise ValueError(f"{name} must be an integer of at least 1, but is {value!r}")
