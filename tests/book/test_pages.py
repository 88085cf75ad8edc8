"""The built site: links hold, nothing is loaded from outside, pictures speak, and only listed pages are there."""

import re
from collections import Counter
from pathlib import Path

import pytest
from book_site import (
    HTML,
    article,
    bad_alt_texts,
    broken_links,
    html_files,
    outside_in_css,
    outside_loads,
    page,
    toc_pages,
)
from bs4 import BeautifulSoup

# Pages that Sphinx makes by itself: the index, the search page, the redirect at the top, the library's sources.
MADE_BY_SPHINX = {"genindex.html", "search.html", "index.html", "py-modindex.html"}


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


@pytest.mark.usefixtures("site")
def test_links_and_anchors_lead_somewhere() -> None:
    pages = html_files()
    assert len(pages) > 10
    broken = {str(file.relative_to(HTML)): links for file in pages if (links := broken_links(file, page(file)))}
    assert broken == {}


def test_a_broken_link_or_anchor_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    other = tmp_path / "b.html"
    other.write_text('<p id="here"></p>')
    text = (
        '<a href="b.html#here"></a><a href="b.html#gone"></a><a href="c.html"></a><a href="#no"></a><img src="d.png">'
    )
    assert broken_links(file, soup(text)) == ["b.html#gone", "c.html", "#no", "d.png"]


@pytest.mark.usefixtures("site")
def test_no_page_loads_anything_from_outside_the_site() -> None:
    outside = {str(file.relative_to(HTML)): found for file in html_files() if (found := outside_loads(page(file)))}
    assert outside == {}
    sheets = sorted(HTML.rglob("*.css"))
    assert len(sheets) > 3
    assert [address for sheet in sheets for address in outside_in_css(sheet.read_text("utf-8"))] == []
    assert (HTML / "_static/mathjax/tex-chtml.js").is_file()


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://example.org/a.js"></script>',
        '<script src="//example.org/a.js"></script>',
        '<script>const URL = "https://example.org/a.js"</script>',
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<img src="http://example.org/a.png">',
        '<style>@import "https://example.org/a.css";</style>',
        '<div style="background: url(https://example.org/a.png)"></div>',
        '<iframe src="https://example.org"></iframe>',
    ],
)
def test_a_load_from_outside_is_found(text: str) -> None:
    assert len(outside_loads(soup(text))) == 1


def test_a_link_for_the_reader_is_no_load() -> None:
    assert outside_loads(soup('<a href="https://example.org">a book</a><img src="data:image/png;base64,AA==">')) == []


@pytest.mark.usefixtures("site")
def test_every_picture_has_a_text_that_is_not_its_caption() -> None:
    pictures = 0
    problems = {}
    for name in toc_pages():
        content = article(HTML / f"{name}.html")
        pictures += len(content.find_all("img"))
        if found := bad_alt_texts(content):
            problems[name] = found
    assert problems == {}
    assert pictures >= 4


@pytest.mark.parametrize(
    "text",
    [
        '<p><img src="a.png"></p>',
        '<p><img src="a.png" alt="A curve."></p>',
        '<figure><img src="a.png" alt="Loss against weight, falling towards zero."><figcaption><span '
        'class="caption-number">Fig. 5.1 </span><span class="caption-text">Loss against weight, falling towards zero.'
        "</span></figcaption></figure>",
        '<p><img src="a.png" title="Loss against weight, falling to zero" alt="Loss against weight, falling to zero">',
        '<p><img src="a.png" data-caption="h = 3: the quotient is off by a tenth" '
        'alt="h = 3: the quotient is off by a tenth"></p>',
    ],
)
def test_a_poor_text_of_a_picture_is_found(text: str) -> None:
    assert len(bad_alt_texts(soup(text))) == 1


@pytest.mark.usefixtures("site")
def test_only_listed_pages_are_built() -> None:
    built = {str(file.relative_to(HTML)) for file in html_files()}
    listed = {f"{name}.html" for name in toc_pages()}
    others = {name for name in built - listed - MADE_BY_SPHINX if not name.startswith("_modules/")}
    assert listed <= built
    assert others == set()
    for folder in (".venv", "exercises", "solutions", "_course"):
        assert not any(folder in path.relative_to(HTML).parts for path in HTML.rglob("*") if path.is_dir())


def unparsed_markup(text: str) -> list[str]:
    """Return what looks like MyST that the parser took for words."""
    return re.findall(r"`{3,}\s*\{|:{3,}\s*\{|\{(?:quiz|library-source|eq|ref|numref|doc|cite:[pt]|term)\}", text)


@pytest.mark.usefixtures("site")
def test_no_markup_is_shown_as_words() -> None:
    assert unparsed_markup("```{quiz} `x` or `y`? and {eq}`this`") == ["```{", "{eq}"]
    shown = {
        name: found for name in toc_pages() if (found := unparsed_markup(article(HTML / f"{name}.html").get_text()))
    }
    assert shown == {}


@pytest.mark.usefixtures("site")
def test_ids_are_unique_on_a_page() -> None:
    for name in toc_pages():
        counts = Counter(str(tag["id"]) for tag in article(HTML / f"{name}.html").find_all(id=True))
        assert [key for key, count in counts.items() if count > 1] == [], name


@pytest.mark.usefixtures("site")
def test_every_quiz_can_be_answered_by_keyboard_and_explains_every_option() -> None:
    questions = 0
    for name in toc_pages():
        content = article(HTML / f"{name}.html")
        for quiz in content.find_all("fieldset", class_="quiz"):
            questions += 1
            assert quiz.find("legend").get_text(strip=True)
            assert content.find(id=quiz["aria-describedby"]).get_text(strip=True)
            options = quiz.find_all("input", type="radio")
            assert len(options) >= 2
            assert len({option["name"] for option in options}) == 1
            for option in options:
                assert quiz.find("label", attrs={"for": option["id"]}).get_text(strip=True)
                explanation = option.parent.find(class_="quiz-explanation")
                assert len(explanation.get_text(strip=True)) > len("Not this one.") + 10
            assert len(quiz.find_all(class_="quiz-right")) == 1
    assert questions >= 12


@pytest.mark.usefixtures("site")
def test_equations_are_numbered_by_the_chapter_in_the_file_name() -> None:
    content = article(HTML / "book/05_finite_differences.html")
    numbers = [tag.get_text().strip("()#\n ").removesuffix(")") for tag in content.find_all(class_="eqno")]
    assert numbers == [f"5.{position}" for position in range(1, len(numbers) + 1)]
    captions = [tag.get_text(strip=True) for tag in content.find_all(class_="caption-number")]
    assert captions == [f"Fig. 5.{position}" for position in range(1, len(captions) + 1)]
    assert numbers
    assert captions
