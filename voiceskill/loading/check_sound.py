"""Refuses answers that sound alike, and words that the built-in ear does not know.

For authors: it asks the very lists that the ears listen for. What is merely typed is not looked at.
"""

import re
from itertools import combinations

from voiceskill.core.events import Phrase
from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.core.pathway import Kind, Pathway, Question
from voiceskill.core.phrases import REFUSE
from voiceskill.core.skill import Grammar
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
    """Note, for each question, what the ears would confuse or never hear.

    Returns:
        Words that are not known, though what they mean can be said in known ones too.
    """
    unknown: set[str] = set()
    for question in pathway.questions.values():
        prompt = Prompt(kind=PromptKind.QUESTION, question=question.id)
        phrases = [one for one in grammar.phrases(prompt) if one.meaning != REFUSE]
        unknown |= {word for one in phrases for word in one.text.split() if word not in sounds}
        if question.kind not in _COUNTED:
            _check_alike(question, phrases, sounds, report)
        _check_offered(question, sounds, report)
    return frozenset(unknown)


def _check_offered(question: Question, sounds: Pronunciations, report: Report) -> None:
    """Each answer is offered in words that are known."""
    spot = report.at("question", question.id, "answers")
    for option in question.options:
        strange = [word for word in _WORD.findall(option.say.casefold()) if word not in sounds]
        if strange:
            report.add(
                spot.at(option.id, "say"),
                f"offers {strange[0]!r}, which the built-in ear does not know, so that it is never "
                "heard; offer it in other words.",
            )


def _check_alike(
    question: Question, phrases: list[Phrase], sounds: Pronunciations, report: Report
) -> None:
    spoken = [(phrase, sounds.of(phrase.text)) for phrase in phrases]
    for (one, ways), (other, others) in combinations(spoken, 2):
        if one.meaning == other.meaning:
            continue
        most = LEAST_APART - 1
        if any(apart(way, way2, most) <= most for way in ways for way2 in others):
            report.add(
                spot_of(question, one.meaning, report),
                f"{one.text!r} sounds like {other.text!r}, which means {other.meaning!r}; "
                "word one of them differently.",
            )
