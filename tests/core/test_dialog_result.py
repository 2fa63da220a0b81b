"""The result, the advice and the end, by example."""

import pytest
from talks import at_question, gate_questions, said

from voiceskill.core import telling
from voiceskill.core.assessment import Assessment, LikelyCause, Reason, Urgency
from voiceskill.core.begin import new_state
from voiceskill.core.dialog import step
from voiceskill.core.events import NoInput, NoMatch, Start, Tone
from voiceskill.core.evidence import reasons_for
from voiceskill.core.hearing import Expected
from voiceskill.core.meaning import Commanded, OutOfRange, Prompt, PromptKind, Told
from voiceskill.core.phrases import REFUSE
from voiceskill.core.state import Hears, Phase, Purpose
from voiceskill.core.truth import counted
from voiceskill.core.wording import SENTENCE_WORDS, Words
from voiceskill.testing import heard, talk


def command(skill, name):
    return skill.pathway.language.commands[name].core[0]


# ---- the result


def test_the_result_says_how_urgent_it_is_first(real):
    """Verdict, what to do, why; then causes; and the safety net last."""
    script = "says course: gone in minutes\nsays side: one leg\n> for myself\n*> no\n> no\n(rest)"
    turn = talk(real, script).turn
    told = next(say for say in turn.says if say.tone is Tone.RESULT)
    assert told.sentences[0] in {tier.verdict for tier in real.pathway.tiers.values()}
    assert "In an emergency, call nine, nine, nine." in told.sentences


def test_the_result_is_announced(real):
    """Who cannot see the end coming is told that the questions are over, then the result."""
    turn = talk(real, "> for myself\n*> no\n> no\n(rest)").turn
    assert turn.sentences[0] == "That was the last question."


def test_causes_are_hedged_and_have_their_reason(tiny):
    """Each says "could", and "because"."""
    script = "says side: left\nsays sock: wool\nsays age: 60\n> me\n*> no\n> no\n(rest)"
    told = [s for s in talk(tiny, script).turn.sentences if "belt" in s or "boot" in s]
    assert len(told) == 2
    for sentence in told:
        assert "could" in sentence
        assert "because" in sentence


def test_each_cause_can_be_heard_about_in_turn(tiny):
    """ "More" tells about one cause after the other, then says that this was all."""
    script = "says side: left\nsays sock: wool\nsays age: 60\n> me\n*> no\n> no\n(rest)"
    held = talk(tiny, f"{script}\n> more")
    assert "The belt is tight." in held.turn.sentences
    held.take(heard("more"))
    assert "The boot is tight." in held.turn.sentences
    held.take(heard("more"))
    assert "I have told you about each of them." in held.turn.sentences


def test_before_the_result_no_cause_is_talked_about(tiny):
    """ "More" and "why not" wait for the result."""
    for name in ("more", "why_not"):
        turn = step(tiny, at_question(tiny, "side"), heard(command(tiny, name)))
        assert "belt" not in said(turn)
        assert turn.state.prompt.question == "side"


def test_for_a_child_no_cause_is_named(tiny):
    """The gate is asked whole, then there is advice without causes."""
    held = talk(tiny, "> kid\n*> no\n> no\n(rest)\n> more")
    assert "I named no causes." in held.turn.sentences
    assert not held.turn.state.named


def test_stopping_in_the_gate_leaves_no_tier_that_was_not_earned(tiny):
    """What was not asked is never a "no"."""
    assert talk(tiny, "> me\n> no\n> stop").assessment.urgency is None
    assert talk(tiny, "> me\n> no\n> yes\n> stop").assessment.urgency is Urgency.SAME_DAY
    assert talk(tiny, "> me\n> yes\n> stop").assessment.urgency >= Urgency.SAME_DAY
    assert talk(tiny, "> stop").assessment is None


def test_an_emergency_that_was_told_is_the_outcome_whatever_was_answered(tiny):
    """ "Fire", confirmed, makes the check an emergency though every answer was "no"."""
    held = talk(tiny, "> me\n*> no\n> no\n> fire now\n> yes\n> yes\n> no")
    assert held.assessment.urgency is Urgency.EMERGENCY
    assert held.assessment.rules[0] == "fire"


