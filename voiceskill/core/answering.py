"""Replies to a question: answers, silence, noise, and what cannot be taken as an answer.

Laws 1 to 3 of the conversation stand here. What comes after an answer is in `flow.py`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from voiceskill.core.events import Band, Say
from voiceskill.core.flow import end_unheard, proceed
from voiceskill.core.meaning import (
    Answer,
    Answered,
    Between,
    Clear,
    Meaning,
    OutOfRange,
    PromptKind,
    UnitOnly,
)
from voiceskill.core.moves import (
    Moved,
    asked,
    plain,
    pose,
    return_to_interrupted,
    to_confirm,
    wait_for,
    words,
)
from voiceskill.core.pathway import SKIPPED, UNSURE, Kind, Part, Value
from voiceskill.core.record import fallen_upward, put
from voiceskill.core.skill import Skill
from voiceskill.core.state import Hears, Purpose, State
from voiceskill.core.urgent import accept_told, close_quietly, reminder

NOISES_IN_PAUSE = 30
"""So much may be heard in a pause that is not meant for the program: a choice of ours."""


MORE_IN_EMERGENCY = 2
"""So many more failures until it ends after emergency advice, each bringing what matters once
more: a choice of ours."""
EMERGENCY_PROMPTS = (Purpose.ADVISED, Purpose.REST)
"""What is asked after emergency advice."""


class Failure(StrEnum):
    """Why a prompt got no reply; also the key of what is then said."""

    SILENCE = "silence"
    NOISE = "noise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What an event meant, and how surely it was heard."""

    meaning: Meaning | None = None
    band: Band = Band.ACCEPT


# ---- answers


def answered(skill: Skill, state: State, what: Understood) -> Moved:
    """Take one answer, or several in one breath."""
    assert isinstance(what.meaning, Answered)
    answers = what.meaning.answers
    if _wants_rephrasing(skill, state, answers):
        return _rephrase(skill, state)
    return take(skill, state, answers, what.band)


def take(skill: Skill, state: State, answers: tuple[Answer, ...], band: Band) -> Moved:
    """Let answers count, or read them back first."""
    free = _is_free(skill, state)
    if free:
        state = _with_free_done(skill, state)
    doubted = tuple(a for a in answers if free or must_read_back(state, a, band))
    sure = tuple(a for a in answers if a not in doubted)
    state = put(skill, state, sure, confirmed=False)
    if doubted:
        return pose(skill, wait_for(state, to_confirm(doubted)))
    return proceed(skill, state)


def must_read_back(state: State, answer: Answer, band: Band) -> bool:
    """Law 7, and law 5 for what replaces an earlier answer."""
    if answer.value == SKIPPED:
        return False
    before = state.answers.get(answer.question, UNSURE)
    replaces = before not in (UNSURE, SKIPPED, answer.value)
    return replaces or band is not Band.ACCEPT or state.hears is Hears.POORLY


def _wants_rephrasing(skill: Skill, state: State, answers: tuple[Answer, ...]) -> bool:
    """Whether this is the first "not sure" to a question of the gate (clinical base, section 2)."""
    if len(answers) != 1 or state.prompt.kind is not PromptKind.QUESTION:
        return False
    question = skill.pathway.questions[state.prompt.question]
    unsure = answers[0] == Answer(question=question.id, value=UNSURE)
    first = state.no_match + 1 < skill.pathway.policy.no_match_tries
    return unsure and first and question.part is Part.GATE


def _rephrase(skill: Skill, state: State) -> Moved:
    w = words(skill, state)
    question = skill.pathway.questions[state.prompt.question]
    state = replace(state, no_match=state.no_match + 1)
    helped = w.unless_just_said(question.help)
    return pose(skill, state, plain(w.say("rephrase_unsure"), *helped))


def _is_free(skill: Skill, state: State) -> bool:
    question = skill.pathway.questions.get(state.prompt.question)
    return question is not None and question.kind is Kind.FREE


def _with_free_done(skill: Skill, state: State) -> State:
    """The open question is asked once; what it told stands in other answers."""
    done = Answer(question=state.prompt.question, value=SKIPPED)
    return put(skill, state, (done,), confirmed=False)


# ---- not quite an answer


def unit_only(skill: Skill, state: State, what: Understood) -> Moved:
    """Ask for the number that belongs to the unit."""
    assert isinstance(what.meaning, UnitOnly)
    meaning = what.meaning
    if state.prompt.kind is not PromptKind.QUESTION or state.prompt.unit:
        return not_heard(skill, state, Failure.NOISE)
    tries, posed = state.no_match, state.posed
    state = wait_for(state, asked(meaning.question, meaning.unit))
    return pose(skill, replace(state, no_match=tries, posed=posed))


def out_of_range(skill: Skill, state: State, what: Understood) -> Moved:
    """Say what the question can take; it counts as a failure to understand."""
    assert isinstance(what.meaning, OutOfRange)
    question = skill.pathway.questions[what.meaning.question]
    told = plain(words(skill, state).sentence(question.out_of_range))
    return not_heard(skill, state, Failure.NOISE, told)


def between(skill: Skill, state: State, what: Understood) -> Moved:
    """Law 3: two meanings are never guessed between; offer the two if they can be named."""
    assert isinstance(what.meaning, Between)
    w = words(skill, state)
    named = [_named(skill, state, reading) for reading in what.meaning.readings]
    if len(named) != 2 or not all(named):
        return not_heard(skill, state, Failure.NOISE)
    offer = plain(w.say("between", nth=state.no_match, a=named[0], b=named[1]))
    return not_heard(skill, state, Failure.NOISE, offer, posing=False)


