"""How loud sound is, and that soft speech reaches the ears at the level they hear best."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceskill.audio import AudioChunk
from voiceskill.audio.level import (
    FLOOR_DBFS,
    TARGET_DBFS,
    RunningLevel,
    is_digital_silence,
    level_dbfs,
)


def sine(peak, *, seconds=0.032, rate_hz=16000):
    count = round(seconds * rate_hz)
    samples = (round(peak * math.sin(2 * math.pi * 440 * i / rate_hz)) for i in range(count))
    pcm = b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)
    return AudioChunk(pcm=pcm, rate_hz=rate_hz)


def largest(chunk):
    pcm = chunk.pcm
    return max(
        abs(int.from_bytes(pcm[i : i + 2], "little", signed=True)) for i in range(0, len(pcm), 2)
    )


@pytest.mark.parametrize(
    ("peak", "dbfs"), [(32767, -3.0), (16384, -9.0), (3277, -23.0), (328, -43.0)]
)
def test_the_level_is_that_of_the_root_mean_square(peak, dbfs):
    """A sine of full scale is at -3 dB; a tenth of it 20 dB lower."""
    assert level_dbfs(sine(peak, seconds=1.0)) == pytest.approx(dbfs, abs=0.1)


@pytest.mark.parametrize("pcm", [b"", bytes(2), bytes(1024)])
def test_silence_and_nothing_are_at_the_floor(pcm):
    """No logarithm of zero."""
    assert level_dbfs(AudioChunk(pcm=pcm, rate_hz=16000)) == FLOOR_DBFS


def test_digital_silence_is_every_sample_zero():
    """One sample of one step is a microphone that is on."""
    assert is_digital_silence(AudioChunk(pcm=bytes(1024), rate_hz=16000))
    assert not is_digital_silence(AudioChunk(pcm=bytes(1022) + b"\1\0", rate_hz=16000))


@pytest.mark.parametrize("peak", [100, 500, 2000, 8000, 32000])
def test_speech_of_any_level_is_brought_to_the_target(peak):
    """From a far microphone to one that is too near, within 1 dB after the first chunk."""
    running = RunningLevel()
    chunks = [running.apply(sine(peak)) for _ in range(10)]
    assert level_dbfs(chunks[-1]) == pytest.approx(TARGET_DBFS, abs=1.0)


def test_the_hiss_of_a_converter_is_not_lifted_to_speech():
    """The gain has an end: what is far below speech stays below it."""
    running = RunningLevel()
    assert level_dbfs(running.apply(sine(4))) < TARGET_DBFS - 20


def test_the_gain_is_remembered_from_turn_to_turn():
    """The first word of a later turn is as loud as the last of the one before."""
    running = RunningLevel()
    for _ in range(20):
        running.apply(sine(500))
    assert level_dbfs(running.apply(sine(500))) == pytest.approx(TARGET_DBFS, abs=0.5)


def test_a_pause_does_not_raise_the_gain():
    """Two seconds of a quiet room between two words; the second is no louder for them."""
    running = RunningLevel()
    for _ in range(20):
        running.apply(sine(4000))
    for _ in range(60):
        running.apply(sine(20))
    assert level_dbfs(running.apply(sine(4000))) == pytest.approx(TARGET_DBFS, abs=0.5)


def test_a_shout_after_a_whisper_is_not_clipped():
    """The gain falls at once where the peak would not fit."""
    running = RunningLevel()
    for _ in range(20):
        running.apply(sine(100))
    assert largest(running.apply(sine(32000))) <= 32000


def test_digital_silence_stays_as_it_is():
    """Nothing is made of nothing, and nothing is learned from it."""
    running = RunningLevel()
    quiet = AudioChunk(pcm=bytes(1024), rate_hz=16000)
    assert running.apply(quiet) == quiet
    assert running.apply(AudioChunk(pcm=b"", rate_hz=16000)).pcm == b""


@given(peaks=st.lists(st.integers(0, 32767), min_size=1, max_size=30), seed=st.integers(0, 99))
def test_no_sound_is_ever_clipped_or_changed_in_length(peaks, seed):
    """Any sequence of levels: the same number of samples, none at the end of the scale."""
    rng, running = random.Random(seed), RunningLevel()
    for peak in peaks:
        pcm = b"".join(
            rng.randint(-peak, peak).to_bytes(2, "little", signed=True) for _ in range(64)
        )
        louder = running.apply(AudioChunk(pcm=pcm, rate_hz=16000))
        assert len(louder.pcm) == 128
        assert largest(louder) <= 32767 * 0.98
