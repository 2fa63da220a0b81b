"""Refuses answers that sound alike, and answers offered in words that the built-in ear cannot hear.

For authors: it asks the very lists that the ears listen for. What is merely typed is not looked at.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from voiceskill.core.assessment import Urgency
from voiceskill.core.events import Phrase
from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.core.pathway import Kind, Pathway, Question, Statement
from voiceskill.core.phrases import REFUSE
from voiceskill.core.skill import Grammar
from voiceskill.core.urgency import urgency_rules
from voiceskill.loading.check_composed import spot_of
from voiceskill.loading.pronunciation import Pronunciations, apart
from voiceskill.loading.table import Report

_WORD = re.compile(r"[a-z']+")

LEAST_APART = 2
"""Phonemes that must differ; with one alone ("no pain", "new pain") even people mishear."""
_COUNTED = (Kind.NUMBER, Kind.AGE, Kind.DURATION)
"""Numbers sound as they sound: "sixteen" and "sixty" are told apart by reading back."""


def check_sound(
    pathway: Pathway, grammar: Grammar, sounds: Pronunciations, report: Report
) -> frozenset[str]:
    """Note, for each question, what the ears would confuse or never hear; each pair once.

    Returns:
        Words that are not known, though what they mean can be said in known ones too.
    """
    unknown: set[str] = set()
    told: set[tuple[str, str]] = set()
    grave = {f"told {one.id}" for one in pathway.statements if _is_grave(pathway, one)}
    for question in pathway.questions.values():
        prompt = Prompt(kind=PromptKind.QUESTION, question=question.id)
        phrases = [one for one in grammar.phrases(prompt) if one.meaning != REFUSE]
        unknown |= {word for one in phrases for word in one.text.split() if word not in sounds}
        if question.kind in _COUNTED:
            continue
        _check_offered(question, sounds, report)
        for one, other in _alike(phrases, sounds):
            pair = (one.text, other.text)
            if pair in told or grave.issuperset((one.meaning, other.meaning)):
                continue  # either way help is called
            told.add(pair)
            report.add(
                spot_of(question, one.meaning, report),
                f"{one.text!r} sounds like {other.text!r}, which means {other.meaning!r}; "
                "word one of them differently.",
            )
    return frozenset(unknown)


def _is_grave(pathway: Pathway, statement: Statement) -> bool:
    """Whether it alone calls for help at once."""
    held = urgency_rules(pathway, statement.answers)
    return bool(statement.path) or any(rule.urgency is Urgency.EMERGENCY for rule in held)


def _check_offered(question: Question, sounds: Pronunciations, report: Report) -> None:
    """Each answer is offered in words that are known."""
    for option in question.options:
        strange = [word for word in _WORD.findall(option.say.casefold()) if word not in sounds]
        if strange:
            report.add(
                report.at("question", question.id, "answers", option.id, "say"),
                f"offers {strange[0]!r}, which the built-in ear does not know, so that it is never "
                "heard; offer it in other words.",
            )


def _alike(phrases: Iterable[Phrase], sounds: Pronunciations) -> Iterator[tuple[Phrase, Phrase]]:
    """Pairs of other meanings that sound alike."""
    most = LEAST_APART - 1
    spoken = [(phrase, sounds.of(phrase.text)) for phrase in phrases]
    for (one, ways), (other, others) in combinations(spoken, 2):
        if one.meaning != other.meaning and any(
            apart(way, way2, most) <= most for way in ways for way2 in others
        ):
            yield one, other
