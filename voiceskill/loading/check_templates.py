"""Refuses sentence templates with torn brackets, or with a rule or list that does not exist.

Quick enough for every start, so that no template is found wanting in the middle of a check. What
templates mean is looked at in `check_phrases.py`.
"""

import re
from collections.abc import Iterable, Iterator

from voiceskill.core.pathway import Pathway
from voiceskill.loading.table import Report, Spot

MADE_LISTS = ("number", "n", "unit", "topic", "cause")
"""Lists that are made of the pathway instead of being written in the language file."""

_BRACKETS = {")": "(", "]": "[", ">": "<", "}": "{"}
_BRACKET = re.compile(r"[()\[\]<>{}]")
_NAMED = re.compile(r"<([^<>]*)>|\{([^{}]*)\}")


def check_templates(pathway: Pathway, report: Report) -> None:
    """Note every template that cannot be read."""
    rules = pathway.language.rules
    lists = (*MADE_LISTS, *pathway.language.lists)
    for spot, texts in _templates(pathway, report):
        for i, text in enumerate(texts):
            if _torn(text):
                report.add(spot.at(i), f"{text!r} has a bracket without its other half.")
            for rule, listed in _NAMED.findall(text):
                name, known, what = (rule, rules, "rule") if rule else (listed, lists, "list")
                if name.split(":")[0] not in known:
                    where = f"{what}s are in the language file, under [{what}s]"
                    report.unknown(spot.at(i), what, name, known, where)


def _torn(text: str) -> bool:
    open_ones: list[str] = []
    for bracket in _BRACKET.findall(text):
        if bracket not in _BRACKETS:
            open_ones.append(bracket)
        elif not open_ones or open_ones.pop() != _BRACKETS[bracket]:
            return True
    return bool(open_ones)


def _templates(pathway: Pathway, report: Report) -> Iterator[tuple[Spot, Iterable[str]]]:
    for question in pathway.questions.values():
        at = report.at("question", question.id)
        yield at.at("also_called"), question.also_called
        for option in question.options:
            yield at.at("answers", option.id, "sentences"), option.sentences
    for statement in pathway.statements:
        at = report.at("statement", statement.id)
        yield at.at("sentences"), statement.sentences
        yield at.at("core"), statement.core
    for cause in pathway.causes.values():
        yield report.at("cause", cause.id, "also_called"), cause.also_called
    for country in pathway.countries.values():
        yield report.at("country", country.id, "sentences"), country.sentences
    yield from _of_language(pathway, report)


def _of_language(pathway: Pathway, report: Report) -> Iterator[tuple[Spot, Iterable[str]]]:
    language = pathway.language
    for command in language.commands.values():
        at = report.at("command", command.id)
        yield at.at("sentences"), command.sentences
        yield at.at("core"), command.core
    top = report.at("file", f"languages/{language.tag}.toml")
    for key in ("yes", "no", "unsure", "fillers", "corrections", "decoys"):
        yield top.at(key), getattr(language, key)
    for name, rule in language.rules.items():
        yield top.at("rules", name), (rule,)
    for name, values in language.lists.items():
        yield top.at("lists", name), values
