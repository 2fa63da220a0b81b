"""The loop between the core and the edges: it carries everything, and decides nothing."""

import pytest

from voiceskill.core.assessment import Urgency
from voiceskill.core.dialog import start
from voiceskill.core.events import BargeIn, Listen, NoInput, NoMatch, Tone
from voiceskill.core.state import Hears, Phase, Purpose, to_json
from voiceskill.errors import StateError
from voiceskill.library import load_skill
from voiceskill.session import Check, converse
from voiceskill.testing import RecordingSpeaker, ScriptedListener, heard, talk


@pytest.fixture(scope="module")
def skill():
    return load_skill()


class Kept:
    """A keeper in memory."""

    def __init__(self, text=None):
        self.text = text
        self.saved = []

    def load(self):
        return self.text

    def save(self, state_json):
        self.text = state_json
        self.saved.append(state_json)

    def forget(self):
        self.text = None


def held(skill, *events, speaker=None, turn=None, on_turn=lambda _: None):
    speaker = speaker or RecordingSpeaker()
    listener = ScriptedListener(events)
    first = turn or start(skill, country="gb")
    last = converse(skill, first, speaker=speaker, listener=listener, on_turn=on_turn)
    return last, speaker, listener


def test_a_check_is_held_from_the_greeting_to_the_result(skill):
    """Everything said reaches the speaker in order, and the last turn holds the assessment."""
    last, speaker, _ = held(skill, "for myself", "no", "no", "yes", "new", "yes", "yes", "no")
    assert last.finish.assessment.urgency is Urgency.EMERGENCY
    assert speaker.sentences[0] == "Hello."
    urgent = [say for say in speaker.said if say.tone is Tone.EMERGENCY]
    assert "nine, nine, nine" in " ".join(urgent[0].sentences)


def test_a_person_who_says_nothing_is_waited_for_and_then_let_go(skill):
    """When the script is over there is silence, and the check ends."""
    last, _, listener = held(skill)
    assert last.done
    assert last.finish.assessment.urgency is None
    assert 0 < len(listener.listens) < 20


def test_every_turn_listens_for_what_may_be_said_there(skill):
    """Each turn's list holds its answers and the commands, and is never too long."""
    _, _, listener = held(skill, "for myself", "no", NoMatch(), "no", NoInput(), "stop")
    for listen in listener.listens:
        assert isinstance(listen, Listen)
        meant = [phrase for phrase in listen.phrases if phrase.meaning != "refuse"]
        assert 1 <= len(meant) <= 120
        assert listen.no_input_s > 0
        assert any(phrase.text == "stop" for phrase in listen.phrases)


def test_who_interrupts_is_heard_at_once(skill):
    """What the person does while the program speaks ends that speech, and comes next."""
    stops = {"While you wait, shall I ask the other questions?": heard("no")}
    speaker = RecordingSpeaker(interrupts=lambda say: stops.get(say.sentences[0]))
    last, speaker, listener = held(
        skill, "for myself", "i've wet myself", "yes", "yes", speaker=speaker
    )
    assert last.done
    assert len(listener.listens) == 4


def test_a_key_silences_and_leaves_the_question_open(skill):
    """After a key the program waits for the same answer, without saying anything more."""
    last, speaker, listener = held(skill, BargeIn(), "for myself", "stop")
    assert last.done
    assert listener.listens[0] == listener.listens[1]
    greetings = [say for say in speaker.said if say.sentences[0] == "Hello."]
    assert len(greetings) == 1


def test_each_turn_is_shown_before_it_is_spoken(skill):
    """What keeps or shows the turns sees each of them once, the last included."""
    seen = []
    last, _, _ = held(skill, "for myself", "stop", on_turn=seen.append)
    assert len(seen) == 3
    assert seen[-1] is last


def test_an_unfinished_check_is_kept_in_every_turn_and_deleted_at_the_end(skill):
    """The keeper has the state while the check runs, and nothing afterwards."""
    keeper = Kept()
    check = Check(skill=skill, country="gb", keeper=keeper)
    first = check.first_turn()
    held(skill, "for myself", "no", "stop", turn=first, on_turn=check.watching())
    assert len(keeper.saved) == 3
    assert keeper.text is None


def test_do_not_keep_anything_deletes_at_once(skill):
    """From "don't keep anything" on, nothing is saved, and what was saved is gone."""
    keeper = Kept()
    check = Check(skill=skill, keeper=keeper)
    held(
        skill,
        "for myself",
        "don't keep anything",
        "no",
        turn=check.first_turn(),
        on_turn=check.watching(),
    )
    assert len(keeper.saved) == 2
    assert keeper.text is None


def test_a_kept_check_is_offered_again(skill):
    """The first turn offers to go on; "yes" leads back to the question that was open."""
    kept = talk(skill, "> for myself\n> no\n> no").turn
    check = Check(skill=skill, keeper=Kept(to_json(kept.state)))
    first = check.first_turn()
    assert first.state.waiting.purpose is Purpose.RESUME
    seen = []
    held(skill, "yes", "stop", turn=first, on_turn=seen.append)
    assert seen[1].state.prompt.question == kept.state.prompt.question


def test_a_damaged_check_is_forgotten_and_said_to_be(skill):
    """It is told in one sentence, and the next check begins anew."""
    keeper = Kept('{"version": 1, "state": {}}')
    check = Check(skill=skill, keeper=keeper)
    with pytest.raises(StateError, match="damaged"):
        check.first_turn()
    assert keeper.text is None
    assert check.first_turn().state.phase is Phase.ASKING


def test_without_a_keeper_nothing_is_kept_and_that_is_said(skill):
    """The greeting says that none of the answers are kept."""
    first = Check(skill=skill).first_turn()
    assert "None of your answers are kept." in first.sentences
    assert first.state.keeps is False


def test_how_well_the_person_is_heard_is_told_to_the_core(skill):
    """Poor ears are owned up to in the first turn."""
    first = Check(skill=skill, hears=Hears.POORLY).first_turn()
    assert "I hear poorly on this machine." in first.sentences
