"""The reference library of the course: every formula of the book as plain NumPy, one module a chapter.

Import the module of the chapter you are reading, for example ``from course_lib import finite_differences``.
Nothing is imported here, so a chapter's code loads only what it names, and the library works without matplotlib.
"""

__version__ = "0.1.0"
