"""Replies to a read-back, to the review of the gate, and to an offer.

What a question gets as its reply is in `answering.py`; what comes next, in `flow.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from voiceskill.core.answering import (
    MORE_IN_EMERGENCY,
    Failure,
    Understood,
    answered,
    must_read_back,
    not_heard,
    settled,
)
from voiceskill.core.assessment import Urgency
from voiceskill.core.begin import begin, begin_again
from voiceskill.core.events import Band
from voiceskill.core.flow import advise_again, proceed, tell_result
from voiceskill.core.meaning import Answer, Answered, Named, Replied, Told
from voiceskill.core.moves import (
    Moved,
    asked,
    interrupt,
    offered,
    plain,
    pose,
    return_to_interrupted,
    to_confirm,
    to_name_wrong,
    told_waiting,
    wait_for,
    words,
)
from voiceskill.core.pathway import NO, UNSURE, YES, Part
from voiceskill.core.record import led_to, outcome, put
from voiceskill.core.skill import Skill
from voiceskill.core.state import Hears, Phase, Purpose, State
from voiceskill.core.urgent import (
    CRISIS,
    accept_told,
    close_quietly,
    crisis,
    reminder,
    stop,
    told_answers,
)

# ---- yes, no, not sure


def replied(skill: Skill, state: State, what: Understood) -> Moved:
    """Yes, no or not sure to what was read back or offered."""
    assert isinstance(what.meaning, Replied)
    reply = what.meaning.value
    if reply == UNSURE and state.waiting.purpose is Purpose.READ_BACK:
        return proceed(skill, *_only_state(settled(skill, state)))
    doubted = what.band is not Band.ACCEPT and state.hears is not Hears.POORLY
    if doubted and state.waiting.purpose is Purpose.REVIEW and not state.no_match:
        return not_heard(skill, state, Failure.NOISE)
    handler = _REPLIES.get((state.waiting.purpose, reply))
    if handler is None:
        return not_heard(skill, state, Failure.NOISE)
    return handler(skill, state)


def _only_state(settlement: tuple[State, object]) -> tuple[State]:
    return (settlement[0],)


def _agreed(skill: Skill, state: State) -> Moved:
    return proceed(skill, put(skill, state, state.waiting.pending, confirmed=True))


def denied(skill: Skill, state: State) -> Moved:
    """What was read back is wrong: ask it again; of several, which one."""
    pending = state.waiting.pending
    if len(pending) > 1:
        return pose(skill, wait_for(state, to_name_wrong(pending)))
    return _ask_again(skill, state, pending[0])


def _ask_again(skill: Skill, state: State, wrong: Answer) -> Moved:
    """Back to the question of a wrong answer; denied twice, it is "not sure" (law 2)."""
    question = wrong.question
    if question in state.disputed:
        answer = Answer(question=question, value=UNSURE)
        state = put(skill, _without(state, wrong), (answer,), confirmed=True)
        gate = skill.pathway.questions[question].part is Part.GATE
        key = "gave_up_gate" if gate else "gave_up"
        return proceed(skill, state, plain(words(skill, state).say(key)))
    state = replace(_without(state, wrong), disputed=(*state.disputed, question))
    state = replace(wait_for(state, asked(question)), posed=1)
    return pose(skill, state, plain(words(skill, state).say("asking_again")))


def _without(state: State, wrong: Answer) -> State:
    """Take back a wrong answer, if it counted already."""
    if state.answers.get(wrong.question) != wrong.value:
        return state
    answers = {q: value for q, value in state.answers.items() if q != wrong.question}
    confirmed = tuple(q for q in state.confirmed if q != wrong.question)
    return replace(state, answers=answers, confirmed=confirmed)


def _nothing_wrong(skill: Skill, state: State) -> Moved:
    reviewed = tuple(dict.fromkeys((*state.reviewed, *state.prompt.items)))
    return proceed(skill, replace(state, reviewed=reviewed))


def _something_wrong(skill: Skill, state: State) -> Moved:
    """Ask which; it counts as a try, so that it ends."""
    told = plain(words(skill, state).say("review_which", nth=state.no_match))
    return not_heard(skill, state, Failure.NOISE, told, posing=False)


def _turned_down(skill: Skill, state: State) -> Moved:
    """The offer, or what was thought to be told, was none: back to where we were."""
    goes_on = plain(words(skill, state).say("goes_on"))
    return pose(skill, return_to_interrupted(state), goes_on)


def take_up(skill: Skill, state: State) -> Moved:
    """Go on with what was interrupted, told in full again where it was being told."""
    state = replace(return_to_interrupted(state), read_out=())
    goes_on = plain(words(skill, state).say("goes_on"))
    match state.waiting.purpose:
        case Purpose.RESULT:
            return tell_result(skill, state, goes_on)
        case Purpose.ADVISED | Purpose.REST:
            return advise_again(skill, state)
        case Purpose.PAUSE:
            return take_up(skill, state)
    return pose(skill, state, goes_on)


def _stop_agreed(skill: Skill, state: State) -> Moved:
    """Where everything was told already, none of it is told again."""
    if state.under and state.under[-1].phase is Phase.ADVISING:
        return close_quietly(skill, return_to_interrupted(state))
    return stop(skill, state)


def offer_rest(skill: Skill, state: State) -> Moved:
    """The advice was understood: the other questions meanwhile, if they are wanted."""
    return pose(skill, wait_for(state, offered(Purpose.REST)))


def _advice_unclear(skill: Skill, state: State) -> Moved:
    """All of it once more; after several times only the one sentence that matters."""
    count = state.no_match + 1
    if count < skill.pathway.policy.no_match_tries + MORE_IN_EMERGENCY:
        return advise_again(skill, replace(state, no_match=count))
    return pose(skill, wait_for(state, offered(Purpose.REST)), reminder(skill, state))


_Handler = Callable[[Skill, State], Moved]
_REPLIES: Mapping[tuple[Purpose, str], _Handler] = {
    (Purpose.READ_BACK, YES): _agreed,
    (Purpose.READ_BACK, NO): denied,
    (Purpose.TOLD, YES): accept_told,
    (Purpose.TOLD, UNSURE): accept_told,
    (Purpose.TOLD, NO): _turned_down,
    (Purpose.REVIEW, NO): _nothing_wrong,
    (Purpose.REVIEW, YES): _something_wrong,
    (Purpose.CHANGE, NO): _turned_down,
    (Purpose.RESUME, YES): take_up,
    (Purpose.RESUME, NO): begin,
    (Purpose.START_OVER, YES): begin_again,
    (Purpose.START_OVER, NO): _turned_down,
    (Purpose.START_OVER, UNSURE): _turned_down,
    (Purpose.STOP, YES): _stop_agreed,
    (Purpose.STOP, NO): _turned_down,
    (Purpose.STOP, UNSURE): _turned_down,
    (Purpose.ADVISED, YES): offer_rest,
    (Purpose.ADVISED, NO): _advice_unclear,
    (Purpose.ADVISED, UNSURE): _advice_unclear,
    (Purpose.REST, YES): proceed,
    (Purpose.REST, NO): close_quietly,
}

# ---- answers and names


def corrected(skill: Skill, state: State, what: Understood) -> Moved:
    """An answer in place of yes or no: what it should have been."""
    assert isinstance(what.meaning, Answered)
    match state.waiting.purpose:
        case Purpose.READ_BACK | Purpose.WHICH_WRONG:
            return _corrected_read_back(skill, state, what.meaning.answers, what.band)
        case Purpose.REVIEW:
            return answered(skill, state, what)
        case Purpose.CHANGE:
            return answered(skill, left(state), what)
    return not_heard(skill, state, Failure.NOISE)


def _corrected_read_back(
    skill: Skill, state: State, answers: tuple[Answer, ...], band: Band
) -> Moved:
    pending = state.waiting.pending
    state = put(skill, state, [a for a in answers if a in pending], confirmed=True)
    given = {answer.question for answer in answers}
    open_ones = tuple(a for a in pending if a.question not in given)
    new = tuple(a for a in answers if a not in pending)
    doubted = open_ones or any(must_read_back(state, a, band) for a in new)
    if doubted:
        return pose(skill, wait_for(state, to_confirm((*open_ones, *new))))
    return proceed(skill, put(skill, state, new, confirmed=False))


def named(skill: Skill, state: State, what: Understood) -> Moved:
    """One of the items was named: back to its question."""
    assert isinstance(what.meaning, Named)
    return name_item(skill, state, what.meaning.question)


def name_item(skill: Skill, state: State, question: str) -> Moved:
    """Back to the question of one of the items that are read back or listed."""
    if question not in state.prompt.items:
        return not_heard(skill, state, Failure.NOISE)
    if state.waiting.purpose in (Purpose.READ_BACK, Purpose.WHICH_WRONG):
        pending = state.waiting.pending
        # What follows from the wrong one is not confirmed by this: it may not hold any more.
        others = [
            answer
            for answer in pending
            if question not in (answer.question, *led_to(skill.pathway, answer.question))
        ]
        wrong = next(answer for answer in pending if answer.question == question)
        return _ask_again(skill, put(skill, state, others, confirmed=True), wrong)
    if state.waiting.purpose in (Purpose.REVIEW, Purpose.CHANGE):
        return go_to(skill, state, question)
    return not_heard(skill, state, Failure.NOISE)


def go_to(skill: Skill, state: State, question: str) -> Moved:
    """Ask an answered question again, and come back afterwards."""
    state = left(state)
    origin = state.prompt.question
    resume = origin if origin and origin not in state.answers else state.resume
    return pose(skill, wait_for(replace(state, resume=resume), asked(question)))


def left(state: State) -> State:
    """Leave everything that interrupted the conversation."""
    while state.under:
        state = return_to_interrupted(state)
    return state


# ---- what may not be missed


def told(skill: Skill, state: State, what: Understood) -> Moved:
    """A statement told at any prompt: read back, then acted on."""
    assert isinstance(what.meaning, Told)
    statement = words(skill, state).statement(what.meaning.statement)
    again = state.waiting.purpose is Purpose.TOLD and state.waiting.statement == statement.id
    waiting = told_waiting(statement.id, told_answers(statement))
    if again or statement.id in state.told:
        return accept_told(skill, replace(state, waiting=waiting))
    surely = what.band is Band.ACCEPT and state.hears is not Hears.POORLY
    if statement.path == CRISIS and surely:
        return crisis(skill, state, statement)
    if statement.answers and _known(state, told_answers(statement)):
        return _told_again(skill, state)
    move = wait_for if state.waiting.purpose is Purpose.TOLD else interrupt
    return pose(skill, move(state, waiting))


def _told_again(skill: Skill, state: State) -> Moved:
    """What counts already changes nothing; in an emergency it brings what matters once more."""
    if outcome(skill, state).urgency is Urgency.EMERGENCY:
        return pose(skill, state, reminder(skill, state))
    return pose(skill, state, plain(words(skill, state).say("goes_on")))


def _known(state: State, answers: Iterable[Answer]) -> bool:
    return all(
        a.question in state.confirmed and state.answers.get(a.question) == a.value for a in answers
    )


# ---- a kept check


def restored(skill: Skill, state: State, _: Understood) -> Moved:
    """Offer to go on, naming no question and no answer (law 9)."""
    if state.waiting.purpose is not Purpose.RESUME:
        state = interrupt(replace(state, said=(), lost=0), offered(Purpose.RESUME))
    w = words(skill, state)
    number = w.emergency_number()
    hello = plain(w.say("greet"), w.say("greet_emergency", number=number))
    return pose(skill, state, hello)
