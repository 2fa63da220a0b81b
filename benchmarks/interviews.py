"""Patients on paper, asked as a check asks them, and how well that went.

A patient is a `[[case]]` of tests/data/cases: what they would answer, which tier is right, which
causes are. What they do not know they are not sure of. Nothing is spoken, heard or read back here;
the tables are printed by `assessment.py`.
"""

import random
import statistics
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from voiceskill.core.assess import assess, gate_done, next_question, urgency_rules
from voiceskill.core.assessment import Urgency
from voiceskill.core.information import askable
from voiceskill.core.pathway import SKIPPED, UNSURE, Kind, Pathway, Question, Value

CASES = Path(__file__).resolve().parents[1] / "tests" / "data" / "cases"
HALVES = ("untuned", "published", "tuned")
"""Written by somebody who had not seen the rules; from published vignettes; to tune on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One `[[case]]`."""

    name: str
    half: str
    tiers: tuple[Urgency, ...]
    """Each of these is right; the first is the one that it is counted under."""
    first: tuple[str, ...]
    """Any of these may come first; empty: not looked at."""
    among: tuple[str, ...]
    """One of these must be among the causes offered; empty: not looked at."""
    never: tuple[str, ...]
    """None of these may be offered; words that may not be said are not looked for here."""
    answers: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How one interview ended."""

    patient: Patient
    urgency: Urgency
    causes: tuple[str, ...]
    asked: tuple[str, ...]

    @property
    def is_sure(self) -> bool:
        """Whether the patient knew the answer to all that was asked."""
        return UNSURE not in (self.patient.answers.get(name, UNSURE) for name in self.asked)

    @property
    def is_exact(self) -> bool:
        """Told one of the right tiers."""
        return self.urgency in self.patient.tiers

    @property
    def is_safe(self) -> bool:
        """Told no lower a tier than is right."""
        return self.urgency >= min(self.patient.tiers)

    @property
    def is_over(self) -> bool:
        """Told a higher tier than is right."""
        return self.urgency > max(self.patient.tiers)

    @property
    def is_first(self) -> bool:
        """The likeliest cause is right."""
        return bool(self.causes) and self.causes[0] in self.patient.first

    @property
    def is_among(self) -> bool:
        """One of the causes offered is right."""
        return any(cause in self.patient.among for cause in self.causes)


Reply = Callable[[Question, Value], Value]
"""What becomes of a patient's answer on its way to the check."""


def plainly(question: Question, value: Value) -> Value:
    """Heard as it was said."""
    del question
    return value


def not_sure(share: float, dice: random.Random) -> Reply:
    """This share of the answers becomes "not sure"."""

    def reply(question: Question, value: Value) -> Value:
        del question
        return UNSURE if dice.random() < share else value

    return reply


def misheard(share: float, dice: random.Random, pathway: Pathway) -> Reply:
    """This share of the answers becomes another one that the question takes."""
    outcomes = {one.question.id: one.outcomes for one in askable(pathway)}

    def reply(question: Question, value: Value) -> Value:
        if dice.random() >= share:
            return value
        legal = outcomes.get(question.id, tuple(option.id for option in question.options))
        return dice.choice([other for other in legal if other != value])

    return reply


def interview(pathway: Pathway, patient: Patient, reply: Reply = plainly) -> Told:
    """Ask as a check does: to the first emergency that holds, or until nothing is left to ask."""
    answers: dict[str, Value] = {}
    is_emergency = False
    while not is_emergency and (name := next_question(pathway, answers)) is not None:
        answers[name] = reply(pathway.questions[name], patient.answers.get(name, UNSURE))
        is_emergency = _is_emergency(pathway, answers)
    outcome = assess(pathway, answers)
    return Told(
        patient=patient,
        urgency=Urgency.EMERGENCY if is_emergency else outcome.urgency or Urgency.SELF_CARE,
        causes=tuple(likely.cause for likely in outcome.causes),
        asked=tuple(answers),
    )


