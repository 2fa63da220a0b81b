"""What one language file of a folder says and another does not.

A translation that lacks a sentence would fail in the middle of a talk. What the sentences mean
and whether they can be read aloud is checked elsewhere.
"""

from pathlib import Path

from voiceskill.loading.table import Problem, Report, open_table

TABLES = ("say", "commands", "units", "persons")
"""What the core asks for by key, so that every language must have the same keys."""


def check_languages(folder: Path) -> list[Problem]:
    """Every key that some language of the folder has and another lacks; [] with one language."""
    report = Report()
    files = sorted(path.stem for path in folder.glob("languages/*.toml"))
    tops = {tag: open_table(folder, f"languages/{tag}.toml", report) for tag in files}
    for name in TABLES:
        keys = {tag: set(top.values.get(name, {})) for tag, top in tops.items()}
        everything = set().union(*keys.values())
        for tag, top in tops.items():
            for key in sorted(everything - keys[tag]):
                other = next(one for one in files if key in keys[one])
                report.add(
                    top.spot.at(name, key),
                    f"is missing, and a talk in {tag!r} would stop where it is said; "
                    f"translate it from languages/{other}.toml.",
                )
    return report.problems
