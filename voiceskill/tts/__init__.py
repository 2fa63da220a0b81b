"""The word of the speaking edge: text in, sound out, piece by piece.

A protocol only. Which voice speaks, and through which device, is not decided here.
"""

from collections.abc import Callable
from typing import Protocol

from voiceskill.audio import AudioChunk

Sink = Callable[[AudioChunk], bool]
"""Takes a piece of sound; returns False to end the utterance there."""


class Synthesizer(Protocol):
    """A voice. Opened once; used from one thread."""

    name: str
    rate_hz: int

    def speak(self, text: str, sink: Sink, *, words_per_minute: int, volume: float) -> bool:
        """Hand the sound of one text to `sink` in pieces of at most 50 ms, in order.

        Args:
            text: One or more sentences, without markup.
            sink: Called in this thread for each piece; False ends the utterance.
            words_per_minute: 80 to 300; the conversation's usual is 155.
            volume: 0.0 to 1.0.

        Returns:
            False when the sink ended it early.

        Raises:
            EngineError: the voice died; open it again.
        """

    def close(self) -> None:
        """Free the voice."""
