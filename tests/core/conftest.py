"""The skills that the tests of the conversation talk with; both are loaded once."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def tiny():
    """A small made-up pathway, heard word for word."""
    from tiny import tiny_skill  # noqa: PLC0415 - needs the path above

    return tiny_skill()


@pytest.fixture(scope="session")
def real():
    """The pathway and the grammar that ship."""
    from voiceskill.library import load_skill  # noqa: PLC0415 - loads hassil

    return load_skill()


@pytest.fixture(params=["tiny", "real"])
def skill(request, tiny, real):
    """Each in turn."""
    return tiny if request.param == "tiny" else real
