"""Every case in the dialog files comes out as it says, and together they cover the article."""

from pathlib import Path

import pytest

from voiceskill.core.pathway import Part
from voiceskill.library import cases_of, failures, load_pathway

SMALL = Path(__file__).parent / "data" / "small_pathway"
ARTICLE = {f"S{number}" for number in range(1, 18)}
"""The facts of the article that the leg-numbness check began with."""


@pytest.fixture(scope="module")
def leg_numbness():
    return load_pathway()


def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        pathways = load_pathway(SMALL, pathway="small"), load_pathway()
        cases = [(pathway, case) for pathway in pathways for case in cases_of(pathway)]
        names = [f"{pathway.id}: {case.name}" for pathway, case in cases]
        metafunc.parametrize(("pathway", "case"), cases, ids=names)


def test_a_case_comes_out_as_it_says(pathway, case):
    """The name of a case is a rule in words, and the rule holds."""
    assert list(failures(pathway, case)) == []


def test_every_fact_of_the_article_has_a_case(leg_numbness):
    """What the article says of causes, timing and care is each proved by a case."""
    covered = {fact for case in cases_of(leg_numbness) for fact in case.covers}

    assert ARTICLE - covered == set()
    assert covered - ARTICLE == set()


def test_every_cause_is_offered_to_somebody(leg_numbness):
    """No cause is only there to be outweighed: in some case it comes first."""
    first = {case.first for case in cases_of(leg_numbness)}

    assert set(leg_numbness.causes) - first == set()


def test_every_rule_is_reached_by_a_case_or_is_tried_here(leg_numbness):
    """Each topic of the gate appears in some case with an urgency."""
    tried = {
        leg_numbness.questions[name].topic
        for case in cases_of(leg_numbness)
        if case.urgency is not None
        for name in case.answers
    }

    assert {question.topic for question in leg_numbness.of_part(Part.GATE)} - tried == set()
