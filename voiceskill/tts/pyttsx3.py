"""The program's voices, through pyttsx3.

On Linux pyttsx3 runs our driver on espeak-ng (`espeak_driver.py`); on macOS and Windows it runs
the driver of the system's own voices. No device is opened here, and no sentence is worded here.
espeak-ng is under the GPL-3; it is loaded as a library of its own and not part of this program.
"""

import sys

from voiceskill.errors import VoiceError
from voiceskill.tts import Sink, Synthesizer
from voiceskill.tts.espeak_driver import Espeak, register
from voiceskill.tts.system_voice import SystemVoice

# espeak counts long words: asked for 104, 135 and 174 it spoke 132, 172 and 219 words of our kind
# of sentences a minute (`benchmarks/speaking.py` prints the real rate).
_ESPEAK_WORDS_PER_WORD = 0.79
_ESPEAK_SLOWEST, _ESPEAK_FASTEST = 80, 450


def open_voice(*, voice: str | None, language: str) -> Synthesizer:
    """Open a voice. Several may be open at a time, also in different threads.

    Args:
        voice: A name as `espeak-ng --voices` lists it, with or without a variant ("en-gb",
            "en-us+f3"); elsewhere the name or identifier of a voice of the system.
            None takes the usual one for the language.
        language: A language tag such as "en" or "en-us"; only read where `voice` is None.
            A variety that is not there falls back to its language.

    Raises:
        VoiceError: there is no voice at all, or none of that name; the message says the remedy.
    """
    if sys.platform in ("darwin", "win32"):
        return SystemVoice(voice)
    espeak = Espeak.open()
    if voice is not None:
        return EspeakVoice(espeak.find_voice(voice), espeak.rate_hz)
    try:
        identifier = espeak.find_voice(language)
    except VoiceError:  # no such variety: en-au is spoken as en
        identifier = espeak.find_voice(language.partition("-")[0])
    return EspeakVoice(identifier, espeak.rate_hz)


class EspeakVoice:
    """A voice of espeak-ng. Cheap: what is loaded is shared by all of them."""

    def __init__(self, identifier: str, rate_hz: int) -> None:
        self.name = f"espeak-ng {identifier}"
        self.rate_hz = rate_hz
        self._identifier = identifier
        self._driver_name = register()

    def speak(self, text: str, sink: Sink, *, words_per_minute: int, volume: float) -> bool:
        """Hand the sound of a text to `sink`; see `Synthesizer.speak`.

        The rate is that of real words, within a tenth; espeak's slowest is about 100 a minute.
        """
        import pyttsx3  # noqa: PLC0415 a heavy library, imported where it is opened

        slowed = round(_ESPEAK_WORDS_PER_WORD * words_per_minute)
        # An engine of its own for each utterance (under 0.1 ms): whatever ended the last one,
        # an error in the sink or Ctrl-C, pyttsx3's queue and loop begin fresh.
        engine = pyttsx3.Engine(self._driver_name)
        engine.setProperty("voice", self._identifier)
        engine.setProperty("rate", min(max(slowed, _ESPEAK_SLOWEST), _ESPEAK_FASTEST))
        engine.setProperty("volume", volume)
        engine.setProperty("sink", sink)
        outcome = _Outcome()
        # pyttsx3 swallows what a driver or a sink raises and tells it as a notification.
        engine.connect("error", outcome.failed)
        engine.connect("finished-utterance", outcome.finished)
        engine.say(text)
        engine.runAndWait()
        if outcome.error is not None:
            raise outcome.error
        return outcome.completed

    def close(self) -> None:
        """Nothing to free: espeak stays loaded until the process ends."""


class _Outcome:
    """What pyttsx3 told about one utterance; empty text is told nothing of and is complete."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.completed = True

    def failed(self, name: str | None, exception: Exception) -> None:  # noqa: ARG002 pyttsx3's names
        self.error = exception

    def finished(self, name: str | None, completed: bool) -> None:  # noqa: ARG002
        self.completed = completed