def test_a_crisis_ends_the_questions(tiny):
    """Its own words and number, then only "repeat" and "finish"."""
    held = talk(tiny, "> me\n> gloom now\n= state advising\n(silence)\n(silence)")
    assert held.turn.done
    assert "one, one, six" in said(held.turns[2])


def test_a_second_emergency_is_told_without_all_of_the_advice(real):
    """Who goes on after the advice hears only what is new about a further one."""
    script = "> i've wet myself\n> yes\n> yes\n> yes\n> for myself\n> no\n> no\n> yes\n> new\n> yes"
    turn = talk(real, script).turn
    assert "Please call nine, nine, nine now." in turn.sentences
    assert turn.state.phase is Phase.ASKING


def test_every_question_of_the_gate_comes_where_nothing_is_wrong(skill):
    """Each topic is asked once, in its order, before anything else."""
    first = skill.pathway.questions["who"].options[0].id
    held = talk(skill, f"> {'for myself' if first == 'self' else first}\n*> no")
    asked = [turn.state.prompt.question for turn in held.turns[1:-1]]
    topics = [q for q in gate_questions(skill) if skill.pathway.questions[q].topic == q]
    assert asked == topics


def test_ready_takes_only_a_start(tiny):
    """A state before its first turn is started, and then it asks."""
    ready = new_state(tiny.pathway, country="", hears=Hears.TYPED, keeps=True)
    assert ready.phase is Phase.READY
    assert step(tiny, ready, Start()).state.phase is Phase.ASKING


def test_an_end_that_is_agreed_to_is_not_told_all_over_again(tiny):
    """A doubtful "finish" after the result is asked about; the "yes" ends it in a few words."""
    held = talk(tiny, "> me\n*> no\n> no\n(rest)\n?> finish\n= purpose stop\n> yes")
    assert held.turn.done
    assert "If it gets tighter, get help." not in held.turn.sentences
    assert held.assessment is not None


# ---- emergency advice, for somebody who is afraid


def test_emergency_advice_ends_with_the_number_then_asks_if_it_is_clear(skill):
    """What is heard last is kept best: whom to call; then one question."""
    told = "fire now" if skill.pathway.id == "tiny" else "call an ambulance"
    turn = talk(skill, f"> {told}\n> yes").turn
    advice = next(say for say in turn.says if say.tone is Tone.EMERGENCY)
    assert "nine, nine, nine" in advice.sentences[-1]
    assert turn.state.waiting.purpose is Purpose.ADVISED
    assert turn.sentences[-1].endswith("?")


def test_who_did_not_understand_the_advice_hears_all_of_it_again(tiny):
    """ "No", "I don't know", "repeat" and "help" bring all the advice, not one sentence of it."""
    told = talk(tiny, "> fire now\n> yes").turn
    for reply in ("no", "i don't know", "repeat", "help"):
        turn = talk(tiny, f"> fire now\n> yes\n> {reply}").turn
        assert told.sentences[0] == turn.sentences[0] == "Call nine, nine, nine at once."
        assert turn.state.waiting.purpose is Purpose.ADVISED


def test_after_emergency_advice_nobody_is_let_go_lightly(tiny):
    """Each silence or noise brings whom to call, and it takes four of a kind to end."""
    for happens in ("(silence)", "(noise)"):
        held = talk(tiny, "> fire now\n> yes")
        for _ in range(3):
            held = talk_on(held, happens)
            assert "nine, nine, nine" in said(held.turn)
            assert not held.turn.done
        held = talk_on(held, happens)
        assert held.turn.done
        assert "nine, nine, nine" in held.turn.sentences[-1]


def test_no_word_answers_yes_to_two_questions(tiny):
    """After the advice "no" never goes on to other questions, and "yes" never repeats it."""
    assert talk(tiny, "> fire now\n> yes\n> yes").turn.state.waiting.purpose is Purpose.REST
    assert talk(tiny, "> fire now\n> yes\n> no").turn.state.waiting.purpose is Purpose.ADVISED


def talk_on(held, happens):
    """The talk with one more thing happening."""
    held.take(NoInput() if happens == "(silence)" else NoMatch())
    return held


