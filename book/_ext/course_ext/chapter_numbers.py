"""Number equations and figures as chapter.number, where the chapter is the number in the page's file name.

Sphinx counts chapters by their place in the table of contents; ours keep their number while earlier chapters are
not written yet. So its numbers are replaced after it has collected them: page `05_finite_differences` gets (5.1),
(5.2), …, and a page without a number gets the letter that `chapter_letters` in `_config.yml` gives it: (N.1), ….
"""

import re
from pathlib import PurePosixPath

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)


def chapter_of(docname: str, letters: dict[str, str]) -> str | None:
    """Return the chapter's number as in "5", the page's letter, or None where the page has neither."""
    stem = PurePosixPath(docname).name
    found = re.match(r"(\d+)_", stem)
    return str(int(found[1])) if found else letters.get(stem)


def restore_sphinx_numbers(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Before Sphinx collects: give back its own numbers, so that it sees which of them really changed."""
    env.toc_fignumbers = getattr(env, "course_plain_fignumbers", {})
    return []


def renumber(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """After Sphinx has collected: count anew on each page, with the chapter in front."""
    env.course_plain_fignumbers = env.toc_fignumbers  # type: ignore[attr-defined]
    numbered: dict[str, dict[str, dict[str, tuple]]] = {}
    for docname, kinds in env.toc_fignumbers.items():
        chapter = chapter_of(docname, app.config.chapter_letters)
        if chapter is None and any(kinds.values()):
            logger.warning(
                "has numbered equations or figures, but neither a number in its file name nor a letter under "
                "chapter_letters in _config.yml",
                location=docname,
            )
            chapter = "?"
        numbered[docname] = {
            kind: {
                node_id: (chapter, position)
                for position, (node_id, _) in enumerate(sorted(numbers.items(), key=lambda item: item[1]), start=1)
            }
            for kind, numbers in kinds.items()
        }
    env.toc_fignumbers = numbered  # type: ignore[assignment]
    return []


def setup(app: Sphinx) -> dict:
    app.add_config_value("chapter_letters", {}, "env")
    app.connect("env-get-updated", restore_sphinx_numbers, priority=100)
    app.connect("env-get-updated", renumber, priority=900)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
