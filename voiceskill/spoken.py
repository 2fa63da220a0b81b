"""The session's Speaker and Listener made of sound: voice, loudspeaker, microphone and ears.

What is said is the core's; which device and which engine is the front end's choice.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from voiceskill.audio import AudioChunk, Loudspeaker, Microphone
from voiceskill.core.events import BargeIn, Event, Heard, Listen, Say
from voiceskill.tts import Synthesizer

WORDS_PER_MINUTE = 155
"""The usual pace of the spoken check (design: 150 to 160)."""
PIECE_S = 8.0
"""Nobody without free hands waits longer than this for a chance to say "stop"."""
GAP_S = 0.6
"""How long a gap between two pieces waits for speech to begin."""
ECHO_S = 0.25
"""Half duplex: the room still rings with our own voice for this long after it ends."""

_CLAUSE = re.compile(r"(?<=[,;:])\s+")


class Hearing(Protocol):
    """Sound to event, for one listening turn."""

    def listen(self, chunks: Iterator[AudioChunk], listen: Listen) -> Event:
        """Take chunks until the turn ends."""


def pieces(sentences: tuple[str, ...], *, words_per_minute: float) -> tuple[str, ...]:
    """Join and split sentences into pieces that last at most `PIECE_S` at this pace.

    A sentence is cut only where it has a comma, semicolon or colon; one without may last longer.
    """
    budget = PIECE_S * words_per_minute / 60
    joined: list[str] = []
    for part in _parts(sentences, budget):
        if joined and len(joined[-1].split()) + len(part.split()) <= budget:
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return tuple(joined)


def _parts(sentences: tuple[str, ...], budget: float) -> Iterator[str]:
    """Whole sentences, or their clauses where one is too long for a piece."""
    for sentence in sentences:
        if len(sentence.split()) <= budget:
            yield sentence
        else:
            yield from _CLAUSE.split(sentence)


@dataclass(slots=True, kw_only=True)
class SpokenSpeaker:
    """Speaks in pieces; a key ends it at once, a voice in the gap after a piece."""

    voice: Synthesizer
    loudspeaker: Loudspeaker
    in_gap: Callable[[Listen], Event] | None = None
    """Listens in the gap after a piece; None: it is never interrupted by voice."""
    _cut: bool = field(default=False, init=False)
    _last: Say | None = field(default=None, init=False)

    def interrupt(self) -> None:
        """Be silent at once; safe from any thread, such as that which watches the keys."""
        self._cut = True
        self.loudspeaker.flush()

    def say(self, say: Say, listen: Listen | None) -> Event | None:
        """Speak; return what ended it early, if something did."""
        self._cut = False
        self._last = say
        rate = round(WORDS_PER_MINUTE * say.pace)
        parts = pieces(say.sentences, words_per_minute=rate)
        for count, part in enumerate(parts, start=1):
            if not self._speak(part, words_per_minute=rate, volume=say.volume):
                return BargeIn()
            if listen is not None and count < len(parts):
                event = self._gap(listen)
                if event is not None:
                    return event
        return None

    def add(self, sentences: tuple[str, ...]) -> None:
        """Say something of the machine's own, as loud and as fast as what was said last."""
        said = self._last or Say(sentences=())
        self.say(replace(said, sentences=sentences), None)

    def _speak(self, text: str, *, words_per_minute: int, volume: float) -> bool:
        """Speak one piece to its last sample; False when a key cut it short."""

        def sink(chunk: AudioChunk) -> bool:
            if self._cut:
                return False
            self.loudspeaker.write(chunk)
            return True

        spoken = self.voice.speak(text, sink, words_per_minute=words_per_minute, volume=volume)
        if not spoken:
            self.loudspeaker.flush()
        return self.loudspeaker.drain() and spoken

    def _gap(self, listen: Listen) -> Event | None:
        """What was clearly said in a gap; silence and noise do not end the speech."""
        if self.in_gap is None:
            return None
        event = self.in_gap(replace(listen, no_input_s=GAP_S))
        return event if isinstance(event, Heard) else None


@dataclass(slots=True, kw_only=True)
class SpokenListener:
    """Listens through the microphone once our own voice has faded."""

    microphone: Microphone
    hearing: Callable[[], Hearing]
    """Gives the ears; waits while they are still being opened."""
    cue: Callable[[], None] = lambda: None
    """Sounds "your turn"."""

    def listen(self, listen: Listen) -> Event:
        """Give the cue, then wait for one turn."""
        hearing = self.hearing()
        self.cue()
        return self._turn(hearing, listen)

    def in_gap(self, listen: Listen) -> Event:
        """A short turn between two pieces of speech, without a cue."""
        return self._turn(self.hearing(), listen)

    def _turn(self, hearing: Hearing, listen: Listen) -> Event:
        self.microphone.start()
        try:
            return hearing.listen(self._chunks(), listen)
        finally:
            self.microphone.stop()

    def _chunks(self) -> Iterator[AudioChunk]:
        """The microphone's sound without the echo at its beginning."""
        echo_s = ECHO_S
        while True:
            chunk = self.microphone.read()
            if echo_s > 0:
                echo_s -= chunk.duration_s
            else:
                yield chunk
