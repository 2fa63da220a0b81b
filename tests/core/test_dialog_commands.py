"""Read-backs and commands, by example."""

import pytest
from talks import at_question, said

from voiceskill.core.dialog import start, step
from voiceskill.core.events import Band, NoInput, NoMatch, Tone
from voiceskill.core.meaning import Commanded, Prompt, PromptKind
from voiceskill.core.pathway import Kind, Part
from voiceskill.core.state import Hears, Phase, Purpose
from voiceskill.testing import heard, talk


def command(skill, name):
    return skill.pathway.language.commands[name].core[0]


# ---- read-backs


def test_a_doubtful_answer_of_the_differential_is_read_back_in_two_words(tiny):
    """ "Did you say: left?": short, since it is no matter of life and death."""
    event = heard("left", Band.CONFIRM)
    turn = step(tiny, at_question(tiny, "side"), event)
    assert turn.sentences == ("Did you say: left?",)
    assert step(tiny, turn.state, heard("yes")).state.answers["side"] == "left"
    assert step(tiny, turn.state, heard("right")).state.answers["side"] == "right"


def test_what_was_denied_is_asked_again_and_denied_twice_is_not_sure(tiny):
    """A read-back that is wrong leads back to its question; twice, to "not sure"."""
    script = "> me\n?> no\n> no"
    held = talk(tiny, script)
    assert held.turn.state.prompt.question == "hat"
    assert "hat" not in held.turn.state.answers
    held = talk(tiny, f"{script}\n?> no\n> no")
    assert held.turn.state.answers["hat"] == "unsure"


def test_an_unanswered_read_back_of_an_emergency_is_taken_for_true(tiny):
    """Silence where a "yes" was expected counts for the person, never against."""
    turn = talk(tiny, "> me\n> yes\n> red\n(silence)\n(silence)").turn
    assert turn.state.phase is Phase.ADVISING
    assert turn.says[0].tone is Tone.EMERGENCY


def test_a_same_day_yes_is_read_back_when_its_topic_is_through(tiny):
    """Before the next topic begins, what makes it urgent is read back."""
    turn = talk(tiny, "> me\n> no\n> yes").turn
    assert turn.state.waiting.purpose is Purpose.READ_BACK
    assert turn.state.prompt.items == ("coat",)
    assert talk(tiny, "> me\n> no\n> yes\n> yes").turn.state.prompt.question == "shoe"


def test_of_several_answers_the_wrong_one_is_asked_for(tiny):
    """ "No" to two answers at once brings "which of these", and a name leads to its question."""
    held = talk(tiny, "> me\n> yes\n> red\n> no")
    assert held.turn.state.waiting.purpose is Purpose.WHICH_WRONG
    held.take(heard("the colour"))
    assert held.turn.state.prompt.question == "colour"
    assert held.turn.state.answers == {"who": "me", "hat": "yes"}


def test_a_review_that_nobody_answers_is_left(tiny):
    """It says that it goes on with what it heard, and how to change an answer later."""
    turn = talk(tiny, "> me\n*> no\n(noise)\n(noise)").turn
    assert "You can say: change an answer." in turn.sentences
    assert turn.state.phase is Phase.ASKING


# ---- commands


def test_every_command_is_understood_at_every_prompt(skill):
    """At each question each command does something, and none of them gives an answer."""
    for name in skill.pathway.questions:
        before = at_question(skill, name)
        for one in skill.pathway.language.commands.values():
            if not one.core:  # understood only with what it is about
                continue
            turn = step(skill, before, heard(one.core[0]))
            catching = "I did not catch that." in turn.sentences
            assert not catching, (name, one.id)
            if one.id not in ("skip", "back", "change"):
                assert turn.state.answers == before.answers, (name, one.id)


@pytest.mark.parametrize(
    ("name", "field", "steps", "end"),
    [
        ("slower", "pace", 3, 0.6),
        ("faster", "pace", 4, 1.5),
        ("louder", "volume", 2, 1.0),
        ("quieter", "volume", 6, 0.2),
    ],
)
def test_voice_commands_move_and_stop_at_their_end(name, field, steps, end, tiny):
    """Each command is a step; at the end it says that it goes no further."""
    turn = start(tiny)
    for _ in range(steps):
        turn = step(tiny, turn.state, heard(command(tiny, name)))
        assert all(getattr(say, field) == getattr(turn.state, field) for say in turn.says)
    assert getattr(turn.state, field) == end
    turn = step(tiny, turn.state, heard(command(tiny, name)))
    assert getattr(turn.state, field) == end
    assert "as I can speak" in said(turn)


