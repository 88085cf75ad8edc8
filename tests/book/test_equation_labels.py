"""Formula and code find each other: every public function of a taught module names a numbered equation of the book."""

import pytest
from book_site import (
    HTML,
    LIBRARY,
    Public,
    article,
    equation_labels,
    public_functions,
    taught_modules,
    toc_pages,
)


def faults(functions: list[Public], labels: set[str]) -> list[str]:
    """Return the functions that name no equation, or one the book does not have."""
    found = []
    for function in functions:
        if not function.labels:
            found.append(f"{function.module}.{function.name} names no equation")
        found += [
            f"{function.module}.{function.name} names {label}, which the book does not have"
            for label in function.labels
            if label not in labels
        ]
    return found


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("module", taught_modules())
def test_every_public_function_names_an_equation_of_the_book(module: str) -> None:
    functions = public_functions((LIBRARY / f"{module}.py").read_text("utf-8"), module)
    assert functions
    assert faults(functions, set(equation_labels())) == []


def test_a_missing_or_unknown_label_is_found() -> None:
    text = '''
def good(z):
    """Do. Equation :eq:`known`."""

def unknown(z):
    """Do. Equation :eq:`elsewhere`."""

def none(z):
    """Do."""

def _private(z):
    """Do."""
'''
    assert faults(public_functions(text, "m"), {"known"}) == [
        "m.unknown names elsewhere, which the book does not have",
        "m.none names no equation",
    ]


@pytest.mark.usefixtures("site")
def test_every_public_name_of_the_library_has_an_entry_in_the_reference() -> None:
    modules = sorted(file.stem for file in LIBRARY.glob("*.py") if not file.stem.startswith("_"))
    assert [module for module in modules if f"book/api/{module}" not in toc_pages()] == []
    for module in modules:
        content = article(HTML / f"book/api/{module}.html")
        for function in public_functions((LIBRARY / f"{module}.py").read_text("utf-8"), module):
            assert content.find(id=f"course_lib.{module}.{function.name}"), f"{module}.{function.name}"