def _named(skill: Skill, state: State, reading: Clear) -> str:
    """The reading in a few words, if it is one answer to what was asked."""
    if not isinstance(reading, Answered) or len(reading.answers) != 1:
        return ""
    answer = reading.answers[0]
    if answer.question != state.prompt.question:
        return ""
    return words(skill, state).value(skill.pathway.questions[answer.question], answer.value)


# ---- silence and noise


def silence(skill: Skill, state: State, _: Understood) -> Moved:
    """Nobody spoke."""
    return not_heard(skill, state, Failure.SILENCE)


def noise(skill: Skill, state: State, _: Understood) -> Moved:
    """What was said has no place here."""
    return not_heard(skill, state, Failure.NOISE)


def not_heard(
    skill: Skill, state: State, failure: Failure, told: Say | None = None, *, posing: bool = True
) -> Moved:
    """Count the failure; ask again in other words, or give the prompt up (law 1).

    Args:
        skill: What is known.
        state: Where it failed.
        failure: Which count it goes to.
        told: Said in place of "I did not catch that".
        posing: False where `told` is itself the question.
    """
    if failure is Failure.SILENCE:
        count = state.no_input + 1
        state = replace(state, no_input=count, waits=False)
    else:
        count = state.no_match + 1
        state = replace(state, no_match=count, waits=False)
    if count >= _tries(skill, state, failure):
        return give_up(skill, state, failure)
    if state.waiting.purpose is Purpose.PAUSE:
        return pose(skill, state) if failure is Failure.SILENCE else Moved(state=state)
    if told is None:
        told = _acknowledged(skill, state, failure, count)
    if not posing:
        return Moved(state=replace(state, posed=state.posed + 1), says=(told,))
    return pose(skill, state, told)


def _tries(skill: Skill, state: State, failure: Failure) -> int:
    """How many failures the prompt may have; talk in the room does not end a pause soon."""
    policy, silent = skill.pathway.policy, failure is Failure.SILENCE
    if state.waiting.purpose is Purpose.PAUSE:
        return policy.silent_questions if silent else NOISES_IN_PAUSE
    if _is_free(skill, state) and not silent:
        return 1
    more = MORE_IN_EMERGENCY if state.waiting.purpose in EMERGENCY_PROMPTS else 0
    return more + (policy.no_input_tries if silent else policy.no_match_tries)


def _acknowledged(skill: Skill, state: State, failure: Failure, count: int) -> Say:
    """That nothing was heard; once there was emergency advice, its first sentence instead."""
    if state.waiting.purpose in EMERGENCY_PROMPTS:
        return reminder(skill, state)
    w = words(skill, state)
    listening = failure is Failure.SILENCE and state.hears is not Hears.TYPED
    tone = (w.say("your_turn", nth=count - 1),) if listening else ()
    return plain(w.say(failure.value, nth=count - 1), *tone)


def give_up(skill: Skill, state: State, failure: Failure) -> Moved:
    """The stated fallback of each prompt; after several in a row, the end."""
    state = replace(state, lost=state.lost + 1)
    ended = state.lost >= skill.pathway.policy.silent_questions
    match state.waiting.purpose:
        case Purpose.RESULT | Purpose.CRISIS | Purpose.ADVISED | Purpose.REST | Purpose.RESUME:
            return _let_go(skill, state, failure)
        case Purpose.TOLD:
            return accept_told(skill, state)
        case Purpose.PAUSE:
            ended = True
        case Purpose.START_OVER | Purpose.STOP | Purpose.CHANGE if not ended:
            return pose(skill, return_to_interrupted(state))
    state, told = settled(skill, state)
    if ended:
        return end_unheard(skill, state, f"goodbye_{failure.value}")
    return proceed(skill, state, *told)


def _let_go(skill: Skill, state: State, failure: Failure) -> Moved:
    """The end after everything was told, and why it ends now."""
    closed = close_quietly(skill, state)
    if state.waiting.purpose not in (Purpose.RESULT, Purpose.CRISIS):
        return closed
    why = plain(words(skill, state).say(f"goodbye_{failure.value}"))
    return replace(closed, says=(why, *closed.says))


def settled(skill: Skill, state: State) -> tuple[State, tuple[Say, ...]]:
    """The state in which the prompt is left behind: what is not certain falls upward (law 2)."""
    w, purpose = words(skill, state), state.waiting.purpose
    nth = max(state.lost - 1, 0)
    if purpose is Purpose.ASK:
        question = skill.pathway.questions[state.prompt.question]
        keys = {Part.GATE: "gave_up_gate", Part.OPENING: "gave_up_opening"}
        key = keys.get(question.part, "gave_up")
        state = _with_safest(skill, state, question.id)
        return state, (plain(w.say(key, nth=nth)),)
    if purpose is Purpose.REVIEW:
        reviewed = tuple(dict.fromkeys((*state.reviewed, *state.prompt.items)))
        told = plain(w.say("review_unheard", nth=nth), w.say("review_change_later"))
        return replace(state, reviewed=reviewed), (told,)
    if purpose in (Purpose.READ_BACK, Purpose.WHICH_WRONG):
        for answer in state.waiting.pending:
            state = _with_safest(skill, state, answer.question, answer.value)
        return state, (plain(w.say("gave_up", nth=nth)),)
    return state, ()


def _with_safest(skill: Skill, state: State, question_id: str, *heard: Value) -> State:
    """The answer that leads to the most urgent help: not sure, what was heard, or what stands."""
    stands = tuple(v for v in (state.answers.get(question_id),) if v is not None)
    if skill.pathway.questions[question_id].part is Part.GATE:
        value = fallen_upward(skill, state, question_id, *heard, *stands, UNSURE)
    else:
        value = stands[0] if stands else UNSURE
    return put(skill, state, (Answer(question=question_id, value=value),), confirmed=True)
