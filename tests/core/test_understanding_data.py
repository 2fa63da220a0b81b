"""What people say to the real pathway, as written in `tests/data/understanding`."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.core.phrases import meaning_key
from voiceskill.core.skill import Skill
from voiceskill.library import load_skill

FILES = sorted((Path(__file__).parents[1] / "data" / "understanding").glob("*.toml"))
NOT_UNDERSTOOD = "refuse"


def utterances() -> Iterator[tuple[Prompt, str, str]]:
    """Prompt, utterance and the key of its meaning."""
    for file in FILES:
        for at in tomllib.loads(file.read_text(encoding="utf-8"))["at"]:
            prompt = Prompt(
                kind=PromptKind(at["kind"]),
                question=at.get("question", ""),
                unit=at.get("unit", ""),
                items=tuple(at.get("items", ())),
            )
            for key, texts in at.get("means", {}).items():
                yield from ((prompt, text, key) for text in texts)
            yield from ((prompt, text, NOT_UNDERSTOOD) for text in at["not_understood"])


ALL = list(utterances())


@pytest.fixture(scope="module")
def skill() -> Skill:
    return load_skill()


@pytest.mark.parametrize(
    ("prompt", "text", "key"), ALL, ids=[f"{p.kind}-{p.question}-{t}" for p, t, _ in ALL]
)
def test_an_utterance_means_what_people_mean_by_it(skill, prompt, text, key):
    """An utterance means what people mean by it, and nothing where they mean nothing."""
    assert meaning_key(skill.grammar.meaning(text, prompt)) == key


def test_there_are_enough_utterances_and_a_third_are_traps():
    """At least 250 utterances are tried, a third of them must not be understood."""
    traps = [text for _, text, key in ALL if key == NOT_UNDERSTOOD]
    assert len(ALL) >= 250
    assert len(traps) >= len(ALL) / 3


def test_capitals_and_marks_change_nothing(skill):
    """Capitals, full stops and curly apostrophes change no meaning."""
    for prompt, text, key in ALL:
        shouted = text.upper().replace("'", "\u2019") + "!"
        assert meaning_key(skill.grammar.meaning(shouted, prompt)) == key
