"""The synthetic patients: what each says when, and every slip in their file."""

import pytest

from voiceskill.core.assessment import Urgency
from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.errors import DialogFileError, UsageError
from voiceskill.library import dialogs_folder, load_skill
from voiceskill.patients import SILENCE, Memory, find_patient, load_patients

FILE = dialogs_folder() / "leg_numbness" / "patients.toml"
GOOD = """
[[patient]]
id = "somebody"
title = "Somebody"
urgency = "clinician"
[patient.replies]
question = "no"
confirm = "yes"
stop = "no"
[patient.says]
side = ["mm", "one leg"]
age = "forty"
"""


def patients(tmp_path, text=GOOD):
    file = tmp_path / "patients.toml"
    file.write_text(text, encoding="utf-8")
    return load_patients(file)


def asked(question):
    return Prompt(kind=PromptKind.QUESTION, question=question)


def test_a_patient_says_the_next_line_each_time_and_the_last_one_again(tmp_path):
    """Who is asked again does not repeat a mumble, and does not fall silent either."""
    somebody = Memory(patients(tmp_path)["somebody"])

    said = [somebody.reply(asked("side")) for _ in range(3)]

    assert said == ["mm", "one leg", "one leg"]


def test_what_a_patient_has_no_line_for_is_answered_by_the_kind_of_prompt(tmp_path):
    """Any other question gets the usual "no", a read-back its "yes", the rest silence."""
    somebody = Memory(patients(tmp_path)["somebody"])

    assert somebody.reply(asked("saddle")) == "no"
    assert somebody.reply(Prompt(kind=PromptKind.CONFIRM, question="side")) == "yes"
    assert somebody.reply(Prompt(kind=PromptKind.REVIEW)) == SILENCE


def test_a_purpose_goes_before_the_kind_of_prompt(tmp_path):
    """Asked whether to stop, a patient answers that and not any offer."""
    somebody = Memory(patients(tmp_path)["somebody"])

    assert somebody.reply(Prompt(kind=PromptKind.OFFER), "stop") == "no"


def test_two_people_do_not_share_a_memory(tmp_path):
    """The same patient begins anew in the next check."""
    somebody = patients(tmp_path)["somebody"]
    Memory(somebody).reply(asked("side"))

    assert Memory(somebody).reply(asked("side")) == "mm"


def test_what_the_patients_answer_is_really_asked():
    """Each id under `says` is a question of the pathway, so that no line is dead."""
    questions = load_skill(None, pathway="leg_numbness", language="en").pathway.questions

    for patient in load_patients(FILE).values():
        assert set(patient.says) <= set(questions), patient.id


def test_the_urgency_of_a_patient_is_one_of_the_tiers(tmp_path):
    """The tier is read as a tier, and an empty one as none."""
    silent = GOOD.replace('"clinician"', '""').replace('id = "somebody"', 'id = "silent"')

    both = patients(tmp_path, GOOD + silent)

    assert both["somebody"].urgency is Urgency.CLINICIAN
    assert both["silent"].urgency is None


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        (lambda text: text.replace("clinician", "clinican"), "'clinican'"),
        (lambda text: text.replace("urgency =", "urgenzy ="), "lacks the key 'urgency'"),
        (lambda text: text.replace("[patient.says]", "[patient.said]"), "lacks the key 'says'"),
        (lambda text: text.replace("[[patient]]", "[[patient]"), "is not valid TOML"),
        (lambda text: text.replace("[[patient]]", "[[person]]"), "lacks the key 'patient'"),
        (lambda _: "patient = []", "holds no patient"),
    ],
)
def test_a_slip_in_the_file_is_one_sentence(tmp_path, slip, told):
    """A wrong patients file is refused with what is wrong in it, and where."""
    text = slip(GOOD)
    text = text.replace("patient.", "person.") if "person" in text else text

    with pytest.raises(DialogFileError) as error:
        patients(tmp_path, text)

    assert told in str(error.value)
    assert "\n" not in str(error.value).strip()


def test_a_missing_file_is_named(tmp_path):
    """Where there is no file, the message says which and what it is for."""
    with pytest.raises(DialogFileError, match=r"patients.toml is missing"):
        load_patients(tmp_path / "patients.toml")


def test_a_patient_who_is_not_there_is_met_with_all_who_are(tmp_path):
    """A name far from any other lists them; a near one is guessed."""
    known = patients(tmp_path)

    with pytest.raises(UsageError, match="There are: somebody"):
        find_patient(known, "xyz")
    with pytest.raises(UsageError, match="Did you mean 'somebody'"):
        find_patient(known, "sombody")
