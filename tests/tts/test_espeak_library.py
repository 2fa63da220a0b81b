"""Where espeak-ng comes from, each case in a process of its own, since it loads only once."""

import subprocess
import sys

import pytest

SPEAK = """
import sys
from voiceskill.errors import VoiceError
from voiceskill.tts.espeak_driver import Espeak
{prepare}
try:
    Espeak.open(system_libraries={libraries!r})
except VoiceError as error:
    raise SystemExit(f"{{error.exit_code}}: {{error}}") from None
from voiceskill.tts.pyttsx3 import open_voice
heard = []
voice = open_voice(voice="en-us", language="en")
voice.speak("left leg", lambda p: heard.append(p) or True, words_per_minute=155, volume=1.0)
loaded = {{line.split()[-1] for line in open("/proc/self/maps") if "libespeak" in line}}
print(sum(p.duration_s for p in heard) > 0.4, *loaded)
"""


def run(*, libraries=(), prepare=""):
    return subprocess.run(
        [sys.executable, "-c", SPEAK.format(prepare=prepare, libraries=libraries)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_system_library_is_preferred():
    """Where the system has espeak-ng, that one speaks."""
    done = run(libraries=("libespeak-ng.so.1",))

    if "espeakng_loader" in done.stdout:
        pytest.skip("this system has no espeak-ng of its own")
    assert done.stdout.startswith("True /"), done.stderr


def test_the_wheel_speaks_where_the_system_has_no_library():
    """`espeakng-loader` alone is enough, with its own data, and nothing else is loaded."""
    done = run(libraries=("libnothing.so.9",))

    spoke, *loaded = done.stdout.split()
    assert spoke == "True", done.stderr
    assert len(loaded) == 1
    assert "espeakng_loader" in loaded[0]


def test_without_any_library_the_remedy_is_named():
    """No espeak at all is one sentence with the command that mends it, exit code 3."""
    done = run(prepare="sys.modules['espeakng_loader'] = None")

    assert done.stderr.startswith("3: There is no voice")
    assert "apt install espeak-ng" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_wheel_is_named():
    """A library file that is no library is told as such."""
    done = run(
        prepare="import espeakng_loader; espeakng_loader.get_library_path = lambda: '/etc/hostname'"
    )

    assert done.stderr.startswith("3: The voice in the package espeakng-loader cannot be loaded")


def test_missing_data_does_not_end_the_process():
    """Espeak exits the whole program when its data is missing; here it is an error to catch."""
    done = run(
        prepare=(
            "import os, espeakng_loader\n"
            "os.environ['ESPEAK_DATA_PATH'] = '/nowhere'\n"
            "os.environ['HOME'] = '/nowhere'\n"
            "espeakng_loader.get_data_path = lambda: '/nowhere/espeak-ng-data'"
        )
    )

    # espeak itself writes a line before ours.
    assert "3: The voice espeak-ng is installed but its data is missing" in done.stderr
