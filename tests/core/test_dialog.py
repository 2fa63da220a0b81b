"""The conversation by example: the table, the reprompts, the commands, the result."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from talks import NONSENSE, at_question, gate_questions, said

from voiceskill.core import dialog
from voiceskill.core.assessment import Urgency
from voiceskill.core.dialog import TABLE, Input, diagram, start, step
from voiceskill.core.events import (
    Alternative,
    Band,
    BargeIn,
    Heard,
    NoInput,
    NoMatch,
    Start,
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
from voiceskill.core.state import Hears, Phase, Purpose
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


# ---- read-backs


def test_a_doubtful_answer_of_the_differential_is_read_back_in_two_words(tiny):
    """ "Left. Right?": short, since it is no matter of life and death."""
    event = heard("left", Band.CONFIRM)
    turn = step(tiny, at_question(tiny, "side"), event)
    assert turn.sentences == ("Left.", "Right?")
    assert step(tiny, turn.state, heard("yes")).state.answers["side"] == "left"
    assert step(tiny, turn.state, heard("right")).state.answers["side"] == "right"


def test_what_was_denied_is_asked_again_and_denied_twice_is_not_sure(tiny):
    """A read-back that is wrong leads back to its question; twice, to "not sure"."""
    script = "> me\n?> no\n> no"
    held = talk(tiny, script)
    assert held.turn.state.prompt.question == "hat"
    assert "hat" not in held.turn.state.answers
    held = talk(tiny, f"{script}\n?> no\n> no")
    assert held.turn.state.answers["hat"] == "unsure"


def test_an_unanswered_read_back_of_an_emergency_is_taken_for_true(tiny):
    """Silence where a "yes" was expected counts for the person, never against."""
    turn = talk(tiny, "> me\n> yes\n> red\n(silence)\n(silence)").turn
    assert turn.state.phase is Phase.ADVISING
    assert turn.says[0].tone is Tone.EMERGENCY


def test_a_same_day_yes_is_read_back_when_its_topic_is_through(tiny):
    """Before the next topic begins, what makes it urgent is read back."""
    turn = talk(tiny, "> me\n> no\n> yes").turn
    assert turn.state.waiting.purpose is Purpose.READ_BACK
    assert turn.state.prompt.items == ("coat",)
    assert talk(tiny, "> me\n> no\n> yes\n> yes").turn.state.prompt.question == "shoe"


def test_of_several_answers_the_wrong_one_is_asked_for(tiny):
    """ "No" to two answers at once brings "which of these", and a name leads to its question."""
    held = talk(tiny, "> me\n> yes\n> red\n> no")
    assert held.turn.state.waiting.purpose is Purpose.WHICH_WRONG
    held.take(heard("the colour"))
    assert held.turn.state.prompt.question == "colour"
    assert held.turn.state.answers == {"who": "me", "hat": "yes"}


def test_a_review_that_nobody_answers_is_left(tiny):
    """It says that it goes on with what it heard, and how to change an answer later."""
    turn = talk(tiny, "> me\n*> no\n(noise)\n(noise)").turn
    assert "You can say: change an answer." in turn.sentences
    assert turn.state.phase is Phase.ASKING


# ---- commands


def test_every_command_is_understood_at_every_prompt(skill):
    """At each question each command does something, and none of them gives an answer."""
    for name in skill.pathway.questions:
        before = at_question(skill, name)
        for one in skill.pathway.language.commands.values():
            if not one.core:  # understood only with what it is about
                continue
            turn = step(skill, before, heard(one.core[0]))
            catching = "I did not catch that." in turn.sentences
            assert not catching, (name, one.id)
            if one.id not in ("skip", "back", "change"):
                assert turn.state.answers == before.answers, (name, one.id)


@pytest.mark.parametrize(
    ("name", "field", "steps", "end"),
    [
        ("slower", "pace", 3, 0.6),
        ("faster", "pace", 4, 1.5),
        ("louder", "volume", 2, 1.0),
        ("quieter", "volume", 6, 0.2),
    ],
)
def test_voice_commands_move_and_stop_at_their_end(name, field, steps, end, tiny):
    """Each command is a step; at the end it says that it goes no further."""
    turn = start(tiny)
    for _ in range(steps):
        turn = step(tiny, turn.state, heard(command(tiny, name)))
        assert all(getattr(say, field) == getattr(turn.state, field) for say in turn.says)
    assert getattr(turn.state, field) == end
    turn = step(tiny, turn.state, heard(command(tiny, name)))
    assert getattr(turn.state, field) == end
    assert "as I can speak" in said(turn)


def test_waiting_gives_more_time_once(tiny):
    """After "wait" the next silence comes later; then it is as patient as before."""
    first = start(tiny)
    waits = step(tiny, first.state, heard("wait"))
    policy = tiny.pathway.policy
    assert waits.listen.no_input_s == policy.wait_s > first.listen.no_input_s
    assert waits.listen.hangover_scale > 1.0
    after = step(tiny, waits.state, NoInput())
    assert after.listen.no_input_s == policy.no_input_s


def test_repeat_says_the_last_turn_again(skill):
    """Word for word, as often as it is wanted."""
    first = start(skill)
    for _ in range(3):
        again = step(skill, first.state, heard(command(skill, "repeat")))
        assert again.sentences == first.sentences


def test_talk_in_the_room_does_not_end_a_pause(tiny):
    """In a pause nothing is answered but "go on", "start over", "stop" and an emergency."""
    held = talk(tiny, "> me\n> pause\n" + "(noise)\n" * 20)
    assert held.turn.state.phase is Phase.PAUSED
    assert held.turn.sentences == ()
    held.take(heard("fire now"))
    assert held.turn.state.waiting.purpose is Purpose.TOLD


def test_a_pause_that_nobody_ends_is_over_some_time(tiny):
    """After three long silences it closes."""
    held = talk(tiny, "> me\n> pause\n(silence)\n(silence)\n(silence)")
    assert held.turn.done


def test_going_back_leads_through_the_answers_one_by_one(tiny):
    """Twice back is two answers back, and the way forward skips what is known."""
    held = talk(tiny, "> me\n> no\n> no\n> back\n= question coat\n> back\n= question hat")
    held.take(heard("no"))
    assert held.turn.state.prompt.question == "shoe"
    held = talk(tiny, "> back")
    assert "This is the first question." in held.turn.sentences


def test_changing_without_a_name_asks_which_answer(tiny):
    """The last three are offered, the latest first."""
    held = talk(tiny, "> me\n> no\n> no\n> change")
    assert held.turn.sentences == ("Which answer: your coat; your hat; or your who?",)
    held.take(heard("the hat"))
    assert held.turn.state.prompt.question == "hat"
    held.take(heard("no"))
    assert held.turn.state.prompt.question == "shoe"


def test_a_changed_answer_takes_what_hung_on_it_along(tiny):
    """Without a hat there is no colour of the hat."""
    held = talk(tiny, "> me\n> yes\n> green\n> change my answer about the hat\n> no\n> yes")
    assert held.turn.state.answers == {"who": "me", "hat": "no"}
    assert held.turn.state.prompt.question == "coat"


@pytest.mark.parametrize("name", ["stop", "finish"])
def test_a_doubtful_stop_is_asked_back(name, tiny):
    """Who was misheard loses nothing: stopping is offered, and "no" leads back."""
    turn = step(tiny, at_question(tiny, "hat"), heard(name, Band.CONFIRM))
    assert turn.state.waiting.purpose is Purpose.STOP
    assert step(tiny, turn.state, heard("no")).state.prompt.question == "hat"
    assert step(tiny, turn.state, heard("yes")).done


def test_the_number_of_questions_left_goes_down(tiny):
    """It is an honest estimate: never more after an answer than before."""
    counts = []
    for answers in ("", "> no", "> no\n> no"):
        held = talk(tiny, f"> me\n{answers}\n> how many")
        counts.append(said(held.turn).split(" more")[0])
    assert len(set(counts)) == 3


def test_how_to_get_the_better_model_is_told(real):
    """The command that the greeting names says what to do."""
    turn = step(real, start(real, hears=Hears.POORLY).state, heard("get the better model"))
    assert "internet once" in said(turn)


def test_start_over_forgets_the_answers_and_keeps_the_voice(tiny):
    """A new check begins at the first question, as slowly as the person wanted it."""
    turn = talk(tiny, "> me\n> slower\n> start over\n> yes").turn
    assert turn.state.answers == {}
    assert turn.state.pace == 0.85
    assert turn.state.prompt.question == "who"


# ---- the result


def test_the_result_says_how_urgent_it_is_first(real):
    """Verdict, what to do, why; then causes; and the safety net last."""
    script = "says course: gone in minutes\nsays side: one leg\n> for myself\n*> no\n> no\n(rest)"
    turn = talk(real, script).turn
    first = turn.says[0].sentences[0]
    assert first in {tier.verdict for tier in real.pathway.tiers.values()}
    assert turn.says[0].tone is Tone.RESULT
    assert "In an emergency, call nine, nine, nine." in turn.says[0].sentences


def test_causes_are_hedged_and_have_their_reason(tiny):
    """Each says "could", and "because"."""
    script = "says side: left\nsays sock: wool\nsays age: 60\n> me\n*> no\n> no\n(rest)"
    told = [s for s in talk(tiny, script).turn.sentences if "belt" in s or "boot" in s]
    assert len(told) == 2
    for sentence in told:
        assert "could" in sentence
        assert "because" in sentence


def test_each_cause_can_be_heard_about_in_turn(tiny):
    """ "More" tells about one cause after the other, then says that this was all."""
    script = "says side: left\nsays sock: wool\nsays age: 60\n> me\n*> no\n> no\n(rest)"
    held = talk(tiny, f"{script}\n> more")
    assert "The belt is tight." in held.turn.sentences
    held.take(heard("more"))
    assert "The boot is tight." in held.turn.sentences
    held.take(heard("more"))
    assert "I have told you about each of them." in held.turn.sentences


def test_before_the_result_no_cause_is_talked_about(tiny):
    """ "More" and "why not" wait for the result."""
    for name in ("more", "why_not"):
        turn = step(tiny, at_question(tiny, "side"), heard(command(tiny, name)))
        assert "belt" not in said(turn)
        assert turn.state.prompt.question == "side"


def test_for_a_child_no_cause_is_named(tiny):
    """The gate is asked whole, then there is advice without causes."""
    held = talk(tiny, "> kid\n*> no\n> no\n(rest)\n> more")
    assert "I named no causes." in held.turn.sentences
    assert not held.turn.state.named


def test_stopping_in_the_gate_leaves_no_tier_that_was_not_earned(tiny):
    """What was not asked is never a "no"."""
    assert talk(tiny, "> me\n> no\n> stop").assessment.urgency is None
    assert talk(tiny, "> me\n> no\n> yes\n> stop").assessment.urgency is Urgency.SAME_DAY
    assert talk(tiny, "> me\n> yes\n> stop").assessment.urgency >= Urgency.SAME_DAY
    assert talk(tiny, "> stop").assessment is None


def test_an_emergency_that_was_told_is_the_outcome_whatever_was_answered(tiny):
    """ "Fire", confirmed, makes the check an emergency though every answer was "no"."""
    held = talk(tiny, "> me\n*> no\n> no\n> fire now\n> yes\n> no")
    assert held.assessment.urgency is Urgency.EMERGENCY
    assert held.assessment.rules[0] == "fire"


def test_a_crisis_ends_the_questions(tiny):
    """Its own words and number, then only "repeat" and "finish"."""
    held = talk(tiny, "> me\n> gloom now\n= state advising\n(silence)\n(silence)")
    assert held.turn.done
    assert "one, one, six" in said(held.turns[2])


def test_a_second_emergency_is_told_without_all_of_the_advice(real):
    """Who goes on after the advice hears only what is new about a further one."""
    script = "> i've wet myself\n> yes\n> yes\n> for myself\n> no\n> no\n> yes\n> new\n> yes"
    turn = talk(real, script).turn
    assert "Please call nine, nine, nine now." in turn.sentences
    assert turn.state.phase is Phase.ASKING


def test_every_question_of_the_gate_comes_where_nothing_is_wrong(skill):
    """Each topic is asked once, in its order, before anything else."""
    first = skill.pathway.questions["who"].options[0].id
    held = talk(skill, f"> {'for myself' if first == 'self' else first}\n*> no")
    asked = [turn.state.prompt.question for turn in held.turns[1:-1]]
    topics = [q for q in gate_questions(skill) if skill.pathway.questions[q].topic == q]
    assert asked == topics


def test_ready_takes_only_a_start(tiny):
    """A state before its first turn is started, and then it asks."""
    from voiceskill.core.begin import new_state  # noqa: PLC0415 - only here

    ready = new_state(tiny.pathway, country="", hears=Hears.TYPED, keeps=True)
    assert ready.phase is Phase.READY
    assert step(tiny, ready, Start()).state.phase is Phase.ASKING
