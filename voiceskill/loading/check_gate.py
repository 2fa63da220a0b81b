"""Refuses what would break the laws of urgency, and what could never be asked or never hold."""

from collections.abc import Iterator
from itertools import product

from voiceskill.core.assessment import Urgency
from voiceskill.core.pathway import (
    NO,
    UNSURE,
    YES,
    Answers,
    Condition,
    Kind,
    Part,
    Pathway,
    Question,
    Test,
    Value,
)
from voiceskill.core.truth import counted, tests_of, truth
from voiceskill.loading.table import Report

_MOST_COMBINATIONS = 20_000
"""Conditions over more combinations of answers than this are not tried out."""


def check_gate(pathway: Pathway, report: Report) -> None:
    """Note what breaks the laws of design section 5 or can never happen."""
    _order(pathway, report)
    _urgent_rules(pathway, report)
    _topics(pathway, report)
    _reachable(pathway, report)
    _useful(pathway, report)


def _order(pathway: Pathway, report: Report) -> None:
    """The opening, then each gate topic with its follow-ups, then the differential."""
    parts = list(Part)
    before, topic = Part.OPENING, ""
    topics = set()
    for question in pathway.questions.values():
        spot = report.at("question", question.id)
        if parts.index(question.part) < parts.index(before):
            report.add(spot.at("part"), f"a {question.part} question stands behind a {before} one.")
        before = question.part
        if question.part is Part.GATE:
            if question.topic not in (question.id, topic):
                message = f"must stand right behind its topic {question.topic!r}."
                report.add(spot.at("topic"), f"a follow-up {message}")
            topic = question.topic
            topics.add(topic)
    if len(topics) > pathway.policy.gate_topics:
        message = f"is {pathway.policy.gate_topics}, but the gate has {len(topics)} topics."
        spot = report.at("file", f"{pathway.id}/pathway.toml", "policy", "gate_topics")
        report.add(spot, f"{message} Join or drop some: nobody bears more questions.")


def _rests_on_no(pathway: Pathway, test: Test) -> bool:
    """Whether a test asks for the "no" to a gate topic, which a later "yes" would undo."""
    question = pathway.questions[test.question]
    is_topic = question.part is Part.GATE and question.topic == question.id
    return is_topic and NO in test.is_any and YES not in test.is_any


def _urgent_rules(pathway: Pathway, report: Report) -> None:
    for rule in pathway.rules:
        if rule.urgency < Urgency.SAME_DAY:
            continue
        spot = report.at("rule", rule.id, "when")
        for test in tests_of(rule.when):
            question = pathway.questions[test.question]
            if _rests_on_no(pathway, test):
                report.add(
                    spot,
                    f'rests on the "no" to {test.question!r}: a later "yes" would lower the '
                    "urgency. Test what was answered instead, or a follow-up.",
                )
            elif _falls_below(question, test, rule.urgency):
                report.add(
                    spot,
                    f'holds for the "no" to {test.question!r}, whose unsure_tier is lower: '
                    '"not sure" may not count for less than "no". Raise that unsure_tier.',
                )


def _falls_below(question: Question, test: Test, urgency: Urgency) -> bool:
    asks_no = question.kind is Kind.YES_NO and NO in test.is_any and UNSURE not in test.is_any
    return asks_no and (question.unsure_tier or Urgency.SELF_CARE) < urgency


def _topics(pathway: Pathway, report: Report) -> None:
    """Every topic of the gate leads somewhere, and none is hidden by another's "no"."""
    urgent = {
        pathway.questions[test.question].topic
        for rule in pathway.rules
        if rule.urgency >= Urgency.SAME_DAY
        for test in tests_of(rule.when)
    }
    for question in pathway.of_part(Part.GATE):
        spot = report.at("question", question.id)
        if question.topic == question.id and question.id not in urgent:
            report.add(
                spot,
                "no rule of same_day or emergency names this topic or its follow-ups; "
                "in the gate stands only what can be urgent.",
            )
        if any(_rests_on_no(pathway, test) for test in tests_of(question.ask_when)):
            report.add(
                spot.at("ask_when"),
                'rests on a "no" of the gate: a later "yes" there would hide this question.',
            )


