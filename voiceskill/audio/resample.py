"""The same sound at another rate, whole or as it streams in.

Arithmetic only, by soxr; no device and no file.
"""

from voiceskill.audio import AudioChunk


def resample(sound: AudioChunk, rate_hz: int) -> AudioChunk:
    """A whole sound at another rate; the sound itself when it has that rate already."""
    if sound.rate_hz == rate_hz:
        return sound
    stream = StreamResampler(from_hz=sound.rate_hz, to_hz=rate_hz)
    return AudioChunk(pcm=stream.feed(sound.pcm) + stream.finish(), rate_hz=rate_hz)


class StreamResampler:
    """Mono 16-bit sound piece by piece from one rate to another, without clicks between pieces."""

    def __init__(self, *, from_hz: int, to_hz: int) -> None:
        import numpy as np  # noqa: PLC0415 heavy, imported where it is opened
        import soxr  # noqa: PLC0415 heavy, imported where it is opened

        self.from_hz = from_hz
        self._np = np
        self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16")

    def feed(self, pcm: bytes) -> bytes:
        """What is ready after this piece; soxr holds back some 10 ms until more comes."""
        return self._convert(pcm, last=False)

    def finish(self) -> bytes:
        """What was held back. The stream is over then."""
        return self._convert(b"", last=True)

    def _convert(self, pcm: bytes, *, last: bool) -> bytes:
        samples = self._np.frombuffer(pcm, self._np.int16)
        return bytes(self._stream.resample_chunk(samples, last=last).tobytes())
