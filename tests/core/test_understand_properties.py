"""What holds for all words, on the real pathway: rules over generated sentences."""

from functools import cache
from itertools import islice

import pytest
from hassil.intents import Intents
from hassil.parse_expression import parse_sentence
from hassil.sample import sample_sentence
from hypothesis import assume, given
from hypothesis import strategies as st

from voiceskill.core.conflicts import conflicts
from voiceskill.core.meaning import Answer, Answered, Between, Prompt, PromptKind, Replied, Told
from voiceskill.core.pathway import Kind, Part
from voiceskill.core.phrases import MOST, REFUSE, meaning_key
from voiceskill.library import load_skill

SKILL = load_skill()
PATHWAY, GRAMMAR = SKILL.pathway, SKILL.grammar
LANGUAGE = PATHWAY.language
QUESTIONS = tuple(PATHWAY.questions.values())
GATE = tuple(q for q in QUESTIONS if q.part is Part.GATE and q.kind is Kind.YES_NO)
YES_NO = tuple(q for q in QUESTIONS if q.kind is Kind.YES_NO)
PLAIN_YES, PLAIN_NO = (
    ("yes", "yeah", "yep", "yes it has"),
    ("no", "nope", "no it hasn't", "not at all"),
)
LISTS = Intents.from_dict(
    {
        "language": "en",
        "intents": {},
        "lists": {
            "number": {"range": {"from": 0, "to": 120}},
            "n": {"range": {"from": 0, "to": 120}},
            **{
                name: {"values": [{"in": text, "out": value} for text, value in values.items()]}
                for name, values in LANGUAGE.lists.items()
            },
            "unit": {"values": list(LANGUAGE.units)},
        },
        "expansion_rules": dict(LANGUAGE.rules),
    }
)
PROMPTS = (
    *(Prompt(kind=PromptKind.QUESTION, question=q.id) for q in QUESTIONS),
    *(Prompt(kind=PromptKind.CONFIRM, items=(q.id,)) for q in QUESTIONS),
    *(Prompt(kind=kind) for kind in (PromptKind.OFFER, PromptKind.MENU, PromptKind.PAUSED)),
    Prompt(kind=PromptKind.REVIEW, items=tuple(q.id for q in GATE if q.id == q.topic)),
    *(
        Prompt(kind=PromptKind.QUESTION, question=q.id, unit=unit)
        for q in QUESTIONS
        if q.kind is Kind.DURATION
        for unit in ("days", "weeks", "months", "years")
    ),
)


@cache
def sentences(template):
    """Up to 60 sentences of a template, by hassil's own sampler."""
    drawn = sample_sentence(
        parse_sentence(template), LISTS.slot_lists, LISTS.expansion_rules, language="en"
    )
    return tuple(dict.fromkeys(" ".join(text.split()) for text in islice(drawn, 60)))


def asked(question):
    return Prompt(kind=PromptKind.QUESTION, question=question.id)


@st.composite
def written_answers(draw):
    """A question, one of its options, and a sentence written for that option."""
    question = draw(st.sampled_from([q for q in QUESTIONS if q.options]))
    option = draw(st.sampled_from(question.options))
    template = draw(st.sampled_from(option.sentences))
    return question, option, draw(st.sampled_from(sentences(template)))


def meant(question, option):
    value = (option.id,) if question.kind is Kind.SEVERAL else option.id
    return Answered(answers=(Answer(question=question.id, value=value),))


NOISE = st.sampled_from(["tree", "cat", "up", "house", "seven", "shop", "bird"])
FILLERS = st.sampled_from(
    [f for f in LANGUAGE.fillers if len(f.split()) == 1 and f not in ("so", "like")]
)


@given(written_answers())
def test_every_sentence_means_its_own_answer(case):
    """A sentence that was written for an answer means that answer and nothing else."""
    question, option, text = case
    meaning = GRAMMAR.meaning(text, asked(question))
    assert meaning == meant(question, option) or isinstance(meaning, Told)


@given(written_answers(), FILLERS, FILLERS)
def test_words_that_mean_nothing_change_nothing(case, before, after):
    """Fillers before and after an answer do not change it."""
    question, _, text = case
    plain = GRAMMAR.meaning(text, asked(question))
    assert GRAMMAR.meaning(f"{before}, {text}, {after}", asked(question)) == plain


@given(written_answers())
def test_a_yes_in_front_of_a_choice_changes_nothing(case):
    """ "Yes, the left" is "the left"."""
    question, option, text = case
    assume(question.kind is not Kind.YES_NO)
    meaning = GRAMMAR.meaning(f"yes {text}", asked(question))
    assert meaning == meant(question, option) or isinstance(meaning, Told | Between)


@given(st.sampled_from(YES_NO), st.permutations(["yes", "no", *["no"] * 2]), st.integers(2, 4))
def test_yes_and_no_together_are_neither(question, words, count):
    """A text with both a yes and a no is not understood as either."""
    said = words[:count]
    assume({"yes", "no"} <= set(said))
    meaning = GRAMMAR.meaning(" ".join(said), asked(question))
    assert meaning is None or isinstance(meaning, Between)


