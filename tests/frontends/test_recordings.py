"""`hear`: what recordings mean as the answer to a question, one JSON line a file."""

import importlib.util
import io
import json
import shutil

import numpy as np
import pytest
import soundfile

from voiceskill.audio import AudioChunk
from voiceskill.audio.resample import resample
from voiceskill.audio.wav import write_wav
from voiceskill.config import load_settings
from voiceskill.core.events import Alternative, Band, Heard, NoInput, NoMatch
from voiceskill.core.meaning import Answer, Answered, Commanded, Replied, Told, UnitOnly
from voiceskill.equipment import EarsAtWork, hear_recordings
from voiceskill.errors import SoundFileError, UsageError
from voiceskill.frontends.recordings import ask, meaning_record, run_hear, sound_files
from voiceskill.library import load_skill
from voiceskill.tts.pyttsx3 import open_voice

KEYS = ["file", "question", "band", "meaning", "text", "ms"]
needs_both_ears = pytest.mark.skipif(
    importlib.util.find_spec("moonshine_cpp") is None, reason="moonshine-cpp is not installed"
)


@pytest.fixture(scope="module")
def skill():
    return load_skill()


@pytest.fixture(scope="module")
def ears():
    at_work = EarsAtWork(load_settings({}, environment={}), lambda _: None, is_awaited=False)
    yield at_work.ready()
    at_work.close()


def spoken(words):
    pcm = bytearray()
    voice = open_voice(voice="en-us", language="en")
    voice.speak(words, lambda piece: not pcm.extend(piece.pcm), words_per_minute=140, volume=0.9)
    return AudioChunk(pcm=bytes(pcm), rate_hz=voice.rate_hz)


@pytest.fixture(scope="module")
def said_yes(tmp_path_factory):
    file = tmp_path_factory.mktemp("said") / "yes.wav"
    write_wav(file, spoken("yes"))
    return file


@pytest.fixture
def heard(skill, ears):
    """Hear files: gives the records, what was told, and whether all could be read."""

    def hear(question, *paths):
        out, told = io.StringIO(), []
        all_heard = run_hear(ask(skill, question), paths, ears=ears, out=out, tell=told.append)
        return [json.loads(line) for line in out.getvalue().splitlines()], told, all_heard

    return hear


# ---- the record


@needs_both_ears
def test_an_answer_is_one_json_line(heard, said_yes):
    """A spoken "yes" to a yes-or-no question is that answer, with all the promised keys."""
    (record,), told, all_heard = heard("saddle", said_yes)

    assert list(record) == KEYS
    assert record["file"] == str(said_yes)
    assert record["question"] == "saddle"
    assert record["band"] in ("accept", "confirm")
    assert record["meaning"] == {"answer": "yes"}
    assert record["text"] == "yes"
    assert isinstance(record["ms"], int)
    assert 0 < record["ms"] < 10_000
    assert (told, all_heard) == ([], True)


@needs_both_ears
@pytest.mark.parametrize(
    ("words", "question", "meaning"),
    [
        ("no", "saddle", {"answer": "no"}),
        ("say that again", "saddle", {"command": "repeat"}),
        ("one leg", "side", {"answer": "one"}),
    ],
)
def test_what_was_said_is_what_is_meant(tmp_path, heard, words, question, meaning):
    """An answer, a choice and a command each have their shape."""
    write_wav(tmp_path / "said.wav", spoken(words))

    (record,), _, _ = heard(question, tmp_path / "said.wav")

    assert record["meaning"] == meaning


def test_silence_means_nothing_and_still_takes_time(tmp_path, heard):
    """A recording in which nobody speaks is to be asked again; every key is there."""
    write_wav(tmp_path / "quiet.wav", AudioChunk(pcm=bytes(64_000), rate_hz=16_000))

    (record,), _, all_heard = heard("saddle", tmp_path / "quiet.wav")

    assert (record["band"], record["meaning"], record["text"]) == ("again", None, "")
    assert isinstance(record["ms"], int)
    assert all_heard


def event_of(*texts, band=Band.ACCEPT):
    return Heard(alternatives=tuple(Alternative(text=text, band=band) for text in texts))


@pytest.mark.parametrize("event", [NoInput(), NoMatch(), event_of("two sugars in my coffee")])
def test_words_without_a_meaning_are_asked_again(tmp_path, skill, event):
    """Whatever the ears were sure of, what means nothing here is never accepted."""
    record = ask(skill, "saddle").record(tmp_path, event, ms=1.4)

    assert (record["band"], record["meaning"], record["ms"]) == ("again", None, 1)


def test_the_words_are_given_even_if_they_mean_nothing(tmp_path, skill):
    """Whoever measures sees what was heard in place of the answer."""
    record = ask(skill, "saddle").record(tmp_path, event_of("two sugars"), ms=1)

    assert record["text"] == "two sugars"


