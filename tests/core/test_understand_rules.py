"""How words become a meaning, on a pathway of four questions that stays as it is."""

from dataclasses import replace

import pytest

from voiceskill.core.conflicts import conflicts
from voiceskill.core.language import Command
from voiceskill.core.meaning import (
    Answer,
    Answered,
    Between,
    Commanded,
    Named,
    OutOfRange,
    Prompt,
    PromptKind,
    Replied,
    Told,
    UnitOnly,
)
from voiceskill.core.pathway import Kind, Option, Part, Question, Statement
from voiceskill.core.phrases import MOST, REFUSE, meaning_key
from voiceskill.core.understand import MOST_LISTS, CompiledGrammar
from voiceskill.errors import DialogFileError
from voiceskill.library import load_pathway


def question(kind, *options, part=Part.DIFFERENTIAL, **more):
    """A question of which only what is understood matters."""
    words = dict.fromkeys(("ask", "help", "because", "source"), "")
    listed = tuple(Option(id=o, say=o, said=o, sentences=tuple(s)) for o, s in options)
    topic = more.setdefault("topic", more["id"])
    more.setdefault("about", topic)
    return Question(
        part=part, kind=kind, options=listed, again=("", ""), revision=1, **words, **more
    )


QUESTIONS = (
    question(
        Kind.YES_NO,
        ("yes", ["[it's] numb [down] there", "it feels (odd|strange)", "yes [a lot]"]),
        ("no", ["[it] feels normal", "[I] feel every[thing| touch]"]),
        id="saddle",
        part=Part.GATE,
        about="the feeling between {your} legs",
        also_called=("private parts",),
    ),
    question(
        Kind.YES_NO,
        ("yes", ["i have a fever"]),
        ("no", ["i have no fever"]),
        id="fever",
        part=Part.GATE,
    ),
    question(
        Kind.CHOICE,
        ("left", ["[the] left [leg]"]),
        ("right", ["[the] right [leg]"]),
        ("both", ["both [legs]"]),
        id="side",
    ),
    question(
        Kind.SEVERAL,
        ("walking", ["walk[ing]", "when i walk"]),
        ("standing", ["(standing;still)", "stand[ing]"]),
        ("none", ["nothing"]),
        id="brought_on",
    ),
    question(Kind.DURATION, id="how_long", minimum=0, maximum=36500),
    question(Kind.AGE, id="age", minimum=18, maximum=115),
    question(Kind.NUMBER, id="pillows", minimum=0, maximum=9),
    question(Kind.FREE, id="story"),
)
STATEMENTS = (
    Statement(
        id="wet",
        sentences=("i have wet myself",),
        core=("i've wet myself",),
        answers={"saddle": "yes"},
        said="",
    ),
    Statement(id="end", sentences=(), core=("i want to die",), answers={}, path="crisis", said=""),
)


@pytest.fixture(scope="module")
def pathway():
    real = load_pathway()
    return replace(real, questions={q.id: q for q in QUESTIONS}, statements=STATEMENTS)


@pytest.fixture(scope="module")
def grammar(pathway):
    return CompiledGrammar(pathway)


def asked(question_id, unit=""):
    return Prompt(kind=PromptKind.QUESTION, question=question_id, unit=unit)


def answered(**values):
    return Answered(answers=tuple(Answer(question=q, value=v) for q, v in values.items()))


MENU = Prompt(kind=PromptKind.MENU)
PAUSED = Prompt(kind=PromptKind.PAUSED)


@pytest.mark.parametrize("text", ["", "   ", "...", "?!", "-- ,", "\u2019"])
def test_silence_written_down_means_nothing(grammar, text):
    """Text without a word means nothing, at any prompt."""
    for prompt in (asked("saddle"), asked("age"), MENU, PAUSED):
        assert grammar.meaning(text, prompt) is None


def test_a_template_may_choose_part_of_a_word(grammar):
    """A choice inside a word ("walk[ing]") is two words, not a word and a rest."""
    assert grammar.meaning("walk", asked("brought_on")) == answered(brought_on=("walking",))
    assert grammar.meaning("walking", asked("brought_on")) == answered(brought_on=("walking",))
    assert grammar.meaning("walk ing", asked("brought_on")) is None
    assert grammar.meaning("I feel everything", asked("saddle")) == answered(saddle="no")
    assert grammar.meaning("I feel every touch", asked("saddle")) == answered(saddle="no")


