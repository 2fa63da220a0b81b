"""The voices of macOS and Windows, through pyttsx3's own drivers.

Each utterance is rendered to a temporary file, read back and handed over in pieces, so that it
goes through our one output stream and can be stopped like any other.
It has never run on those systems: tried was the file alone, with pyttsx3's Linux driver.
"""

import tempfile
from pathlib import Path

from voiceskill.audio import AudioChunk
from voiceskill.errors import EngineError, VoiceError
from voiceskill.tts import Sink
from voiceskill.tts.pieces import pieces


class SystemVoice:
    """A voice that came with the computer."""

    def __init__(self, voice: str | None) -> None:
        import pyttsx3  # noqa: PLC0415 a heavy library, imported where it is opened

        try:
            self._engine = pyttsx3.Engine()
        except (ImportError, OSError, RuntimeError) as error:
            raise VoiceError(
                f"This computer's own voice cannot be opened ({error}), so nothing can be spoken. "
                "Install a voice in the system's settings under speech."
            ) from error
        if voice is not None:
            self._engine.setProperty("voice", self._identifier(voice))
        self.name = f"system voice {voice or 'as set up'}"
        self.rate_hz = 22050

    def speak(self, text: str, sink: Sink, *, words_per_minute: int, volume: float) -> bool:
        """Hand the sound of a text to `sink`; see `Synthesizer.speak`."""
        if not text.strip():
            return True
        self._engine.setProperty("rate", words_per_minute)
        self._engine.setProperty("volume", volume)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "utterance.wav"
            self._engine.save_to_file(text, str(path))
            self._engine.runAndWait()
            sound = _read(path)
        self.rate_hz = sound.rate_hz
        return all(sink(piece) for piece in pieces(sound))

    def close(self) -> None:
        """Stop what may still be queued."""
        self._engine.stop()

    def _identifier(self, wanted: str) -> str:
        listed = {each.id: each.name for each in self._engine.getProperty("voices")}
        for identifier, name in listed.items():
            if wanted.lower() in (identifier.lower(), name.lower()):
                return str(identifier)
        raise VoiceError(
            f"This computer has no voice named {wanted!r}, so it cannot be spoken with. "
            f"There are {len(listed)} others, for example {', '.join(list(listed.values())[:8])}."
        )


def _read(path: Path) -> AudioChunk:
    """The rendered file; macOS writes AIFF whatever the name says."""
    import soundfile  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 heavy

    try:
        samples, rate_hz = soundfile.read(path, dtype="int16", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise EngineError(f"The system's voice gave no sound ({error}); open it again.") from error
    return AudioChunk(pcm=samples[:, 0].tobytes(), rate_hz=rate_hz)
