"""What is told at any prompt and may not be missed, and how a check is closed.

Emergencies that follow from answers are in `flow.py`.
"""

from dataclasses import replace

from voiceskill.core import telling
from voiceskill.core.assessment import Urgency
from voiceskill.core.events import Say, Tone
from voiceskill.core.flow import advise, end, proceed
from voiceskill.core.meaning import Answer
from voiceskill.core.moves import Moved, close, menu, plain, pose, wait_for, words
from voiceskill.core.pathway import Statement
from voiceskill.core.record import outcome, put
from voiceskill.core.skill import Skill
from voiceskill.core.state import Purpose, State

CRISIS, EMERGENCY = "crisis", "emergency"
"""Values of `Statement.path`."""


def told_answers(statement: Statement) -> tuple[Answer, ...]:
    """The answers that a statement stands for."""
    return tuple(Answer(question=q, value=value) for q, value in statement.answers.items())


def accept_told(skill: Skill, state: State) -> Moved:
    """Act on the statement that was read back."""
    statement = words(skill, state).statement(state.waiting.statement)
    state = replace(state, lost=0)
    if statement.path == CRISIS:
        return crisis(skill, state, statement)
    if statement.path == EMERGENCY:
        return advise(skill, _with_told(state, statement), None)
    state = put(skill, _back_at_question(state), told_answers(statement), confirmed=True)
    return proceed(skill, state)


def _with_told(state: State, statement: Statement) -> State:
    return replace(state, told=tuple(dict.fromkeys((*state.told, statement.id))))


def _back_at_question(state: State) -> State:
    """Leave what was interrupted: a question is asked again, a kept check is still offered."""
    asked = [w.prompt.question for w in state.under if w.purpose is Purpose.ASK]
    kept = tuple(w for w in state.under if w.purpose is Purpose.RESUME)
    at = state.under.index(kept[0]) if kept else 0
    under = state.under[: at + 1] if kept else ()
    return replace(state, under=under, resume=asked[-1] if asked else state.resume)


def crisis(skill: Skill, state: State, statement: Statement) -> Moved:
    """Thoughts of self-harm: their own words and number, and no more questions."""
    state = replace(_with_told(state, statement), under=())
    state = wait_for(state, menu(Purpose.CRISIS))
    return pose(skill, state, telling.crisis(words(skill, state)))


def reminder(skill: Skill, state: State) -> Say:
    """The one sentence that matters in an emergency."""
    sentences = telling.last_words(words(skill, state), Urgency.EMERGENCY)
    return Say(sentences=sentences, tone=Tone.EMERGENCY)


def stop(skill: Skill, state: State) -> Moved:
    """Stop at once; in an emergency say only the sentence that matters, else the safety net."""
    w = words(skill, state)
    goodbye = plain(w.say("goodbye_stop"))
    if state.waiting.purpose is Purpose.RESUME:
        return end(skill, state, goodbye)
    urgency = outcome(skill, state).urgency
    if urgency is Urgency.EMERGENCY:
        return Moved(state=close(state), says=(goodbye, reminder(skill, state)))
    return end(skill, state, plain(*telling.last_words(w, urgency)), goodbye)


def close_quietly(skill: Skill, state: State) -> Moved:
    """The end where everything was told, or where nobody answers an offer."""
    goodbye = plain(words(skill, state).say("goodbye"))
    if state.waiting.purpose is Purpose.RESUME:
        return end(skill, state, goodbye)
    if state.waiting.purpose in (Purpose.ADVISED, Purpose.REST):
        return Moved(state=close(state), says=(goodbye, reminder(skill, state)))
    return Moved(state=close(state), says=(goodbye,))
