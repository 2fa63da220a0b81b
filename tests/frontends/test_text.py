"""The typed check: plain lines for people, JSON lines for programs, and an end in every case."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voiceskill.core.assessment import Urgency
from voiceskill.core.dialog import Hears
from voiceskill.core.events import Say, Tone
from voiceskill.frontends.text import LINE_CELLS, LineListener, PrintingSpeaker, run_text
from voiceskill.library import load_skill
from voiceskill.session import Check

KEYS = {"say", "question", "state", "done"}
STATES = {"ready", "asking", "confirming", "advising", "paused", "closed"}
NOTHING_TO_HEAR = None


@pytest.fixture(scope="module")
def skill():
    return load_skill()


def typed(skill, *lines, as_json=True):
    """The check that these lines hold, then the end of the input; what was printed."""
    out = io.StringIO()
    check = Check(skill=skill, country="gb", hears=Hears.TYPED)
    text = "".join(f"{line}\n" for line in lines)
    last = run_text(check, lines=io.StringIO(text), out=out, as_json=as_json)
    assert last.done
    return out.getvalue()


def records(skill, *lines):
    return [json.loads(line) for line in typed(skill, *lines).splitlines()]


def test_each_turn_is_one_json_object_with_the_promised_keys(skill):
    """A program reads a line a turn: what is said, which question and state, and whether done."""
    turns = records(skill, "for myself", "no", "help", "yes")

    assert all(set(turn) == KEYS for turn in turns[:-1])
    assert set(turns[-1]) == KEYS | {"assessment"}
    for turn in turns:
        assert turn["say"]
        assert all(isinstance(sentence, str) and sentence for sentence in turn["say"])
        assert turn["question"] is None or turn["question"] in skill.pathway.questions
        assert turn["state"] in STATES
    assert [turn["done"] for turn in turns] == [False] * (len(turns) - 1) + [True]


def test_the_last_line_holds_the_assessment_with_its_reasons(skill):
    """Urgency, rules and causes stand in the last line, each cause with what speaks for it."""
    turns = records(skill, "for myself", *["no", "no", "yes", "yes", "yes", "it is new"] * 40)
    assessment = turns[-1]["assessment"]

    assert set(assessment) == {"urgency", "rules", "causes"}
    assert assessment["urgency"] in {urgency.key for urgency in Urgency}
    assert assessment["rules"] == list(dict.fromkeys(assessment["rules"]))
    for cause in assessment["causes"]:
        assert set(cause) == {"id", "posterior", "reasons"}
        for reason in cause["reasons"]:
            assert set(reason) == {"text", "finding", "weight", "source"}


def test_an_empty_line_is_silence(skill):
    """Pressing Enter alone is asked about again in other words, and is never a "no"."""
    turns = records(skill, "for myself", "")
    asked, again = turns[1], turns[2]

    assert again["question"] == asked["question"]
    assert again["say"] != asked["say"]


def test_spaces_are_silence_too(skill):
    """A braille display that sends a space sends nothing."""
    assert records(skill, "for myself", "   ") == records(skill, "for myself", "")


def test_the_end_of_the_input_closes_the_check_safely(skill):
    """Without any answer there is no tier, and the emergency number is said at the end."""
    turns = records(skill)

    assert turns[-1]["state"] == "closed"
    assert turns[-1]["assessment"]["urgency"] is None
    assert "nine, nine, nine" in " ".join(turns[-1]["say"])


@pytest.mark.parametrize("words", ["wait", "give me more time", "stop", "start over", "go back"])
def test_the_end_of_the_input_ends_a_paused_check_too(skill, words):
    """Who said "wait" and never came back is not waited for forever."""
    turns = records(skill, "for myself", words)

    assert turns[-1]["done"]
    assert len(turns) < 60


def test_an_emergency_is_not_lost_when_the_input_ends(skill):
    """Who told of an emergency and then fell silent still gets the emergency advice."""
    turns = records(skill, "for myself", "call an ambulance")

    assert turns[-1]["assessment"]["urgency"] == "emergency"


def test_a_line_fits_a_braille_display(skill):
    """No line is longer than 80 cells, whatever is read back."""
    lines = typed(skill, "for myself", *["no", "why do you ask", "yes"] * 40, as_json=False)

    assert max(len(line) for line in lines.splitlines()) <= LINE_CELLS


def test_a_question_is_set_apart_by_an_empty_line():
    """Somebody who reads line by line finds the question without reading all of it."""
    out = io.StringIO()
    speaker = PrintingSpeaker(out=out)

    speaker.say(Say(sentences=("I see.",)), NOTHING_TO_HEAR)
    speaker.say(Say(sentences=("Is it new?",), tone=Tone.QUESTION), NOTHING_TO_HEAR)

    assert out.getvalue() == "I see.\n\nIs it new?\n"


def test_no_prompt_is_printed_where_nobody_types(skill):
    """A file or a program as the input is not shown a "> "."""
    assert "> " not in typed(skill, "for myself", as_json=False)


def test_a_terminal_is_shown_where_to_type(skill):
    """At a terminal each answer is waited for with "> ", and the end of the input ends the line."""
    out = io.StringIO()

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    run_text(Check(skill=skill), lines=Terminal("for myself\n"), out=out)

    assert out.getvalue().count("> ") > 2
    assert "> \n" in out.getvalue()


def test_what_was_typed_is_handed_on_without_the_spaces_around():
    """The words go to the dialog as they were typed."""
    heard = LineListener(lines=io.StringIO("  It's  NEW \n")).listen(NOTHING_TO_HEAR)

    assert [alternative.text for alternative in heard.alternatives] == ["It's  NEW"]


LINES = st.text(st.characters(exclude_characters="\n\r"), max_size=30) | st.sampled_from(
    ["yes", "no", "wait", "go back", "start over", "help", "stop", "i don't know", ""]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(lines=st.lists(LINES, max_size=12))
def test_whatever_is_typed_the_check_comes_to_an_end(skill, lines):
    """Any lines at all, then the end of the input: JSON to the last line, and done."""
    turns = records(skill, *lines)

    assert turns[-1]["done"]
    assert len(turns) < 120
