"""The examples in dialogs/README.md are what the loader reads: no key too many, none misspelt."""

import re
import tomllib
from pathlib import Path

import pytest

from voiceskill.loading.knowledge import read_findings, read_rules, read_sources
from voiceskill.loading.questions import read_questions, read_statements
from voiceskill.loading.settings import read_countries, read_language, read_person, read_policy
from voiceskill.loading.table import Report, Spot, Table

README = Path(__file__).resolve().parents[1] / "dialogs" / "README.md"
BLOCKS = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def example_with(words):
    """The example that holds these words, as a table, and where its problems go."""
    (text,) = [block for block in BLOCKS if words in block]
    report = Report()
    spot = Spot(file="README.md", text=text, place=(), name="")
    return Table(tomllib.loads(text), spot, report), report


def unread(report):
    return [str(p) for p in report.problems if "nothing reads" in p.message]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_is_toml(block):
    """What the page shows can be copied into a file."""
    assert tomllib.loads(block)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("[[question]]", read_questions),
        ("[[statement]]", read_statements),
        ("[[finding]]", read_findings),
        ("[[rule]]", read_rules),
        ("citation =", read_sources),
        ("[gb]", read_countries),
        ("[commands.repeat]", lambda top: read_language(top, "en")),
    ],
)
def test_an_example_reads_without_a_problem(words, read):
    """Each kind of thing is shown with all that it needs and nothing that it does not know."""
    top, report = example_with(words)

    assert read(top)
    assert unread(report) == []


def test_the_settings_shown_are_all_there_are():
    """The figures and the person of a pathway are shown in full."""
    top, report = example_with("[policy]")

    assert read_policy(top.table("policy")).gate_topics == 12
    assert read_person(top.table("person")).question == "who"
    assert report.problems == []
