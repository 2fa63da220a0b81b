"""How much a question of the differential is expected to tell about the causes.

For each answer that it offers: how far the shares of the causes would move (Kullback-Leibler, in
nats), weighed by how likely that answer is. How likely an answer is, is approximated: the findings
that it would decide are taken as independent given the cause, and the answers offered are made to
add up to 1; a question that takes several answers is weighed as if one of them were given alone.

Which question is asked is decided in `asking.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import fsum, log

from voiceskill.core.evidence import (
    Weights,
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
from voiceskill.core.truth import tests_of, truth

Known = Mapping[str, bool]
"""Finding to whether it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one question of the differential can decide; made once for each pathway."""

    question: Question
    outcomes: tuple[Value, ...]
    """The answers that are weighed: each option alone; one number within each interval that a
    test tells apart."""
    decided: tuple[Known, ...]
    """For each outcome, the findings that hang on this question alone."""
    shared: tuple[Finding, ...]
    """Findings that hang on other questions too."""
    rules: tuple[UrgencyRule, ...]
    """Those whose condition names the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the causes stand."""

    groups: tuple[Mapping[str, float], ...]
    """For each cause, group to the weight that counts."""
    totals: tuple[float, ...]
    """For each cause, the sum of the weights that count."""
    shares: tuple[float, ...]
    spoken_for: tuple[bool, ...]
    """For each cause, whether something that was said speaks for it."""
    named: tuple[int, ...]
    """The causes that would be offered, likeliest first."""


@lru_cache(maxsize=8)
def askable(pathway: Pathway) -> tuple[Asked, ...]:
    """The questions of the differential with what they can decide, in the order of the file."""
    return tuple(_asked(pathway, question) for question in pathway.of_part(Part.DIFFERENTIAL))


def standing(pathway: Pathway, answers: Answers) -> Standing:
    """Where the causes stand after these answers."""
    counted = counted_weights(pathway, findings_in(pathway, answers))
    groups = tuple({name: weight for name, (weight, _) in one.items()} for one in counted)
    return _standing(
        pathway,
        groups,
        tuple(fsum(one.values()) for one in groups),
        tuple(any(weight > 0 for weight in one.values()) for one in groups),
    )


def worth(pathway: Pathway, one: Asked, answers: Answers, now: Standing) -> tuple[float, bool]:
    """What the question is expected to tell, in nats, and whether it could change the offer."""
    outcomes = _decided(one, answers)
    if not any(outcomes):
        return 0.0, False
    expected, changes = 0.0, False
    for known, chance in zip(outcomes, _chances(pathway, outcomes, now.shares), strict=True):
        after = _after(pathway, known, now)
        moved = fsum(a * log(a / b) for a, b in zip(after.shares, now.shares, strict=True) if a)
        expected += chance * moved
        changes = changes or after.named != now.named
    return expected, changes


def _asked(pathway: Pathway, question: Question) -> Asked:
    naming = [f for f in pathway.findings.values() if _names(f.when, question)]
    alone = [f for f in naming if all(t.question == question.id for t in tests_of(f.when))]
    outcomes = _outcomes(pathway, question)
    return Asked(
        question=question,
        outcomes=outcomes,
        decided=tuple(_truths(alone, {question.id: value}) for value in outcomes),
        shared=tuple(finding for finding in naming if finding not in alone),
        rules=tuple(rule for rule in pathway.rules if _names(rule.when, question)),
    )


def _names(condition: Condition, question: Question) -> bool:
    return any(test.question == question.id for test in tests_of(condition))


def _truths(findings: list[Finding], answers: Answers) -> dict[str, bool]:
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


def _decided(one: Asked, answers: Answers) -> tuple[Known, ...]:
    """For each outcome, the findings that it would newly decide."""
    unsettled = [finding for finding in one.shared if truth(finding.when, answers) is None]
    if not unsettled:
        return one.decided
    return tuple(
        {**known, **_truths(unsettled, {**answers, one.question.id: value})}
        for known, value in zip(one.decided, one.outcomes, strict=True)
    )


@lru_cache(maxsize=8)
def _seen_by(pathway: Pathway) -> Mapping[str, tuple[tuple[int, Weights], ...]]:
    """Finding to the causes, by number, that say something of it."""
    return {
        finding: tuple(
            (i, weights[finding])
            for i, weights in enumerate(weights_of(pathway).values())
            if finding in weights
        )
        for finding in pathway.findings
    }


def _chances(
    pathway: Pathway, outcomes: tuple[Known, ...], shares: tuple[float, ...]
) -> list[float]:
    """How likely each outcome is, over all causes."""
    likely = [_likelihoods(pathway, known, len(shares)) for known in outcomes]
    wholes = [fsum(of_cause) for of_cause in zip(*likely, strict=True)]
    return [
        fsum(s * one / whole for s, one, whole in zip(shares, of_outcome, wholes, strict=True))
        for of_outcome in likely
    ]


def _likelihoods(pathway: Pathway, known: Known, count: int) -> list[float]:
    """For each cause, how likely these findings are together."""
    products = [1.0] * count
    for name, there in known.items():
        usual = pathway.findings[name].usual.rate
        plain = usual if there else 1 - usual
        rates = dict.fromkeys(range(count), plain)
        for i, seen in _seen_by(pathway)[name]:
            rates[i] = seen.rate if there else 1 - seen.rate
        products = [product * rates[i] for i, product in enumerate(products)]
    return products


def _after(pathway: Pathway, known: Known, now: Standing) -> Standing:
    """Where the causes would stand if these findings were known too."""
    totals, spoken_for = list(now.totals), list(now.spoken_for)
    groups: dict[tuple[int, str], float] = {}
    for name, there in known.items():
        group = pathway.findings[name].group
        for i, seen in _seen_by(pathway)[name]:
            weight = seen.present if there else seen.absent
            before = groups.get((i, group), now.groups[i].get(group, 0.0))
            if abs(weight) > abs(before):
                totals[i] += weight - before
                groups[i, group] = weight
                spoken_for[i] = spoken_for[i] or weight > 0
    return _standing(pathway, now.groups, tuple(totals), tuple(spoken_for))


def _standing(
    pathway: Pathway,
    groups: tuple[Mapping[str, float], ...],
    totals: tuple[float, ...],
    spoken_for: tuple[bool, ...],
) -> Standing:
    shares = tuple(posteriors(pathway, totals))
    offered = [i for i, spoken in enumerate(spoken_for) if spoken]
    offered.sort(key=lambda i: -shares[i])
    offered = [i for i in offered if shares[i] >= pathway.policy.offer_least] or offered[:1]
    return Standing(
        groups=groups,
        totals=totals,
        shares=shares,
        spoken_for=spoken_for,
        named=tuple(offered[: pathway.policy.offered_causes]),
    )