def _is_emergency(pathway: Pathway, answers: Mapping[str, Value]) -> bool:
    """Whether the check would advise now: on what is certain at once, else after the gate."""
    held = urgency_rules(pathway, answers)
    if any(one.urgency is Urgency.EMERGENCY and ":" not in one.id for one in held):
        return True
    return gate_done(pathway, answers) and assess(pathway, answers).urgency is Urgency.EMERGENCY


def load_patients(pathway: Pathway, folder: Path = CASES) -> list[Patient]:
    """Every patient of the three halves, in the order of the files.

    Raises:
        ValueError: a file names a question, an answer or a cause that there is not.
    """
    return [
        _patient(pathway, half, case, file)
        for half in HALVES
        for file in sorted((folder / half).glob("*.toml"))
        for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    ]


def _patient(pathway: Pathway, half: str, case: Mapping[str, Any], file: Path) -> Patient:
    causes = {key: _texts(case.get(key, ())) for key in ("first", "among", "never")}
    patient = Patient(
        name=case["name"],
        half=half,
        tiers=tuple(Urgency.of(key) for key in _texts(case["urgency"])),
        first=causes["first"],
        among=tuple(dict.fromkeys((*causes["first"], *causes["among"]))),
        never=tuple(name for name in causes["never"] if " " not in name),
        answers={name: _value(value) for name, value in case["answers"].items()},
    )
    for wrong in _wrong(pathway, patient):
        raise ValueError(f"{file}: {patient.name!r} {wrong}; mend the case.")
    return patient


def _texts(value: str | Iterable[str]) -> tuple[str, ...]:
    return ((value,) if value else ()) if isinstance(value, str) else tuple(value)


def _value(value: str | float | list[str]) -> Value:
    return tuple(value) if isinstance(value, list) else value


def _wrong(pathway: Pathway, patient: Patient) -> Iterable[str]:
    for cause in (*patient.among, *patient.never):
        if cause not in pathway.causes:
            yield f"names the cause {cause!r}, which there is not"
    for name, value in patient.answers.items():
        question = pathway.questions.get(name)
        if question is None:
            yield f"answers {name!r}, which is no question"
        elif not _fits(question, value):
            yield f"answers {name!r} with {value!r}, which it does not take"


def _fits(question: Question, value: Value) -> bool:
    if value == UNSURE or (question.skippable and value == SKIPPED):
        return True
    ids = {option.id for option in question.options}
    if question.kind is Kind.SEVERAL:
        return isinstance(value, tuple) and ids.issuperset(value)
    return value in ids if ids else isinstance(value, int | float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts over some interviews."""

    count: int
    exact: int
    safe: int
    over: int
    emergencies: int
    """How many should have been told as an emergency."""
    below_emergency: int
    below_same_day: int
    with_first: int
    """How many have a right first cause to compare with."""
    first: int
    with_among: int
    among: int
    never: int
    """How many were offered a cause that they must never be."""
    median_asked: float
    most_asked: int


def score(told: Sequence[Told]) -> Score:
    """What they came to; at least one interview."""
    emergencies = [one for one in told if min(one.patient.tiers) is Urgency.EMERGENCY]
    firsts = [one for one in told if one.patient.first]
    amongs = [one for one in told if one.patient.among]
    return Score(
        count=len(told),
        exact=sum(one.is_exact for one in told),
        safe=sum(one.is_safe for one in told),
        over=sum(one.is_over for one in told),
        emergencies=len(emergencies),
        below_emergency=sum(one.urgency < Urgency.EMERGENCY for one in emergencies),
        below_same_day=sum(one.urgency < Urgency.SAME_DAY for one in emergencies),
        with_first=len(firsts),
        first=sum(one.is_first for one in firsts),
        with_among=len(amongs),
        among=sum(one.is_among for one in amongs),
        never=sum(any(c in one.patient.never for c in one.causes) for one in told),
        median_asked=statistics.median(len(one.asked) for one in told),
        most_asked=max(len(one.asked) for one in told),
    )