def _reachable(pathway: Pathway, report: Report) -> None:
    for question in pathway.questions.values():
        if question.ask_when and not _can_hold(pathway, question.ask_when):
            report.add(
                report.at("question", question.id, "ask_when"),
                "can never hold, so that this question is never asked; mend the condition.",
            )
    for kind, things in (("finding", pathway.findings.values()), ("rule", pathway.rules)):
        for thing in things:
            if not _can_hold(pathway, thing.when):
                report.add(report.at(kind, thing.id, "when"), "can never hold; mend the condition.")


def _can_hold(pathway: Pathway, condition: Condition) -> bool:
    """Whether some answers make it hold, given when the questions it names are asked."""
    names = _needed(pathway, condition)
    choices = [_values(pathway, pathway.questions[name]) for name in names]
    size = 1
    for values in choices:
        size *= len(values)
    if size > _MOST_COMBINATIONS:
        return True
    return any(
        truth(condition, counted(pathway, _given(names, values))) for values in product(*choices)
    )


def _given(names: list[str], values: tuple[Value | None, ...]) -> Answers:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _needed(pathway: Pathway, condition: Condition) -> list[str]:
    """The questions that a condition names, and those on which their being asked hangs."""
    names: dict[str, None] = {}
    todo = [test.question for test in tests_of(condition)]
    while todo:
        name = todo.pop()
        if name not in names:
            names[name] = None
            todo += [test.question for test in tests_of(pathway.questions[name].ask_when)]
    return list(names)


def _values(pathway: Pathway, question: Question) -> list[Value | None]:
    """Enough values to make any test on the question hold or not."""
    ids = [option.id for option in question.options]
    if question.kind is Kind.SEVERAL:
        pairs = [(a, b) for i, a in enumerate(ids) for b in ids[i + 1 :]]
        return [*((one,) for one in ids), *pairs, tuple(ids), UNSURE]
    if question.options:
        return [*ids, UNSURE]
    numbers = set(_edges(pathway, question))
    low, high = question.minimum or 0.0, question.maximum or 0.0
    return [low, high, *sorted(n for n in numbers if low < n < high), UNSURE]


def _edges(pathway: Pathway, question: Question) -> Iterator[float]:
    """The numbers at which some test on the question turns, and one just below each."""
    conditions = [finding.when for finding in pathway.findings.values()]
    conditions += [rule.when for rule in pathway.rules]
    conditions += [other.ask_when for other in pathway.questions.values() if other.ask_when]
    for condition in conditions:
        for test in tests_of(condition):
            if test.question == question.id:
                for edge in (test.at_least, test.below):
                    if edge is not None:
                        yield from (edge, edge - 1e-6)


def _useful(pathway: Pathway, report: Report) -> None:
    """A question of the differential decides something; a finding is seen in some cause."""
    conditions: list[Condition | None] = [finding.when for finding in pathway.findings.values()]
    conditions += [rule.when for rule in pathway.rules]
    conditions += [question.ask_when for question in pathway.questions.values()]
    named = {test.question for condition in conditions for test in tests_of(condition)}
    for question in pathway.of_part(Part.DIFFERENTIAL):
        if question.id not in named:
            report.add(
                report.at("question", question.id),
                "no finding, rule or ask_when names it, so that it is never asked; "
                "add a finding or take it out.",
            )
    seen = {one.finding for cause in pathway.causes.values() for one in cause.seen_in}
    for finding in pathway.findings:
        if finding not in seen:
            message = "no cause has a seen_in for it; add one or take it out."
            report.add(report.at("finding", finding), message)
