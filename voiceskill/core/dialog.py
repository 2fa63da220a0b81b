"""The conversation as a table: where it stands, what comes in, who takes it, where it may go.

Everything that decides which inputs are taken in which state is in this file. How a handler
makes its next state is in `answering.py`, `confirming.py`, `commands.py` and `flow.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from voiceskill.core.answering import (
    Understood,
    answered,
    between,
    noise,
    out_of_range,
    silence,
    unit_only,
)
from voiceskill.core.assessment import Assessment
from voiceskill.core.begin import begin, new_state
from voiceskill.core.commands import commanded
from voiceskill.core.confirming import corrected, named, replied, restored, told
from voiceskill.core.events import (
    Action,
    Band,
    BargeIn,
    Event,
    Finish,
    Heard,
    Listen,
    NoInput,
    Restored,
    Say,
    Start,
)
from voiceskill.core.meaning import (
    Answered,
    Between,
    Commanded,
    Meaning,
    Named,
    OutOfRange,
    Replied,
    Told,
    UnitOnly,
)
from voiceskill.core.moves import Moved, listen_for, repeatable
from voiceskill.core.record import outcome
from voiceskill.core.skill import Skill
from voiceskill.core.state import Hears, Phase, Purpose, State, demand_same_pathway
from voiceskill.core.wording import sentences_of
from voiceskill.errors import UsageError

__all__ = ["Hears", "Input", "Phase", "State", "Turn", "diagram", "restore", "start", "step"]


class Input(StrEnum):
    """The kinds of input: events, and what words mean."""

    START = "start"
    RESTORED = "restored"
    SILENCE = "silence"
    NOISE = "noise"
    BARGE_IN = "barge-in"
    ANSWER = "answer"
    REPLY = "yes or no"
    NAME = "name of an item"
    UNIT = "unit without number"
    OUT_OF_RANGE = "number out of range"
    BETWEEN = "two meanings"
    COMMAND = "command"
    TOLD = "emergency statement"


@dataclass(frozen=True, slots=True)
class Row:
    """Who takes an input, and where the conversation may stand afterwards."""

    handle: Callable[[Skill, State, Understood], Moved]
    next: frozenset[Phase]


def _begin(skill: Skill, state: State, _: Understood) -> Moved:
    return begin(skill, state)


def _hush(_: Skill, state: State, __: Understood) -> Moved:
    """Be silent and listen: the person has something to say."""
    return Moved(state=state)


ASKING, CONFIRMING, ADVISING = Phase.ASKING, Phase.CONFIRMING, Phase.ADVISING
PAUSED, CLOSED = Phase.PAUSED, Phase.CLOSED
_ON = frozenset((ASKING, CONFIRMING, ADVISING))
_ON_OR_END = _ON | {CLOSED}
_ANY = _ON_OR_END | {PAUSED}

TABLE: Mapping[Phase, Mapping[Input, Row]] = {
    Phase.READY: {
        Input.START: Row(_begin, frozenset((ASKING,))),
    },
    ASKING: {
        Input.SILENCE: Row(silence, _ON_OR_END),
        Input.NOISE: Row(noise, _ON_OR_END),
        Input.BARGE_IN: Row(_hush, frozenset((ASKING,))),
        Input.ANSWER: Row(answered, _ON_OR_END),
        Input.REPLY: Row(noise, _ON_OR_END),
        Input.NAME: Row(noise, _ON_OR_END),
        Input.UNIT: Row(unit_only, _ON_OR_END),
        Input.OUT_OF_RANGE: Row(out_of_range, _ON_OR_END),
        Input.BETWEEN: Row(between, _ON_OR_END),
        Input.COMMAND: Row(commanded, _ANY),
        Input.TOLD: Row(told, _ON),
        Input.RESTORED: Row(restored, frozenset((CONFIRMING,))),
    },
    CONFIRMING: {
        Input.SILENCE: Row(silence, _ON_OR_END),
        Input.NOISE: Row(noise, _ON_OR_END),
        Input.BARGE_IN: Row(_hush, frozenset((CONFIRMING,))),
        Input.ANSWER: Row(corrected, _ON_OR_END),
        Input.REPLY: Row(replied, _ANY),
        Input.NAME: Row(named, _ON_OR_END),
        Input.UNIT: Row(noise, _ON_OR_END),
        Input.OUT_OF_RANGE: Row(noise, _ON_OR_END),
        Input.BETWEEN: Row(noise, _ON_OR_END),
        Input.COMMAND: Row(commanded, _ANY),
        Input.TOLD: Row(told, _ON),
        Input.RESTORED: Row(restored, frozenset((CONFIRMING,))),
    },
    ADVISING: {
        Input.SILENCE: Row(silence, frozenset((ADVISING, CLOSED))),
        Input.NOISE: Row(noise, frozenset((ADVISING, CLOSED))),
        Input.BARGE_IN: Row(_hush, frozenset((ADVISING,))),
        Input.ANSWER: Row(answered, _ON_OR_END),
        Input.REPLY: Row(replied, _ON_OR_END),
        Input.NAME: Row(noise, frozenset((ADVISING, CLOSED))),
        Input.UNIT: Row(noise, frozenset((ADVISING, CLOSED))),
        Input.OUT_OF_RANGE: Row(noise, frozenset((ADVISING, CLOSED))),
        Input.BETWEEN: Row(noise, frozenset((ADVISING, CLOSED))),
        Input.COMMAND: Row(commanded, _ANY),
        Input.TOLD: Row(told, frozenset((CONFIRMING, ADVISING))),
        Input.RESTORED: Row(restored, frozenset((CONFIRMING,))),
    },
    PAUSED: {
        Input.SILENCE: Row(silence, frozenset((PAUSED, CLOSED))),
        Input.NOISE: Row(noise, frozenset((PAUSED, CLOSED))),
        Input.BARGE_IN: Row(_hush, frozenset((PAUSED,))),
        Input.ANSWER: Row(noise, frozenset((PAUSED, CLOSED))),
        Input.REPLY: Row(noise, frozenset((PAUSED, CLOSED))),
        Input.NAME: Row(noise, frozenset((PAUSED, CLOSED))),
        Input.UNIT: Row(noise, frozenset((PAUSED, CLOSED))),
        Input.OUT_OF_RANGE: Row(noise, frozenset((PAUSED, CLOSED))),
        Input.BETWEEN: Row(noise, frozenset((PAUSED, CLOSED))),
        Input.COMMAND: Row(commanded, _ANY),
        Input.TOLD: Row(told, frozenset((CONFIRMING, ADVISING, PAUSED))),
        Input.RESTORED: Row(restored, frozenset((CONFIRMING,))),
    },
    CLOSED: {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the program does now, and what it has to remember until the person replies."""

    state: State
    actions: tuple[Action, ...]
    """Any number of `Say`, then one `Listen` or `Finish`."""

    @property
    def says(self) -> tuple[Say, ...]:
        """What is spoken, in order."""
        return tuple(action for action in self.actions if isinstance(action, Say))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every sentence of the turn, in order."""
        return tuple(sentence for say in self.says for sentence in say.sentences)

    @property
    def listen(self) -> Listen | None:
        """How to listen afterwards; None at the end."""
        last = self.actions[-1]
        return last if isinstance(last, Listen) else None

    @property
    def finish(self) -> Finish | None:
        """What the check came to; None before the end."""
        last = self.actions[-1]
        return last if isinstance(last, Finish) else None

    @property
    def done(self) -> bool:
        """Whether the check is over."""
        return self.finish is not None


def start(  # noqa: PLR0913 a check has that many things to begin with
    skill: Skill,
    *,
    country: str | None = None,
    hears: Hears = Hears.TYPED,
    keeps: bool = True,
    pace: float = 1.0,
    volume: float = 0.8,
) -> Turn:
    """The first turn of a check.

    Args:
        skill: What is known.
        country: Two letters of `countries.toml`; one that is not there counts as not known.
        hears: How well the person is heard.
        keeps: Whether the unfinished check is kept on this machine; said at the start.
        pace: Times the usual 155 words a minute, 0.6 to 1.5; "slower" goes on from here.
        volume: 0.0 to 1.0; "louder" goes on from here.
    """
    known = (country or "").lower()
    state = new_state(
        skill.pathway,
        country=known if known in skill.pathway.countries else "",
        hears=hears,
        keeps=keeps,
    )
    return step(skill, replace(state, pace=pace, volume=volume), Start())


def restore(skill: Skill, state: State) -> Turn:
    """Offer to go on with a check that was kept.

    Raises:
        StateError: it belongs to another pathway, or to another revision of it.
        UsageError: it is over.
    """
    return step(skill, state, Restored())


def step(skill: Skill, state: State, event: Event) -> Turn:
    """Take one event; the same state and event give the same turn.

    Raises:
        UsageError: the caller's mistake: a check that is over, or has not begun, takes no event.
        StateError: with `Restored` only: the state belongs to other questions.
    """
    if isinstance(event, Restored):
        demand_same_pathway(state, skill.pathway)
    kind, what = classify(skill, state, event)
    row = TABLE[state.phase].get(kind)
    if row is None:
        raise UsageError(
            f"A check that is {state.phase} does not take {kind.value!r}; "
            "`start` begins a new one, and the last turn has `done`."
        )
    if kind not in (Input.SILENCE, Input.NOISE, Input.BARGE_IN):
        state = replace(state, lost=0)
    moved = row.handle(skill, state, what)
    assert moved.state.phase in row.next, (state.phase, kind, moved.state.phase)
    return _turn(skill, moved)


_KINDS: Mapping[type[object], Input] = {
    Answered: Input.ANSWER,
    Replied: Input.REPLY,
    Named: Input.NAME,
    UnitOnly: Input.UNIT,
    OutOfRange: Input.OUT_OF_RANGE,
    Between: Input.BETWEEN,
    Commanded: Input.COMMAND,
    Told: Input.TOLD,
}


def classify(skill: Skill, state: State, event: Event) -> tuple[Input, Understood]:
    """Which input of the table an event is, and what was understood."""
    match event:
        case Start():
            return Input.START, Understood()
        case Restored():
            return Input.RESTORED, Understood()
        case NoInput():
            return Input.SILENCE, Understood()
        case BargeIn():
            return Input.BARGE_IN, Understood()
        case Heard() if state.phase not in (Phase.READY, Phase.CLOSED):
            what = understand(skill, state, event)
            return (_KINDS[type(what.meaning)] if what.meaning else Input.NOISE), what
    return Input.NOISE, Understood()


def understand(skill: Skill, state: State, heard: Heard) -> Understood:
    """The likeliest reading that means something here; less sure where another says otherwise."""
    if not heard.alternatives or heard.alternatives[0].band is Band.AGAIN:
        return Understood()
    readings: list[tuple[Meaning, Band]] = []
    for alternative in heard.alternatives:
        meaning = skill.grammar.meaning(alternative.text, state.prompt)
        if meaning is not None and alternative.band is not Band.AGAIN:
            readings.append((meaning, alternative.band))
    if not readings:
        return Understood()
    meaning, band = readings[0]
    agreed = len(readings) == len(heard.alternatives) and all(m == meaning for m, _ in readings)
    return Understood(meaning=meaning, band=band if agreed else Band.CONFIRM)


def _turn(skill: Skill, moved: Moved) -> Turn:
    """The actions of a move, in the person's pace and volume."""
    state = moved.state
    says = tuple(_spoken(state, say) for say in moved.says if say.sentences)
    sentences = tuple(sentence for say in says for sentence in say.sentences)
    if sentences:
        state = replace(state, said=sentences, again=repeatable(state, says))
    if state.phase is Phase.CLOSED:
        return Turn(state=state, actions=(*says, Finish(assessment=_assessed(skill, state))))
    return Turn(state=state, actions=(*says, listen_for(skill, state)))


