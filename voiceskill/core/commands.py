"""What is understood at every prompt: repeat, slower, go back, stop and the others.

How a command sounds is data; the ids are those of `dialogs/languages/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from voiceskill.core import cause_words, kind_words
from voiceskill.core.answering import EMERGENCY_PROMPTS, Failure, Understood, not_heard, take
from voiceskill.core.assess import questions_left
from voiceskill.core.begin import begin_again
from voiceskill.core.confirming import go_to, name_item, replied, take_up
from voiceskill.core.events import Band, Say, Tone
from voiceskill.core.flow import advise_again, proceed, what_to_do
from voiceskill.core.meaning import Answer, Commanded, Replied
from voiceskill.core.moves import (
    PAUSE,
    Moved,
    interrupt,
    offered,
    plain,
    pose,
    return_to_interrupted,
    to_change,
    words,
)
from voiceskill.core.pathway import NO, SKIPPED, UNSURE, YES, Kind, Part
from voiceskill.core.skill import Skill
from voiceskill.core.state import Phase, Purpose, State
from voiceskill.core.urgent import close_quietly, reminder, stop
from voiceskill.core.wording import answers_of

CHANGEABLE = 3
"""So many of the last answers are offered when it is not said which one to change."""

_OFFERS = (Purpose.RESUME, Purpose.START_OVER, Purpose.STOP)
_SPOKEN = frozenset(("slower", "faster", "louder", "quieter", "repeat"))
_ENDING = frozenset(("stop", "start_over", "forget", "finish"))
_IN_PAUSE = _SPOKEN | _ENDING | {"go_on", "pause"}
_ANYWHERE = _IN_PAUSE | kind_words.HANDLERS.keys() | {"help", "wait", "better_model"}
"""What is done even while an offer is open; the rest would give something away."""


def commanded(skill: Skill, state: State, what: Understood) -> Moved:
    """Do what was commanded, then wait again for what was waited for."""
    assert isinstance(what.meaning, Commanded)
    command, purpose = what.meaning, state.waiting.purpose
    if state.phase is Phase.ADVISING:
        state = replace(state, no_match=0, no_input=0)  # somebody is there, and is understood
    handler = _HANDLERS.get(command.command)
    if handler is None:
        return not_heard(skill, state, Failure.NOISE)
    if purpose is Purpose.PAUSE and command.command not in _IN_PAUSE:
        return pose(skill, state)
    if purpose in _OFFERS and command.command not in _ANYWHERE:
        return pose(skill, state, plain(words(skill, state).say("not_now")))
    if command.command in ("stop", "finish") and what.band is not Band.ACCEPT:
        return _offer(skill, state, Purpose.STOP)
    return handler(skill, state, command.target)


# ---- hearing it again, and what is meant


def _repeat(skill: Skill, state: State, _: str) -> Moved:
    """The last question or telling again; a review and emergency advice in full."""
    if state.waiting.purpose is Purpose.REVIEW:
        return pose(skill, replace(state, read_out=(), said=(), posed=0))
    if state.waiting.purpose in EMERGENCY_PROMPTS:
        return advise_again(skill, state)
    return _same_again(state)


def _same_again(state: State, *before: Say) -> Moved:
    """What "repeat" says, word for word."""
    tone = {Purpose.CRISIS: Tone.EMERGENCY, Purpose.RESULT: Tone.RESULT}
    say = Say(sentences=state.again, tone=tone.get(state.waiting.purpose, Tone.QUESTION))
    return Moved(state=state, says=(*before, say))


def _help(skill: Skill, state: State, _: str) -> Moved:
    w = words(skill, state)
    if state.waiting.purpose in EMERGENCY_PROMPTS:
        return advise_again(skill, state)
    if state.waiting.purpose is Purpose.RESULT:
        return pose(skill, state, what_to_do(skill, state), plain(w.say("help_menu")))
    if state.waiting.purpose is not Purpose.ASK:
        key = "help_confirm" if _reads_back(state) else "help_commands"
        return pose(skill, state, plain(w.say(key)))
    question = skill.pathway.questions[state.prompt.question]
    told = [w.sentence(question.help), *w.pathway.language.say["help_commands"]]
    return pose(skill, state, plain(w.fresh(told)))


def _why(skill: Skill, state: State, _: str) -> Moved:
    w = words(skill, state)
    if state.waiting.purpose is not Purpose.ASK:
        return pose(skill, state, *([plain(w.say("why_confirm"))] if _reads_back(state) else []))
    question = skill.pathway.questions[state.prompt.question]
    because = w.fresh([w.sentence(question.because), w.say("why_more")])
    return pose(skill, state, plain(because))


def _reads_back(state: State) -> bool:
    return state.waiting.purpose in (
        Purpose.READ_BACK,
        Purpose.TOLD,
        Purpose.REVIEW,
        Purpose.WHICH_WRONG,
    )


# ---- other answers


def _back(skill: Skill, state: State, _: str) -> Moved:
    """To the answer before this one; at a read-back, that answer is the wrong one."""
    if state.waiting.purpose is Purpose.READ_BACK:
        no = Understood(meaning=Replied(value=NO))
        return replied(skill, state, no)
    before = _answered_questions(skill, state)
    if state.prompt.question in before:
        before = before[: before.index(state.prompt.question)]
    if not before:
        return pose(skill, state, plain(words(skill, state).say("nothing_before")))
    return go_to(skill, state, before[-1])


def _change(skill: Skill, state: State, target: str) -> Moved:
    """To the answer that was named; else ask which one."""
    before = _answered_questions(skill, state)
    purpose = state.waiting.purpose
    if target in state.prompt.items and purpose is not Purpose.TOLD:
        return name_item(skill, state, target)
    if target in before:
        return go_to(skill, state, target)
    if purpose is Purpose.READ_BACK:
        return _back(skill, state, "")
    if purpose in (Purpose.CHANGE, Purpose.REVIEW, Purpose.WHICH_WRONG):
        return pose(skill, state)
    return _choose_change(skill, state, before)


def _choose_change(skill: Skill, state: State, before: list[str]) -> Moved:
    """Offer the last answers, the latest first; with one there is nothing to choose."""
    if not before:
        return pose(skill, state, plain(words(skill, state).say("nothing_to_change")))
    if len(before) == 1:
        return go_to(skill, state, before[0])
    choice = to_change(answers_of(state.answers, before[: -CHANGEABLE - 1 : -1]))
    return pose(skill, interrupt(state, choice))


def _answered_questions(skill: Skill, state: State) -> list[str]:
    questions = skill.pathway.questions
    return [q for q in state.answers if questions[q].kind is not Kind.FREE]


def _skip(skill: Skill, state: State, _: str) -> Moved:
    """Law 2: in the gate it is "not sure", save where the question allows it."""
    if state.waiting.purpose in (Purpose.READ_BACK, Purpose.TOLD):
        return replied(skill, state, Understood(meaning=Replied(value=UNSURE)))
    if state.waiting.purpose is not Purpose.ASK:
        return not_heard(skill, state, Failure.NOISE)
    question = skill.pathway.questions[state.prompt.question]
    if question.id in state.answers:
        return proceed(skill, state)
    value = SKIPPED if question.skippable else UNSURE
    counts = question.part is Part.GATE and not question.skippable
    told = plain(words(skill, state).say("gave_up_gate" if counts else "skipped"))
    moved = take(skill, state, (Answer(question=question.id, value=value),), Band.ACCEPT)
    return replace(moved, says=(told, *moved.says))


# ---- time


def _wait(skill: Skill, state: State, _: str) -> Moved:
    """Nothing more is said until the person is ready; in an emergency, what matters."""
    if state.waiting.purpose in EMERGENCY_PROMPTS:
        return pose(skill, replace(state, waits=True), reminder(skill, state))
    told = plain(words(skill, state).say("take_your_time"))
    return Moved(state=replace(state, waits=True), says=(told,))


def _pause(skill: Skill, state: State, _: str) -> Moved:
    if state.waiting.purpose is Purpose.PAUSE:
        return pose(skill, state)
    return pose(skill, interrupt(state, PAUSE))


def _go_on(skill: Skill, state: State, _: str) -> Moved:
    match state.waiting.purpose:
        case Purpose.RESUME | Purpose.ADVISED | Purpose.REST:
            return replied(skill, state, Understood(meaning=Replied(value=YES)))
        case Purpose.PAUSE:
            return take_up(skill, state)
        case Purpose.START_OVER | Purpose.STOP | Purpose.CHANGE:
            return pose(skill, return_to_interrupted(state))
    return pose(skill, state)


def _how_many(skill: Skill, state: State, _: str) -> Moved:
    w = words(skill, state)
    left = questions_left(skill.pathway, state.answers)
    if left == 0:
        return pose(skill, state, plain(w.say("none_left")))
    told = w.say("one_left") if left == 1 else w.say("how_many_left", n=w.number(left))
    return pose(skill, state, plain(told))


# ---- how it is spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value of the state that a command moves by a step."""

    name: str
    step: float
    least: float
    most: float
    moved: str
    """The key of what is said when it moved."""
    stuck: str
    """The key of what is said when it is at its end."""

    def __call__(self, skill: Skill, state: State, _: str) -> Moved:
        """Move it, and say what is waited for again in that manner."""
        before = getattr(state, self.name)
        after = round(min(self.most, max(self.least, before + self.step)), 2)
        key = self.stuck if after == before else self.moved
        told = plain(words(skill, state).say(key))
        state = replace(state, **{self.name: after})
        again = _repeat(skill, state, "")
        return replace(again, says=(told, *again.says))


