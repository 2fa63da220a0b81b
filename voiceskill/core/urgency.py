"""How urgent it is: the rules that hold, and what is not certain, which falls upward.

By rules alone: no weight and no likelihood is looked at here.
"""

from dataclasses import dataclass, replace

from voiceskill.core.assessment import Urgency
from voiceskill.core.pathway import (
    UNSURE,
    YES,
    Answers,
    Part,
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
        _unsure(question, question.unsure_tier)
        for question in pathway.questions.values()
        if question.unsure_tier and counting.get(question.id) == UNSURE
    ]
    return _most_urgent_first(held)


def open_topics(pathway: Pathway, answers: Answers) -> tuple[Held, ...]:
    """What holds besides, as long as a "yes" of the gate waits for a follow-up.

    Such a "yes" counts like a "not sure", so that a check that breaks off between a "yes" and
    "is that new?" is not taken for harmless.
    """
    counting = counted(pathway, answers)
    waiting = _waiting(pathway, counting)
    if not waiting:
        return ()
    certain = {held.id for held in urgency_rules(pathway, answers)}
    doubted = urgency_rules(pathway, {**counting, **dict.fromkeys(waiting, UNSURE)})
    made = {f"unsure:{topic}": topic for topic in waiting}
    return tuple(
        _open(pathway.questions[made[held.id]], held) if held.id in made else held
        for held in doubted
        if held.id not in certain
    )


def _waiting(pathway: Pathway, counting: Answers) -> set[str]:
    """The topics answered "yes" of which a follow-up is still to be asked."""
    return {
        question.topic
        for question in pathway.of_part(Part.GATE)
        if question.id not in counting
        and counting.get(question.topic) == YES
        and applies(question, counting)
    }


def _open(topic: Question, held: Held) -> Held:
    return replace(held, id=f"open:{topic.id}", reason=topic.option(YES).said)


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


def _unsure(question: Question, urgency: Urgency) -> Held:
    return Held(
        id=f"unsure:{question.id}",
        urgency=urgency,
        reason=question.about,
        do=(),
        questions=(question.id,),
        source=question.source,
    )


def _most_urgent_first(held: list[Held]) -> tuple[Held, ...]:
    return tuple(sorted(held, key=lambda one: -one.urgency))
