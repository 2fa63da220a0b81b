"""What an author is told besides: reading level, what sounds alike, words that no ear knows."""

from collections.abc import Iterator
from dataclasses import dataclass

from voiceskill.core.pathway import Pathway
from voiceskill.core.understand import CompiledGrammar
from voiceskill.loading.check_sound import check_sound
from voiceskill.loading.pronunciation import english
from voiceskill.loading.reading_level import Level, levels
from voiceskill.loading.reading_level import table_of as _levels
from voiceskill.loading.table import Problem, Report

_DICTIONARY = "en"
"""The language of the pronouncing dictionary and of the reading level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authoring:
    """What was measured of one pathway in one language."""

    pathway: str
    levels: tuple[Level, ...]
    unknown: tuple[str, ...]
    """Words that the built-in ear does not know, though their answers are heard in others."""
    problems: tuple[Problem, ...]


def measure(pathway: Pathway, report: Report) -> Authoring:
    """Measure a pathway that loads; in a language other than English nothing is measured.

    Args:
        pathway: As it was read.
        report: Knows where everything stands.

    Raises:
        MissingError: textstat or pocketsphinx is not installed.
    """
    measured: list[Level] = []
    unknown: frozenset[str] = frozenset()
    if pathway.language.tag == _DICTIONARY:
        measured = levels(pathway, report)
        unknown = check_sound(pathway, CompiledGrammar(pathway), english(), report)
    problems = tuple(sorted(report.problems))
    return Authoring(
        pathway=pathway.id,
        levels=tuple(measured),
        unknown=tuple(sorted(unknown)),
        problems=problems,
    )


def lines_of(measured: Authoring) -> Iterator[str]:
    """For people: the reading levels, hardest first, then the words that are never heard."""
    yield f"{measured.pathway}, reading level"
    yield from _levels(measured.levels)
    yield f"words that the built-in ear does not know: {', '.join(measured.unknown) or 'none'}"
