"""What every Microphone and Loudspeaker does, the tape's and the sound card's alike.

The sound card's are run by `tests/live/test_sound.py`, in a process that has the virtual card.
"""

import math
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from voiceskill.audio import AudioChunk
from voiceskill.audio.fake import Tape, TapeLoudspeaker, TapeMicrophone
from voiceskill.audio.portaudio import PortAudioLoudspeaker, PortAudioMicrophone

CARD_FOLDER = "VOICESKILL_TEST_CARD"
pytestmark = pytest.mark.timeout(60)


def tone(rate_hz, *, hz=440.0, seconds=0.4, peak=12_000):
    turn = 2 * math.pi * hz / rate_hz
    samples = [round(peak * math.sin(turn * at)) for at in range(int(seconds * rate_hz))]
    return AudioChunk(pcm=np.array(samples, "<i2").tobytes(), rate_hz=rate_hz)


def loudest_hz(chunks):
    samples = np.frombuffer(b"".join(chunk.pcm for chunk in chunks), "<i2").astype(float)
    return np.abs(np.fft.rfft(samples)).argmax() * chunks[0].rate_hz / len(samples)


def peak(chunk):
    return int(np.abs(np.frombuffer(chunk.pcm, "<i2").astype(int)).max(initial=0))


class TapeRoom:
    """Both ends on one tape; to say something is to line it up."""

    def __init__(self):
        self.tape = Tape()
        self.microphone, self.loudspeaker = TapeMicrophone(self.tape), TapeLoudspeaker(self.tape)

    def say(self, sound):
        self.microphone.say(sound)


class CardRoom:
    """Both ends on the virtual sound card; to say something is to play it into its microphone."""

    def __init__(self):
        sys.path.insert(0, str(Path(__file__).parents[1] / "live"))
        from virtual_card import say_to_microphone  # noqa: PLC0415 only there

        self._say = say_to_microphone
        self.microphone, self.loudspeaker = PortAudioMicrophone(), PortAudioLoudspeaker()

    def say(self, sound):
        self._say(os.environ, sound)


@pytest.fixture(params=[TapeRoom, CardRoom])
def room(request):
    if request.param is CardRoom and CARD_FOLDER not in os.environ:
        pytest.skip("run by tests/live/test_sound.py, where there is a virtual sound card")
    room = request.param()
    yield room
    room.microphone.close()
    room.loudspeaker.close()


def test_chunks_are_32_ms_at_the_rate_that_was_asked_for(room):
    """Each read gives 512 samples at 16 kHz, turn after turn."""
    for _ in range(3):
        room.microphone.start()
        chunks = [room.microphone.read() for _ in range(5)]
        room.microphone.stop()

        assert {(len(chunk.pcm), chunk.rate_hz) for chunk in chunks} == {(1024, 16_000)}


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 48_000])
def test_what_is_said_in_a_turn_is_heard_in_it(room, rate_hz):
    """A sound of any rate arrives with its own pitch."""
    room.microphone.start()
    room.say(tone(rate_hz))

    chunks = [room.microphone.read() for _ in range(60)]
    loud = [chunk for chunk in chunks if peak(chunk) > 3000]

    assert 8 <= len(loud) <= 16
    assert loudest_hz(loud) == pytest.approx(440, abs=5)


def test_what_was_said_before_the_turn_is_not_heard(room):
    """A turn begins with what is said after it began."""
    room.microphone.start()
    room.say(tone(16_000, peak=20_000))
    room.microphone.read()
    room.microphone.stop()
    threading.Event().wait(1.2 if isinstance(room, CardRoom) else 0)

    room.microphone.start()

    assert max(peak(room.microphone.read()) for _ in range(40)) < 1000


def test_a_quiet_room_ends_no_reading(room):
    """With nobody speaking there are chunks all the same, as many as are asked for."""
    room.microphone.start()

    assert all(peak(room.microphone.read()) < 1000 for _ in range(70))


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 44_100, 48_000])
def test_a_chunk_of_any_rate_is_played_to_its_end(room, rate_hz):
    """Whatever its rate, what was queued has sounded when `drain` returns true."""
    for _ in range(4):
        room.loudspeaker.write(tone(rate_hz, seconds=0.05))

    assert room.loudspeaker.drain()


def test_nothing_queued_is_drained_at_once(room):
    """Without sound there is nothing to wait for."""
    assert room.loudspeaker.drain()

    room.loudspeaker.write(AudioChunk(pcm=b"", rate_hz=22_050))

    assert room.loudspeaker.drain()


def test_a_flush_cuts_what_is_queued_and_is_told_once(room):
    """The drain after a flush says so; the one after that is whole again."""
    room.loudspeaker.write(tone(22_050, seconds=20))

    room.loudspeaker.flush()

    assert not room.loudspeaker.drain()
    room.loudspeaker.write(tone(22_050, seconds=0.05))
    assert room.loudspeaker.drain()


