"""The short soft sign that needs no words, as sound.

Arithmetic only. When it is given is decided by the front ends.
"""

import array
import math
import sys

from voiceskill.audio import AudioChunk

# Notes between 500 and 1000 Hz: above the hum of a room, below where hearing fades with age.
# A fourth apart, so that it is plain which way they go.
_E5, _A5 = 659.3, 880.0
_NOTE_S = 0.09
# A sign of this peak is about as loud as the quieter parts of speech at full volume.
_PEAK = 0.18


def your_turn(rate_hz: int) -> AudioChunk:
    """Two rising notes, 0.18 s: the program listens now."""
    return _notes((_E5, _A5), rate_hz)


def _notes(frequencies_hz: tuple[float, ...], rate_hz: int) -> AudioChunk:
    samples = array.array("h")
    for frequency_hz in frequencies_hz:
        samples.extend(_note(frequency_hz, rate_hz))
    if sys.byteorder == "big":
        samples.byteswap()
    return AudioChunk(pcm=samples.tobytes(), rate_hz=rate_hz)


def _note(frequency_hz: float, rate_hz: int) -> list[int]:
    """One note that swells and fades as half a wave of sin²: no edge, so no click."""
    count = round(_NOTE_S * rate_hz)
    turn = 2 * math.pi * frequency_hz / rate_hz
    return [
        round(32767 * _PEAK * math.sin(math.pi * at / count) ** 2 * math.sin(turn * at))
        for at in range(count)
    ]
