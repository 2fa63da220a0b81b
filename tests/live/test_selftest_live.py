"""The selftest on a sound card: what works is read aloud, and a muted microphone is told apart."""

import subprocess
import sys
import threading

import pytest

from voiceskill.audio import AudioChunk
from voiceskill.tts.pyttsx3 import open_voice

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def selftest(sound_card, tmp_path):
    """Run the command on the virtual card; `spoken` is said when it asks for words."""

    def run(spoken: AudioChunk | None = None) -> tuple[int, str]:
        env = sound_card.env | {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "voiceskill", "selftest", "--pace", "1.5"],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        stopwatch = threading.Timer(150, process.kill)
        stopwatch.start()
        lines = []
        for line in process.stdout:
            lines.append(line)
            if spoken is not None and line.startswith("Please say"):
                sound_card.speak_along(spoken)
        stopwatch.cancel()
        return process.wait(), "".join(lines)

    return run


def some_words() -> AudioChunk:
    """A voice that talks for long enough to be heard after the request has been read out."""
    pcm = bytearray()

    def sink(chunk: AudioChunk) -> bool:
        pcm.extend(chunk.pcm)
        return True

    voice = open_voice(voice=None, language="en")
    voice.speak("one two three four five six " * 8, sink, words_per_minute=120, volume=0.8)
    return AudioChunk(pcm=bytes(pcm), rate_hz=voice.rate_hz)


def test_a_machine_that_works_is_told_so_aloud(sound_card, selftest):
    """With a card, every needed part works; the lines are spoken, and the exit code is 0."""
    with sound_card.hearing() as heard:
        code, told = selftest(some_words())

    assert code == 0, told
    for part in ("The loudspeaker", "The voice", "The microphone", "Hearing"):
        assert f"{part} works." in told
    assert "The microphone's level works." in told
    assert "A spoken check can be held" in told
    assert heard.sounding_s() is not None


@pytest.mark.long
def test_a_muted_microphone_is_told_apart_from_a_silent_person(selftest):
    """A microphone that brings nothing but zeros is muted, and its switch is named."""
    code, told = selftest()

    assert code == 3, told
    assert "The microphone's level does not work. It gives no sound at all" in told
    assert "switch" in told
    assert "A spoken check cannot be held yet" in told
