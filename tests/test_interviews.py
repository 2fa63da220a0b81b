"""Patients on paper are judged as their authors say, also where answers get lost on the way.

The interviews are those of `benchmarks/assessment.py`; the bars are what the check must reach.
"""

import importlib.util
import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from voiceskill.core.assess import assess
from voiceskill.core.assessment import Urgency
from voiceskill.core.pathway import UNSURE
from voiceskill.library import load_pathway


def loaded(name):
    file = Path(__file__).parents[1] / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, file)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


interviews = loaded("interviews")
PATHWAY = load_pathway()
PATIENTS = interviews.load_patients(PATHWAY)
EMERGENCIES = [patient for patient in PATIENTS if min(patient.tiers) is Urgency.EMERGENCY]


@pytest.fixture(scope="module")
def told():
    return [interviews.interview(PATHWAY, patient) for patient in PATIENTS]


def unsure_of(name):
    """A person who is sure of everything but one."""
    return lambda question, value: UNSURE if question.id == name else value


def of(told, half):
    return [one for one in told if one.patient.half in half]


# ---- who they are


def test_there_are_enough_patients():
    """More than eighty were written, half of them before any tuning, and 25 were published."""
    halves = Counter(patient.half for patient in PATIENTS)

    assert halves["published"] == 25
    assert halves["untuned"] >= 40
    assert halves["untuned"] + halves["tuned"] >= 80


@pytest.mark.parametrize("half", ["untuned", "tuned"])
def test_ten_patients_need_no_doctor(half):
    """Enough of them to see whether the check is frightened."""
    calm = [p for p in PATIENTS if p.half == half and p.tiers == (Urgency.SELF_CARE,)]

    assert len(calm) >= 10


def test_every_cause_that_is_no_emergency_has_two_patients():
    """Each is right first for two of those that may be tuned on."""
    first = Counter(cause for p in PATIENTS if p.half == "tuned" for cause in p.first)

    assert {cause for cause in PATHWAY.causes if first[cause] < 2} == set()


def test_no_two_patients_have_one_name():
    """So that a name in a table means one of them."""
    names = Counter((patient.half, patient.name) for patient in PATIENTS)

    assert [name for name, count in names.items() if count > 1] == []


def test_a_slip_in_a_case_is_told(tmp_path):
    """A case that names an answer that there is not is refused with its file."""
    (tmp_path / "tuned").mkdir()
    text = '[[case]]\nname = "x"\nurgency = "emergency"\n[case.answers]\nsaddle = "perhaps"\n'
    (tmp_path / "tuned" / "slip.toml").write_text(text)

    with pytest.raises(ValueError, match=r"slip\.toml: 'x' answers 'saddle' with 'perhaps'"):
        interviews.load_patients(PATHWAY, tmp_path)


# ---- how they are asked


def test_an_emergency_ends_the_questions():
    """What holds is told on the question that finds it."""
    patient = next(p for p in PATIENTS if p.name == "Numb between the legs since Tuesday")

    one = interviews.interview(PATHWAY, patient)

    assert one.urgency is Urgency.EMERGENCY
    assert one.asked[-1] == "saddle_change"


def test_what_a_patient_does_not_know_is_not_sure():
    """Nobody is taken to have denied what was not written down."""
    patient = replace(PATIENTS[0], answers={"who": "self", "saddle": "no"}, tiers=(Urgency(1),))

    one = interviews.interview(PATHWAY, patient)

    assert one.urgency >= Urgency.SAME_DAY


def test_lost_answers_are_lost_by_chance_and_always_the_same():
    """The same seed loses the same answers; a share of one loses them all."""

    def lost(share, seed):
        reply = interviews.not_sure(share, random.Random(seed))
        return [reply(PATHWAY.questions["saddle"], "no") for _ in range(200)]

    assert lost(0.2, 7) == lost(0.2, 7) != lost(0.2, 8)
    assert 15 <= lost(0.2, 7).count(UNSURE) <= 65
    assert set(lost(1.0, 7)) == {UNSURE}


@pytest.mark.parametrize("question", PATHWAY.questions)
def test_what_is_misheard_is_another_answer(question):
    """It is one that the question takes, and not the one that was given."""
    question = PATHWAY.questions[question]
    reply = interviews.misheard(1.0, random.Random(3), PATHWAY)
    given = next((p.answers[question.id] for p in PATIENTS if question.id in p.answers), UNSURE)

    for _ in range(5):
        heard = reply(question, given)
        assert heard != given
        assess(PATHWAY, {question.id: heard})


# ---- how they are judged


@pytest.mark.parametrize("patient", EMERGENCIES, ids=lambda patient: patient.name)
def test_no_single_not_sure_makes_an_emergency_harmless(patient):
    """Whichever of the answers is lost, it is a doctor today at least."""
    for lost in interviews.interview(PATHWAY, patient).asked:
        told = interviews.interview(PATHWAY, patient, unsure_of(lost))
        assert told.urgency >= Urgency.SAME_DAY, lost


@pytest.mark.parametrize("half", interviews.HALVES)
def test_every_emergency_that_is_known_is_told_as_one(told, half):
    """With all answers known, none is told lower."""
    emergencies = [t for t in of(told, half) if min(t.patient.tiers) is Urgency.EMERGENCY]

    assert emergencies
    assert [t.patient.name for t in emergencies if t.is_sure and not t.is_safe] == []
    assert [t.patient.name for t in emergencies if t.urgency < Urgency.SAME_DAY] == []


def test_tiers_are_exact_for_most_and_safe_for_nearly_all(told):
    """Of those that nothing was tuned on, 88 in a hundred exact and 99 safe."""
    it = interviews.score(of(told, ("untuned", "published")))

    assert it.exact >= 0.88 * it.count
    assert it.safe >= 0.99 * it.count


def test_few_are_frightened_for_nothing(told):
    """Of those who need no haste, at most eight in a hundred are told to hurry."""
    mild = [t for t in told if t.patient.tiers[0] <= Urgency.CLINICIAN]

    assert sum(t.is_over for t in mild) <= 0.08 * len(mild)


def test_the_right_cause_is_named(told):
    """Of those that nothing was tuned on, nine in ten among three, seven in ten first."""
    it = interviews.score(of(told, ("untuned",)))

    assert it.among >= 0.90 * it.with_among
    assert it.first >= 0.70 * it.with_first


def test_nobody_is_asked_too_much(told):
    """Half of all hear at most eighteen questions, and nobody more than twenty-six."""
    it = interviews.score(told)

    assert it.median_asked <= 18
    assert it.most_asked <= 26


@pytest.mark.parametrize("share", [0.1, 0.2])
def test_not_being_sure_never_makes_an_emergency_harmless(share):
    """With up to a fifth of the answers lost, none is told lower than a doctor today."""
    reply = interviews.not_sure(share, random.Random(5))

    for _ in range(3):
        told = [interviews.interview(PATHWAY, patient, reply) for patient in EMERGENCIES]
        assert [t.patient.name for t in told if t.urgency < Urgency.SAME_DAY] == []


def test_hardly_anything_is_offered_that_may_never_be(told):
    """No cause that its author forbade comes first, and in one of a hundred one comes behind."""
    wrong = [t for t in told if any(cause in t.patient.never for cause in t.causes)]

    assert [t.patient.name for t in wrong if t.causes[0] in t.patient.never] == []
    assert len(wrong) <= 0.01 * len(told)
