"""Refuses every name that nothing bears, and whatever must be there and is not.

These make a pathway unusable, so `load_pathway` refuses them too; what merely makes it worse is
looked for by the other checks.
"""

from collections.abc import Iterable, Mapping

from voiceskill.core.assessment import Urgency
from voiceskill.core.pathway import (
    SKIPPED,
    UNSURE,
    Case,
    Cause,
    Condition,
    Kind,
    Part,
    Pathway,
    Question,
    Value,
)
from voiceskill.core.truth import tests_of
from voiceskill.loading.table import Report, Spot

ASSUMPTION = "assumption"
"""The source of a figure for which no publication was found."""


def check_links(pathway: Pathway, report: Report) -> None:
    """Note every dangling name and every part that is missing."""
    links = _Links(pathway, report)
    for question in pathway.questions.values():
        links.question(question)
    for statement in pathway.statements:
        links.answers(statement.answers, report.at("statement", statement.id, "answers"))
    for finding in pathway.findings.values():
        links.condition(finding.when, report.at("finding", finding.id, "when"))
        links.source(finding.usual.source, report.at("finding", finding.id, "usual", "source"))
    for rule in pathway.rules:
        links.condition(rule.when, report.at("rule", rule.id, "when"))
        links.source(rule.source, report.at("rule", rule.id, "source"))
    for cause in pathway.causes.values():
        links.cause(cause)
    if pathway.cases:
        links.cases(pathway.cases, report.at("file", f"{pathway.id}/cases.toml", "case"))
    links.person()
    links.summary()


