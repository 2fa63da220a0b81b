"""Counts where everything in a pathway comes from, by kind of source.

A figure of the policy names its source in the comment behind it, a country in its own words. What
names nothing that can be looked up is noted as a problem.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from voiceskill.core.pathway import Pathway
from voiceskill.loading.check_links import ASSUMPTION
from voiceskill.loading.knowledge import SOURCE_KINDS
from voiceskill.loading.lines import line_of
from voiceskill.loading.table import Problem, Report, Spot

KINDS = (*SOURCE_KINDS, "web page")
"""Kinds of source, strongest first; "web page" is what a country names."""

_SITE = re.compile(r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")

_REMEDIES = {
    "policy figures": f"name one of sources.toml, or {ASSUMPTION}, in a comment behind it",
    "countries": "name the page where the numbers stand, such as example.org",
}

Named = tuple[str, Spot, tuple[str, ...]]
"""What sort of thing it is, where its source is named, and the sources' ids or kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a pathway comes from."""

    pathway: str
    counts: dict[str, Counter[str]]
    """Sort of thing ("rules") to kind of source to how many."""
    untraceable: tuple[Problem, ...]


def trace(pathway: Pathway, report: Report) -> Provenance:
    """Count the sources of a pathway in which every name leads somewhere.

    Args:
        pathway: As it was read.
        report: Knows where everything stands; what cannot be traced is noted there too.
    """
    counts: dict[str, Counter[str]] = {}
    before = len(report.problems)
    for sort, spot, sources in _named(pathway, report):
        counter = counts.setdefault(sort, Counter())
        kinds = [kind for kind in (_kind(pathway, source) for source in sources) if kind]
        counter.update(kinds)
        if not kinds:
            remedy = _REMEDIES.get(sort, f"name one of sources.toml, or {ASSUMPTION}")
            report.add(
                spot,
                f"names no source that can be looked up, so that nobody can check it; {remedy}.",
            )
    untraceable = tuple(report.problems[before:])
    return Provenance(pathway=pathway.id, counts=counts, untraceable=untraceable)


def _kind(pathway: Pathway, source: str) -> str:
    """The kind of a source; "" where nothing is known by that name."""
    if source in (ASSUMPTION, "web page"):
        return source
    known = pathway.sources.get(source)
    return known.kind if known else ""


def _named(pathway: Pathway, report: Report) -> Iterator[Named]:
    for question in pathway.questions.values():
        yield "questions", report.at("question", question.id, "source"), (question.source,)
    for rule in pathway.rules:
        yield "rules of urgency", report.at("rule", rule.id, "source"), (rule.source,)
    for cause in pathway.causes.values():
        spot = report.at("cause", cause.id)
        yield "causes", spot.at("sources"), cause.sources
        yield "priors", spot.at("prior", "source"), (cause.prior_source,)
        for i, seen in enumerate(cause.seen_in):
            yield "seen_in figures", spot.at("seen_in", i, "source"), (seen.source,)
    for finding in pathway.findings.values():
        at = report.at("finding", finding.id, "usual", "source")
        yield "usual figures", at, (finding.usual.source,)
    yield from _policy(pathway, report.at("file", f"{pathway.id}/pathway.toml", "policy"))
    for country in pathway.countries.values():
        found = ("web page",) if _SITE.search(country.source) else ()
        yield "countries", report.at("country", country.id, "source"), found


def _policy(pathway: Pathway, spot: Spot) -> Iterator[Named]:
    """Each figure of the policy, with the first source that the comment behind it names."""
    lines = spot.text.splitlines()
    for name in pathway.policy.__slots__:
        at = spot.at(name)
        line = lines[line_of(spot.text, at.place) - 1] if lines else ""
        key, _, comment = line.partition("#")
        if key.split("=")[0].strip() == name:  # one that may be left out is not always there
            known = (ASSUMPTION, *pathway.sources)
            yield "policy figures", at, tuple(w for w in _WORD.findall(comment) if w in known)[:1]


def table_of(provenance: Provenance) -> Iterator[str]:
    """A table for people: a line for each sort of thing, a column for each kind of source."""
    wide = max(len(sort) for sort in (*provenance.counts, provenance.pathway))
    yield f"{provenance.pathway:<{wide}}  " + "  ".join(f"{kind:>10}" for kind in KINDS)
    for sort, counter in provenance.counts.items():
        yield f"{sort:<{wide}}  " + "  ".join(f"{counter[kind] or '-':>10}" for kind in KINDS)
    whole = sum(provenance.counts.values(), Counter())
    yield f"{'in all':<{wide}}  " + "  ".join(f"{whole[kind] or '-':>10}" for kind in KINDS)