def test_a_template_may_take_words_in_any_order(grammar):
    """A permutation is understood both ways round."""
    for text in ("standing still", "still standing"):
        assert grammar.meaning(text, asked("brought_on")) == answered(brought_on=("standing",))


def test_what_is_offered_aloud_is_an_answer(grammar):
    """An option is understood by the words in which it is offered."""
    assert grammar.meaning("both", asked("side")) == answered(side="both")


def test_one_word_forgives_no_other(grammar):
    """ "No feeling" is not "no", and "left hand" is not "left"."""
    assert grammar.meaning("no feeling", asked("saddle")) is None
    assert grammar.meaning("left hand", asked("side")) is None


def test_a_longer_answer_forgives_two_words(grammar):
    """Three words of a template forgive two words beside them, and no third one."""
    prompt = asked("saddle")
    assert grammar.meaning("numb down there", prompt) == answered(saddle="yes")
    assert grammar.meaning("wholly numb down there everywhere", prompt) == answered(saddle="yes")
    assert grammar.meaning("wholly utterly numb down there everywhere", prompt) is None


def test_no_word_of_a_template_may_be_missing(grammar):
    """Half of a sentence is not the sentence."""
    assert grammar.meaning("numb", asked("saddle")) is None
    assert grammar.meaning("it feels", asked("saddle")) is None


def test_a_no_of_the_gate_forgives_nothing(grammar):
    """An emergency is not denied by a sentence with a strange word in it."""
    assert grammar.meaning("it feels normal", asked("saddle")) == answered(saddle="no")
    assert grammar.meaning("it feels wobbly normal", asked("saddle")) is None


@pytest.mark.parametrize("word", ["not", "never", "hardly", "almost", "no", "don't", "used to be"])
def test_a_turning_word_is_never_passed_over(grammar, word):
    """A word that turns the meaning round is never taken for one that means nothing."""
    assert grammar.meaning(f"it's {word} numb down there", asked("saddle")) is None


def test_a_word_of_another_answer_is_never_passed_over(grammar):
    """The word that tells another answer apart is no extra word."""
    assert grammar.meaning("the left leg right", asked("side")) == Between(
        readings=(answered(side="left"), answered(side="right"))
    )


def test_the_last_of_a_self_correction_counts(grammar):
    """Whoever corrects himself means what he said last."""
    for text in (
        "left, no, I mean right",
        "left, no, right",
        "left. No wait, right",
        "not left, right",
    ):
        assert grammar.meaning(text, asked("side")) == answered(side="right")


def test_what_is_taken_back_without_another_answer_is_none(grammar):
    """A "no" after an answer leaves nothing, not the answer and not "none"."""
    assert grammar.meaning("left, no", asked("side")) is None
    assert grammar.meaning("walking, never", asked("brought_on")) is None


def test_two_options_of_a_choice_are_two_readings(grammar):
    """Of two options neither is guessed."""
    assert grammar.meaning("left or right", asked("side")) == Between(
        readings=(answered(side="left"), answered(side="right"))
    )


def test_several_options_are_kept_in_the_order_of_the_question(grammar):
    """Several answers in one breath count together, in the order of the question."""
    both = answered(brought_on=("walking", "standing"))
    assert grammar.meaning("standing and walking", asked("brought_on")) == both
    assert grammar.meaning("all of them", asked("brought_on")) == both
    assert grammar.meaning("nothing and walking", asked("brought_on")) is None
    assert grammar.meaning("all of them but walking", asked("brought_on")) is None


def test_a_not_reaches_over_an_or(grammar):
    """ "Not walking or standing" denies both."""
    assert grammar.meaning("not walking or standing", asked("brought_on")) is None
    only = answered(brought_on=("standing",))
    assert grammar.meaning("not walking but standing", asked("brought_on")) == only


def test_a_plain_no_is_the_option_none(grammar):
    """Where an option says "none of these", a plain no is that option."""
    assert grammar.meaning("no", asked("brought_on")) == answered(brought_on=("none",))
    assert grammar.meaning("no", asked("side")) is None


