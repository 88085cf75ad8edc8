"""Each chapter leads to its assignment: the very notebook to download, and where a repository is named, Colab."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from book_site import HTML, ROOT, article, toc_pages
from course_ext.assignment_links import assignment_of, colab_address, link_list
from docutils import nodes

WITH_ASSIGNMENT = [name for name in toc_pages() if assignment_of(name, ROOT)]


def lab_is_there() -> bool:
    return (HTML / "lab" / "made.txt").is_file()


def test_every_released_assignment_belongs_to_a_chapter() -> None:
    folders = {folder.name for folder in (ROOT / "exercises").iterdir() if any(folder.glob("*.ipynb"))}
    assert folders == {Path(name).name for name in WITH_ASSIGNMENT}


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("name", WITH_ASSIGNMENT)
def test_a_chapter_offers_the_very_notebook_of_its_assignment(name: str) -> None:
    file = HTML / f"{name}.html"
    places = article(file).find_all(class_="assignment-links")
    assert len(places) == 1
    links = places[0].find_all("a")
    notebook = (file.parent / unquote(str(links[0]["href"]))).resolve()
    assert notebook.read_bytes() == (ROOT / str(assignment_of(name, ROOT))).read_bytes()
    assert "The assignment." in places[0].find_previous_sibling("p").get_text()
    assert len(links) == 1 + lab_is_there(), "no repository is named in _config.yml: there is nothing to open in Colab"


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("name", WITH_ASSIGNMENT)
def test_a_chapter_opens_its_assignment_in_the_browser_where_the_site_can(name: str) -> None:
    if not lab_is_there():
        pytest.skip("the site was built without JupyterLite")
    file = HTML / f"{name}.html"
    link = article(file).find_all(class_="assignment-links")[0].find_all("a")[1]
    address = urlsplit(str(link["href"]))
    assert (file.parent / address.path).is_file()
    opened = HTML / "lab" / "files" / parse_qs(address.query)["path"][0]
    assert opened.read_bytes() == (ROOT / str(assignment_of(name, ROOT))).read_bytes()


def test_what_hands_in_is_said_only_where_there_is_a_lab() -> None:
    with_lab, without = (link_list("exercises/a/b.ipynb", "book/a", "", "", lab) for lab in ("lab", ""))
    assert "press Download above the notebook" in with_lab.astext()
    assert [link["refuri"] for link in with_lab.findall(nodes.reference) if "refuri" in link] == [
        "../lab/notebooks/index.html?path=b.ipynb"
    ]
    assert "browser" not in without.astext()


def test_where_a_repository_is_named_colab_opens_the_notebook_and_says_how_to_get_the_library() -> None:
    links = link_list("exercises/a/b.ipynb", "book/a", "https://github.com/who/course", "main", "")
    colab = next(link for link in links.findall(nodes.reference) if "refuri" in link)  # the other is the download
    assert colab["refuri"] == "https://colab.research.google.com/github/who/course/blob/main/exercises/a/b.ipynb"
    assert "%pip install git+https://github.com/who/course@main" in links.astext()
    assert colab_address("x.ipynb", "https://github.com/who/course.git/", "v1").endswith("/who/course/blob/v1/x.ipynb")


def test_links_are_not_written_by_hand() -> None:
    texts = {name: (ROOT / f"{name}.md").read_text("utf-8") for name in WITH_ASSIGNMENT}
    assert [name for name, text in texts.items() if "exercises/" in text] == []
