"""Where speech begins and ends: counted in sound, the same live and from a recording."""

import random
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceskill.audio import AudioChunk
from voiceskill.audio.endpoint import (
    CHUNK_S,
    Endpoint,
    EndpointRules,
    NoiseFloor,
    Phase,
    cut,
    open_detector,
    settled_phrases,
)
from voiceskill.core.events import Listen, Phrase
from voiceskill.errors import UsageError

PHRASES = (
    Phrase(text="yes", meaning="yes"),
    Phrase(text="yes i do", meaning="yes"),
    Phrase(text="no", meaning="no"),
    Phrase(text="no idea", meaning="unsure"),
    Phrase(text="left leg", meaning="left"),
)
LISTEN = Listen(phrases=PHRASES, no_input_s=4.0, max_turn_s=8.0)
needs_voice = pytest.mark.skipif(
    shutil.which("espeak-ng") is None or shutil.which("sox") is None,
    reason="espeak-ng or sox is not installed",
)


class Script:
    """A voice detector that says what the test's sound is: its loud chunks are voice."""

    def probability(self, chunk):
        return 0.9 if max(chunk.pcm) > 100 else 0.05

    def reset(self):
        pass


def tone(chunks, peak=8000):
    """Loud sound: a square wave, whose bytes are large."""
    wave = (
        peak.to_bytes(2, "little", signed=True) * 8 + (-peak).to_bytes(2, "little", signed=True) * 8
    )
    return [AudioChunk(pcm=(wave * 32)[:1024], rate_hz=16000)] * chunks


def quiet(chunks):
    """A quiet room, about -66 dBFS: never exactly zero."""
    return [AudioChunk(pcm=bytes([10, 0, 20, 0]) * 256, rate_hz=16000)] * chunks


def zeros(chunks):
    return [AudioChunk(pcm=bytes(1024), rate_hz=16000)] * chunks


def noise(seconds, peak, seed=1):
    rng = random.Random(seed)
    count = round(seconds * 16000)
    pcm = b"".join(
        rng.randint(-peak, peak).to_bytes(2, "little", signed=True) for _ in range(count)
    )
    return list(cut([AudioChunk(pcm=pcm, rate_hz=16000)]))


def said(text, *effects, voice="en-us"):
    wav = subprocess.run(
        ("espeak-ng", "-v", voice, "-s", "140", "--stdout", text), capture_output=True, check=True
    ).stdout
    raw = ("-t", "raw", "-r", "16000", "-b", "16", "-e", "signed", "-c", "1", "-")
    pcm = subprocess.run(
        ("sox", "-t", "wav", "-", *raw, *effects), input=wav, capture_output=True, check=True
    ).stdout
    return list(cut([AudioChunk(pcm=pcm, rate_hz=16000)]))


def mixed(a, b):
    """Two sounds at once."""
    left, right = (np.frombuffer(b"".join(c.pcm for c in s), "<i2").astype(int) for s in (a, b))
    count = min(len(left), len(right))
    both = (left[:count] + right[:count]).clip(-32768, 32767).astype("<i2").tobytes()
    return list(cut([AudioChunk(pcm=both, rate_hz=16000)]))


def run(chunks, listen=LISTEN, partial="", *, is_sure=True, detector=None, **options):
    """Feed a turn; the phase it ended in, how many chunks it took, and the sound for the ears."""
    endpoint = Endpoint(listen, detector=detector or Script(), **options)
    heard, phase = [], Phase.WAITING
    for count, chunk in enumerate(chunks, start=1):
        heard += endpoint.accept(chunk)
        phase = endpoint.phase(partial, is_sure=is_sure)
        if phase not in (Phase.WAITING, Phase.SPEAKING):
            return phase, count, heard
    return phase, len(chunks), heard


# ---- nobody speaks


def test_a_silent_person_is_no_input_after_the_time_allowed():
    """Four seconds of a quiet room, counted in chunks of 32 ms."""
    phase, count, heard = run(quiet(200))
    assert (phase, count, heard) == (Phase.NO_INPUT, 125, [])


def test_a_microphone_switched_off_is_told_apart_from_a_silent_person():
    """Its samples are exactly zero; those of a quiet room never are."""
    assert run(zeros(200))[0] is Phase.MUTED
    assert run([*zeros(60), *quiet(1), *zeros(100)])[0] is Phase.NO_INPUT


def test_one_loud_chunk_is_no_speech():
    """A tap on the table lasts 32 ms; speech begins with two voiced chunks in a row."""
    chunks = quiet(10)
    for _ in range(20):
        chunks += [*tone(1), *quiet(5)]
    assert run(chunks)[0] in (Phase.WAITING, Phase.NO_INPUT)


# ---- speech


def test_the_ears_get_the_sound_from_before_the_onset():
    """0.3 to 0.5 s before the first voiced chunk, so that a soft first sound is whole."""
    _, _, heard = run([*quiet(40), *tone(10), *quiet(60)])
    before = len(heard) - 10 - 22
    assert 0.3 <= before * CHUNK_S <= 0.5


