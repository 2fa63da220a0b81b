"""All that a check remembers between two turns, as plain values that go to JSON and back.

What happens in a turn is not decided here; where the text is kept is `store.py`'s.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from voiceskill.core.meaning import Answer, Prompt
from voiceskill.core.pathway import Pathway, Value
from voiceskill.errors import StateError

VERSION = 1
"""Raised when a field changes its meaning; an older check is then not read."""


class Phase(StrEnum):
    """Where a conversation stands."""

    READY = "ready"
    ASKING = "asking"
    CONFIRMING = "confirming"
    ADVISING = "advising"
    PAUSED = "paused"
    CLOSED = "closed"


class Hears(StrEnum):
    """How well the person is heard."""

    TYPED = "typed"
    WELL = "well"
    POORLY = "poorly"
    """Every answer is read back, and the start says so."""


class Purpose(StrEnum):
    """What a prompt is for, where its kind alone does not say."""

    ASK = "ask"
    READ_BACK = "read_back"
    TOLD = "told"
    WHICH_WRONG = "which_wrong"
    REVIEW = "review"
    CHANGE = "change"
    RESUME = "resume"
    START_OVER = "start_over"
    STOP = "stop"
    ADVISED = "advised"
    REST = "rest"
    RESULT = "result"
    CRISIS = "crisis"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the program waits for, with what it needs once that comes."""

    phase: Phase
    prompt: Prompt
    purpose: Purpose
    pending: tuple[Answer, ...] = ()
    """Answers that are read back and do not count before the "yes"."""
    statement: str = ""
    """The id of a statement that is read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A check between two turns. No transcript is in it."""

    pathway: str
    revision: int
    language: str
    waiting: Waiting
    country: str = ""
    """A key of `Pathway.countries`; "" where it is not known."""
    hears: Hears = Hears.TYPED
    keeps: bool = True
    """False: nothing of this check may be written to disk."""
    pace: float = 1.0
    volume: float = 0.8
    answers: Mapping[str, Value] = field(default_factory=dict)
    confirmed: tuple[str, ...] = ()
    """Questions whose answer was read back, and not denied."""
    reviewed: tuple[str, ...] = ()
    """Questions whose "no" was read back at the end of the gate, and not denied."""
    read_out: tuple[str, ...] = ()
    """Questions whose "no" the review has named at least once."""
    disputed: tuple[str, ...] = ()
    """Questions whose answer was denied when it was read back."""
    under: tuple[Waiting, ...] = ()
    """What the present prompt interrupted; the last is returned to first."""
    topic: str = ""
    """The gate topic that was answered last: its follow-ups come next."""
    resume: str = ""
    """The question that a change of an earlier answer interrupted."""
    no_match: int = 0
    """Failures to understand the present prompt."""
    no_input: int = 0
    """Silences at the present prompt."""
    lost: int = 0
    """Prompts in a row that were given up, since nothing was heard or understood."""
    posed: int = 0
    """How often the present prompt was spoken."""
    waits: bool = False
    """More time was asked for."""
    advised: tuple[str, ...] = ()
    """Emergencies whose advice was given."""
    told: tuple[str, ...] = ()
    """Statements of emergency or crisis that count."""
    named: tuple[str, ...] = ()
    """Causes that the result named."""
    detailed: tuple[str, ...] = ()
    """Causes that were told more about."""
    said: tuple[str, ...] = ()
    """What the program said last, so that it is not said twice in a row."""
    again: tuple[str, ...] = ()
    """What "repeat" says: the last question or telling, without "I did not catch that"."""

    @property
    def phase(self) -> Phase:
        """Where the conversation stands."""
        return self.waiting.phase

    @property
    def prompt(self) -> Prompt:
        """What was asked last."""
        return self.waiting.prompt


def to_json(state: State) -> str:
    """The state as one line of JSON."""
    return json.dumps({"version": VERSION, "state": dataclasses.asdict(state)})


def from_json(text: str) -> State:
    """The state that `to_json` wrote.

    Raises:
        StateError: it is damaged or was written by another version of voiceskill.
    """
    try:
        parcel = json.loads(text)
        version = parcel["version"]
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged("it is not what voiceskill writes") from error
    if version != VERSION:
        raise StateError(
            f"The unfinished check was kept by another version of voiceskill (format {version!r}, "
            f"this one reads {VERSION}), so it cannot go on; a new check starts."
        )
    try:
        state = _decoded(State, parcel["state"])
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged(str(error)) from error
    assert isinstance(state, State)
    return state


def demand_same_pathway(state: State, pathway: Pathway) -> None:
    """Refuse a state whose answers belong to other questions.

    Raises:
        StateError: the pathway, its revision or its language is another, or an answer in it
            belongs to no question.
    """
    wanted = (pathway.id, pathway.revision, pathway.language.tag)
    if (state.pathway, state.revision, state.language) != wanted:
        raise StateError(
            f"The unfinished check belongs to {state.pathway!r} revision {state.revision} "
            f"({state.language}), but the questions are now {wanted[0]!r} revision {wanted[1]} "
            f"({wanted[2]}), so it cannot go on; a new check starts."
        )
    named = {*state.answers, *(a.question for w in _all(state) for a in w.pending)}
    named |= {q for w in _all(state) for q in (w.prompt.question, *w.prompt.items) if q}
    if unknown := named - pathway.questions.keys():
        raise _damaged(f"it names the question {min(unknown)!r}, which is not there")


def _all(state: State) -> tuple[Waiting, ...]:
    return (*state.under, state.waiting)


def _damaged(what: str) -> StateError:
    return StateError(f"The unfinished check is damaged ({what}), so a new check starts.")


def _decoded(hint: typing.Any, data: typing.Any) -> object:  # noqa: ANN401 any annotation, any JSON
    """The value of that type which the JSON stands for.

    Raises:
        ValueError, TypeError, KeyError: the JSON does not fit the type.
    """
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = typing.get_type_hints(hint)
        if set(data) != set(hints):
            raise ValueError(f"the keys of {hint.__name__} do not fit")
        return hint(**{name: _decoded(hints[name], part) for name, part in data.items()})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(data)
    if isinstance(hint, types.UnionType):
        return _decoded(_member(typing.get_args(hint), data), data)
    return _decoded_plain(hint, data)


def _decoded_plain(hint: typing.Any, data: typing.Any) -> object:  # noqa: ANN401 any annotation, any JSON
    origin = typing.get_origin(hint)
    if origin is tuple and isinstance(data, list):
        return tuple(_decoded(typing.get_args(hint)[0], part) for part in data)
    if origin is Mapping and isinstance(data, dict):
        of = typing.get_args(hint)[1]
        return {key: _decoded(of, part) for key, part in data.items()}
    if hint is float and type(data) in (int, float):
        return float(data)
    if isinstance(hint, type) and type(data) is hint:
        return data
    raise ValueError(f"{type(data).__name__} stands where {hint} belongs")


def _member(members: tuple[typing.Any, ...], data: object) -> typing.Any:  # noqa: ANN401 annotation
    """The member of a union of text, number and list that the JSON is."""
    for member in members:
        origin = typing.get_origin(member) or member
        if isinstance(data, list if origin is tuple else origin):
            return member
    return float
