"""The files of a model on disk: safe to unpack, of the right kind, unchanged since installed.

Nothing is fetched here, and no model is opened.
"""

import hashlib
import json
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from voiceskill.errors import ModelError

MANIFEST = "voiceskill-manifest.json"
_ACOUSTIC = "am/final.mdl"
_GRAPH = ("graph/HCLr.fst", "graph/Gr.fst")
"""A graph in two parts takes a list of phrases at run time."""
_FIXED_GRAPH = "graph/HCLG.fst"
_NAMED_LANGUAGE = re.compile(r"vosk-model-(?:small-|big-)?([a-z]{2})(?:-|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One file as it was when the model was installed."""

    size_bytes: int
    changed_ns: int
    """Time of the last change, nanoseconds since 1970."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Every file of an installed model, by its path below the model's folder."""

    files: Mapping[str, FileRecord]

    def damage(self, folder: Path, *, thorough: bool) -> str:
        """What is wrong with the first wrong file, in words; empty when nothing is.

        Args:
            folder: Where the files should be.
            thorough: Read every byte; else only files whose time has changed.
        """
        if not self.files:
            return "its list of files is missing"
        for name, record in self.files.items():
            path = folder / name
            if not path.is_file():
                return f"{name} is missing"
            found = path.stat()
            if found.st_size != record.size_bytes:
                return f"{name} has {found.st_size} bytes in place of {record.size_bytes}"
            untouched = found.st_mtime_ns == record.changed_ns
            if (thorough or not untouched) and _sha256(path) != record.sha256:
                return f"{name} was altered"
        return ""


def write_manifest(folder: Path) -> None:
    """Record every file below a folder, as it is now."""
    files = {path.relative_to(folder).as_posix(): asdict(_record(path)) for path in _files(folder)}
    (folder / MANIFEST).write_text(json.dumps({"files": files}, indent=1), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The record made at installation; without files where it is missing or damaged."""
    try:
        table = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Manifest(files={name: FileRecord(**row) for name, row in table["files"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Manifest(files={})


def check_vosk(folder: Path, language: str) -> None:
    """Refuse a folder that holds no Vosk model which can serve.

    Args:
        folder: Where it is unpacked.
        language: Two letters; compared with the language in the folder's name, if it has one.

    Raises:
        ModelError: parts are missing, it ignores phrases, or it hears another language.
    """
    named = _NAMED_LANGUAGE.match(folder.name)
    if named and named[1] != language:
        raise ModelError(
            f"{folder} hears {named[1]!r}, but the conversation is in {language!r}. "
            f"Run `voiceskill models get {language}`."
        )
    if (folder / _FIXED_GRAPH).exists():
        raise ModelError(
            f"{folder} is a model with a fixed graph: it ignores the list of answers that a "
            f"question gives it. Run `voiceskill models get {language}` for one that can."
        )
    missing = [name for name in (_ACOUSTIC, *_GRAPH) if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"{folder} is no Vosk model: {missing[0]} is missing. "
            f"Run `voiceskill models get {language}`."
        )


def check_members(archive: zipfile.ZipFile, *, limit_bytes: int) -> None:
    """Refuse an archive that would write outside its folder, link, or fill the disk.

    Raises:
        ModelError: a member is unsafe; the message names it.
    """
    for member in archive.infolist():
        problem = _problem(member)
        if problem:
            raise ModelError(
                f"The archive holds {member.filename!r}, which {problem}. A model has no use "
                "for that, so it is not the real one; nothing was installed."
            )
    total = sum(member.file_size for member in archive.infolist())
    if total > limit_bytes:
        raise ModelError(
            f"The archive would unpack to {total / 1e6:.0f} MB, far more than a model of its "
            "size has, so it is not the real one; nothing was installed."
        )


def _problem(member: zipfile.ZipInfo) -> str:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in member.filename:
        return "leaves the folder"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device"
    return ""


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _record(path: Path) -> FileRecord:
    found = path.stat()
    return FileRecord(size_bytes=found.st_size, changed_ns=found.st_mtime_ns, sha256=_sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
