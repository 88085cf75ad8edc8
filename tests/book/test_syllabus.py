"""`book/syllabus.yml` says what is taught where; here it is held to its word."""

import importlib
import re
from pathlib import Path

import pytest
from book_site import HTML, ROOT, article, page, toc_pages
from bs4 import BeautifulSoup, Tag
from course_ext.syllabus import Row, SyllabusError, load

CHAPTERS = load(ROOT / "book/syllabus.yml")
ROWS = [row for chapter in CHAPTERS for row in chapter.rows]
BUILT = [(chapter, row) for chapter in CHAPTERS for row in chapter.rows if row.is_built]
ROWS_PER_CHAPTER = {1: 8, 2: 7, 3: 7, 4: 6, 5: 3, 6: 9, 7: 5, 8: 5, 9: 2, 10: 6, 11: 3, 12: 4, 13: 2}
WRITTEN = {"1.7", "4.2", "9.2"}
OPTIONAL = {"1.3", "1.8", "2.7", "3.3", "3.5", "3.7", "4.6", "8.3", "12.4"}


def graded_questions(assignment: str) -> set[str]:
    """Return the automatically graded questions in an assignment's source."""
    sources = [file.read_text("utf-8") for file in sorted((ROOT / "solutions" / assignment).glob("*.py"))]
    cells = re.findall(r"nbgrader=(\{[^}]*\})", "\n".join(sources))
    tests = [cell for cell in cells if re.search(r'"grade": true', cell) and re.search(r'"solution": false', cell)]
    ids = [re.search(r'"grade_id": "([^"]+)"', cell)[1] for cell in tests]  # type: ignore[index]
    return {grade_id.split("--")[0] for grade_id in ids}


def section_of(soup: BeautifulSoup | Tag, label: str) -> Tag | None:
    """Return the section that a label names."""
    target = soup.find(id=label)
    while isinstance(target, Tag) and target.name != "section":
        target = target.find_parent("section") if target.name == "span" else None
    return target


def what_sections_lack(soup: BeautifulSoup | Tag, row: Row) -> list[str]:
    """Return what the sections of a row lack: themselves, a numbered equation, the library's source, a figure."""
    sections = {label: section_of(soup, label) for label in row.section}
    lacking = [f"section {label}" for label, section in sections.items() if section is None]
    found = [section for section in sections.values() if section is not None]
    if not any(section.find(class_="eqno") for section in found):
        lacking.append("a numbered equation")
    shown = {name for section in found for name in sources_shown(section)}
    if not shown:
        lacking.append("the library's source")
    if not any(section.find("figure") or section.find(class_="scrub") for section in found):
        lacking.append("a figure")
    figures = {str(tag["id"]) for section in found for tag in section.find_all(id=True)}
    lacking += [f"figure {label}" for label in row.figures if label not in figures]
    return lacking


def sources_shown(section: Tag) -> list[str]:
    """Return the names whose source a section shows."""
    return [code.get_text() for code in section.select(".library-source > .library-source-caption a")]


def test_every_row_of_the_syllabus_is_listed() -> None:
    expected = [f"{chapter}.{row}" for chapter, count in ROWS_PER_CHAPTER.items() for row in range(1, count + 1)]
    assert [row.row for row in ROWS] == expected
    assert {row.row for row in ROWS if row.graded == "written"} == WRITTEN
    assert {row.row for row in ROWS if row.graded == "optional"} == OPTIONAL


def test_a_chapter_is_built_or_planned_as_a_whole() -> None:
    for chapter in CHAPTERS:
        assert {row.is_built for row in chapter.rows} == {f"book/{chapter.page}" in toc_pages()}, chapter.page


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(("chapter", "row"), BUILT, ids=[row.row for _, row in BUILT])
def test_the_sections_of_a_built_row_derive_show_and_draw(chapter, row: Row) -> None:
    content = page(HTML / f"book/{chapter.page}.html")
    assert what_sections_lack(content, row) == []


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("row", ROWS, ids=[row.row for row in ROWS])
def test_every_row_names_functions_of_the_library_that_exist(row: Row) -> None:
    assert row.library
    for name in row.library:
        module, attribute = name.split(".")
        assert hasattr(importlib.import_module(f"course_lib.{module}"), attribute), name
        assert article(HTML / f"book/api/{module}.html").find(id=f"course_lib.{name}"), f"{name} has no entry"


@pytest.mark.parametrize(("chapter", "row"), BUILT, ids=[row.row for _, row in BUILT])
def test_the_questions_of_a_built_row_exist(chapter, row: Row) -> None:
    for question in row.questions:
        assignment, question_id = question.split("/")
        assert question_id in graded_questions(assignment), question


@pytest.mark.parametrize("chapter", [c for c in CHAPTERS if c.is_built], ids=lambda chapter: chapter.page)
def test_every_graded_question_belongs_to_a_row(chapter) -> None:
    claimed = {question.split("/")[1] for row in chapter.rows for question in row.questions}
    assert graded_questions(chapter.page) == claimed


@pytest.mark.usefixtures("site")
def test_the_map_shows_every_row() -> None:
    content = article(HTML / "book/syllabus_map.html")
    cells = {row.find("td").get_text(strip=True) for row in content.select("table.syllabus-map tbody tr")}
    assert cells == {row.row for chapter in CHAPTERS for row in chapter.rows}
    planned = {row.find("td").get_text(strip=True) for row in content.select("tr.syllabus-planned")}
    assert planned == {row.row for chapter in CHAPTERS for row in chapter.rows if not row.is_built}


PAGE = """<section id="s"><div class="math"><span class="eqno">(5.1)</span></div>
<div class="library-source"><p class="library-source-caption"><a><code>f</code></a></p></div>
<figure id="fig"></figure></section>
<section id="bare"><p>words</p></section>"""


@pytest.mark.parametrize(
    ("section", "figures", "lacking"),
    [
        (("s",), ("fig",), []),
        (("s", "gone"), (), ["section gone"]),
        (("s",), ("fig-gone",), ["figure fig-gone"]),
        (("bare",), (), ["a numbered equation", "the library's source", "a figure"]),
        (("bare", "s"), ("fig",), []),
    ],
)
def test_a_false_claim_about_a_section_is_found(section: tuple, figures: tuple, lacking: list) -> None:
    row = Row("5.1", "t", "auto", "built", section=section, library=("m.f",), questions=("a/q",), figures=figures)
    assert what_sections_lack(BeautifulSoup(PAGE, "html.parser"), row) == lacking


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{row: '5.1', topic: t, graded: auto}", "status missing"),
        ("{row: '6.1', topic: t, graded: auto, status: planned}", "stands in chapter 5"),
        ("{row: '5.1', topic: t, graded: maybe, status: planned}", "graded is one of"),
        ("{row: '5.1', topic: t, graded: auto, status: built, section: [s], library: [m.f]}", "needs a question"),
        ("{row: '5.1', topic: t, graded: auto, status: planned, section: [s]}", "can claim nothing yet but"),
        ("{row: '5.1', topic: t, graded: auto, status: planned, questions: [a/q]}", "can claim nothing yet but"),
        ("{row: '5.1', topic: t, graded: auto, status: planned, seccion: [s]}", "unknown field seccion"),
    ],
)
def test_a_malformed_row_is_named(row: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "syllabus.yml"
    file.write_text(f"chapters:\n  - {{number: 5, title: t, page: p, rows: [{row}]}}\n")
    with pytest.raises(SyllabusError, match=message):
        load(file)
