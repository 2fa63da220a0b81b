"""What is said where sound devices are missing, and the arithmetic between device and program.

With a card `tests/live/test_sound.py` takes over; here there is none, or none that is needed.
"""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceskill.audio import AudioChunk
from voiceskill.audio.portaudio import _faded, _on_channels
from voiceskill.audio.resample import StreamResampler, resample

pytestmark = pytest.mark.timeout(60)

# A sound server that is not there, in case this machine has one.
WITHOUT_CARD = {**os.environ, "PULSE_SERVER": "unix:/nowhere"}
OPEN = """
import sys
{before}
from voiceskill.audio.devices import list_devices
from voiceskill.audio.portaudio import PortAudioLoudspeaker, PortAudioMicrophone
from voiceskill.errors import AudioDeviceError
try:
    print({what})
except AudioDeviceError as error:
    sys.exit(f"{{error.exit_code}}: {{error}}")
"""


def opened(what, *, before=""):
    return subprocess.run(
        [sys.executable, "-c", OPEN.format(what=what, before=before)],
        env=WITHOUT_CARD,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def no_card():
    if opened("list_devices()").stdout != "()\n":
        pytest.skip("this machine has a sound card")


@pytest.mark.usefixtures("no_card")
@pytest.mark.parametrize(
    ("what", "word"),
    [("PortAudioMicrophone()", "microphone"), ("PortAudioLoudspeaker()", "loudspeaker")],
)
def test_a_computer_without_devices_is_told_what_to_do(what, word):
    """No microphone and no loudspeaker are one sentence each, which names what works without."""
    done = opened(what)

    assert done.stderr.startswith(f"3: This computer has no {word}"), done.stderr
    assert "voiceskill text" in done.stderr
    assert "voiceskill demo" in done.stderr


REFUSING = """
import _sounddevice, types
class Refusing:
    Pa_Initialize = staticmethod(lambda: -9999)
    Pa_GetErrorText = staticmethod(lambda code: _sounddevice.ffi.new("char[]", b"Unanticipated"))
    def __getattr__(self, name):
        return getattr(real, name)
real_ffi, real = _sounddevice.ffi, None
class Ffi:
    def __getattr__(self, name):
        return getattr(real_ffi, name)
    def dlopen(self, name):
        global real
        real = real_ffi.dlopen(name)
        return Refusing()
_sounddevice.ffi = Ffi()
"""


def test_a_portaudio_that_cannot_start_is_told():
    """A sound system that refuses to start is one sentence, as a missing one is."""
    done = opened("list_devices()", before=REFUSING)

    assert done.stderr.startswith("3: The sound library PortAudio cannot start"), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("what", ["PortAudioMicrophone()", "PortAudioLoudspeaker()"])
def test_a_missing_portaudio_names_the_command_that_mends_it(what):
    """Without the library the message is the package to install, not a traceback."""
    done = opened(
        what,
        before="import ctypes.util; ctypes.util.find_library = lambda name: None",
    )

    assert done.stderr.startswith("3: The sound library PortAudio is missing")
    assert "apt install libportaudio2" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("what", "complaints"), [("list_devices()", 0), ("None", 1)])
def test_alsa_is_quiet_about_devices_it_does_not_find(what, complaints):
    """A screen reader is not made to read what the sound library itself complains about."""
    ask_alsa = (
        "\nimport ctypes\n"
        "ctypes.CDLL('libasound.so.2').snd_pcm_open(ctypes.byref(ctypes.c_void_p()), b'no', 0, 0)"
    )

    done = subprocess.run(
        [sys.executable, "-c", OPEN.format(what=what, before="") + ask_alsa],
        env=WITHOUT_CARD,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert done.stderr.count("Unknown PCM no") == complaints


sounds = st.lists(st.integers(-32768, 32767), max_size=200).map(
    lambda samples: np.array(samples, "<i2").tobytes()
)


@given(pcm=sounds)
def test_a_fade_ends_in_silence_and_never_grows(pcm):
    """A flushed sound falls step by step to silence, as long as it was."""
    before = np.abs(np.frombuffer(pcm, "<i2").astype(int))

    after = np.abs(np.frombuffer(_faded(pcm), "<i2").astype(int))

    assert len(after) == len(before)
    assert (after <= before).all()
    assert all(last <= 32768 / len(after) for last in after[-1:])


@given(pcm=sounds, channels=st.integers(1, 3))
def test_mono_goes_to_every_channel_alike(pcm, channels):
    """A device that refuses mono gets the same sample on each of its channels."""
    frames = np.frombuffer(_on_channels(pcm, channels), "<i2").reshape(-1, channels)

    assert (frames == np.frombuffer(pcm, "<i2")[:, None]).all()


@settings(deadline=None, max_examples=40)
@given(
    from_hz=st.sampled_from([8000, 16_000, 22_050, 44_100, 48_000]),
    to_hz=st.sampled_from([8000, 16_000, 22_050, 44_100, 48_000]),
    sizes=st.lists(st.integers(1, 4000), min_size=1, max_size=12),
)
def test_a_sound_in_pieces_is_resampled_as_one(from_hz, to_hz, sizes):
    """However a sound is cut, its pieces together come out as the whole would."""
    samples = np.random.default_rng(1).integers(-9000, 9000, sum(sizes)).astype("<i2")
    whole = StreamResampler(from_hz=from_hz, to_hz=to_hz)
    pieces = StreamResampler(from_hz=from_hz, to_hz=to_hz)

    at_once = whole.feed(samples.tobytes()) + whole.finish()
    bounds = np.cumsum([0, *sizes])
    by_piece = b"".join(
        pieces.feed(samples[start:end].tobytes()) for start, end in itertools.pairwise(bounds)
    )
    by_piece += pieces.finish()

    assert len(by_piece) == len(at_once)
    # One step of the 16-bit scale: soxr rounds by the place in its own buffer.
    difference = np.frombuffer(by_piece, "<i2").astype(int) - np.frombuffer(at_once, "<i2")
    assert np.abs(difference).max(initial=0) <= 2


@given(pcm=sounds)
def test_the_same_rate_is_the_same_sound(pcm):
    """Nothing is computed where nothing needs to be."""
    sound = AudioChunk(pcm=pcm, rate_hz=16_000)

    assert resample(sound, 16_000) is sound
