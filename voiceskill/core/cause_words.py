"""What is asked about causes and told to a doctor, once the result was told.

How it is worded is in `telling.py` and `summary.py`; what the answers say, in `evidence.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from voiceskill.core import summary, telling
from voiceskill.core.answering import EMERGENCY_PROMPTS
from voiceskill.core.assess import names_causes
from voiceskill.core.assessment import Urgency
from voiceskill.core.events import Say, Tone
from voiceskill.core.evidence import reasons_for
from voiceskill.core.moves import Moved, plain, pose, words
from voiceskill.core.record import outcome, top_rule
from voiceskill.core.skill import Skill
from voiceskill.core.state import Purpose, State
from voiceskill.core.truth import counted
from voiceskill.core.urgent import reminder


def _more(skill: Skill, state: State, target: str) -> Moved:
    """A cause in full: the one that was asked about, or the next that was named."""
    w = words(skill, state)
    if state.waiting.purpose is not Purpose.RESULT:
        return pose(skill, state, plain(w.say("no_cause_yet")))
    left = [cause for cause in state.named if cause not in state.detailed]
    name = target if target in skill.pathway.causes else next(iter(left), "")
    if not name:
        key = "more_all_told" if state.named else "no_causes_named"
        return pose(skill, state, plain(w.say(key)))
    told = Say(sentences=telling.more_about(w, skill.pathway.causes[name]), tone=Tone.RESULT)
    return pose(skill, replace(state, detailed=(*state.detailed, name)), told)


def _nth(skill: Skill, state: State, target: str) -> Moved:
    """The first, second or third of the causes that were named."""
    if state.waiting.purpose is not Purpose.RESULT:
        return pose(skill, state)
    place = int(target or 0)
    if not 0 < place <= len(state.named):
        w = words(skill, state)
        if not state.named or not place:
            return _more(skill, state, "")
        return pose(skill, state, plain(w.say("only_named", n=w.number(len(state.named)))))
    return _more(skill, state, state.named[place - 1])


def _why_not(skill: Skill, state: State, target: str) -> Moved:
    """What speaks against a cause; beside an emergency no harmless cause is discussed."""
    w = words(skill, state)
    if state.waiting.purpose in EMERGENCY_PROMPTS:
        return pose(skill, state, reminder(skill, state))
    if state.waiting.purpose is not Purpose.RESULT or target not in skill.pathway.causes:
        return pose(skill, state, plain(w.say("no_cause_yet")))
    if not names_causes(skill.pathway, state.answers):
        return pose(skill, state, plain(w.say("causes_not_for")))
    if outcome(skill, state).urgency is Urgency.EMERGENCY:
        return pose(skill, state, reminder(skill, state), plain(w.say("why_not_emergency")))
    if target in state.named:
        moved = _more(skill, state, target)
        return replace(moved, says=(plain(w.say("why_not_named")), *moved.says))
    reasons = reasons_for(skill.pathway, target, counted(skill.pathway, state.answers))
    told = telling.why_not(w, skill.pathway.causes[target], reasons)
    return pose(skill, state, Say(sentences=told, tone=Tone.RESULT))


def _doctor(skill: Skill, state: State, _: str) -> Moved:
    """What to tell the doctor; in an emergency, what to say on the phone."""
    w, purpose = words(skill, state), state.waiting.purpose
    if purpose is Purpose.CRISIS:
        return pose(skill, state)
    assessment, held = outcome(skill, state), top_rule(skill.pathway, state)
    if purpose in EMERGENCY_PROMPTS or (
        purpose is Purpose.RESULT and assessment.urgency is Urgency.EMERGENCY
    ):
        told = summary.for_the_phone(w, None if state.told else held)
        return pose(skill, state, Say(sentences=told, tone=Tone.EMERGENCY))
    if purpose is not Purpose.RESULT:
        return pose(skill, state, plain(w.say("doctor_later")))
    told = summary.for_the_doctor(w, state.named, held)
    return pose(skill, state, Say(sentences=told, tone=Tone.RESULT))


HANDLERS: Mapping[str, Callable[[Skill, State, str], Moved]] = {
    "more": _more,
    "nth": _nth,
    "why_not": _why_not,
    "doctor": _doctor,
}
"""By the id of the command."""
