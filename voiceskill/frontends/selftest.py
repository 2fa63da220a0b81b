"""Can this machine hold a spoken check? Each part is tried, and what is wrong gets its remedy.

Printed, and read aloud as soon as there is a voice and a loudspeaker. No check is held here, and
nothing that the microphone brings is kept.
"""

import array
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TextIO

from voiceskill.audio import AudioChunk, Loudspeaker, Microphone
from voiceskill.config import Settings
from voiceskill.errors import AudioDeviceError, MissingError, VoiceskillError
from voiceskill.model_catalogue import load_catalogue
from voiceskill.model_store import ModelStore
from voiceskill.tts import Synthesizer

LISTEN_S = 3.0
"""Long enough to say a few words after reading the line that asks for them."""
ECHO_S = 0.3
"""The room still rings with the request for that long; it is not the person's level."""
TOO_QUIET_DBFS = -40.0
"""A peak of -24 cost half of the right answers unlevelled (hearing bench); the level is brought
up before the ears, but below this mostly noise would be brought up."""
TOO_LOUD_DBFS = -0.5
"""Samples at full scale: the words are clipped, which nothing mends afterwards."""
MUTED_DBFS = -90.0
"""The last bit alone: a switch or the system is holding the microphone shut."""
WORDS_PER_MINUTE = 155


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How one part of the machine did."""

    part: str
    works: bool
    needed: bool
    """Whether a spoken check cannot be held without it."""
    text: str
    """One sentence or two; where it does not work, with the remedy."""

    @property
    def line(self) -> str:
        """What is printed and read aloud."""
        verdict = "works" if self.works else "does not work" if self.needed else "could be better"
        return f"{self.part} {verdict}. {self.text}"


@dataclass(slots=True)
class Trial:
    """Tries one part after the other; keeps open what the next parts need."""

    settings: Settings
    announce: Callable[[str], None]
    try_ears: Callable[[], str]
    voice: Synthesizer | None = None
    loudspeaker: Loudspeaker | None = None
    _microphone: Microphone | None = field(default=None)
    _is_muted: bool = field(default=False)

    def parts(self) -> Iterator[Found]:
        """Each part, tried when it is asked for."""
        yield self._found("The loudspeaker", self._try_loudspeaker)
        yield self._found("The voice", self._try_voice)
        yield self._found("The microphone", self._try_microphone)
        if self._microphone is not None:
            level = self._found("The microphone's level", self._try_level, needed=False)
            yield replace(level, needed=self._is_muted)
        yield self._found("Vosk's model", self._try_model, needed=False)
        yield self._found("Hearing", self.try_ears)

    def close(self) -> None:
        """Give back what was opened."""
        for opened in (self._microphone, self.loudspeaker, self.voice):
            if opened is not None:
                opened.close()

    def _found(self, part: str, attempt: Callable[[], str], *, needed: bool = True) -> Found:
        try:
            return Found(part=part, works=True, needed=needed, text=attempt())
        except VoiceskillError as error:
            return Found(part=part, works=False, needed=needed, text=str(error))

    def _try_loudspeaker(self) -> str:
        from voiceskill.audio.portaudio import (  # noqa: PLC0415 loads PortAudio
            PortAudioLoudspeaker,
        )

        self.loudspeaker = PortAudioLoudspeaker(name=self.settings.loudspeaker)
        return f"It is {self.loudspeaker.name}, at {self.loudspeaker.rate_hz} samples a second."

    def _try_voice(self) -> str:
        from voiceskill.tts.pyttsx3 import open_voice  # noqa: PLC0415 loads espeak-ng

        voice = open_voice(voice=self.settings.voice, language=self.settings.language)
        self.voice = voice
        return f"It is {voice.name}."

    def _try_microphone(self) -> str:
        from voiceskill.audio.portaudio import (  # noqa: PLC0415 loads PortAudio
            PortAudioMicrophone,
        )

        self._microphone = PortAudioMicrophone(name=self.settings.microphone)
        return f"It is {self._microphone.name}."

    def _try_level(self) -> str:
        assert self._microphone is not None, "tried after the microphone"
        self.announce(f"Please say a few words now, for {LISTEN_S:.0f} seconds.")
        level = peak_dbfs(_listen(self._microphone))
        self._is_muted = level < MUTED_DBFS
        problem = level_problem(level)
        if problem:
            raise AudioDeviceError(problem)
        return f"The loudest moment was {-level:.0f} decibels below full scale, which is fine."

    def _try_model(self) -> str:
        store = ModelStore(self.settings.models_folder, load_catalogue())
        folder = store.find(self.settings.language, self.settings.model)
        if folder is None:
            raise MissingError(
                f"None is installed in {store.folder}. It is not needed, but hears more surely: "
                f"run `voiceskill models get {self.settings.language}`."
            )
        return f"It is {folder.name}, and it is whole."


def run_selftest(settings: Settings, *, try_ears: Callable[[], str], out: TextIO) -> int:
    """Try every part of this machine.

    Args:
        settings: Which devices, voice and model to try.
        try_ears: Opens the ears and says which were chosen and why, or raises what is wrong.
        out: Gets one line a part.

    Returns:
        0 when a spoken check can be held, else 3.
    """
    trial = Trial(settings, lambda line: _tell(trial, line, out), try_ears)
    usable = True
    try:
        for found in trial.parts():
            usable = usable and (found.works or not found.needed)
            _tell(trial, found.line, out)
        _tell(trial, _VERDICT[usable], out)
    finally:
        trial.close()
    return 0 if usable else MissingError.exit_code


_VERDICT = {
    True: "A spoken check can be held: run `voiceskill`.",
    False: "A spoken check cannot be held yet. `voiceskill text` and `voiceskill demo` work.",
}


def level_problem(peak: float) -> str:
    """What is wrong with a microphone whose loudest moment was this loud; empty when nothing is.

    Args:
        peak: Decibels relative to full scale, 0 or below.
    """
    if peak < MUTED_DBFS:
        return (
            "It gives no sound at all, so it is muted: look for a switch on the microphone or the "
            "headset, and turn it up in the system's sound settings."
        )
    if peak < TOO_QUIET_DBFS:
        return (
            "It is very quiet, so words will be missed: come nearer, or turn it up in the "
            "system's sound settings."
        )
    if peak > TOO_LOUD_DBFS:
        return (
            "It is too loud, so words are cut off: move it away from your mouth, or turn it down "
            "in the system's sound settings."
        )
    return ""


def peak_dbfs(pcm: bytes) -> float:
    """The loudest sample in decibels relative to full scale; minus infinity for silence.

    Args:
        pcm: Signed 16-bit samples in the machine's byte order.
    """
    samples = array.array("h", pcm)
    loudest = max((abs(sample) for sample in samples), default=0)
    return 20 * math.log10(loudest / 32768) if loudest else -math.inf


def _listen(microphone: Microphone) -> bytes:
    """What the microphone brings in `LISTEN_S`, once the echo has gone."""
    heard = bytearray()
    bytes_a_second = 2 * microphone.rate_hz
    microphone.start()
    try:
        while len(heard) < (ECHO_S + LISTEN_S) * bytes_a_second:
            heard += microphone.read().pcm
    finally:
        microphone.stop()
    return bytes(heard[2 * int(ECHO_S * microphone.rate_hz) :])


def _tell(trial: Trial, line: str, out: TextIO) -> None:
    """Print a line, then read it aloud where that is possible already."""
    print(line, file=out, flush=True)
    voice, loudspeaker = trial.voice, trial.loudspeaker
    if voice is None or loudspeaker is None:
        return

    def sink(chunk: AudioChunk) -> bool:
        loudspeaker.write(chunk)
        return True

    text = line.replace("`", "")
    rate = round(WORDS_PER_MINUTE * trial.settings.pace)
    voice.speak(text, sink, words_per_minute=rate, volume=trial.settings.volume)
    loudspeaker.drain()
