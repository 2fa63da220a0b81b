"""Refuses a phrase that can be made out of the words of two others at the same prompt.

Vosk and pocketsphinx hear words, not phrases: who says one answer and then corrects it to another
would be taken for a third, which nobody meant.
"""

from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.core.pathway import Pathway, Question
from voiceskill.core.phrases import REFUSE
from voiceskill.core.skill import Grammar
from voiceskill.loading.table import Report, Spot

Words = tuple[str, ...]


def check_composed(pathway: Pathway, grammar: Grammar, report: Report) -> None:
    """Note each phrase that is two others of other meanings, one after the other."""
    for question in pathway.questions.values():
        prompt = Prompt(kind=PromptKind.QUESTION, question=question.id)
        heard = {
            tuple(phrase.text.split()): phrase.meaning
            for phrase in grammar.phrases(prompt)
            if phrase.meaning != REFUSE
        }
        for words, meaning in heard.items():
            _check(question, words, meaning, heard, report)


def _check(
    question: Question, words: Words, meaning: str, heard: dict[Words, str], report: Report
) -> None:
    for at in range(1, len(words)):
        first, second = words[:at], words[at:]
        parts = heard.get(first), heard.get(second)
        if None not in parts and meaning not in parts and parts[0] != parts[1]:
            report.add(
                spot_of(question, meaning, report),
                f"{' '.join(words)!r} is {' '.join(first)!r} ({parts[0]!r}) and then "
                f"{' '.join(second)!r} ({parts[1]!r}): a correction would be taken for it. "
                "Word it differently.",
            )
            return


def spot_of(question: Question, meaning: str, report: Report) -> Spot:
    """Where the answer or statement stands that a key of a meaning names; else the question."""
    statement = meaning.removeprefix("told ")
    if statement != meaning:
        return report.at("statement", statement, "core")
    _, _, value = meaning.rpartition("=")
    spot = report.at("question", question.id)
    known = any(option.id == value for option in question.options)
    return spot.at("answers", value) if known else spot
