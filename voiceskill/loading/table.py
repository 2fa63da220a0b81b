"""Reads a TOML table key by key, and notes what is wrong with it instead of stopping.

A wrong or missing value is noted and replaced by an empty one, so that one reading finds every
mistake. What the values mean is not known here.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

from voiceskill.core.assessment import Urgency
from voiceskill.loading.lines import Place, line_of


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that is wrong with a dialog folder."""

    file: str
    """Relative to the folder, with forward slashes."""
    line: int
    """Counted from 1."""
    key: str
    """Dotted from the top of the file: "question.saddle.ask"."""
    message: str
    """What is wrong, why it matters and what to do."""

    def __str__(self) -> str:
        """As it is shown: file, line, key, message."""
        return f"{self.file}:{self.line}: {self.key}: {self.message}"


@dataclass(slots=True, kw_only=True)
class Spot:
    """Something in a file that can be pointed at."""

    file: str
    text: str
    place: Place
    name: str
    """`place` for people: indices replaced by ids."""

    def at(self, *keys: str | int) -> "Spot":
        """A key below this one."""
        name = ".".join((self.name, *map(str, keys))).lstrip(".")
        return Spot(file=self.file, text=self.text, place=(*self.place, *keys), name=name)


@dataclass(slots=True, kw_only=True)
class Report:
    """All that was found wrong, and where everything that has an id is written."""

    problems: list[Problem] = field(default_factory=list)
    spots: dict[tuple[str, str], Spot] = field(default_factory=dict)
    """(kind, id) to where it stands: ("question", "saddle")."""
    broken: set[str] = field(default_factory=set)
    """Files that could not be read at all; nothing more is said about them."""

    def add(self, spot: Spot, message: str) -> None:
        """Note a problem."""
        if spot.file in self.broken:
            return
        line = line_of(spot.text, spot.place)
        key = spot.name or "(file)"
        self.problems.append(Problem(file=spot.file, line=line, key=key, message=message))

    def at(self, kind: str, thing_id: str, *keys: str | int) -> Spot:
        """Where something with an id stands; the kind and id must have been read."""
        return self.spots[kind, thing_id].at(*keys)

    def unknown(self, spot: Spot, what: str, name: str, known: Iterable[str], where: str) -> None:
        """Note a name that nothing bears, with the closest one that something does."""
        self.add(spot, f"there is no {what} {name!r}{closest(name, known)}; {where}.")


