"""A microphone and a loudspeaker without a sound card, on one tape whose clock counts samples.

They ship: `voiceskill demo` runs on them, and so may the tests of whoever builds on this program.
No clock is read and nothing waits, so a long talk passes as fast as it can be computed.
"""

from collections import deque
from dataclasses import dataclass
from functools import cache

from voiceskill.audio import AudioChunk
from voiceskill.audio.resample import resample

CHUNK_S = 0.032
# A switched-off microphone gives zeros; an open one in a quiet room gives this, -66 dBFS or so.
_ROOM_PEAK = 24
_ROOM_SAMPLES = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A stretch of the tape on which somebody sounded."""

    who: str
    """"loudspeaker" or "microphone"."""
    start: int
    """First sample on the tape."""
    end: int
    """The sample after the last."""


class Tape:
    """Everything that sounded, from both sides, one after the other."""

    def __init__(self, *, rate_hz: int = 16_000) -> None:
        self.rate_hz = rate_hz
        self.marks: list[Recorded] = []
        self._pcm = bytearray()

    @property
    def now(self) -> int:
        """Samples so far."""
        return len(self._pcm) // 2

    def record(self, who: str, sound: AudioChunk, *, sounding: bool = True) -> None:
        """Append a sound of any rate; `sounding` False is a pause, without a mark."""
        start = self.now
        self._pcm += resample(sound, self.rate_hz).pcm
        if not sounding:
            return
        if self.marks and self.marks[-1].who == who and self.marks[-1].end == start:
            start = self.marks.pop().start
        self.marks.append(Recorded(who=who, start=start, end=self.now))

    def sound(self) -> AudioChunk:
        """The whole tape."""
        return AudioChunk(pcm=bytes(self._pcm), rate_hz=self.rate_hz)


class TapeMicrophone:
    """Hears the sounds that `say` lines up, each once, and the quiet of a room otherwise.

    It never runs out: who says nothing is a silent person, and the listener must give up.
    """

    def __init__(self, tape: Tape, *, rate_hz: int = 16_000) -> None:
        self.name = "tape"
        self.rate_hz = rate_hz
        self._tape = tape
        self._lined_up: deque[bytes] = deque()
        self._listening = False

    def say(self, sound: AudioChunk, *, after_s: float = 0.3) -> None:
        """Line up a sound, of any rate, to be heard after a pause in the coming turns."""
        size = 2 * round(CHUNK_S * self.rate_hz)
        pcm = self._room(round(after_s * self.rate_hz)) + resample(sound, self.rate_hz).pcm
        for at in range(0, len(pcm), size):
            piece = pcm[at : at + size]
            self._lined_up.append(piece + self._room((size - len(piece)) // 2))

    def start(self) -> None:
        """Begin a turn; what was lined up begins to sound now."""
        self._listening = True

    def read(self) -> AudioChunk:
        """The next 32 ms, at once."""
        if not self._listening:
            raise RuntimeError("read() outside a turn; call start() first")
        sounding = bool(self._lined_up)
        pcm = self._lined_up.popleft() if sounding else self._room(round(CHUNK_S * self.rate_hz))
        chunk = AudioChunk(pcm=pcm, rate_hz=self.rate_hz)
        self._tape.record("microphone", chunk, sounding=sounding)
        return chunk

    def stop(self) -> None:
        """End the turn; what was not heard in it is gone, as a real voice would be."""
        self._listening = False
        self._lined_up.clear()

    def close(self) -> None:
        """Nothing to give back."""

    def _room(self, count: int) -> bytes:
        at = 2 * (self._tape.now % _ROOM_SAMPLES)
        return (_room_noise() * (1 + count // _ROOM_SAMPLES))[at : at + 2 * count]


@cache
def _room_noise() -> bytes:
    """The faint noise of a room, the same in every run: a multiplicative congruence."""
    seed, samples = 1, bytearray()
    for _ in range(2 * _ROOM_SAMPLES):
        seed = seed * 48271 % 2147483647
        samples += (seed % (2 * _ROOM_PEAK + 1) - _ROOM_PEAK).to_bytes(2, "little", signed=True)
    return bytes(samples)


class TapeLoudspeaker:
    """Records what it is given; it sounds at the moment that `drain` is called."""

    def __init__(self, tape: Tape, *, rate_hz: int = 22_050) -> None:
        self.name = "tape"
        self.rate_hz = rate_hz
        self.latency_s = 0.0
        self._tape = tape
        self._queued: list[tuple[int, bytearray]] = []
        self._cut = False

    def write(self, chunk: AudioChunk) -> None:
        """Queue a chunk of any rate."""
        if not self._queued or self._queued[-1][0] != chunk.rate_hz:
            self._queued.append((chunk.rate_hz, bytearray()))
        self._queued[-1][1].extend(chunk.pcm)

    def drain(self) -> bool:
        """Put the queue on the tape; False when `flush` cut it short since the last `drain`."""
        for rate_hz, pcm in self._queued:
            self._tape.record("loudspeaker", AudioChunk(pcm=bytes(pcm), rate_hz=rate_hz))
        self._queued, whole, self._cut = [], not self._cut, False
        return whole

    def flush(self) -> None:
        """Forget the queue."""
        self._cut = self._cut or bool(self._queued)
        self._queued = []

    def close(self) -> None:
        """Nothing to give back."""
