"""What a voice does with text, shown on real espeak-ng through real pyttsx3."""

import array
import itertools
import math
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceskill.errors import VoiceError
from voiceskill.tts.pyttsx3 import open_voice

SENTENCE = "Did your left leg go numb after you had been sitting for a long time?"
SECOND = "Please say yes, or no, or I am not sure."


class Collector:
    """A sink that keeps what it is given and refuses after a number of pieces."""

    def __init__(self, takes=10**9):
        self.pieces = []
        self.takes = takes

    def __call__(self, piece):
        self.pieces.append(piece)
        return len(self.pieces) < self.takes

    @property
    def pcm(self):
        return b"".join(piece.pcm for piece in self.pieces)

    @property
    def duration_s(self):
        return sum(piece.duration_s for piece in self.pieces)


def render(voice, text, *, words_per_minute=155, volume=1.0):
    sink = Collector()
    assert voice.speak(text, sink, words_per_minute=words_per_minute, volume=volume)
    return sink


def spoken(voice, text, **how):
    """How long a text sounds: two renderings of one text differ by up to 25 ms."""
    return pytest.approx(render(voice, text, **how).duration_s, abs=0.04)


def pitch_hz(pcm):
    """The commonest period of the voiced parts, as a frequency."""
    samples = np.frombuffer(pcm, np.int16).astype(float)
    found = []
    for start in range(0, len(samples) - 1024, 1024):
        part = samples[start : start + 1024]
        if part.std() > 1500:
            likeness = np.correlate(part, part, "full")[1023:]
            found.append(22050 / (60 + likeness[60:400].argmax()))
    return float(np.median(found))


def loudness(pcm):
    samples = array.array("h", pcm)
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


@pytest.fixture(scope="module")
def program():
    voice = open_voice(voice=None, language="en")
    yield voice
    voice.close()


@pytest.fixture(scope="module")
def patient():
    voice = open_voice(voice="en-us+f3", language="en")
    yield voice
    voice.close()


def test_sound_comes_in_pieces_of_at_most_fifty_milliseconds(program):
    """A sink can end an utterance at least every 50 ms, and is never handed an empty piece."""
    sink = render(program, SENTENCE)

    assert all(0 < piece.duration_s <= 0.05 for piece in sink.pieces)
    assert {piece.rate_hz for piece in sink.pieces} == {program.rate_hz}


def test_a_sentence_sounds_for_as_long_as_it_takes_to_say(program):
    """Fifteen words at 155 words a minute last about six seconds, and are not silence."""
    sink = render(program, SENTENCE)

    assert 4 < sink.duration_s < 8
    assert loudness(sink.pcm) > 500


def test_the_same_words_sound_the_same_each_time(program):
    """No utterance is lost, repeated or mixed with the last one."""
    first, second = spoken(program, SENTENCE), spoken(program, SECOND)

    again = [render(program, text).duration_s for text in (SENTENCE, SECOND, SECOND, SENTENCE)]

    assert again == [first, second, second, first]


def test_every_sentence_of_a_text_is_spoken(program):
    """Two sentences in one text last as long as both alone, with the pause between them."""
    both = render(program, f"{SENTENCE} {SECOND}").duration_s
    one, other = (render(program, text).duration_s for text in (SENTENCE, SECOND))

    assert 0 <= both - one - other < 1


@pytest.mark.parametrize("asked", [110, 125, 140, 155, 170, 200, 240, 300])
def test_the_rate_is_that_of_real_words(program, asked):
    """So many words a minute are heard as were asked for, within an eighth."""
    text = (
        "Your leg may be numb because a nerve was pressed while you were sitting. "
        "It usually passes within an hour. Move your foot, and stand up slowly. "
        "See a doctor today if it does not get better, or if your other leg goes numb as well."
    )

    heard = len(text.split()) / render(program, text, words_per_minute=asked).duration_s * 60

    assert heard == pytest.approx(asked, rel=0.125)


def test_one_hundred_utterances_keep_their_own_rate(program):
    """A hundred utterances at changing rates each have exactly the length of that rate."""
    rates = [100, 120, 140, 160, 180]
    lengths = {rate: spoken(program, SECOND, words_per_minute=rate) for rate in rates}

    heard = [
        (rate, render(program, SECOND, words_per_minute=rate).duration_s) for rate in rates * 20
    ]

    assert len(heard) == 100
    assert all(lengths[rate] == length for rate, length in heard)
    assert all(
        lengths[slow].expected - lengths[fast].expected > 0.1
        for slow, fast in itertools.pairwise(rates)
    )


def test_volume_follows_the_asked_share(program):
    """Half the volume is quieter, and none at all is silence of the same length."""
    full, half, none = (render(program, SECOND, volume=share).pcm for share in (1.0, 0.5, 0.0))

    assert loudness(half) == pytest.approx(loudness(full) / 2, rel=0.2)
    assert loudness(none) < 2
    # Within a tenth of a second: the pause before the first sound is cut, and silence has none.
    assert len(none) == pytest.approx(len(full), abs=0.1 * 2 * 22_050)


def test_a_refusing_sink_gets_no_further_piece(program):
    """Once the sink says no, nothing more is handed over, and the voice says so."""
    sink = Collector(takes=3)

    completed = program.speak(SENTENCE, sink, words_per_minute=155, volume=1.0)

    assert not completed
    assert len(sink.pieces) == 3


