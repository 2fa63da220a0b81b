"""Which question of the differential tells most next.

The worth of a question is the information it is expected to bring about the causes: for each
answer it offers, how far the shares of the causes would move (Kullback-Leibler, in nats), weighed
by how likely that answer is. How likely an answer is, is approximated: the findings that it would
decide are taken as independent given the cause, and the answers offered are made to add up to 1;
a question that takes several answers is weighed as if one of them were given alone.

Before any of that comes whether a question could still raise the urgency.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import fsum, log

from voiceskill.core.assessment import Urgency
from voiceskill.core.evidence import (
    counted_weights,
    findings_in,
    posteriors,
    weights_of,
)
from voiceskill.core.pathway import (
    NO,
    YES,
    Answers,
    Condition,
    Finding,
    Kind,
    Part,
    Pathway,
    Question,
    UrgencyRule,
    Value,
)
from voiceskill.core.truth import applies, tests_of, truth
from voiceskill.core.urgency import urgency_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one question of the differential can decide; made once for each pathway."""

    question: Question
    outcomes: tuple[Value, ...]
    """The answers that are weighed: each option alone; one number within each interval that a
    test tells apart."""
    findings: tuple[Finding, ...]
    """Those whose condition names the question."""
    decided: tuple[Mapping[str, bool], ...]
    """For each outcome, the findings that it decides whatever else was answered."""
    rules: tuple[UrgencyRule, ...]
    """Those whose condition names the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the causes stand before a question is asked."""

    groups: tuple[Mapping[str, float], ...]
    """For each cause, group to the weight that counts."""
    totals: tuple[float, ...]
    shares: tuple[float, ...]
    named: tuple[int, ...]
    """The causes that would be offered now, likeliest first."""
    spoken_for: tuple[bool, ...]
    """For each cause, whether something that was said speaks for it."""


def most_telling(pathway: Pathway, answers: Answers) -> str | None:
    """The next question of the differential; None when no further one is worth asking.

    First those that could still raise the urgency, then those that could change the causes
    offered and are expected to tell `tell_least_nats` or more, until one cause has the share
    `certain`. Within each, the one expected to tell most.

    Args:
        pathway: What is known.
        answers: Those that count (`truth.counted`).
    """
    open_ones = [one for one in askable(pathway) if _is_open(one.question, answers)]
    raising = [one for one in open_ones if _may_raise(pathway, one, answers)]
    standing = _standing(pathway, answers)
    told = {one.question.id: _worth(pathway, one, answers, standing) for one in open_ones}
    if raising:
        return max(raising, key=lambda one: told[one.question.id][0]).question.id
    if max(standing.shares, default=1.0) >= pathway.policy.certain and standing.named:
        return None
    worth = {
        name: nats
        for name, (nats, changes) in told.items()
        if changes and nats >= pathway.policy.tell_least_nats
    }
    return max(worth, key=worth.__getitem__) if worth else None


@lru_cache(maxsize=8)
def askable(pathway: Pathway) -> tuple[Asked, ...]:
    """The questions of the differential with what they can decide, in the order of the file."""
    return tuple(_asked(pathway, question) for question in pathway.of_part(Part.DIFFERENTIAL))


def _is_open(question: Question, answers: Answers) -> bool:
    return question.id not in answers and applies(question, answers)


def _asked(pathway: Pathway, question: Question) -> Asked:
    findings = tuple(f for f in pathway.findings.values() if _names(f.when, question))
    outcomes = _outcomes(pathway, question)
    return Asked(
        question=question,
        outcomes=outcomes,
        findings=findings,
        decided=tuple(_decided(findings, {question.id: value}) for value in outcomes),
        rules=tuple(rule for rule in pathway.rules if _names(rule.when, question)),
    )


def _names(condition: Condition, question: Question) -> bool:
    return any(test.question == question.id for test in tests_of(condition))


def _decided(findings: tuple[Finding, ...], answers: Answers) -> dict[str, bool]:
    verdicts = {finding.id: truth(finding.when, answers) for finding in findings}
    return {name: there for name, there in verdicts.items() if there is not None}


def _outcomes(pathway: Pathway, question: Question) -> tuple[Value, ...]:
    if question.kind is Kind.YES_NO:
        return (YES, NO)
    if question.kind is Kind.SEVERAL:
        return tuple((option.id,) for option in question.options)
    if question.options:
        return tuple(option.id for option in question.options)
    return tuple(sorted(_edges(pathway, question)))


def _edges(pathway: Pathway, question: Question) -> set[float]:
    """The lower end of each interval that some test tells apart."""
    edges = set() if question.minimum is None else {question.minimum}
    conditions = [finding.when for finding in pathway.findings.values()]
    conditions += [rule.when for rule in pathway.rules]
    for condition in conditions:
        for test in tests_of(condition):
            if test.question == question.id:
                edges |= {edge for edge in (test.at_least, test.below) if edge is not None}
    return edges