def _spoken(state: State, say: Say) -> Say:
    """One sentence at a time, as the person wants it spoken."""
    parts = tuple(part for text in say.sentences for part in sentences_of(text))
    return replace(say, sentences=parts, pace=state.pace, volume=state.volume)


def _assessed(skill: Skill, state: State) -> Assessment | None:
    """What a closed check came to; None where nothing was asked or a kept one not taken up."""
    if state.waiting.purpose is Purpose.RESUME or not (state.answers or state.told):
        return None
    return outcome(skill, state)


_NOT_DRAWN = (Input.UNIT, Input.OUT_OF_RANGE, Input.BETWEEN)
"""They go where noise goes, and would only make the picture hard to read."""


def diagram() -> str:
    """The table as a Mermaid state diagram; the README's picture is this text."""
    lines = ["stateDiagram-v2", "    [*] --> ready"]
    for phase, rows in TABLE.items():
        arrows: dict[Phase, list[Input]] = {}
        for kind, row in rows.items():
            for after in row.next - {phase} if kind not in _NOT_DRAWN else ():
                arrows.setdefault(after, []).append(kind)
        in_order = sorted(arrows, key=list(Phase).index)
        lines += [f"    {phase} --> {after}: {', '.join(arrows[after])}" for after in in_order]
    return "\n".join((*lines, "    closed --> [*]", ""))


if __name__ == "__main__":
    print(diagram(), end="")  # noqa: T201 this is its one command
