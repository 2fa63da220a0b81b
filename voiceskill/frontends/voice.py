"""The check by voice: the session joined to a voice, a loudspeaker, a microphone and ears.

Which of them is opened is decided in `equipment.py`; what is said is the core's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voiceskill.audio import Loudspeaker, Microphone
from voiceskill.audio.keys import on_any_key
from voiceskill.audio.tones import your_turn
from voiceskill.core.dialog import Turn
from voiceskill.core.events import Event, Listen, Say
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteWarning:
    """A listener that says when the microphone is switched off: a silent person cannot know."""

    listener: SpokenListener
    speaker: SpokenSpeaker
    is_muted: Callable[[], bool]
    sentences: Sequence[str]

    def listen(self, listen: Listen) -> Event:
        """Wait for one turn; after a muted one, say so before it counts as silence."""
        event = self.listener.listen(listen)
        if self.is_muted():
            self.speaker.say(Say(sentences=tuple(self.sentences)), None)
        return event


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
    warned = MuteWarning(
        listener=listener,
        speaker=speaker,
        is_muted=room.is_muted,
        sentences=check.skill.pathway.language.say["muted"],
    )
    with on_any_key(speaker.interrupt):
        return converse(
            check.skill,
            check.first_turn(),
            speaker=speaker,
            listener=warned,
            on_turn=check.watching(show),
        )
