"""`library-source`: show the library's own source on a page, read from the file each time the book is built.

    ```{library-source} finite_differences.central_difference
    ```

Several names, separated by blanks or lines, follow one another in one block. A name is `module.function`,
`module.Class`, `module.Class.method` or `module.CONSTANT`. Docstrings are left out: the page says what they say.
The caption names the file and links each public name to its entry in the API reference. An unknown name is a warning.
"""

import ast
import textwrap
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class UnknownNameError(LookupError):
    """The library has no such module or name."""


def find_definition(tree: ast.Module, path: list[str]) -> Definition:
    """Return the definition of a dotted name inside a module.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    body: list[ast.stmt] = tree.body
    found: Definition | None = None
    for name in path:
        found = None
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
                found = node
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                    found = node
        if found is None:
            raise UnknownNameError(name)
        body = found.body if isinstance(found, ast.ClassDef) else []
    if found is None:
        raise UnknownNameError("")
    return found


def docstring_lines(node: ast.AST) -> set[int]:
    """Return the line numbers of every docstring in a definition, and of the blank lines that follow it."""
    lines: set[int] = set()
    for inner in ast.walk(node):
        if not isinstance(inner, ast.FunctionDef | ast.ClassDef) or len(inner.body) < 2:
            continue
        first = inner.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            lines.update(range(first.lineno, inner.body[1].lineno))
    return lines


def source_without_docstring(text: str, path: list[str]) -> str:
    """Return the source of one name in a module's text: decorators and comments kept, docstrings left out."""
    node = find_definition(ast.parse(text), path)
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    assert node.end_lineno is not None
    lines = text.splitlines()
    # A comment between a docstring and the first statement belongs to the statement and stays.
    left_out = {n for n in docstring_lines(node) if not lines[n - 1].lstrip().startswith("#")}
    kept = [lines[n - 1] for n in range(start, node.end_lineno + 1) if n not in left_out]
    return textwrap.dedent("\n".join(kept))


class LibrarySource(SphinxDirective):
    """Show definitions of the library by inclusion."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        names = self.arguments[0].split() + " ".join(self.content).split()
        package = self.config.library_package
        sources, files = [], []
        for name in names:
            module, *path = name.removeprefix(package + ".").split(".")
            relative = f"{package}/{module}.py"
            file = Path(self.env.srcdir, relative)
            try:
                if not file.is_file():
                    raise UnknownNameError(module)
                self.env.note_dependency(str(file))
                sources.append(source_without_docstring(file.read_text("utf-8"), path))
            except (UnknownNameError, SyntaxError) as error:
                logger.warning(
                    "library-source: cannot show %r: %s", name, describe(error), location=self.get_location()
                )
                return []
            files.append((relative, f"{package}.{module}", ".".join(path)))

        container = nodes.container(classes=["library-source"], names_shown=" ".join(names))
        literal = nodes.literal_block("", "\n\n\n".join(sources), language="python", force=False)
        container += [self._caption(files), literal]
        self.set_source_info(container)
        return [container]

    def _caption(self, files: list[tuple[str, str, str]]) -> nodes.paragraph:
        caption = nodes.paragraph(classes=["library-source-caption"])
        shown = ""
        for relative, module, path in files:
            if relative != shown:
                caption += [nodes.Text(" · " if shown else ""), nodes.literal("", relative), nodes.Text(": ")]
                shown = relative
            else:
                caption += nodes.Text(", ")
            label = nodes.literal("", path)
            is_public = not any(part.startswith("_") for part in path.split("."))
            caption += self._reference(f"{module}.{path}", label) if is_public else label
        return caption

    def _reference(self, target: str, label: nodes.Node) -> addnodes.pending_xref:
        reference = addnodes.pending_xref(
            "", label, refdomain="py", reftype="obj", reftarget=target, refexplicit=True, refwarn=True
        )
        reference["refdoc"] = self.env.docname
        self.set_source_info(reference)
        return reference


def describe(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"its module does not parse (line {error.lineno})"
    return f"the library has no {error.args[0]!r} there"


def setup(app: Sphinx) -> dict:
    app.add_config_value("library_package", "course_lib", "env")
    app.add_directive("library-source", LibrarySource)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
