"""The way in: `voiceskill` and `python -m voiceskill`.

It loads the commands with Ctrl-C already in good hands; what they do is in `cli.py`.
"""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it: 128 and the number of the signal."""


def main() -> int:
    """Run the command line; Ctrl-C ends it quietly at any moment, and so does being told to end.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrong usage, 3 something is missing, 130 interrupted.

    Raises:
        SystemExit: the system asked it to end; the code is 128 and the signal's number.
    """
    _leave_in_order()
    try:
        from voiceskill.cli import run  # noqa: PLC0415 Ctrl-C must find this handler in place

        code = run(sys.argv[1:])
    except KeyboardInterrupt as stop:
        _let_ctrl_c_end_it()
        goodbye = stop.args[0] if stop.args else "Stopped. Take care."
        print(f"\n{goodbye}", file=sys.stderr)  # noqa: T201 the command line speaks here
        _end_now(INTERRUPTED)
    _let_ctrl_c_end_it()
    return code


def _leave_in_order() -> None:
    """Let a terminal that is closed, or `kill`, end us as an error would: all is put back.

    Without it a terminal would stay as the spoken check needs it: showing nothing that is typed.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        # Whoever started us may have chosen that we outlive the terminal, as `nohup` does.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _leave)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _end_now(code: int) -> NoReturn:
    """End without waiting for ears that are still being opened, which can take seconds.

    All that must be put back or closed has been, on the way here.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # whoever read it has gone
            continue
    os._exit(code)


def _let_ctrl_c_end_it() -> None:
    """From here on there is nothing to lose: the system ends us at once, without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