class _Links:
    """The names of a pathway, and a place to complain."""

    def __init__(self, pathway: Pathway, report: Report) -> None:
        self.pathway = pathway
        self.report = report

    def question(self, question: Question) -> None:
        spot = self.report.at("question", question.id)
        self.source(question.source, spot.at("source"))
        earlier = _before(self.pathway.questions, question.id)
        self.condition(question.ask_when, spot.at("ask_when"))
        for test in tests_of(question.ask_when):
            if test.question in self.pathway.questions and test.question not in earlier:
                self.report.add(
                    spot.at("ask_when"),
                    f"names {test.question!r}, which stands later in the file; "
                    "move this question behind it.",
                )
        if question.part is Part.GATE:
            self._gate(question, spot)

    def _gate(self, question: Question, spot: Spot) -> None:
        if (question.unsure_tier or Urgency.SELF_CARE) < Urgency.SAME_DAY:
            self.report.add(
                spot.at("unsure_tier"),
                'must be same_day or emergency in the gate: a "not sure" there is never a "no".',
            )
        topic = self.pathway.questions.get(question.topic)
        if topic is None or topic.topic != topic.id or topic.part is not Part.GATE:
            known = [q.id for q in self.pathway.of_part(Part.GATE) if q.topic == q.id]
            where = "a topic bears the id of its first question"
            self.report.unknown(spot.at("topic"), "gate topic", question.topic, known, where)

    def cause(self, cause: Cause) -> None:
        spot = self.report.at("cause", cause.id)
        self.source(cause.prior_source, spot.at("prior", "source"))
        for source in cause.sources:
            self.source(source, spot.at("sources"))
        for i, seen in enumerate(cause.seen_in):
            self.source(seen.source, spot.at("seen_in", i, "source"))
            if seen.finding not in self.pathway.findings:
                at = spot.at("seen_in", i, "finding")
                where = "findings are in findings.toml"
                self.report.unknown(at, "finding", seen.finding, self.pathway.findings, where)
        names = [seen.finding for seen in cause.seen_in]
        for i, name in enumerate(names):
            if name in names[:i]:
                self.report.add(
                    spot.at("seen_in", i, "finding"), f"{name!r} stands twice; keep one of them."
                )
        self.cases(cause.cases, spot.at("case"))
        _demand_cases(cause, spot, self.report)

    def cases(self, cases: Iterable[Case], spot: Spot) -> None:
        for i, case in enumerate(cases):
            self.answers(case.answers, spot.at(i, "answers"))
            for key, names in (
                ("first", (case.first,) if case.first else ()),
                ("named", case.named),
                ("not_named", case.not_named),
            ):
                for name in names:
                    if name not in self.pathway.causes:
                        where = "a cause bears the name of its file in causes/"
                        known = self.pathway.causes
                        self.report.unknown(spot.at(i, key), "cause", name, known, where)

    def person(self) -> None:
        person = self.pathway.person
        spot = self.report.at("file", f"{self.pathway.id}/pathway.toml", "person")
        question = self._question(person.question, spot.at("question"))
        if question is None:
            return
        if question.part is not Part.OPENING:
            self.report.add(spot.at("question"), "must be a question of the opening.")
        self._options(question, person.other, spot.at("other"), also=())
        self._options(question, person.no_causes, spot.at("no_causes"), also=())

    def source(self, name: str, spot: Spot) -> None:
        if name and name != ASSUMPTION and name not in self.pathway.sources:
            where = "sources are in sources.toml"
            self.report.unknown(spot, "source", name, self.pathway.sources, where)

    def condition(self, condition: Condition | None, spot: Spot) -> None:
        for test in tests_of(condition):
            question = self._question(test.question, spot)
            if question is None:
                continue
            bounded = test.at_least is not None or test.below is not None
            if bounded == bool(question.options):
                wanted = "is_any" if question.options else "at_least or below"
                self.report.add(
                    spot,
                    f"{test.question!r} is a {question.kind} question; test it with {wanted}.",
                )
            elif test.only and question.kind is not Kind.SEVERAL:
                self.report.add(spot, f"only is for several answers; {question.id!r} has one.")
            else:
                self._options(question, (*test.is_any, *test.only), spot, also=(UNSURE,))

    def answers(self, answers: Mapping[str, Value], spot: Spot) -> None:
        for name, value in answers.items():
            question = self._question(name, spot.at(name))
            if question is not None:
                self._value(question, value, spot.at(name))

    def summary(self) -> None:
        spot = self.report.at("file", f"{self.pathway.id}/pathway.toml", "summary")
        for i, name in enumerate(self.pathway.summary):
            self._question(name, spot.at(i))

    def _value(self, question: Question, value: Value, spot: Spot) -> None:
        if value == UNSURE or question.kind is Kind.FREE:
            return
        if isinstance(value, float) == bool(question.options):
            wanted = "one of its answers" if question.options else "a number"
            self.report.add(spot, f"a {question.kind} question takes {wanted}.")
        elif isinstance(value, tuple) != (question.kind is Kind.SEVERAL):
            wanted = "a list" if question.kind is Kind.SEVERAL else "one answer, not a list"
            self.report.add(spot, f"a {question.kind} question takes {wanted}.")
        elif not isinstance(value, float):
            names = value if isinstance(value, tuple) else (value,)
            also = (SKIPPED,) if question.skippable else ()
            self._options(question, names, spot, also=also)

    def _options(
        self, question: Question, names: tuple[str, ...], spot: Spot, *, also: tuple[str, ...]
    ) -> None:
        known = [option.id for option in question.options]
        for name in names:
            if name not in known and name not in also:
                where = f"{question.id!r} has {', '.join(known)}"
                self.report.unknown(spot, "answer", name, known, where)

    def _question(self, name: str, spot: Spot) -> Question | None:
        if name and name not in self.pathway.questions:
            where = "questions are in questions.toml"
            self.report.unknown(spot, "question", name, self.pathway.questions, where)
        return self.pathway.questions.get(name)


def _before(questions: Iterable[str], question_id: str) -> frozenset[str]:
    names = list(questions)
    return frozenset(names[: names.index(question_id)])


def _demand_cases(cause: Cause, spot: Spot, report: Report) -> None:
    """A cause is tried both ways: one case names it, one does not."""
    if not cause.seen_in:
        report.add(spot.at("seen_in"), "is missing; nothing said could ever point to this cause.")
    if not any(cause.id in (case.first, *case.named) for case in cause.cases):
        report.add(spot.at("case"), "no case names this cause; add one with first = true.")
    if not any(
        cause.id in case.not_named or case.first not in ("", cause.id) for case in cause.cases
    ):
        report.add(spot.at("case"), "no case speaks against this cause; add one, named = false.")
