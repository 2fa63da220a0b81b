"""The words of the sound edge: a piece of sound, where it comes from and where it goes.

Protocols and one value only. No device, no file and no engine is touched here.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioChunk:
    """A stretch of mono sound, signed 16-bit little-endian PCM."""

    pcm: bytes
    """Samples, two bytes each, at `rate_hz`."""
    rate_hz: int
    """Samples a second, 8000 to 48000."""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / 2 / self.rate_hz


class Microphone(Protocol):
    """Where sound comes in, 32 ms at a time, already at the rate that was asked for."""

    name: str
    rate_hz: int

    def start(self) -> None:
        """Begin a listening turn: what was captured before is dropped.

        Raises:
            AudioDeviceError: the device is gone and could not be reopened by its name.
        """

    def read(self) -> AudioChunk:
        """Wait for the next chunk of 32 ms.

        Raises:
            AudioDeviceError: the device vanished; the message names it.
        """

    def stop(self) -> None:
        """End the turn; nothing is captured until the next `start`."""

    def close(self) -> None:
        """Give the device back."""


class Loudspeaker(Protocol):
    """Where sound goes out, through one stream that stays open."""

    name: str
    rate_hz: int
    latency_s: float

    def write(self, chunk: AudioChunk) -> None:
        """Queue a chunk of any rate; returns at once or when the queue has room."""

    def drain(self) -> bool:
        """Wait until all that was queued has sounded; False when `flush` cut it short."""

    def flush(self) -> None:
        """Be silent within 50 ms and forget the queue; safe from any thread."""

    def close(self) -> None:
        """Give the device back."""
