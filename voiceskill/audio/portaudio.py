"""The microphone and the loudspeaker of this computer, through sounddevice and PortAudio.

The callbacks, which run in PortAudio's own thread, only copy. When to listen and what to say is
not decided here. A device that falls silent for two seconds is opened anew by its name.
"""
# ruff: noqa: ANN401 sounddevice's buffers, times and flags have no types

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from voiceskill.audio import AudioChunk
from voiceskill.audio.devices import Direction, OpenStream, close_stream, open_stream
from voiceskill.audio.resample import StreamResampler, resample
from voiceskill.errors import AudioDeviceError

_log = logging.getLogger(__name__)

# 512 samples at 16 kHz, what the voice activity detector takes at a time.
INPUT_BLOCK_S = 0.032
# 256 frames at 22.05 kHz; the sound of a flushed stream ended after 29 ms (virtual sound card).
OUTPUT_BLOCK_S = 256 / 22_050
# Devices call every 12 to 32 ms; a busy machine was never seen to stop them for a second.
DEAD_AFTER_S = 2.0
# What the device's stated latency leaves out: the sound server's own buffers.
_TAIL_PAD_S = 0.1
_FADE_S = 0.005
_MOST_QUEUED_S = 60


class PortAudioMicrophone:
    """A `Microphone`. The device runs from opening to closing; between turns nothing is kept."""

    def __init__(self, *, name: str | None = None, rate_hz: int = 16_000) -> None:
        self.rate_hz = rate_hz
        self.reopened = 0
        """How often the device was lost and found again."""
        self._captured: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._listening = False
        self._ready = bytearray()
        self._opened = self._open(name)
        self.name = self._opened.device_name
        self._convert = _to_mono(self._opened, rate_hz)

    def start(self) -> None:
        """Begin a listening turn: what was captured before is dropped."""
        self._listening = False
        while not self._captured.empty():
            self._captured.get()
        self._ready.clear()
        self._convert = _to_mono(self._opened, self.rate_hz)
        self._listening = True

    def read(self) -> AudioChunk:
        """Wait for the next chunk of 32 ms; see `Microphone.read`."""
        size = 2 * round(INPUT_BLOCK_S * self.rate_hz)
        found_again = False
        while len(self._ready) < size:
            try:
                self._ready += self._convert(self._captured.get(timeout=DEAD_AFTER_S))
            except queue.Empty:
                if found_again:
                    raise _vanished(Direction.INPUT, self.name) from None
                self._reopen()
                found_again = True
        pcm = bytes(self._ready[:size])
        del self._ready[:size]
        return AudioChunk(pcm=pcm, rate_hz=self.rate_hz)

    def stop(self) -> None:
        """End the turn; nothing is captured until the next `start`."""
        self._listening = False

    def close(self) -> None:
        """Give the device back."""
        self._listening = False
        close_stream(self._opened)

    def _open(self, name: str | None) -> OpenStream:
        return open_stream(
            Direction.INPUT,
            name=name,
            rate_hz=self.rate_hz,
            block_s=INPUT_BLOCK_S,
            callback=self._capture,
        )

    def _reopen(self) -> None:
        close_stream(self._opened)
        try:
            self._opened = self._open(self.name)
        except AudioDeviceError as error:
            raise _vanished(Direction.INPUT, self.name) from error
        self._convert = _to_mono(self._opened, self.rate_hz)
        self.reopened += 1
        _log.warning("the microphone %s was lost and is open again", self.name)

    def _capture(self, captured: Any, _frames: int, _times: Any, _flags: Any) -> None:
        if self._listening:
            self._captured.put(bytes(captured))


