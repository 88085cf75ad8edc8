"""`timings`: how long each executed page took, and with which versions; both read off the build, never typed.

```{timings}
```
"""

import platform
from importlib.metadata import version

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

PACKAGES = ("NumPy", "matplotlib")


class timings(nodes.General, nodes.Element):
    """Holds the place until every page has been executed."""


class Timings(SphinxDirective):
    """Put the table of times here."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["course_timings"] = True
        return [timings()]


class FillTimings(SphinxPostTransform):
    """Replace the placeholder by the table, once the times are known."""

    default_priority = 8  # before references are resolved

    def run(self, **kwargs: object) -> None:
        for node in list(self.document.findall(timings)):
            node.replace_self([times_table(self.env), versions_paragraph()])


def times_table(env: BuildEnvironment) -> nodes.table:
    """Return a table: page, seconds."""
    rows = []
    for docname, data in sorted(NbMetadataCollector.get_doc_data(env).items()):
        seconds = (data.get("exec_data") or {}).get("runtime")
        if seconds is None:
            continue
        title = env.titles[docname].astext()
        link = addnodes.pending_xref(
            "", nodes.inline("", title), refdomain="std", reftype="doc", reftarget=f"/{docname}", refexplicit=True,
            refwarn=True, refdoc=env.docname,
        )  # fmt: skip
        rows.append(nodes.row("", entry(link), entry(nodes.Text(f"{seconds:.1f}"))))
    group = nodes.tgroup("", nodes.colspec(colwidth=1), nodes.colspec(colwidth=1), cols=2)
    group += nodes.thead("", nodes.row("", entry(nodes.Text("Page")), entry(nodes.Text("Seconds"))))
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=["timings", "colwidths-auto"])


def entry(content: nodes.Node) -> nodes.entry:
    return nodes.entry("", nodes.paragraph("", "", content))


def versions_paragraph() -> nodes.paragraph:
    """Return one sentence with the versions in use."""
    packages = [f"{name} {version(name)}" for name in PACKAGES]
    text = f"Python {platform.python_version()}, {' and '.join(packages)}, on {platform.machine()}."
    return nodes.paragraph(text=f"Executed with {text}", classes=["versions"])


def pages_with_timings(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the page anew when any page was executed again."""
    if not NbMetadataCollector.new_exec_data(env):
        return []
    return [docname for docname, metadata in env.metadata.items() if metadata.get("course_timings")]


def setup(app: Sphinx) -> dict:
    app.add_node(timings)
    app.add_directive("timings", Timings)
    app.add_post_transform(FillTimings)
    app.connect("env-get-updated", pages_with_timings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
