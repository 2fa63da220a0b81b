"""A spoken check that is broken off: quiet, in order, and with what was answered kept."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import termios
import time

import pytest

from voiceskill.store import Store


class Spoken:
    """`voiceskill` on a virtual card and a terminal of its own."""

    def __init__(self, card, folder, *flags):
        self.ours, self.theirs = pty.openpty()
        self.usual = termios.tcgetattr(self.theirs)
        self.data = folder / "data"
        self.program = subprocess.Popen(
            [sys.executable, "-m", "voiceskill", "--data", str(self.data), *flags],
            env={**card.env, "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)},
            stdin=self.theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def shows_keys(self):
        return bool(termios.tcgetattr(self.theirs)[3] & termios.ECHO)

    def until_sounding(self, heard):
        end_s = time.monotonic() + 20
        while heard.sounding_s() is None:
            assert time.monotonic() < end_s, "nothing was spoken"
            time.sleep(0.01)

    def ended(self):
        """The exit code and what was told, once it has ended."""
        _, errors = self.program.communicate(timeout=30)
        return self.program.returncode, errors

    def close(self):
        if self.program.poll() is None:
            self.program.kill()
            self.program.communicate()
        os.close(self.ours)
        os.close(self.theirs)


@contextlib.contextmanager
def spoken(card, folder, *flags):
    held = Spoken(card, folder, *flags)
    try:
        yield held
    finally:
        held.close()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_check_that_is_ended_while_it_speaks_leaves_the_terminal_as_it_was(
    sound_card, tmp_path, number, code
):
    """Told to end in the middle of a sentence, it ends at once, and typed letters show again."""
    with sound_card.hearing(latency_ms=20) as heard, spoken(sound_card, tmp_path) as check:
        check.until_sounding(heard)
        assert not check.shows_keys

        check.program.send_signal(number)
        ended, errors = check.ended()

        assert (ended, "Traceback" in errors) == (code, False), errors
        assert check.shows_keys
        assert termios.tcgetattr(check.theirs) == check.usual
    assert Store(check.data).load() is not None


def test_ctrl_c_before_the_ears_are_open_does_not_wait_for_them(sound_card, tmp_path):
    """On the first start the careful ear is made ready for seconds; Ctrl-C ends that too."""
    with sound_card.hearing(latency_ms=20) as heard, spoken(sound_card, tmp_path) as check:
        check.until_sounding(heard)
        pressed_s = time.monotonic()

        check.program.send_signal(signal.SIGINT)
        code, errors = check.ended()

        assert time.monotonic() - pressed_s < 2.0
        assert code == 130
        assert "Your answers are kept" in errors


def test_a_card_that_vanishes_ends_a_check_without_a_terminal_with_all_kept(own_card, tmp_path):
    """Where nobody can type, one sentence names the device and says that the check is kept."""
    with own_card.hearing(latency_ms=20) as heard:
        program = subprocess.Popen(
            [sys.executable, "-m", "voiceskill", "--data", str(tmp_path)],
            env={**own_card.env, "XDG_CONFIG_HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        while heard.sounding_s() is None:
            time.sleep(0.01)
        own_card.vanish()
        _, errors = program.communicate(timeout=40)

    assert program.returncode == 3
    assert "has vanished in the middle of the talk" in errors
    assert "Your answers are kept" in errors
    assert "Traceback" not in errors
    assert Store(tmp_path).load() is not None


def test_a_card_that_vanishes_goes_on_typed_at_a_terminal(own_card, tmp_path):
    """At a terminal the same check is offered again, typed, and says why."""
    with own_card.hearing(latency_ms=20) as heard, spoken(own_card, tmp_path) as check:
        check.until_sounding(heard)
        own_card.vanish()
        first = check.program.stdout.readline()
        check.program.send_signal(signal.SIGINT)
        code, errors = check.ended()

        assert first
        assert check.shows_keys
    assert code == 130
    assert "Going on typed" in errors
    assert "Traceback" not in errors