def test_waiting_gives_more_time_once(tiny):
    """After "wait" the next silence comes later; then it is as patient as before."""
    first = start(tiny)
    waits = step(tiny, first.state, heard("wait"))
    policy = tiny.pathway.policy
    assert waits.listen.no_input_s == policy.wait_s > first.listen.no_input_s
    assert waits.listen.hangover_scale > 1.0
    after = step(tiny, waits.state, NoInput())
    assert after.listen.no_input_s == policy.no_input_s


def test_repeat_says_the_last_question_again(skill):
    """Word for word, as often as it is wanted, without the greeting before it."""
    turn = first = start(skill)
    for _ in range(3):
        turn = step(skill, turn.state, heard(command(skill, "repeat")))
        assert turn.sentences == first.says[-1].sentences


def test_repeat_leaves_out_that_something_was_not_caught(skill):
    """What is repeated is the question, not "I did not catch that" or "louder"."""
    for before in (NoMatch(), NoInput(), heard(command(skill, "louder"))):
        turn = step(skill, start(skill).state, before)
        again = step(skill, turn.state, heard(command(skill, "repeat")))
        assert again.sentences == turn.says[-1].sentences


def test_a_change_of_the_voice_brings_the_same_words(skill):
    """Who could not hear the question wants that question, not another wording of it."""
    first = start(skill)
    for wanted in ("louder", "slower", "quieter", "faster"):
        turn = step(skill, first.state, heard(command(skill, wanted)))
        assert turn.says[-1].sentences == first.says[-1].sentences


def test_kind_words_cost_no_try(tiny):
    """Who is afraid, alone, angry or asks who speaks is answered, and has every try left."""
    for wanted in ("comfort", "alone", "upset", "who_speaks"):
        turn = step(tiny, start(tiny).state, heard(command(tiny, wanted)))
        assert turn.state.no_match == 0
        assert turn.state.phase is Phase.ASKING
        assert turn.says[-1].tone is Tone.QUESTION


def test_talk_in_the_room_does_not_end_a_pause(tiny):
    """In a pause nothing is answered but "go on", "start over", "stop" and an emergency."""
    held = talk(tiny, "> me\n> pause\n" + "(noise)\n" * 20)
    assert held.turn.state.phase is Phase.PAUSED
    assert held.turn.sentences == ()
    held.take(heard("fire now"))
    assert held.turn.state.waiting.purpose is Purpose.TOLD


def test_a_pause_that_nobody_ends_is_over_some_time(tiny):
    """After three long silences it closes."""
    held = talk(tiny, "> me\n> pause\n(silence)\n(silence)\n(silence)")
    assert held.turn.done


def test_going_back_leads_through_the_answers_one_by_one(tiny):
    """Twice back is two answers back, and the way forward skips what is known."""
    held = talk(tiny, "> me\n> no\n> no\n> back\n= question coat\n> back\n= question hat")
    held.take(heard("no"))
    assert held.turn.state.prompt.question == "shoe"
    held = talk(tiny, "> back")
    assert "This is the first question." in held.turn.sentences


def test_changing_without_a_name_asks_which_answer(tiny):
    """The last three are offered, the latest first."""
    held = talk(tiny, "> me\n> no\n> no\n> change")
    assert held.turn.sentences == ("Which answer: your coat; your hat; or your who?",)
    held.take(heard("the hat"))
    assert held.turn.state.prompt.question == "hat"
    held.take(heard("no"))
    assert held.turn.state.prompt.question == "shoe"


def test_a_changed_answer_takes_what_hung_on_it_along(tiny):
    """Without a hat there is no colour of the hat."""
    held = talk(tiny, "> me\n> yes\n> green\n> change my answer about the hat\n> no\n> yes")
    assert held.turn.state.answers == {"who": "me", "hat": "no"}
    assert held.turn.state.prompt.question == "coat"


@pytest.mark.parametrize("name", ["stop", "finish"])
def test_a_doubtful_stop_is_asked_back(name, tiny):
    """Who was misheard loses nothing: stopping is offered, and "no" leads back."""
    turn = step(tiny, at_question(tiny, "hat"), heard(name, Band.CONFIRM))
    assert turn.state.waiting.purpose is Purpose.STOP
    assert step(tiny, turn.state, heard("no")).state.prompt.question == "hat"
    assert step(tiny, turn.state, heard("yes")).done


