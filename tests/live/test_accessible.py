"""The pages can be read and used with a screen reader, in light and dark, and on a telephone."""

from pathlib import Path

import pytest
import yaml
from book_site import toc_pages
from browser import Reader, reading

AXE = (Path(__file__).parent / "axe/axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES_OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
FIND = """
options => axe.run(document, {...options, resultTypes: ["violations"]}).then((found) => ({
  passed: found.passes.length,
  violations: found.violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.html.slice(0, 200)])),
}))
"""
EXCEPTIONS = yaml.safe_load((Path(__file__).parent / "axe_exceptions.yml").read_text("utf-8")) or []
CHAPTER = "book/02_activations"
NARROW = {"width": 360, "height": 740}
CELL_WITH_ALL = """
import warnings
import matplotlib.pyplot as plt
plt.plot([0, 1], [1, 0]); plt.show()
print('text', 1.5)
warnings.warn('beware')
def f(x): return None  # a comment
raise ValueError('wrong')
"""


def use_theme(reader: Reader, theme: str) -> None:
    reader.page.evaluate(
        "theme => { document.documentElement.dataset.theme = theme; document.documentElement.dataset.mode = theme; }",
        theme,
    )
    reader.page.wait_for_timeout(400)  # colours change gradually


def violations(reader: Reader, theme: str = "light") -> list[tuple[str, str]]:
    """Return what axe-core finds, the rule and the element; colours are all that is otherwise in the dark."""
    use_theme(reader, theme)
    reader.page.evaluate(AXE)
    found = reader.page.evaluate(FIND, {"runOnly": RULES if theme == "light" else RULES_OF_COLOUR})
    assert found["passed"] > 15 if theme == "light" else found["passed"] > 0
    return [(rule, element) for rule, element in found["violations"]]


def unexpected(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out the exceptions that are listed."""
    return [
        (rule, element)
        for rule, element in found
        if not any(entry["rule"] == rule and entry["contains"] in element for entry in EXCEPTIONS)
    ]


def pages_of_every_kind() -> list[str]:
    """Return all pages but those that are made by the same template as another."""
    return [name for name in toc_pages() if not name.startswith("book/api/") or name == "book/api/activations"]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("name", pages_of_every_kind())
def test_axe_finds_nothing_in_light_and_dark_and_the_page_holds_at_the_width_of_a_telephone(
    reader: Reader, name: str
) -> None:
    reader.open(name)
    for theme in ("light", "dark"):
        assert unexpected(violations(reader, theme)) == []
    reader.page.set_viewport_size(NARROW)
    assert sticks_out(reader) == 0


def test_every_exception_has_a_reason() -> None:
    assert all(len(entry["reason"]) >= 20 for entry in EXCEPTIONS)


@pytest.mark.usefixtures("with_python")
def test_axe_finds_nothing_in_a_cell_with_an_editor_a_figure_and_an_error(reader: Reader) -> None:
    reader.open(CHAPTER)
    assert reader.run_code(1, CELL_WITH_ALL) == "error"
    assert reader.cell(1).locator(".live-output img, .live-error, .live-stderr, .live-stdout").count() == 4
    for theme in ("light", "dark"):
        assert unexpected(violations(reader, theme)) == []


@pytest.mark.usefixtures("site")
def test_axe_sees_a_bad_contrast_and_a_missing_name(reader: Reader) -> None:
    reader.open("book/index")
    reader.page.evaluate(
        "document.querySelector('article').insertAdjacentHTML('beforeend', "
        "'<p style=\"color: #999; background: #fff\">pale</p><button></button>')"
    )
    assert {"color-contrast", "button-name"} <= {rule for rule, _ in violations(reader)}
    assert {rule for rule, _ in violations(reader, "dark")} == {"color-contrast"}


def sticks_out(reader: Reader) -> float:
    """Return by how many pixels the page is wider than the window."""
    return float(reader.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.usefixtures("with_python")
def test_a_cell_that_was_run_holds_at_the_width_of_a_telephone(chrome, address: str) -> None:
    with reading(chrome, address, viewport=NARROW, has_touch=True) as reader:
        reader.open(CHAPTER)
        assert reader.run_code(1, CELL_WITH_ALL.replace("1.5", "'wide ' * 40")) == "error"
        assert sticks_out(reader) == 0
        for name in ("Run", "Reset"):
            box = reader.button(1, name).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= NARROW["width"]
            assert box["height"] >= 24