def test_of_two_readings_the_first_that_means_something_counts_and_is_read_back(tmp_path, skill):
    """The record says what the dialog would do: it takes such an answer only with a read-back."""
    event = event_of("two sugars", "yes")

    record = ask(skill, "saddle").record(tmp_path, event, ms=1)

    assert record["text"] == "yes"
    assert (record["band"], record["meaning"]) == ("confirm", {"answer": "yes"})


def test_ears_that_ask_again_are_obeyed(tmp_path, skill):
    """A reading in the lowest band has no meaning, however well it reads."""
    record = ask(skill, "saddle").record(tmp_path, event_of("yes", band=Band.AGAIN), ms=1)

    assert (record["band"], record["meaning"]) == ("again", None)


def answered(**values):
    return Answered(answers=tuple(Answer(question=q, value=v) for q, v in values.items()))


@pytest.mark.parametrize(
    ("meaning", "record"),
    [
        (answered(side="left"), {"answer": "left"}),
        (answered(side="left", saddle="yes"), {"answers": {"side": "left", "saddle": "yes"}}),
        (answered(saddle="yes"), {"answers": {"saddle": "yes"}}),
        (Commanded(command="repeat"), {"command": "repeat"}),
        (Told(statement="call_ambulance"), {"command": "call_ambulance"}),
        (Replied(value="yes"), None),
        (UnitOnly(question="side", unit="weeks"), None),
        (None, None),
    ],
)
def test_a_meaning_has_one_of_three_shapes_or_none(meaning, record):
    """An answer to the question, answers by question, or a command; anything else is asked again.

    An answer to another question than was asked is never shown as the answer to this one.
    """
    assert meaning_record(meaning, question="side") == record


# ---- files and folders


def test_a_folder_is_heard_file_by_file_in_order(tmp_path, heard, said_yes):
    """Recordings below a folder are taken by name, other files are left alone."""
    (tmp_path / "deep").mkdir()
    for name in ("b.wav", "a.WAV", "deep/c.wav"):
        shutil.copy(said_yes, tmp_path / name)
    (tmp_path / "notes.txt").write_text("no sound", "utf-8")

    records, told, _ = heard("saddle", tmp_path)

    assert [record["file"] for record in records] == [
        str(tmp_path / name) for name in ("a.WAV", "b.wav", "deep/c.wav")
    ]
    assert told == []


def test_a_folder_without_recordings_is_refused(tmp_path):
    """A folder of something else is told, with the kinds that are taken."""
    with pytest.raises(SoundFileError, match=r"holds no recording; it takes .*\.flac"):
        list(sound_files([tmp_path]))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"this is a text about legs\n" * 50, "not a sound file"),
        (None, "opened"),
    ],
)
def test_a_file_that_is_no_sound_is_told_and_the_others_are_heard(
    tmp_path, heard, said_yes, content, told
):
    """One bad file among many costs a sentence that names it, and the exit code."""
    bad = tmp_path / "bad.wav"
    if content is not None:
        bad.write_bytes(content)

    records, sentences, all_heard = heard("saddle", bad, said_yes)

    assert [record["file"] for record in records] == [str(said_yes)]
    (sentence,) = sentences
    assert str(bad) in sentence
    assert told in sentence
    assert not all_heard


@needs_both_ears
@pytest.mark.parametrize(
    ("rate_hz", "channels", "subtype"),
    [
        (8_000, 1, "PCM_16"),
        (44_100, 2, "PCM_16"),
        (48_000, 2, "FLOAT"),
        (16_000, 1, "PCM_24"),
        (22_050, 1, "PCM_U8"),
    ],
)
def test_any_rate_width_and_channel_count_is_heard(tmp_path, heard, rate_hz, channels, subtype):
    """A telephone's 8 kHz, a CD's stereo and an editor's float are the same "yes"."""
    sound = resample(spoken("yes"), rate_hz)
    samples = np.frombuffer(sound.pcm, "<i2").astype("float32") / 32768
    file = tmp_path / "yes.wav"
    both = np.repeat(samples[:, None], channels, axis=1)
    soundfile.write(file, both, rate_hz, subtype=subtype)

    (record,), told, _ = heard("saddle", file)

    assert record["meaning"] == {"answer": "yes"}, record
    assert told == []


# ---- the question


def test_a_question_that_does_not_exist_is_met_with_the_closest(skill):
    """A slip in the id is guessed, and a strange one is met with all there are."""
    with pytest.raises(UsageError, match="Did you mean 'saddle'"):
        ask(skill, "sadle")
    with pytest.raises(UsageError, match=r"There are: .*saddle"):
        ask(skill, "xyzzy")


def test_a_slip_in_the_question_is_told_before_an_ear_is_opened(tmp_path):
    """Nobody waits for models to load to learn of a slip."""
    settings = load_settings({"ears": "no such ear"}, environment={})

    with pytest.raises(UsageError, match="no question 'sadle'"):
        hear_recordings(settings, [tmp_path], question="sadle", tell=lambda _: None)


def test_every_question_can_be_asked(skill):
    """Each question of the pathway has a list to hear its answers against."""
    for question in skill.pathway.questions:
        assert ask(skill, question).listen.phrases, question
