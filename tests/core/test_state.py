"""The state of a check goes to JSON and back, and refuses what does not fit."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from talks import BEGINNINGS, HAPPENINGS, conversation

from voiceskill.core.dialog import restore, start, step
from voiceskill.core.state import VERSION, Phase, Purpose, from_json, to_json
from voiceskill.errors import StateError, UsageError
from voiceskill.testing import heard, talk

PLACES = {
    "asking": "",
    "a number without its unit": "> for myself\n*> no\n> no",
    "reading back": "> for myself\n?> no",
    "told": "> i've wet myself",
    "review": "> for myself\n*> no",
    "which one is wrong": "> for myself\n*> no\n> yes",
    "paused": "> for myself\n> pause",
    "offer to start over": "> for myself\n> start over",
    "offer to go on": "> for myself\n(restored)",
    "advice": "> i've wet myself\n> yes",
    "crisis": "> i want to kill myself",
    "result": "> for my daughter\n*> no\n> no",
    "closed": "> stop",
}


@pytest.mark.parametrize("place", PLACES)
def test_every_place_of_a_conversation_survives_json(place, real):
    """Written and read back, the state is the same, and so is the next turn."""
    state = talk(real, PLACES[place]).turn.state
    again = from_json(to_json(state))
    assert again == state
    if state.phase is not Phase.CLOSED:
        assert step(real, again, heard("no")) == step(real, state, heard("no"))


@settings(max_examples=25)
@given(BEGINNINGS, HAPPENINGS)
def test_every_state_of_a_generated_conversation_survives_json(tiny, beginning, happenings):
    """Whatever happened, the state is the same after JSON; the order of answers too."""
    for _, _, turn in conversation(tiny, beginning, happenings):
        again = from_json(to_json(turn.state))
        assert again == turn.state
        assert list(again.answers) == list(turn.state.answers)


def test_a_state_is_one_line_of_plain_json(tiny):
    """So that a hub can hold a thousand of them, and a file keeps it as it is."""
    text = to_json(start(tiny).state)
    assert "\n" not in text
    assert json.loads(text)["version"] == VERSION
    assert len(text) < 3000


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: "not json",
        lambda text: "[]",
        lambda text: "null",
        lambda text: "{}",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"asking"', '"dreaming"'),
        lambda text: text.replace('"pace"', '"speed"'),
        lambda text: text.replace('"answers": {}', '"answers": []'),
        lambda text: text.replace('"answers": {}', '"answers": {"hat": null}'),
        lambda text: text.replace('"answers": {}', '"answers": {"hat": [1]}'),
        lambda text: text.replace('"pace": 1.0', '"pace": "fast"'),
        lambda text: text.replace('"keeps": true', '"keeps": 1'),
        lambda text: text.replace('"under": []', '"under": [3]'),
        lambda text: text.replace('"confirmed": []', '"confirmed": "hat"'),
    ],
)
def test_a_damaged_state_is_refused_in_one_sentence(damage, tiny):
    """Whatever is wrong with it, it is said to be damaged; no other error comes through."""
    with pytest.raises(StateError, match="damaged"):
        from_json(damage(to_json(start(tiny).state)))


def test_every_field_is_needed(tiny):
    """A state that lacks any one of its fields is refused."""
    parcel = json.loads(to_json(start(tiny).state))
    for name in parcel["state"]:
        less = {key: value for key, value in parcel["state"].items() if key != name}
        with pytest.raises(StateError, match="damaged"):
            from_json(json.dumps({"version": VERSION, "state": less}))


def test_another_version_is_refused_by_name(tiny):
    """A check kept by another version is not guessed at."""
    text = to_json(start(tiny).state).replace(f'"version": {VERSION}', '"version": 99')
    with pytest.raises(StateError, match="another version"):
        from_json(text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pathway": "arm"}, "'arm'"),
        ({"revision": 99}, "revision 99"),
        ({"language": "de"}, "de"),
        ({"answers": {"gone": "yes"}}, "'gone'"),
    ],
)
def test_a_check_of_other_questions_is_not_gone_on_with(change, said, tiny):
    """Another pathway, revision or language, or a question that is gone: it starts anew."""
    state = dataclasses.replace(start(tiny).state, **change)
    with pytest.raises(StateError, match=said):
        restore(tiny, state)


def test_a_check_that_is_over_is_not_offered_again(tiny):
    """Reading back a closed check is the caller's mistake."""
    with pytest.raises(UsageError, match="closed"):
        restore(tiny, talk(tiny, "> stop").turn.state)


def test_reading_a_check_back_twice_offers_it_once(tiny):
    """A program that dies while it offers to go on offers the same again."""
    once = restore(tiny, talk(tiny, "> me\n> no").turn.state)
    twice = restore(tiny, from_json(to_json(once.state)))
    assert twice.state.waiting.purpose is Purpose.RESUME
    assert len(twice.state.under) == 1
