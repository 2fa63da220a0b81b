"""The conversation by example: the table, the reprompts, the commands, the result."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from talks import NONSENSE, at_question

from voiceskill.core import dialog
from voiceskill.core.dialog import TABLE, Input, diagram, start, step
from voiceskill.core.events import (
    Alternative,
    Band,
    BargeIn,
    Heard,
    NoInput,
    NoMatch,
    Tone,
)
from voiceskill.core.meaning import (
    Answer,
    Answered,
    Between,
    Commanded,
    Named,
    OutOfRange,
    Replied,
    UnitOnly,
)
from voiceskill.core.pathway import Part
from voiceskill.core.state import Phase, Purpose
from voiceskill.testing import heard, talk

ROOT = Path(dialog.__file__).parents[2]


def command(skill, name):
    return skill.pathway.language.commands[name].core[0]


# ---- the table


def test_every_state_that_is_under_way_takes_every_input():
    """Only a check that has not begun or is over refuses an event."""
    taken = set(Input) - {Input.START}
    for phase in (Phase.ASKING, Phase.CONFIRMING, Phase.ADVISING, Phase.PAUSED):
        assert set(TABLE[phase]) == taken
    assert set(TABLE[Phase.READY]) == {Input.START}
    assert not TABLE[Phase.CLOSED]


def test_every_state_can_be_reached_and_left():
    """From READY every state is reachable, and from every state the end."""
    after = {phase: set().union(*(r.next for r in rows.values())) for phase, rows in TABLE.items()}
    reached, ending = {Phase.READY}, {Phase.CLOSED}
    for _ in Phase:
        reached |= set().union(*(after[phase] for phase in reached))
        ending |= {phase for phase in Phase if after[phase] & ending}
    assert reached == ending == set(Phase)


def test_the_picture_is_drawn_from_the_table():
    """Every state stands in it, and every arrow is one of the table's."""
    picture = diagram()
    assert picture.startswith("stateDiagram-v2\n")
    for line in picture.splitlines()[2:-1]:
        before, _, rest = line.strip().partition(" --> ")
        after, _, kinds = rest.partition(": ")
        for kind in kinds.split(", "):
            assert Phase(after) in TABLE[Phase(before)][Input(kind)].next


def test_the_picture_is_printed_by_one_command():
    """`python -m voiceskill.core.dialog` prints it, for whoever changes the README."""
    argv = [sys.executable, "-m", "voiceskill.core.dialog"]
    run = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout == diagram()


def test_the_picture_in_the_readme_is_this_one():
    """Whoever changes the table changes the README with it."""
    readme = ROOT / "README.md"
    if not readme.exists() or "stateDiagram" not in readme.read_text(encoding="utf-8"):
        pytest.skip("the README has no picture yet")
    assert diagram() in readme.read_text(encoding="utf-8")


