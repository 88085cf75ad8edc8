"""The one-dimensional search behind `optimizers.wolfe_line_search`: grow until a good length is enclosed, then shrink.

It knows nothing of parameters: what it searches is φ(a), the loss a length a along a direction, with its slope φ′(a).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Trial(NamedTuple):
    """A length that has been looked at."""

    length: float
    value: float
    slope: float
    found: Any
    """What the caller wants to have back with it."""


def strong_wolfe(
    phi: Callable[[float], Trial], begin: Trial, first: float, decrease: float, curvature: float, most: int
) -> Trial | None:
    """Return a trial with φ(a) ≤ φ(0) + c₁ a φ′(0) and |φ′(a)| ≤ c₂ |φ′(0)|, or None after `most` trials without one.

    `low` is the best length so far that lowers the loss enough; from it the loss falls towards `high`, once there is
    one, so that a good length lies between.
    """
    low, high, length = begin, None, first
    for _ in range(most):
        trial = phi(length)
        # "not <=" is true for NaN, too
        if not trial.value <= begin.value + decrease * trial.length * begin.slope or trial.value >= low.value:
            high = trial
        elif abs(trial.slope) <= -curvature * begin.slope:
            return trial
        else:
            if trial.slope * ((high.length if high else np.inf) - trial.length) >= 0:
                high = low
            low = trial
        length = 3 * trial.length if high is None else _between(low, high)
        if high is not None and length in (low.length, high.length):
            return None  # no number is left between the two
    return None


def _between(low: Trial, high: Trial) -> float:
    """Return a length between two: where the cubic through both has its minimum, or the middle if that is too near."""
    width = high.length - low.length
    with np.errstate(all="ignore"):
        a = low.slope + high.slope - 3 * np.divide(high.value - low.value, width)
        root = np.sign(width) * np.sqrt(a * a - low.slope * high.slope)
        share = 1 - np.divide(high.slope + root - a, high.slope - low.slope + 2 * root)
    return float(low.length + (share if 0.1 <= share <= 0.9 else 0.5) * width)
