"""What a transcript can mean, and what it is heard against.

Values only; how words become a meaning is in `understand.py`.
"""

from dataclasses import dataclass
from enum import StrEnum

from voiceskill.core.pathway import Value


class PromptKind(StrEnum):
    """What the conversation is waiting for."""

    QUESTION = "question"
    """An answer to `Prompt.question`."""
    CONFIRM = "confirm"
    """Yes, no, or the right answer to one of `Prompt.items` after a read-back."""
    REVIEW = "review"
    """After "is any of that wrong?": no, yes, or the name of one of `Prompt.items`."""
    OFFER = "offer"
    """Yes or no to something that is no question of the pathway."""
    MENU = "menu"
    """A command, once the result was told."""
    PAUSED = "paused"
    """Only "go on", "start over", "stop" and what may not be missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What was asked last, so that words can be heard against it."""

    kind: PromptKind
    question: str = ""
    """Question id, for QUESTION."""
    unit: str = ""
    """For QUESTION: only the number is missing; the unit (a key of `Language.units`) is known."""
    items: tuple[str, ...] = ()
    """Question ids that a CONFIRM or REVIEW reads back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A value given to a question."""

    question: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer or several in one breath; that to the prompt's own question first."""

    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """Yes, no or unsure to a CONFIRM, REVIEW or OFFER."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One of the prompt's items was named, without a value: "the bladder"."""

    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOnly:
    """A unit of time without its number: "weeks"."""

    question: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfRange:
    """A number that the question cannot take."""

    question: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """A command, perhaps with what it is about."""

    command: str
    target: str = ""
    """A question id ("change my answer about the bladder"), a cause id, or a place among the
    causes that were named ("2"); "" without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A statement that may not be missed, told at any prompt."""

    statement: str


Clear = Answered | Replied | Named | UnitOnly | OutOfRange | Commanded | Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Two meanings fit: never guessed, may be offered as "did you mean ... or ...?"."""

    readings: tuple[Clear, ...]


Meaning = Clear | Between
