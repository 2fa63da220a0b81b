"""Text to the tokens of the careful ear: its vocabulary, and the ways a phrase may be written.

Which phrases there are and how likely each is, is not decided here.
"""

import itertools
import re
from functools import lru_cache
from pathlib import Path

from voiceskill.errors import ModelError

BEGIN, END = 1, 2
"""The tokens that open and close every text."""

FIRST_PIECE = 259
"""Ids 0 to 2 are marks, 3 to 258 the raw bytes; the learnt pieces follow, commonest first."""

PIECES = 32000
SPACE = "\u2581"
"""How a piece writes the space before a word."""

ENDINGS = (".", "", "!", "?")
"""What the model may write after the last word. It means nothing, so all are summed."""

REPLIES = frozenset({"yes", "yeah", "yep", "no", "nope", "ok", "okay", "well", "stop", "sorry"})
"""First words after which a comma or a full stop is often written."""

CAPITALS = {"i": "I", "i'm": "I'm", "i've": "I've", "i'd": "I'd", "i'll": "I'll", "ok": "OK"}
"""Words that are never written small."""

# fmt: off
_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]
# fmt: on
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = dict(zip(_UNITS, range(20), strict=True)) | {
    word: 20 + 10 * i for i, word in enumerate(_TENS)
}
_SCALES = {"hundred": 100, "thousand": 1000}


class Vocabulary:
    """The pieces of text that the model writes, and how a text falls into them."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        texts = (piece.decode("utf-8", "replace") for piece in pieces[FIRST_PIECE:])
        self._ids = {text: FIRST_PIECE + i for i, text in enumerate(texts)}
        self._word = lru_cache(maxsize=4096)(self._merge)

    def encode(self, text: str) -> tuple[int, ...]:
        """The tokens of a text, without the opening and closing ones."""
        words = (self._word(SPACE + word) for word in text.split())
        return tuple(itertools.chain.from_iterable(words))

    def decode(self, tokens: list[int]) -> str:
        """The text of tokens; broken characters become the replacement character."""
        joined = b"".join(self.pieces[token] for token in tokens if token > END)
        return joined.decode("utf-8", "replace").replace(SPACE, " ").strip()

    def _merge(self, word: str) -> tuple[int, ...]:
        """Byte-pair merging: the pair that makes the commonest piece goes first."""
        parts = list(word)
        while True:
            joined = [self._ids.get(a + b, PIECES) for a, b in itertools.pairwise(parts)]
            best = min(joined, default=PIECES)
            if best == PIECES:
                return tuple(itertools.chain.from_iterable(map(self._ids_of, parts)))
            at = joined.index(best)
            parts[at : at + 2] = [parts[at] + parts[at + 1]]

    def _ids_of(self, part: str) -> tuple[int, ...]:
        known = self._ids.get(part)
        return (known,) if known is not None else tuple(3 + byte for byte in part.encode())


def read_vocabulary(path: Path) -> Vocabulary:
    """Read `tokenizer.bin`: pieces one after another, each with its length in front.

    Raises:
        ModelError: the file is missing, cut short or not a vocabulary of this model.
    """
    try:
        data = path.read_bytes()
        pieces = _split_pieces(data)
    except (OSError, IndexError) as error:
        raise ModelError(_damaged(path)) from error
    if len(pieces) != PIECES:
        raise ModelError(_damaged(path))
    return Vocabulary(pieces)


def _damaged(path: Path) -> str:
    return (
        f"The vocabulary of the careful ear, {path}, is missing or damaged, so spoken answers "
        "cannot be checked with it. Run: pip install --force-reinstall moonshine-cpp==0.1.4"
    )


def _split_pieces(data: bytes) -> list[bytes]:
    """Lengths below 128 take one byte; longer ones are low + 128, then the count of 128s."""
    pieces, at = [], 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length += (data[at] - 1) * 128
            at += 1
        if at + length > len(data):
            raise IndexError(at)
        pieces.append(data[at : at + length])
        at += length
    return pieces


def spellings(phrase: str) -> tuple[str, ...]:
    """The ways in which the model may write a phrase that was said.

    Args:
        phrase: lower-case words, single spaces, numbers as words.

    Returns:
        Capitalised texts: numbers as words, joined words ("twenty-one") and digits; with and
        without a comma after the first "yes" or "no"; with and without closing marks.
    """
    bodies: dict[str, None] = {}
    for words in _number_styles(phrase.split()):
        for body in _openings(words):
            bodies[body[:1].upper() + body[1:]] = None
    return tuple(body + ending for body in bodies for ending in ENDINGS)


def _openings(words: list[str]) -> list[str]:
    written = [CAPITALS.get(word, word) for word in words]
    plain = " ".join(written)
    if len(words) < 2 or words[0] not in REPLIES:
        return [plain]
    rest = " ".join(written[1:])
    return [plain, f"{written[0]}, {rest}", f"{written[0]}. {rest[:1].upper()}{rest[1:]}"]


def _number_styles(words: list[str]) -> list[list[str]]:
    """The words as they are, with hyphens, and with digits; each only where it differs."""
    styles = [words, _hyphenated(words), _with_digits(words)]
    return [style for i, style in enumerate(styles) if style not in styles[:i]]


def _hyphenated(words: list[str]) -> list[str]:
    text = " ".join(words)
    return re.sub(rf"\b({'|'.join(_TENS)}) ({'|'.join(_UNITS[1:10])})\b", r"\1-\2", text).split()


def _with_digits(words: list[str]) -> list[str]:
    """Each run of number words in digits: "a hundred and two days" is "102 days"."""
    text = re.sub(r"\b(a )?(hundred|thousand)\b( and\b)?", r"\2", " ".join(words))
    written: list[str] = []
    for is_number, run in itertools.groupby(text.split(), key=_is_number_word):
        if is_number:
            written.append(_digits(list(run)))
        else:
            written.extend(run)
    return written


def _is_number_word(word: str) -> bool:
    return word in _VALUES or word in _SCALES


def _digits(run: list[str]) -> str:
    """A run of number words as digits; single digits in a row stay a row ("nine one one")."""
    if len(run) > 1 and all(_VALUES.get(word, 10) < 10 for word in run):
        return "".join(str(_VALUES[word]) for word in run)
    total, part = 0, 0
    for word in run:
        if word in _VALUES:
            part += _VALUES[word]
        elif word == "hundred":
            part = (part or 1) * 100
        else:
            total, part = total + (part or 1) * 1000, 0
    return str(total + part)
