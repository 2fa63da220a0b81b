"""From a transcript to plain words, and from words to a number.

What the words mean is decided in `understand.py`; which words a language has, in its TOML file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from voiceskill.errors import DialogFileError

_MARKS = str.maketrans({"\u2019": "'", "\u2018": "'", "\u00b4": "'", "`": "'"})
"""Typed apostrophes of all kinds."""
_TOKEN = re.compile(r"(?<!\S)-(?=[0-9])|[0-9]+(?:\.[0-9]+)?|[^\W\d_]+(?:'[^\W\d_]+)*")
LARGEST = 999
"""The largest number known by its words: wider than any question takes, so that it can refuse."""


def tokens(text: str) -> tuple[str, ...]:
    """Lower-case words and digits of a text; an apostrophe stays only inside a word.

    A hyphen that begins a number is a word of its own, for a language to call it "minus".

    "Well, it's 3wks -- I'm not SURE!" is well, it's, 3, wks, i'm, not, sure.
    """
    return tuple(_TOKEN.findall(straight(text)))


def straight(text: str) -> str:
    """The text in lower case, every apostrophe a plain one."""
    return text.translate(_MARKS).lower()


class Spelling:
    """Makes one spelling of several: contractions written out, apostrophes gone."""

    def __init__(self, same: Mapping[str, str]) -> None:
        """Take the words that are written in several ways.

        Args:
            same: One word to the one or more words that it stands for: "can't" to "can not".
                A word with an apostrophe is known without it as well.
        """
        self._same: dict[str, tuple[str, ...]] = {}
        for word, meant in same.items():
            plain = tuple(part.replace("'", "") for part in tokens(meant))
            for spelt in {word.lower(), word.lower().replace("'", "")}:
                self._same[spelt] = plain

    def of(self, word: str) -> tuple[str, ...]:
        """The words that one word of a text or a template stands for."""
        return self._same.get(word) or (word.replace("'", ""),)

    def words(self, text: str) -> tuple[str, ...]:
        """All words of a text, in one spelling."""
        return tuple(part for token in tokens(text) for part in self.of(token))


class Numbers:
    """Whole numbers from 0 to `LARGEST` in words or digits.

    The words are hassil's; they are read from its file at first use (about 20 ms).
    """

    def __init__(self, language: str, joint: str, ones: Sequence[str]) -> None:
        """Take the language tag, and what people say otherwise than hassil writes.

        Args:
            language: A tag that hassil has number words for.
            joint: The word that may stand inside: "hundred and two".
            ones: Words for the one of the first hundred: "a hundred".
        """
        self._language = language
        self._joint = joint
        self._ones = tuple(ones)
        self._tree: dict[str, object] = {}

    def warm(self) -> None:
        """Read the number words now rather than in the middle of a conversation."""
        if self._tree:
            return
        for value in range(LARGEST + 1):
            first, *rest = tokens(self.spoken(value))
            self._insert((first, *rest), value)
            for one in self._ones if value // 100 == 1 else ():
                self._insert((one, *rest), value)

    def spoken(self, value: int) -> str:
        """A number in words with single spaces: 71 is "seventy one".

        Raises:
            DialogFileError: nobody taught hassil to count in this language.
        """
        from hassil.numbers import get_rbnf_engine  # noqa: PLC0415

        try:
            engine = get_rbnf_engine(self._language)
        except ValueError as error:
            raise DialogFileError(
                f"languages/{self._language}.toml: no number words are known for the language "
                f"{self._language!r}, so no age and no duration could be understood; name the "
                "file by the language's ISO 639 tag, such as en."
            ) from error
        return " ".join(tokens(engine.format_number(value).text))

    def written_out(self, words: Iterable[str]) -> tuple[str, ...]:
        """The same words with whole numbers up to `LARGEST` in words instead of digits."""
        parts = (
            tokens(self.spoken(int(word))) if word.isdecimal() and int(word) <= LARGEST else (word,)
            for word in words
        )
        return tuple(part for found in parts for part in found)

    def _insert(self, words: Sequence[str], value: int) -> None:
        node: dict[str, object] = self._tree
        for word in words:
            following = node.setdefault(word, {})
            assert isinstance(following, dict)
            node = following
        node[""] = value

    def at(self, words: Sequence[str], start: int) -> list[tuple[int, float]]:
        """Every number that begins at a word, as (index after it, value)."""
        if start >= len(words):
            return []
        if words[start][0].isdecimal():
            return [(start + 1, float(words[start]))]
        self.warm()
        found: list[tuple[int, float]] = []
        node: object = self._tree
        for end in range(start, len(words)):
            if words[end] == self._joint and end > start and found and found[-1][1] % 100 == 0:
                continue
            node = node.get(words[end]) if isinstance(node, dict) else None
            if node is None:
                break
            assert isinstance(node, dict)
            if "" in node:
                found.append((end + 1, float(node[""])))
        return found
