"""Finds phrases of a pathway that would mean two things at one prompt, or not what they should.

For those who write dialogs: `voiceskill validate` shows what is found here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from voiceskill.core.hearing import Expected
from voiceskill.core.meaning import (
    Answer,
    Answered,
    Commanded,
    Meaning,
    Prompt,
    PromptKind,
    Told,
)
from voiceskill.core.pathway import Kind, Option, Pathway, Question, Value
from voiceskill.core.phrases import REFUSE, meaning_key
from voiceskill.core.understand import CompiledGrammar

_SAMPLES = 6
"""Sentences tried of each template: each of its choices comes up at least once in most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A phrase that is not understood as what it was written for."""

    question: str
    """The question asked when it is said."""
    phrase: str
    option: str
    """The option, command or statement that it was written for."""
    means: str
    """What it is understood as instead."""

    def __str__(self) -> str:
        """One sentence that says what is wrong and how to mend it."""
        otherwise = "is not understood" if self.means == REFUSE else f"is taken for {self.means!r}"
        return (
            f"asked {self.question!r}, the phrase {self.phrase!r} written for {self.option!r} "
            f"{otherwise}; word one of them differently."
        )


def conflicts(pathway: Pathway) -> tuple[Conflict, ...]:
    """Every phrase that means two things, or another thing, when its question is asked.

    A statement that may not be missed is no conflict: it wins over an answer, and is read back.
    Looked at are samples of all answers, and the core wordings of commands and statements; it
    takes about a second for sixty questions.

    Raises:
        DialogFileError: a template cannot be read, or names a rule or list that is not there.
    """
    expected = Expected(pathway)
    for template in (*pathway.language.rules.values(), *_listed(pathway)):
        expected.templates.parse(template)
    grammar = CompiledGrammar(pathway)
    found: dict[tuple[str, str], Conflict] = {}
    for question in pathway.questions.values():
        prompt = Prompt(kind=PromptKind.QUESTION, question=question.id)
        for option, phrase, meant in (*_answers(expected, question), *_always(expected)):
            meaning = grammar.meaning(phrase, prompt)
            means = meaning_key(meaning)
            if means != meaning_key(meant) and not isinstance(meaning, Told):
                found[question.id, phrase] = Conflict(
                    question=question.id, phrase=phrase, option=option, means=means
                )
    return tuple(found.values())


def _listed(pathway: Pathway) -> Iterator[str]:
    for values in pathway.language.lists.values():
        yield from values


def _answers(expected: Expected, question: Question) -> Iterator[tuple[str, str, Meaning]]:
    """The answers of a question: option, a sentence of it, and what it must mean."""
    for option in question.options:
        value: Value = (option.id,) if question.kind is Kind.SEVERAL else option.id
        meant = Answered(answers=(Answer(question=question.id, value=value),))
        for phrase in _drawn(expected, option):
            yield option.id, phrase, meant


def _drawn(expected: Expected, option: Option) -> Iterator[str]:
    for template in option.sentences:
        yield from expected.templates.samples(template, _SAMPLES)


def _always(expected: Expected) -> Iterator[tuple[str, str, Meaning]]:
    """What is listened for at every question: a command or statement, and its core wordings."""
    for command in expected.pathway.language.commands.values():
        for phrase in command.core:
            yield command.id, phrase, Commanded(command=command.id)
    for statement in expected.pathway.statements:
        for phrase in statement.core:
            yield statement.id, phrase, Told(statement=statement.id)
