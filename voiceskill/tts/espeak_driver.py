"""A pyttsx3 driver that renders with espeak-ng and hands the sound over instead of playing it.

Registered as `pyttsx3.drivers.voiceskill_espeak` by `register`. It plays nothing, opens no
device and starts no thread; which words are spoken, and where the sound goes, is not its affair.

pyttsx3's own espeak driver loses sentences, mixes up rates and blocks in `stop`, because espeak
runs there in the background. Here it runs synchronously: a text is rendered whole (about 6 ms for
10 s of speech), then handed to the sink piece by piece. espeak is one library with one state for
the whole process, so a lock covers each rendering; any number of voices may be open.
"""
# ruff: noqa: ANN401 what comes from ctypes and from pyttsx3 has no types

import ctypes
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from voiceskill.audio import AudioChunk
from voiceskill.errors import EngineError, VoiceError
from voiceskill.tts.pieces import PIECE_S, pieces

DRIVER_NAME = "voiceskill_espeak"
SYSTEM_LIBRARIES = ("libespeak-ng.so.1", "libespeak.so.1")
# espeak ends the whole process when its data is missing, unless this bit is set.
_DO_NOT_EXIT = 0x8000
_OK = 0
_REMEDY = "Install one with `sudo apt install espeak-ng` or `pip install espeakng-loader`."


class Espeak:
    """The one espeak of this process: `open` it, then `render` texts from any thread."""

    _opened: "Espeak | None" = None
    _lock = threading.RLock()

    def __init__(self, bindings: Any, rate_hz: int) -> None:
        self._bindings = bindings
        self.rate_hz = rate_hz
        self._pcm = bytearray()
        self._interrupted: BaseException | None = None
        bindings.SetSynthCallback(self._collect)

    @classmethod
    def open(cls, system_libraries: Sequence[str] = SYSTEM_LIBRARIES) -> "Espeak":
        """Load the library once; later calls return the same one.

        Args:
            system_libraries: Names tried first; the wheel `espeakng-loader` is next.

        Raises:
            VoiceError: there is no espeak library, or it has no data to speak with.
        """
        with cls._lock:
            if cls._opened is None:
                data_parent = _load_library(system_libraries)
                from pyttsx3.drivers import _espeak as bindings  # noqa: PLC0415 needs the library

                rate_hz = bindings.Initialize(
                    bindings.AUDIO_OUTPUT_SYNCHRONOUS,
                    int(PIECE_S * 1000),
                    data_parent,
                    _DO_NOT_EXIT,
                )
                if rate_hz <= 0:
                    raise VoiceError(
                        "The voice espeak-ng is installed but its data is missing, so nothing "
                        "can be spoken. Run `sudo apt install --reinstall espeak-ng-data`."
                    )
                cls._opened = cls(bindings, rate_hz)
            return cls._opened

    def find_voice(self, name: str) -> str:
        """The identifier of a voice named as people do: "en-gb", "en-us+f3", "gmw/en", "German".

        Raises:
            VoiceError: there is no such voice or variant.
        """
        base, plus, variant = name.partition("+")
        with self._lock:
            found = self._match(base)
            chosen = f"{found}{plus}{variant}"
            if found and self._bindings.SetVoiceByName(chosen.encode()) == _OK:
                current = self._bindings.GetCurrentVoice().contents.identifier.decode()
                # An unknown variant is dropped by espeak without a word.
                if current.partition("+")[2] == variant:
                    return chosen
        raise VoiceError(
            f"There is no espeak voice named {name!r}, so it cannot be spoken with. "
            "`espeak-ng --voices` lists what there is, for example en-gb or en-us+f3."
        )

    def render(self, text: str, *, voice: str, words_per_minute: int, volume: float) -> AudioChunk:
        """The sound of a whole text.

        Args:
            text: What to say; it is never read as markup.
            voice: An identifier that `find_voice` gave.
            words_per_minute: espeak's own count, 80 to 450.
            volume: 0.0 to 1.0.

        Raises:
            EngineError: espeak refused the voice or the text.
        """
        espeak = self._bindings
        with self._lock:
            self._pcm.clear()
            codes = (
                espeak.SetVoiceByName(voice.encode()),
                espeak.SetParameter(espeak.RATE, words_per_minute, 0),
                espeak.SetParameter(espeak.VOLUME, round(100 * volume), 0),
                # The text ends at a zero byte for espeak, and only there.
                espeak.Synth(text.replace("\0", " "), flags=espeak.CHARS_UTF8),
            )
            interrupted, self._interrupted = self._interrupted, None
            if interrupted is not None:
                raise interrupted
            if any(code != _OK for code in codes):
                raise EngineError(
                    f"espeak-ng failed to speak (codes {codes}); open the voice again."
                )
            return AudioChunk(pcm=_from_first_sound(self._pcm), rate_hz=self.rate_hz)

    def voices(self) -> dict[str, tuple[str, str]]:
        """Every voice: identifier to its name and its main language."""
        with self._lock:
            listed = self._bindings.ListVoices(None)
            # A language begins with one byte that holds its priority.
            return {
                v.identifier.decode(): (v.name.decode(), v.languages[1:].decode()) for v in listed
            }

    def _match(self, wanted: str) -> str:
        """The identifier whose language, last part, name or whole is `wanted`, in that order."""
        wanted, voices = wanted.lower(), self.voices()
        by_rank = (
            (identifier.lower().rpartition("/")[2], language.lower(), name.lower(), identifier)
            for identifier, (name, language) in voices.items()
        )
        ranked = [
            ([language, tail, name, identifier.lower()].index(wanted), identifier)
            for tail, language, name, identifier in by_rank
            if wanted in (language, tail, name, identifier.lower())
        ]
        return min(ranked)[1] if ranked else ""

    def _collect(self, samples: Any, count: int, _events: Any) -> int:
        # ctypes prints and forgets what a callback raises; a Ctrl-C must not be lost so.
        try:
            if count > 0:
                self._pcm += ctypes.string_at(samples, 2 * count)
        except BaseException as error:  # noqa: BLE001 raised again by `render`
            self._interrupted = error
            return 1
        return 0