def test_a_hedged_no_is_unsure_only_in_the_gate(grammar, pathway):
    """ "I don't think so" is unsure where it could hurt somebody, and no elsewhere."""
    calm = replace(pathway.questions["fever"], id="calm", part=Part.DIFFERENTIAL)
    other = CompiledGrammar(replace(pathway, questions={**pathway.questions, "calm": calm}))
    for text in ("I don't think so", "not really", "I think no", "probably not"):
        assert grammar.meaning(text, asked("fever")) == answered(fever="unsure")
        assert other.meaning(text, asked("calm")) == answered(calm="no")


def test_a_later_statement_for_another_question_is_kept(grammar):
    """What is told beside the answer counts for the question that it belongs to."""
    both = answered(saddle="yes", fever="yes")
    assert grammar.meaning("yes, and I have a fever", asked("saddle")) == both
    assert grammar.meaning("I have a fever", asked("side")) == answered(fever="yes")


def test_a_no_for_the_gate_is_never_taken_in_passing(grammar):
    """ "I have no fever" counts only when the fever was asked about."""
    assert grammar.meaning("I have no fever", asked("side")) is None
    assert grammar.meaning("left, I have no fever", asked("side")) is None
    assert grammar.meaning("I have no fever", asked("fever")) == answered(fever="no")


def test_a_statement_is_found_in_any_talk(grammar):
    """An emergency is understood in the middle of words that are not, unless they turn it round."""
    talk = "well you see since the war or so I have wet myself and then the cat came in"
    for prompt in (asked("side"), MENU, PAUSED):
        assert grammar.meaning(talk, prompt) == Told(statement="wet")
    assert grammar.meaning("I never said that I have wet myself at the fair", MENU) is None


def test_the_gravest_of_two_statements_counts(grammar):
    """Thoughts of death come before anything else that is told."""
    text = "I have wet myself and I want to die"
    assert grammar.meaning(text, asked("side")) == Told(statement="end")


def test_a_command_beside_an_answer_is_two_readings(grammar):
    """An answer and a command in one breath are not guessed between."""
    meaning = grammar.meaning("left, go back", asked("side"))
    assert meaning == Between(readings=(answered(side="left"), Commanded(command="back")))


def test_a_command_may_name_its_target(grammar):
    """A command takes the question or the cause that it names."""
    text = "change my answer about the feeling between my legs"
    assert grammar.meaning(text, asked("side")) == Commanded(command="change", target="saddle")
    assert grammar.meaning("tell me more about sciatica", MENU) == Commanded(
        command="more", target="sciatica"
    )


def test_only_three_commands_end_a_break(grammar):
    """In a break only going on, starting over, stopping and an emergency are understood."""
    understood = {
        c: grammar.meaning(c, PAUSED) for c in ("go on", "start over", "stop", "help", "yes")
    }
    assert understood == {
        "go on": Commanded(command="go_on"),
        "start over": Commanded(command="start_over"),
        "stop": Commanded(command="stop"),
        "help": None,
        "yes": None,
    }


def test_a_unit_without_a_number_asks_for_the_number(grammar):
    """ "Weeks" is half an answer, and a number then completes it."""
    assert grammar.meaning("week", asked("how_long")) == UnitOnly(question="how_long", unit="weeks")
    assert grammar.meaning("three", asked("how_long")) is None
    assert grammar.meaning("three", asked("how_long", "weeks")) == answered(how_long=21.0)


def test_the_half_of_an_amount_is_not_lost(grammar):
    """Halves count, whether before the unit or behind it."""
    days = {
        "half a year": 182.5,
        "a week and a half": 10.5,
        "two and a half weeks": 17.5,
        "a year and a half": 547.5,
        "a year and two months": 425.0,
    }
    for text, value in days.items():
        assert grammar.meaning(text, asked("how_long")) == answered(how_long=value)


def test_a_number_out_of_bounds_is_told_apart_from_noise(grammar):
    """A number that cannot be is understood, so that the question can say why not."""
    assert grammar.meaning("four hundred", asked("age")) == OutOfRange(question="age", value=400.0)
    assert grammar.meaning("12", asked("pillows")) == OutOfRange(question="pillows", value=12.0)
    assert grammar.meaning("three", asked("pillows")) == answered(pillows=3.0)


def test_a_read_back_takes_the_right_answer_at_once(grammar):
    """ "No, the left" needs no second question."""
    prompt = Prompt(kind=PromptKind.CONFIRM, items=("side",))
    assert grammar.meaning("no, the left", prompt) == answered(side="left")
    assert grammar.meaning("no", prompt) == Replied(value="no")
    assert grammar.meaning("that's right", prompt) == Replied(value="yes")
    assert grammar.meaning("not really", prompt) == Replied(value="unsure")


