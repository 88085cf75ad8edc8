"""Mark the executed code cells of a page, and give the page the script that lets readers run them.

A cell whose code is shown gets the class `live-cell` and a number to link to (`#code-cell-3`). Pages with such cells
load `live/live.js`, which weighs little; Python itself is loaded at the reader's first Run (see `_static/live`).
Cells whose code the page does not show (tags `remove-cell`, `remove-input`) are not marked.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

WITHOUT_SCRIPT = '<noscript><p class="live-note">{}</p></noscript>\n'
NOTE = "Where JavaScript is on, the code of this page can be changed and run. Without it you see what it printed."


def mark_cells(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Number the cells that have been executed and show their code."""
    number = 0
    for cell in list(doctree.findall(nodes.container)):
        if cell.get("nb_element") != "cell_code" or not cell.get("exec_count"):
            continue
        if not any(part.get("nb_element") == "cell_code_source" for part in cell.findall(nodes.container)):
            continue
        number += 1
        cell["classes"].append("live-cell")
        cell["ids"].append(f"code-cell-{number}")
        if number == 1:
            note = nodes.raw("", WITHOUT_SCRIPT.format(NOTE), format="html")
            cell.parent.insert(cell.parent.index(cell), note)


def load_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Add script and style to the pages that have live cells, and to no other."""
    if doctree and any("live-cell" in cell["classes"] for cell in doctree.findall(nodes.container)):
        app.add_css_file("live/live.css")
        app.add_js_file("live/live.js", loading_method="defer")


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", mark_cells)
    app.connect("html-page-context", load_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
