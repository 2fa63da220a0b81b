"""Kind words to who is afraid, alone, angry, grateful, or does not know who is speaking.

They answer nothing and cost no try; afterwards the same thing is waited for.
"""

from collections.abc import Callable, Mapping

from voiceskill.core.answering import EMERGENCY_PROMPTS
from voiceskill.core.events import Say, Tone
from voiceskill.core.flow import what_to_do
from voiceskill.core.moves import Moved, plain, pose, words
from voiceskill.core.skill import Skill
from voiceskill.core.state import Purpose, State
from voiceskill.core.urgent import reminder


def _comfort(skill: Skill, state: State, _: str) -> Moved:
    """To somebody who is afraid; once something was advised, what to do."""
    if state.waiting.purpose is Purpose.RESULT:
        return pose(skill, state, what_to_do(skill, state))
    if state.waiting.purpose in EMERGENCY_PROMPTS:
        here = plain(words(skill, state).say("with_you"))
        return pose(skill, state, reminder(skill, state), here)
    return _first(skill, state, "comfort", "comfort_tell", "comfort_call")


def _alone(skill: Skill, state: State, target: str) -> Moved:
    """To somebody who has nobody to call for them."""
    if state.waiting.purpose not in EMERGENCY_PROMPTS:
        return _comfort(skill, state, target)
    w = words(skill, state)
    told = (w.say("alone", number=w.emergency_number()), w.say("alone_door"))
    return pose(skill, state, Say(sentences=told, tone=Tone.EMERGENCY))


def _upset(skill: Skill, state: State, _: str) -> Moved:
    return _first(skill, state, "upset", "upset_how")


def _who_speaks(skill: Skill, state: State, _: str) -> Moved:
    return _first(skill, state, "who_speaks", "who_speaks_what")


def _thanked(skill: Skill, state: State, _: str) -> Moved:
    return _first(skill, state, "welcome")


def _present(skill: Skill, state: State, _: str) -> Moved:
    return _first(skill, state, "present")


def _first(skill: Skill, state: State, *keys: str) -> Moved:
    """Say these things, then what is waited for."""
    w = words(skill, state)
    return pose(skill, state, plain(*(w.say(key, number=w.emergency_number()) for key in keys)))


HANDLERS: Mapping[str, Callable[[Skill, State, str], Moved]] = {
    "comfort": _comfort,
    "alone": _alone,
    "upset": _upset,
    "who_speaks": _who_speaks,
    "thanks": _thanked,
    "present": _present,
}
"""By the id of the command."""
