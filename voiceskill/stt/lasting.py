"""A quick ear that outlives its engine: it is opened again, and hears the turn from its start.

What it heard is weighed in `verdict.py`; the engines are `vosk.py` and `pocketsphinx.py`.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from voiceskill.audio import AudioChunk
from voiceskill.errors import EngineError, ModelError
from voiceskill.stt import Hypothesis, Recognizer, RecognizerTurn

MOST_DEATHS = 3
"""How often an ear is opened again before the conversation goes on without it."""


class LastingEar:
    """The quick ear and its turn: when it dies it is opened again, and the turn goes on."""

    def __init__(
        self, recognizer: Recognizer | None, reopen: Callable[[], Recognizer] | None
    ) -> None:
        """Take an ear that is open, and how to open it again.

        Args:
            recognizer: None where there is no quick ear at all.
            reopen: None: an ear that dies stays dead.
        """
        self._recognizer = recognizer
        self._reopen = reopen
        self._lives = MOST_DEATHS
        self._turn: RecognizerTurn | None = None
        self._phrases: Sequence[str] | None = None
        self._heard: list[AudioChunk] = []
        self.partial = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The ear's name, or nothing where it is gone."""
        return () if self._recognizer is None else (self._recognizer.name,)

    def start(self, phrases: Sequence[str] | None) -> None:
        """Begin a turn that expects these phrases; None decodes freely."""
        self._phrases = phrases
        self._heard = []
        self.partial = ""
        try:
            self._begin()
        except EngineError:
            self._revive()

    def accept(self, chunk: AudioChunk) -> None:
        """Hear a chunk."""
        if self._turn is None:
            return
        self._heard.append(chunk)
        try:
            self.partial = self._turn.accept(chunk)
        except EngineError:
            self._revive()

    def finish(self) -> Hypothesis | None:
        """What was heard; None where there is no ear left."""
        while self._turn is not None:
            try:
                found = self._turn.finish()
            except EngineError:
                self._revive()
            else:
                self._turn = None
                return found
        return None

    def cancel(self) -> None:
        """End an open turn and forget its sound."""
        turn, self._turn = self._turn, None
        self._heard = []
        if turn is not None:
            with suppress(EngineError):
                turn.cancel()

    def close(self) -> None:
        """Free the ear."""
        self.cancel()
        if self._recognizer is not None:
            self._recognizer.close()

    def _begin(self) -> None:
        if self._recognizer is not None:
            self._turn = self._recognizer.start(self._phrases)
            for chunk in self._heard:
                self.partial = self._turn.accept(chunk)

    def _revive(self) -> None:
        """Open the ear again and let it hear the turn so far; go on without where that fails."""
        self._turn = self._recognizer = None
        while self._recognizer is None and self._reopen is not None and self._lives > 0:
            self._lives -= 1
            try:
                self._recognizer = self._reopen()
                self._begin()
            except (EngineError, ModelError):
                self._turn = self._recognizer = None
