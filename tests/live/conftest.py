"""The virtual sound card for every test in this folder; without it they skip and say why."""

import sys
from pathlib import Path

import pytest

# The benchmarks use the same card, so it is a module of its own beside this file.
sys.path.insert(0, str(Path(__file__).parent))

from virtual_card import PACKAGES, VirtualSoundCard, missing


def pytest_collection_modifyitems(items):
    """Everything in this folder is live, and ends within a minute or fails."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.live)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(60))


def _made(folder):
    if lacking := missing():
        pytest.skip(f"no {', '.join(lacking)} here; `apt-get install {PACKAGES}` brings it")
    return VirtualSoundCard(folder).start()


@pytest.fixture(scope="session")
def sound_card(tmp_path_factory):
    """One card for all tests; what they leave running on it is heard by the next."""
    card = _made(tmp_path_factory.mktemp("card"))
    yield card
    card.stop()


@pytest.fixture
def own_card(tmp_path):
    """A card that a test may break."""
    card = _made(tmp_path)
    yield card
    card.stop()