def test_a_bare_yes_to_a_read_back_is_no_answer(grammar):
    """A bare yes or no confirms or denies the read-back, even where an answer is worded so."""
    prompt = Prompt(kind=PromptKind.CONFIRM, items=("saddle",))
    assert grammar.meaning("yes", prompt) == Replied(value="yes")
    assert grammar.meaning("no", prompt) == Replied(value="no")
    assert grammar.meaning("yes a lot", prompt) == answered(saddle="yes")


def test_a_follow_up_is_not_answered_in_passing(pathway):
    """What answers only a follow-up means nothing while another question is asked."""
    later = replace(
        pathway.questions["fever"],
        id="fever_since",
        kind=Kind.CHOICE,
        options=(Option(id="new", say="new", said="", sentences=("all of a sudden",)),),
    )
    grammar = CompiledGrammar(
        replace(pathway, questions={**pathway.questions, "fever_since": later})
    )
    assert grammar.meaning("all of a sudden", asked("side")) is None
    assert grammar.meaning("all of a sudden", asked("fever_since")) == answered(fever_since="new")


def test_a_read_back_of_two_takes_both_answers(grammar):
    """Two items read back can both be put right in one breath."""
    prompt = Prompt(kind=PromptKind.CONFIRM, items=("side", "how_long"))
    assert grammar.meaning("no, the left, three weeks", prompt) == answered(
        side="left", how_long=21.0
    )


def test_after_is_any_of_that_wrong_right_is_no(grammar):
    """ "That's right" means that nothing is wrong; "yes, that's right" means two things."""
    prompt = Prompt(kind=PromptKind.REVIEW, items=("saddle", "fever"))
    assert grammar.meaning("that's right", prompt) == Replied(value="no")
    assert grammar.meaning("yes", prompt) == Replied(value="yes")
    assert grammar.meaning("yes, that's right", prompt) is None
    assert grammar.meaning("my private parts", prompt) == Named(question="saddle")
    assert grammar.meaning("no, it's numb down there", prompt) == answered(saddle="yes")


def test_an_open_question_takes_only_facts(grammar):
    """The open question takes whole sentences of other questions, and never a bare yes or no."""
    assert grammar.meaning("I have a fever", asked("story")) == answered(fever="yes")
    assert grammar.meaning("yes", asked("story")) is None
    assert grammar.meaning("I don't know", asked("story")) == answered(story="unsure")


def test_a_phrase_of_two_answers_is_a_conflict(pathway):
    """Two answers with one phrase are found before anybody is asked."""
    double = replace(
        pathway.questions["side"],
        options=(
            *pathway.questions["side"].options,
            Option(id="l", say="l", said="l", sentences=("left leg",)),
        ),
    )
    assert conflicts(pathway) == ()
    found = conflicts(replace(pathway, questions={**pathway.questions, "side": double}))
    assert {conflict.phrase for conflict in found} == {"left leg"}
    assert "left leg" in str(found[0])
    assert "side" in str(found[0])


@pytest.mark.parametrize("template", ["(left", "left)", "[left", "<nowhere>", "{nothing}"])
def test_a_damaged_template_is_told_in_one_sentence(pathway, template):
    """A template that cannot be read is refused with its words, not with a traceback of hassil."""
    stop = Command(id="stop", sentences=(template,), core=("stop",))
    language = replace(pathway.language, commands={"stop": stop})
    grammar = CompiledGrammar(replace(pathway, language=language))
    with pytest.raises(DialogFileError, match=r"template|rule|list"):
        grammar.meaning("stop", MENU)


def test_a_language_without_its_rules_forgives_nothing_dangerous(pathway):
    """Without a list of turning words the plain words still mean what they mean."""
    bare = replace(pathway.language, rules={}, commands={}, fillers=(), corrections=())
    grammar = CompiledGrammar(replace(pathway, language=replace(bare, yes=("yes",), no=("no",))))
    assert grammar.meaning("yes", asked("saddle")) == answered(saddle="yes")
    assert grammar.meaning("yes no", asked("saddle")) is None
    assert grammar.meaning("no feeling", asked("saddle")) is None


