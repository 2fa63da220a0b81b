"""The demonstration: real ears hear real voices, and each patient comes to what they should."""

import importlib.util
import io
import json
import os
import wave
from pathlib import Path

import pytest

from voiceskill.audio.wav import read_sound
from voiceskill.config import load_settings
from voiceskill.core.dialog import Hears
from voiceskill.equipment import EarsAtWork, open_check, play_demo
from voiceskill.errors import DialogFileError, UsageError, VoiceskillError
from voiceskill.frontends.demo import Cast, run_demo
from voiceskill.library import dialogs_folder
from voiceskill.patients import load_patients
from voiceskill.tts.pyttsx3 import open_voice

PATIENTS = load_patients(dialogs_folder() / "leg_numbness" / "patients.toml")
SETTINGS = load_settings({"keep": "no", "country": "gb"}, environment={})
needs_both_ears = pytest.mark.skipif(
    importlib.util.find_spec("moonshine_cpp") is None, reason="moonshine-cpp is not installed"
)
TAKES_S = 60
"""A whole demonstration is over by then (issue)."""


@pytest.fixture(scope="module")
def ears():
    at_work = EarsAtWork(SETTINGS, lambda _: None, is_awaited=False)
    yield at_work
    at_work.close()


@pytest.fixture(scope="module")
def played(ears, tmp_path_factory):
    """Play a patient once: the last turn, the folder, and what was shown."""
    check = open_check(SETTINGS, Hears.WELL, None)
    cast = Cast(
        program=open_voice(voice="en-gb", language="en"),
        patient=open_voice(voice="en-us+f3", language="en"),
        hearing=ears.ready,
    )
    known = {}

    def play(name):
        if name not in known:
            folder, out = tmp_path_factory.mktemp(name) / "out", io.StringIO()
            last = run_demo(check, PATIENTS[name], cast=cast, folder=folder, out=out)
            known[name] = last, folder, out.getvalue()
        return known[name]

    return play


def test_the_six_patients_are_there():
    """Four leg stories, somebody who mumbles, and nobody; the first one is the usual one."""
    names = ["dead_leg", "sciatica", "stenosis", "cauda_equina", "mumbler", "silent"]

    assert list(PATIENTS) == names
    assert [name for name in names if PATIENTS[name].urgency is None] == ["silent"]


@needs_both_ears
@pytest.mark.timeout(2 * TAKES_S)
@pytest.mark.parametrize("name", list(PATIENTS))
def test_each_patient_comes_to_the_urgency_they_should(played, name):
    """What was said aloud was understood well enough for the right tier, or rightly none."""
    last, folder, _ = played(name)
    record = json.loads((folder / "assessment.json").read_text("utf-8"))
    wanted = PATIENTS[name].urgency

    assert last.done
    assert record["urgency"] == (wanted.key if wanted else None)


@needs_both_ears
def test_sound_words_and_outcome_are_written(played):
    """The folder holds a recording that can be played, all that was said, and the assessment."""
    _, folder, shown = played("cauda_equina")
    words = (folder / "conversation.txt").read_text("utf-8")

    assert {file.name for file in folder.iterdir()} == {
        "conversation.wav",
        "conversation.txt",
        "assessment.json",
    }
    assert words == shown
    with wave.open(str(folder / "conversation.wav")) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        assert sound.getnframes() / sound.getframerate() > 20
    assert max(read_sound(folder / "conversation.wav").pcm) > 0


@needs_both_ears
def test_what_was_said_and_what_was_heard_are_both_shown(played):
    """A reader sees the question, the spoken answer and what the ears made of it, in turn."""
    _, _, shown = played("cauda_equina")
    lines = shown.splitlines()
    at = lines.index("patient:    it is new")

    assert lines[at - 1].startswith("voiceskill: ")
    assert lines[at + 1].strip().startswith("(heard: it is new; ")


@needs_both_ears
def test_an_outcome_names_its_rules_and_the_reasons_of_its_causes(played):
    """`assessment.json` says why: the rules that hold, and by cause what was answered."""
    emergency = json.loads((played("cauda_equina")[1] / "assessment.json").read_text("utf-8"))
    sciatica = json.loads((played("sciatica")[1] / "assessment.json").read_text("utf-8"))

    assert emergency["rules"]
    assert sciatica["causes"][0]["id"] in ("sciatica", "herniated_disc")
    for cause in sciatica["causes"]:
        assert 0 <= cause["posterior"] <= 1
        assert all(
            set(reason) == {"text", "finding", "weight", "source"} for reason in cause["reasons"]
        )


def test_a_silent_patient_is_told_what_to_do_all_the_same(played):
    """Where nobody answers, the safety net is spoken and no tier is made up."""
    last, _, shown = played("silent")

    assert "(says nothing)" in shown
    assert last.finish.assessment is None or last.finish.assessment.urgency is None


def never():
    raise AssertionError("nothing is heard before the folder is found good")


@pytest.mark.parametrize("what", ["a file is in the way", "the folder is not ours"])
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_played(tmp_path, what):
    """Nobody listens for a minute to learn that nothing could be kept."""
    if what == "the folder is not ours":
        if os.getuid() == 0:
            folder = Path("/proc/voiceskill")
        else:
            tmp_path.chmod(0o500)
            folder = tmp_path / "out"
    else:
        folder = tmp_path / "out"
        folder.write_text("in the way")
    voice = open_voice(voice="en-gb", language="en")
    check = open_check(SETTINGS, Hears.WELL, None)
    out = io.StringIO()

    with pytest.raises(VoiceskillError, match="--out") as error:
        run_demo(
            check,
            PATIENTS["sciatica"],
            cast=Cast(program=voice, patient=voice, hearing=never),
            folder=folder,
            out=out,
        )

    assert str(folder) in str(error.value)
    assert out.getvalue() == ""


def test_a_patient_who_does_not_exist_is_told_before_an_ear_is_opened(tmp_path):
    """A slip in the name gives the closest patient, and no folder is made."""
    with pytest.raises(UsageError, match="Did you mean 'mumbler'"):
        play_demo(SETTINGS, case="mumbeler", folder=tmp_path / "out", tell=lambda _: None)

    assert not (tmp_path / "out").exists()


def test_a_dialog_folder_without_patients_is_told(tmp_path):
    """Somebody's own pathway without a patient cannot be demonstrated, and that is said."""
    settings = load_settings({"dialogs": str(tmp_path)}, environment={})

    with pytest.raises(DialogFileError, match="has nobody to play"):
        play_demo(settings, case=None, folder=tmp_path / "out", tell=lambda _: None)
