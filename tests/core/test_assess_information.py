"""What a question is expected to tell follows from how far its answers would move the causes."""

import math
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceskill.core.assess import next_question, questions_left
from voiceskill.core.evidence import likely_causes, posteriors, weights_of
from voiceskill.core.information import askable, standing, worth
from voiceskill.core.pathway import NO, Part, SeenIn
from voiceskill.library import load_pathway

SMALL = load_pathway(Path(__file__).parents[1] / "data" / "small_pathway", pathway="small")
CALM = {"who": "self", "saddle": NO, "bladder": NO, "fever": NO}
ASKABLE = {one.question.id: one for one in askable(SMALL)}


def told_by(question, answers):
    return worth(SMALL, ASKABLE[question], answers, standing(SMALL, answers))


def changed(**changes):
    """The small pathway with some of its parts replaced."""
    return replace(SMALL, **changes)


# ---- likelihood ratios


@given(
    rate=st.floats(min_value=0.01, max_value=0.99),
    usual=st.floats(min_value=0.01, max_value=0.99),
)
def test_ratios_and_rates_say_the_same(rate, usual):
    """A sensitivity with a specificity weighs as much as the ratios made of them."""
    cause = SMALL.causes["narrow_canal"]
    pair = SeenIn(finding="walking_brings", rate=rate, usual=usual, source="textbook")
    ratios = SeenIn(
        finding="walking_brings",
        lr_positive=rate / usual,
        lr_negative=(1 - rate) / (1 - usual),
        source="textbook",
    )

    by_pair, by_ratios = (
        weights_of(changed(causes={cause.id: replace(cause, seen_in=(seen,))}))[cause.id][
            seen.finding
        ]
        for seen in (pair, ratios)
    )

    assert math.isclose(by_pair.present, by_ratios.present, abs_tol=1e-9)
    assert math.isclose(by_pair.absent, by_ratios.absent, abs_tol=1e-9)
    if abs(rate - usual) > 1e-3:
        assert math.isclose(by_pair.rate, by_ratios.rate, abs_tol=1e-6)


def test_a_cause_uses_the_usual_rate_of_the_finding_unless_it_has_its_own():
    """A pair published for a cause goes in as it stands; else the finding's own rate serves."""
    weights = weights_of(SMALL)["narrow_canal"]

    assert math.isclose(weights["walking_brings"].present, math.log(0.70 / 0.30))
    assert math.isclose(weights["over_sixty_five"].present, math.log(0.70 / 0.28))
    assert math.isclose(weights["sitting_eases"].present, math.log(3.3))


def test_weight_of_a_thousand_findings_does_not_overflow():
    """Shares stay shares however far the evidence goes."""
    shares = posteriors(SMALL, [2000.0, -2000.0, 0.0, 1999.0])

    assert math.isclose(sum(shares), 1.0)
    assert shares[0] > shares[3] > shares[2] >= shares[1]


def test_the_reasons_are_told_strongest_first_and_those_against_last():
    """What speaks for a cause comes before what speaks against it."""
    answers = {**CALM, "brought_on": ("coughing",), "back_pain": "yes", "age": 80.0}

    disc = next(c for c in likely_causes(SMALL, answers) if c.cause == "slipped_disc")

    assert [reason.finding for reason in disc.reasons] == [
        "cough_brings",
        "back_hurts",
        "over_sixty_five",
    ]


# ---- information


@pytest.mark.parametrize("question", [name for name in ASKABLE if name != "how_long"])
def test_a_question_that_moves_a_cause_tells_something(question):
    """Every question with a finding is expected to tell more than nothing."""
    nats, changes = told_by(question, CALM)

    assert nats > 0
    assert changes


def test_a_question_without_a_finding_tells_nothing_of_causes():
    """How long it has lasted bears on the urgency alone."""
    assert told_by("how_long", CALM) == (0.0, False)


def test_what_says_the_same_tells_less():
    """After sitting eased it, walking would only say the same again, and is worth less."""
    answers = {**CALM, "eased_by": "sitting"}
    apart = replace(SMALL.findings["walking_brings"], group="a group of its own")
    ungrouped = changed(findings={**SMALL.findings, "walking_brings": apart})
    one = next(one for one in askable(ungrouped) if one.question.id == "brought_on")

    alone, _ = worth(ungrouped, one, answers, standing(ungrouped, answers))

    assert told_by("brought_on", answers)[0] < alone


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_information_is_never_negative(data):
    """Whatever was answered, an answer more is never expected to take knowledge away."""
    answers = dict(CALM)
    for name, one in ASKABLE.items():
        if data.draw(st.booleans()):
            answers[name] = data.draw(st.sampled_from(one.outcomes))
    now = standing(SMALL, answers)

    for one in ASKABLE.values():
        if one.question.id not in answers:
            assert worth(SMALL, one, answers, now)[0] >= -1e-12


def test_a_number_is_weighed_by_the_intervals_that_tests_tell_apart():
    """An age has one outcome below sixty-five and one from there on."""
    assert ASKABLE["age"].outcomes == (18.0, 65.0)
    assert ASKABLE["how_long"].outcomes == (0.0, 14.0)


def test_a_higher_bar_asks_fewer_questions():
    """`tell_least_nats` and `certain` decide when enough was asked."""
    answered = {**CALM, "how_long": 1.0, "back_pain": NO}
    bored = changed(policy=replace(SMALL.policy, tell_least_nats=5.0))

    assert next_question(SMALL, answered) is not None
    assert next_question(bored, answered) is None


def test_no_more_questions_than_allowed():
    """With a budget of one question, one is asked."""
    short = changed(policy=replace(SMALL.policy, differential_questions=1))

    assert next_question(short, CALM) == "how_long"
    assert next_question(short, {**CALM, "how_long": 1.0}) is None


def test_many_follow_ups_leave_room_for_fewer_questions():
    """`most_questions` counts all that was answered; the gate is asked whatever comes of it."""
    enough = changed(policy=replace(SMALL.policy, most_questions=len(CALM)))
    one_more = changed(policy=replace(SMALL.policy, most_questions=len(CALM) + 1))

    assert next_question(enough, CALM) is None
    assert questions_left(enough, CALM) == 0
    assert next_question(enough, {}) == next_question(SMALL, {})
    assert next_question(one_more, CALM) == "how_long"
    assert questions_left(one_more, CALM) == 1
    assert questions_left(one_more, {}) <= len(CALM) + 1


def test_the_next_question_of_the_shipped_check_is_found_in_five_ms():
    """In every state of a calm check, choosing takes at most 5 ms of work, best of five."""
    pathway = load_pathway()
    answers = {pathway.person.question: "self"}
    answers |= {q.id: NO for q in pathway.of_part(Part.GATE) if q.id == q.topic}

    for _ in range(10):
        took_s = []
        for _ in range(5):
            begun = time.process_time()
            name = next_question(pathway, answers)
            took_s.append(time.process_time() - begun)
        assert min(took_s) <= 0.005
        if name is None:
            break
        answers[name] = "unsure"
