"""What is wrong with the shape of an array: transposed, an axis too many, a sum or a mean left out.

The first half of `_diagnosis`, which calls it where shapes differ; `Comparison` is what both halves look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class Comparison:
    """Both arrays and the rules of the comparison."""

    got: np.ndarray
    want: np.ndarray
    rtol: float
    atol: float
    batch: int | None
    inputs: np.ndarray | None
    reveal: bool

    def close(self, a: np.ndarray, b: np.ndarray) -> bool:
        return a.shape == b.shape and bool(np.all(self.agree(a, b)))

    def agree(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.isclose(a, b, rtol=self.rtol, atol=self.atol, equal_nan=True)


def shape_problem(c: Comparison) -> str:
    """Return both shapes, and what may have led to the wrong one."""
    return f"has shape {c.got.shape}, expected {c.want.shape}{_shape_reason(c)}"


def _shape_reason(c: Comparison) -> str:
    got, want = c.got, c.want
    if got.ndim == 2 and got.T.shape == want.shape:
        if c.close(got.T, want):
            return ": the values are right, but transposed"
        return ": rows and columns look exchanged; check the order of the product, or a transpose"
    if got.size == 0:
        return ": an array without entries; is it ever filled?"
    if swapped_axes(c):
        return f": the values are right, but axes {swapped_axes(c)} are exchanged"
    if got.size == want.size and got.squeeze().shape == want.squeeze().shape:
        more = "too many" if got.ndim > want.ndim else "too few"
        return f": an axis of length 1 {more}; check keepdims, reshape and indexing with None"
    if got.size == want.size and c.close(got.ravel(), want.ravel()):
        return ": the values are right and in order, but arranged in another shape; is a reshape missing?"
    if want.ndim > 1 and len(want) > 1 and got.shape == want.shape[1:]:
        for row, words in ((0, "first row: does the loop return too early?"), (-1, "last row: is it overwritten?")):
            if c.close(got, want[row]):
                return f": this is the {words}"
    for reduced, words in _reductions(want):
        if c.close(got, reduced):
            return f": this is {words} the expected array; look at the axis"
    for reduced, words in _reductions(got):
        if c.close(reduced, want):
            return f": {words} your array is right; is that step missing?"
    if got.ndim == 0:
        return ": one number, where there should be an array; is an axis missing in a sum or a mean?"
    if want.ndim == 0:
        return ": an array, where there should be one number; is a sum or a mean missing?"
    if got.shape == (want.size, want.size) and want.size in want.shape:
        return ": arrays of shape (N,) and (N, 1) were combined, which makes (N, N)"
    return ""


def _reductions(array: np.ndarray) -> Iterator[tuple[np.ndarray, str]]:
    if array.size == 0 or array.dtype.kind == "b":
        return
    axes = [None, *range(array.ndim)] if array.ndim > 1 else [None]
    with np.errstate(all="ignore"):
        for axis in axes if array.ndim else []:
            where = "all entries of" if axis is None else f"axis {axis} of"
            yield np.asarray(array.sum(axis)), f"the sum over {where}"
            yield np.asarray(array.mean(axis)), f"the mean over {where}"


def swapped_axes(c: Comparison) -> str:
    """Name the two axes that are exchanged, for arrays with three or more; empty where none are."""
    for i, j in combinations(range(c.got.ndim if c.got.ndim > 2 else 0), 2):
        if c.close(np.swapaxes(c.got, i, j), c.want):
            return f"{i} and {j}"
    return ""
