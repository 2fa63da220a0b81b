"""Which sound devices there are, which one is meant, and opening a stream on it.

Nothing is captured or played here; what flows through a stream is `portaudio.py`'s affair.
"""
# ruff: noqa: ANN401 sounddevice has no types

import contextlib
import ctypes
import enum
import os
import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from voiceskill.errors import AudioDeviceError

# These follow the person's own choice of device, and a plugged-in headset, by themselves.
_PREFERRED = ("pulse", "pipewire", "default")
_INSTALL = "Run `sudo apt install libportaudio2`, then `voiceskill selftest`."
_open_streams: "weakref.WeakSet[Any]" = weakref.WeakSet()


class Direction(enum.Enum):
    """Into the program or out of it; the value is the word a person knows it by."""

    INPUT = "microphone"
    OUTPUT = "loudspeaker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A sound device as the system lists it."""

    index: int
    """PortAudio's number for it, of use until the devices are looked for again."""
    name: str
    inputs: int
    """Channels it can capture, 0 for a mere loudspeaker."""
    outputs: int
    """Channels it can play, 0 for a mere microphone."""
    rate_hz: int
    """Its own rate; most can do others as well."""
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStream:
    """A running stream and what was agreed with its device."""

    stream: Any
    device_name: str
    rate_hz: int
    channels: int


def list_devices() -> tuple[Device, ...]:
    """Every sound device, also those that are neither microphone nor loudspeaker for us.

    Raises:
        AudioDeviceError: PortAudio is not installed or cannot start.
    """
    sounddevice = _library()
    defaults = set(sounddevice.default.device)
    return tuple(
        Device(
            index=row["index"],
            name=row["name"],
            inputs=row["max_input_channels"],
            outputs=row["max_output_channels"],
            rate_hz=round(row["default_samplerate"]),
            is_default=row["index"] in defaults,
        )
        for row in sounddevice.query_devices()
    )


def open_stream(
    direction: Direction,
    *,
    name: str | None,
    rate_hz: int,
    block_s: float,
    callback: Callable[[Any, int, Any, Any], None],
) -> OpenStream:
    """Open and start a stream of 16-bit samples, at `rate_hz` or else at the device's own rate.

    Args:
        direction: A microphone or a loudspeaker.
        name: The device's name or a part of it; None takes the usual one.
        rate_hz: The rate that is asked for first.
        block_s: Seconds between two calls of `callback`.
        callback: Called in PortAudio's thread with a buffer, the frames in it, times and flags.
            It must neither wait nor raise.

    Raises:
        AudioDeviceError: there is no such device, or none that can be opened.
    """
    wanted = _Wanted(direction, name, rate_hz, block_s, callback)
    try:
        return _open_first(wanted)
    except AudioDeviceError:
        # PortAudio lists the devices once, when it starts. What was plugged in later is found
        # by starting it anew, which no open stream would survive.
        if _open_streams:
            raise
        _start_anew()
        return _open_first(wanted)


def close_stream(opened: OpenStream) -> None:
    """Give a device back, once or more often; a device that is gone already is no error."""
    if opened.stream not in _open_streams:
        return
    _open_streams.discard(opened.stream)
    with contextlib.suppress(_library().PortAudioError):
        opened.stream.abort()
    opened.stream.close()


@dataclass(frozen=True, slots=True)
class _Wanted:
    direction: Direction
    name: str | None
    rate_hz: int
    block_s: float
    callback: Callable[[Any, int, Any, Any], None]


def _open_first(wanted: _Wanted) -> OpenStream:
    reasons = []
    for device in _candidates(wanted.direction, wanted.name):
        for rate_hz, channels in _settings(wanted.direction, device, wanted.rate_hz):
            try:
                stream = _started(wanted, device, rate_hz, channels)
            except _library().PortAudioError as error:
                reasons.append(f"{device.name} at {rate_hz} Hz: {error.args[0]}")
                continue
            _open_streams.add(stream)
            return OpenStream(
                stream=stream, device_name=device.name, rate_hz=rate_hz, channels=channels
            )
    raise AudioDeviceError(
        f"No {wanted.direction.value} could be opened ({'; '.join(reasons)}). "
        "Close other programs that use it, or plug it in again; then run `voiceskill selftest`."
    )


def _started(wanted: _Wanted, device: Device, rate_hz: int, channels: int) -> Any:
    sounddevice = _library()
    is_input = wanted.direction is Direction.INPUT
    with _silent_stderr():
        stream = (sounddevice.RawInputStream if is_input else sounddevice.RawOutputStream)(
            device=device.index,
            samplerate=rate_hz,
            channels=channels,
            dtype="int16",
            blocksize=round(wanted.block_s * rate_hz),
            # Output at 35 ms in place of 23: a busy interpreter starves it less.
            latency="low" if is_input else "high",
            callback=wanted.callback,
        )
        stream.start()
    return stream


def _settings(direction: Direction, device: Device, rate_hz: int) -> Iterator[tuple[int, int]]:
    """Rates and channel counts to try: ours first, then what the device surely can."""
    most = device.inputs if direction is Direction.INPUT else device.outputs
    for rate in dict.fromkeys((rate_hz, device.rate_hz)):
        for channels in (1, 2):
            if channels <= most:
                yield rate, channels


def _candidates(direction: Direction, name: str | None) -> list[Device]:
    """The devices that may be meant, likeliest first; at least one."""
    usable = [
        device
        for device in list_devices()
        if (device.inputs if direction is Direction.INPUT else device.outputs) > 0
    ]
    if not usable:
        raise AudioDeviceError(
            f"This computer has no {direction.value}, so the check cannot be held by voice. "
            "Plug one in, or use `voiceskill text`; `voiceskill demo` needs none."
        )
    if name is None:
        return sorted(usable, key=_rank)
    meant = [device for device in usable if name.lower() in device.name.lower()]
    if not meant:
        raise AudioDeviceError(
            f"There is no {direction.value} named {name!r}; there is "
            f"{', '.join(device.name for device in usable)}. Plug it in or name one of these."
        )
    return sorted(meant, key=lambda device: len(device.name))


def _rank(device: Device) -> tuple[int, bool]:
    for rank, preferred in enumerate(_PREFERRED):
        if device.name.lower().startswith(preferred):
            return rank, not device.is_default
    return len(_PREFERRED), not device.is_default


def _library() -> Any:
    """The module `sounddevice`, with PortAudio running."""
    try:
        if "sounddevice" not in sys.modules:
            _silence_alsa()
        import sounddevice  # noqa: PLC0415 heavy, and it fails where PortAudio is missing
    except OSError as error:
        raise AudioDeviceError(
            f"The sound library PortAudio is missing, so nothing can be heard or said. {_INSTALL}"
        ) from error
    except Exception as error:
        # PortAudio is started by the import; its error cannot be named when the import failed.
        if type(error).__name__ != "PortAudioError":
            raise
        raise AudioDeviceError(
            f"The sound library PortAudio cannot start ({error.args[0]}), so nothing can be heard "
            "or said. Start the computer's sound server, then run `voiceskill selftest`."
        ) from error
    return sounddevice


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Keep from a screen reader what PortAudio prints, from C, about each rate that is refused."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _start_anew() -> None:
    sounddevice = _library()
    sounddevice._terminate()
    sounddevice._initialize()


# ALSA writes some thirty lines about devices it does not find, which a screen reader would read.
_ALSA_HANDLER = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)
_ignore_alsa = _ALSA_HANDLER(lambda *_arguments: None)


def _silence_alsa() -> None:
    with contextlib.suppress(OSError):
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_ignore_alsa)
