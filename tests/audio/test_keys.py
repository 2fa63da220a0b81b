"""A key on a real (pseudo) terminal, and what the terminal is like afterwards."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

import pytest

from voiceskill.audio.keys import on_any_key

PROGRAM = """
import sys, time
from voiceskill.audio.keys import on_any_key
{before}
with on_any_key(lambda: print("key", flush=True)):
    print("ready", flush=True)
    {during}
print("over", flush=True)
"""

pytestmark = pytest.mark.timeout(30)


class Terminal:
    """A program with a terminal of its own: what it is typed, and what it prints."""

    def __init__(self, *, during="time.sleep(20)", before="", command=()):
        self.ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.printed = ""
        self.process = subprocess.Popen(
            [*command, sys.executable, "-c", PROGRAM.format(before=before, during=during)],
            stdin=self.theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # `setsid --ctty` makes this terminal the one that controls the program.
            start_new_session=not command,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(timeout=10)
        self.process.stdout.close()
        os.close(self.ours)
        os.close(self.theirs)

    def until(self, text, *, times=1, limit_s=10):
        """Read what is printed until the text came so often; seconds that it took."""
        began_s = time.monotonic()
        while self.printed.count(text) < times:
            left_s = began_s + limit_s - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left_s, 0))
            assert ready, f"{text!r} was not printed {times} times: {self.printed!r}"
            data = os.read(self.process.stdout.fileno(), 4096)
            assert data, f"ended without {text!r}: {self.printed!r}"
            self.printed += data.decode()
        return time.monotonic() - began_s

    def type(self, keys):
        os.write(self.ours, keys)

    @property
    def settings(self):
        return termios.tcgetattr(self.theirs)


@pytest.mark.parametrize("key", [b"x", b" ", b"\n", b"\x1b", b"\x04", "ü".encode(), b"\x1b[A"])
def test_any_key_is_told_once_and_at_once(key):
    """One key, also one of several bytes, is one call within 100 ms, without Enter."""
    with Terminal() as terminal:
        terminal.until("ready")

        terminal.type(key)

        assert terminal.until("key") < 0.1
        terminal.type(key)
        terminal.until("key", times=2)
        assert terminal.printed.count("key") == 2


def test_many_keys_are_told_each():
    """Ten keys, each after the last was told, are ten calls."""
    with Terminal() as terminal:
        terminal.until("ready")
        for count in range(1, 11):
            terminal.type(b"k")
            terminal.until("key", times=count)


def test_keys_are_not_shown_while_speech_may_be_stopped():
    """The terminal neither echoes keys nor waits for Enter, and still sends Ctrl-C."""
    with Terminal() as terminal:
        terminal.until("ready")

        flags = terminal.settings[3]

        assert not flags & termios.ECHO
        assert not flags & termios.ICANON
        assert flags & termios.ISIG


@pytest.mark.parametrize(
    "during", ["pass", "raise ValueError", "raise KeyboardInterrupt", "sys.exit(3)"]
)
def test_the_terminal_is_as_before_however_it_ends(during):
    """Whether the speech ends, fails or is interrupted, the terminal's settings come back."""
    with Terminal(during=during) as terminal:
        terminal.process.wait(timeout=10)

        assert terminal.settings == terminal.before


def test_ctrl_c_still_ends_the_program_and_restores_the_terminal():
    """Ctrl-C is an interrupt, not a key."""
    with Terminal() as terminal:
        terminal.until("ready")

        terminal.process.send_signal(signal.SIGINT)
        terminal.process.wait(timeout=10)

        terminal.until("KeyboardInterrupt")
        assert "key" not in terminal.printed.split("Traceback")[0]
        assert terminal.settings == terminal.before


def test_keys_typed_outside_are_not_told():
    """A key pressed before the speech began does not stop it."""
    with Terminal(
        before="print('typed', flush=True); time.sleep(0.3)", during="time.sleep(0.3)"
    ) as terminal:
        terminal.until("typed")

        terminal.type(b"early")

        terminal.until("over")
        assert "key" not in terminal.printed


def test_a_hundred_sentences_leave_no_thread_and_no_file_open():
    """Entering and leaving over and over costs nothing that stays."""
    many = "\n    ".join(
        [
            "import os, threading",
            "for _ in range(100):",
            "    with on_any_key(print): pass",
            "print('threads', threading.active_count(), 'files', len(os.listdir('/proc/self/fd')))",
        ]
    )
    with Terminal(during=many) as terminal:
        terminal.until("over")

        words = terminal.printed.split()
        assert words[words.index("threads") + 1] == "2"
        assert int(words[words.index("files") + 1]) < 10


def test_the_program_in_the_foreground_of_its_terminal_gets_the_keys():
    """Started from a shell, as people do, keys are told as well."""
    with Terminal(command=("setsid", "--ctty", "--wait")) as terminal:
        terminal.until("ready")

        terminal.type(b"x")

        terminal.until("key")


def test_a_program_in_the_background_leaves_the_terminal_alone():
    """With `&` behind it the program is not halted for touching the terminal, and gets no key."""
    in_background = ("setsid", "--ctty", "--wait", "bash", "-c", 'set -m; "$@" & wait', "bash")
    with Terminal(during="time.sleep(0.5)", command=in_background) as terminal:
        terminal.until("ready")

        terminal.type(b"x")

        terminal.until("over")
        assert "key" not in terminal.printed


def test_a_closed_terminal_is_no_error():
    """Somebody closes the window: keys end, the program goes on."""
    with Terminal(during="time.sleep(1)") as terminal:
        terminal.until("ready")
        os.close(terminal.ours)
        terminal.ours = os.dup(terminal.theirs)

        terminal.until("over")


@pytest.mark.parametrize("stdin", [subprocess.DEVNULL, subprocess.PIPE])
def test_without_a_terminal_nothing_is_watched(stdin):
    """With input from a pipe or nowhere there are no keys, and its content is left alone."""
    code = PROGRAM.format(before="", during="print(repr(sys.stdin.read()))")

    done = subprocess.run(
        [sys.executable, "-c", code],
        **({"input": "yes\n"} if stdin is subprocess.PIPE else {"stdin": stdin}),
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )

    assert "key" not in done.stdout
    assert done.stdout.endswith("over\n")
    assert (r"'yes\n'" in done.stdout) == (stdin is subprocess.PIPE)


def test_a_missing_standard_input_is_no_error(monkeypatch):
    """Started by a desktop there may be no standard input at all."""
    monkeypatch.setattr(sys, "stdin", None)

    with on_any_key(lambda: pytest.fail("no key can come")):
        pass
