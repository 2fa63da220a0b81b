"""The careful ear on real speech: the right phrase wins, and what is no answer does not."""

import importlib.util
import math
import shutil
import subprocess
import threading
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceskill.audio import AudioChunk
from voiceskill.core.events import Phrase
from voiceskill.core.phrases import REFUSE
from voiceskill.errors import UsageError
from voiceskill.stt.moonshine import (
    FAST_ENOUGH_S,
    FLOOR,
    LEVEL_DBFS,
    LISTS_KEPT,
    RATE_HZ,
    levelled,
    open_moonshine,
)

SPEC = importlib.util.find_spec("moonshine_cpp")
pytestmark = pytest.mark.skipif(SPEC is None, reason="the wheel moonshine-cpp is not installed")
BECKETT = Path(SPEC.origin).parent / "test-data" / "beckett.wav" if SPEC else Path()
needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")

ANSWERS = {
    "yes": ["yes", "yes i do", "that's right"],
    "no": ["no", "no i don't", "not at all"],
    "left": ["left", "the left leg", "my left leg"],
    "right": ["right", "the right leg", "my right leg"],
    "both": ["both", "both legs"],
    "unsure": ["i'm not sure", "i don't know"],
    "seven": ["seven", "seven days"],
    "21": ["twenty one", "twenty one days"],
    "repeat": ["say that again"],
    "ambulance": ["call an ambulance"],
}
LIST = tuple(Phrase(text=text, meaning=m) for m, texts in ANSWERS.items() for text in texts)


@pytest.fixture(scope="module")
def ear(tmp_path_factory):
    ear = open_moonshine(cache_dir=tmp_path_factory.mktemp("cache"))
    yield ear
    ear.close()


