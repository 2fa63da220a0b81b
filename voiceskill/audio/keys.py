"""Any key stops the speech: a key pressed on the terminal, told at once.

Which key it was is never kept. What happens then is the caller's affair. Where the standard input
is no terminal, or belongs to another program in the foreground, no key is ever told.
"""

import contextlib
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator

# How late a key on Windows is noticed: its console cannot be waited for together with an end.
_WINDOWS_POLL_S = 0.02


@contextlib.contextmanager
def on_any_key(pressed: Callable[[], None]) -> Iterator[None]:
    """While the context lasts, call `pressed` for each key, from a thread of its own.

    The terminal passes single keys on and shows none of them; afterwards it is as it was, also
    when the context ends by an error or by Ctrl-C, which stays what it is and is no key here.
    Several bytes that one key sends, such as an arrow's, are one call.

    Args:
        pressed: Must be quick and safe from any thread, such as `Loudspeaker.flush`.
    """
    terminal = None if sys.platform == "win32" else _terminal_of_ours()
    watching: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if sys.platform == "win32":
        watching = _windows_console(pressed)
    elif terminal is not None:
        watching = _terminal(terminal, pressed)
    with watching:
        yield


def _terminal_of_ours() -> int | None:
    """The descriptor that keys come from: a terminal in whose foreground this program stands.

    A program in the background that touched the terminal would be halted by the system.
    """
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # none, replaced, closed
        return None
    if not os.isatty(descriptor):
        return None
    try:
        in_foreground = os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:  # a terminal that does not control this program has no foreground
        in_foreground = True
    return descriptor if in_foreground else None


@contextlib.contextmanager
def _terminal(descriptor: int, pressed: Callable[[], None]) -> Iterator[None]:
    import termios  # noqa: PLC0415 not on Windows
    import tty  # noqa: PLC0415 not on Windows

    before = termios.tcgetattr(descriptor)
    end_seen, end = os.pipe()
    watcher = threading.Thread(
        target=_watch, args=(descriptor, end_seen, pressed), name="keys", daemon=True
    )
    try:
        tty.setcbreak(descriptor)
        watcher.start()
        yield
    finally:
        os.close(end)
        if watcher.ident is not None:
            watcher.join()
        os.close(end_seen)
        # What was typed and not read goes to nobody: it was meant to stop the speech.
        with contextlib.suppress(termios.error):  # the terminal was closed
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


def _watch(descriptor: int, end: int, pressed: Callable[[], None]) -> None:
    while True:
        ready, _, _ = select.select([descriptor, end], [], [])
        if end in ready:
            return
        try:
            keys = os.read(descriptor, 1024)
        except OSError:  # the terminal was closed
            return
        if not keys:
            return
        pressed()


@contextlib.contextmanager
def _windows_console(pressed: Callable[[], None]) -> Iterator[None]:
    """The same on Windows, never run there; a console has no mode to put back."""
    import msvcrt  # noqa: PLC0415 only on Windows

    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_WINDOWS_POLL_S):
            if msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]
                msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
                pressed()

    watcher = threading.Thread(target=watch, name="keys", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
