"""The values of a language: how it says yes, gives commands and joins sentences.

How words are heard with them is in `understand.py`, how they are said in `wording.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that is understood at every prompt."""

    id: str
    sentences: tuple[str, ...]
    core: tuple[str, ...]
    """The plain wordings that the ears listen for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a language says yes, gives commands and joins sentences."""

    tag: str
    revision: int
    yes: tuple[str, ...]
    no: tuple[str, ...]
    unsure: tuple[str, ...]
    commands: Mapping[str, Command]
    say: Mapping[str, tuple[str, ...]]
    """Connecting sentences by key; several wordings where the same thing is said again."""
    lists: Mapping[str, Mapping[str, float]]
    """Spoken values of ours for templates: words to number ("a couple of": 2)."""
    units: Mapping[str, float]
    """Words for a unit of time to days."""
    rules: Mapping[str, str]
    """Expansion rules of hassil."""
    fillers: tuple[str, ...]
    """Words that mean nothing: "um", "well", "please"."""
    corrections: tuple[str, ...]
    """Words after which what went before no longer holds: "no i mean"."""
    decoys: tuple[str, ...]
    """Words that sound like answers and mean nothing here."""
    same: Mapping[str, str] = field(default_factory=dict)
    """Words that are written in several ways to the one that is meant: "can't" to "can not"."""
    persons: Mapping[str, Mapping[str, str]]
    """"self" and "other" to the words for {you}, {your}, {yours}, {yourself}."""