def test_the_whole_gate_is_read_back_in_short_sentences(real):
    """With every topic denied, each sentence of the review has at most 25 words, for anybody."""
    for who in ("for myself", "another adult", "a child"):
        turn = talk(real, f"> {who}\n*> no").turn
        assert turn.state.waiting.purpose is Purpose.REVIEW
        assert max(len(sentence.split()) for sentence in turn.sentences) <= SENTENCE_WORDS
        assert len(turn.sentences) <= 5


# ---- causes by place and by name, and what to tell a doctor

STORY = """
says course: most days
says how_long: three weeks
says brought_on: bending or lifting
says eased_by: lying down
says side: one leg
says where: the back of the leg
says below_knee: yes
says pain_where: the leg
says feels: sharp
says cough: yes
says age: forty five
> for myself
*> no
> no
(rest)
"""
MENU = Prompt(kind=PromptKind.MENU)
NAMES = {
    "sciatica": "sciatica",
    "a trapped nerve": "sciatica",
    "a slipped disc": "herniated_disc",
    "a herniated disc": "herniated_disc",
    "stenosis": "spinal_stenosis",
    "spinal stenosis": "spinal_stenosis",
    "spondylolisthesis": "spondylolisthesis",
    "worn discs": "degenerative_disc_disease",
    "arthritis of the spine": "degenerative_disc_disease",
    "diabetes": "peripheral_neuropathy",
    "neuropathy": "peripheral_neuropathy",
    "a blood clot": "dvt",
    "poor circulation": "peripheral_artery_disease",
    "multiple sclerosis": "multiple_sclerosis",
    "MS": "multiple_sclerosis",
    "vitamin b twelve": "b12_deficiency",
    "cancer": "spinal_cancer_cord_compression",
    "a stroke": "stroke_tia",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_cause_is_known_by_the_name_that_people_use(name, real):
    """ "Why not", "could it be" and "tell me more about" take the common names too."""
    for asked in ("why not {}", "could it be {}", "is it {}", "do I have {}", "what about {}"):
        meaning = real.grammar.meaning(asked.format(name), MENU)
        assert meaning == Commanded(command="why_not", target=NAMES[name]), asked
    meaning = real.grammar.meaning(f"tell me more about {name}", MENU)
    assert meaning == Commanded(command="more", target=NAMES[name])


def test_every_other_name_of_a_cause_leads_to_that_cause(real):
    """No name in the data is taken for another cause, or for nothing."""
    templates = Expected(real.pathway).templates
    for cause in real.pathway.causes.values():
        assert cause.also_called, cause.id
        for called in cause.also_called:
            for name in templates.samples(called, 12):
                meaning = real.grammar.meaning(f"could it be {name}", MENU)
                assert meaning == Commanded(command="why_not", target=cause.id), name


def test_the_ears_listen_for_each_cause_each_place_and_the_doctor(real):
    """By voice, all that the menu offers can be said, within the 120 phrases of a list."""
    listed = {phrase.text: phrase.meaning for phrase in real.grammar.phrases(MENU)}
    meanings = set(listed.values())
    for cause in real.pathway.causes:
        assert f"command why_not {cause}" in meanings, cause
    for nth in ("1", "2", "3"):
        assert f"command nth {nth}" in meanings
    assert listed["the second one"] == "command nth 2"
    assert listed["what to tell the doctor"] == "command doctor"
    assert sum(meaning != REFUSE for meaning in listed.values()) <= 120


def test_a_place_is_no_command_at_a_question(real):
    """ "The second one" in answer to a question is never about a cause."""
    for question in real.pathway.questions:
        prompt = Prompt(kind=PromptKind.QUESTION, question=question)
        assert not isinstance(real.grammar.meaning("the second one", prompt), Commanded)


@pytest.mark.parametrize(
    "asked",
    ["the {}", "the {} one", "tell me more about the {}", "more about the {} one", "{}"],
)
def test_a_cause_is_told_about_by_its_place(asked, real):
    """First, second and third are the causes in the order in which they were named."""
    held = talk(real, STORY)
    named = held.turn.state.named
    for nth, word in enumerate(("first", "second", "third")):
        held.take(heard(asked.format(word)))
        assert held.turn.state.detailed[-1] == named[nth]
        assert real.pathway.causes[named[nth]].what.split(". ")[0] in said(held.turn)


def test_why_not_gives_the_finding_that_speaks_against_it_most(real):
    """The reason is the strongest finding against the cause, and it is never excluded."""
    held = talk(real, STORY)
    answers = counted(real.pathway, held.turn.state.answers)
    for cause in real.pathway.causes.values():
        if cause.id in held.turn.state.named:
            continue
        reasons = reasons_for(real.pathway, cause.id, answers)
        held.take(heard(f"could it be {cause.name}"))
        told = said(held.turn)
        against = sorted((one for one in reasons if one.weight < 0), key=lambda one: one.weight)
        if against:
            assert "because you said that" in told, cause.id
            assert against[0].text.format(you="you", your="your") in told, cause.id
        assert any(text in told for text in real.pathway.language.say["why_not_careful"])
        for wrong in ("excluded", "ruled out", "cannot be that", "do not have", "is not the cause"):
            assert wrong not in told
        assert max(len(sentence.split()) for sentence in held.turn.sentences) <= SENTENCE_WORDS


def test_where_nothing_asked_tells_it_says_so(real):
    """A cause of which no answer says anything is neither for nor against."""
    held = talk(real, STORY)
    w = Words(real.pathway, held.turn.state)
    told = telling.why_not(w, real.pathway.causes["dvt"], ())
    assert told[0] == "Nothing that I asked speaks for or against a blood clot in the leg."
    assert "cannot say that it is not" in told[-1]


def test_what_speaks_against_a_named_cause_is_said_when_it_weighs(real):
    """One finding with a weight of -0.5 or less is told beside a cause; a lesser one is not."""
    held = talk(real, STORY)
    w = Words(real.pathway, held.turn.state)
    for weight, told in ((-0.5, True), (-0.4, False)):
        reasons = (_reason("it is warm", 1.0), _reason("it is early", weight))
        cause = LikelyCause(cause="sciatica", posterior=0.5, reasons=reasons)
        result = Assessment(urgency=Urgency.CLINICIAN, rules=(), causes=(cause,))
        sentences = telling.result(w, result, None, no_causes=False).sentences
        assert ("Against it speaks that it is early." in sentences) is told


def _reason(text, weight):
    return Reason(finding=text, text=text, weight=weight, source="assumption")


def test_each_cause_has_its_reasons_in_short_sentences(real):
    """Two reasons of each cause are told, in sentences that the ear can hold."""
    turn = next(t for t in talk(real, STORY).turns if "It could be" in said(t))
    assert said(turn).count("because you said that") == len(turn.state.named)
    assert max(len(sentence.split()) for sentence in turn.sentences) <= SENTENCE_WORDS


@pytest.mark.parametrize("who", ["for myself", "for my mother", "for my son", "i am pregnant"])
@pytest.mark.parametrize("gate", ["no", "i don't know"])
def test_the_summary_for_a_doctor_is_short(who, gate, real):
    """At most eight sentences of at most 25 words, then the menu."""
    held = talk(real, STORY.replace("for myself", who).replace("*> no", f"*> {gate}"))
    held.take(heard("what should I tell the doctor"))
    told = next(say for say in held.turn.says if say.tone in (Tone.RESULT, Tone.EMERGENCY))
    assert len(told.sentences) <= 8
    assert max(len(sentence.split()) for sentence in told.sentences) <= SENTENCE_WORDS


def test_the_summary_says_what_was_answered_and_nothing_that_was_denied(real):
    """How long, where, what brings it on and what eases it; no "no" and no "not sure"."""
    held = talk(real, STORY)
    held.take(heard("what do I say to the doctor"))
    for piece in ("for three weeks", "back of the leg", "bend or lift", "when you lie down"):
        assert piece in said(held.turn)
    assert "not sure" not in said(held.turn)
    assert "has not changed" not in said(held.turn)
    for cause in held.turn.state.named:
        assert real.pathway.causes[cause].name.split(",")[0] in said(held.turn)


def test_in_an_emergency_the_summary_is_for_the_phone(real):
    """What to say, where you are, and the number; no cause is named beside it."""
    held = talk(real, "> i can't breathe\n> yes\n> what do i say on the phone")
    assert "Say first that breathing is very hard." in held.turn.sentences
    assert "Say where you are, and answer what they ask." in held.turn.sentences
    assert "nine, nine, nine" in said(held.turn)
    assert held.turn.state.waiting.purpose is Purpose.ADVISED


def test_after_emergency_advice_no_cause_is_weighed_against_calling(real):
    """ "Why not sciatica" brings whom to call, even once the other questions are through."""
    script = "> for myself\n> no\n> no\n> yes\n> new\n> yes\n> yes\n> yes\n*> no\n> no\n(rest)"
    held = talk(real, f"{script}\n> why not sciatica")
    assert "Please call nine, nine, nine now." in held.turn.sentences
    assert "sciatic" not in said(held.turn)


# ---- what cannot be, and what contradicts


@pytest.mark.parametrize("words", ["400", "four hundred", "-3", "minus five", "seven", "200 years"])
def test_an_age_that_cannot_be_is_asked_again_with_the_reason(words, real):
    """The question comes again after why the answer cannot be used; nothing is kept of it."""
    turn = step(real, at_question(real, "age"), heard(words))
    assert "from eighteen to one hundred and fifteen" in said(turn)
    assert turn.state.prompt.question == "age"
    assert "age" not in turn.state.answers


@pytest.mark.parametrize("words", ["minus two weeks", "-2 weeks", "-1 day", "two hundred years"])
def test_a_time_that_cannot_be_is_asked_again_with_the_reason(words, real):
    """A time to come, or longer than a life, never counts as one that has passed."""
    turn = step(real, at_question(real, "how_long"), heard(words))
    assert "I need a time that has passed" in said(turn)
    assert "how_long" not in turn.state.answers


def test_a_hyphen_between_numbers_is_no_minus(real):
    """ "2-3 weeks" is a time like "two or three weeks"; only a leading hyphen is a minus."""
    prompt = Prompt(kind=PromptKind.QUESTION, question="how_long")
    meaning = real.grammar.meaning("two-three weeks", prompt)
    assert not isinstance(meaning, OutOfRange)
    assert isinstance(real.grammar.meaning("-3 weeks", prompt), OutOfRange)


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("i have not passed water since yesterday", "bladder"),
        ("i haven't been since yesterday", "bladder"),
        ("no, but i have not peed for two days", "bladder"),
        ("i've soiled myself", "bowel"),
        ("i can't feel my bottom", "saddle"),
    ],
)
def test_a_contradiction_is_read_back_beside_what_was_said_before(words, question, real):
    """The earlier "no" and what is said now are both told; "yes" lets the later one count."""
    held = talk(real, "> for myself\n*> no")
    held.take(heard(words))
    assert held.turn.sentences[0].startswith("Earlier you said that")
    assert held.turn.state.answers[question] == "no"
    held.take(heard("yes"))
    assert held.turn.state.answers[question] == "yes"
    assert "nine, nine, nine" in said(held.turn)


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("pain in my chest", "chest_pain"),
        ("my chest feels tight", "chest_pain"),
        ("i have trouble breathing", "hard_to_breathe"),
        ("i am struggling to breathe", "hard_to_breathe"),
        ("it's hard to breathe", "hard_to_breathe"),
        ("i have thought about ending it", "self_harm"),
        ("i feel suicidal", "self_harm"),
        ("i wish i was dead", "self_harm"),
    ],
)
def test_what_may_not_be_missed_is_understood_at_any_prompt(words, statement, real):
    """At every question, at a read-back, at the review and at the menu it has its own path."""
    prompts = [Prompt(kind=PromptKind.QUESTION, question=q) for q in real.pathway.questions]
    prompts += [Prompt(kind=PromptKind.CONFIRM, items=("bladder",)), MENU]
    prompts += [Prompt(kind=PromptKind.OFFER), Prompt(kind=PromptKind.PAUSED)]
    prompts += [Prompt(kind=PromptKind.REVIEW, items=("bladder", "bowel"))]
    for prompt in prompts:
        assert real.grammar.meaning(words, prompt) == Told(statement=statement), prompt
