"""What a person can set, and where each value came from: flag, environment, file, default.

What the values do is decided where they are used.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from voiceskill.errors import UsageError

ENVIRONMENT_PREFIX = "VOICESKILL_"
FILE_NAME = "voiceskill.toml"
_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default; `origins` tells where a value came from."""

    language: str = "en"
    """Language tag of the conversation, a file in `dialogs/languages`."""
    country: str | None = None
    """Two letters, such as "gb", for the emergency numbers; None: not known, and said so."""
    dialogs: Path | None = None
    """A dialog folder; None: the one that comes with the program."""
    keep: bool = True
    """Whether an unfinished check is kept on disk until it ends, 12 hours at most."""
    ears: str = "auto"
    """What hears: "auto", or names joined by "+": vosk, pocketsphinx, moonshine."""
    model: str | None = None
    """Vosk's model: a name in the catalogue or a folder; None: the best one installed."""
    voice: str | None = None
    """The voice's name; None: the usual one of the language."""
    microphone: str | None = None
    """Part of the device's name; None: the system's choice."""
    loudspeaker: str | None = None
    """Part of the device's name; None: the system's choice."""
    pace: float = 1.0
    """Times the usual 155 words a minute, 0.6 to 1.5."""
    volume: float = 0.8
    """Loudness of the voice, 0.0 to 1.0."""
    models: Path | None = None
    """The folder that holds recognition models; None: the person's own data folder."""
    data: Path | None = None
    """The folder that holds the unfinished check; None: the person's own data folder."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """By name: "--pace", "VOICESKILL_PACE", a file's path; a name left out has its default."""

    def origin(self, name: str) -> str:
        """Where the value of a setting came from, in words."""
        return self.origins.get(name, "default")

    @property
    def models_folder(self) -> Path:
        """Where models are installed, chosen or by default."""
        return self.models or self.data_folder / "models"

    @property
    def data_folder(self) -> Path:
        """Where the unfinished check is kept, chosen or by default."""
        if self.data is not None:
            return self.data
        from platformdirs import user_data_path  # noqa: PLC0415 not needed for a typed check

        return user_data_path("voiceskill", appauthor=False)


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def _country(value: str) -> str:
    name = value.strip().lower()
    if len(name) != 2 or not (name.isascii() and name.isalpha()):
        raise ValueError('must be two letters, such as "gb" or "us"')
    return name


def _folder(value: str) -> Path:
    return Path(_text(value)).expanduser()


def _yes_no(value: str) -> bool:
    word = value.strip().lower()
    if word not in _YES + _NO:
        raise ValueError("must be yes or no")
    return word in _YES


def _between(low: float, high: float) -> Callable[[str], float]:
    def number(value: str) -> float:
        problem = f"must be a number from {low} to {high}"
        try:
            parsed = float(value)
        except ValueError as error:
            raise ValueError(problem) from error
        if not low <= parsed <= high:
            raise ValueError(problem)
        return parsed

    return number


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "language": _text,
    "country": _country,
    "dialogs": _folder,
    "keep": _yes_no,
    "ears": _text,
    "model": _text,
    "voice": _text,
    "microphone": _text,
    "loudspeaker": _text,
    "pace": _between(0.6, 1.5),
    "volume": _between(0.0, 1.0),
    "models": _folder,
    "data": _folder,
}
"""By name of a setting: text to value; a ValueError completes "NAME ..."."""


def default_file() -> Path:
    """The settings file that is read when there is one."""
    from platformdirs import user_config_path  # noqa: PLC0415 as above

    return user_config_path("voiceskill", appauthor=False) / FILE_NAME


def load_settings(
    flags: Mapping[str, str],
    *,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Join the four places a value can come from; the earlier wins.

    Args:
        flags: Values given on the command line, by name of the setting.
        environment: Variables such as VOICESKILL_PACE; None: those of the process.
        file: A settings file that must exist; None: `default_file`, if it is there.

    Raises:
        UsageError: a name is unknown or a value is out of range; the message says where.
    """
    variables = os.environ if environment is None else environment
    texts: dict[str, tuple[str, str]] = {}
    _add_file(texts, _chosen_file(file, variables))
    _add_environment(texts, variables)
    texts.update({name: (value, f"--{name}") for name, value in flags.items()})
    values = {name: _parse(name, text, origin) for name, (text, origin) in texts.items()}
    return Settings(**values, origins={name: origin for name, (_, origin) in texts.items()})


def _chosen_file(file: Path | None, variables: Mapping[str, str]) -> Path | None:
    named = file or (Path(name) if (name := variables.get("VOICESKILL_SETTINGS")) else None)
    if named is None:
        usual = default_file()
        return usual if usual.is_file() else None
    if not named.is_file():
        raise UsageError(f"There is no settings file {named}; leave it out to use the defaults.")
    return named


def _add_file(texts: dict[str, tuple[str, str]], file: Path | None) -> None:
    if file is None:
        return
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not valid TOML: {error}. Mend or remove it.") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}. Mend or remove it.") from error
    for name, value in table.items():
        _refuse_unknown(name, f"{file}: {name}")
        if isinstance(value, dict | list):
            raise UsageError(f"{file}: {name} must be a single value, not a list or a table.")
        texts[name] = (str(value), str(file))


def _add_environment(texts: dict[str, tuple[str, str]], variables: Mapping[str, str]) -> None:
    for variable, value in sorted(variables.items()):
        if variable.startswith(ENVIRONMENT_PREFIX) and variable != "VOICESKILL_SETTINGS":
            name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
            _refuse_unknown(name, variable)
            texts[name] = (value, variable)


def _refuse_unknown(name: str, place: str) -> None:
    if name in PARSERS:
        return
    close = get_close_matches(name, PARSERS, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(PARSERS)}."
    raise UsageError(f"{place} is not a setting, so it would change nothing. {hint}")


def _parse(name: str, text: str, origin: str) -> Any:  # noqa: ANN401 each setting has its type
    try:
        return PARSERS[name](text)
    except ValueError as error:
        raise UsageError(f"{origin}: {name} {error}, not {text!r}.") from error
