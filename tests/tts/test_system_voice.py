"""The system's own voices: only the part that any of pyttsx3's drivers shows, here Linux's."""

import json
import subprocess
import sys

import pytest

# A process of its own: pyttsx3's espeak driver sets espeak up in its own way, once.
PROGRAM = """
import json
from voiceskill.errors import VoiceError
from voiceskill.tts.system_voice import SystemVoice
voice, heard = SystemVoice(None), []
whole = voice.speak("Did your left leg go numb?", lambda piece: heard.append(piece) or True,
                    words_per_minute=155, volume=1.0)
seconds = [piece.duration_s for piece in heard]
stopped = voice.speak("left leg", lambda piece: False, words_per_minute=155, volume=1.0)
empty = voice.speak(" ", lambda piece: False, words_per_minute=155, volume=1.0)
try:
    SystemVoice("nobody")
except VoiceError as error:
    refusal = str(error)
voice.close()
print(json.dumps([whole, stopped, empty, max(seconds), sum(seconds), voice.rate_hz, refusal]))
"""


@pytest.fixture(scope="module")
def told():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    names = ("whole", "stopped", "empty", "longest_s", "all_s", "rate_hz", "refusal")
    return dict(zip(names, json.loads(done.stdout.splitlines()[-1]), strict=True))


def test_a_sentence_from_a_file_comes_in_pieces(told):
    """What the system renders to a file is handed over in pieces of at most 50 ms."""
    assert told["whole"]
    assert told["longest_s"] <= 0.05
    assert told["all_s"] > 1
    assert told["rate_hz"] >= 8000


def test_a_sink_can_refuse_and_nothing_is_nothing(told):
    """A refusing sink ends the sentence; an empty one is complete at once."""
    assert not told["stopped"]
    assert told["empty"]


def test_an_unknown_system_voice_is_refused(told):
    """A name that no voice has is one sentence with some that there are."""
    assert told["refusal"].startswith("This computer has no voice named 'nobody'")
    assert "for example" in told["refusal"]
