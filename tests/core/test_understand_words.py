"""From a text to plain words, and from words to numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceskill.core.words import LARGEST, Numbers, Spelling, tokens

NUMBERS = Numbers("en", "and", ("a", "an"))
SPELLING = Spelling({"can't": "can not", "cannot": "can not", "it's": "it is", "wks": "weeks"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Well, it's 3wks -- I'm not SURE!", ("well", "it's", "3", "wks", "i'm", "not", "sure")),
        ("seventy-one", ("seventy", "one")),
        ("I can\u2019t", ("i", "can't")),
        ("'fraid so", ("fraid", "so")),
        ("2.5 weeks.", ("2.5", "weeks")),
        ("?!", ()),
    ],
)
def test_a_text_is_words_and_digits(text, words):
    """Marks go, capitals go, an apostrophe stays inside a word, digits part from letters."""
    assert tokens(text) == words


def test_contractions_are_what_they_stand_for():
    """A contraction is the same with its apostrophe, without it, and written out."""
    for text in ("it's", "its", "it is", "IT'S"):
        assert SPELLING.words(text) == ("it", "is")
    for text in ("can't", "cant", "cannot", "can not"):
        assert SPELLING.words(text) == ("can", "not")


def test_a_word_that_is_no_contraction_only_loses_its_apostrophe():
    """What the language does not list keeps its letters."""
    assert SPELLING.words("o'clock weeks") == ("oclock", "weeks")


@given(st.integers(0, LARGEST))
def test_a_number_is_known_by_its_words(value):
    """Every whole number up to the largest is found by the words that it is spoken in."""
    words = tokens(NUMBERS.spoken(value))
    assert (len(words), float(value)) in NUMBERS.at(words, 0)


@given(st.integers(0, LARGEST))
def test_digits_are_written_out(value):
    """Typed digits become the words that would have been spoken."""
    assert " ".join(NUMBERS.written_out((str(value), "weeks"))) == f"{NUMBERS.spoken(value)} weeks"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("a hundred", 100),
        ("a hundred and two", 102),
        ("one hundred two", 102),
        ("two hundred and ten", 210),
    ],
)
def test_hundreds_are_said_in_several_ways(words, value):
    """ "A hundred and two" is one hundred two."""
    said = tuple(words.split())
    assert (len(said), float(value)) in NUMBERS.at(said, 0)


@pytest.mark.parametrize("words", ["a", "and two", "hundred and", "a and two", "weeks", "\u00b2"])
def test_half_a_number_is_none(words):
    """What only begins like a number, or joins nothing, is no number."""
    found = NUMBERS.at(tuple(words.split()), 0)
    assert all(end < len(words.split()) for end, _ in found)


def test_a_shorter_number_inside_a_longer_one_is_found_too():
    """Of "seventy one" both seventy and seventy one are offered; the alignment decides."""
    assert NUMBERS.at(("seventy", "one"), 0) == [(1, 70.0), (2, 71.0)]
    assert NUMBERS.at(("seventy",), 1) == []