# A step of 15 % is heard as a change and takes three commands to the slowest; volume never 0.
_SLOWER = Setting(name="pace", step=-0.15, least=0.6, most=1.5, moved="slower", stuck="slowest")
_FASTER = Setting(name="pace", step=0.15, least=0.6, most=1.5, moved="faster", stuck="fastest")
_LOUDER = Setting(name="volume", step=0.1, least=0.2, most=1.0, moved="louder", stuck="loudest")
_QUIETER = Setting(name="volume", step=-0.1, least=0.2, most=1.0, moved="quieter", stuck="quietest")


# ---- beginning and ending


def _offer(skill: Skill, state: State, purpose: Purpose) -> Moved:
    if state.waiting.purpose is Purpose.PAUSE:
        state = return_to_interrupted(state)
    return pose(skill, interrupt(state, offered(purpose)))


def _start_over(skill: Skill, state: State, _: str) -> Moved:
    if state.waiting.purpose is Purpose.START_OVER:
        return begin_again(skill, state)
    if state.waiting.purpose is Purpose.RESUME:
        return replied(skill, state, Understood(meaning=Replied(value=NO)))
    return _offer(skill, state, Purpose.START_OVER)


def _stop(skill: Skill, state: State, _: str) -> Moved:
    return stop(skill, state)


