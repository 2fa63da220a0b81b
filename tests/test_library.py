"""A dialog folder becomes a skill that is ready to talk, from wherever the program is started."""

import shutil
import time
from pathlib import Path

import pytest

from voiceskill.core.assessment import Urgency
from voiceskill.core.meaning import Answer, Answered, Prompt, PromptKind
from voiceskill.core.pathway import UNSURE, Kind, Part
from voiceskill.errors import DialogFileError
from voiceskill.library import dialogs_folder, load_pathway, load_skill
from voiceskill.loading.lines import line_of, lines_of

SMALL = Path(__file__).parent / "data" / "small_pathway"


@pytest.fixture(scope="module")
def small():
    return load_pathway(SMALL, pathway="small")


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(SMALL, tmp_path / "dialogs"))


# ---- what comes out


def test_a_question_holds_what_the_file_says(small):
    """Words, kind, topic, condition and tier of a question come over as they are written."""
    question = small.questions["saddle_change"]

    assert (question.part, question.kind, question.topic) == (Part.GATE, Kind.CHOICE, "saddle")
    assert question.ask.startswith("Is that new")
    assert [option.id for option in question.options] == ["new", "worse", "same"]
    assert question.unsure_tier is Urgency.EMERGENCY
    assert question.ask_when.all_of[0].question == "saddle"


def test_questions_keep_the_order_of_the_file(small):
    """The order of the gate is the order of the file."""
    gate = [question.id for question in small.of_part(Part.GATE)]

    assert gate == ["saddle", "saddle_change", "bladder", "fever"]


def test_a_number_has_its_range_and_no_answers(small):
    """An age is asked for in years, from eighteen on, and can be skipped here."""
    age = small.questions["age"]

    assert (age.minimum, age.maximum, age.options, age.skippable) == (18, 120, (), True)


def test_conditions_nest_and_count(small):
    """`two_of` and nested conditions come over as they are written."""
    rule = next(rule for rule in small.rules if rule.id == "two_unsure")

    assert [test.is_any for test in rule.when.two_of] == [(UNSURE,), (UNSURE,)]


def test_first_in_the_file_of_a_cause_means_that_cause(small):
    """`first = true` and `named = false` are short for the cause whose file it is."""
    does, does_not = small.causes["narrow_canal"].cases

    assert does.first == "narrow_canal"
    assert does_not.not_named == ("narrow_canal",)


def test_one_wording_is_a_list_of_one(small):
    """A connecting sentence may be one text or several."""
    assert small.language.say["hello"] == ("I can check a numb leg with you.",)
    assert len(small.language.say["did_not_hear"]) == 2


def test_a_country_without_a_line_has_none(small):
    """Lines that a country does not have are left out, and empty."""
    assert small.countries["gb"].crisis == ""


def test_the_shipped_check_is_there_without_being_named():
    """With no folder named, the dialogs that came with the program are read."""
    pathway = load_pathway()

    assert pathway.id == "leg_numbness"
    assert len(pathway.causes) >= 11
    assert len(pathway.countries) >= 10
    assert dialogs_folder().name == "dialogs"


def test_the_gate_of_the_shipped_check_has_twelve_topics():
    """All twelve topics of the gate are there, and none more."""
    topics = {question.topic for question in load_pathway().of_part(Part.GATE)}

    assert len(topics) == 12


def test_a_skill_understands_at_once(copy):
    """What is loaded hears words as answers to its questions."""
    skill = load_skill(copy, pathway="small")

    meaning = skill.grammar.meaning("um yeah", Prompt(kind=PromptKind.QUESTION, question="fever"))

    assert meaning == Answered(answers=(Answer(question="fever", value="yes"),))


def test_a_skill_that_was_not_warmed_up_understands_as_much(copy):
    """What is left for the first answer is read with it."""
    prompt = Prompt(kind=PromptKind.QUESTION, question="fever")

    cold = load_skill(copy, pathway="small", warm=False).grammar

    assert cold.meaning("um yeah", prompt) == Answered(
        answers=(Answer(question="fever", value="yes"),)
    )


