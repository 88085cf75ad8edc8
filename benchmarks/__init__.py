"""Measurements of speed and memory, side by side with others: run with ``python -m benchmarks``.

Not part of the installed packages: the course works without it, and it needs the extra ``bench`` for its peers.
"""
