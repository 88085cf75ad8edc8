"""The door of the house: starts the command line and turns what goes wrong into one sentence and an exit status."""

from __future__ import annotations

import sys

NEEDED = {
    "typer",
    "rich",
    "nbgrader",
    "nbformat",
    "nbconvert",
    "nbclient",
    "jupytext",
    "jinja2",
    "IPython",
    "ipykernel",
    "traitlets",
    "matplotlib_inline",
    "sqlalchemy",
}

INTERRUPTED = "Interrupted. What was finished is kept; start the command again for the rest."


def main() -> None:
    """Run the command line; exit with 0 done, 1 something is not as it should be, 2 the command could not run."""
    from autograder.errors import CourseError

    try:
        from autograder.commands import app

        app()
    except CourseError as error:
        _stop(str(error))
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package not in NEEDED:
            raise
        _stop(f"The package {package!r} is missing. Install what grading needs with: pip install '.[grade]'")
    except PermissionError as error:
        _stop(
            f"No permission to write {error.filename}. Change the permissions, or work in your own copy of the course."
        )
    except (FileExistsError, NotADirectoryError) as error:
        _stop(f"{error.filename} is a file, where a folder is wanted. Move it away, or name another place.")
    except KeyboardInterrupt:
        _stop(INTERRUPTED, 130)
    except SystemExit as stop:  # typer makes one of a KeyboardInterrupt, without a word
        if stop.code != 130:
            raise
        _stop(INTERRUPTED, 130)
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        _stop(f"{error.strerror or error}: {error.filename or ''}".rstrip(": ") + ".")


def _stop(sentence: str, status: int = 2) -> None:
    print(f"autograder: {sentence}", file=sys.stderr)
    raise SystemExit(status)


if __name__ == "__main__":
    main()
