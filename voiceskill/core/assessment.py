"""The values of an outcome: how urgent, which causes, and why.

How they are reached is in `assess.py`; how they are said is in `wording.py`.
"""

from dataclasses import dataclass
from enum import IntEnum


class Urgency(IntEnum):
    """How soon help is needed; a larger one is more urgent."""

    SELF_CARE = 1
    CLINICIAN = 2
    SAME_DAY = 3
    EMERGENCY = 4

    @property
    def key(self) -> str:
        """The name in data files and JSON: `self_care`, `clinician`, `same_day`, `emergency`."""
        return self.name.lower()

    @classmethod
    def of(cls, key: str) -> "Urgency":
        """The urgency of that name.

        Raises:
            KeyError: no urgency has that name.
        """
        return cls[key.upper()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One finding that moved a cause up or down."""

    finding: str
    text: str
    """Completes "because ...": "you said it comes on when you walk"."""
    weight: float
    """Natural logarithm of the likelihood ratio that it contributed; negative speaks against."""
    source: str
    """A key of `sources.toml`, or "assumption"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyCause:
    """A cause that is offered, with what speaks for it."""

    cause: str
    posterior: float
    """0 to 1, over the causes of the pathway; never spoken."""
    reasons: tuple[Reason, ...]
    """Strongest first; those against it last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a check came to."""

    urgency: Urgency | None
    """None when nothing at all was understood."""
    rules: tuple[str, ...]
    """Ids of the rules that hold, most urgent first."""
    causes: tuple[LikelyCause, ...]
    """At most three, likeliest first; empty where causes must not be named."""
