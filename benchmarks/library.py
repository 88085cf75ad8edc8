"""`python -m benchmarks library`: the reference library beside its peers, operation by operation.

A row is one operation against one peer. It first checks that both give the same numbers, then takes them in turns,
and says the ratio of the medians with the goal it was given. Two kinds of row have no peer: the time a gate of a graph
of numbers takes, and the memory a convolution needs.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import json
import math
import os
import platform
from collections.abc import Callable, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks import operations, timing
from benchmarks.operations import OURS, Sides

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

PEERS = ("torch", "mygrad", "smallpebble", "micrograd", "autograd")
NUMPY_PEERS = ("mygrad", "smallpebble", "micrograd", "autograd")
GATES = "graph of numbers, µs a gate"
MEMORY = "conv2d forward+backward, peak MiB"
# Relative to the norm: the products are summed in another order. float32 has seven digits, and a sum of 50,000
# products of either sign keeps about four of them; float64 has sixteen.
AGREEMENT = {"float32": 1e-4, "float64": 1e-11}


class Operation(NamedTuple):
    """What a row measures, before a peer is chosen."""

    name: str
    shape: str
    dtype: str
    module: str
    """The module of the library that does it."""
    sides: Callable[[], Sides]
    goals: dict[str, float]
    """The largest ratio wanted, by peer; for a peer written in NumPy it is 1 where none is given."""
    gates: int = 0
    """Where the time of one of so many parts is wanted too."""
    most_mib: float | None = None
    """Where the memory is limited too: how many MiB."""


def _convolution(
    n: int, c: int, size: int, f: int, kernel: int, stride: int, padding: int, goal: float
) -> list[Operation]:
    shape = f"{n}×{c}×{size}×{size} / {f}×{kernel}×{kernel}" + (f", stride {stride}" if stride > 1 else "")
    measured = []
    for dtype, limit in (("float32", goal), ("float64", 0.85)):
        sides = partial(operations.convolution, n, c, size, f, kernel, stride, padding, dtype)
        small = 10.0 if (n, stride, dtype) == (64, 1, "float32") else None
        name = "conv2d forward+backward"
        measured.append(Operation(name, shape, dtype, "convolution", sides, {"torch": limit}, most_mib=small))
    return measured


SCALAR_SIZES = (16, 16, 16, 1)
OPERATIONS: list[Operation] = [
    *_convolution(32, 3, 32, 32, kernel=3, stride=1, padding=1, goal=1.3),
    *_convolution(64, 16, 28, 32, kernel=5, stride=1, padding=0, goal=2.6),
    *_convolution(64, 16, 28, 32, kernel=5, stride=2, padding=2, goal=2.7),
    *_convolution(16, 64, 28, 64, kernel=3, stride=1, padding=1, goal=2.3),
    Operation("max-pool 2×2 forward+backward", "64×16×28×28", "float32", "pooling",
              lambda: operations.max_pooling(64, 16, 28, "float32"), {"torch": 0.4}),
    Operation("dense training step", "784-256-128-10, batch 128", "float32", "backprop",
              lambda: operations.dense_step((784, 256, 128, 10), 128, "float32"), {"torch": 0.85}),
    Operation("softmax cross-entropy", "128×10", "float32", "losses",
              lambda: operations.softmax_cross_entropy(128, 10, "float32"), {"torch": 0.6}),
    Operation("softmax cross-entropy", "512×1000", "float32", "losses",
              lambda: operations.softmax_cross_entropy(512, 1000, "float32"), {"torch": 1.0}),
    Operation("RNN forward+backward", "N32 T32 D64 M128", "float32", "recurrent",
              lambda: operations.recurrent("rnn", 32, 32, 64, 128, "float32"), {"torch": 0.6}),
    Operation("LSTM forward+backward", "N32 T32 D64 M128", "float32", "recurrent",
              lambda: operations.recurrent("lstm", 32, 32, 64, 128, "float32"), {"torch": 2.0}),
    Operation("graph of numbers", "network 16-16-16-1", "float64", "graph",
              lambda: operations.scalar_graph(SCALAR_SIZES), {"torch": 1.0, "micrograd": 0.5},
              gates=operations.scalar_network(SCALAR_SIZES)),
    Operation("graph of arrays, training step", "784-256-128-10, batch 128", "float32", "graph",
              lambda: operations.dense_step((784, 256, 128, 10), 128, "float32", by_graph=True), {}),
    Operation("Gaussian 7×7, column by row", "512×512", "float32", "convolution",
              lambda: operations.filtering(512, 7, "float32", passes=2), {"torch": 0.4}),
    Operation("Gaussian 7×7, at once", "512×512", "float32", "convolution",
              lambda: operations.filtering(512, 7, "float32", passes=1), {}),
]  # fmt: skip
LARGEST_MICROSECONDS_A_GATE = 0.8


class Row(NamedTuple):
    """What was measured, as it stands in the JSON file.

    For a row without a peer, ``ratio`` is the quantity that ``operation`` names, in its unit, as ``goal`` is.
    """

    operation: str
    shape: str
    dtype: str
    peer: str
    ratio: float
    goal: float | None
    seconds: float
    peak_mib: float

    @property
    def held(self) -> bool | None:
        """Whether the goal is held; None without a goal."""
        return None if self.goal is None else self.ratio <= self.goal


class Disagreement(Exception):
    """Ours and the peer's numbers differ, so there is nothing to compare."""


