"""The result, the advice and the end, by example."""

from talks import at_question, gate_questions, said

from voiceskill.core.assessment import Urgency
from voiceskill.core.begin import new_state
from voiceskill.core.dialog import step
from voiceskill.core.events import NoInput, NoMatch, Start, Tone
from voiceskill.core.state import Hears, Phase, Purpose
from voiceskill.core.wording import SENTENCE_WORDS
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


# ---- emergency advice, for somebody who is afraid


def test_emergency_advice_ends_with_the_number_then_asks_if_it_is_clear(skill):
    """What is heard last is kept best: whom to call; then one question."""
    told = "fire now" if skill.pathway.id == "tiny" else "call an ambulance"
    turn = talk(skill, f"> {told}\n> yes").turn
    advice = next(say for say in turn.says if say.tone is Tone.EMERGENCY)
    assert "nine, nine, nine" in advice.sentences[-1]
    assert turn.state.waiting.purpose is Purpose.ADVISED
    assert turn.sentences[-1].endswith("?")


def test_who_did_not_understand_the_advice_hears_all_of_it_again(tiny):
    """ "No", "I don't know", "repeat" and "help" bring all the advice, not one sentence of it."""
    told = talk(tiny, "> fire now\n> yes").turn
    for reply in ("no", "i don't know", "repeat", "help"):
        turn = talk(tiny, f"> fire now\n> yes\n> {reply}").turn
        assert told.sentences[0] == turn.sentences[0] == "Call nine, nine, nine at once."
        assert turn.state.waiting.purpose is Purpose.ADVISED


def test_after_emergency_advice_nobody_is_let_go_lightly(tiny):
    """Each silence or noise brings whom to call, and it takes four of a kind to end."""
    for happens in ("(silence)", "(noise)"):
        held = talk(tiny, "> fire now\n> yes")
        for _ in range(3):
            held = talk_on(held, happens)
            assert "nine, nine, nine" in said(held.turn)
            assert not held.turn.done
        held = talk_on(held, happens)
        assert held.turn.done
        assert "nine, nine, nine" in held.turn.sentences[-1]


def test_no_word_answers_yes_to_two_questions(tiny):
    """After the advice "no" never goes on to other questions, and "yes" never repeats it."""
    assert talk(tiny, "> fire now\n> yes\n> yes").turn.state.waiting.purpose is Purpose.REST
    assert talk(tiny, "> fire now\n> yes\n> no").turn.state.waiting.purpose is Purpose.ADVISED


def talk_on(held, happens):
    """The talk with one more thing happening."""
    held.take(NoInput() if happens == "(silence)" else NoMatch())
    return held


def test_the_whole_gate_is_read_back_in_short_sentences(real):
    """With every topic denied, each sentence of the review has at most 25 words, for anybody."""
    for who in ("for myself", "another adult", "a child"):
        turn = talk(real, f"> {who}\n*> no").turn
        assert turn.state.waiting.purpose is Purpose.REVIEW
        assert max(len(sentence.split()) for sentence in turn.sentences) <= SENTENCE_WORDS
        assert len(turn.sentences) <= 5
