"""The words of the hearing edge: an ear that streams, and an ear that scores a closed list.

Protocols and values only. No engine is imported here; `ears.py` joins the ears.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from voiceskill.audio import AudioChunk
from voiceskill.core.events import Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What a streaming ear made of a turn."""

    text: str
    """The words, lower case, single spaces; empty when it heard none."""
    margin: float | None = None
    """Log-likelihood a second by which the phrases beat filler words; None: not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """How likely one meaning of the turn's list is, given the sound."""

    meaning: str
    """The key that the turn's phrases of this meaning share."""
    text: str
    """The likeliest phrase of that meaning."""
    log_prob: float
    """Natural logarithm of the summed probability of all its phrases and spellings, 0 or below."""


class RecognizerTurn(Protocol):
    """One listening turn of a streaming ear. Use once, from one thread, and always finish it."""

    def accept(self, chunk: AudioChunk) -> str:
        """Feed 20 to 250 ms at the recogniser's rate; return the partial text so far.

        Raises:
            EngineError: the engine died; the recogniser must be opened again.
        """

    def finish(self) -> Hypothesis:
        """End the turn and return what was heard, every word of it."""

    def cancel(self) -> None:
        """End the turn and forget it."""


class Recognizer(Protocol):
    """An ear that streams. One model, many turns."""

    name: str
    rate_hz: int

    def unknown_words(self, words: Sequence[str]) -> tuple[str, ...]:
        """Those of the words that the model cannot hear."""

    def start(self, phrases: Sequence[str] | None) -> RecognizerTurn:
        """Begin a turn that expects these phrases; None decodes freely.

        Raises:
            UsageError: the list is empty or holds no word that the model knows.
        """

    def close(self) -> None:
        """Free the model."""


class Scorer(Protocol):
    """An ear that says which phrase of a closed list was most likely said."""

    name: str
    rate_hz: int

    def prepare(self, phrases: Sequence[Phrase]) -> None:
        """Ready a list beforehand (cached), so that `score` does not pay for it."""

    def score(self, sound: AudioChunk, phrases: Sequence[Phrase]) -> tuple[Scored, ...]:
        """Score a whole turn (speech with 0.3 s around it); meanings, best first.

        Meanings that were pruned are left out; the result may be empty.
        """

    def close(self) -> None:
        """Free the model."""