def measure(operation: Operation, peers: Sequence[str], seconds: float, least_rounds: int) -> list[Row]:
    """Measure one operation against those of the peers that do it.

    Parameters
    ----------
    operation : Operation
        What to measure.
    peers : sequence of str
        The peers wanted.
    seconds : float
        How long to alternate, for each peer.
    least_rounds : int
        Turns that each side has at least.

    Returns
    -------
    list of Row
        One for each peer, and those without a peer.

    Raises
    ------
    Disagreement
        If a peer's numbers are not ours.
    """
    sides = operation.sides()
    ours = sides[OURS]()
    result = ours.read(ours.run())
    peak = timing.peak_mib(ours.run)
    place = (operation.shape, operation.dtype)
    rows, times = [], []
    for name in (peer for peer in peers if peer in sides):
        peer = sides[name]()
        difference = relative_difference(result, peer.read(peer.run()))
        if difference > AGREEMENT[operation.dtype]:
            raise Disagreement(
                f"{operation.name} ({operation.shape}, {operation.dtype}): ours and {name} differ by {difference:.1e} "
                f"of the norm, where {AGREEMENT[operation.dtype]:.0e} is allowed"
            )
        times.append(timing.alternate(ours.run, peer.run, seconds, least_rounds))
        goal = operation.goals.get(name, 1.0 if name in NUMPY_PEERS else None)
        rows.append(Row(operation.name, *place, name, times[-1].ratio, goal, times[-1].ours, peak))
    if not times and (operation.gates or operation.most_mib):
        times.append(timing.alternate(ours.run, ours.run, seconds, least_rounds))
    if operation.gates:
        a_gate = min(time.fastest for time in times) / operation.gates
        rows.append(Row(GATES, *place, "", 1e6 * a_gate, LARGEST_MICROSECONDS_A_GATE, a_gate, peak))
    if operation.most_mib:
        rows.append(Row(MEMORY, *place, "", peak, operation.most_mib, times[0].ours, peak))
    return rows


def relative_difference(ours: Sequence[Any], theirs: Sequence[Any]) -> float:
    """Return the largest ‖a − b‖ / ‖b‖ over the arrays of two results; infinite where shapes differ or numbers are not
    finite, which no operation here has reason to give."""
    if len(ours) != len(theirs) or any(np.shape(a) != np.shape(b) for a, b in zip(ours, theirs, strict=True)):
        return math.inf
    largest = 0.0
    for a, b in zip(ours, theirs, strict=True):
        a, b = np.asarray(a, float), np.asarray(b, float)
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            return math.inf
        largest = max(largest, float(np.linalg.norm(a - b)) / (float(np.linalg.norm(b)) or 1.0))
    return largest


def blas_kernel() -> str:
    """Return which of its kernels the BLAS library of NumPy has picked for this processor."""
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    for file in sorted(folder.glob("*openblas*")):
        library = ctypes.CDLL(str(file))
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename"):
            if hasattr(library, name):
                corename = getattr(library, name)
                corename.restype = ctypes.c_char_p
                return f"OpenBLAS {corename().decode()}"
    config: Any = np.show_config(mode="dicts")
    return f"{config['Build Dependencies']['blas'].get('name', 'unknown')}, kernel not told"


