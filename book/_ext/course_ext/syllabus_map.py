"""`syllabus-map`: the table of one chapter's syllabus rows, made from `book/syllabus.yml`.

    ```{syllabus-map} 5
    ```

A built row links its section and its library names and lists its graded questions; a planned one links its library
names and says that it is planned.
"""

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from course_ext.syllabus import GRADED, Chapter, Row, SyllabusError, load

logger = logging.getLogger(__name__)

HEADINGS = ("Row", "Topic", "Section", "Library", "Questions")
PLANNED_HEADINGS = ("Row", "Topic", "Library")


class SyllabusMap(SphinxDirective):
    """Show one chapter's rows."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        file = Path(self.env.srcdir, self.config.syllabus_file)
        self.env.note_dependency(str(file))
        try:
            chapters = {str(chapter.number): chapter for chapter in load(file)}
            chapter = chapters[self.arguments[0]]
        except (OSError, SyllabusError) as error:
            logger.warning("syllabus-map: %s", error, location=self.get_location())
            return []
        except KeyError:
            logger.warning("syllabus-map: no chapter %s", self.arguments[0], location=self.get_location())
            return []
        return [self._table(chapter)]

    def _table(self, chapter: Chapter) -> nodes.table:
        columns = HEADINGS if chapter.is_built else PLANNED_HEADINGS
        group = nodes.tgroup(cols=len(columns))
        group += [nodes.colspec(colwidth=1) for _ in columns]
        head = nodes.row("", *(nodes.entry("", nodes.paragraph(text=heading)) for heading in columns))
        body = nodes.tbody("", *(self._row(row, columns) for row in chapter.rows))
        group += [nodes.thead("", head), body]
        return nodes.table("", group, classes=["syllabus-map", "colwidths-auto"])

    def _row(self, row: Row, columns: tuple[str, ...]) -> nodes.row:
        topic = f"{row.topic} ({GRADED[row.graded]}{'' if row.is_built else '; planned'})"
        package = self.config.library_package
        cells = {
            "Row": [nodes.Text(row.row)],
            "Topic": [nodes.Text(topic)],
            "Section": [self._link("std", "ref", label, "") for label in row.section],
            "Library": [self._link("py", "obj", f"{package}.{name}", name) for name in row.library],
            "Questions": [nodes.literal("", question) for question in row.questions],
        }
        entries = []
        for heading in columns:
            paragraph = nodes.paragraph()
            for position, node in enumerate(cells[heading]):
                paragraph += [nodes.Text(", "), node] if position else [node]
            entries.append(nodes.entry("", paragraph))
        return nodes.row("", *entries, classes=[f"syllabus-{row.status}"])

    def _link(self, domain: str, kind: str, target: str, text: str) -> addnodes.pending_xref:
        label = nodes.literal("", text) if text else nodes.inline("", target)
        link = addnodes.pending_xref(
            "", label, refdomain=domain, reftype=kind, reftarget=target, refexplicit=bool(text), refwarn=True
        )
        link["refdoc"] = self.env.docname
        self.set_source_info(link)
        return link


def setup(app: Sphinx) -> dict:
    app.add_config_value("syllabus_file", "book/syllabus.yml", "env")
    app.add_directive("syllabus-map", SyllabusMap)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
