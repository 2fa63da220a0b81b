"""Reads findings, causes, rules of urgency and sources."""

from pathlib import Path

from voiceskill.core.assessment import Urgency
from voiceskill.core.pathway import (
    Cause,
    Condition,
    Evidence,
    Finding,
    SeenIn,
    Source,
    TierWords,
    UrgencyRule,
)
from voiceskill.loading.conditions import read_cases, read_condition
from voiceskill.loading.table import Report, Table, open_table

SOURCE_KINDS = ("guideline", "paper", "charity", "secondary", "data", "assumption")


def read_findings(top: Table) -> dict[str, Finding]:
    """The findings by id, in order."""
    findings: dict[str, Finding] = {}
    for table in top.tables("finding"):
        table.named("finding", table.text("id"))
        finding = Finding(
            id=table.text("id"),
            when=read_condition(table, "when"),
            usual=_evidence(table.table("usual")),
            group=table.text("group"),
            said=table.text("said"),
            said_not=table.text("said_not"),
        )
        _refuse_empty(table, finding.when)
        table.close()
        findings[finding.id] = finding
    return findings


def _evidence(table: Table) -> Evidence:
    evidence = Evidence(rate=table.share("rate"), source=table.text("source"))
    table.close()
    return evidence


def _refuse_empty(table: Table, condition: Condition) -> None:
    if "when" in table and condition == Condition() and not table.values["when"]:
        table.problem("when", "demands nothing, so that it would always hold; name a test.")


def read_cause(folder: Path, name: str, report: Report) -> Cause:
    """The cause in one file, whose id is the name of the file."""
    top = open_table(folder, name, report)
    cause_id = name.rsplit("/", 1)[-1].removesuffix(".toml")
    report.spots["cause", cause_id] = top.spot
    prior = top.table("prior")
    cause = Cause(
        id=cause_id,
        name=top.text("name"),
        what=top.text("what"),
        prior_per_1000=prior.number("per_1000", 1e-6, 1000),
        prior_source=prior.text("source"),
        seen_in=tuple(_seen_in(table) for table in top.tables("seen_in")),
        advice=top.texts("advice", least=1),
        worse_if=top.texts("worse_if", least=1),
        options=top.texts("options", least=1),
        icd10=top.text("icd10"),
        sources=top.texts("sources", least=1),
        last_reviewed=top.day("last_reviewed"),
        cases=read_cases(top, cause_id),
        also_called=top.texts("also_called", default=()),
    )
    prior.close()
    top.close()
    return cause


def _seen_in(table: Table) -> SeenIn:
    rated = "rate" in table
    positive, negative = table.maybe_number("lr_positive"), table.maybe_number("lr_negative")
    seen = SeenIn(
        finding=table.text("finding"),
        rate=table.share("rate") if rated else None,
        usual=table.share("usual") if "usual" in table else None,
        lr_positive=positive,
        lr_negative=negative,
        source=table.text("source"),
    )
    if rated == (positive is not None and negative is not None):
        table.problem("", "needs either rate (with or without usual) or both likelihood ratios.")
    elif not rated:
        _check_ratios(table, seen)
    for key in ("rate", "usual", "lr_positive", "lr_negative"):
        table.raw(key)
    table.close()
    return seen


def _check_ratios(table: Table, seen: SeenIn) -> None:
    """A finding that is likelier makes its absence unlikelier: the pair lies around 1."""
    positive, negative = seen.lr_positive or 0.0, seen.lr_negative or 0.0
    if min(positive, negative) <= 0:
        table.problem("lr_positive", "both ratios must be above 0.")
    elif (positive - 1) * (negative - 1) > 0:
        table.problem("lr_positive", "one ratio must be above 1 and the other below; check them.")
    if seen.usual is not None:
        table.problem("usual", "belongs to a rate; likelihood ratios hold it already.")


def read_rules(top: Table) -> tuple[UrgencyRule, ...]:
    """The rules of urgency, in order."""
    rules = []
    for table in top.tables("rule"):
        table.named("rule", table.text("id"))
        if ":" in table.text("id"):
            table.problem("id", "holds a colon, which is kept for rules that are made.")
        rule = UrgencyRule(
            id=table.text("id"),
            urgency=table.urgency("urgency") or Urgency.EMERGENCY,
            when=read_condition(table, "when"),
            reason=table.text("reason"),
            do=table.texts("do", default=()),
            source=table.text("source"),
            last_reviewed=table.day("last_reviewed"),
        )
        _refuse_empty(table, rule.when)
        table.close()
        rules.append(rule)
    return tuple(rules)


def read_tiers(top: Table) -> dict[Urgency, TierWords]:
    """The words of each tier."""
    tiers = top.table("tier")
    words = {}
    for urgency in Urgency:
        table = tiers.table(urgency.key)
        words[urgency] = TierWords(
            verdict=table.text("verdict"),
            do=table.texts("do", least=1),
            watch=table.texts("watch", default=()),
        )
        table.close()
    tiers.close()
    return words


def read_sources(top: Table) -> dict[str, Source]:
    """The sources by id."""
    sources = {}
    for source_id in top.ids():
        table = top.table(source_id).named("source", source_id)
        sources[source_id] = Source(
            id=source_id,
            kind=table.one_of("kind", SOURCE_KINDS),
            citation=table.text("citation"),
            checked=table.day("checked"),
        )
        table.close()
    return sources
