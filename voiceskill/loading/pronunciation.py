"""How English words sound, by the pronouncing dictionary that comes with pocketsphinx.

The same dictionary is what the built-in ear knows: a word that is not in it is never heard there.
"""

from itertools import islice, product
from pathlib import Path

from voiceskill.errors import MissingError

Sounds = tuple[str, ...]
"""The phonemes of a phrase, one after the other."""

_WAYS = 8
"""So many ways to pronounce one phrase are looked at."""


class Pronunciations:
    """The ways in which words are pronounced."""

    def __init__(self, lines: list[str]) -> None:
        """Take the lines of a dictionary: a word, with (2) behind it a second way, and phonemes."""
        self._ways: dict[str, list[Sounds]] = {}
        for line in lines:
            word, *sounds = line.split()
            self._ways.setdefault(word.partition("(")[0], []).append(tuple(sounds))

    def __contains__(self, word: str) -> bool:
        """Whether the dictionary has the word."""
        return word in self._ways

    def of(self, phrase: str) -> tuple[Sounds, ...]:
        """The ways to pronounce a phrase; none where a word of it is not known."""
        words = [self._ways.get(word, []) for word in phrase.split()]
        joined = (sum(way, ()) for way in islice(product(*words), _WAYS))
        return tuple(joined) if words else ()


def english() -> Pronunciations:
    """The dictionary of American English, about 130,000 words; takes half a second.

    Raises:
        MissingError: pocketsphinx is not installed.
    """
    try:
        import pocketsphinx  # noqa: PLC0415 - only authors need it here
    except ImportError as error:
        raise MissingError(
            "The pronouncing dictionary comes with pocketsphinx, which is not installed; "
            "run `pip install pocketsphinx`."
        ) from error
    file = Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict"
    return Pronunciations(file.read_text(encoding="utf-8").splitlines())


def apart(one: Sounds, other: Sounds, most: int) -> int:
    """How many phonemes must be changed, added or dropped to make one of the other.

    Args:
        one: Some phonemes.
        other: Others.
        most: More is not counted; the result is then any larger number.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for count, mine in enumerate(one, 1):
        above, row = row, [count]
        for i, theirs in enumerate(other):
            row.append(min(above[i + 1] + 1, row[i] + 1, above[i] + (mine != theirs)))
        if min(row) > most:
            return most + 1
    return row[-1]