@pytest.fixture(scope="module")
def say(tmp_path_factory):
    """Speaks a text with a synthetic voice, 0.3 s of silence around."""
    folder = tmp_path_factory.mktemp("voice")

    def speak(text, voice="slt"):
        path = folder / f"{voice} {text}.wav"
        if not path.exists():
            command = ["flite", "-voice", voice, "-t", text, "-o", str(path)]
            subprocess.run(command, check=True, timeout=20)
        with wave.open(str(path)) as file:
            assert file.getframerate() == RATE_HZ
            pcm = file.readframes(file.getnframes())
        silence = bytes(2 * RATE_HZ * 3 // 10)
        return AudioChunk(pcm=silence + pcm + silence, rate_hz=RATE_HZ)

    return speak


@pytest.fixture(scope="module")
def beckett():
    """A real voice: "Ever tried. Ever failed. No matter.", about four seconds."""
    with wave.open(str(BECKETT)) as file:
        return AudioChunk(pcm=file.readframes(4 * RATE_HZ), rate_hz=RATE_HZ)


def phrases(*texts):
    return tuple(Phrase(text=text, meaning=text) for text in texts)


@needs_flite
@pytest.mark.parametrize("phrase", LIST, ids=lambda phrase: phrase.text)
def test_what_was_said_is_the_best_meaning(ear, say, phrase):
    """Every phrase of the list, spoken, comes out first and likely."""
    best = ear.score(say(phrase.text), LIST)[0]
    assert best.meaning == phrase.meaning
    assert best.log_prob > -7


@needs_flite
def test_meanings_come_best_first_and_once_each(ear, say):
    """The result is in order, no meaning comes twice, and no logarithm is above 0."""
    result = ear.score(say("no"), LIST)
    probabilities = [scored.log_prob for scored in result]
    assert probabilities == sorted(probabilities, reverse=True)
    assert len({scored.meaning for scored in result}) == len(result)
    assert all(FLOOR <= log_prob <= 0 for log_prob in probabilities)


@needs_flite
def test_the_likeliest_phrase_of_a_meaning_is_named(ear, say):
    """Of the phrases that mean the same, the text says which one it was."""
    assert ear.score(say("no i don't"), LIST)[0].text == "no i don't"
    assert ear.score(say("my left leg"), LIST)[0].text == "my left leg"


@needs_flite
def test_more_than_the_phrase_is_not_the_phrase(ear, say):
    """The end is demanded: "Right. No wait, both." is not "right"."""
    sound = say("right. no wait, both.")
    result = {scored.meaning: scored.log_prob for scored in ear.score(sound, LIST)}
    assert result.get("right", -math.inf) < -4.5


@needs_flite
def test_a_sentence_from_elsewhere_is_nothing(ear, say):
    """What is in no list comes out below what counts as heard."""
    for text in ("a large cappuccino with sugar please", "the weather was fine on sunday"):
        result = ear.score(say(text), LIST)
        assert not result or result[0].log_prob < -7


@needs_flite
def test_a_number_is_heard_however_it_would_be_written(ear, say):
    """The phrase has words; the model may write digits; both are summed."""
    assert ear.score(say("twenty one days"), LIST)[0].meaning == "21"
    assert ear.score(say("seventy two"), phrases("seventy two", "seventeen"))[0].log_prob > -3


def test_phrases_of_one_meaning_are_summed(ear, beckett):
    """Two ways to say it are together likelier than either alone."""
    texts = ("ever tried ever failed no matter", "ever tried ever failed")
    encoded = ear.encode(beckett)
    alone = [ear.score_encoded(encoded, [Phrase(text=t, meaning="m")])[0].log_prob for t in texts]
    together = ear.score_encoded(encoded, [Phrase(text=t, meaning="m") for t in texts])
    assert len(together) == 1
    expected = math.log(sum(math.exp(each) for each in alone))
    assert together[0].log_prob == pytest.approx(expected, abs=0.05)


def test_what_else_is_in_the_list_does_not_change_a_phrase(ear, beckett):
    """A phrase's probability is its own: nothing is shared out among the list."""
    encoded = ear.encode(beckett)
    wanted = phrases("ever tried ever failed no matter")
    alone = ear.score_encoded(encoded, wanted)[0].log_prob
    among = ear.score_encoded(encoded, (*LIST, *wanted))[0].log_prob
    assert among == pytest.approx(alone, abs=0.1)


def test_encoding_early_gives_the_same_answer(ear, beckett):
    """`score` is `encode` and then `score_encoded`; one encoding serves several lists."""
    wanted = phrases("ever tried ever failed no matter", "no matter")
    encoded = ear.encode(beckett)
    ear.score_encoded(encoded, LIST)
    assert ear.score_encoded(encoded, wanted) == ear.score(beckett, wanted)


def test_a_list_need_not_be_prepared(ear, beckett):
    """Preparing only saves time: the answer is the same before and after."""
    wanted = phrases("ever tried ever failed no matter", "never prepared")
    before = ear.score(beckett, wanted)
    ear.prepare(wanted)
    assert ear.score(beckett, wanted) == before


def test_the_same_sound_gives_the_same_answer(ear, beckett):
    """Nothing is left over from one turn to the next."""
    wanted = phrases("ever tried ever failed no matter")
    results = {ear.score(beckett, wanted) for _ in range(3)}
    assert len(results) == 1


@pytest.mark.parametrize("gain", [0.03, 0.3, 3.0])
def test_soft_and_loud_are_heard_alike(ear, beckett, gain):
    """Speech is brought to one level first, 30 dB down or overdriven."""
    samples = np.frombuffer(beckett.pcm, "<i2") * gain
    pcm = np.clip(samples, -32768, 32767).astype("<i2").tobytes()
    wanted = phrases("ever tried ever failed no matter", "no matter")
    result = ear.score(AudioChunk(pcm=pcm, rate_hz=RATE_HZ), wanted)
    assert result[0].text == "ever tried ever failed no matter"
    assert result[0].log_prob > -4.5


def test_free_decoding_writes_what_was_said(ear, beckett):
    """For open questions the ear writes by itself."""
    written = ear.transcribe(ear.encode(beckett)).lower()
    assert written.startswith("ever tried")
    assert "failed" in written


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.09])
def test_too_short_a_sound_is_nothing_heard(ear, seconds):
    """In less than a tenth of a second nobody has said anything."""
    encoded = ear.encode(AudioChunk(pcm=bytes(2 * int(seconds * RATE_HZ)), rate_hz=RATE_HZ))
    assert ear.score_encoded(encoded, LIST) == ()
    assert ear.transcribe(encoded) == ""


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.51, 1.0, 12.0])
def test_silence_of_any_length_is_taken(ear, seconds):
    """Digital silence has no level to bring up; it is scored all the same, and ends."""
    sound = AudioChunk(pcm=bytes(2 * int(seconds * RATE_HZ)), rate_hz=RATE_HZ)
    for scored in ear.score(sound, LIST):
        assert math.isfinite(scored.log_prob)


