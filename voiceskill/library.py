"""From a dialog folder to a skill that is ready to talk, and what is wrong with the folder.

The public door; each kind of file is read in `loading/`. Nothing here knows a symptom.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from voiceskill.core.pathway import Pathway
from voiceskill.core.skill import Skill
from voiceskill.errors import DialogFileError
from voiceskill.loading.check_cases import cases_of, check_cases, failures
from voiceskill.loading.check_gate import check_gate
from voiceskill.loading.check_languages import check_languages
from voiceskill.loading.check_links import check_links
from voiceskill.loading.check_speech import check_speech
from voiceskill.loading.check_templates import check_templates
from voiceskill.loading.folder import read_pathway
from voiceskill.loading.table import Problem, Report

if TYPE_CHECKING:
    from voiceskill.loading.authoring import Authoring
    from voiceskill.loading.provenance import Provenance

__all__ = [
    "Problem",
    "authoring",
    "cases_of",
    "dialogs_folder",
    "failures",
    "load_pathway",
    "load_skill",
    "provenance",
    "validate",
]


def load_skill(
    folder: Path | None = None,
    *,
    pathway: str = "leg_numbness",
    language: str = "en",
    warm: bool = True,
) -> Skill:
    """A pathway with its grammar.

    Args:
        folder: A dialog folder; None: the one that came with the program.
        pathway: The folder of the pathway below it.
        language: The tag of a file in `languages/`.
        warm: Read templates and number words now, so that the first answer costs no more than
            the next; False: with the first answer, for who waits for the first question.

    Raises:
        DialogFileError: something in the folder is wrong or missing.
    """
    from voiceskill.core.understand import CompiledGrammar  # noqa: PLC0415 - hassil, 80 ms

    known = load_pathway(folder, pathway=pathway, language=language)
    grammar = CompiledGrammar(known)
    if warm:
        grammar.warm()
    return Skill(pathway=known, grammar=grammar)


def load_pathway(
    folder: Path | None = None, *, pathway: str = "leg_numbness", language: str = "en"
) -> Pathway:
    """All that one check knows, as `load_skill` takes it.

    Raises:
        DialogFileError: the first thing that is wrong, and how many more there are.
    """
    folder = folder or dialogs_folder()
    _demand(folder / pathway / "pathway.toml", f"There is no pathway {pathway!r}")
    _demand(folder / "languages" / f"{language}.toml", f"There is no language {language!r}")
    return _usable(folder, pathway, language, Report())


def _usable(folder: Path, pathway: str, language: str, report: Report) -> Pathway:
    """The pathway, whose files are there.

    Raises:
        DialogFileError: the first thing that is wrong, and how many more there are.
    """
    known = _read(folder, pathway, language, report)
    if report.problems:
        more = len(report.problems) - 1
        count = f" ({more} more; `voiceskill validate` names all.)" if more else ""
        raise DialogFileError(f"{report.problems[0]}{count}")
    return known


def _read(folder: Path, pathway: str, language: str, report: Report) -> Pathway:
    """The pathway; of no use where a problem was noted."""
    known = read_pathway(folder, pathway, language, report)
    if not report.broken:
        check_links(known, report)
        check_templates(known, report)
    return known


def dialogs_folder() -> Path:
    """The dialog folder that came with the program.

    In an installed program it lies inside the package, in a source tree beside it.
    """
    package = Path(__file__).resolve().parent
    inside = package / "dialogs"
    return inside if inside.is_dir() else package.parent / "dialogs"


def _demand(file: Path, what: str) -> None:
    if not file.is_file():
        raise DialogFileError(
            f"{what}: the file {file} is missing. Name another one, or another folder with "
            "--dialogs."
        )


def validate(folder: Path) -> list[Problem]:
    """Everything that is wrong with a dialog folder, in the order of its files.

    Raises:
        DialogFileError: the folder holds no pathway at all.
    """
    problems = set(check_languages(folder))
    for pathway, language in _all_of(folder):
        problems.update(_validate(folder, pathway, language))
    return sorted(problems)


def _all_of(folder: Path) -> list[tuple[str, str]]:
    """Every pathway of a folder in every language of it.

    Raises:
        DialogFileError: there is none.
    """
    pathways = sorted(file.parent.name for file in folder.glob("*/pathway.toml"))
    languages = sorted(file.stem for file in folder.glob("languages/*.toml"))
    if not pathways or not languages:
        raise DialogFileError(
            f"{folder} holds no pathway to check; a dialog folder has languages/en.toml and "
            "<pathway>/pathway.toml. Name the folder that holds them."
        )
    return [(pathway, language) for pathway in pathways for language in languages]


def provenance(folder: Path) -> list["Provenance"]:
    """Where everything in a dialog folder comes from, by kind of source, a pathway at a time.

    Raises:
        DialogFileError: the folder holds no pathway, or one that cannot be loaded.
    """
    pathways = dict(reversed(_all_of(folder)))  # sources are not translated: one language will do
    return [_trace(folder, pathway, pathways[pathway]) for pathway in sorted(pathways)]


def _trace(folder: Path, pathway: str, language: str) -> "Provenance":
    from voiceskill.loading.provenance import trace  # noqa: PLC0415 - for authors only

    report = Report()
    return trace(_usable(folder, pathway, language, report), report)


def authoring(folder: Path) -> list["Authoring"]:
    """What `validate` cannot tell without the extra `authoring`, a pathway at a time.

    Raises:
        DialogFileError: the folder holds no pathway, or one that cannot be loaded.
        MissingError: textstat or pocketsphinx is not installed.
    """
    from voiceskill.loading.authoring import measure  # noqa: PLC0415 - for authors only

    measured = []
    for pathway, language in _all_of(folder):
        report = Report()
        known = _usable(folder, pathway, language, report)
        measured.append(measure(known, report))
    return measured


def _validate(folder: Path, pathway: str, language: str) -> list[Problem]:
    report = Report()
    known = _read(folder, pathway, language, report)
    if not report.problems:  # the rest trusts that every name leads somewhere
        from voiceskill.loading.check_phrases import check_phrases  # noqa: PLC0415 - loads hassil

        for check in (check_phrases, check_gate, check_speech, check_cases):
            check(known, report)
    return report.problems