def test_a_flush_in_silence_cuts_nothing(room):
    """A key pressed while nobody speaks leaves the next sentence whole."""
    room.loudspeaker.flush()
    room.loudspeaker.flush()

    room.loudspeaker.write(tone(22_050, seconds=0.05))

    assert room.loudspeaker.drain()


def test_a_flush_from_another_thread_ends_a_waiting_drain(room):
    """Who waits for a long sentence waits no longer once a key is pressed."""
    room.loudspeaker.write(tone(22_050, seconds=20))
    key = threading.Timer(0.1 if isinstance(room, CardRoom) else 0, room.loudspeaker.flush)
    key.start()
    if isinstance(room, TapeRoom):
        key.join()

    assert not room.loudspeaker.drain()


def test_both_ends_say_what_they_are(room):
    """Names for the self test, and a latency for the pause before listening."""
    assert room.microphone.name
    assert room.loudspeaker.name
    assert room.loudspeaker.rate_hz >= 8000
    assert 0 <= room.loudspeaker.latency_s < 0.5


def test_the_tape_holds_the_talk_in_order():
    """Question, pause and answer follow each other, each at its length in samples."""
    room = TapeRoom()
    room.loudspeaker.write(tone(22_050, seconds=0.5))
    room.loudspeaker.drain()
    room.microphone.say(tone(16_000, seconds=0.32), after_s=0.32)
    room.microphone.start()
    for _ in range(30):
        room.microphone.read()

    question, answer = room.tape.marks

    assert (question.who, question.start) == ("loudspeaker", 0)
    assert question.end == pytest.approx(8000, abs=2)
    assert answer.who == "microphone"
    assert answer.start == question.end
    assert answer.end - answer.start == 20 * 512
    assert room.tape.now == question.end + 30 * 512
    assert room.tape.sound().duration_s == pytest.approx(0.5 + 30 * 0.032, abs=0.001)


def test_the_tape_of_a_flushed_sentence_is_empty():
    """What a key cut before it sounded is not on the tape."""
    room = TapeRoom()
    room.loudspeaker.write(tone(22_050))

    room.loudspeaker.flush()
    room.loudspeaker.drain()

    assert room.tape.now == 0
    assert room.tape.marks == []


def test_pieces_of_a_sentence_are_joined_without_clicks():
    """A tone handed over in 50 ms pieces at another rate is one unbroken tone on the tape."""
    room, whole = TapeRoom(), tone(22_050, seconds=1)
    for at in range(0, len(whole.pcm), 2204):
        room.loudspeaker.write(AudioChunk(pcm=whole.pcm[at : at + 2204], rate_hz=22_050))
    room.loudspeaker.drain()

    samples = np.frombuffer(room.tape.sound().pcm, "<i2").astype(float)
    jumps = np.abs(np.diff(samples, 2))[50:-50]

    assert len(room.tape.marks) == 1
    assert jumps.max() < 1.05 * 12_000 * (2 * math.pi * 440 / 16_000) ** 2


def test_a_taped_room_is_not_a_switched_off_microphone():
    """The silence of the tape is faint noise, never exact zeros, and the same in every run."""
    rooms = [TapeRoom(), TapeRoom()]
    for room in rooms:
        room.microphone.start()
        for _ in range(100):
            room.microphone.read()

    first, second = (room.tape.sound().pcm for room in rooms)

    assert first == second
    assert 0 < peak(AudioChunk(pcm=first, rate_hz=16_000)) < 40
    assert all(any(first[at : at + 1024]) for at in range(0, len(first), 1024))


def test_reading_outside_a_turn_is_a_bug_that_shows():
    """A listener that forgets `start` is told so."""
    with pytest.raises(RuntimeError, match="call start"):
        TapeRoom().microphone.read()


def test_words_not_heard_in_a_turn_are_gone_in_the_next():
    """What was still being said when the turn ended does not answer the next question."""
    room = TapeRoom()
    room.microphone.say(tone(16_000, seconds=2))
    room.microphone.start()
    room.microphone.read()
    room.microphone.stop()

    room.microphone.start()

    assert peak(room.microphone.read()) < 40


def test_nothing_heavy_is_imported_before_a_device_is_opened():
    """The modules of the sound edge cost no numpy, soxr or sounddevice."""
    code = (
        "import sys, voiceskill.audio.portaudio, voiceskill.audio.fake, voiceskill.audio.tones,"
        "voiceskill.audio.keys; print({'numpy', 'soxr', 'sounddevice'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )

    assert done.stdout == "set()\n"
