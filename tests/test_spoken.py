"""Speaking in pieces and listening between them: a key or a voice ends it, an echo does not."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceskill.audio import AudioChunk
from voiceskill.audio.fake import Tape, TapeLoudspeaker, TapeMicrophone
from voiceskill.core.events import (
    Alternative,
    BargeIn,
    Heard,
    Listen,
    NoInput,
    NoMatch,
    Phrase,
    Say,
)
from voiceskill.spoken import ECHO_S, GAP_S, PIECE_S, SpokenListener, SpokenSpeaker, pieces
from voiceskill.tts.pyttsx3 import open_voice

LISTEN = Listen(phrases=(Phrase(text="stop", meaning="stop"),), no_input_s=6.0)
STOP = Heard(alternatives=(Alternative(text="stop"),))
SENTENCE = "Please tell me where on the leg it feels numb or strange to you."
WORDS = st.lists(st.sampled_from(["leg", "numb", "walking", "a", "foot,", "so:"]), min_size=1)


def long_say():
    """Three pieces of speech."""
    return Say(sentences=(SENTENCE,) * 4, pace=1.0)


def speaker(tape, **more):
    voice = open_voice(voice="en-gb", language="en")
    return SpokenSpeaker(voice=voice, loudspeaker=TapeLoudspeaker(tape), **more)


# ---- pieces


@given(
    sentences=st.lists(WORDS.map(" ".join), min_size=1, max_size=12),
    pace=st.floats(min_value=0.6, max_value=1.5),
)
def test_a_piece_lasts_at_most_eight_seconds(sentences, pace):
    """Nobody waits longer for a gap, save in a sentence that has no comma to be cut at."""
    rate = round(155 * pace)
    budget = PIECE_S * rate / 60

    for piece in pieces(tuple(sentences), words_per_minute=rate):
        clauses = piece.replace(":", ",").split(", ")
        assert len(piece.split()) <= budget or len(clauses) == 1


@given(sentences=st.lists(WORDS.map(" ".join), max_size=12))
def test_no_word_is_lost_between_the_pieces(sentences):
    """The pieces together are the sentences, word for word and in order."""
    said = pieces(tuple(sentences), words_per_minute=155)

    assert " ".join(said).split() == " ".join(sentences).split()
    assert all(said)


def test_at_a_slow_pace_there_are_more_pieces():
    """Who asks for slower speech waits no longer for a gap."""
    sentences = (SENTENCE,) * 4

    slow, fast = (pieces(sentences, words_per_minute=rate) for rate in (93, 232))

    assert len(slow) > len(fast)


def test_each_spoken_piece_is_short_on_the_tape_too():
    """Measured on real sound: no piece of a long text lasts longer than eight seconds."""
    tape = Tape()
    said = speaker(tape, in_gap=lambda _: pause(tape))

    assert said.say(long_say(), LISTEN) is None

    lengths = [(mark.end - mark.start) / tape.rate_hz for mark in tape.marks]
    assert len(lengths) > 1
    assert max(lengths) <= PIECE_S


def pause(tape):
    quiet = AudioChunk(pcm=bytes(3200), rate_hz=16_000)
    tape.record("microphone", quiet, sounding=False)
    return NoInput()


# ---- gaps


def test_a_word_in_a_gap_ends_the_speech():
    """Somebody who says "stop" between two pieces is obeyed before the next one."""
    tape = Tape()
    asked = []
    said = speaker(tape, in_gap=lambda listen: asked.append(listen) or STOP)

    event = said.say(long_say(), LISTEN)

    assert event is STOP
    assert len(asked) == 1
    assert asked[0].no_input_s == GAP_S
    assert asked[0].phrases == LISTEN.phrases
    assert tape.sound().duration_s <= PIECE_S


@pytest.mark.parametrize("nothing", [NoInput(), NoMatch()])
def test_silence_and_noise_in_a_gap_end_nothing(nothing):
    """A cough does not take the rest of the advice away."""
    tape = Tape()
    gaps = []

    event = speaker(tape, in_gap=lambda listen: gaps.append(listen) or nothing).say(
        long_say(), LISTEN
    )

    assert event is None
    assert len(gaps) == len(pieces(long_say().sentences, words_per_minute=155)) - 1


def test_after_the_last_piece_there_is_no_gap():
    """The listening turn itself follows, with its tone."""
    gaps = []

    speaker(Tape(), in_gap=lambda listen: gaps.append(listen) or STOP).say(
        Say(sentences=(SENTENCE,)), LISTEN
    )

    assert gaps == []


def test_where_nothing_may_be_heard_there_are_no_gaps():
    """Before the end of a check nobody is listened to."""
    gaps = []

    speaker(Tape(), in_gap=lambda listen: gaps.append(listen) or STOP).say(long_say(), None)

    assert gaps == []


# ---- a key


class PressingLoudspeaker(TapeLoudspeaker):
    """Somebody presses a key after so much sound, from another thread."""

    def __init__(self, tape, *, after):
        super().__init__(tape)
        self.after, self.speaker = after, None

    def write(self, chunk):
        super().write(chunk)
        self.after -= 1
        if self.after == 0:
            key = threading.Thread(target=self.speaker.interrupt)
            key.start()
            key.join()


def pressed(after):
    tape = Tape()
    loudspeaker = PressingLoudspeaker(tape, after=after)
    voice = open_voice(voice="en-gb", language="en")
    loudspeaker.speaker = SpokenSpeaker(voice=voice, loudspeaker=loudspeaker)
    return tape, loudspeaker.speaker


@pytest.mark.parametrize("after", [1, 5, 40])
def test_a_key_ends_the_speech_wherever_it_is_pressed(after):
    """At the first sound or later, a key is a barge-in, and nothing more is queued."""
    tape, said = pressed(after)

    assert isinstance(said.say(long_say(), LISTEN), BargeIn)
    assert tape.sound().duration_s < PIECE_S


def test_after_a_key_the_next_sentence_is_spoken_whole():
    """A key silences what is being said, and nothing that comes later."""
    tape, said = pressed(3)
    said.say(long_say(), LISTEN)
    before_s = tape.sound().duration_s

    assert said.say(Say(sentences=(SENTENCE,)), LISTEN) is None
    assert tape.sound().duration_s - before_s > 2


def test_a_key_while_nothing_is_said_silences_nothing():
    """A key pressed while it listens does not cut the next question off."""
    tape = Tape()
    said = speaker(tape)
    said.interrupt()

    assert said.say(Say(sentences=(SENTENCE,)), LISTEN) is None
    assert tape.sound().duration_s > 2


def test_a_key_in_a_gap_ends_the_speech():
    """What was pressed while it listened between two pieces counts as well."""
    tape = Tape()
    said = speaker(tape)
    said.in_gap = lambda _: said.interrupt() or NoInput()

    assert isinstance(said.say(long_say(), LISTEN), BargeIn)
    assert tape.sound().duration_s <= PIECE_S


# ---- loudness and pace


class Noting:
    """A voice that notes how it was to speak."""

    name, rate_hz = "noting", 22_050

    def __init__(self):
        self.asked = []

    def speak(self, text, sink, *, words_per_minute, volume):
        self.asked.append((text, words_per_minute, volume))
        return sink(AudioChunk(pcm=bytes(200), rate_hz=self.rate_hz))


def test_a_word_of_the_machine_is_as_loud_and_as_slow_as_all_else():
    """Somebody who asked for louder and slower is told of the microphone louder and slower."""
    voice = Noting()
    said = SpokenSpeaker(voice=voice, loudspeaker=TapeLoudspeaker(Tape()))
    said.say(Say(sentences=("One.",), pace=0.6, volume=1.0), None)

    said.add(("The microphone is off.",))

    assert voice.asked[1] == ("The microphone is off.", 93, 1.0)
    assert voice.asked[0][1:] == voice.asked[1][1:]


# ---- listening


class Counting:
    """Ears that note the first sound they get."""

    def __init__(self, microphone):
        self.microphone, self.first_at = microphone, None

    def listen(self, chunks, listen):
        next(iter(chunks))
        return NoInput()


def test_the_echo_of_our_own_voice_is_not_listened_to():
    """The first quarter of a second of a turn never reaches the ears."""
    tape = Tape()
    microphone = TapeMicrophone(tape)
    listener = SpokenListener(microphone=microphone, hearing=lambda: Counting(microphone))

    listener.listen(LISTEN)

    assert tape.sound().duration_s >= ECHO_S


def test_a_turn_has_a_cue_and_a_gap_has_none():
    """The tone means "your turn"; between two pieces it would be in the way."""
    cues = []
    microphone = TapeMicrophone(Tape())
    listener = SpokenListener(
        microphone=microphone, hearing=lambda: Counting(microphone), cue=lambda: cues.append(1)
    )

    listener.in_gap(LISTEN)
    assert cues == []
    listener.listen(LISTEN)
    assert cues == [1]


class Failing:
    """Ears that die."""

    def listen(self, chunks, listen):
        next(iter(chunks))
        raise OSError("gone")


def test_the_microphone_is_stopped_also_when_the_ears_fail():
    """An error in the ears does not leave the microphone listening."""
    microphone = TapeMicrophone(Tape())
    listener = SpokenListener(microphone=microphone, hearing=Failing)

    with pytest.raises(OSError, match="gone"):
        listener.listen(LISTEN)
    with pytest.raises(RuntimeError, match="outside a turn"):
        microphone.read()