def processor() -> str:
    """Return the name of the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8", "replace").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def environment(peers: Sequence[str]) -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "processor": processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": blas_kernel(),
        "threads": int(os.environ.get("OPENBLAS_NUM_THREADS", 0)) or None,
        "peers": {peer: metadata.version(peer) for peer in peers},
    }


def chosen_peers(text: str, console: Console) -> list[str]:
    """Return the peers asked for that are installed, and say which are not."""
    wanted = [name.strip() for name in text.split(",") if name.strip()] or list(PEERS)
    unknown = [name for name in wanted if name not in PEERS]
    if unknown:
        raise typer.BadParameter(
            f"{', '.join(unknown)} unknown; the peers are {', '.join(PEERS)}", param_hint="--peers"
        )
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        hint = "" if missing == ["torch"] else " (pip install '.[bench]' installs all but torch)"
        console.print(f"Not installed, so left out: {', '.join(missing)}{hint}.", markup=False)
    return [name for name in wanted if name not in missing]


def chosen_operations(text: str, console: Console) -> list[Operation]:
    """Return the operations whose line has the text, as far as the library can do them."""
    found = []
    for operation in OPERATIONS:
        if text.lower() not in f"{operation.name} {operation.shape} {operation.dtype}".lower():
            continue
        if importlib.util.find_spec(f"course_lib.{operation.module}") is None:
            console.print(
                f"{operation.name} ({operation.shape}) is left out: course_lib.{operation.module} is missing."
            )
            continue
        found.append(operation)
    return found


def table(rows: Sequence[Row]) -> Table:
    """Return the figures as a table, with a mark for every goal; what rows have in common is said once."""
    result = Table(title="The library beside its peers: ours ÷ theirs, below 1 is faster", title_justify="left")
    result.add_column("operation", ratio=1, overflow="fold")
    for name in ("peer", "ours", "peak MiB", "ratio", "goal", ""):
        result.add_column(name, justify="left" if name == "peer" else "right", no_wrap=True)
    marks = {True: "[green]✓ held[/]", False: "[red]✗ missed[/]", None: ""}
    said = None
    for row in rows:
        if said != row[:3] and result.row_count:
            result.add_section()
        what = f"{row.operation}\n  {row.shape}, {row.dtype}" if said != row[:3] else ""
        said = row[:3]
        own_time = f"{1e3 * row.seconds:.2f} ms" if row.seconds >= 1e-5 else f"{1e6 * row.seconds:.2f} µs"
        goal = "" if row.goal is None else f"≤ {row.goal:g}"
        figures = (own_time, f"{row.peak_mib:.1f}", f"{row.ratio:.2f}", goal, marks[row.held])
        result.add_row(what, row.peer or "–", *figures)
    return result


@app.command(
    epilog="""Examples:

- `python -m benchmarks library`: everything, against all peers that are installed
- `python -m benchmarks library --quick --only conv2d --peers torch`: a first look at one operation
- `python -m benchmarks library --json figures.json`: for a program to read
"""
)
def library(
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here too.")
    ] = None,
    peers: Annotated[str, typer.Option(help=f"Some of {', '.join(PEERS)}; all that are installed if empty.")] = "",
    only: Annotated[str, typer.Option(help="Only operations with this text in name, shape or dtype.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="A twentieth of the time: a look, not a measurement.")] = False,
) -> None:
    """Measure the reference library side by side with its peers.

    Each row checks that ours and the peer give the same numbers, then runs them in turns in this one process with one
    thread. Peak memory is ours. Goals missed are shown and do not fail; an error or a disagreement ends with status 1.
    """
    console = Console()
    errors = Console(stderr=True)
    names = chosen_peers(peers, console)
    found = chosen_operations(only, console)
    if not found:
        errors.print(f"No operation has {only!r} in its name, shape or dtype.")
        raise typer.Exit(2)
    if json_file is not None and not json_file.absolute().parent.is_dir():
        errors.print(f"The folder {json_file.absolute().parent} of the JSON file does not exist.")
        raise typer.Exit(2)
    about = environment(names)
    versions = ", ".join(f"{name} {version}" for name, version in about["peers"].items()) or "no peers"
    console.print(
        f"{about['processor']}, one thread, {about['blas']}; Python {about['python']}, NumPy {about['numpy']}"
    )
    console.print(versions)
    rows: list[Row] = []
    failures: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("", total=len(found))
        for operation in found:
            progress.update(task, description=f"{operation.name}, {operation.shape}, {operation.dtype}")
            try:
                rows += measure(operation, names, *((0.1, 3) if quick else (2.0, 5)))
            except Exception as error:  # one row that fails shall not cost the others
                failures.append(str(error) if isinstance(error, Disagreement) else f"{operation.name}: {error!r}")
            progress.advance(task)
    console.print(table(rows))
    goals = [row.held for row in rows if row.held is not None]
    console.print(f"{sum(goals)} of {len(goals)} goals held." + (" Measured quickly: only a look." if quick else ""))
    if json_file is not None:
        content = {"rows": [row._asdict() for row in rows], "environment": about}
        json_file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for failure in failures:
        errors.print(failure, markup=False)
    if failures:
        raise typer.Exit(1)
