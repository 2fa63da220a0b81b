"""The way in: `voiceskill` and `python -m voiceskill`.

It loads the commands with Ctrl-C already in good hands; what they do is in `cli.py`.
"""

import signal
import sys

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it: 128 and the number of the signal."""


def main() -> int:
    """Run the command line; Ctrl-C ends it quietly at any moment.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrong usage, 3 something is missing, 130 interrupted.
    """
    try:
        from voiceskill.cli import run  # noqa: PLC0415 Ctrl-C must find this handler in place

        code = run(sys.argv[1:])
    except KeyboardInterrupt as stop:
        _let_ctrl_c_end_it()
        goodbye = stop.args[0] if stop.args else "Stopped. Take care."
        print(f"\n{goodbye}", file=sys.stderr)  # noqa: T201 the command line speaks here
        return INTERRUPTED
    _let_ctrl_c_end_it()
    return code


def _let_ctrl_c_end_it() -> None:
    """From here on there is nothing to lose: the system ends us at once, without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
