"""Answers become an urgency by rules alone, and likely causes by evidence."""

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceskill.core.assess import (
    applies,
    assess,
    gate_done,
    next_question,
    open_topics,
    questions_left,
    urgency_rules,
)
from voiceskill.core.assessment import Urgency
from voiceskill.core.pathway import NO, SKIPPED, UNSURE, YES, Kind, Part
from voiceskill.core.truth import counted
from voiceskill.library import load_pathway

DATA = Path(__file__).parents[1] / "data"
SMALL = load_pathway(DATA / "small_pathway", pathway="small")
CALM = {"who": "self", "saddle": NO, "bladder": NO, "fever": NO}


def value_of(question):
    """Any answer that a question takes."""
    ids = [option.id for option in question.options]
    if question.kind is Kind.SEVERAL:
        values = st.lists(st.sampled_from(ids), min_size=1, unique=True).map(
            lambda chosen: tuple(sorted(chosen, key=ids.index))
        )
    elif ids:
        values = st.sampled_from(ids)
    elif question.kind is Kind.FREE:
        values = st.just("free")
    else:
        values = st.floats(min_value=question.minimum, max_value=question.maximum)
    others = [UNSURE, SKIPPED] if question.skippable else [UNSURE]
    return values | st.sampled_from(others)


@st.composite
def answers_to(draw, pathway):
    """Any answers to some of the questions, in any order."""
    ids = draw(st.lists(st.sampled_from(list(pathway.questions)), unique=True))
    return {name: draw(value_of(pathway.questions[name])) for name in ids}


def rank(urgency):
    return 0 if urgency is None else urgency


@pytest.fixture(params=["small", "leg_numbness"], scope="module")
def pathway(request):
    return SMALL if request.param == "small" else load_pathway()


def gate_topics(pathway):
    return [
        question.id
        for question in pathway.of_part(Part.GATE)
        if question.id == question.topic and question.kind is Kind.YES_NO
    ]


