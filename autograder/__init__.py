"""Releases, runs, checks, records and reports the graded notebooks of a course.

Knows nothing of what the course teaches.
"""

__version__ = "0.1.0"