def test_speech_at_once_is_not_cut():
    """Who speaks with the first sample is heard from the first sample."""
    _, _, heard = run([*tone(10), *quiet(60)])
    assert heard[:10] == tone(10)


@pytest.mark.parametrize(
    ("partial", "is_sure", "careful", "silence_s"),
    [
        ("yes", True, False, 0.15),  # whatever follows means the same
        ("yes", True, True, 0.15),
        ("yes", False, False, 0.25),
        ("no", True, False, 0.25),  # "no idea" may follow
        ("no", True, True, 0.35),
        ("no", False, False, 0.7),
        ("left", True, False, 0.7),
        ("", True, False, 0.7),
        ("tea", True, False, 0.7),
    ],
)
def test_how_long_a_turn_waits_depends_on_what_was_said(partial, is_sure, careful, silence_s):
    """Sure words that can't go on end it after 0.15 s; words that may go on wait longer."""
    listen = Listen(phrases=PHRASES, no_input_s=4.0, careful=careful)
    phase, count, _ = run([*quiet(5), *tone(10), *quiet(60)], listen, partial, is_sure=is_sure)
    assert phase is Phase.ENDED
    assert count - 15 == pytest.approx(silence_s / CHUNK_S, abs=0.51)


def test_a_slow_speaker_is_waited_for():
    """The scale of the turn lengthens every silence."""
    slow = Listen(phrases=PHRASES, no_input_s=4.0, hangover_scale=2.0)
    _, usual, _ = run([*tone(10), *quiet(80)])
    _, slowly, _ = run([*tone(10), *quiet(80)], slow)
    assert slowly - 10 == 2 * (usual - 10)


def test_an_open_question_waits_longest():
    """Where any words are welcome, a phrase of the list ends nothing early."""
    free = Listen(phrases=PHRASES, no_input_s=4.0, free=True)
    _, count, _ = run([*tone(10), *quiet(80)], free, "yes")
    assert (count - 10) * CHUNK_S >= 1.2


def test_a_pause_inside_an_answer_does_not_end_it():
    """A quarter of a second between two words, with half a phrase heard."""
    phase, count, _ = run([*tone(10), *quiet(8), *tone(10), *quiet(60)], partial="left")
    assert phase is Phase.ENDED
    assert count > 28


def test_noise_that_never_ends_is_ended():
    """After the longest turn allowed, whatever still sounds."""
    phase, count, _ = run(tone(600))
    assert phase is Phase.ENDED
    assert count <= round(8.0 / CHUNK_S)


class Babble:
    """A detector that hears voices in everything, as Silero does in babble."""

    def probability(self, chunk):
        return 0.95

    def reset(self):
        pass


def test_babble_ends_by_its_level():
    """Loud speech above steady voices ends when only the voices are left: the gate has a veto."""
    babble = noise(4.0, 800)
    loud = noise(0.6, 9000)
    phase, count, _ = run([*babble[:60], *loud, *babble[60:]], detector=Babble())
    assert phase is Phase.ENDED
    assert count <= 60 + len(loud) + round(0.7 / CHUNK_S) + 1


def test_the_floor_follows_the_room():
    """It begins at a quiet room and reaches a loud one within three seconds."""
    floor = NoiseFloor()
    assert floor.add(-30.0) == -60.0
    for _ in range(94):
        level = floor.add(-30.0)
    assert level == -30.0


@given(levels=st.lists(st.floats(min_value=-90, max_value=0), min_size=1, max_size=200))
def test_the_floor_is_never_above_what_was_heard(levels):
    """It is one of the levels heard, or the quiet room that it began with."""
    floor = NoiseFloor()
    for level in levels:
        now = floor.add(level)
    assert now == -60.0 or now in levels


# ---- any sound


@given(
    parts=st.lists(
        st.tuples(st.sampled_from([tone, quiet, zeros]), st.integers(1, 40)), max_size=12
    ),
    partial=st.sampled_from(["", "yes", "no"]),
)
def test_every_turn_ends(parts, partial):
    """However speech, silence and zeros follow each other, a turn ends in the time allowed."""
    chunks = [chunk for make, count in parts for chunk in make(count)] + quiet(400)
    phase, count, heard = run(chunks, partial=partial)
    assert phase in (Phase.ENDED, Phase.NO_INPUT, Phase.MUTED)
    assert count * CHUNK_S <= LISTEN.no_input_s + LISTEN.max_turn_s + 0.1
    assert bool(heard) == (phase is Phase.ENDED)


@given(sizes=st.lists(st.integers(0, 3000).map(lambda n: 2 * n), max_size=10))
def test_cutting_loses_and_adds_nothing_but_the_last_silence(sizes):
    """Pieces of any length become chunks of 512 samples with the same sound."""
    rng = random.Random(1)
    pieces = [AudioChunk(pcm=rng.randbytes(size), rate_hz=16000) for size in sizes]
    chunks = list(cut(pieces))
    assert {len(chunk.pcm) for chunk in chunks} <= {1024}
    whole = b"".join(piece.pcm for piece in pieces)
    joined = b"".join(chunk.pcm for chunk in chunks)
    assert joined.startswith(whole)
    assert not any(joined[len(whole) :])
    assert len(joined) - len(whole) < 1024


