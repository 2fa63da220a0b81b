"""A condition is true, false or not known; what is not known never holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceskill.core.pathway import SKIPPED, UNSURE, Condition, Test
from voiceskill.core.truth import holding, truth

YES = Test(question="a", is_any=("yes",))


def leaf(value):
    """A test that is as true as the value."""
    return Test(question=str(value), is_any=("yes",))


KNOWN = {"True": "yes", "False": "no"}
LEAVES = st.sampled_from([leaf(value) for value in (True, False, None)])
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda a, b, c: Condition(all_of=tuple(a), any_of=tuple(b), two_of=tuple(c)),
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("yes", True), ("no", False), (UNSURE, None), (SKIPPED, None), (None, None)],
)
def test_a_test_knows_only_an_answer(value, expected):
    """Nothing said, unsure and skipped are neither "yes" nor "no"."""
    answers = {} if value is None else {"a": value}

    assert truth(YES, answers) is expected


def test_a_test_that_names_unsure_sees_it():
    """Whether somebody was unsure is itself a fact that a rule may rest on."""
    test = Test(question="a", is_any=(UNSURE,))

    assert truth(test, {"a": UNSURE}) is True
    assert truth(test, {"a": "no"}) is False
    assert truth(test, {}) is None


@pytest.mark.parametrize(
    ("chosen", "any_holds", "only_holds"),
    [
        (("foot",), True, True),
        (("foot", "calf"), True, False),
        (("calf",), False, False),
    ],
)
def test_several_answers_hold_any_or_only(chosen, any_holds, only_holds):
    """`is_any` asks whether one is among them, `only` whether nothing else is."""
    answers = {"where": chosen}

    assert truth(Test(question="where", is_any=("foot",)), answers) is any_holds
    assert truth(Test(question="where", only=("foot", "sole")), answers) is only_holds


@pytest.mark.parametrize(("age", "expected"), [(13.9, False), (14.0, True), (64.9, True)])
def test_a_bound_includes_its_lower_end_only(age, expected):
    """`at_least` 14 begins at fourteen; `below` 65 ends before sixty-five."""
    test = Test(question="age", at_least=14.0, below=65.0)

    assert truth(test, {"age": age}) is expected
    assert truth(test, {"age": 65.0}) is False


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((True, True, False), True),
        ((True, True, None), True),
        ((True, None, False), None),
        ((True, False, False), False),
        ((None, None), None),
    ],
)
def test_two_of_several_hold_as_soon_as_two_do(parts, expected):
    """Two known to hold are enough; it is false once two can no longer be reached."""
    condition = Condition(two_of=tuple(leaf(part) for part in parts))

    assert truth(condition, KNOWN) is expected


@given(CONDITIONS)
def test_learning_more_never_turns_what_is_known(condition):
    """A condition known to hold, or not to, stays so whatever the unknown answers turn out."""
    before = truth(condition, KNOWN)

    if before is not None:
        assert truth(condition, {**KNOWN, "None": "yes"}) is before
        assert truth(condition, {**KNOWN, "None": "no"}) is before


@given(CONDITIONS)
def test_what_holds_rests_on_answers_that_were_given(condition):
    """The questions that make a condition hold are answered ones."""
    assert set(holding(condition, KNOWN)) <= {"True"}
