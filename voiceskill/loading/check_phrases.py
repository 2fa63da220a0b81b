"""Refuses phrases that do not mean, at the prompt they are written for, what they should.

It asks the very grammar that a conversation asks, with sentences drawn from each template.
"""

from collections.abc import Iterator
from typing import NamedTuple

from voiceskill.core.hearing import Expected
from voiceskill.core.language import Command
from voiceskill.core.meaning import (
    Answered,
    Between,
    Commanded,
    Meaning,
    Prompt,
    PromptKind,
    Told,
)
from voiceskill.core.pathway import NO, UNSURE, YES, Kind, Pathway, Question, Statement
from voiceskill.core.phrases import meaning_key
from voiceskill.core.understand import CompiledGrammar
from voiceskill.loading.check_composed import check_composed
from voiceskill.loading.table import Report, Spot

_SAMPLES = 12
"""Sentences drawn from each template: its plainest, and each choice in it at least once."""
_MENU = Prompt(kind=PromptKind.MENU)
"""The prompt that expects nothing of its own."""
_ONE_MEANING = ("answer", "question", "country", "cause")
"""Sorts of which no two may share a sentence; what a name does is the conversation's to say."""


class _Template(NamedTuple):
    """A template, where it stands, and what it is written for at a prompt."""

    spot: Spot
    text: str
    prompt: Prompt
    sort: str
    of: str
    value: str
    tried: int = 4
    """So many of its sentences are put to the grammar, at about 1 ms each."""


def check_phrases(pathway: Pathway, report: Report) -> None:
    """Note each sentence of a template that means something else, or nothing, at its prompt."""
    templates = Expected(pathway).templates
    samples = [
        (template, tuple(templates.samples(template.text, _SAMPLES)))
        for template in _templates(pathway, report)
    ]
    if _same_phrase(samples, report):
        return
    grammar = CompiledGrammar(pathway)
    for template, sentences in samples:
        for sentence in sentences[: template.tried]:
            meaning = grammar.meaning(sentence, template.prompt)
            if not _fits(pathway, meaning, template):
                report.add(template.spot, _misheard(sentence, meaning, template))
                break
    check_composed(pathway, grammar, report)


def _templates(pathway: Pathway, report: Report) -> Iterator[_Template]:
    for question in pathway.questions.values():
        yield from _of_question(pathway, question, report)
    for country in pathway.countries.values():
        at = report.at("country", country.id, "sentences")
        for i, text in enumerate(country.sentences):
            yield _Template(at.at(i), text, _MENU, "country", "", country.id, 0)
    for cause in pathway.causes.values():
        for i, text in enumerate(cause.also_called):
            at = report.at("cause", cause.id, "also_called", i)
            yield _Template(at, text, _MENU, "cause", "", cause.id, 0)
    for statement in pathway.statements:
        yield from _anywhere(statement, "told", report.at("statement", statement.id))
    for command in pathway.language.commands.values():
        yield from _anywhere(command, "command", report.at("command", command.id))


def _of_question(pathway: Pathway, question: Question, report: Report) -> Iterator[_Template]:
    prompt = Prompt(kind=PromptKind.QUESTION, question=question.id)
    spot = report.at("question", question.id)
    for option in question.options:
        at = spot.at("answers", option.id, "sentences")
        for i, text in enumerate(option.sentences):
            yield _Template(at.at(i), text, prompt, "answer", question.id, option.id)
    yield from _plain_replies(pathway, question, report)
    for i, text in enumerate(question.also_called):
        yield _Template(spot.at("also_called", i), text, prompt, "question", "", question.id, 0)


def _anywhere(thing: Statement | Command, sort: str, spot: Spot) -> Iterator[_Template]:
    """What is understood at every prompt, tried at the one that expects nothing else."""
    for key, texts in (("sentences", thing.sentences), ("core", thing.core)):
        for i, text in enumerate(texts):
            yield _Template(spot.at(key, i), text, _MENU, sort, thing.id, "")


def _plain_replies(pathway: Pathway, question: Question, report: Report) -> Iterator[_Template]:
    """The language's own yes, no and unsure, as answers to a question."""
    language = pathway.language
    prompt = Prompt(kind=PromptKind.QUESTION, question=question.id)
    replies = {UNSURE: language.unsure}
    if question.kind is Kind.YES_NO:
        replies |= {YES: language.yes, NO: language.no}
    for value, texts in replies.items():
        at = report.at("file", f"languages/{language.tag}.toml", value)
        for i, text in enumerate(texts):
            yield _Template(at.at(i), text, prompt, "answer", question.id, value, 1)


def _same_phrase(samples: list[tuple[_Template, tuple[str, ...]]], report: Report) -> bool:
    """Note words that mean two answers to a question, or name two things; whether any do."""
    found = False
    first: dict[tuple[str, str, str], _Template] = {}
    for template, sentences in samples:
        for sentence in sentences if template.sort in _ONE_MEANING else ():
            other = first.setdefault((template.sort, template.of, sentence), template)
            if other.value != template.value:
                asked = f" to {template.of!r}" if template.of else ""
                report.add(
                    template.spot,
                    f"{sentence!r} means the {template.sort} {other.value!r} as well as "
                    f"{template.value!r}{asked}, so that neither is ever understood; "
                    "take it out of one of them.",
                )
                found = True
                break
    return found


def _fits(pathway: Pathway, meaning: Meaning | None, template: _Template) -> bool:
    match meaning:
        case Told():
            told = next(s for s in pathway.statements if s.id == meaning.statement)
            return told.id == template.of or _says_as_much(told, template)
        case Commanded():
            return template.sort == "command" and meaning.command == template.of
        case Answered() if template.sort == "answer":
            mine = [one.value for one in meaning.answers if one.question == template.of]
            return any(template.value in _values(value) for value in mine)
        case _:
            return False


def _says_as_much(told: Statement, template: _Template) -> bool:
    """Whether a statement that was heard in place of an answer gives that very answer."""
    if template.sort != "answer":
        return False
    return bool(told.path) or template.value in _values(told.answers.get(template.of))


def _values(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _misheard(sentence: str, meaning: Meaning | None, template: _Template) -> str:
    asked = f" in answer to {template.of!r}" if template.sort == "answer" else ""
    if meaning is None:
        return f"{sentence!r}{asked} is not understood; is a word of it kept for something else?"
    readings = meaning.readings if isinstance(meaning, Between) else (meaning,)
    taken = " or ".join(repr(meaning_key(reading)) for reading in readings)
    return f"{sentence!r}{asked} is taken for {taken}; word one of them differently."