def test_sound_of_another_rate_or_length_is_refused():
    """It would be heard too fast or too slow; the message says what to do."""
    with pytest.raises(UsageError, match="resample"):
        list(cut([AudioChunk(pcm=bytes(1024), rate_hz=8000)]))
    for chunk in (
        AudioChunk(pcm=bytes(1024), rate_hz=8000),
        AudioChunk(pcm=bytes(640), rate_hz=16000),
    ):
        with pytest.raises(UsageError, match="512 samples"):
            Endpoint(LISTEN, detector=None).accept(chunk)


# ---- what can still follow


@pytest.mark.parametrize(
    ("texts", "settled"),
    [
        ({"yes": "y", "yes i do": "y"}, {"yes", "yes i do"}),
        ({"no": "n", "no idea": "u"}, {"no idea"}),
        ({"left": "l", "leftovers": "o"}, {"left", "leftovers"}),
        ({}, set()),
    ],
)
def test_a_phrase_is_settled_when_nothing_else_can_follow(texts, settled):
    """Whole words count, and a longer phrase of the same meaning changes nothing."""
    phrases = [Phrase(text=text, meaning=meaning) for text, meaning in texts.items()]
    assert settled_phrases(phrases) == settled


@given(
    phrases=st.lists(
        st.builds(
            Phrase,
            text=st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(" ".join),
            meaning=st.sampled_from("xyz"),
        ),
        max_size=10,
    )
)
def test_no_settled_phrase_begins_one_of_another_meaning(phrases):
    """The rule itself, over any list."""
    for text in settled_phrases(phrases):
        own = {p.meaning for p in phrases if p.text == text}
        after = {p.meaning for p in phrases if p.text.startswith(f"{text} ")}
        assert len(own | after) == 1


# ---- the real detector


@needs_voice
@pytest.mark.parametrize("voice", ["en-us", "en-gb", "en-us+f3"])
@pytest.mark.parametrize("text", ["no", "yes", "left", "my left leg is numb"])
def test_real_speech_is_found_and_ends(voice, text):
    """The shortest answers too, at the level of a quiet microphone."""
    words = said(text, "gain", "-n", "-20", "pad", "0.6", "1.2", voice=voice)
    phase, _, heard = run(words, detector=open_detector())
    assert phase is Phase.ENDED
    assert heard


@needs_voice
def test_the_end_is_found_within_a_quarter_of_a_second():
    """From the last sound of a sure word that can't go on, 0.15 s of silence counted."""
    words = said(
        "yes",
        "gain",
        "-n",
        "-12",
        "silence",
        "1",
        "0.01",
        "1%",
        "reverse",
        "silence",
        "1",
        "0.01",
        "1%",
        "reverse",
        "pad",
        "0.5",
        "0",
    )
    phase, count, _ = run([*words, *quiet(60)], partial="yes", detector=open_detector())
    assert phase is Phase.ENDED
    assert (count - len(words)) * CHUNK_S <= 0.3


@needs_voice
def test_a_voice_is_found_above_the_noise_of_a_room():
    """Noise 20 dB below the speech hides neither its beginning nor its end."""
    words = said("my left leg", "gain", "-n", "-6", "pad", "1.5", "2")
    phase, count, _ = run(mixed(words, noise(5.0, 500)), detector=open_detector())
    assert phase is Phase.ENDED
    assert count < len(words)


def test_noise_with_nobody_speaking_is_no_speech():
    """White noise, soft or loud, is stopped here: a scoring ear would make a word of it."""
    for peak in (100, 1000, 12000):
        assert run(noise(4.5, peak), detector=open_detector())[0] is Phase.NO_INPUT


@needs_voice
def test_without_a_detector_the_energy_gate_finds_speech():
    """On 32-bit ARM there is no wheel of it: level alone decides, in a quiet room."""
    words = said("yes i do", "gain", "-n", "-12", "pad", "0.6", "1.2")
    endpoint = Endpoint(LISTEN, detector=None)
    phases = []
    for chunk in mixed(words, noise(6.0, 20)):
        endpoint.accept(chunk)
        phases.append(endpoint.phase(""))
    assert phases[0] is Phase.WAITING
    assert Phase.ENDED in phases


def test_without_a_detector_a_quiet_room_is_silent():
    """The hiss of a microphone never opens the gate."""
    endpoint = Endpoint(LISTEN, detector=None)
    for chunk in noise(4.5, 40):
        endpoint.accept(chunk)
    assert endpoint.phase("") is Phase.NO_INPUT


def test_other_rules_may_be_given():
    """A front end with other silences says so in one value."""
    rules = EndpointRules(long_s=0.2)
    assert run([*tone(10), *quiet(60)], rules=rules)[1] == 16
