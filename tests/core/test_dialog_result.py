"""The result, the advice and the end, by example."""

from talks import at_question, gate_questions, said

from voiceskill.core.assessment import Urgency
from voiceskill.core.begin import new_state
from voiceskill.core.dialog import step
from voiceskill.core.events import Start, Tone
from voiceskill.core.state import Hears, Phase
from voiceskill.testing import heard, talk


def command(skill, name):
    return skill.pathway.language.commands[name].core[0]


# ---- the result


def test_the_result_says_how_urgent_it_is_first(real):
    """Verdict, what to do, why; then causes; and the safety net last."""
    script = "says course: gone in minutes\nsays side: one leg\n> for myself\n*> no\n> no\n(rest)"
    turn = talk(real, script).turn
    told = next(say for say in turn.says if say.tone is Tone.RESULT)
    assert told.sentences[0] in {tier.verdict for tier in real.pathway.tiers.values()}
    assert "In an emergency, call nine, nine, nine." in told.sentences


def test_the_result_is_announced(real):
    """Who cannot see the end coming is told that the questions are over, then the result."""
    turn = talk(real, "> for myself\n*> no\n> no\n(rest)").turn
    assert turn.sentences[0] == "That was the last question."


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
    held = talk(tiny, "> me\n*> no\n> no\n> fire now\n> yes\n> yes\n> no")
    assert held.assessment.urgency is Urgency.EMERGENCY
    assert held.assessment.rules[0] == "fire"


def test_a_crisis_ends_the_questions(tiny):
    """Its own words and number, then only "repeat" and "finish"."""
    held = talk(tiny, "> me\n> gloom now\n= state advising\n(silence)\n(silence)")
    assert held.turn.done
    assert "one, one, six" in said(held.turns[2])


def test_a_second_emergency_is_told_without_all_of_the_advice(real):
    """Who goes on after the advice hears only what is new about a further one."""
    script = "> i've wet myself\n> yes\n> yes\n> yes\n> for myself\n> no\n> no\n> yes\n> new\n> yes"
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
    ready = new_state(tiny.pathway, country="", hears=Hears.TYPED, keeps=True)
    assert ready.phase is Phase.READY
    assert step(tiny, ready, Start()).state.phase is Phase.ASKING


def test_an_end_that_is_agreed_to_is_not_told_all_over_again(tiny):
    """A doubtful "finish" after the result is asked about; the "yes" ends it in a few words."""
    held = talk(tiny, "> me\n*> no\n> no\n(rest)\n?> finish\n= purpose stop\n> yes")
    assert held.turn.done
    assert "If it gets tighter, get help." not in held.turn.sentences
    assert held.assessment is not None
