"""Refuses what cannot be read aloud: long sentences, digits, abbreviations, odd characters.

Templates of what a person may say are not looked at here; they are read by `check_phrases.py`.
"""

import re
from collections.abc import Iterator

from voiceskill.core.pathway import Cause, Pathway, Question
from voiceskill.loading.settings import PERSON_WORDS
from voiceskill.loading.table import Report, Spot, closest

SENTENCE_WORDS = 25
"""More is too long for the ear (design section 5)."""

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SILENT = re.compile(r"""[^\w\s.,;:?!'"\u2019\u201c\u201d-]|_""")  # the curly quotes too
_CAPITALS = re.compile(r"\b[A-Z]{2,}s?\b")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_SHORT = re.compile(
    r"\b(?:etc|approx|vs|dr|mr|mrs|min|mins|hrs|sec|cm|mm|km|kg|mg|ml|no\.(?=\s*\d))\b",
    re.IGNORECASE,
)

Spoken = tuple[Spot, str, tuple[str, ...]]
"""Where a text stands, the text, and which placeholders are filled in there."""


def check_speech(pathway: Pathway, report: Report) -> None:
    """Note every text of the pathway and its language that a voice cannot read well."""
    for spot, text, filled in _spoken(pathway, report):
        for message in _faults(text):
            report.add(spot, message)
        for name in _PLACEHOLDER.findall(text):
            known = (*PERSON_WORDS, *filled)
            if name not in known and "*" not in filled:
                listed = ", ".join(f"{{{one}}}" for one in known)
                hint = closest(name, known)
                report.add(spot, f"nothing fills in {{{name}}}{hint}; known here: {listed}.")


def _faults(text: str) -> Iterator[str]:
    """What is wrong with a text, in words."""
    plain = _PLACEHOLDER.sub("word", text)
    for sentence in _SENTENCE_END.split(plain):
        words = len(sentence.split())
        if words > SENTENCE_WORDS:
            yield (
                f"has a sentence of {words} words; after {SENTENCE_WORDS} the ear has forgotten "
                "its beginning. Make two of it."
            )
    if re.search(r"\d", plain):
        yield "has digits, which voices read in different ways; write the number as words."
    silent = sorted(set(_SILENT.findall(plain)))
    if silent:
        yield f"has {' '.join(silent)}, which is not read aloud; say it in words."
    for pattern in (_CAPITALS, _DOTTED, _SHORT):
        found = pattern.search(plain)
        if found:
            yield f"has the abbreviation {found[0]!r}; write it out as it is spoken."


def _spoken(pathway: Pathway, report: Report) -> Iterator[Spoken]:
    for question in pathway.questions.values():
        yield from _question(question, report.at("question", question.id))
    for statement in pathway.statements:
        yield report.at("statement", statement.id, "said"), statement.said, ()
    for finding in pathway.findings.values():
        for key in ("said", "said_not"):
            yield report.at("finding", finding.id, key), getattr(finding, key), ()
    for rule in pathway.rules:
        spot = report.at("rule", rule.id)
        yield spot.at("reason"), rule.reason, ()
        yield from _list(spot.at("do"), rule.do, ("number",))
    for cause in pathway.causes.values():
        yield from _cause(cause, report.at("cause", cause.id))
    yield from _endings(pathway, report.at("file", f"{pathway.id}/urgency.toml"))
    yield report.at("file", f"{pathway.id}/pathway.toml", "title"), pathway.title, ()
    yield from _language(pathway, report)


def _question(question: Question, spot: Spot) -> Iterator[Spoken]:
    for key in ("ask", "help", "because", "about", "out_of_range"):
        yield spot.at(key), getattr(question, key), ()
    yield spot.at("said"), question.said, ("value",)
    yield from _list(spot.at("again"), question.again)
    for option in question.options:
        at = spot.at("answers", option.id)
        yield at.at("say"), option.say, ()
        yield at.at("said"), option.said, ()


def _cause(cause: Cause, spot: Spot) -> Iterator[Spoken]:
    yield spot.at("name"), cause.name, ()
    yield spot.at("what"), cause.what, ()
    for key in ("advice", "worse_if", "options"):
        yield from _list(spot.at(key), getattr(cause, key))


def _endings(pathway: Pathway, spot: Spot) -> Iterator[Spoken]:
    for key in ("safety_net", "emergency", "crisis"):
        yield from _list(spot.at(key), getattr(pathway, key), ("number",))
    for urgency, words in pathway.tiers.items():
        at = spot.at("tier", urgency.key)
        yield at.at("verdict"), words.verdict, ()
        yield from _list(at.at("do"), words.do, ("number",))
        yield from _list(at.at("watch"), words.watch, ("number",))


def _language(pathway: Pathway, report: Report) -> Iterator[Spoken]:
    """Connecting sentences; which parts each takes is known to the code that says it."""
    spot = report.at("file", f"languages/{pathway.language.tag}.toml", "say")
    for key, wordings in pathway.language.say.items():
        yield from _list(spot.at(key), wordings, ("*",))
    for country in pathway.countries.values():
        at = report.at("country", country.id)
        for name in ("name", "emergency", "advice", "crisis"):
            yield at.at(name), getattr(country, name), ()


def _list(spot: Spot, texts: tuple[str, ...], filled: tuple[str, ...] = ()) -> Iterator[Spoken]:
    for i, text in enumerate(texts):
        yield spot.at(i), text, filled
