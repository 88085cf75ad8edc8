"""How strong the tests run: `pytest` for every change, `pytest --prove` for the long versions as well."""

import pytest
from hypothesis import settings

settings.register_profile("test", max_examples=30, deadline=None, derandomize=True)
settings.register_profile("prove", max_examples=500, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--prove", action="store_true", help="run the tests marked prove, and hypothesis at full strength")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("prove" if config.getoption("--prove") else "test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--prove"):
        for item in items:
            if "prove" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="full strength only: make prove"))