def test_a_skill_is_made_at_no_more_cost_than_its_pathway():
    """Without warming up, the grammar takes no work beside reading the files, best of five."""
    took_s = []
    for _ in range(5):
        begun = time.process_time()
        load_skill(warm=False)
        took_s.append(time.process_time() - begun)

    assert min(took_s) <= 0.150


def test_the_shipped_check_loads_in_a_blink():
    """Reading the shipped dialogs takes at most 150 ms of work, best of five."""
    took_s = []
    for _ in range(5):
        begun = time.process_time()
        load_pathway()
        took_s.append(time.process_time() - begun)

    assert min(took_s) <= 0.150


# ---- what is refused


@pytest.mark.parametrize("named", [{"pathway": "arm_numbness"}, {"language": "xx"}])
def test_what_is_not_there_is_refused_by_name(named):
    """A pathway or language that does not exist is named, with its file."""
    with pytest.raises(DialogFileError, match=next(iter(named.values()))):
        load_pathway(SMALL, **{"pathway": "small", **named})


def test_the_first_problem_is_told_and_the_others_counted(copy):
    """Loading tells one problem by file, line and key, and how many more there are."""
    file = copy / "small" / "pathway.toml"
    file.write_text(file.read_text().replace("wait_s", "weight_s").replace("certain", "sure"))

    with pytest.raises(DialogFileError, match=r"^small/pathway\.toml:\d+: policy\.wait_s.*3 more"):
        load_pathway(copy, pathway="small")


@pytest.mark.parametrize("name", ["small/questions.toml", "countries.toml", "languages/en.toml"])
def test_a_file_that_is_not_text_is_refused(copy, name):
    """A file in another encoding is named, and how to save it."""
    (copy / name).write_bytes(b"\xff\xfe\x00title = 'x'")

    with pytest.raises(DialogFileError, match=f"^{name}:1: .*UTF-8"):
        load_pathway(copy, pathway="small")


def test_a_file_that_nothing_reads_is_refused(copy):
    """A misspelt file name is told, with the one that was meant."""
    (copy / "small" / "cases.toml").rename(copy / "small" / "case.toml")

    with pytest.raises(DialogFileError, match=r"^small/case\.toml:1: .*did you mean 'cases'"):
        load_pathway(copy, pathway="small")


def test_a_template_that_cannot_be_read_is_refused_with_its_line(copy):
    """A sentence template that names an unknown rule is found at once."""
    file = copy / "small" / "questions.toml"
    file.write_text(file.read_text().replace('"[it] feels normal"', '"<it_feels> normal"'))

    with pytest.raises(DialogFileError, match=r"^small/questions\.toml:\d+: .*no rule 'it_feels'"):
        load_skill(copy, pathway="small")


# ---- where a key stands

TOML = '''# a comment
title = "x"  # another
[policy]
wait_s = 1
"quoted key" = 2

[[question]]
id = "a"
again = [
  "one, [two]",  # not a bracket
  'three ]',
]
text = """
[not_a_table]
"""
[question.answers.yes]
say = "yes"
[[question]]
id = "b"
when = { all_of = [{ question = "a" }] }
after = 1
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 2),
        (("policy",), 3),
        (("policy", "wait_s"), 4),
        (("policy", "quoted key"), 5),
        (("question",), 7),
        (("question", 0, "id"), 8),
        (("question", 0, "again"), 9),
        (("question", 0, "again", 0), 10),
        (("question", 0, "again", 1), 11),
        (("question", 0, "text"), 13),
        (("question", 0, "answers", "yes", "say"), 17),
        (("question", 1), 18),
        (("question", 1, "when"), 20),
        (("question", 1, "when", "all_of", 0), 20),
        (("question", 1, "after"), 21),
    ],
)
def test_the_line_of_a_key_is_found(place, line):
    """Tables, keys and elements of lists are found; what is not written out, at its parent."""
    assert line_of(TOML, place) == line


def test_what_only_looks_like_a_table_is_none():
    """A header within a text of several lines is text."""
    assert ("not_a_table",) not in lines_of(TOML)


def test_what_is_written_nowhere_is_at_the_top():
    """A key that is missing from the top of a file is told at its first line."""
    assert line_of(TOML, ("missing",)) == 1