def test_the_core_of_the_conversation_touches_nothing_of_the_world():
    """No clock, thread, device, file, random number or log: not even imported."""
    refused = [
        "os",
        "io",
        "sys",
        "pathlib",
        "tempfile",
        "time",
        "random",
        "threading",
        "asyncio",
        "socket",
        "logging",
    ]
    for name in [
        "answering",
        "begin",
        "commands",
        "confirming",
        "dialog",
        "flow",
        "moves",
        "record",
        "state",
        "urgent",
    ]:
        tree = ast.parse((Path(dialog.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not set(names) & set(refused), name


# ---- a turn


def test_a_turn_ends_in_one_listen_or_one_finish(skill):
    """Any number of things said, then exactly one thing to wait for."""
    turn = start(skill)
    assert turn.listen is not None
    assert turn.finish is None
    assert not turn.done
    over = talk(skill, "> stop").turn
    assert over.finish is not None
    assert over.listen is None
    assert over.done


def test_the_same_state_and_event_give_the_same_turn(skill):
    """Nothing is drawn at random and nothing is remembered outside the state."""
    state = start(skill).state
    assert step(skill, state, NoMatch()) == step(skill, state, NoMatch())


def test_the_question_comes_last(skill):
    """Whatever is said before it, a turn that asks ends in its question."""
    for name in skill.pathway.questions:
        for event in (NoInput(), NoMatch(), heard(command(skill, "help"))):
            turn = step(skill, at_question(skill, name), event)
            assert turn.sentences[-1].endswith((".", "?")), name
            if turn.state.phase is Phase.ASKING:
                assert turn.says[-1].tone is Tone.QUESTION, name


def test_questions_that_could_hurt_are_listened_to_more_carefully(skill):
    """The gate and every read-back are heard more strictly; the rest is not."""
    for name, question in skill.pathway.questions.items():
        turn = step(skill, at_question(skill, name), heard(command(skill, "louder")))
        assert turn.listen.careful is (question.part is Part.GATE), name
    assert talk(skill, "(restored)").turn.listen.careful is False


def test_a_country_that_is_not_known_is_no_mistake(skill):
    """A machine's region may be any; then no number is made up."""
    assert start(skill, country="XX").state.country == ""
    assert start(skill, country="GB").state.country == "gb"
    assert start(skill).state.country == ""


# ---- silence and noise


def test_each_failure_is_asked_again_in_other_words(skill):
    """Two silences and two noises never bring the same sentence."""
    for event in (NoInput(), NoMatch(), heard(NONSENSE)):
        first = start(skill)
        second = step(skill, first.state, event)
        assert not set(first.sentences) & set(second.sentences)
        assert second.state.prompt == first.state.prompt


def test_understanding_anything_forgives_what_was_lost(tiny):
    """Three questions lost in a row end a check; lost ones with answers between them do not."""
    held = talk(tiny, "> me\n(noise)\n(noise)\n(noise)\n(noise)\n> no\n> no")
    assert not held.turn.done
    held = talk(tiny, "> me\n(noise)\n(noise)\n(noise)\n(noise)\n(noise)\n(noise)")
    assert held.turn.done


def test_a_key_says_nothing_and_costs_nothing(tiny):
    """After a key there is silence, and the same is waited for."""
    before = start(tiny)
    turn = step(tiny, before.state, BargeIn())
    assert turn.sentences == ()
    assert turn.state == before.state


def test_what_was_heard_by_chance_is_asked_again(tiny):
    """An ear that says "again" is taken at its word, however clear the text looks."""
    event = Heard(alternatives=(Alternative(text="me", band=Band.AGAIN),))
    turn = step(tiny, start(tiny).state, event)
    assert turn.state.answers == {}
    assert "I did not catch that." in turn.sentences


# ---- not quite an answer


def tell(skill_with, name, meaning, **more):
    skill = skill_with(the_words=meaning)
    return skill, step(skill, at_question(skill, name, **more), heard("the words"))


@pytest.fixture(scope="module")
def skill_with():
    from tiny import tiny_skill  # noqa: PLC0415 - found by conftest.py

    return tiny_skill


def test_a_unit_without_its_number_asks_for_the_number(skill_with):
    """ "Weeks" is half an answer: the other half is asked for, once."""
    skill, turn = tell(skill_with, "wear", UnitOnly(question="wear", unit="weeks"))
    assert turn.sentences == ("And how many weeks is that?",)
    assert turn.state.prompt.unit == "weeks"
    turn = step(skill, turn.state, heard("the words"))
    assert turn.state.prompt.unit == "weeks"
    assert "I did not catch that." in turn.sentences


def test_a_number_out_of_range_is_told_what_fits(skill_with):
    """ "Four hundred" brings the question's own words about its range."""
    _, turn = tell(skill_with, "age", OutOfRange(question="age", value=400.0))
    assert turn.sentences[0] == "Age goes up to one hundred."
    assert turn.state.prompt.question == "age"


def test_two_meanings_are_offered_by_name(skill_with):
    """What can be taken two ways is never guessed: both are offered."""
    readings = tuple(
        Answered(answers=(Answer(question="side", value=value),)) for value in ("left", "right")
    )
    _, turn = tell(skill_with, "side", Between(readings=readings))
    assert turn.sentences == ("Did you mean left, or right?",)
    assert "side" not in turn.state.answers


def test_two_meanings_that_cannot_be_named_are_not_understood(skill_with):
    """A command and an answer in one: it is said that it was not caught."""
    readings = (
        Answered(answers=(Answer(question="side", value="left"),)),
        Commanded(command="stop"),
    )
    _, turn = tell(skill_with, "side", Between(readings=readings))
    assert "I did not catch that." in turn.sentences


@pytest.mark.parametrize("meaning", [Replied(value="yes"), Named(question="hat")])
def test_a_reply_without_its_read_back_is_not_understood(skill_with, meaning):
    """A yes that belongs to no read-back changes nothing."""
    _, turn = tell(skill_with, "side", meaning)
    assert "I did not catch that." in turn.sentences


def test_several_answers_in_one_breath_all_count(skill_with):
    """What was already said is not asked again."""
    answers = (Answer(question="side", value="left"), Answer(question="age", value=60.0))
    _, turn = tell(skill_with, "side", Answered(answers=answers))
    assert turn.state.answers["side"] == "left"
    assert turn.state.answers["age"] == 60.0
    assert turn.state.prompt.question not in ("side", "age")


def test_naming_a_wrong_answer_does_not_confirm_what_followed_from_it(tiny):
    """Who says that the first of two answers was wrong has not confirmed the second."""
    turn = start(tiny)
    for words in ("i don't know", "yes", "red"):
        turn = step(tiny, turn.state, heard(words))
    assert turn.state.waiting.purpose is Purpose.READ_BACK

    turn = step(tiny, turn.state, heard("the hat"))

    assert turn.state.prompt.question == "hat"
    assert turn.state.confirmed == ()
    assert turn.state.answers["colour"] == "red"