class EspeakDriver:
    """What pyttsx3 asks of a driver. Beside its usual properties it has `sink`."""

    def __init__(self, proxy: Any) -> None:
        self._proxy = proxy
        self._espeak = Espeak.open()
        self._stopped = False
        self._properties: dict[str, Any] = {
            "voice": "gmw/en",
            "rate": 155,
            "volume": 1.0,
            "sink": lambda _piece: True,
        }

    def startLoop(self) -> None:  # noqa: N802 pyttsx3's name
        """Run what is queued. Nothing runs on after that, so there is no loop to end.

        With an empty queue pyttsx3 calls `endLoop` before this one.
        """
        self._proxy.setBusy(False)

    def endLoop(self) -> None:  # noqa: N802 pyttsx3's name
        """All that was queued before has been spoken."""

    def say(self, text: str) -> None:
        """Speak now and return when the sink has taken all of it, or has refused a piece."""
        self._stopped = False
        self._proxy.notify("started-utterance")
        sound = self._espeak.render(
            text,
            voice=self._properties["voice"],
            words_per_minute=self._properties["rate"],
            volume=self._properties["volume"],
        )
        completed = all(self._taken(piece) for piece in pieces(sound))
        self._proxy.notify("finished-utterance", completed=completed)

    def stop(self) -> None:
        """End the utterance after the piece that is being handed over."""
        self._stopped = True

    def getProperty(self, name: str) -> Any:  # noqa: N802 pyttsx3's name
        """voices, voice, rate, volume or sink; KeyError for any other."""
        return self._espeak.voices() if name == "voices" else self._properties[name]

    def setProperty(self, name: str, value: Any) -> None:  # noqa: N802 pyttsx3's name
        """Set voice, rate, volume or sink for what is said next; KeyError for any other."""
        if name not in self._properties:
            raise KeyError(name)
        self._properties[name] = value

    def _taken(self, piece: AudioChunk) -> bool:
        return bool(self._properties["sink"](piece)) and not self._stopped


def buildDriver(proxy: Any) -> EspeakDriver:  # noqa: N802 pyttsx3's name
    """What pyttsx3 calls to get a driver for one engine."""
    return EspeakDriver(proxy)


def register() -> str:
    """Make this module known to pyttsx3; return the driver name for `pyttsx3.Engine`."""
    sys.modules[f"pyttsx3.drivers.{DRIVER_NAME}"] = sys.modules[__name__]
    return DRIVER_NAME


def _from_first_sound(pcm: bytearray) -> bytes:
    """The sound without the silence before it: 17 to 65 ms of waiting where a word begins hard."""
    sounding = len(pcm.lstrip(b"\0"))
    return bytes(pcm[(len(pcm) - sounding) // 2 * 2 :] if sounding else pcm)


def _load_library(system_libraries: Sequence[str]) -> bytes | None:
    """Load espeak-ng, so that pyttsx3's bindings find it; the folder above its data, if known."""
    for name in system_libraries:
        with suppress(OSError):
            ctypes.CDLL(name)
            return None
    try:
        import espeakng_loader  # noqa: PLC0415 only where there is no system library
    except ImportError as error:
        raise VoiceError(f"There is no voice to speak with on this machine. {_REMEDY}") from error
    try:
        ctypes.CDLL(espeakng_loader.get_library_path())
    except OSError as error:
        raise VoiceError(
            f"The voice in the package espeakng-loader cannot be loaded ({error}). {_REMEDY}"
        ) from error
    return str(Path(espeakng_loader.get_data_path()).parent).encode()