@given(
    st.sampled_from(GATE),
    st.sampled_from(PLAIN_YES),
    st.sampled_from(PLAIN_NO),
    st.sampled_from(["", "and", "but", "well", "um", "or"]),
    st.booleans(),
)
def test_a_mixed_reply_is_never_a_no(question, yes, no, between, turned):
    """Whatever stands between a yes and a no, the two are never taken for "no"."""
    first, last = (no, yes) if turned else (yes, no)
    meaning = GRAMMAR.meaning(f"{first} {between} {last}", asked(question))
    assert meaning not in (
        Answered(answers=(Answer(question=question.id, value="no"),)),
        Answered(answers=(Answer(question=question.id, value="yes"),)),
    )


@given(
    st.sampled_from(GATE),
    st.lists(NOISE, min_size=1),
)
def test_a_no_in_talk_is_no_answer(question, noise):
    """A "no" among other words is no answer to an emergency question."""
    for text in (f"no {' '.join(noise)}", f"{' '.join(noise)} no"):
        assert GRAMMAR.meaning(text, asked(question)) is None


@given(st.sampled_from(GATE), st.text(max_size=40))
def test_no_text_at_all_breaks_it(question, text):
    """Any text whatever has a meaning or none; nothing is raised."""
    GRAMMAR.meaning(text, asked(question))


@given(
    st.sampled_from(PROMPTS),
    st.lists(
        st.sampled_from(sorted({w for t in LANGUAGE.yes + LANGUAGE.no for w in t.split()})),
        max_size=7,
    ),
)
def test_no_heap_of_reply_words_breaks_it(prompt, words):
    """Any heap of the words that replies are made of has a meaning or none."""
    GRAMMAR.meaning(" ".join(words), prompt)


@given(
    st.sampled_from(GATE),
    st.sampled_from(PLAIN_NO),
    st.sampled_from(["i think", "probably", "maybe", "i suppose"]),
)
def test_a_no_that_is_not_sure_is_unsure(question, no, hedge):
    """A hedged "no" to an emergency question is "unsure"."""
    unsure = Answered(answers=(Answer(question=question.id, value="unsure"),))
    assert GRAMMAR.meaning(f"{hedge} {no}", asked(question)) == unsure
    assert GRAMMAR.meaning(f"{no} {hedge}", asked(question)) == unsure


@pytest.mark.parametrize("question", GATE, ids=lambda q: q.id)
def test_no_gate_is_denied_in_passing(question):
    """What is said while another question is asked never counts as "no" for the gate."""
    denied = Answer(question=question.id, value="no")
    other = next(q for q in QUESTIONS if q.kind is Kind.AGE)
    for template in question.option("no").sentences:
        for text in sentences(template):
            meaning = GRAMMAR.meaning(text, asked(other))
            assert not (isinstance(meaning, Answered) and denied in meaning.answers)


@given(st.integers(1, 29), st.sampled_from(["day", "week", "month", "year"]))
def test_a_number_and_a_unit_are_multiplied(number, unit):
    """So many days, weeks, months or years are so many times their days, in words and digits."""
    question = next(q for q in QUESTIONS if q.kind is Kind.DURATION)
    days = number * LANGUAGE.units[unit]
    assume(days <= question.maximum)
    spoken = GRAMMAR.meaning(f"{number} {unit}s", asked(question))
    assert spoken == Answered(answers=(Answer(question=question.id, value=days),))
    assert GRAMMAR.meaning(f"for about {number} {unit}s now", asked(question)) == spoken


@pytest.mark.parametrize("prompt", PROMPTS, ids=str)
def test_a_phrase_that_is_listened_for_means_its_key(prompt):
    """Every phrase of a turn's list is understood as the meaning that it is listed with."""
    phrases = GRAMMAR.phrases(prompt)
    assert 1 <= len([phrase for phrase in phrases if phrase.meaning != REFUSE]) <= MOST
    for phrase in phrases:
        assert meaning_key(GRAMMAR.meaning(phrase.text, prompt)) == phrase.meaning, phrase.text


@pytest.mark.parametrize("prompt", PROMPTS, ids=str)
def test_no_list_is_without_its_answers(prompt):
    """A list offers every answer of its question, and what may be said at any prompt."""
    keys = {phrase.meaning for phrase in GRAMMAR.phrases(prompt)}
    question = PATHWAY.questions.get(prompt.question)
    for option in question.options if question else ():
        assert f"{question.id}={option.id}" in keys
    if prompt.kind is PromptKind.CONFIRM:
        assert {meaning_key(Replied(value=v)) for v in ("yes", "no", "unsure")} <= keys
    assert {f"told {statement.id}" for statement in PATHWAY.statements} <= keys
    assert any(key.startswith("command") for key in keys)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_no_decoy_is_an_answer(question):
    """A phrase that is listed to be refused means nothing."""
    for phrase in GRAMMAR.phrases(asked(question)):
        if phrase.meaning == REFUSE:
            assert GRAMMAR.meaning(phrase.text, asked(question)) is None


def test_no_phrase_of_the_pathway_means_two_things():
    """No answer, command or statement of the pathway shares its words with another."""
    assert [str(conflict) for conflict in conflicts(PATHWAY)] == []