# ---- laws, over any answers


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_yes_to_the_gate_never_lowers_the_urgency(pathway, data):
    """Law 5: a "yes" where there was a "no", an unsure or nothing makes it more urgent or not."""
    answers = data.draw(answers_to(pathway))
    topic = data.draw(st.sampled_from(gate_topics(pathway)))
    narrowed = {q.id for q in pathway.questions.values() if q.topic == topic and q.id != topic}
    before = {name: value for name, value in answers.items() if name not in narrowed}

    after = assess(pathway, {**before, topic: YES})

    assert rank(after.urgency) >= rank(assess(pathway, before).urgency)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_yes_beside_what_narrows_it_never_lowers_the_urgency(pathway, data):
    """Law 5 holds too when a follow-up was answered before its topic changed from "no"."""
    answers = data.draw(answers_to(pathway))
    topic = data.draw(st.sampled_from(gate_topics(pathway)))
    before = {**answers, topic: NO}

    after = assess(pathway, {**before, topic: YES})

    assert rank(after.urgency) >= rank(assess(pathway, before).urgency)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_unsure_is_never_less_urgent_than_no(pathway, data):
    """Law 2: "not sure" to a question of the gate falls upward."""
    answers = data.draw(answers_to(pathway))
    yes_no = [q.id for q in pathway.of_part(Part.GATE) if q.kind is Kind.YES_NO]
    name = data.draw(st.sampled_from(yes_no))
    rest = {**answers, next(iter(pathway.questions)): "self"}

    unsure = assess(pathway, {**rest, name: UNSURE})

    assert rank(unsure.urgency) >= rank(assess(pathway, {**rest, name: NO}).urgency)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_unsure_in_the_gate_is_never_left_to_care_at_home(pathway, data):
    """Whatever else was said, an unsure answer that counts means the same day at least."""
    answers = data.draw(answers_to(pathway))
    name = data.draw(st.sampled_from([q.id for q in pathway.of_part(Part.GATE)]))
    doubtful = {**answers, next(iter(pathway.questions)): "self", name: UNSURE}

    if name in counted(pathway, doubtful):
        assert assess(pathway, doubtful).urgency >= Urgency.SAME_DAY


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_what_is_told_of_a_rule_rests_on_answers(pathway, data):
    """Every rule that holds names answers that were given, and is told most urgent first."""
    answers = data.draw(answers_to(pathway))

    held = urgency_rules(pathway, answers)

    assert all(one.questions and set(one.questions) <= set(answers) for one in held)
    assert [one.urgency for one in held] == sorted((one.urgency for one in held), reverse=True)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_the_order_of_answers_does_not_matter(pathway, data):
    """The same answers, given in another order or asked twice, come to the same."""
    answers = data.draw(answers_to(pathway))
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))

    assert assess(pathway, shuffled) == assess(pathway, answers)
    assert next_question(pathway, shuffled) == next_question(pathway, answers)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_the_causes_share_at_most_the_whole(pathway, data):
    """At most three causes, likeliest first, each spoken for, together no more than 1."""
    causes = assess(pathway, data.draw(answers_to(pathway))).causes

    shares = [likely.posterior for likely in causes]
    assert len(causes) <= 3
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1 + 1e-9
    assert all(likely.reasons[0].weight > 0 for likely in causes)


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_check_always_runs_out_of_questions(pathway, data):
    """Whatever is answered, no question comes twice and at most ten of the differential come."""
    answers = {}
    while (name := next_question(pathway, answers)) is not None:
        assert name not in answers
        assert questions_left(pathway, answers) >= 1
        answers[name] = data.draw(value_of(pathway.questions[name]))

    asked = [pathway.questions[name].part for name in answers]
    assert asked.count(Part.DIFFERENTIAL) <= 10
    assert asked == sorted(asked, key=list(Part).index)
    assert gate_done(pathway, answers)
    assert questions_left(pathway, answers) == 0


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_no_question_left_means_no_rule_left_open(pathway, data):
    """A check never ends while one more answer of the differential could raise the urgency."""
    answers = {}
    while (name := next_question(pathway, answers)) is not None:
        answers[name] = data.draw(value_of(pathway.questions[name]))
    asked = [n for n in answers if pathway.questions[n].part is Part.DIFFERENTIAL]
    outcome = assess(pathway, answers)
    if len(asked) == 10 or answers.get(pathway.person.question) in pathway.person.no_causes:
        return

    for question in pathway.of_part(Part.DIFFERENTIAL):
        if question.id not in answers and applies(question, answers):
            for option in question.options:
                value = (option.id,) if question.kind is Kind.SEVERAL else option.id
                more = assess(pathway, {**answers, question.id: value})
                assert rank(more.urgency) <= rank(outcome.urgency)


# ---- urgency, by example


def test_nothing_understood_has_no_urgency():
    """Silence and "I don't know" alone come to no tier at all."""
    assert assess(SMALL, {}).urgency is None
    assert assess(SMALL, {"saddle": UNSURE, "age": SKIPPED}).urgency is None


def test_one_answer_understood_lets_the_unsure_ones_count():
    """An unsure answer about the gate raises the urgency as soon as anything was understood."""
    assert assess(SMALL, {"fever": NO, "saddle": UNSURE}).urgency is Urgency.SAME_DAY


def test_the_most_urgent_rule_wins_and_the_others_are_told():
    """Fever with back pain is an emergency, and the fever alone stands behind it."""
    outcome = assess(SMALL, {**CALM, "fever": YES, "back_pain": YES, "how_long": 20.0})

    assert outcome.urgency is Urgency.EMERGENCY
    assert outcome.rules == ("fever_and_back", "fever_alone", "lasting")


def test_a_rule_tells_which_answers_made_it_hold():
    """What made a rule hold can be read back question by question."""
    held = urgency_rules(SMALL, {"back_pain": YES, "fever": YES})[0]

    assert held.questions == ("fever", "back_pain")


def test_unsure_is_a_rule_of_its_own():
    """An unsure answer is told as such, with its question."""
    (held,) = urgency_rules(SMALL, {**CALM, "fever": UNSURE})

    assert (held.id, held.urgency, held.questions) == (
        "unsure:fever",
        Urgency.SAME_DAY,
        ("fever",),
    )


def test_two_unsure_answers_can_weigh_more_than_one():
    """A rule may count unsure answers: two about the saddle nerves are an emergency."""
    assert assess(SMALL, {**CALM, "saddle": UNSURE}).urgency is Urgency.SAME_DAY
    both = {**CALM, "saddle": UNSURE, "bladder": UNSURE}
    assert assess(SMALL, both).urgency is Urgency.EMERGENCY