def test_the_number_of_questions_left_goes_down(tiny):
    """It is an honest estimate: never more after an answer than before."""
    counts = []
    for answers in ("", "> no", "> no\n> no"):
        held = talk(tiny, f"> me\n{answers}\n> how many")
        counts.append(said(held.turn).split(" more")[0])
    assert len(set(counts)) == 3


def test_how_to_get_the_better_model_is_told(real):
    """The command that the greeting names says what to do."""
    turn = step(real, start(real, hears=Hears.POORLY).state, heard("get the better model"))
    assert "internet once" in said(turn)


def test_start_over_forgets_the_answers_and_keeps_the_voice(tiny):
    """A new check begins at the first question, as slowly as the person wanted it."""
    turn = talk(tiny, "> me\n> slower\n> start over\n> yes").turn
    assert turn.state.answers == {}
    assert turn.state.pace == 0.85
    assert turn.state.prompt.question == "who"


def test_telling_again_what_is_known_brings_the_sentence_that_matters(tiny):
    """Who repeats an emergency after its advice hears whom to call, at any prompt, even paused."""
    script = "> hood now\n> yes\n> yes\n> yes"
    held = talk(tiny, f"{script}\n> hood now")
    assert held.turn.sentences[0] == "Please call nine, nine, nine now."
    assert held.turn.state.phase is Phase.ASKING
    held = talk(tiny, f"{script}\n> pause\n> hood now")
    assert held.turn.sentences[0] == "Please call nine, nine, nine now."
    assert held.turn.state.phase is Phase.PAUSED


# ---- in words of the person's own


@pytest.mark.parametrize(
    "asked", ["why not {}", "is it {}", "could it be {}", "tell me more about {}"]
)
def test_every_cause_is_known_by_the_name_it_is_told_by(asked, real):
    """ "Why not ..." is understood with the present name of each cause, whole and in short."""
    menu = Prompt(kind=PromptKind.MENU)
    for cause in real.pathway.causes.values():
        for name in (cause.name, cause.name.split(",")[0]):
            meaning = real.grammar.meaning(asked.format(name), menu)
            assert isinstance(meaning, Commanded), (cause.id, name)
            assert meaning.target == cause.id, (name, meaning)


def test_since_when_beside_a_yes_is_a_yes(real):
    """ "Yes, since yesterday" answers yes; with a no, or alone, it is not guessed at."""
    for question in real.pathway.of_part(Part.GATE):
        if question.kind is not Kind.YES_NO or question.id == "sudden_reason":
            continue
        prompt = Prompt(kind=PromptKind.QUESTION, question=question.id)
        for text in ("yes, since yesterday", "yes for two days", "yes since monday"):
            (answer,) = real.grammar.meaning(text, prompt).answers
            assert (answer.question, answer.value) == (question.id, "yes"), text
        assert real.grammar.meaning("no not since monday", prompt) is None, question.id


def test_both_before_two_things_is_both(real):
    """ "Both walking and standing" names two things; "both" alone names none of five."""
    prompt = Prompt(kind=PromptKind.QUESTION, question="brought_on")
    (answer,) = real.grammar.meaning("both walking and standing", prompt).answers
    assert answer.value == ("walking", "standing")
    assert real.grammar.meaning("both", prompt) is None


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("what?", "repeat"),
        ("pardon", "repeat"),
        ("eh?", "repeat"),
        ("can you repeat that please", "repeat"),
        ("I'm confused", "help"),
        ("what do I do now", "help"),
        ("I'm hard of hearing", "louder"),
        ("speak up please", "louder"),
        ("I am so scared", "comfort"),
        ("am I dying", "comfort"),
        ("will she be all right", "comfort"),
        ("I live alone", "alone"),
        ("there's nobody here", "alone"),
        ("bloody hell", "upset"),
        ("you stupid machine", "upset"),
        ("are you a real person", "who_speaks"),
        ("thank you very much", "thanks"),
        ("are you still there", "present"),
        ("a bit louder please", "louder"),
        ("can I talk to a doctor", "who_speaks"),
        ("shut up", "stop"),
    ],
)
def test_what_an_anxious_person_says_is_known_at_every_prompt(said, wanted, real):
    """At each question and offer; none of it is an answer to anything."""
    prompts = [Prompt(kind=PromptKind.QUESTION, question=name) for name in real.pathway.questions]
    for prompt in (*prompts, Prompt(kind=PromptKind.OFFER), Prompt(kind=PromptKind.MENU)):
        assert real.grammar.meaning(said, prompt) == Commanded(command=wanted), prompt.question
