"""How urgent it is: the rules that hold, and what is not certain, which falls upward.

By rules alone: no weight and no likelihood is looked at here.
"""

from dataclasses import dataclass

from voiceskill.core.assessment import Urgency
from voiceskill.core.pathway import (
    UNSURE,
    YES,
    Answers,
    Kind,
    Pathway,
    Question,
    UrgencyRule,
    Value,
)
from voiceskill.core.truth import applies, counted, holding, truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A rule that holds, with what made it hold."""

    id: str
    """The rule's own; "unsure:<question>" where a person was not sure of a question that decides;
    "open:<question>" where a "yes" still waits for the question that would narrow it."""
    urgency: Urgency
    reason: str
    """Completes "because you said ..."; of "unsure:", the noun phrase that `Question.about` is."""
    do: tuple[str, ...]
    questions: tuple[str, ...]
    """Questions whose answers made it hold, in the order of the pathway."""
    source: str


def urgency_rules(pathway: Pathway, answers: Answers) -> tuple[Held, ...]:
    """The rules that hold and the unsure answers that count as one, most urgent first.

    A "yes" whose follow-up is still to be asked is not among them, so that it can be asked before
    anything is acted on; `open_topics` has it.
    """
    counting = counted(pathway, answers)
    held = [_held(pathway, rule, counting) for rule in pathway.rules if truth(rule.when, counting)]
    held += [
        _made("unsure", question, question.unsure_tier, question.about)
        for question in pathway.questions.values()
        if question.unsure_tier and counting.get(question.id) == UNSURE
    ]
    return _most_urgent_first(held)


def open_topics(pathway: Pathway, answers: Answers) -> tuple[Held, ...]:
    """Each "yes" of the gate that still waits for a follow-up, as urgent as its "not sure".

    So a check that breaks off between a "yes" and "is that new?" is not taken for harmless.
    """
    counting = counted(pathway, answers)
    waiting = {
        question.topic
        for question in pathway.questions.values()
        if question.topic != question.id
        and question.id not in counting
        and applies(question, counting)
    }
    held = [
        _made("open", question, question.unsure_tier, question.option(YES).said)
        for question in pathway.questions.values()
        if question.id in waiting and question.unsure_tier and _is_yes(question, counting)
    ]
    return _most_urgent_first(held)


def _is_yes(question: Question, counting: dict[str, Value]) -> bool:
    return question.kind is Kind.YES_NO and counting.get(question.id) == YES


def _held(pathway: Pathway, rule: UrgencyRule, counting: dict[str, Value]) -> Held:
    made = frozenset(holding(rule.when, counting))
    return Held(
        id=rule.id,
        urgency=rule.urgency,
        reason=rule.reason,
        do=rule.do,
        questions=tuple(name for name in pathway.questions if name in made),
        source=rule.source,
    )


def _made(prefix: str, question: Question, urgency: Urgency, reason: str) -> Held:
    return Held(
        id=f"{prefix}:{question.id}",
        urgency=urgency,
        reason=reason,
        do=(),
        questions=(question.id,),
        source=question.source,
    )


def _most_urgent_first(held: list[Held]) -> tuple[Held, ...]:
    return tuple(sorted(held, key=lambda one: -one.urgency))