def _finish(skill: Skill, state: State, _: str) -> Moved:
    """The end, once everything was told; before that, asked first."""
    if state.waiting.purpose in (Purpose.RESULT, Purpose.CRISIS, *EMERGENCY_PROMPTS):
        return close_quietly(skill, state)
    if state.waiting.purpose is Purpose.STOP:
        return stop(skill, state)
    return _offer(skill, state, Purpose.STOP)


def _forget(skill: Skill, state: State, _: str) -> Moved:
    told = plain(words(skill, state).say("forgotten"))
    return pose(skill, replace(state, keeps=False), told)


def _better_model(skill: Skill, state: State, _: str) -> Moved:
    w = words(skill, state)
    return pose(skill, state, plain(w.say("better_model"), w.say("better_model_how")))


_HANDLERS: Mapping[str, Callable[[Skill, State, str], Moved]] = {
    "repeat": _repeat,
    "help": _help,
    "why": _why,
    "back": _back,
    "change": _change,
    "skip": _skip,
    "wait": _wait,
    "go_on": _go_on,
    "pause": _pause,
    "slower": _SLOWER,
    "faster": _FASTER,
    "louder": _LOUDER,
    "quieter": _QUIETER,
    "how_many": _how_many,
    "start_over": _start_over,
    "stop": _stop,
    "finish": _finish,
    "forget": _forget,
    "better_model": _better_model,
    **cause_words.HANDLERS,
    **kind_words.HANDLERS,
}
