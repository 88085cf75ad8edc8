"""Every chapter runs in the page from its first cell to its last, prints what the book prints and draws its figures."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from book_site import HTML, page
from browser import Reader
from executed import code_cells, executed_notebook, executed_pages

NOT_RUN = yaml.safe_load((Path(__file__).parent / "cells_not_run.yml").read_text("utf-8"))
NUMBER = re.compile(r"(?<![\w.])[-−+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?")
LONGEST_CELL = 600_000  # milliseconds; what trains a network runs several times slower in a browser
LAST_DIGITS = 1  # units of the last digit printed by which two numbers may differ: one was rounded up
NOISE = 1e-12  # what rounding leaves where the number itself is 0


def source(cell) -> str:
    """Return the code of a cell as the page shows it."""
    return cell.select_one(".cell_input pre").get_text().strip()


def not_run(name: str) -> list[str]:
    """Return the cells of a page's notebook that no reader can run, by their code."""
    shown = {source(cell) for cell in page(HTML / f"{name}.html").select(".live-cell")}
    return [cell.source for cell in code_cells(executed_notebook(name)) if cell.source.strip() not in shown]


@pytest.mark.usefixtures("site")
def test_every_cell_can_be_run_or_is_listed_with_a_reason() -> None:
    found = [(name, code) for name in executed_pages() for code in not_run(name)]
    for entry in NOT_RUN:
        assert len(entry["reason"]) >= 20
        matching = [item for item in found if item[0] == entry["page"] and entry["contains"] in item[1]]
        assert len(matching) == 1, (
            f"{entry['page']}: {entry['contains']!r} names {len(matching)} cells that are not run"
        )
        found.remove(matching[0])
    assert found == []


@pytest.mark.usefixtures("with_python")
@pytest.mark.parametrize("name", executed_pages())
def test_the_cells_of_a_page_run_in_order_and_show_what_the_book_shows(reader: Reader, name: str) -> None:
    reader.open(name)
    reader.unfold()
    count = reader.cells()
    assert count == len(code_cells(executed_notebook(name))) - len(not_run(name))
    book = reader.results()
    if count > 1:
        reader.button(count, "Run all above").click()
    for number in range(1, count):
        assert reader.ended(number, LONGEST_CELL) == expected_end(name, number), (
            f"cell {number}: {reader.status(number)}"
        )
    assert reader.run(count, LONGEST_CELL) == expected_end(name, count)
    problems = {
        number: found
        for number, (stored, live) in enumerate(zip(book, reader.results(), strict=True), start=1)
        if (found := differences(stored, live))
    }
    assert problems == {}


def expected_end(name: str, number: int) -> str:
    """A cell whose error is the lesson ends in that error here as well."""
    cell = page(HTML / f"{name}.html").select(".live-cell")[number - 1]
    return "error" if "tag_raises-exception" in cell["class"] else "ok"


def differences(stored: dict[str, Any], live: dict[str, Any]) -> list[str]:
    """Return in what a cell's output in the page differs from the book's, beyond last digits."""
    found = text_differences(stored["text"], live["text"])
    if len(stored["images"]) != len(live["images"]):
        return [*found, f"{len(live['images'])} figures in place of {len(stored['images'])}"]
    for number, (drawn, again) in enumerate(zip(stored["images"], live["images"], strict=True), start=1):
        for side in ("width", "height"):
            if abs(drawn[side] - again[side]) > 0.06 * drawn[side]:
                found.append(f"figure {number}: {side} {again[side]} in place of {drawn[side]}")
        if not 0.6 < again["ink"] / drawn["ink"] < 1.6:
            found.append(f"figure {number}: {again['ink']:.4f} of it is drawn on, in place of {drawn['ink']:.4f}")
        if drawn["alt"] != again["alt"]:
            found += text_differences(drawn["alt"], again["alt"])
        found += text_differences(drawn["caption"], again["caption"])
    return found


def text_differences(stored: str, live: str) -> list[str]:
    """Return how two texts differ: in their words, or in a number by more than its last digits."""
    if words(stored) != words(live):
        return [f"{live[:300]!r} in place of {stored[:300]!r}"]
    pairs = zip(NUMBER.findall(stored), NUMBER.findall(live), strict=True)
    return [f"{b} in place of {a}" for a, b in pairs if not nearly(a, b)]


def words(text: str) -> list[str]:
    """Return a text without its numbers; arrays are padded to the length of their numbers, so blanks do not count."""
    return NUMBER.sub("#", text).split()


def nearly(a: str, b: str) -> bool:
    """Say whether two printed numbers are the same up to last digits; whole numbers have to be equal."""
    if a == b:
        return True
    if not set(".e") & set(a + b):
        return False
    a, b = a.replace("−", "-"), b.replace("−", "-")
    difference = abs(float(a) - float(b))
    return difference < NOISE or difference <= 1.0001 * LAST_DIGITS * max(unit(a), unit(b))


def unit(number: str) -> float:
    """Return the value of one in the last digit of a printed number."""
    digits, _, exponent = number.partition("e")
    return float(10 ** (int(exponent or 0) - len(digits.partition(".")[2])))


@pytest.mark.parametrize(
    ("stored", "live", "same"),
    [
        ("loss 0.1234 after 7", "loss 0.1235 after 7", True),
        ("loss 0.1234 after 7", "loss 0.1239 after 7", False),
        ("loss 0.1234 after 7", "loss 0.1234 after 8", False),
        ("[-0.5  1. ]", "[-0.50000001  1.        ]", True),
        ("[-0.5  1. ]", "[0.5  1. ]", False),
        ("error 1.2e-08", "error 1.3e-08", True),
        ("error 1.2e-08", "error 1.2e-07", False),
        ("1e-17", "0.0", True),
        ("x2 is right", "x2 is wrong", False),
        ("x2 is right", "x3 is right", False),
        ("one", "", False),
    ],
)
def test_a_difference_beyond_last_digits_is_found(stored: str, live: str, same: bool) -> None:
    assert (text_differences(stored, live) == []) is same


def test_a_figure_that_is_missing_or_empty_is_found() -> None:
    figure = {"width": 640, "height": 360, "ink": 0.1, "alt": "a curve", "caption": ""}
    stored = {"text": "", "images": [figure]}
    assert differences(stored, {"text": "", "images": [figure | {"width": 641}]}) == []
    for other in ([], [figure | {"ink": 0.0}], [figure | {"height": 100}], [figure | {"alt": "a dot"}]):
        assert len(differences(stored, {"text": "", "images": other})) == 1
