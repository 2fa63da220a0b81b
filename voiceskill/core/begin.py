"""The first turn of a check: what this is, what is kept, the first question.

What follows is in `flow.py`.
"""

from dataclasses import replace

from voiceskill.core.flow import proceed
from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.core.moves import Moved, plain, words
from voiceskill.core.pathway import Pathway
from voiceskill.core.skill import Skill
from voiceskill.core.state import Hears, Phase, Purpose, State, Waiting
from voiceskill.core.wording import Words

NOTHING_YET = Waiting(
    phase=Phase.READY, prompt=Prompt(kind=PromptKind.OFFER), purpose=Purpose.RESUME
)


def new_state(pathway: Pathway, *, country: str, hears: Hears, keeps: bool) -> State:
    """The state before the first turn."""
    return State(
        pathway=pathway.id,
        revision=pathway.revision,
        language=pathway.language.tag,
        waiting=NOTHING_YET,
        country=country,
        hears=hears,
        keeps=keeps,
    )


def begin(skill: Skill, state: State) -> Moved:
    """Greet, then ask the first question; nothing of an earlier check is left."""
    state = _emptied(skill.pathway, state)
    return proceed(skill, state, plain(*greeting(words(skill, state))))


def begin_again(skill: Skill, state: State) -> Moved:
    """Ask the first question of a new check, without the greeting."""
    return proceed(skill, _emptied(skill.pathway, state))


def _emptied(pathway: Pathway, state: State) -> State:
    """A new check for the same person; how it is spoken stays."""
    new = new_state(pathway, country=state.country, hears=state.hears, keeps=state.keeps)
    return replace(new, pace=state.pace, volume=state.volume, said=state.said)


def greeting(w: Words) -> tuple[str, ...]:
    """What everybody is told at the start, in about 15 seconds (law 9)."""
    told = [
        w.say("greet"),
        w.say("greet_emergency", number=w.emergency_number()),
        w.say("greet_program", title=w.pathway.title),
        w.say("greet_demonstration"),
    ]
    keeping = "greet_keeps" if w.state.keeps else "greet_keeps_nothing"
    poorly = ("greet_hears_poorly", "greet_better") if w.state.hears is Hears.POORLY else ()
    tone = () if w.state.hears is Hears.TYPED else ("your_turn",)
    told += [w.say(key) for key in (keeping, *poorly, *tone)]
    return tuple(sentence for sentence in told if sentence not in w.state.said)
