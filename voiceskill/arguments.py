"""The words of the command line: commands, flags, help.

What they do is in `cli.py`; what the settings mean is in `config.py`.
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from voiceskill import __version__
from voiceskill.config import PARSERS
from voiceskill.errors import UsageError

_ABOUT = (
    "A spoken check, wholly offline, for a person whose leg is numb. "
    "Without a command: the check by voice. "
    "A research and education demonstration, not a medical device and not a diagnosis."
)
_END = "Every setting can also stand in the environment, such as VOICESKILL_PACE=0.8."

# name of the setting: (placeholder, help)
_CHECK = {
    "language": ("TAG", "language of the conversation (en)"),
    "country": ("XX", "two letters, for the emergency numbers (not known)"),
    "dialogs": ("FOLDER", "another dialog folder"),
    "keep": ("yes|no", "keep an unfinished check for 12 hours (yes)"),
    "data": ("FOLDER", "where an unfinished check is kept"),
}
_EARS = {
    "ears": ("NAMES", "auto, or vosk, pocketsphinx, moonshine, joined by + (auto)"),
    "model": ("NAME", "Vosk's model: a name of the catalogue or a folder"),
    "models": ("FOLDER", "where models are installed"),
}
_VOICE = {
    "voice": ("NAME", "the voice, such as en-gb"),
    "pace": ("TIMES", "times the usual pace, 0.6 to 1.5 (1.0)"),
    "volume": ("LEVEL", "loudness of the voice, 0.0 to 1.0 (0.8)"),
}
_DEVICES = {
    "microphone": ("NAME", "part of the device's name"),
    "loudspeaker": ("NAME", "part of the device's name"),
}


class Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence, through the same door as all other errors."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments.

        Raises:
            UsageError: always.
        """
        wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        if wrong:
            choices = wrong[2].replace("'", "").split(", ")
            close = get_close_matches(wrong[1], choices, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(choices)}."
            raise UsageError(f"{self.prog} has no command {wrong[1]!r}. {hint}")
        raise UsageError(f"{message}; see `{self.prog} --help`.")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for: `command`, `settings`, the settings given, and the command's own.

    Args:
        arguments: Without the program's name.

    Raises:
        UsageError: a word is not understood, or one is missing.
    """
    parser, flags = _build()
    for word in arguments:
        flag = word.partition("=")[0]
        if flag.startswith("--") and flag != "--" and flag not in flags:
            close = get_close_matches(flag, flags, n=1)
            hint = f"Did you mean {close[0]}?" if close else "`voiceskill --help` lists them."
            raise UsageError(f"There is no flag {flag}. {hint}")
    return parser.parse_args(arguments)


def _build() -> tuple[argparse.ArgumentParser, frozenset[str]]:
    """The parser of every command, and every flag that any of them knows."""
    parser = Parser(
        prog="voiceskill",
        usage="voiceskill [COMMAND] [flags]",
        description=_ABOUT,
        epilog=_END,
        allow_abbrev=False,
    )
    parser.set_defaults(command="voice")
    parser.add_argument("--version", action="version", version=f"voiceskill {__version__}")
    _add_settings(parser, _CHECK | _EARS | _VOICE | _DEVICES)
    parser.set_defaults(settings=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", prog="voiceskill")
    _add_checks(commands)
    _add_tools(commands)
    parsers = (parser, *commands.choices.values())
    return parser, frozenset(flag for each in parsers for flag in each._option_string_actions)


def flags_of(options: argparse.Namespace) -> dict[str, str]:
    """The settings that were given as flags, by name."""
    return {name: value for name, value in vars(options).items() if name in PARSERS}


def _add_checks(commands: Any) -> None:  # noqa: ANN401 argparse keeps the type to itself
    text = _add(commands, "text", "the check typed: one line in, plain lines out", _CHECK)
    text.add_argument("--json", action="store_true", help="one JSON line a turn, nothing else")

    demo = _add(
        commands,
        "demo",
        "a whole check without microphone: a synthetic patient answers aloud",
        {name: _CHECK[name] for name in ("language", "country", "dialogs")} | _EARS | _VOICE,
    )
    demo.add_argument("--case", metavar="NAME", help="which patient (the first)")
    demo.add_argument(
        "--out", metavar="FOLDER", default="demo-out", help="where the results go (demo-out)"
    )


def _add_tools(commands: Any) -> None:  # noqa: ANN401 argparse keeps the type to itself
    hear = _add(
        commands,
        "hear",
        "what recordings mean as the answer to a question, one JSON line a file",
        {name: _CHECK[name] for name in ("language", "dialogs")} | _EARS,
    )
    hear.add_argument("paths", metavar="PATH", nargs="+", help="sound files, or folders of them")
    hear.add_argument("--question", metavar="ID", required=True, help="the question's id")

    validate = _add(commands, "validate", "prove a dialog folder right, or say what is not", {})
    validate.add_argument("folder", metavar="FOLDER", nargs="?", help="(the program's own)")
    validate.add_argument(
        "--provenance", action="store_true", help="count what comes from which kind of source"
    )
    validate.add_argument(
        "--authoring", action="store_true", help="reading level, and what sounds alike"
    )

    _add(
        commands,
        "selftest",
        "sound, voice, ears, model and microphone level, each with its remedy",
        {"language": _CHECK["language"]} | _EARS | _VOICE | _DEVICES,
    )

    models = _add(
        commands,
        "models",
        "list, get or verify recognition models",
        {name: _EARS[name] for name in ("models",)} | {"language": _CHECK["language"]},
    )
    actions = models.add_argument("action", nargs="?", choices=("list", "get", "verify"))
    actions.default, actions.help = "list", "what to do (list)"
    models.add_argument("name", metavar="NAME", nargs="?", help="a language or a model's name")


def _add(
    commands: Any,  # noqa: ANN401 argparse keeps the type to itself
    name: str,
    about: str,
    settings: Mapping[str, tuple[str, str]],
) -> argparse.ArgumentParser:
    """One command with the settings that concern it."""
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=f"{about[0].upper()}{about[1:]}.", allow_abbrev=False
    )
    command.set_defaults(command=name)
    _add_settings(command, settings)
    return command


def _add_settings(parser: argparse.ArgumentParser, settings: Mapping[str, tuple[str, str]]) -> None:
    group = parser.add_argument_group("settings")
    for name, (placeholder, about) in settings.items():
        # Left out of the namespace when not given: what stands before the command stays.
        group.add_argument(f"--{name}", metavar=placeholder, help=about, default=argparse.SUPPRESS)
    group.add_argument(
        "--settings", metavar="FILE", help="a settings file", default=argparse.SUPPRESS
    )
