"""How hard what is said is to follow, in school grades: each question with its help, each result.

For authors, with textstat (the extra `authoring`). One sentence alone says nothing of its grade.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from voiceskill.core import telling
from voiceskill.core.assess import assess, names_causes, urgency_rules
from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.core.pathway import Case, Pathway
from voiceskill.core.state import Phase, Purpose, State, Waiting
from voiceskill.core.wording import Words
from voiceskill.errors import MissingError
from voiceskill.loading.check_cases import cases_of
from voiceskill.loading.table import Report

HARDEST = 7.0
"""The highest grade allowed, by Flesch and Kincaid: twelve years of age."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Level:
    """How hard one text is."""

    grade: float
    """Years of school in America, by Flesch and Kincaid."""
    what: str
    """A question's id, or the tier of a result and the case that it was told for."""


def levels(pathway: Pathway, report: Report) -> list[Level]:
    """Every question and the hardest result of each tier, hardest first; too hard ones are noted.

    Raises:
        MissingError: textstat is not installed.
    """
    textstat = _textstat()
    words = Words(pathway, _at_the_end(pathway))
    measured = []
    for question in pathway.questions.values():
        text = f"{words.sentence(question.ask)} {words.sentence(question.help)}"
        grade = textstat.flesch_kincaid_grade(text)
        measured.append(Level(grade=grade, what=question.id))
        if grade > HARDEST:
            spot = report.at("question", question.id, "help")
            report.add(spot, _too_hard(f"{question.id!r} with its help", grade))
    for level in _results(pathway, words, textstat):
        measured.append(level)
        if level.grade > HARDEST:
            spot = report.at("file", f"{pathway.id}/urgency.toml", "tier")
            report.add(spot, _too_hard(level.what, level.grade))
    return sorted(measured, reverse=True)


def table_of(measured: Iterable[Level]) -> Iterator[str]:
    """For people: hardest first."""
    yield "grade  question with its help, or whole result"
    for level in measured:
        yield f"{level.grade:>5.1f}  {level.what}"


def _at_the_end(pathway: Pathway) -> State:
    """A person of the first country, to whom a result is told."""
    prompt = Prompt(kind=PromptKind.MENU)
    return State(
        pathway=pathway.id,
        revision=pathway.revision,
        language=pathway.language.tag,
        country=next(iter(pathway.countries), ""),
        waiting=Waiting(phase=Phase.ADVISING, prompt=prompt, purpose=Purpose.RESULT),
    )


def _textstat() -> ModuleType:
    try:
        return import_module("textstat")
    except ImportError as error:
        raise MissingError(
            "Reading level is measured with textstat, which is not installed; "
            "run `pip install voiceskill[authoring]`."
        ) from error


def _too_hard(what: str, grade: float) -> str:
    return (
        f"{what} is at grade {grade:.1f}, above {HARDEST:g}; use shorter sentences and shorter "
        "words, so that it can be followed by ear."
    )


def _results(pathway: Pathway, words: Words, textstat: ModuleType) -> list[Level]:
    """The hardest whole result of each tier, over the cases of the data."""
    hardest: dict[str, Level] = {}
    for case in cases_of(pathway):
        tier, text = _result(pathway, words, case)
        if text:
            what = f"result {tier}: {case.name}"
            level = Level(grade=textstat.flesch_kincaid_grade(text), what=what)
            hardest[tier] = max(level, hardest.get(tier, level))
    return list(hardest.values())


def _result(pathway: Pathway, words: Words, case: Case) -> tuple[str, str]:
    """The tier of a case, and all that would be said of it."""
    outcome = assess(pathway, case.answers)
    if outcome.urgency is None:
        return "", ""
    held = next(iter(urgency_rules(pathway, case.answers)), None)
    no_causes = not names_causes(pathway, case.answers)
    told = telling.result(words, outcome, held, no_causes=no_causes)
    return outcome.urgency.key, " ".join(told.sentences)
