"""Reads a whole pathway from a dialog folder, and what is wrong with it.

What each file holds is in dialogs/README.md.
"""

from pathlib import Path

from voiceskill.core.pathway import Case, Cause, Pathway, UrgencyRule
from voiceskill.loading.conditions import read_cases
from voiceskill.loading.knowledge import (
    read_cause,
    read_findings,
    read_rules,
    read_sources,
    read_tiers,
)
from voiceskill.loading.questions import read_questions, read_statements
from voiceskill.loading.settings import read_countries, read_language, read_person, read_policy
from voiceskill.loading.table import Report, Spot, Table, closest, open_table

FILES = ("pathway", "questions", "findings", "urgency", "sources", "cases", "patients")
"""What lies in the folder of a pathway, beside `causes/`; the last is the demonstration's."""


def read_pathway(folder: Path, pathway: str, language: str, report: Report) -> Pathway:
    """All that one check knows; wrong or missing parts are noted and left empty.

    Args:
        folder: The dialog folder.
        pathway: The folder of the pathway below it.
        language: The tag of a language file.
        report: Where problems go; the value is of use only while there are none.
    """
    top = open_table(folder, f"{pathway}/pathway.toml", report)
    questions = open_table(folder, f"{pathway}/questions.toml", report)
    urgency = open_table(folder, f"{pathway}/urgency.toml", report)
    findings = open_table(folder, f"{pathway}/findings.toml", report)
    known = Pathway(
        id=pathway,
        revision=top.whole("revision", 1, 10_000),
        title=top.text("title"),
        policy=read_policy(top.table("policy")),
        person=read_person(top.table("person")),
        questions=read_questions(questions),
        statements=read_statements(questions),
        findings=read_findings(findings),
        causes={cause.id: cause for cause in _causes(folder, pathway, report)},
        rules=_rules(urgency),
        tiers=read_tiers(urgency),
        safety_net=urgency.texts("safety_net", least=1),
        emergency=urgency.texts("emergency", least=1),
        crisis=urgency.texts("crisis", least=1),
        language=read_language(open_table(folder, f"languages/{language}.toml", report), language),
        countries=read_countries(open_table(folder, "countries.toml", report)),
        sources=read_sources(open_table(folder, f"{pathway}/sources.toml", report)),
        cases=_cases(folder, pathway, report),
        summary=top.texts("summary", default=()),
    )
    if top.text("id", pathway) != pathway:
        top.problem("id", f"must be the name of its folder, {pathway!r}, or left out.")
    for table in (top, questions, urgency, findings):
        table.close()
    _refuse_strays(folder, pathway, report)
    return known


def _refuse_strays(folder: Path, pathway: str, report: Report) -> None:
    """A file whose name is misspelt would be left out without a word."""
    for file in sorted((folder / pathway).glob("*.toml")):
        if file.stem not in FILES:
            hint = closest(file.stem, FILES)
            spot = Spot(file=f"{pathway}/{file.name}", text="", place=(), name="")
            report.add(spot, f"nothing reads this file{hint}; rename it or take it away.")


def _causes(folder: Path, pathway: str, report: Report) -> list[Cause]:
    """The causes, in the order of their ids."""
    files = sorted((folder / pathway / "causes").glob("*.toml"))
    return [read_cause(folder, f"{pathway}/causes/{file.name}", report) for file in files]


def _rules(urgency: Table) -> tuple[UrgencyRule, ...]:
    rules = read_rules(urgency)
    if not rules:
        urgency.problem("rule", "is missing; without rules nothing would ever be urgent.")
    return rules


def _cases(folder: Path, pathway: str, report: Report) -> tuple[Case, ...]:
    """The cases of the pathway as a whole; the file may be missing."""
    if not (folder / pathway / "cases.toml").exists():
        return ()
    top = open_table(folder, f"{pathway}/cases.toml", report)
    cases = read_cases(top)
    top.close()
    return cases
