"""Arguments to one function per command to an exit code.

What a command needs is opened in `equipment.py`; what it does is its front end's.
"""
# ruff: noqa: T201 the command line speaks by printing
# ruff: noqa: PLC0415 each command loads what it needs and no more: `text` begins in half a second

import argparse
import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from voiceskill.arguments import flags_of, parse
from voiceskill.config import Settings, load_settings
from voiceskill.errors import EngineError, MissingError, StateError, VoiceskillError

if TYPE_CHECKING:
    from voiceskill.library import Problem

Options = argparse.Namespace

_OUTPUT_GONE = (errno.ENOSPC, errno.EIO)
"""The disk that the output goes to is full; the terminal has gone."""
_KEPT = "Your answers are kept for 12 hours; the next check offers to go on."


def run(arguments: Sequence[str]) -> int:
    """Do what the arguments say.

    Args:
        arguments: Without the program's name.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrong usage, 3 a device or a model is missing.
    """
    _never_fail_on_letters()
    try:
        options = parse(arguments)
        file = Path(options.settings) if options.settings else None
        return COMMANDS[options.command](options, load_settings(flags_of(options), file=file))
    except VoiceskillError as error:
        _tell(str(error))
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone, as in `voiceskill text | head`.
        _write_no_more()
        return VoiceskillError.exit_code
    except OSError as error:
        if error.errno not in _OUTPUT_GONE:
            raise
        _write_no_more()
        _tell(f"What it gives cannot be written ({error.strerror}); send it to another place.")
        return VoiceskillError.exit_code


def _voice(options: Options, settings: Settings) -> int:
    from voiceskill.equipment import hold_spoken_check

    try:
        with _kept_on_interrupt(settings):
            hold_spoken_check(settings, _tell)
    except (MissingError, EngineError) as error:
        if not sys.stdin.isatty():
            kept = f" {_KEPT}" if _is_kept(settings) else ""
            raise type(error)(
                f"{error} Without sound there are `voiceskill demo` and `voiceskill text`.{kept}"
            ) from error
        _tell(str(error))
        _tell("Going on typed: answer with a line, or just press Enter for silence.")
        return _text(options, settings)
    return 0


def _text(options: Options, settings: Settings) -> int:
    from voiceskill.core.dialog import Hears
    from voiceskill.equipment import open_check
    from voiceskill.frontends.text import run_text

    check = open_check(settings, Hears.TYPED, _tell)
    as_json = getattr(options, "json", False)

    with _kept_on_interrupt(settings):
        try:
            run_text(check, lines=sys.stdin, out=sys.stdout, as_json=as_json)
        except StateError as error:
            # What was kept cannot be gone on with, and has been forgotten.
            _tell(str(error))
            run_text(check, lines=sys.stdin, out=sys.stdout, as_json=as_json)
    return 0


def _demo(options: Options, settings: Settings) -> int:
    from voiceskill.equipment import play_demo

    play_demo(settings, case=options.case, folder=Path(options.out), tell=_tell)
    return 0


def _hear(options: Options, settings: Settings) -> int:
    from voiceskill.equipment import hear_recordings

    paths = [Path(path) for path in options.paths]
    all_heard = hear_recordings(settings, paths, question=options.question, tell=_tell)
    return 0 if all_heard else VoiceskillError.exit_code


def _validate(options: Options, settings: Settings) -> int:
    from voiceskill.library import dialogs_folder, validate

    named = Path(options.folder) if options.folder else settings.dialogs
    folder = named or dialogs_folder()
    problems = validate(folder) or list(_looked_into(folder, options))
    for problem in problems:
        print(problem)
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        _tell(f"{folder} has {count}.")
        return VoiceskillError.exit_code
    print(f"{folder} is right.")
    return 0


def _looked_into(folder: Path, options: Options) -> "Iterator[Problem]":
    """Print what an author asked for besides, and give what is wrong in it."""
    if options.provenance:
        from voiceskill.library import provenance
        from voiceskill.loading.provenance import table_of

        for traced in provenance(folder):
            print(*table_of(traced), sep="\n")
            yield from traced.untraceable
    if options.authoring:
        from voiceskill.library import authoring
        from voiceskill.loading.authoring import lines_of

        for measured in authoring(folder):
            print(*lines_of(measured), sep="\n")
            yield from measured.problems


def _selftest(options: Options, settings: Settings) -> int:
    del options
    from voiceskill.equipment import try_ears
    from voiceskill.frontends.selftest import run_selftest

    return run_selftest(settings, try_ears=lambda: try_ears(settings), out=sys.stdout)


def _models(options: Options, settings: Settings) -> int:
    from voiceskill.model_catalogue import load_catalogue
    from voiceskill.model_store import ModelStore

    store = ModelStore(settings.models_folder, load_catalogue())
    if options.action == "get":
        store.get(options.name or settings.language, _print_line)
    elif options.action == "verify":
        named = (store.catalogue.find(options.name),) if options.name else store.installed()
        for model in named:
            store.check(model)
            print(f"{model.name} is whole.")
        if not named:
            print(f"No model is installed in {store.folder}.")
    else:
        there = store.installed()
        for model in store.catalogue.models:
            state = "installed" if model in there else "not installed"
            print(f"{model.name}, {state}.")
            print(f"  {model.summary}; {model.megabytes}, licence {model.licence}.")
        print(f"Fetch one with `voiceskill models get NAME`; it goes to {store.folder}.")
    return 0


COMMANDS: dict[str, Callable[[Options, Settings], int]] = {
    "voice": _voice,
    "text": _text,
    "demo": _demo,
    "hear": _hear,
    "validate": _validate,
    "selftest": _selftest,
    "models": _models,
}


@contextmanager
def _kept_on_interrupt(settings: Settings) -> Iterator[None]:
    """Say after Ctrl-C that nothing is lost, where that is so."""
    try:
        yield
    except KeyboardInterrupt:
        if not _is_kept(settings):
            raise
        raise KeyboardInterrupt(f"Stopped. {_KEPT}") from None


def _is_kept(settings: Settings) -> bool:
    from voiceskill.store import Store

    try:
        return settings.keep and Store(settings.data_folder).load() is not None
    except StateError:
        return False


def _never_fail_on_letters() -> None:
    """A terminal that cannot show a letter shows "?" rather than ending the check."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _write_no_more() -> None:
    """Let what is still to be printed go nowhere, or Python would complain of it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_line(line: str) -> None:
    print(line, flush=True)


def _tell(message: str) -> None:
    """To the person, apart from what the command gives."""
    print(f"voiceskill: {message}", file=sys.stderr, flush=True)
