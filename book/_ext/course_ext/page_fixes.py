"""Mend what the theme and other extensions get wrong for readers with a keyboard or a screen reader."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def mend_body(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Entries of the bibliography stand in a list, so their role is that of list items."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", mend_body)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
