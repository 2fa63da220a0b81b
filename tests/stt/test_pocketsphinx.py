"""The ear without a download: whole phrases, never half of one, and a margin over phones."""

import shutil
import subprocess
import sys

import pytest

from voiceskill.audio import AudioChunk
from voiceskill.errors import UsageError
from voiceskill.stt.pocketsphinx import open_pocketsphinx

needs_flite = pytest.mark.skipif(
    shutil.which("flite") is None or shutil.which("sox") is None,
    reason="flite or sox is not installed",
)
PHRASES = [
    "yes", "yes i do", "no", "no i don't", "left", "my left leg", "right", "my right leg",
    "both legs", "i don't know", "say that again", "what do you mean", "call an ambulance",
    "three weeks", "twenty one", "stop", "go back",
]  # fmt: skip


def said(text):
    wav = subprocess.run(
        ("flite", "-voice", "slt", "-o", "/dev/stdout", "-t", text), capture_output=True, check=True
    ).stdout
    raw = ("-t", "raw", "-r", "16000", "-b", "16", "-e", "signed", "-c", "1", "-")
    pcm = subprocess.run(
        ("sox", "-t", "wav", "-", *raw, "gain", "-n", "-10", "pad", "0.3", "0.3"),
        input=wav,
        capture_output=True,
        check=True,
    ).stdout
    return [AudioChunk(pcm=pcm[i : i + 1024], rate_hz=16000) for i in range(0, len(pcm), 1024)]


@pytest.fixture(scope="module")
def ear():
    ear = open_pocketsphinx()
    yield ear
    ear.close()


def hear(ear, chunks, phrases=PHRASES):
    turn = ear.start(phrases)
    partials = [turn.accept(chunk) for chunk in chunks]
    return turn.finish(), partials


@needs_flite
def test_clear_phrases_are_heard(ear):
    """Most of a short list, by a synthetic voice in quiet; it is too weak to decide alone."""
    heard = {phrase: hear(ear, said(phrase))[0].text for phrase in PHRASES}
    wrong = {phrase: text for phrase, text in heard.items() if text != phrase}
    assert len(wrong) <= 3, wrong


@needs_flite
def test_only_whole_phrases_come_out(ear):
    """Neither the end nor any partial text is a half or a mixture of phrases."""
    for words in ("my left leg", "what do you want", "the weather is fine today"):
        found, partials = hear(ear, said(words))
        assert {found.text, *partials} <= {"", *PHRASES}


@needs_flite
def test_the_margin_can_be_left_out():
    """Where a careful ear scores the turn, the second decoding is not paid for."""
    quick = open_pocketsphinx(measure_margin=False)
    found, _ = hear(quick, said("both legs"))
    assert (found.text, found.margin) == ("both legs", None)
    quick.close()


@needs_flite
def test_a_phrase_said_twice_in_the_list_is_one(ear):
    """Templates may give the same sentence twice."""
    found, _ = hear(ear, said("both legs"), ["both legs", "both legs", "go back"])
    assert found.text == "both legs"


def test_a_list_of_real_size_opens_quickly(ear):
    """A hundred and twenty phrases, each its own word, and each word's pronunciations."""
    sides, verbs = ("left", "right", "other"), ("hurts", "is numb", "feels odd", "is weak")
    times = ("now", "today", "always", "at night", "in the morning", "since monday")
    phrases = [f"my {s} leg {v} {t}" for s in sides for v in verbs for t in times]
    turn = ear.start([*phrases, *PHRASES])
    assert turn.finish().text == ""


def test_words_with_an_apostrophe_are_known(ear):
    """The dictionary has them as they are written in the pathway."""
    assert ear.unknown_words(["don't", "can't", "i'm", "it's"]) == ()


def test_marks_of_the_dictionary_are_no_words(ear):
    """Silence and sentence marks can't be listened for."""
    marks = ("<sil>", "<s>", "</s>", "")
    assert ear.unknown_words(marks) == marks
    with pytest.raises(UsageError, match="pronunciation"):
        ear.start(["<sil>"])


def test_importing_it_loads_no_engine():
    """`voiceskill text` must start without it."""
    program = "import sys, voiceskill.stt.pocketsphinx; print('pocketsphinx' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