class PortAudioLoudspeaker:
    """A `Loudspeaker`: one stream from opening to closing, fed from a queue of samples."""

    def __init__(self, *, name: str | None = None, rate_hz: int = 22_050) -> None:
        self.reopened = 0
        """How often the device was lost and found again."""
        self.starved = 0
        """How often the device ran out of samples: a machine too busy to speak smoothly."""
        self._changed = threading.Condition()
        self._queued = bytearray()
        self._cut = False
        self._flushes = 0
        self._calls = 0
        self._last_sounding_call = -1000
        self._resampler: StreamResampler | None = None
        self._channels = 1
        self.rate_hz = rate_hz
        self._opened = self._open(name)
        self.name = self._opened.device_name
        self.rate_hz = self._opened.rate_hz
        self.latency_s = float(self._opened.stream.latency)

    def write(self, chunk: AudioChunk) -> None:
        """Queue a chunk of any rate; waits only while a minute of sound is queued already."""
        flushes = self._flushes
        most = 2 * _MOST_QUEUED_S * self.rate_hz
        self._wait_until(lambda: len(self._queued) < most or self._flushes != flushes)
        with self._changed:
            if self._flushes == flushes:
                self._queued += self._at_own_rate(chunk)

    def drain(self) -> bool:
        """Wait until all that was queued has sounded; False when `flush` cut it short."""
        with self._changed:
            self._queued += self._resampled_rest()
        self._wait_until(lambda: self._cut or not self._is_sounding(self.latency_s))
        with self._changed:
            whole, self._cut = not self._cut, False
        return whole

    def flush(self) -> None:
        """Be silent within 50 ms and forget the queue; safe from any thread."""
        with self._changed:
            self._cut = self._cut or self._is_sounding(self.latency_s)
            self._flushes += 1
            self._resampler = None
            # Silence at once would be heard as a click.
            self._queued = bytearray(_faded(self._queued[: 2 * int(_FADE_S * self.rate_hz)]))
            self._changed.notify_all()

    def close(self) -> None:
        """Give the device back; what was drained still sounds, what is only queued does not."""
        with self._changed:
            self._queued.clear()
            pad_s = self.latency_s + _TAIL_PAD_S
            self._changed.wait_for(lambda: not self._is_sounding(pad_s), timeout=2 * pad_s)
        close_stream(self._opened)

    def _open(self, name: str | None) -> OpenStream:
        opened = open_stream(
            Direction.OUTPUT,
            name=name,
            rate_hz=self.rate_hz,
            block_s=OUTPUT_BLOCK_S,
            callback=self._play,
        )
        self._channels = opened.channels
        return opened

    def _reopen(self) -> None:
        close_stream(self._opened)
        try:
            self._opened = self._open(self.name)
        except AudioDeviceError as error:
            raise _vanished(Direction.OUTPUT, self.name) from error
        with self._changed:
            queued = AudioChunk(pcm=bytes(self._queued), rate_hz=self.rate_hz)
            self.rate_hz = self._opened.rate_hz
            self._queued = bytearray(resample(queued, self.rate_hz).pcm)
            self._resampler = None  # it may have been made for another rate
        self.reopened += 1
        _log.warning("the loudspeaker %s was lost and is open again", self.name)

    def _wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait as long as the device lives; a device that died is opened anew, once."""
        reopened = False
        while True:
            with self._changed:
                calls = self._calls
                if self._changed.wait_for(holds, timeout=DEAD_AFTER_S):
                    return
                if self._calls != calls:
                    continue
            if reopened:
                raise _vanished(Direction.OUTPUT, self.name)
            self._reopen()
            reopened = True

    def _is_sounding(self, tail_s: float) -> bool:
        """Whether there is sound in the queue, or was so recently that the device still has it."""
        tail_calls = 1 + tail_s / OUTPUT_BLOCK_S
        return bool(self._queued) or self._calls - self._last_sounding_call < tail_calls

    def _at_own_rate(self, chunk: AudioChunk) -> bytes:
        rest = b""
        if self._resampler is None or self._resampler.from_hz != chunk.rate_hz:
            rest = self._resampled_rest()
            if chunk.rate_hz != self.rate_hz:
                self._resampler = StreamResampler(from_hz=chunk.rate_hz, to_hz=self.rate_hz)
        return rest + (self._resampler.feed(chunk.pcm) if self._resampler else chunk.pcm)

    def _resampled_rest(self) -> bytes:
        resampler, self._resampler = self._resampler, None
        return resampler.finish() if resampler else b""

    def _play(self, played: Any, frames: int, _times: Any, flags: Any) -> None:
        with self._changed:
            pcm = bytes(self._queued[: 2 * frames])
            del self._queued[: 2 * frames]
            self._calls += 1
            if pcm:
                self._last_sounding_call = self._calls
                self.starved += bool(flags.output_underflow)
            self._changed.notify_all()
        played[:] = _on_channels(pcm.ljust(2 * frames, b"\0"), self._channels)


def _vanished(direction: Direction, name: str) -> AudioDeviceError:
    return AudioDeviceError(
        f"The {direction.value} {name} has vanished in the middle of the talk. "
        "Plug it in again, then start again."
    )


def _to_mono(opened: OpenStream, rate_hz: int) -> Callable[[bytes], bytes]:
    """What turns the device's blocks into mono at `rate_hz`."""
    import numpy as np  # noqa: PLC0415 heavy, imported where it is opened

    def first_channel(block: bytes) -> bytes:
        return np.frombuffer(block, np.int16)[:: opened.channels].tobytes()

    mono = bytes if opened.channels == 1 else first_channel
    if opened.rate_hz == rate_hz:
        return mono
    resampler = StreamResampler(from_hz=opened.rate_hz, to_hz=rate_hz)
    return lambda block: resampler.feed(mono(block))


def _on_channels(pcm: bytes, channels: int) -> bytes:
    if channels == 1:
        return pcm
    return b"".join(pcm[at : at + 2] * channels for at in range(0, len(pcm), 2))


def _faded(pcm: bytes | bytearray) -> bytes:
    """The same samples, falling to silence."""
    samples = memoryview(pcm).cast("h")
    count = len(samples)
    return b"".join(
        int(sample * (count - at) / count).to_bytes(2, "little", signed=True)
        for at, sample in enumerate(samples)
    )