def test_a_yes_that_waits_for_its_follow_up_is_not_taken_for_harmless():
    """A check that breaks off before "is that new?" counts the "yes" like a "not sure"."""
    broken_off = {**CALM, "saddle": YES}

    assert assess(SMALL, broken_off).urgency is Urgency.SAME_DAY
    assert [held.id for held in open_topics(SMALL, broken_off)] == ["open:saddle"]
    assert urgency_rules(SMALL, broken_off)[0].urgency is Urgency.CLINICIAN
    assert assess(SMALL, {**broken_off, "saddle_change": "same"}).urgency is Urgency.CLINICIAN


def test_taking_back_a_yes_takes_back_what_followed_from_it():
    """A follow-up counts only while its topic is still a "yes"."""
    taken_back = {"who": "self", "saddle_change": "new", "saddle": NO}

    assert assess(SMALL, taken_back).urgency is Urgency.SELF_CARE


# ---- causes, by example


def posterior(answers, cause):
    return next(c for c in assess(SMALL, answers).causes if c.cause == cause)


def test_a_cause_is_weighed_by_prior_and_likelihood_ratio():
    """One finding: the odds are prior times rate / usual, over all causes."""
    likely = posterior({**CALM, "where": ("outer_thigh",)}, "pinched_skin_nerve")

    odds = 20 * 0.95 / 0.05
    assert math.isclose(likely.posterior, odds / (odds + 150 + 100 + 300))
    assert math.isclose(likely.reasons[0].weight, math.log(0.95 / 0.05))


def test_an_absent_finding_speaks_against():
    """What is known not to be there counts with (1 - rate) / (1 - usual)."""
    likely = posterior({**CALM, "back_pain": YES, "age": 80.0}, "slipped_disc")

    against = likely.reasons[-1]
    assert against.text == "{you} are over sixty five"
    assert math.isclose(against.weight, math.log(0.10 / 0.30))


def test_findings_that_say_the_same_count_once():
    """Of walking and sitting, in one group, only the stronger moves the narrow canal."""
    both = posterior({**CALM, "brought_on": ("walking",), "eased_by": "sitting"}, "narrow_canal")

    assert [reason.finding for reason in both.reasons] == ["sitting_eases"]


def test_what_is_not_known_counts_for_nothing():
    """An unsure answer leaves every cause where it was."""
    known = {**CALM, "back_pain": YES}

    assert assess(SMALL, {**known, "eased_by": UNSURE}).causes == assess(SMALL, known).causes


def test_a_cause_for_which_nothing_speaks_is_not_offered():
    """With no answer but the gate's, there is no cause to offer, however usual it is."""
    assert assess(SMALL, CALM).causes == ()


def test_children_get_no_causes():
    """For a child the gate is asked whole, and then nothing more."""
    child = {**CALM, "who": "child"}

    assert assess(SMALL, {**child, "back_pain": YES}).causes == ()
    assert next_question(SMALL, child) is None
    assert questions_left(SMALL, child) == 0


# ---- the next question, by example


def test_the_gate_comes_in_the_order_of_the_file():
    """Who it is for, then each topic, its follow-up only after a "yes"."""
    asked, answers = [], {}
    while not gate_done(SMALL, answers) or not answers:
        asked.append(next_question(SMALL, answers))
        answers[asked[-1]] = {"who": "self", "saddle": YES, "saddle_change": "same"}.get(
            asked[-1], NO
        )

    assert asked == ["who", "saddle", "saddle_change", "bladder", "fever"]


def test_what_was_told_already_is_not_asked():
    """A topic answered in passing is left out."""
    assert next_question(SMALL, {"who": "self", "saddle": NO}) == "bladder"


def test_a_question_that_could_raise_the_urgency_comes_first():
    """After a fever the back is asked about at once; without one, how long it has lasted."""
    assert next_question(SMALL, {**CALM, "fever": YES}) == "back_pain"
    assert next_question(SMALL, CALM) == "how_long"


def test_the_differential_stops_when_one_cause_is_nearly_certain():
    """Questions that could only confirm what is clear are not asked."""
    clear = {**CALM, "how_long": 1.0, "eased_by": "sitting", "age": 80.0}

    assert assess(SMALL, clear).causes[0].posterior > SMALL.policy.certain
    assert next_question(SMALL, clear) is None