def closest(name: str, known: Iterable[str]) -> str:
    """ ", did you mean 'x'?" or nothing."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean {str(near[0])!r}?)" if near else ""


class Table:
    """One TOML table being read; every key must be asked for by name."""

    def __init__(self, values: Mapping[str, Any], spot: Spot, report: Report) -> None:
        self.values = values
        self.spot = spot
        self.report = report
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self.values

    def named(self, kind: str, thing_id: str) -> "Table":
        """Let this table be found, and called, by its id; refuse a second one of the same id."""
        self.spot.name = f"{kind}.{thing_id}"
        if (kind, thing_id) in self.report.spots:
            self.problem("id", f"another {kind} has the id {thing_id!r}; ids must differ.")
        self.report.spots[kind, thing_id] = self.spot
        return self

    def problem(self, key: str, message: str) -> None:
        """Note what is wrong with a key of this table."""
        self.report.add(self.spot.at(key) if key else self.spot, message)

    def raw(self, key: str) -> object:
        """The value as it stands; None when it is missing."""
        self._asked.add(key)
        return self.values.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; never empty unless `default` is."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and (value.strip() or default == ""):
            return value
        self._wrong(key, value, "text in quotation marks")
        return ""

    def texts(
        self, key: str, *, least: int = 0, default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """A list of strings, `least` or more; missing only where there is a default."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value):
            if len(value) < least:
                self.problem(key, f"has {len(value)} entries; {least} or more are needed.")
            return tuple(value)
        self._wrong(key, value, 'a list of texts, ["...", "..."]')
        return ()

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """A number from `low` to `high`, both included."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(key, value, "a number")
        elif low <= value <= high:
            return float(value)
        else:
            self.problem(key, f"is {value}; it must be from {low:g} to {high:g}.")
        return low

    def maybe_number(self, key: str) -> float | None:
        """A number, or None when it is not written."""
        return self.number(key, float("-inf"), float("inf")) if key in self else None

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from `low` to `high`, both included."""
        value = self.number(key, low, high, default)
        if value != int(value):
            self.problem(key, f"is {value}; it must be a whole number.")
        return int(value)

    def share(self, key: str) -> float:
        """A number between 0 and 1, neither included: nothing in medicine is certain."""
        value = self.number(key, 0.0, 1.0)
        if key in self and value in (0.0, 1.0):
            self.problem(key, "must lie between 0 and 1: a certainty could never be outweighed.")
            return 0.5
        return value

    def flag(self, key: str) -> bool:
        """True or false; false when it is not written."""
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self._wrong(key, value, "true or false")
        return False

    def day(self, key: str) -> date:
        """A date."""
        value = self.raw(key)
        if isinstance(value, date):
            return value
        self._wrong(key, value, "a date without quotation marks, 2026-11-01")
        return date.min

    def one_of(self, key: str, known: Collection[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if not value or value in known or value == default:
            return value
        hint = closest(value, known)
        self.problem(key, f"is {value!r}{hint}; it must be one of {', '.join(known)}.")
        return ""

    def urgency(self, key: str) -> Urgency | None:
        """A tier; None when it is missing (and noted)."""
        value = self.one_of(key, tuple(tier.key for tier in Urgency))
        return Urgency.of(value) if value else None

    def table(self, key: str, *, needed: bool = True) -> "Table":
        """The table below a key; an empty one when it is missing."""
        value = self.raw(key)
        if isinstance(value, dict):
            return Table(value, self.spot.at(key), self.report)
        if needed or value is not None:
            self._wrong(key, value, "a table")
        unheard = Report(spots=self.report.spots)  # that the whole is missing says enough
        return Table({}, self.spot.at(key), unheard if needed else self.report)

    def tables(self, key: str) -> list["Table"]:
        """The tables of an array of tables; none when it is missing."""
        value = self.raw(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self._wrong(key, value, f"a list of tables, each headed [[{key}]]")
            return []
        return [Table(v, self.spot.at(key, i), self.report) for i, v in enumerate(value)]

    def ids(self) -> tuple[str, ...]:
        """All keys, for a table whose keys are names of things."""
        return tuple(self.values)

    def close(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self.values:
            if key not in self._asked:
                hint = closest(key, self._asked)
                self.problem(key, f"nothing reads this key{hint}; it would have no effect.")

    def _wrong(self, key: str, value: object, wanted: str) -> None:
        if value is None:
            self.problem(key, f"is missing; it must be {wanted}.")
        else:
            self.problem(key, f"must be {wanted}, and not empty.")


def open_table(folder: Path, name: str, report: Report) -> Table:
    """The top of a TOML file; an empty table when it is missing or no TOML (and noted).

    Args:
        folder: What `name` and the problems' files are relative to.
        name: With forward slashes: "leg_numbness/questions.toml".
        report: Where problems go.
    """
    spot = Spot(file=name, text="", place=(), name="")
    report.spots["file", name] = spot
    line, message = 1, ""
    values: dict[str, Any] = {}
    try:
        spot.text = (folder / name).read_text(encoding="utf-8")
        values = tomllib.loads(spot.text)
    except (FileNotFoundError, NotADirectoryError):
        message = "the file is missing; dialogs/README.md says what it holds."
    except UnicodeDecodeError:
        message = "is not UTF-8 text; save it as UTF-8."
    except tomllib.TOMLDecodeError as error:
        line, message = _line_of_error(error), f"is not TOML: {error}."
    if message:
        report.problems.append(Problem(file=name, line=line, key="(file)", message=message))
        report.broken.add(name)
    return Table(values, spot, report)


def _line_of_error(error: tomllib.TOMLDecodeError) -> int:
    """The line that `tomllib` names in its message; 1 where it names none."""
    words = str(error).replace(",", " ").replace(")", " ").split()
    after = [b for a, b in pairwise(words) if a == "line"]
    return int(after[0]) if after and after[0].isdigit() else 1
