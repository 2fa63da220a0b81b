"""The golden conversations, held on the real pathway."""

from pathlib import Path

import pytest

from voiceskill.core.skill import Skill
from voiceskill.library import load_skill
from voiceskill.testing import TalkError, talk

TALKS = sorted((Path(__file__).parent / "conversations").glob("*.talk"))


@pytest.fixture(scope="module")
def skill() -> Skill:
    return load_skill()


@pytest.mark.parametrize("file", TALKS, ids=lambda file: file.stem)
def test_the_conversation_goes_as_it_is_written(file, skill):
    """Each written conversation goes, word for word where it matters, as it is written."""
    talk(skill, file.read_text(encoding="utf-8"))


def test_each_conversation_begins_with_what_it_shows():
    """The first line of every conversation says in a sentence what it shows."""
    for file in TALKS:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# "), file.name
        assert first.endswith("."), file.name


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("< Good evening", "line 1: '< Good evening'"),
        ("> for myself\n! short things first", "line 2"),
        ("= question bladder", "question is who"),
        ("= urgency emergency", "urgency is none"),
        ("well", "no such line is known"),
    ],
)
def test_a_conversation_that_goes_otherwise_is_named_by_its_line(script, said, skill):
    """What went otherwise than written is told with the line and what was said instead."""
    with pytest.raises(TalkError, match=said):
        talk(skill, script)
