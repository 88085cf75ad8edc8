"""Mend what the theme and other extensions get wrong for readers with a keyboard, a screen reader or a slow line."""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

MENDS = (
    # The side bar's arrows that unfold a list have no name.
    (
        '<summary><span class="toctree-toggle"',
        '<summary aria-label="Pages below this one"><span class="toctree-toggle"',
    ),
    # Folded cells say in plain words what they hold; this label would be read out in its place.
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
)

# The theme draws its icons twice: by its style sheet and a font, and by this script of 1.5 MB. The font is enough.
ICON_SCRIPT = re.compile(r'<script[^>]*src="[^"]*scripts/fontawesome\.js[^"]*"[^>]*></script>\n?')


def mend_body(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Entries of the bibliography stand in a list, so their role is that of list items."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def mend_pages(app: Sphinx, exception: Exception | None) -> None:
    """Mend what the theme writes outside the body, in the finished pages."""
    if exception is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            text = page.read_text("utf-8")
            mended = ICON_SCRIPT.sub("", text)
            for wrong, right in MENDS:
                mended = mended.replace(wrong, right)
            if mended != text:
                page.write_text(mended, "utf-8")


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", mend_body)
    app.connect("build-finished", mend_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
