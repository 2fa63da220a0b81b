"""What crosses the border of the core: events in, actions out, as plain values.

What they mean for the conversation is decided in `dialog.py`, not here.
"""

from dataclasses import dataclass
from enum import StrEnum

from voiceskill.core.assessment import Assessment


class Band(StrEnum):
    """How surely something was heard."""

    ACCEPT = "accept"
    CONFIRM = "confirm"
    AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One thing that may be said in a turn."""

    text: str
    """Lower-case words with single spaces, numbers as words: what the ears listen for."""
    meaning: str
    """A key that all phrases of one meaning share; opaque to the ears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One reading of what was said."""

    text: str
    band: Band = Band.ACCEPT
    """ACCEPT: heard surely and no ear said otherwise; CONFIRM: read it back first."""


# ---- events: the world to the core


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Begin; the first event of a check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Words were heard (or typed); the likeliest reading first."""

    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoInput:
    """Nobody spoke within the time allowed (typed: an empty line)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMatch:
    """Somebody spoke, and no ear could tell what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BargeIn:
    """The person cut the speech short (a key, or speaking over it) without words yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """An unfinished check was read back from disk; asks whether to go on."""


Event = Start | Heard | NoInput | NoMatch | BargeIn | Restored


# ---- actions: the core to the world


class Tone(StrEnum):
    """Why something is said; front ends may speak or print it differently."""

    PLAIN = "plain"
    QUESTION = "question"
    READ_BACK = "read_back"
    EMERGENCY = "emergency"
    RESULT = "result"


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak these sentences, in order."""

    sentences: tuple[str, ...]
    tone: Tone = Tone.PLAIN
    pace: float = 1.0
    """1.0 is the usual 155 words a minute; "slower" makes it smaller, 0.6 to 1.5."""
    volume: float = 0.8
    """0.0 to 1.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Wait for the person."""

    phrases: tuple[Phrase, ...]
    """The turn's closed list: 1 to 120 phrases with a meaning, then decoys without one."""
    no_input_s: float
    """Seconds without speech after which it is `NoInput`."""
    max_turn_s: float = 12.0
    """Seconds after which a turn ends, however long the noise goes on."""
    hangover_scale: float = 1.0
    """Times the usual silence that ends a turn; larger for slow speakers."""
    free: bool = False
    """True where any words are welcome; needs an ear that decodes freely."""
    careful: bool = False
    """True where a wrong meaning could hurt somebody: the ears are stricter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The check is over; nothing more is said or heard."""

    assessment: Assessment | None
    """None when it ended before there was anything to assess."""


Action = Say | Listen | Finish
