"""From answers to how likely each cause is, by plain Bayes, and with which reasons.

A cause begins with its prior. A finding that is there multiplies its odds by the likelihood ratio
rate / usual, one that is known not to be there by (1 - rate) / (1 - usual); a published pair of
ratios is taken as it stands. Of findings in one group only the strongest counts, cause by cause.
What is not known counts for nothing, and so does a finding of which a cause says nothing.

How urgent it is, is not asked here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp, fsum, log

from voiceskill.core.assessment import LikelyCause, Reason
from voiceskill.core.pathway import Answers, Cause, Finding, Pathway, SeenIn
from voiceskill.core.truth import truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What one finding says of one cause."""

    present: float
    """Natural logarithm of the likelihood ratio when it is there."""
    absent: float
    """The same when it is known not to be there."""
    rate: float
    """How often people with this cause have it."""
    source: str


Counted = Mapping[str, tuple[float, str]]
"""Of one cause: group to the weight that counts and the finding that it comes from."""


@lru_cache(maxsize=8)
def weights_of(pathway: Pathway) -> Mapping[str, Mapping[str, Weights]]:
    """Cause to finding to weights; made once for each pathway."""
    return {
        cause.id: {
            seen.finding: _weights(pathway.findings[seen.finding], seen) for seen in cause.seen_in
        }
        for cause in pathway.causes.values()
    }


def findings_in(pathway: Pathway, answers: Answers) -> dict[str, bool]:
    """The findings that are known: there or not there."""
    verdicts = {name: truth(finding.when, answers) for name, finding in pathway.findings.items()}
    return {name: there for name, there in verdicts.items() if there is not None}


def counted_weights(pathway: Pathway, known: Mapping[str, bool]) -> list[Counted]:
    """For each cause, in order, the weights that count: the strongest of each group."""
    return [
        _strongest(pathway.findings, weights, known) for weights in weights_of(pathway).values()
    ]


def posteriors(pathway: Pathway, totals: Iterable[float]) -> list[float]:
    """The share of each cause, in order; they add up to 1.

    Args:
        pathway: Its causes carry the priors.
        totals: For each cause, the sum of the weights that count.
    """
    causes: Iterable[Cause] = pathway.causes.values()
    logs = [log(cause.prior_per_1000) + total for cause, total in zip(causes, totals, strict=True)]
    top = max(logs, default=0.0)
    shares = [exp(value - top) for value in logs]
    whole = fsum(shares)
    return [share / whole for share in shares]


def likely_causes(pathway: Pathway, answers: Answers) -> tuple[LikelyCause, ...]:
    """The causes to offer, likeliest first: those for which something that was said speaks.

    Of these none whose share is below `offer_least`, save for the likeliest.
    """
    counted = counted_weights(pathway, findings_in(pathway, answers))
    totals = [fsum(weight for weight, _ in groups.values()) for groups in counted]
    shares = posteriors(pathway, totals)
    offered = [
        LikelyCause(cause=cause, posterior=share, reasons=_reasons(pathway, cause, groups))
        for cause, share, groups in zip(pathway.causes, shares, counted, strict=True)
        if any(weight > 0 for weight, _ in groups.values())
    ]
    offered.sort(key=lambda likely: -likely.posterior)
    least = pathway.policy.offer_least
    likely_enough = [one for one in offered if one.posterior >= least] or offered[:1]
    return tuple(likely_enough[: pathway.policy.offered_causes])


def reasons_for(pathway: Pathway, cause: str, answers: Answers) -> tuple[Reason, ...]:
    """What the answers say of one cause, offered or not: for it first, then against it."""
    counted = counted_weights(pathway, findings_in(pathway, answers))
    groups = dict(zip(pathway.causes, counted, strict=True))[cause]
    return _reasons(pathway, cause, groups)


def _weights(finding: Finding, seen: SeenIn) -> Weights:
    if seen.rate is not None:
        usual = finding.usual.rate if seen.usual is None else seen.usual
        positive, negative = seen.rate / usual, (1 - seen.rate) / (1 - usual)
        rate = seen.rate
    else:
        positive, negative = seen.lr_positive or 1.0, seen.lr_negative or 1.0
        rate = _rate_from(positive, negative, finding.usual.rate)
    return Weights(present=log(positive), absent=log(negative), rate=rate, source=seen.source)


def _rate_from(positive: float, negative: float, usual: float) -> float:
    """The sensitivity that a pair of likelihood ratios stands for: s/u and (1-s)/(1-u) solved."""
    if positive == negative:
        return usual
    return positive * (1 - negative) / (positive - negative)


def _strongest(
    findings: Mapping[str, Finding], weights: Mapping[str, Weights], known: Mapping[str, bool]
) -> Counted:
    strongest: dict[str, tuple[float, str]] = {}
    for name, said in weights.items():
        if name not in known:
            continue
        weight = said.present if known[name] else said.absent
        group = findings[name].group
        if abs(weight) > abs(strongest.get(group, (0.0, ""))[0]):
            strongest[group] = (weight, name)
    return strongest


def _reasons(pathway: Pathway, cause: str, groups: Counted) -> tuple[Reason, ...]:
    """Those that speak for the cause, strongest first, then those against it, strongest first."""
    weights = weights_of(pathway)[cause]
    reasons = [
        Reason(
            finding=name,
            text=_text(pathway.findings[name], there=(weight == weights[name].present)),
            weight=weight,
            source=weights[name].source,
        )
        for weight, name in groups.values()
    ]
    return tuple(sorted(reasons, key=lambda reason: (reason.weight < 0, -abs(reason.weight))))


def _text(finding: Finding, *, there: bool) -> str:
    return finding.said if there else finding.said_not
