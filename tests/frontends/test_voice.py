"""The check by voice, on a tape in place of a sound card, with the real voice and real ears."""

import pytest

from voiceskill.audio import AudioChunk
from voiceskill.audio.fake import Tape, TapeLoudspeaker, TapeMicrophone
from voiceskill.core.dialog import Hears
from voiceskill.core.events import NoInput
from voiceskill.frontends.voice import Room, run_voice
from voiceskill.library import load_skill
from voiceskill.session import Check
from voiceskill.tts.pyttsx3 import open_voice


class Deaf:
    """Ears that never hear anybody, as in an empty room."""

    def listen(self, chunks, listen):
        next(iter(chunks))
        return NoInput()


class Noting:
    """A voice that speaks, and remembers what."""

    def __init__(self):
        self.voice = open_voice(voice="en-gb", language="en")
        self.name, self.rate_hz = self.voice.name, self.voice.rate_hz
        self.spoken = []

    def speak(self, text, sink, *, words_per_minute, volume):
        self.spoken.append(text)
        return self.voice.speak(text, sink, words_per_minute=words_per_minute, volume=volume)

    def close(self):
        self.voice.close()


@pytest.fixture(scope="module")
def skill():
    return load_skill()


def held(skill, *, hears=Hears.WELL, is_muted=False, hears_poorly=False):
    """A whole check in an empty room; what was spoken, and the last turn."""
    tape = Tape()
    voice = Noting()
    room = Room(
        voice=voice,
        loudspeaker=TapeLoudspeaker(tape),
        microphone=TapeMicrophone(tape),
        hearing=Deaf,
        is_muted=lambda: is_muted,
        hears_poorly=lambda: hears_poorly,
    )
    last = run_voice(Check(skill=skill, hears=hears), room)
    assert isinstance(tape.sound(), AudioChunk)
    return " ".join(voice.spoken), last


def test_an_empty_room_ends_the_check(skill):
    """Where nobody answers the voice stops asking, and names no tier."""
    spoken, last = held(skill)

    assert last.done
    assert last.finish.assessment is None or last.finish.assessment.urgency is None
    assert "research and education demonstration" in spoken


def test_a_muted_microphone_is_named_once(skill):
    """Somebody who cannot see is told that the microphone is off, and told it once."""
    spoken, _ = held(skill, is_muted=True)

    assert spoken.count(skill.pathway.language.say["muted"][0]) == 1


def test_a_microphone_that_works_is_not_mentioned(skill):
    """Silence alone is no reason to speak of the microphone."""
    spoken, _ = held(skill)

    assert skill.pathway.language.say["muted"][0] not in spoken


@pytest.mark.parametrize("hears", [Hears.WELL, Hears.POORLY])
def test_poor_ears_are_never_hidden(skill, hears):
    """That it hears poorly is said exactly once, also when that showed only after the greeting."""
    spoken, _ = held(skill, hears=hears, hears_poorly=True)

    told = sum(spoken.count(words) for words in skill.pathway.language.say["greet_hears_poorly"])
    assert told == 1
