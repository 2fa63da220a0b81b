"""The values that say how patiently a check is held, and for whom.

How they are followed is in `dialog.py`; which question comes next, in `assess.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How patiently the conversation is held; each figure's source stands in `pathway.toml`."""

    no_match_tries: int
    """Failures to understand one question before its fallback."""
    no_input_tries: int
    """Silences on one question before its fallback."""
    silent_questions: int
    """Questions in a row that ended in silence before the check ends kindly."""
    no_input_s: float
    wait_s: float
    """Silence allowed after "give me more time"."""
    max_turn_s: float
    gate_topics: int
    differential_questions: int
    offered_causes: int
    certain: float
    """Share of the likeliest cause at which the differential may stop early."""
    tell_least_nats: float
    """Expected information below which a question is not worth asking."""
    most_questions: int = 60
    """Questions in all; the differential makes room for a gate with many follow-ups."""
    offer_least: float = 0.0
    """Share below which a cause is not offered beside likelier ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPolicy:
    """What the opening question decides; the values are option ids of that question."""

    question: str
    other: tuple[str, ...]
    """Somebody answers for another: the wording follows."""
    no_causes: tuple[str, ...]
    """Children, pregnancy: the whole gate, then safe advice in place of causes."""
