"""`python -m benchmarks library`: the reference library beside its peers, operation by operation."""

from __future__ import annotations

import typer

app = typer.Typer(add_completion=False)


@app.command()
def library() -> None:
    """Measure the reference library side by side with its peers."""
