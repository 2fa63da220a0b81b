"""On which line of a TOML file a key stands.

`tomllib` reads the values and forgets where they stood; this looks up the lines again, and only
when there is something to complain about. It trusts that `tomllib` took the file.
"""

import re

Place = tuple[str | int, ...]
"""Keys and indices from the top of a file: ("question", 3, "answers", "yes", "say")."""

_HEADER = re.compile(r"\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?$")
_KEY_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")
_TOKEN = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|\n|[\[\]{},]|'''
    r"""[^\s"'#\[\]{},]+|[^\S\n]+""",
    re.DOTALL,
)


def line_of(text: str, place: Place) -> int:
    """The line, counted from 1, where the place stands.

    Args:
        text: A TOML file that `tomllib` accepts.
        place: What to look for; where it is not written out, its nearest parent that is.

    Returns:
        1 when no part of the place is written in the file.
    """
    lines = lines_of(text)
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return 1


def lines_of(text: str) -> dict[Place, int]:
    """The line of every table, key and first-level element of an array."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    at = 0
    while at < len(text):
        line_end = _end_of_line(text, at)
        line = text[at:line_end]
        number = text.count("\n", 0, at) + 1
        header = _HEADER.match(line)
        if header:
            table = _table(header, counts)
            found.setdefault(table, number)
            if isinstance(table[-1], int):
                found.setdefault(table[:-1], number)
        elif line.strip() and not line.lstrip().startswith("#"):
            keys, width = _dotted(line)
            place = (*table, *keys)
            for length in range(len(table) + 1, len(place) + 1):
                found.setdefault(place[:length], number)
            line_end = _value(text, at + width + 1, place, found)
        at = line_end + 1
    return found


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _dotted(text: str) -> tuple[tuple[str, ...], int]:
    """The parts of a dotted key at the start of the text, and how many characters they take."""
    parts: list[str] = []
    at = 0
    while match := _KEY_PART.match(text, at):
        parts.append(next(group for group in match.groups() if group is not None))
        at = match.end()
        if not text.startswith(".", at):
            break
        at += 1
    return tuple(parts), at


def _table(header: re.Match[str], counts: dict[Place, int]) -> Place:
    """The place of a table; an entry of an array of tables is counted."""
    parts, _ = _dotted(header[2])
    place: Place = ()
    for part in parts[:-1]:
        place = (*place, part)
        if place in counts:
            place = (*place, counts[place] - 1)
    place = (*place, parts[-1])
    if header[1] == "[[":
        counts[place] = counts.get(place, 0) + 1
        place = (*place, counts[place] - 1)
    return place


def _value(text: str, at: int, place: Place, found: dict[Place, int]) -> int:
    """Where the value that starts here ends; notes the lines of an array's elements."""
    depth = elements = 0
    in_array = text[at:].lstrip().startswith("[")
    awaiting = False
    while match := _TOKEN.match(text, at):
        token = match[0]
        if token == "\n" and not depth:
            return at
        if awaiting and depth == 1 and token not in "]," and token[0] not in " \t\n#":
            found.setdefault((*place, elements), text.count("\n", 0, at) + 1)
            elements += 1
            awaiting = False
        at = match.end()
        if token in ("[", "{"):
            depth += 1
            awaiting = awaiting or (in_array and depth == 1)
        elif token in ("]", "}"):
            depth -= 1
        elif token == "," and depth == 1 and in_array:
            awaiting = True
    return at
