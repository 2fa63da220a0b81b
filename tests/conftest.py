"""What all tests share: `--long` for more generated examples and for the tests marked long."""

import pytest
from hypothesis import settings

settings.register_profile("usual", deadline=None)
settings.register_profile("long", deadline=None, max_examples=1000)


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="more examples, and the long runs")


def pytest_configure(config):
    settings.load_profile("long" if config.getoption("--long") else "usual")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="takes minutes; runs with --long")
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(skip)
