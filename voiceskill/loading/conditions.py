"""Reads conditions, answer values and cases.

Whether the questions that they name exist is asked in `check_links.py`.
"""

from collections.abc import Mapping

from voiceskill.core.pathway import Case, Condition, Test, Value
from voiceskill.loading.table import Table

_ROOTS = ("all_of", "any_of", "two_of")


def read_condition(parent: Table, key: str) -> Condition:
    """The condition below a key; one that always holds when it is wrong (and noted)."""
    table = parent.table(key)
    if "question" in table:
        return Condition(all_of=(_test(table),))
    return _condition(table)


def maybe_condition(parent: Table, key: str) -> Condition | None:
    """The condition below a key; None when it is not written."""
    if key in parent:
        return read_condition(parent, key)
    parent.raw(key)
    return None


def _condition(table: Table) -> Condition:
    roots = {root: tuple(_part(part) for part in table.tables(root)) for root in _ROOTS}
    if not any(roots.values()) and table.values:
        table.problem("", "demands nothing; write all_of, any_of or two_of with a test in it.")
    if len(roots["two_of"]) == 1:
        table.problem("two_of", "has one part, so that it can never hold; give two or more.")
    table.close()
    return Condition(**roots)


def _part(table: Table) -> Test | Condition:
    return _test(table) if "question" in table else _condition(table)


def _test(table: Table) -> Test:
    test = Test(
        question=table.text("question"),
        is_any=table.texts("is_any", default=()),
        only=table.texts("only", default=()),
        at_least=table.maybe_number("at_least"),
        below=table.maybe_number("below"),
    )
    bounded = test.at_least is not None or test.below is not None
    if (bool(test.is_any), bool(test.only), bounded).count(True) != 1:
        table.problem("", "needs exactly one of is_any, only, or bounds (at_least, below).")
    for key in ("is_any", "only", "at_least", "below"):
        table.raw(key)
    table.close()
    return test


def read_answers(parent: Table, key: str, *, needed: bool = True) -> Mapping[str, Value]:
    """Question id to value."""
    table = parent.table(key, needed=needed)
    answers: dict[str, Value] = {}
    for question in table.ids():
        value = table.raw(question)
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            answers[question] = tuple(value)
        elif isinstance(value, str):
            answers[question] = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            answers[question] = float(value)
        else:
            table.problem(question, "must be a text, a number or a list of texts.")
    return answers


def read_cases(parent: Table, cause: str = "") -> tuple[Case, ...]:
    """The `[[case]]` blocks of a file.

    Args:
        parent: The top of the file.
        cause: The cause that the file is about; its cases may write `first = true`.
    """
    return tuple(_case(table, cause) for table in parent.tables("case"))


def _case(table: Table, cause: str) -> Case:
    first = _cause_name(table, "first", cause)
    named = _cause_names(table, "named", cause, short_for=True)
    not_named = _cause_names(table, "not_named", cause, short_for=None)
    if cause and table.raw("named") is False:
        not_named = (*not_named, cause)
    case = Case(
        name=table.text("name"),
        answers=read_answers(table, "answers"),
        urgency=table.urgency("urgency") if "urgency" in table else None,
        first=first,
        named=named,
        not_named=not_named,
        covers=table.texts("covers", default=()),
    )
    table.raw("urgency")
    if not (case.urgency or first or named or not_named):
        table.problem("", "expects nothing; give urgency, first, named or not_named.")
    table.close()
    return case


def _cause_name(table: Table, key: str, cause: str) -> str:
    value = table.raw(key)
    return cause if cause and value is True else table.text(key, default="")


def _cause_names(table: Table, key: str, cause: str, *, short_for: bool | None) -> tuple[str, ...]:
    value = table.raw(key)
    if cause and isinstance(value, bool) and short_for is not None:
        return (cause,) if value else ()
    return table.texts(key, default=())
