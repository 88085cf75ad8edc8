"""Give each chapter links to its assignment: to download the notebook, and to open it in the browser or in Colab.

A chapter's assignment is the notebook in `exercises/` in the folder with the chapter's name. The links stand under the
paragraph that begins with **The assignment.**, or at the end of a chapter without one. What opens a notebook in the
browser is the site's folder that the build names in COURSE_LAB, if it could make one. Colab takes notebooks from a
public repository, which `course_repository` and `course_branch` in `_config.yml` name; without them there is no such
link. Nothing of this is written by hand in a chapter.
"""

import os
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

FOLDER = "exercises"
LEAD = "The assignment."


class AddAssignmentLinks(SphinxTransform):
    """Place the links while the page is read, so that the notebook is copied like any other download."""

    default_priority = 700

    def apply(self, **kwargs: object) -> None:
        notebook = assignment_of(self.env.docname, Path(self.env.srcdir))
        if notebook is None:
            return
        self.env.note_dependency(str(Path(self.env.srcdir, notebook)))
        config = self.config
        links = link_list(notebook, self.env.docname, config.course_repository, config.course_branch, config.course_lab)
        lead = next((node for node in self.document.findall(nodes.paragraph) if begins_with_lead(node)), None)
        if lead is not None:
            lead.parent.insert(lead.parent.index(lead) + 1, links)
        else:
            sections = [node for node in self.document.children if isinstance(node, nodes.section)]
            (sections[-1] if sections else self.document).append(links)


def assignment_of(docname: str, root: Path) -> str | None:
    """Return the notebook that belongs to a page, such as "exercises/06_backprop/backprop.ipynb"."""
    folder = root / FOLDER / PurePosixPath(docname).name
    notebook = next(iter(sorted(folder.glob("*.ipynb"))), None)
    return notebook.relative_to(root).as_posix() if notebook else None


def begins_with_lead(paragraph: nodes.paragraph) -> bool:
    first = next((node for node in paragraph.children if node.astext()), None)  # MyST may put an empty text before it
    return isinstance(first, nodes.strong) and first.astext() == LEAD


def link_list(notebook: str, docname: str, repository: str, branch: str, lab: str) -> nodes.container:
    """Return the links as a list with a word on what each is for."""
    download = addnodes.download_reference(
        "", nodes.Text("Download the notebook"), reftarget=f"/{notebook}", refdoc=docname, refexplicit=True
    )
    entries = [entry(download, ", fill it in, and hand it in.")]
    if lab:
        opened = nodes.reference("", "Open it in the browser", refuri=lab_address(notebook, docname, lab))
        said = (
            "; nothing to install. Your work is kept in this browser, on this computer. To hand it in, press ",
            nodes.strong("", "Download"),
            " above the notebook, or choose it in the menu File.",
        )
        entries.append(entry(opened, *said))
    if repository:
        # In Colab the library is not there yet; pip takes it from the same place.
        library = nodes.literal("", f"%pip install git+{repository.rstrip('/')}@{branch}")
        colab = nodes.reference("", "Open it in Colab", refuri=colab_address(notebook, repository, branch))
        entries.append(entry(colab, "; there, run ", library, " in a cell of its own first."))
    return nodes.container("", nodes.bullet_list("", *entries), classes=["assignment-links"])


def entry(link: nodes.Node, *after: str | nodes.Node) -> nodes.list_item:
    rest = [nodes.Text(part) if isinstance(part, str) else part for part in after]
    return nodes.list_item("", nodes.paragraph("", "", link, *rest))


def lab_address(notebook: str, docname: str, lab: str) -> str:
    """Return where the site opens a notebook, as seen from a page; there it has its own name only."""
    return f"{'../' * docname.count('/')}{lab}/notebooks/index.html?path={PurePosixPath(notebook).name}"


def colab_address(notebook: str, repository: str, branch: str) -> str:
    """Return where Colab opens a notebook of a repository on GitHub."""
    name = urlsplit(repository).path.strip("/").removesuffix(".git")
    return f"https://colab.research.google.com/github/{name}/blob/{branch}/{notebook}"


def setup(app: Sphinx) -> dict:
    app.add_config_value("course_repository", "", "env")
    app.add_config_value("course_branch", "main", "env")
    app.add_config_value("course_lab", os.environ.get("COURSE_LAB", ""), "env")
    app.add_transform(AddAssignmentLinks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
