"""The recognition models that can be fetched, from `models/models.toml`.

Nothing is fetched or opened here.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from voiceskill.errors import ModelError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One row of the catalogue."""

    name: str
    """Also the name of its folder."""
    language: str
    engine: str
    summary: str
    """What it is good for, in a few words."""
    url: str
    size_bytes: int
    """Of the archive."""
    size_about: bool
    """True where no exact size is known."""
    sha256: str
    """Of the archive, 64 hexadecimal digits."""
    licence: str

    @property
    def megabytes(self) -> str:
        """The size for people: "41 MB", "about 128 MB"."""
        return f"{'about ' if self.size_about else ''}{self.size_bytes / 1e6:.0f} MB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What can be fetched, and what is refused with a reason."""

    models: tuple[Model, ...]
    refused: Mapping[str, str]
    """Name to the reason, which completes "cannot be used: ..."."""

    def find(self, wanted: str) -> Model:
        """The model of that name, or the default of that language.

        Raises:
            UsageError: there is none, or it cannot serve; the message says which can.
        """
        if wanted in self.refused:
            raise UsageError(
                f"{wanted} cannot be used: {self.refused[wanted]}. "
                f"There are: {', '.join(model.name for model in self.models)}."
            )
        for model in self.models:
            if wanted.lower() in (model.name, model.language):
                return model
        names = [name for model in self.models for name in (model.language, model.name)]
        close = get_close_matches(wanted, names, n=1)
        hint = f"Did you mean {close[0]}?" if close else "`voiceskill models list` shows them."
        raise UsageError(f"There is no model or language {wanted!r} in the catalogue. {hint}")


def load_catalogue(file: Path | None = None) -> Catalogue:
    """Read `models.toml`: the one given, or the one that comes with the program.

    Raises:
        ModelError: the file is missing or a row lacks something.
    """
    chosen = file or _packaged_catalogue()
    try:
        table = tomllib.loads(chosen.read_text(encoding="utf-8"))
        return Catalogue(
            models=tuple(_model(row) for row in table["model"]),
            refused={row["name"]: row["because"] for row in table.get("refused", [])},
        )
    except OSError as error:
        raise ModelError(f"{chosen} cannot be read, so no model can be fetched.") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{chosen} is not valid TOML: {error}.") from error
    except KeyError as error:
        raise ModelError(f"{chosen}: a model lacks the key {error}; see the others.") from error


def _packaged_catalogue() -> Path:
    """In the wheel inside the package, in the source tree beside it."""
    package = Path(__file__).parent
    inside = package / "models" / "models.toml"
    return inside if inside.is_file() else package.parent / "models" / "models.toml"


def _model(row: Mapping[str, Any]) -> Model:
    return Model(
        name=row["name"],
        language=row["language"],
        engine=row["engine"],
        summary=row["for"],
        url=row["url"],
        size_bytes=row["bytes"],
        size_about=row.get("bytes_about", False),
        sha256=row["sha256"],
        licence=row["licence"],
    )
