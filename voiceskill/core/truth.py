"""Whether a condition holds for the answers given so far: yes, no or not known.

Nothing here knows what follows from it: that is `urgency.py` and `evidence.py`.
"""

from collections.abc import Iterator

from voiceskill.core.pathway import (
    SKIPPED,
    UNSURE,
    Answers,
    Condition,
    Pathway,
    Question,
    Test,
    Value,
)


def truth(condition: Condition | Test, answers: Answers) -> bool | None:
    """Whether it holds; None while that hangs on an answer which is not known.

    An answer that is missing, `UNSURE` or `SKIPPED` is not known, save to a test that names
    `UNSURE`. What is not known never counts as "no".
    """
    if isinstance(condition, Test):
        return _test(condition, answers)
    known = True
    for part in condition.all_of:
        verdict = truth(part, answers)
        if verdict is False:
            return False
        known = known and verdict is not None
    for parts, wanted in ((condition.any_of, 1), (condition.two_of, 2)):
        verdict = _at_least(wanted, [truth(part, answers) for part in parts]) if parts else True
        if verdict is False:
            return False
        known = known and verdict is not None
    return True if known else None


def applies(question: Question, answers: Answers) -> bool:
    """Whether the question is to be asked: its `ask_when` holds, or it has none."""
    return question.ask_when is None or truth(question.ask_when, answers) is True


def counted(pathway: Pathway, answers: Answers) -> dict[str, Value]:
    """The answers that count, in the order of the pathway.

    Left out are answers whose question no longer applies: whoever takes back the "yes" takes back
    what followed from it. So the result does not hang on the order in which answers came.
    """
    counting: dict[str, Value] = {}
    for question in pathway.questions.values():
        if question.id not in answers:
            continue
        if question.ask_when is None or truth(question.ask_when, counting) is not False:
            counting[question.id] = answers[question.id]
    return counting


def tests_of(condition: Condition | Test | None) -> Iterator[Test]:
    """Every test within a condition."""
    if isinstance(condition, Test):
        yield condition
    elif condition is not None:
        for part in (*condition.all_of, *condition.any_of, *condition.two_of):
            yield from tests_of(part)


def holding(condition: Condition | Test, answers: Answers) -> Iterator[str]:
    """The questions whose answers make a condition hold; nothing where it does not."""
    if truth(condition, answers) is not True:
        return
    if isinstance(condition, Test):
        yield condition.question
        return
    for part in (*condition.all_of, *condition.any_of, *condition.two_of):
        yield from holding(part, answers)


def _at_least(wanted: int, verdicts: list[bool | None]) -> bool | None:
    if verdicts.count(True) >= wanted:
        return True
    return False if len(verdicts) - verdicts.count(False) < wanted else None


def _test(test: Test, answers: Answers) -> bool | None:
    value = answers.get(test.question)
    if value == UNSURE:
        return True if UNSURE in test.is_any else None
    if value is None or value == SKIPPED:
        return None
    if isinstance(value, float | int):
        return _within(test, float(value))
    chosen = value if isinstance(value, tuple) else (value,)
    if test.only:
        return bool(chosen) and all(option in test.only for option in chosen)
    return any(option in test.is_any for option in chosen)


def _within(test: Test, value: float) -> bool:
    above = test.at_least is None or value >= test.at_least
    return above and (test.below is None or value < test.below)
