"""The one error that a person is meant to read: a sentence that says what is wrong and what to do."""


class CourseError(Exception):
    """Something the person at the keyboard can mend; printed without a traceback, and the command exits with 2."""