def test_after_a_stopped_utterance_the_next_one_is_whole(program):
    """Being stopped a hundred times silences nothing that comes later."""
    whole = spoken(program, SECOND)
    for takes in range(1, 101):
        program.speak(SENTENCE, Collector(takes=takes), words_per_minute=155, volume=1.0)

    assert render(program, SECOND).duration_s == whole


def test_a_thousand_utterances_take_no_memory(program):
    """A check that goes on for hours speaks in the memory it began with."""

    def resident_mib():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

    for _ in range(100):
        render(program, SECOND)
    before = resident_mib()
    for takes in range(1000):
        program.speak(SECOND, Collector(1 + takes % 60), words_per_minute=155, volume=1.0)

    assert resident_mib() - before < 3


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\0"])
def test_empty_text_is_spoken_at_once_and_silently(program, text):
    """Nothing to say is not the last sentence again, and is complete."""
    render(program, SENTENCE)

    assert loudness(render(program, text).pcm + b"\0\0") < 2
    assert render(program, SECOND).duration_s > 1


def test_a_zero_byte_does_not_cut_a_text_short(program):
    """Words after a zero byte are spoken as well."""
    cut, whole = render(program, "Left leg"), render(program, "Left leg\0right leg")

    assert whole.duration_s > 1.5 * cut.duration_s


def test_markup_is_spoken_and_not_obeyed(program):
    """A text cannot switch the voice off by looking like markup."""
    assert render(program, "<voice name='xx'><break time='9s'/> left").duration_s < 9


def test_an_error_in_the_sink_reaches_the_caller(program):
    """What the loudspeaker raises is not swallowed, and the voice speaks on afterwards."""

    def broken(_piece):
        raise OSError("the loudspeaker is gone")

    with pytest.raises(OSError, match="loudspeaker is gone"):
        program.speak(SENTENCE, broken, words_per_minute=155, volume=1.0)

    assert render(program, SECOND).duration_s > 1


def test_ctrl_c_in_the_middle_of_speech_reaches_the_caller(program):
    """An interrupt ends the utterance as an interrupt, and the next one is whole."""

    def interrupted(_piece):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        program.speak(SENTENCE, interrupted, words_per_minute=155, volume=1.0)

    assert render(program, SECOND).duration_s > 1


def test_two_voices_in_one_process_stay_apart(program, patient):
    """The program and the patient take turns, each always with its own voice."""
    turns = [pitch_hz(render(voice, SECOND).pcm) for voice in (program, patient) * 3]

    assert turns[0] < 150 < turns[1]
    assert turns[::2] == pytest.approx([turns[0]] * 3, rel=0.05)
    assert turns[1::2] == pytest.approx([turns[1]] * 3, rel=0.05)


def test_a_voice_may_speak_while_another_is_speaking(program, patient):
    """A sink may let the other voice answer in the middle of a sentence."""
    whole, answer = spoken(program, SENTENCE), spoken(patient, SECOND)
    interjections, heard = [], []

    def sink(piece):
        heard.append(piece.duration_s)
        if not interjections:
            interjections.append(render(patient, SECOND).duration_s)
        return True

    program.speak(SENTENCE, sink, words_per_minute=155, volume=1.0)

    assert interjections == [answer]
    assert sum(heard) == whole


def test_two_threads_speak_without_mixing(program, patient):
    """Two voices in two threads each hand over exactly their own sound."""
    heard = [[], []]

    def talk(index, voice):
        heard[index] = [pitch_hz(render(voice, SENTENCE).pcm) for _ in range(20)]

    threads = [
        threading.Thread(target=talk, args=(index, voice))
        for index, voice in enumerate((program, patient))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert [len(each) for each in heard] == [20, 20]
    assert max(heard[0]) < 150 < min(heard[1])


@pytest.mark.parametrize("name", ["en-gb", "en-us", "en-us+f3", "gmw/en", "EN-GB", "German", "ko"])
def test_voices_are_found_by_the_names_people_use(name):
    """A language, an identifier, a name, with or without a variant, opens a voice that speaks."""
    assert render(open_voice(voice=name, language="en"), "one two three").duration_s > 0.5


@pytest.mark.parametrize("language", ["en", "en-us", "de", "fr", "ko", "cmn", "en-au", "de-ch"])
def test_a_language_alone_finds_a_voice(language):
    """Where no voice is named the language chooses one."""
    assert open_voice(voice=None, language=language).rate_hz == 22050


@pytest.mark.parametrize("name", ["", "+f3", "nobody", "en-us+nobody", "../../etc/passwd"])
def test_an_unknown_voice_is_refused_with_a_remedy(name):
    """A misspelt voice is one clear sentence, never another voice in silence."""
    with pytest.raises(VoiceError, match="espeak-ng --voices"):
        open_voice(voice=name, language="xx-nowhere")


@settings(deadline=None, max_examples=60)
@given(
    text=st.text(max_size=80),
    rate=st.integers(80, 300),
    volume=st.floats(0, 1),
    takes=st.integers(1, 200),
)
def test_no_text_breaks_the_voice(text, rate, volume, takes):
    """Whatever is spoken, at whatever rate, the next sentence comes out as always."""
    voice = open_voice(voice=None, language="en")

    completed = voice.speak(text, Collector(takes), words_per_minute=rate, volume=volume)

    assert isinstance(completed, bool)
    assert 1 < render(voice, SECOND).duration_s < 5
