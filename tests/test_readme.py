"""What the README shows is what the program does."""

import re
import subprocess
import sys
from pathlib import Path

from voiceskill.cli import COMMANDS
from voiceskill.core.dialog import diagram

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def between(mark):
    """The part of the README between two marks."""
    return re.search(rf"<!-- {mark} -->\n(.*?)<!-- /{mark} -->", README, re.DOTALL)[1]


def test_the_picture_is_drawn_from_the_table():
    """The README's state picture is what the table of the conversation draws."""
    assert between("diagram") == f"```mermaid\n{diagram().strip()}\n```\n"


def test_every_command_is_named():
    """No command is missing from the README, and none is named that does not exist."""
    named = set(re.findall(r"^\| `voiceskill ?(\w*)", README, re.MULTILINE))

    assert {name or "voice" for name in named} == set(COMMANDS)


def test_the_python_example_runs():
    """The example for engineers prints the first question of the gate."""
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.strip().endswith("?")


def test_every_file_that_is_linked_exists():
    """No link of the README leads nowhere."""
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