# ---- urgency


def _may_raise(pathway: Pathway, one: Asked, answers: Answers) -> bool:
    """Whether some answer would make a rule hold, or leave it open, that is more urgent."""
    rules = [rule for rule in one.rules if truth(rule.when, answers) is None]
    if not rules:
        return False
    held = urgency_rules(pathway, answers)
    now = held[0].urgency if held else Urgency.SELF_CARE
    return any(
        rule.urgency > now and truth(rule.when, {**answers, one.question.id: value}) is not False
        for rule in rules
        for value in one.outcomes
    )


# ---- information


def _standing(pathway: Pathway, answers: Answers) -> Standing:
    counted = counted_weights(pathway, findings_in(pathway, answers))
    groups = tuple({name: weight for name, (weight, _) in one.items()} for one in counted)
    totals = tuple(fsum(one.values()) for one in groups)
    shares = tuple(posteriors(pathway, totals))
    spoken_for = tuple(any(weight > 0 for weight in one.values()) for one in groups)
    return Standing(
        groups=groups,
        totals=totals,
        shares=shares,
        named=_named(pathway, shares, spoken_for),
        spoken_for=spoken_for,
    )


def _named(
    pathway: Pathway, shares: tuple[float, ...], spoken_for: tuple[bool, ...]
) -> tuple[int, ...]:
    offered = [i for i, spoken in enumerate(spoken_for) if spoken]
    offered.sort(key=lambda i: -shares[i])
    return tuple(offered[: pathway.policy.offered_causes])


def _worth(
    pathway: Pathway, one: Asked, answers: Answers, standing: Standing
) -> tuple[float, bool]:
    """What the question is expected to tell, in nats, and whether it could change the offer."""
    decided = list(_new_findings(one, answers))
    if not any(decided):
        return 0.0, False
    expected, changes = 0.0, False
    chances = _chances(pathway, decided, standing.shares)
    for known, chance in zip(decided, chances, strict=True):
        after = _after(pathway, known, standing)
        expected += chance * _moved(after.shares, standing.shares)
        changes = changes or after.named != standing.named
    return expected, changes


def _new_findings(one: Asked, answers: Answers) -> Iterator[Mapping[str, bool]]:
    """For each outcome, the findings that it would newly decide."""
    unsettled = [f for f in one.findings if truth(f.when, answers) is None]
    for value, decided in zip(one.outcomes, one.decided, strict=True):
        if len(decided) == len(one.findings) == len(unsettled):
            yield decided
        else:
            yield _decided(tuple(unsettled), {**answers, one.question.id: value})


def _chances(
    pathway: Pathway, decided: list[Mapping[str, bool]], shares: tuple[float, ...]
) -> list[float]:
    """How likely each outcome is, over all causes."""
    chances = [0.0] * len(decided)
    for weights, share in zip(weights_of(pathway).values(), shares, strict=True):
        likely = []
        for known in decided:
            product = 1.0
            for name, there in known.items():
                seen = weights.get(name)
                rate = pathway.findings[name].usual.rate if seen is None else seen.rate
                product *= rate if there else 1 - rate
            likely.append(product)
        whole = fsum(likely)
        for i, chance in enumerate(likely):
            chances[i] += share * chance / whole
    return chances


def _after(pathway: Pathway, known: Mapping[str, bool], standing: Standing) -> Standing:
    """Where the causes would stand if these findings were known too."""
    totals = list(standing.totals)
    spoken_for = list(standing.spoken_for)
    for i, weights in enumerate(weights_of(pathway).values()):
        groups: dict[str, float] = {}
        for name, there in known.items():
            seen = weights.get(name)
            if seen is None:
                continue
            group = pathway.findings[name].group
            weight = seen.present if there else seen.absent
            before = groups.get(group, standing.groups[i].get(group, 0.0))
            if abs(weight) > abs(before):
                totals[i] += weight - before
                groups[group] = weight
                spoken_for[i] = spoken_for[i] or weight > 0
    shares = tuple(posteriors(pathway, totals))
    return Standing(
        groups=standing.groups,
        totals=tuple(totals),
        shares=shares,
        named=_named(pathway, shares, tuple(spoken_for)),
        spoken_for=tuple(spoken_for),
    )


def _moved(after: tuple[float, ...], before: tuple[float, ...]) -> float:
    """Kullback-Leibler divergence, in nats."""
    return fsum(a * log(a / b) for a, b in zip(after, before, strict=True) if a > 0 and b > 0)