def test_a_list_holds_answers_commands_statements_and_decoys(grammar, pathway):
    """A turn's list is closed: at most 120 phrases and decoys, each once, in plain words."""
    for prompt in (asked("saddle"), asked("age"), asked("how_long", "weeks"), MENU, PAUSED):
        phrases = grammar.phrases(prompt)
        texts = [phrase.text for phrase in phrases]
        assert 1 <= len([phrase for phrase in phrases if phrase.meaning != REFUSE]) <= MOST
        assert len(set(texts)) == len(texts)
        assert all(text == " ".join(text.lower().split()) for text in texts)
        assert not any(character.isdigit() for text in texts for character in text)
        assert "i've wet myself" in texts
    keys = {phrase.meaning for phrase in grammar.phrases(asked("saddle"))}
    assert {"saddle=yes", "saddle=no", "saddle=unsure", "command back", REFUSE} <= keys


def test_each_answer_of_a_list_is_there_by_each_template(grammar, pathway):
    """Every template of a question's own answers gives at least one phrase to listen for."""
    texts = {phrase.text for phrase in grammar.phrases(asked("side"))}
    assert {"left", "right", "both"} <= texts


def test_the_same_prompt_has_the_same_list(grammar, pathway):
    """A list depends on nothing but its prompt."""
    again = CompiledGrammar(pathway)
    for prompt in (asked("saddle"), asked("age"), MENU):
        assert grammar.phrases(prompt) == again.phrases(prompt)
        assert grammar.phrases(prompt) is grammar.phrases(prompt)


def test_old_lists_make_room_for_new_ones(pathway):
    """However many different read-backs there were, only so many lists are kept."""
    grammar = CompiledGrammar(pathway)
    first = Prompt(kind=PromptKind.QUESTION, question="side")
    kept = grammar.phrases(first)
    for number in range(MOST_LISTS):
        grammar.phrases(Prompt(kind=PromptKind.PAUSED, items=(str(number),)))
    assert grammar.phrases(first) == kept
    assert grammar.phrases(first) is not kept


def test_a_key_is_the_same_for_the_same_meaning_only():
    """Keys of meanings differ when the meanings do."""
    meanings = [
        answered(side="left"),
        answered(side="right"),
        answered(brought_on=("walking", "standing")),
        answered(how_long=7.0),
        Replied(value="yes"),
        Named(question="side"),
        UnitOnly(question="how_long", unit="weeks"),
        OutOfRange(question="age", value=400.0),
        Commanded(command="back"),
        Commanded(command="change", target="side"),
        Told(statement="wet"),
        Between(readings=(Replied(value="yes"), Replied(value="no"))),
        None,
    ]
    assert len({meaning_key(meaning) for meaning in meanings}) == len(meanings)


def test_a_question_that_is_not_there_is_the_callers_mistake(grammar):
    """Asking after an unknown question is a bug, and says so."""
    with pytest.raises(KeyError):
        grammar.meaning("yes", asked("nowhere"))
    with pytest.raises(KeyError):
        grammar.phrases(asked("nowhere"))


def test_since_when_may_be_answered_in_numbers(pathway):
    """Where only the rough time counts, "three days ago" is as good as "it is new"."""
    rules = {"new": "within_two_weeks", "months": "weeks_or_months", "years": "a_year_or_more"}
    since = question(
        Kind.CHOICE, *((option, [f"<{rule}>"]) for option, rule in rules.items()), id="since"
    )
    grammar = CompiledGrammar(replace(pathway, questions={"since": since}))
    said = {
        "three days ago": "new",
        "since yesterday": "new",
        "about two weeks": "new",
        "a week and a half": "new",
        "3 weeks": "months",
        "it started half a year ago": "months",
        "a couple of months": "months",
        "two years": "years",
        "for about a year and a half": "years",
    }
    for text, option in said.items():
        assert grammar.meaning(text, asked("since")) == answered(since=option), text
    assert grammar.meaning("not three days", asked("since")) is None


def test_a_language_that_cannot_count_is_refused_in_one_sentence(pathway):
    """A file named by no language says so, instead of failing at the first number."""
    nowhere = replace(pathway, language=replace(pathway.language, tag="xx"))
    with pytest.raises(DialogFileError, match=r"languages/xx\.toml: no number words"):
        CompiledGrammar(nowhere).warm()
