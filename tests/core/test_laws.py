"""The ten laws of the conversation, over generated conversations and over every question."""

import re
from dataclasses import replace
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talks import (
    BEGINNINGS,
    HAPPENINGS,
    NONSENSE,
    UNHEARD,
    at_question,
    conversation,
    gate_questions,
    said,
)
from tiny import tiny_skill

from voiceskill.core.assess import urgency_rules
from voiceskill.core.assessment import Urgency
from voiceskill.core.dialog import TABLE, start, step
from voiceskill.core.events import (
    Alternative,
    Band,
    BargeIn,
    Heard,
    NoInput,
    NoMatch,
    Restored,
    Start,
    Tone,
)
from voiceskill.core.meaning import (
    Answer,
    Answered,
    Named,
    OutOfRange,
    PromptKind,
    Replied,
    UnitOnly,
)
from voiceskill.core.pathway import NO, SKIPPED, UNSURE, YES, Kind, Part
from voiceskill.core.record import outcome, unconfirmed
from voiceskill.core.state import Hears, Phase, Purpose, from_json, to_json
from voiceskill.errors import UsageError
from voiceskill.testing import heard, talk

FEW = settings(max_examples=settings.default.max_examples // 4)
"""Each example is a whole conversation; with --long ten times as many."""
NOTHING_HEARD = (NoInput, NoMatch)
TURNS_TO_THE_END = 150
"""No check in which nobody is understood is as long as that."""


def unheard(event):
    """Whether an event carries no words that mean anything."""
    if isinstance(event, NOTHING_HEARD):
        return True
    texts = [one.text for one in event.alternatives] if isinstance(event, Heard) else [""]
    return texts in ([], [NONSENSE])


def noes(skill, state):
    gate = gate_questions(skill)
    return {q for q in gate if state.answers.get(q) == NO}


# ---- 1: silence, noise and nonsense


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_silence_noise_and_nonsense_never_become_a_no(skill_of, beginning, happenings):
    """A "no" of the gate never appears where nobody was understood, save one that alarms more."""
    skill = skill_of
    for before, event, turn in conversation(skill, beginning, happenings):
        if before is not None and unheard(event):
            for question in noes(skill, turn.state) - noes(skill, before.state):
                unsure = replace(turn.state, answers={**turn.state.answers, question: UNSURE})
                assert _tier(skill, turn.state) > _tier(skill, unsure)


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_silence_noise_and_nonsense_never_lower_the_urgency(skill_of, beginning, happenings):
    """Help is needed no later after nobody was understood than before, wherever that happens."""
    for before, event, turn in conversation(skill_of, beginning, happenings):
        if before is not None and unheard(event):
            assert _tier(skill_of, turn.state) >= _tier(skill_of, before.state)


@FEW
@given(BEGINNINGS, HAPPENINGS, st.lists(UNHEARD, min_size=TURNS_TO_THE_END))
def test_silence_and_noise_always_reach_an_end(skill_of, beginning, happenings, unheard_ones):
    """Wherever a conversation stands, it ends by itself once nobody is understood any more."""
    turns = list(conversation(skill_of, beginning, [*happenings, *unheard_ones]))
    assert turns[-1][2].done


@pytest.mark.parametrize("failure", [NoInput(), NoMatch(), heard(NONSENSE), Heard(alternatives=())])
@pytest.mark.parametrize("hears", list(Hears))
def test_a_check_in_which_nothing_is_heard_has_no_tier(skill, failure, hears):
    """It ends kindly, without a tier, with the safety net and whom to call."""
    turn = start(skill, country="gb", hears=hears)
    count = 0
    while not turn.done:
        turn, count = step(skill, turn.state, failure), count + 1
    assert count < 20
    assert turn.finish.assessment.urgency is None
    assert "I could not hear you" in said(turn)
    assert "nine, nine, nine" in said(turn)


# ---- 2: not sure


def unsure_ways():
    return {
        "not sure, twice": [heard("i don't know"), heard("i don't know")],
        "not understood, twice": [NoMatch(), NoMatch()],
        "silent, twice": [NoInput(), NoInput()],
        "nonsense, twice": [heard(NONSENSE), heard(NONSENSE)],
        "not sure, then silent": [heard("i don't know"), NoMatch()],
    }


@pytest.mark.parametrize("way", unsure_ways())
def test_every_way_of_not_knowing_is_one_value_on_every_question_of_the_gate(skill, way):
    """Not sure, silent or not understood: `unsure`, at least as urgent as the data says."""
    for name in gate_questions(skill):
        state = at_question(skill, name)
        for event in unsure_ways()[way]:
            state = step(skill, state, event).state
        assert state.answers[name] == UNSURE, name
        tier = skill.pathway.questions[name].unsure_tier
        assert tier >= Urgency.SAME_DAY
        assert _tier(skill, state) >= tier, name


def test_skip_is_not_sure_save_where_the_question_allows_it(skill):
    """ "Skip" never makes a question of the gate a "no"; only one of them may be left out."""
    command = skill.pathway.language.commands["skip"].core[0]
    for name in gate_questions(skill):
        turn = step(skill, at_question(skill, name), heard(command))
        skippable = skill.pathway.questions[name].skippable
        assert turn.state.answers[name] == (SKIPPED if skippable else UNSURE), name


def test_not_knowing_is_asked_once_more_in_other_words(skill):
    """The first "I don't know" in the gate brings the question again with what is meant."""
    for name in gate_questions(skill):
        before = at_question(skill, name)
        turn = step(skill, before, heard("i don't know"))
        assert turn.state.prompt.question == name
        assert skill.pathway.questions[name].ask not in said(turn)


# ---- 3: two meanings


def test_yes_no_no_is_not_understood(skill):
    """A reply with both yes and no changes no answer, at any question."""
    for name, question in skill.pathway.questions.items():
        if question.kind is Kind.YES_NO and question.part is Part.GATE:
            before = at_question(skill, name)
            turn = step(skill, before, heard("yes no no"))
            assert turn.state.answers == before.answers, name


def test_a_correction_is_the_last_thing_said(real):
    """ "Yes, no I mean no" is "no" and the other way round."""
    for name in ("saddle", "bladder", "weak"):
        for first, last in ((YES, NO), (NO, YES)):
            event = heard(f"{first}, no i mean {last}")
            turn = step(real, at_question(real, name), event)
            assert turn.state.answers[name] == last


def test_ears_that_disagree_are_read_back(skill):
    """Where a second reading means something else, the first is read back before it counts."""
    name = gate_questions(skill)[0]
    readings = (Alternative(text="no"), Alternative(text="yes"))
    turn = step(skill, at_question(skill, name), Heard(alternatives=readings))
    assert turn.state.waiting.purpose is Purpose.READ_BACK
    assert name not in turn.state.answers


# ---- 4 and 5: later statements


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_an_answer_is_replaced_only_after_it_was_read_back(skill_of, beginning, happenings):
    """No earlier answer gives way to another, save to "not sure", without a read-back."""
    for before, _, turn in conversation(skill_of, beginning, happenings):
        if before is None or turn.state.waiting.prompt.question == "who":
            continue
        for question, value in before.state.answers.items():
            after = turn.state.answers.get(question, value)
            if value in (UNSURE, SKIPPED) or after in (value, UNSURE):
                continue
            assert before.state.waiting.purpose in (Purpose.READ_BACK, Purpose.TOLD)
            assert Answer(question=question, value=after) in before.state.waiting.pending


def test_a_later_statement_beats_an_earlier_no(real):
    """Whoever said "no" and then tells it by himself is read back, and then it counts."""
    for statement in real.pathway.statements:
        if not statement.answers:
            continue
        first = next(iter(statement.answers))
        turn = talk(real, "> for myself\n*> no").turn
        turn = step(real, turn.state, heard(statement.core[0]))
        assert turn.state.answers[first] == NO, statement.id
        turn = step(real, turn.state, heard("yes"))
        kept = turn.state.answers.items() & statement.answers.items()
        assert len(kept) == len(statement.answers), statement.id


def test_a_statement_never_lowers_the_urgency(real):
    """After each thing that may be told at any prompt, help is needed no later than before."""
    for statement in real.pathway.statements:
        turn = talk(real, "> for myself\n> no\n> no\n> yes\n> the same for months\n> yes").turn
        before = _tier(real, turn.state)
        turn = step(real, turn.state, heard(statement.core[0]))
        if turn.state.waiting.purpose is Purpose.TOLD:
            turn = step(real, turn.state, heard("yes"))
        assert _tier(real, turn.state) >= before, statement.id


# ---- 6 and 7: emergencies and read-backs


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_a_confirmed_emergency_is_advised_on_at_once(skill_of, beginning, happenings):
    """In every turn after which an emergency is certain, its advice has been given."""
    for before, _, turn in conversation(skill_of, beginning, happenings):
        resuming = any(w.purpose is Purpose.RESUME for w in _all_waiting(turn.state))
        if turn.done or before is None or resuming:
            continue
        for rule in _emergencies(skill_of, turn.state):
            if not unconfirmed(skill_of, turn.state, rule.questions):
                assert rule.id in turn.state.advised
        if turn.state.advised and not before.state.advised:
            assert turn.says[0].tone is Tone.EMERGENCY
            assert turn.state.prompt.kind is not PromptKind.QUESTION
            assert any(say.tone is Tone.EMERGENCY for say in turn.says)


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_no_emergency_is_advised_on_before_it_was_read_back(skill_of, beginning, happenings):
    """The answers of each rule that was acted on were read back, with what led to them."""
    for before, _, turn in conversation(skill_of, beginning, happenings):
        if before is None:
            continue
        new = set(turn.state.advised) - set(before.state.advised)
        for rule in _emergencies(skill_of, turn.state):
            if rule.id in new:
                assert not unconfirmed(skill_of, turn.state, rule.questions)


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_a_no_that_was_not_heard_surely_is_read_back(skill_of, beginning, happenings):
    """A doubtful "no" of the gate never counts in the turn in which it was heard."""
    for before, event, turn in conversation(skill_of, beginning, happenings):
        asked = before is not None and before.state.waiting.purpose is Purpose.ASK
        doubted = isinstance(event, Heard) and any(
            one.band is not Band.ACCEPT for one in event.alternatives
        )
        if asked and doubted:
            assert noes(skill_of, turn.state) <= noes(skill_of, before.state)


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_every_no_of_the_gate_is_read_back_at_its_end(skill_of, beginning, happenings):
    """No question of the differential comes before the "no"s of the gate were read back."""
    for _, _, turn in conversation(skill_of, beginning, happenings):
        question = skill_of.pathway.questions.get(turn.state.prompt.question)
        state = turn.state
        differential = question is not None and question.part is Part.DIFFERENTIAL
        if differential and state.phase is Phase.ASKING and question.id not in state.answers:
            assert noes(skill_of, state) <= {*state.reviewed, *state.confirmed}


@pytest.mark.parametrize("country", ["gb", None])
def test_the_review_names_every_no_in_three_short_sentences(skill, country):
    """After a gate of "no" alone, each of them is named, in at most three sentences."""
    first = skill.pathway.questions[skill.pathway.person.question].options[0]
    beginning = f"> {'for myself' if first.id == 'self' else first.id}\n*> no"
    turn = talk(skill, f"@ country {country}\n{beginning}").turn
    assert turn.state.waiting.purpose is Purpose.REVIEW
    items = turn.state.prompt.items
    assert set(items) == noes(skill, turn.state)
    told = [s for s in turn.sentences if s.startswith(("You told", "You also", "You said", "A"))]
    assert 1 <= len(told) <= 3
    assert turn.sentences[-1] == "Is any of that wrong?"


def test_where_the_ears_are_poor_every_answer_is_read_back(skill):
    """With the weaker ear alone nothing counts before it was read back."""
    for name, question in skill.pathway.questions.items():
        if question.kind is Kind.YES_NO:
            state = at_question(skill, name, hears=Hears.POORLY)
            turn = step(skill, state, heard("no"))
            assert turn.state.waiting.purpose is Purpose.READ_BACK, name
            assert name not in turn.state.answers


# ---- 8: what is never said, and what is always said

FORBIDDEN = re.compile(
    r"\b(rule[ds]? out|excluded?|no danger|not dangerous|nothing (serious|dangerous)"
    r"|you do not have|you don't have|you are safe|all clear)\b",
    re.IGNORECASE,
)


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_nothing_dangerous_is_ever_said_to_be_excluded(skill_of, beginning, happenings):
    """In no conversation is there a sentence that says so."""
    for _, _, turn in conversation(skill_of, beginning, happenings):
        assert not FORBIDDEN.search(said(turn))


@FEW
@given(BEGINNINGS, HAPPENINGS, st.lists(UNHEARD, min_size=TURNS_TO_THE_END))
def test_every_check_ends_with_whom_to_call(skill_of, beginning, happenings, unheard_ones):
    """The safety net with the emergency number, or the emergency's own sentence, was said."""
    everything = [*happenings, *unheard_ones]
    turns = [turn for _, _, turn in conversation(skill_of, beginning, everything)]
    last = " ".join(said(turn) for turn in turns[1:])
    number = "nine, nine, nine" if beginning["country"] else "your emergency number"
    crisis = any(turn.state.waiting.purpose is Purpose.CRISIS for turn in turns)
    assert number in last or crisis


# ---- 9: what is kept


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_no_transcript_is_in_the_state(skill_of, beginning, happenings):
    """What was said in words that mean nothing leaves no trace; the state survives JSON."""
    for _, _, turn in conversation(skill_of, beginning, happenings):
        text = to_json(turn.state)
        assert NONSENSE not in text
        assert from_json(text) == turn.state


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_an_offer_to_go_on_names_no_question_and_no_answer(skill_of, beginning, happenings):
    """Whatever was asked and answered, reading a check back gives nothing of it away."""
    harmless = _offering(skill_of)
    for _, _, turn in conversation(skill_of, beginning, happenings):
        if turn.done:
            return
        offer = step(skill_of, turn.state, Restored())
        assert set(offer.sentences) <= harmless
        for event in (NoMatch(), heard("repeat"), heard("why do you ask"), heard("back")):
            again = step(skill_of, offer.state, event)
            assert again.done or set(again.sentences) <= harmless


def test_what_is_kept_is_said_once_at_the_start(skill):
    """The first turn says what is kept and for how long, or that nothing is; no later one does."""
    first = start(skill)
    assert "twelve hours" in said(first)
    first_question = skill.pathway.questions["who"].options[0].sentences[0]
    first_question = "for myself" if skill.pathway.id != "tiny" else first_question
    second = step(skill, first.state, heard(first_question))
    assert "don't keep anything" in said(second)
    assert "None of your answers are kept" in said(start(skill, keeps=False))
    later = talk(skill, "(silence)\n(silence)\n(noise)")
    assert all("twelve hours" not in said(turn) for turn in later.turns[1:])


def test_forgetting_turns_keeping_off(skill):
    """ "Don't keep anything" is taken at every question, and stays."""
    command = skill.pathway.language.commands["forget"].core[0]
    for name in skill.pathway.questions:
        turn = step(skill, at_question(skill, name), heard(command))
        assert turn.state.keeps is False
        assert turn.state.prompt.question == name


# ---- 10: mistakes


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_step_stays_within_its_table(skill_of, beginning, happenings):
    """No event raises in a check that is under way, and no move is one the table does not name."""
    for before, _, turn in conversation(skill_of, beginning, happenings):
        if before is not None:
            allowed = set().union(*(row.next for row in TABLE[before.state.phase].values()))
            assert turn.state.phase in allowed
        assert turn.done == (turn.state.phase is Phase.CLOSED)


MEANINGS = {
    "uuu": UnitOnly(question="wear", unit="weeks"),
    "ooo": OutOfRange(question="age", value=400.0),
    "nnn": Named(question="hat"),
    "yyy": Replied(value=YES),
    "rrr": Replied(value=NO),
    "sss": Replied(value=UNSURE),
    "aaa": Answered(answers=(Answer(question="hat", value=NO),)),
    "eee": Answered(
        answers=(Answer(question="hat", value=YES), Answer(question="colour", value="red"))
    ),
}


@FEW
@given(BEGINNINGS, HAPPENINGS, st.lists(st.sampled_from(sorted(MEANINGS)), min_size=30))
def test_step_takes_every_meaning_anywhere(beginning, happenings, texts):
    """Any meaning a grammar may give, at any prompt, leads to a turn within the table."""
    skill = _tiny_that_means_anything()
    turn = start(skill, **beginning)
    for happening, text in zip(happenings, texts, strict=False):
        for event in (happening.event(turn), heard(text)):
            allowed = {after for row in TABLE[turn.state.phase].values() for after in row.next}
            turn = step(skill, turn.state, event)
            assert turn.state.phase in allowed
            if turn.done:
                return


@pytest.mark.parametrize("event", [Start(), NoInput(), NoMatch(), BargeIn(), heard("yes")])
def test_a_check_that_is_over_takes_nothing(skill, event):
    """Going on after the end is the caller's mistake, and said to be one."""
    over = talk(skill, "> stop").turn
    assert over.done
    with pytest.raises(UsageError, match="closed"):
        step(skill, over.state, event)


def test_a_check_begins_once(skill):
    """A second start is the caller's mistake too."""
    with pytest.raises(UsageError, match="asking"):
        step(skill, start(skill).state, Start())


# ---- never the same sentence twice in a row


@FEW
@given(BEGINNINGS, HAPPENINGS)
def test_no_sentence_is_said_twice_in_a_row(skill_of, beginning, happenings):
    """No turn says again what the turn before said, save when asked to and in emergencies."""
    for before, event, turn in conversation(skill_of, beginning, happenings):
        if before is None or isinstance(event, Restored) or _repeats(skill_of, before, event):
            continue
        urgent = {s for t in (before, turn) for s in _urgent_sentences(skill_of, t)}
        assert not (set(turn.sentences) & set(before.sentences)) - urgent


# ---- helpers


@pytest.fixture(params=["tiny", "real"], scope="module")
def skill_of(request):
    return request.getfixturevalue(request.param)


@lru_cache
def _tiny_that_means_anything():
    return tiny_skill(**MEANINGS)


def _tier(skill, state):
    tier = outcome(skill, state).urgency
    return tier or 0


def _emergencies(skill, state):
    held = urgency_rules(skill.pathway, state.answers)
    return [one for one in held if one.urgency is Urgency.EMERGENCY and ":" not in one.id]


def _all_waiting(state):
    return (*state.under, state.waiting)


def _offering(skill):
    """Every sentence that may stand in an offer to go on, or in a reply to it."""
    say = skill.pathway.language.say
    keys = ["greet", "offer_resume", "offer_resume_ask", "noise", "not_now"]
    numbers = ("nine, nine, nine", *say["emergency_number_unknown"])
    hello = {text.format(number=n) for text in say["greet_emergency"] for n in numbers}
    return hello | {text for key in keys for text in say[key]}


def _urgent_sentences(skill, turn):
    texts = [s for say in turn.says if say.tone is Tone.EMERGENCY for s in say.sentences]
    rules = [text for rule in skill.pathway.rules for text in rule.do]
    return {*texts, *(part for text in rules for part in re.split(r"(?<=[.!?])\s+", text))}


def _repeats(skill, before, event):
    """Whether the person asked to hear it again, outright or by a change of the voice."""
    if not isinstance(event, Heard) or not event.alternatives:
        return False
    meaning = skill.grammar.meaning(event.alternatives[0].text, before.state.prompt)
    again = {"repeat", "slower", "faster", "louder", "quieter"}
    if before.state.phase is Phase.ADVISING:
        again |= {"help", "comfort"}  # what to do, once more
    return getattr(meaning, "command", "") in again
