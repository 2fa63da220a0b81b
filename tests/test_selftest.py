"""The selftest tells each part of the machine apart, with a remedy for what is wrong."""

import array
import io
import math
import os
import shutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceskill.config import Settings, load_settings
from voiceskill.equipment import try_ears
from voiceskill.frontends.selftest import Found, level_problem, peak_dbfs, run_selftest

SAMPLES = st.lists(st.integers(-32768, 32767), min_size=1, max_size=200)


def pcm(*samples: int) -> bytes:
    return array.array("h", samples).tobytes()


@pytest.mark.parametrize(
    ("samples", "dbfs"),
    [((32767,), 0.0), ((-32768,), 0.0), ((0, 16384, 0), -6.02), ((0, -3277), -20.0), ((1,), -90.3)],
)
def test_a_level_is_told_in_decibels_below_full_scale(samples, dbfs):
    """Half of full scale is 6 dB down, a tenth is 20 dB down, whatever its sign."""
    assert peak_dbfs(pcm(*samples)) == pytest.approx(dbfs, abs=0.02)


@pytest.mark.parametrize("silence", [b"", pcm(0), pcm(*[0] * 1000)])
def test_silence_has_no_level(silence):
    """No sample above zero is infinitely far below full scale."""
    assert peak_dbfs(silence) == -math.inf


@given(samples=SAMPLES)
def test_turning_it_down_never_raises_the_level(samples):
    """Half as loud is never louder."""
    halved = [int(sample / 2) for sample in samples]

    assert peak_dbfs(pcm(*halved)) <= peak_dbfs(pcm(*samples)) <= 0.01


@pytest.mark.parametrize(
    ("dbfs", "said"),
    [
        (-math.inf, "muted"),
        (-90.3, "muted"),
        (-89.0, "very quiet"),
        (-45.0, "very quiet"),
        (-39.0, ""),
        (-12.0, ""),
        (-1.0, ""),
        (-0.1, "too loud"),
        (0.0, "too loud"),
    ],
)
def test_a_muted_microphone_is_told_apart_from_a_quiet_one(dbfs, said):
    """Each wrong level has its own words, and a good one has none."""
    problem = level_problem(dbfs)

    assert said in problem
    assert bool(problem) == bool(said)


def test_a_part_that_is_missing_is_told_apart_from_one_that_could_be_better():
    """Only what a spoken check needs "does not work"."""
    needed = Found(part="The voice", works=False, needed=True, text="Install one.")
    nice = Found(part="Vosk's model", works=False, needed=False, text="Fetch one.")

    assert needed.line == "The voice does not work. Install one."
    assert nice.line == "Vosk's model could be better. Fetch one."


def selftest(settings: Settings, out: io.StringIO) -> int:
    return run_selftest(settings, try_ears=lambda: try_ears(settings), out=out)


@pytest.fixture
def no_sound_card(tmp_path, monkeypatch) -> dict[str, str]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    # Where this machine has a sound card after all, it is not the one that is asked for.
    monkeypatch.setenv("VOICESKILL_LOUDSPEAKER", "no such loudspeaker")
    monkeypatch.setenv("VOICESKILL_MICROPHONE", "no such microphone")
    return dict(os.environ)


@pytest.mark.timeout(120)
def test_without_a_sound_card_each_missing_part_is_told_with_its_remedy(no_sound_card):
    """On a machine without sound the selftest says what is missing, and exits with 3."""
    done = subprocess.run(
        [sys.executable, "-m", "voiceskill", "selftest"],
        env=no_sound_card,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    lines = done.stdout.splitlines()

    assert done.returncode == 3, done.stderr
    assert lines[0].startswith("The loudspeaker does not work. ")
    assert any(line.startswith("The microphone does not work. ") for line in lines)
    assert any(line.startswith("Vosk's model could be better.") for line in lines)
    assert "voiceskill models get en" in done.stdout
    assert "`voiceskill text` and `voiceskill demo` work" in lines[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.timeout(120)
def test_the_voice_and_the_ears_are_tried_even_without_a_sound_card(no_sound_card):
    """What does not hang on a device is told too: one run shows all there is to mend."""
    if shutil.which("espeak-ng") is None:
        pytest.importorskip("espeakng_loader")
    out = io.StringIO()

    selftest(load_settings({}), out)

    told = out.getvalue()
    assert "The voice works. It is espeak-ng" in told
    assert "Hearing works." in told
    assert "pocketsphinx" in told


@pytest.mark.timeout(120)
def test_a_voice_that_is_not_there_is_told_with_where_to_look(no_sound_card):
    """A slip in the voice's name costs the voice, and the message says how to list them."""
    out = io.StringIO()

    code = selftest(load_settings({"voice": "atlantean"}), out)

    assert code == 3
    assert "The voice does not work." in out.getvalue()
    assert "atlantean" in out.getvalue()


@pytest.mark.timeout(120)
def test_a_damaged_model_is_told(no_sound_card, tmp_path):
    """A model that lost its files is named, with the command that brings it back."""
    (tmp_path / "models" / "vosk-model-small-en-us-0.15").mkdir(parents=True)
    out = io.StringIO()

    selftest(load_settings({"models": str(tmp_path / "models")}), out)

    assert "is damaged" in out.getvalue()
    assert "voiceskill models get vosk-model-small-en-us-0.15" in out.getvalue()
