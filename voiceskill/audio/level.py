"""How loud sound is, and bringing it up to where recognisers hear best.

Whether a sound is speech is decided in `endpoint.py`.
"""

import math
from typing import TYPE_CHECKING

from voiceskill.audio import AudioChunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FLOOR_DBFS = -90.0
"""What exact digital silence counts as; below one step of 16 bits."""
TARGET_DBFS = -20.0
"""Level of speech that the quick ear gets (hearing.md, section 6: levelled to -20 dBFS)."""
_MAX_GAIN_DB = 36.0
"""More would lift the noise of the converter itself to the level of speech."""
_FULL_SCALE = 32768.0
_PEAK = 0.97 * _FULL_SCALE
_SPEECH_SPAN_DB = 25.0
"""Sound softer than the speech so far by more than this is a pause, and teaches nothing."""


def level_dbfs(chunk: AudioChunk) -> float:
    """Root mean square of the chunk in dB below full scale, `FLOOR_DBFS` to 0."""
    return _dbfs(_samples(chunk))


def is_digital_silence(chunk: AudioChunk) -> bool:
    """True when every sample is exactly 0: a switched-off microphone, not a quiet room."""
    return not any(chunk.pcm)


class RunningLevel:
    """The gain for a stream, remembered from turn to turn: one speaker, one microphone."""

    def __init__(self, *, target_dbfs: float = TARGET_DBFS) -> None:
        self._target_dbfs = target_dbfs
        self._speech_dbfs: float | None = None
        self._gain: float | None = None

    def apply(self, chunk: AudioChunk) -> AudioChunk:
        """The chunk with the gain of now; the gain rises slowly and falls at once.

        Feed only what the endpointer takes for speech: it is speech whose level is learned.
        """
        import numpy as np  # noqa: PLC0415

        samples = _samples(chunk)
        if not len(samples) or is_digital_silence(chunk):
            return chunk
        gain = 10 ** (_gain_db(self._learn(_dbfs(samples)), self._target_dbfs) / 20)
        gain = min(gain, _PEAK / max(float(abs(samples).max()), 1.0))
        before = gain if self._gain is None else min(self._gain, _PEAK / float(abs(samples).max()))
        self._gain = gain
        return _chunk(samples * np.linspace(before, gain, len(samples)), chunk.rate_hz)

    def _learn(self, now_dbfs: float) -> float:
        known = self._speech_dbfs
        if known is None:
            known = now_dbfs
        elif now_dbfs > known:
            known += 0.5 * (now_dbfs - known)
        elif now_dbfs > known - _SPEECH_SPAN_DB:
            known += 0.02 * (now_dbfs - known)
        self._speech_dbfs = known
        return known


def _gain_db(speech_dbfs: float, target_dbfs: float) -> float:
    return min(max(target_dbfs - speech_dbfs, -_MAX_GAIN_DB), _MAX_GAIN_DB)


def _samples(chunk: AudioChunk) -> "NDArray[np.float64]":
    import numpy as np  # noqa: PLC0415

    return np.frombuffer(chunk.pcm, dtype="<i2").astype(np.float64)


def _chunk(samples: "NDArray[np.float64]", rate_hz: int) -> AudioChunk:
    return AudioChunk(pcm=samples.round().astype("<i2").tobytes(), rate_hz=rate_hz)


def _dbfs(samples: "NDArray[np.float64]") -> float:
    if not len(samples):
        return FLOOR_DBFS
    mean_square = float((samples * samples).mean()) / _FULL_SCALE**2
    return max(FLOOR_DBFS, 10 * math.log10(max(mean_square, 1e-12)))
