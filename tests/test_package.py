"""The wheel holds all that a check needs: it works in an empty environment, far from the source."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import voiceskill

SOURCE = Path(__file__).parent.parent
ENOUGH_FOR_TYPING = ("hassil>=3.12,<4", "platformdirs>=4,<5")
pytestmark = pytest.mark.timeout(300)


def run(*words: str, folder: Path, typed: str = "") -> str:
    """Run a program far from the source and from the settings of whoever runs the tests."""
    kept = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    kept |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    kept |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    done = subprocess.run(
        words, cwd=folder, env=kept, input=typed, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    run(
        *(sys.executable, "-m", "build", "--wheel", "--no-isolation"),
        *("--outdir", str(folder), str(SOURCE)),
        folder=folder,
    )
    return next(folder.glob("*.whl"))


def empty_environment(folder: Path) -> Path:
    """A fresh environment; its Python."""
    run(sys.executable, "-m", "venv", str(folder / "venv"), folder=folder)
    return folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"


def install(python: Path, *packages: str, folder: Path) -> None:
    """Install with pip; skip where no package index can be reached."""
    words = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    try:
        run(*words, *packages, folder=folder)
    except AssertionError as error:
        if "NewConnectionError" in str(error) or "No matching distribution" in str(error):
            pytest.skip("no package index can be reached")
        raise


@pytest.fixture(scope="module")
def typed_only(wheel, tmp_path_factory) -> Path:
    """The console script of an environment with the wheel and what a typed check needs."""
    folder = tmp_path_factory.mktemp("typed")
    python = empty_environment(folder)
    install(python, "--no-deps", str(wheel), folder=folder)
    install(python, *ENOUGH_FOR_TYPING, folder=folder)
    return python.with_name("voiceskill")


def test_the_wheel_carries_the_dialogs_and_the_catalogue(wheel):
    """Every data file travels along; tests and benchmarks do not."""
    names = set(zipfile.ZipFile(wheel).namelist())
    dialogs = {
        f"voiceskill/dialogs/{path.relative_to(SOURCE / 'dialogs').as_posix()}"
        for path in (SOURCE / "dialogs").rglob("*.toml")
    }

    assert dialogs
    assert dialogs <= names
    assert {"voiceskill/models/models.toml", "voiceskill/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_an_installed_program_holds_a_typed_check_anywhere(typed_only, tmp_path):
    """In an empty environment, far from the source, a check runs to its end."""
    lines = run(str(typed_only), "text", "--json", folder=tmp_path).splitlines()

    assert json.loads(lines[0])["say"]
    assert json.loads(lines[-1])["done"] is True


def test_an_installed_program_runs_its_own_files(typed_only, tmp_path):
    """It is the installed program that answered, not the source tree."""
    python = str(typed_only.with_name("python"))
    code = "import voiceskill; print(voiceskill.__file__)"

    assert str(SOURCE) not in run(python, "-c", code, folder=tmp_path)


def test_an_installed_program_proves_its_dialogs(typed_only, tmp_path):
    """`validate` finds the folder that travelled in the wheel."""
    assert "is right" in run(str(typed_only), "validate", folder=tmp_path)


def test_an_installed_program_knows_its_models(typed_only, tmp_path):
    """`models` reads the catalogue that travelled in the wheel."""
    told = run(str(typed_only), "models", folder=tmp_path)

    assert "vosk-model-small-en-us-0.15" in told


@pytest.mark.long
@pytest.mark.timeout(900)
def test_an_installed_program_plays_its_demonstration(wheel, tmp_path):
    """With all that pip brings along, a whole spoken check runs without device or network."""
    python = empty_environment(tmp_path)
    install(python, str(wheel), folder=tmp_path)

    run(str(python.with_name("voiceskill")), "demo", "--out", "played", folder=tmp_path)

    played = tmp_path / "played"
    assert (played / "conversation.wav").stat().st_size > 1_000_000
    assert "urgency" in json.loads((played / "assessment.json").read_text("utf-8"))


def test_the_version_stands_in_one_place(wheel):
    """The wheel is named after `voiceskill.__version__`."""
    assert wheel.name.startswith(f"voiceskill-{voiceskill.__version__}-")


def test_every_public_name_can_be_loaded():
    """What the package offers is there, and `dir` shows it before it is loaded."""
    for name in voiceskill.__all__:
        assert getattr(voiceskill, name)
    assert set(voiceskill.__all__) == set(dir(voiceskill))


def test_a_name_that_is_not_public_is_no_attribute():
    """A slip is told as Python tells it."""
    with pytest.raises(AttributeError, match="no attribute 'strat'"):
        voiceskill.strat  # noqa: B018 looked up, not used


def test_importing_the_package_loads_nothing_else():
    """`import voiceskill` costs no time, so that Ctrl-C finds its handler in place."""
    code = "import sys; old = set(sys.modules); import voiceskill; print(set(sys.modules) - old)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=SOURCE
    )

    assert done.stdout.strip() == "{'voiceskill'}"


def test_every_dependency_has_a_range_and_a_row():
    """No dependency is taken without a bound, nor without its licence being named."""
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text("utf-8"))["project"]
    table = (SOURCE / "docs" / "dependencies.md").read_text("utf-8")

    for line in project["dependencies"]:
        requirement = line.partition(";")[0]
        name = requirement.replace("=", " ").replace(">", " ").split()[0]
        assert "<" in requirement or "==" in requirement, line
        assert f"`{name}`" in table, f"{name} is missing in docs/dependencies.md"


def test_the_engines_are_ordinary_dependencies():
    """`pip install` alone gives a program that hears and speaks."""
    plain = {
        word
        for line in tomllib.loads((SOURCE / "pyproject.toml").read_text("utf-8"))["project"][
            "dependencies"
        ]
        for word in [line.replace("=", ">").partition(">")[0]]
    }

    assert plain >= {
        "vosk",
        "pyttsx3",
        "sounddevice",
        "pocketsphinx",
        "onnxruntime",
        "moonshine-cpp",
    }
