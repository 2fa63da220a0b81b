"""Reads `questions.toml`: what is asked, and what may be told at any prompt."""

from voiceskill.core.pathway import Kind, Option, Part, Question, Statement
from voiceskill.loading.conditions import maybe_condition, read_answers
from voiceskill.loading.table import Table

_WITH_OPTIONS = (Kind.YES_NO, Kind.CHOICE, Kind.SEVERAL)
_MEASURED = (Kind.NUMBER, Kind.AGE, Kind.DURATION)


def read_questions(top: Table) -> dict[str, Question]:
    """The questions of the file by id, in order."""
    questions: dict[str, Question] = {}
    for table in top.tables("question"):
        question = _question(table.named("question", table.text("id")))
        table.close()
        questions[question.id] = question
    if not questions:
        top.problem("question", "is missing; a pathway needs a question.")
    return questions


def _question(table: Table) -> Question:
    kind = Kind(table.one_of("kind", tuple(Kind)) or Kind.FREE)
    part = Part(table.one_of("part", tuple(Part)) or Part.DIFFERENTIAL)
    question_id = table.text("id")
    topic = table.text("topic") if part is Part.GATE else table.text("topic", question_id)
    measured = kind in _MEASURED
    question = Question(
        id=question_id,
        part=part,
        topic=topic,
        kind=kind,
        ask=table.text("ask"),
        again=_again(table),
        help=table.text("help"),
        because=table.text("because"),
        about=table.text("about"),
        options=_options(table, kind),
        said=table.text("said") if measured else "",
        minimum=table.number("minimum", 0, 1e9) if measured else None,
        maximum=table.number("maximum", 0, 1e9) if measured else None,
        denied=table.text("denied", default=""),
        out_of_range=table.text("out_of_range") if measured else "",
        ask_when=maybe_condition(table, "ask_when"),
        unsure_tier=table.urgency("unsure_tier") if "unsure_tier" in table else None,
        skippable=table.flag("skippable"),
        also_called=table.texts("also_called", default=()),
        source=table.text("source"),
        revision=table.whole("revision", 1, 10_000),
    )
    table.raw("unsure_tier")
    _check_range(table, question)
    return question


def _again(table: Table) -> tuple[str, ...]:
    again = table.texts("again", least=2)
    wordings = [text.casefold().strip() for text in (table.text("ask"), *again)]
    if len(set(wordings)) < len(wordings):
        table.problem("again", "repeats a wording; each must differ from the others and from ask.")
    return again


def _options(table: Table, kind: Kind) -> tuple[Option, ...]:
    if kind not in _WITH_OPTIONS:
        return ()
    answers = table.table("answers")
    names = answers.ids()
    if kind is Kind.YES_NO and sorted(names) != ["no", "yes"]:
        answers.problem("", "a yes_no question has the answers yes and no, and no others.")
    elif len(names) < 2:
        answers.problem("", "needs two answers or more, or there is nothing to choose.")
    return tuple(_option(answers.table(name), name, kind) for name in names)


def _option(table: Table, option_id: str, kind: Kind) -> Option:
    if option_id in ("unsure", "skipped"):
        table.problem("", f"{option_id!r} is a value of its own; give the answer another id.")
    least = 0 if kind is Kind.YES_NO else 1
    option = Option(
        id=option_id,
        say=table.text("say"),
        said=table.text("said"),
        sentences=table.texts("sentences", least=least, default=() if not least else None),
    )
    table.close()
    return option


def _check_range(table: Table, question: Question) -> None:
    low, high = question.minimum, question.maximum
    if low is not None and high is not None and low >= high:
        table.problem("minimum", f"is {low:g}, not below the maximum {high:g}.")


def read_statements(top: Table) -> tuple[Statement, ...]:
    """What may be told at any prompt, in order."""
    return tuple(_statement(table) for table in top.tables("statement"))


def _statement(table: Table) -> Statement:
    table.named("statement", table.text("id"))
    path = table.one_of("path", ("emergency", "crisis"), default="")
    statement = Statement(
        id=table.text("id"),
        sentences=table.texts("sentences", least=1),
        core=table.texts("core", least=1),
        answers=read_answers(table, "answers", needed=not path),
        path=path,
        said=table.text("said"),
    )
    if bool(path) == bool(statement.answers):
        table.problem("answers", 'give answers with path "", or a path without answers.')
    table.close()
    return statement
