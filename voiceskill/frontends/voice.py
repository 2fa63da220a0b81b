"""The check by voice: the session joined to a voice, a loudspeaker, a microphone and ears.

Which of them is opened is decided in `equipment.py`; what is said is the core's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from voiceskill.audio import Loudspeaker, Microphone
from voiceskill.audio.keys import on_any_key
from voiceskill.audio.tones import your_turn
from voiceskill.core.dialog import Hears, Turn
from voiceskill.core.events import Event, Listen
from voiceskill.session import Check, converse
from voiceskill.spoken import Hearing, SpokenListener, SpokenSpeaker
from voiceskill.tts import Synthesizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What sounds and what hears in one place."""

    voice: Synthesizer
    loudspeaker: Loudspeaker
    microphone: Microphone
    hearing: Callable[[], Hearing]
    """Gives the ears; waits while they are still being opened."""
    is_muted: Callable[[], bool]
    """Whether the last turn brought exactly nothing: the microphone is switched off."""
    hears_poorly: Callable[[], bool]
    """Whether the ears, once they are open, hear so poorly that all is read back."""


@dataclass(slots=True, kw_only=True)
class HonestListener:
    """Tells, once each, what a person cannot know: the microphone is off, the ears hear poorly."""

    listener: SpokenListener
    speaker: SpokenSpeaker
    room: Room
    words: Mapping[str, Sequence[str]]
    """The language's connecting sentences."""
    told: set[str] = field(default_factory=set)
    """What need not be told any more: keys of `words`."""

    def listen(self, listen: Listen) -> Event:
        """Wait for one turn; after a muted one, say so before it counts as silence."""
        if self.room.hears_poorly():
            self._tell("greet_hears_poorly", "greet_better")
        event = self.listener.listen(listen)
        if self.room.is_muted():
            self._tell("muted")
        return event

    def _tell(self, *keys: str) -> None:
        new = [key for key in keys if key not in self.told]
        self.told.update(new)
        sentences = [text for key in new for text in _said_of(key, self.words[key])]
        if sentences:
            self.speaker.add(tuple(sentences))


def _said_of(key: str, wordings: Sequence[str]) -> Sequence[str]:
    """All sentences of the warning about the microphone; of the others the first wording."""
    return wordings if key == "muted" else wordings[:1]


def run_voice(check: Check, room: Room, *, show: Callable[[Turn], None] = lambda _: None) -> Turn:
    """Hold one spoken check; any key silences the voice at once.

    Args:
        check: How to begin, and where an unfinished check is kept.
        room: What sounds and what hears.
        show: Called with each turn before it is spoken.

    Returns:
        The last turn.

    Raises:
        StateError: a kept check cannot be gone on with; it was forgotten.
        AudioDeviceError: a device vanished and did not come back.
        EngineError: nothing hears or speaks any more.
    """

    def cue() -> None:
        room.loudspeaker.write(your_turn(room.loudspeaker.rate_hz))
        room.loudspeaker.drain()

    listener = SpokenListener(microphone=room.microphone, hearing=room.hearing, cue=cue)
    speaker = SpokenSpeaker(voice=room.voice, loudspeaker=room.loudspeaker, in_gap=listener.in_gap)
    poorly_at_once = ("greet_hears_poorly", "greet_better")
    honest = HonestListener(
        listener=listener,
        speaker=speaker,
        room=room,
        words=check.skill.pathway.language.say,
        told=set(poorly_at_once if check.hears is Hears.POORLY else ()),
    )
    with on_any_key(speaker.interrupt):
        return converse(
            check.skill,
            check.first_turn(),
            speaker=speaker,
            listener=honest,
            on_turn=check.watching(show),
        )
