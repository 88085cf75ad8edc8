"""Every public function and class of a taught module says its equation, shapes, errors, source and an example."""

import importlib
import inspect
from pathlib import Path

import pytest

import course_lib

SERVICES = {"training", "datasets", "checks", "plots"}
MODULES = sorted(
    file.stem for file in Path(course_lib.__path__[0]).glob("*.py") if file.stem[0] != "_" and file.stem not in SERVICES
)
PARTS = ("Parameters\n", "Raises\n", "References\n", ">>> ")


def public(module, kind):
    """Return the public functions or classes that this module itself defines."""
    members = inspect.getmembers(module, kind)
    return [thing for name, thing in members if not name.startswith("_") and thing.__module__ == module.__name__]


@pytest.mark.introspection
@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_says_equation_shapes_errors_source_and_example(module):
    functions = public(importlib.import_module(f"course_lib.{module}"), inspect.isfunction)
    assert functions
    lacking = {f.__name__: [part for part in PARTS if part not in (f.__doc__ or "")] for f in functions}
    for f in functions:
        if ":eq:`" not in (f.__doc__ or ""):
            lacking[f.__name__].append("equation")
        if not any(word in (f.__doc__ or "") for word in ("Returns\n", "Yields\n")):
            lacking[f.__name__].append("Returns")
        if not inspect.signature(f).parameters:
            lacking[f.__name__] = [part for part in lacking[f.__name__] if part not in ("Parameters\n", "Raises\n")]
    assert {name: parts for name, parts in lacking.items() if parts} == {}


@pytest.mark.introspection
@pytest.mark.parametrize("module", MODULES)
def test_every_public_class_names_its_equation_or_is_a_record(module):
    for kind in public(importlib.import_module(f"course_lib.{module}"), inspect.isclass):
        assert issubclass(kind, tuple) or ":eq:`" in (kind.__doc__ or ""), f"{kind.__name__} names no equation"
