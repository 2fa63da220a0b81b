"""Tries every case of the data: these answers must come to that outcome."""

from collections.abc import Iterator

from voiceskill.core.assess import assess
from voiceskill.core.pathway import Case, Pathway
from voiceskill.loading.table import Report, Spot


def check_cases(pathway: Pathway, report: Report) -> None:
    """Note every case that does not come out as it says."""
    for i, case in enumerate(pathway.cases):
        spot = report.at("file", f"{pathway.id}/cases.toml", "case", i)
        _check(pathway, case, spot, report)
    for cause in pathway.causes.values():
        for i, case in enumerate(cause.cases):
            _check(pathway, case, report.at("cause", cause.id, "case", i), report)


def cases_of(pathway: Pathway) -> tuple[Case, ...]:
    """Every case of the pathway as a whole and of its causes."""
    return (*pathway.cases, *(case for cause in pathway.causes.values() for case in cause.cases))


def _check(pathway: Pathway, case: Case, spot: Spot, report: Report) -> None:
    for message in failures(pathway, case):
        report.add(spot, f"{case.name!r}: {message}.")


def failures(pathway: Pathway, case: Case) -> Iterator[str]:
    """What came out otherwise than the case says; nothing when it holds."""
    outcome = assess(pathway, case.answers)
    named = [likely.cause for likely in outcome.causes]
    told = ", ".join(named) or "no cause"
    if case.urgency is not None and outcome.urgency is not case.urgency:
        came = outcome.urgency.key if outcome.urgency else "no urgency"
        by = f" by {', '.join(outcome.rules)}" if outcome.rules else ""
        yield f"urgency must be {case.urgency.key}, but it is {came}{by}"
    if case.first and named[:1] != [case.first]:
        yield f"{case.first!r} must be first, but the causes are {told}"
    for cause in case.named:
        if cause not in named:
            yield f"{cause!r} must be among the causes, but they are {told}"
    for cause in case.not_named:
        if cause in named:
            yield f"{cause!r} must not be among the causes, but they are {told}"
