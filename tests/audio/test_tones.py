"""The sign without words: short, soft, without a click."""

import numpy as np
import pytest

from voiceskill.audio.tones import your_turn

RATES_HZ = [8000, 16_000, 22_050, 44_100, 48_000]


def samples_of(sound):
    return np.frombuffer(sound.pcm, "<i2").astype(float) / 32768


def pitch_hz(samples, rate_hz):
    spectrum = np.abs(np.fft.rfft(samples, 8 * len(samples)))
    return spectrum.argmax() * rate_hz / (8 * len(samples))


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_sign_is_short_and_soft(rate_hz):
    """At most 0.2 s, at most a fifth of full scale, and not so soft that it is missed."""
    sound = your_turn(rate_hz)

    assert sound.rate_hz == rate_hz
    assert 0.05 < sound.duration_s <= 0.2
    assert 0.1 < np.abs(samples_of(sound)).max() <= 0.2


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_sign_begins_and_ends_in_silence(rate_hz):
    """Its first and last half millisecond are all but silent, so that nothing clicks."""
    samples, edge = samples_of(your_turn(rate_hz)), rate_hz // 2000

    assert np.abs(samples[:edge]).max() < 0.002
    assert np.abs(samples[-edge:]).max() < 0.002


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_your_turn_rises(rate_hz):
    """The second note is clearly higher than the first, as a question is."""
    rising = samples_of(your_turn(rate_hz))
    half = len(rising) // 2

    assert pitch_hz(rising[half:], rate_hz) > 1.2 * pitch_hz(rising[:half], rate_hz)


def test_a_sign_is_where_old_ears_hear_well():
    """All notes lie between 500 and 1000 Hz."""
    spectrum = np.abs(np.fft.rfft(samples_of(your_turn(16_000)))) ** 2
    hz = np.fft.rfftfreq(len(samples_of(your_turn(16_000))), 1 / 16_000)

    assert spectrum[(hz > 500) & (hz < 1050)].sum() > 0.99 * spectrum.sum()
