"""Two ways to do the same thing, timed in turns in one process, and the memory that one of them takes.

What the machine does beside us hits both alike when they take turns, so that the ratio of the medians is steady where
the times themselves are not. The garbage collector stays on, as it is where the code is used, but what one side leaves
behind is collected before the other's turn: micrograd's graphs refer to themselves and can be freed in no other way.
What was there before is kept out of the collector's sight, so that a figure does not depend on what else is loaded.
Time is the processor's time of this process: waiting for a busy machine is no part of it.
"""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

MEBIBYTE = 2**20
WARMTH = 30 * MEBIBYTE
SHORTEST = 0.02  # seconds; what is quicker is repeated, so that garbage is collected within, at its usual rate


class Timing(NamedTuple):
    """Median seconds of one call, ours and the peer's."""

    ours: float
    peer: float
    fastest: float
    """Of our samples the fastest: what disturbs a machine only ever adds, so this says most where no peer shares it."""
    rounds: int

    @property
    def ratio(self) -> float:
        """Ours divided by the peer's: below 1, ours is faster."""
        return self.ours / self.peer


def alternate(
    ours: Callable[[], Any],
    peer: Callable[[], Any],
    seconds: float,
    least_rounds: int = 5,
    clock: Callable[[], float] = time.process_time,
) -> Timing:
    """Time two functions in turns, each first in every other round, and return the medians.

    Parameters
    ----------
    ours, peer : callable
        Called without arguments.
    seconds : float
        How long to go on, the collection of garbage included.
    least_rounds : int
        Rounds that are made even if they take longer.
    clock : callable
        Seconds from some start on.
    """
    warm_memory()
    calls = [_calls_per_sample(function, clock) for function in (ours, peer)]
    gc.collect()
    gc.freeze()
    samples: tuple[list[float], list[float]] = ([], [])
    end = clock() + seconds
    try:
        while len(samples[0]) < least_rounds or clock() < end:
            for which in (0, 1) if len(samples[0]) % 2 == 0 else (1, 0):
                samples[which].append(_sample((ours, peer)[which], calls[which], clock))
    finally:
        gc.unfreeze()
    return Timing(statistics.median(samples[0]), statistics.median(samples[1]), min(samples[0]), len(samples[0]))


def _calls_per_sample(function: Callable[[], Any], clock: Callable[[], float]) -> int:
    """Return how many calls last long enough to be timed; this also warms the function up."""
    once = _sample(function, 1, clock)
    if once < SHORTEST:  # the first call is no measure: it may import, compile or fill a cache
        once = max(min(_sample(function, 1, clock) for _ in range(3)), 1e-7)
    return max(1, round(SHORTEST / once))


def _sample(function: Callable[[], Any], calls: int, clock: Callable[[], float]) -> float:
    gc.collect()
    start = clock()
    for _ in range(calls):
        function()
    return (clock() - start) / calls


def warm_memory() -> None:
    """Touch 30 MiB and give them back.

    From then on the C library keeps freed blocks of that size instead of returning them, so that neither side pays
    for fresh pages which the other was lucky to find.
    """
    np.ones(WARMTH // 8).sum()


def peak_mib(function: Callable[[], Any]) -> float:
    """Return the most memory that is in use at once while `function` runs, beyond what was before, in MiB.

    NumPy and Python report to `tracemalloc`; the memory of other libraries' own allocators is not seen.
    """
    function()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        function()
        return (tracemalloc.get_traced_memory()[1] - before) / MEBIBYTE
    finally:
        tracemalloc.stop()
