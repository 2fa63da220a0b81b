"""Which question of the differential comes next, and when enough was asked.

How much a question tells is reckoned in `information.py`; before any of that comes whether it could
still raise the urgency.
"""

from voiceskill.core.assessment import Urgency
from voiceskill.core.information import Asked, askable, standing, worth
from voiceskill.core.pathway import Answers, Pathway, Question
from voiceskill.core.truth import applies, truth
from voiceskill.core.urgency import urgency_rules


def most_telling(pathway: Pathway, answers: Answers) -> str | None:
    """The next question of the differential; None when no further one is worth asking.

    First those that could still raise the urgency, then those that could change the causes
    offered and are expected to tell `tell_least_nats` or more, until one cause has the share
    `certain`. Within each, the one expected to tell most.

    Args:
        pathway: What is known.
        answers: Those that count (`truth.counted`).
    """
    now = standing(pathway, answers)
    open_ones = [one for one in askable(pathway) if is_open(one.question, answers)]
    raising = _raising(pathway, open_ones, answers)
    told = {one.question.id: worth(pathway, one, answers, now) for one in raising or open_ones}
    if raising:
        return max(told, key=lambda name: told[name][0])
    if now.named and max(now.shares) >= pathway.policy.certain:
        return None
    least = pathway.policy.tell_least_nats
    telling = {name: nats for name, (nats, changes) in told.items() if changes and nats >= least}
    return max(telling, key=telling.__getitem__, default=None)


def is_open(question: Question, answers: Answers) -> bool:
    """Whether the question applies and has no answer yet."""
    return question.id not in answers and applies(question, answers)


def _raising(pathway: Pathway, open_ones: list[Asked], answers: Answers) -> list[Asked]:
    """The questions of which some answer would make a more urgent rule hold, or leave it open."""
    held = urgency_rules(pathway, answers)
    now = held[0].urgency if held else Urgency.SELF_CARE
    undecided = {
        rule.id
        for rule in pathway.rules
        if rule.urgency > now and truth(rule.when, answers) is None
    }
    return [
        one
        for one in open_ones
        if any(
            truth(rule.when, {**answers, one.question.id: value}) is not False
            for rule in one.rules
            if rule.id in undecided
            for value in one.outcomes
        )
    ]
