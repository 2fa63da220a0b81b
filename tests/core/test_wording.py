"""The words of the conversation: the connecting sentences, lists, numbers and persons."""

import ast
import re
import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import voiceskill.core
from voiceskill.core.dialog import start
from voiceskill.core.meaning import Answer
from voiceskill.core.moves import wait_for, words
from voiceskill.core.pathway import SKIPPED, UNSURE
from voiceskill.core.telling import safety_net
from voiceskill.core.wording import REVIEW_SENTENCES, SENTENCE_WORDS, sentences_of
from voiceskill.testing import talk

CORE = Path(voiceskill.core.__file__).parent
PACKAGE = CORE.parent
MINE = [
    "answering",
    "begin",
    "commands",
    "confirming",
    "dialog",
    "flow",
    "moves",
    "record",
    "state",
    "telling",
    "urgent",
    "wording",
]
GREETING_S = 16.0
WORDS_PER_MINUTE = 155


@pytest.fixture
def w(real):
    return words(real, start(real, country="gb").state)


def keys_used():
    """Every text constant of the program: the keys of its sentences are among them."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_no_connecting_sentence_is_idle(real):
    """Every key of [say] is used, outright or made of parts."""
    used = set(keys_used())
    reasons = ("because", "reason", "doctor_rule", "phone_rule")
    made = {f"{a}_{b}" for a in reasons for b in ("unsure", "open")}
    made |= {f"said_{value}" for value in (UNSURE, SKIPPED)}
    made |= {f"goodbye_{failure}" for failure in ("silence", "noise")}
    made |= {f"{key}_of" for key in ("which_wrong", "change_which")}
    made |= {f"stop_{tier}" for tier in ("emergency", "same_day", "clinician")}
    made |= {f"{key}_alone" for key in ("first_cause", "next_cause")}
    assert set(real.pathway.language.say) <= used | made


def test_every_sentence_that_the_code_asks_for_is_there(real):
    """Each key that is named outright stands in [say]."""
    asked = set()
    for name in MINE:
        tree = ast.parse((CORE / f"{name}.py").read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if getattr(call.func, "attr", "") in ("say", "joint"):
                asked |= {a.value for a in call.args[:1] if isinstance(a, ast.Constant)}
    assert len(asked) > 50
    assert asked <= set(real.pathway.language.say)


def test_no_spoken_sentence_stands_in_the_code():
    """Outside docstrings and error messages no file of the conversation holds a sentence."""
    for name in MINE:
        tree = ast.parse((CORE / f"{name}.py").read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", "") in ("plain", "Say"):
                texts = [a for a in call.args if isinstance(a, ast.Constant)]
                assert not texts, name


def test_every_connecting_sentence_is_short_and_can_be_read_aloud(real):
    """At most 25 words, no digits, no abbreviations, every opened brace closed."""
    for key, wordings in real.pathway.language.say.items():
        for wording in wordings:
            assert not re.search(r"\d|e\.g\.|\betc\b|[()\[\]/&]", wording), key
            for sentence in sentences_of(wording):
                assert len(sentence.split()) <= SENTENCE_WORDS, key
            assert [name for _, name, _, _ in string.Formatter().parse(wording) if name != ""]


def test_what_is_said_again_has_several_wordings(real):
    """Each sentence that can come twice in a row has another wording."""
    again = [
        "silence",
        "noise",
        "between",
        "how_many_units",
        "gave_up",
        "gave_up_gate",
        "read_back",
        "read_back_ask",
        "brief",
        "which_wrong",
        "review_ask",
        "review_more",
        "change_which",
        "slower",
        "slowest",
        "faster",
        "fastest",
        "louder",
        "loudest",
        "quieter",
        "quietest",
        "take_your_time",
        "paused",
        "paused_how",
        "offer_start_over",
        "offer_stop",
        "offer_resume",
        "offer_resume_ask",
        "offer_rest",
        "crisis_menu",
        "menu",
        "menu_plain",
        "not_now",
        "forgotten",
        "nothing_before",
        "nothing_to_change",
        "help_confirm",
        "help_commands",
        "why_confirm",
        "why_more",
        "progress",
        "comfort",
        "comfort_tell",
        "comfort_call",
        "upset",
        "upset_how",
        "who_speaks",
        "who_speaks_what",
        "advised",
        "with_you",
        "alone",
        "alone_door",
        "help_menu",
        "welcome",
        "present",
    ]
    for key in again:
        wordings = real.pathway.language.say[key]
        assert len(set(wordings)) == len(wordings) >= 2, key


@pytest.mark.parametrize("script", ["@ country gb", "@ country zz", "@ hears poorly"])
def test_the_greeting_is_short(script, real):
    """What it is and what is kept take 15 seconds or little more at the usual pace."""
    greeting = talk(real, script).turn.says[0].sentences
    text = " ".join(greeting)
    most = GREETING_S if "poorly" not in script else GREETING_S + 6
    assert len(text.split()) / WORDS_PER_MINUTE * 60 <= most + 1
    for needed in ("not a diagnosis", "leaves this machine", "a computer program"):
        assert needed in text
    assert "emergency" in greeting[1]


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        (0, "zero"),
        (7, "seven"),
        (20, "twenty"),
        (42, "forty-two"),
        (90, "ninety"),
        (100, "one hundred"),
        (117, "one hundred and seventeen"),
        (2.5, "two and a half"),
        (999, "nine hundred and ninety-nine"),
    ],
)
def test_numbers_are_spoken_as_words(value, spoken, w):
    """No digit is ever spoken."""
    assert w.number(value) == spoken


@pytest.mark.parametrize(
    ("days", "spoken"),
    [
        (1 / 24 / 12, "five minutes"),
        (1 / 24, "one hour"),
        (1, "one day"),
        (10, "ten days"),
        (14, "two weeks"),
        (21, "three weeks"),
        (30.4375, "one month"),
        (182, "six months"),
        (365.25, "one year"),
        (548, "eighteen months"),
        (3652.5, "ten years"),
    ],
)
def test_a_time_is_spoken_in_the_unit_that_fits(days, spoken, w):
    """As a person would say it: "two weeks", not "fourteen days"."""
    assert w.duration(days) == spoken


@given(st.floats(min_value=1 / 1440, max_value=120 * 365.25))
def test_every_time_can_be_spoken(real, days):
    """Any time from a minute to a long life is spoken without a digit."""
    spoken = words(real, start(real).state).duration(days)
    assert not re.search(r"\d", spoken)
    assert spoken


def test_lists_have_commas_and_a_last_word(w):
    """One, two and more pieces are joined as they are spoken."""
    assert w.listed([]) == ""
    assert w.listed(["a"]) == "a"
    assert w.listed(["a", "b"]) == "a and b"
    assert w.listed(["a", "b", "c"]) == "a, b and c"
    assert w.listed_that(["a", "b", "c"]) == "a, that b, and that c"
    assert w.listed_apart(["a, b", "c"]) == "a, b; and c"
    assert w.listed_apart(["a", "b", "c"], "or_apart") == "a; b; or c"


def test_sentences_follow_the_person_asked_about(real):
    """A carer hears "their", whoever asks for himself hears "your"."""
    assert "your bowels" in talk(real, "> for myself\n> no\n> no\n> no\n> no").turn.sentences[-1]
    assert (
        "their bowels" in talk(real, "> for my mother\n> no\n> no\n> no\n> no").turn.sentences[-1]
    )


def test_every_answer_can_be_read_back(real):
    """Each option of each question, "not sure" and "skipped" make a sentence with a question."""
    for question in real.pathway.questions.values():
        values = [option.id for option in question.options] + [UNSURE, SKIPPED]
        if not question.options:
            values += [0.5, 1.0, 30.0]
        for value in values:
            several = question.kind.value == "several" and value not in (UNSURE, SKIPPED)
            answer = Answer(question=question.id, value=(value,) if several else value)
            said = words(real, start(real).state).read_back([answer])
            assert said[-1].endswith("?"), question.id
            assert "{" not in " ".join(said), question.id


def test_a_wording_that_was_just_said_is_passed_over(w):
    """The next wording is taken when the one that is due was said a moment ago."""
    first, second = w.pathway.language.say["noise"][:2]
    state = replace(w.state, said=(first,))
    assert replace(w, state=state).say("noise") == second


def test_a_question_has_another_wording_each_time(real):
    """Asked as often as there are wordings, no question sounds the same."""
    for question in real.pathway.questions.values():
        heard = set()
        for posed in range(1 + len(question.again)):
            state = start(real).state
            state = replace(wait_for(state, state.waiting), posed=posed, said=())
            heard.add(words(real, state).question(question))
        assert len(heard) == 1 + len(question.again), question.id


@given(st.lists(st.text("abc ", min_size=1, max_size=60), min_size=1, max_size=14))
def test_a_review_never_takes_more_than_three_sentences(real, pieces):
    """However much there is to read back, nothing is left out."""
    w = words(real, start(real).state)
    packed = w._packed("review", pieces, w.listed_that)
    assert len(packed) <= REVIEW_SENTENCES
    whole = " ".join(packed)
    assert all(piece in whole for piece in pieces)


def test_without_a_country_no_number_is_made_up(real):
    """It says so honestly, and says what to look for instead."""
    net = " ".join(safety_net(words(real, start(real).state)))
    assert "your emergency number" in net
    assert "do not know your country" in net
