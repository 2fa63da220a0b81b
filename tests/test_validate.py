"""What is wrong with a dialog folder is named by file, line, key and remedy.

The cases are files in `data/invalid/`: each changes one file of the small pathway, and says which
problems, and no others, must be found.
"""

import shutil
import tomllib
from pathlib import Path

import pytest

from voiceskill.cli import run
from voiceskill.errors import DialogFileError
from voiceskill.library import authoring, dialogs_folder, load_pathway, provenance, validate
from voiceskill.loading.pronunciation import apart, english

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


def found(change, folder):
    """What is wrong with a folder, by `validate` or by what an author may ask for besides."""
    match change.get("by"):
        case "provenance":
            return [problem for traced in provenance(folder) for problem in traced.untraceable]
        case "authoring":
            return [problem for measured in authoring(folder) for problem in measured.problems]
        case _:
            return validate(folder)


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.stem)
def test_a_mistake_is_named_where_it_stands(overlay, tmp_path):
    """Each mistake is found, alone, at its file, line and key, with what to do about it."""
    folder = tmp_path / "dialogs"
    change = overlaid(overlay, folder)

    problems = found(change, folder)

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
    for by in ("validate", "provenance", "authoring"):
        assert found({"by": by}, SMALL) == []


@pytest.mark.parametrize("by", ["validate", "provenance", "authoring"])
def test_the_shipped_dialogs_are_right(by):
    """Nothing is wrong with the dialogs that come with the program, nor hard, nor untraceable."""
    assert [str(problem) for problem in found({"by": by}, dialogs_folder())] == []


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
    (folder / "languages" / "de.toml").write_text(english.replace("revision = 1", ""))

    (problem,) = validate(folder)

    assert (problem.file, problem.key) == ("languages/de.toml", "revision")


def test_a_folder_without_a_pathway_is_refused(tmp_path):
    """An empty folder is not taken for one without mistakes."""
    with pytest.raises(DialogFileError, match="holds no pathway"):
        validate(tmp_path)


def test_a_problem_reads_as_one_line():
    """File, line and key come first, so that an editor can jump there."""
    from voiceskill.library import Problem  # noqa: PLC0415

    problem = Problem(file="a/b.toml", line=7, key="question.x.ask", message="is missing.")

    assert str(problem) == "a/b.toml:7: question.x.ask: is missing."


# ---- what an author asks for besides


def test_the_provenance_is_a_table(capsys):
    """Each sort of thing has a line, each kind of source a column, and nothing is untraceable."""
    assert run(["validate", "--provenance"]) == 0

    head, *rows, last = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["leg_numbness", "guideline", "paper", "charity"]
    assert {row.rpartition("   ")[0].split()[0] for row in rows} >= {"rules", "priors", "countries"}
    assert last.endswith("is right.")


def test_every_figure_of_the_shipped_check_is_counted():
    """All rules, figures, causes and countries are in the counts, and most figures are assumed."""
    pathway = load_pathway()
    (traced,) = provenance(dialogs_folder())

    def count(sort):
        return sum(traced.counts[sort].values())

    assert count("rules of urgency") == len(pathway.rules)
    assert count("priors") == len(pathway.causes) <= count("causes")
    assert count("usual figures") == len(pathway.findings)
    assert count("seen_in figures") == sum(len(cause.seen_in) for cause in pathway.causes.values())
    assert count("countries") == len(pathway.countries)
    assert count("policy figures") >= 11


def test_what_cannot_be_traced_fails_the_command(tmp_path, capsys):
    """A figure without a source is named, and the exit code says that it failed."""
    folder = tmp_path / "dialogs"
    overlaid(DATA / "invalid" / "figure_without_source.toml-overlay", folder)

    assert run(["validate", "--provenance", str(folder)]) == 1
    assert "policy.certain: names no source" in capsys.readouterr().out


def test_the_reading_level_is_a_table(capsys):
    """Questions with their help and a result of each tier, hardest first, with their grades."""
    assert run(["validate", "--authoring", str(SMALL)]) == 0

    lines = capsys.readouterr().out.splitlines()
    grades = [float(line.split()[0]) for line in lines if line[:5].strip().strip("-")[:1].isdigit()]
    assert grades == sorted(grades, reverse=True)
    assert max(grades) <= 7
    assert sum("result " in line for line in lines) >= 3
    assert any(line.startswith("words that the built-in ear does not know") for line in lines)


@pytest.mark.parametrize(
    ("one", "other", "phonemes"),
    [
        ("no pain", "new pain", 1),
        ("worse", "worse", 0),
        ("fifteen", "fifty", 1),
        ("yes", "left", 9),
    ],
)
def test_how_far_apart_words_sound_is_counted_in_phonemes(one, other, phonemes):
    """What is further apart than is asked for is not counted to the end."""
    sounds = english()

    found = min(apart(a, b, 2) for a in sounds.of(one) for b in sounds.of(other))

    assert found == min(phonemes, 3)


def test_a_word_that_is_in_no_dictionary_has_no_sound():
    """Nothing is guessed from the letters."""
    assert english().of("numb flibbertigibbetish") == ()


def test_a_translation_lacks_nothing_that_is_said(tmp_path):
    """A second language without one of the first one's sentences is refused before a talk stops."""
    folder = tmp_path / "dialogs"
    shutil.copytree(DATA / "small_pathway", folder)
    english = (folder / "languages" / "en.toml").read_text(encoding="utf-8")
    key = next(iter(tomllib.loads(english)["say"]))
    kept = [line for line in english.splitlines() if not line.startswith(f"{key} = ")]
    (folder / "languages" / "de.toml").write_text("\n".join(kept) + "\n", encoding="utf-8")

    problems = [str(problem) for problem in validate(folder)]

    assert any(
        problem.startswith("languages/de.toml:") and f"say.{key}: is missing" in problem
        for problem in problems
    )
