"""What a spoken number, age or duration comes to.

Which words are numbers and units is in the language file; how they are found, in `align.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from voiceskill.core.meaning import Answer, Answered, OutOfRange, UnitOnly
from voiceskill.core.pathway import Kind, Question
from voiceskill.core.templates import Captures


def measured(
    question: Question, captures: Captures, unit: str, units: Mapping[str, float]
) -> Answered | UnitOnly | OutOfRange | None:
    """The answer that an amount gives; None where a duration lacks its unit.

    Args:
        question: The question that takes it.
        captures: What the lists of the template gave, in order.
        unit: The unit of a number that has none; "" where none is known.
        units: Words for a unit of time to days.
    """
    timed = question.kind is Kind.DURATION
    total, lonely = _total(captures, unit, units if timed else {}, timed=timed)
    if lonely:
        return UnitOnly(question=question.id, unit=lonely)
    if total is None:
        return None
    low = question.minimum is not None and total < question.minimum
    high = question.maximum is not None and total > question.maximum
    if low or high:
        return OutOfRange(question=question.id, value=total)
    return Answered(answers=(Answer(question=question.id, value=total),))


def _total(
    captures: Captures, unit: str, units: Mapping[str, float], *, timed: bool
) -> tuple[float | None, str]:
    """The sum (in days where timed), and the unit of an amount that has no number."""
    amount, sign = _Sum(), 1.0
    for slot, value in captures:
        if slot == "sign":
            sign = float(value)
        elif slot != "unit":
            amount.take(slot, float(value))
        elif amount.empty:
            return None, str(value)
        else:
            amount.times(units.get(str(value), 1.0))
    if amount.number is not None and timed and not unit:
        return None, ""
    amount.times(units.get(unit, 1.0))
    return None if amount.total is None else sign * amount.total, ""


@dataclass(slots=True)
class _Sum:
    """An amount being added up: "a week and a half" is one, times seven, and half of seven."""

    total: float | None = None
    number: float | None = None
    """A number that has no unit yet."""
    last: float = 0.0
    """The worth of the last unit."""

    @property
    def empty(self) -> bool:
        return self.total is None and self.number is None

    def take(self, slot: str, value: float) -> None:
        """Add what a list gave."""
        if slot == "part" and self.number is None and self.last:
            self.total = (self.total or 0.0) + value * self.last
        elif slot == "part":
            self.number = (self.number or 0.0) + value
        elif slot == "whole":
            self.total = (self.total or 0.0) + value
        elif self.number is None:
            self.number = value
        else:  # "two or three weeks" is the shorter: what is recent counts for more
            self.number = min(self.number, value)

    def times(self, unit: float) -> None:
        """Give the number its unit, where there is a number."""
        if self.number is not None:
            self.total = (self.total or 0.0) + self.number * unit
            self.number = None
            self.last = unit
