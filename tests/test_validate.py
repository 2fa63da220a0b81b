"""What is wrong with a dialog folder is named by file, line, key and remedy.

The cases are files in `data/invalid/`: each changes one file of the small pathway, and says which
problems, and no others, must be found.
"""

import shutil
import tomllib
from pathlib import Path

import pytest

from voiceskill.errors import DialogFileError
from voiceskill.library import dialogs_folder, load_pathway, validate

DATA = Path(__file__).parent / "data"
SMALL = DATA / "small_pathway"
OVERLAYS = sorted((DATA / "invalid").glob("*.toml-overlay"))


def overlaid(overlay, folder):
    """The small pathway with the change of an overlay, and what the overlay says."""
    shutil.copytree(SMALL, folder)
    change = tomllib.loads(overlay.read_text(encoding="utf-8"))
    file = folder / change["file"]
    text = file.read_text(encoding="utf-8")
    if change.get("delete"):
        file.unlink()
    else:
        assert change["find"] in text, f"{overlay.name}: find is not in {file.name}"
        file.write_text(text.replace(change["find"], change["put"], 1), encoding="utf-8")
    return change


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.stem)
def test_a_mistake_is_named_where_it_stands(overlay, tmp_path):
    """Each mistake is found, alone, at its file, line and key, with what to do about it."""
    folder = tmp_path / "dialogs"
    change = overlaid(overlay, folder)

    problems = validate(folder)

    assert len(problems) == len(change["expect"]), "\n".join(map(str, problems))
    for expected in change["expect"]:
        (problem,) = [p for p in problems if p.key == expected["key"]]
        assert expected["says"] in problem.message
        assert problem.file == expected.get("file", change["file"])
        if "line_holds" in expected:
            lines = (folder / problem.file).read_text(encoding="utf-8").splitlines()
            assert expected["line_holds"] in lines[problem.line - 1]


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.stem)
def test_what_would_ruin_a_check_is_refused_at_once(overlay, tmp_path):
    """Loading refuses a ruined folder in one sentence, and bears a mere flaw."""
    folder = tmp_path / "dialogs"
    change = overlaid(overlay, folder)

    if change.get("loads"):
        assert load_pathway(folder, pathway="small").questions
    else:
        with pytest.raises(DialogFileError, match=r"^[^\n]+:\d+: [^\n]+$"):
            load_pathway(folder, pathway="small")


def test_the_small_pathway_is_right():
    """The folder that the overlays spoil has nothing wrong with it."""
    assert validate(SMALL) == []


def test_the_shipped_dialogs_are_right():
    """Nothing is wrong with the dialogs that come with the program."""
    assert [str(problem) for problem in validate(dialogs_folder())] == []


def test_every_mistake_is_told_at_once(tmp_path):
    """Mistakes in several files are all found in one run, in the order of files and lines."""
    folder = tmp_path / "dialogs"
    shutil.copytree(SMALL, folder)
    for name in ("misspelt_policy", "dangling_source", "quoted_date", "empty_word"):
        change = tomllib.loads((DATA / "invalid" / f"{name}.toml-overlay").read_text("utf-8"))
        file = folder / change["file"]
        file.write_text(file.read_text("utf-8").replace(change["find"], change["put"], 1))

    problems = validate(folder)

    assert [(p.file, p.key) for p in problems] == [
        ("small/causes/narrow_canal.toml", "sources"),
        ("small/pathway.toml", "policy.wait_s"),
        ("small/pathway.toml", "policy.wait"),
        ("small/questions.toml", "question.fever.about"),
        ("small/sources.toml", "source.textbook.checked"),
    ]


def test_a_language_is_checked_with_every_pathway(tmp_path):
    """A second language file is looked at too."""
    folder = tmp_path / "dialogs"
    shutil.copytree(SMALL, folder)
    english = (folder / "languages" / "en.toml").read_text("utf-8")
    (folder / "languages" / "xx.toml").write_text(english.replace("revision = 1", ""))

    (problem,) = validate(folder)

    assert (problem.file, problem.key) == ("languages/xx.toml", "revision")


def test_a_folder_without_a_pathway_is_refused(tmp_path):
    """An empty folder is not taken for one without mistakes."""
    with pytest.raises(DialogFileError, match="holds no pathway"):
        validate(tmp_path)


def test_a_problem_reads_as_one_line():
    """File, line and key come first, so that an editor can jump there."""
    from voiceskill.library import Problem  # noqa: PLC0415

    problem = Problem(file="a/b.toml", line=7, key="question.x.ask", message="is missing.")

    assert str(problem) == "a/b.toml:7: question.x.ask: is missing."