@settings(max_examples=20)
@given(
    amplitude=st.integers(0, 32767),
    seconds=st.floats(0.1, 1.5),
    seed=st.integers(0, 2**32 - 1),
)
def test_noise_never_breaks_the_ear(amplitude, seconds, seed, ear):
    """Whatever comes in at 16 kHz, what comes out are finite logarithms in order."""
    noise = np.random.default_rng(seed).integers(-amplitude, amplitude + 1, int(seconds * RATE_HZ))
    result = ear.score(AudioChunk(pcm=noise.astype("<i2").tobytes(), rate_hz=RATE_HZ), LIST)
    assert all(FLOOR <= scored.log_prob <= 0 for scored in result)


def test_sound_at_another_rate_is_refused(ear):
    """It would be heard at the wrong speed."""
    with pytest.raises(UsageError, match="resample"):
        ear.encode(AudioChunk(pcm=bytes(16000), rate_hz=8000))


def test_a_turn_of_a_minute_is_refused(ear):
    """The model was made for half a minute at most."""
    with pytest.raises(UsageError, match="cut it"):
        ear.encode(AudioChunk(pcm=bytes(2 * 60 * RATE_HZ), rate_hz=RATE_HZ))


def test_an_empty_list_has_no_meaning(ear, beckett):
    """Nothing was expected, so nothing is likely."""
    assert ear.score(beckett, ()) == ()


def test_a_closed_ear_says_so(tmp_path_factory, beckett):
    """After `close` each use raises the same sentence, and closing twice is nothing."""
    ear = open_moonshine(cache_dir=tmp_path_factory.mktemp("cache"))
    encoded = ear.encode(beckett)
    ear.close()
    ear.close()
    for use in (
        lambda: ear.encode(beckett),
        lambda: ear.score(beckett, LIST),
        lambda: ear.score_encoded(encoded, LIST),
        lambda: ear.transcribe(encoded),
        ear.response_s,
    ):
        with pytest.raises(UsageError, match="closed"):
            use()


def test_several_threads_may_score_and_prepare_at_once(ear, beckett):
    """Each thread gets the answer that it would get alone."""
    wanted = phrases("ever tried ever failed no matter", "no matter")
    alone = ear.score(beckett, wanted)
    results = []

    def score():
        results.extend(ear.score(beckett, wanted) for _ in range(3))

    def prepare():
        for i in range(3 * LISTS_KEPT):
            ear.prepare(phrases(f"left {i}", "no"))

    threads = [threading.Thread(target=each) for each in (score, score, prepare)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [alone] * 6


def test_only_the_last_lists_are_kept(ear):
    """A long conversation does not grow: old trees go."""
    for i in range(2 * LISTS_KEPT):
        ear.prepare(phrases(f"list {i}"))
    assert len(ear._lists) == LISTS_KEPT


def resident_mib():
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_many_turns_do_not_grow_the_memory(ear, beckett):
    """After the first turns, forty more take less than 15 MiB."""
    for _ in range(5):
        ear.score(beckett, LIST)
    before = resident_mib()
    for _ in range(40):
        ear.score(beckett, LIST)
    assert resident_mib() - before < 15


def test_the_ear_measures_how_fast_it_is(ear):
    """The figure is that of this machine, and the threshold is documented beside it."""
    measured = min(ear.response_s() for _ in range(3))
    assert 0 < measured < 10
    if measured < FAST_ENOUGH_S / 3:
        assert ear.is_fast_enough()


def test_decoys_take_what_is_no_answer(ear, beckett):
    """A decoy that fits better than any answer wins, with a meaning that no answer has."""
    decoy = Phrase(text="ever tried ever failed no matter", meaning=REFUSE)
    best = ear.score(beckett, (*phrases("ever tried", "no"), decoy))[0]
    assert best.meaning == REFUSE


def test_speech_is_levelled_by_its_loud_part():
    """The silence around a word does not make it louder than the same word without."""
    rng = np.random.default_rng(1)
    speech = rng.normal(0, 1000, RATE_HZ).astype("<i2").tobytes()
    silence = bytes(2 * RATE_HZ)
    for sound in (speech, silence + speech + silence):
        samples = levelled(sound)
        loud = samples[np.abs(samples) > 0]
        assert 10 * math.log10(float(np.mean(loud**2))) == pytest.approx(LEVEL_DBFS, abs=0.5)


def test_levelling_never_leaves_the_range():
    """A click in near silence is cut off at full scale, and silence stays silence."""
    click = np.zeros(RATE_HZ, "<i2")
    click[100] = 30000
    assert np.abs(levelled(click.tobytes())).max() <= 1.0
    assert not levelled(bytes(RATE_HZ)).any()
