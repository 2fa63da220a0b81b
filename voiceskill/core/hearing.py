"""What is listened for at each prompt: which templates are live, and how strictly.

How words are laid along them is in `align.py`; what they then mean, in `understand.py`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from voiceskill.core.align import PLAIN, Hearing, Phrases, phrases_of
from voiceskill.core.language import Language
from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.core.pathway import NO, Kind, Part, Pathway, Question
from voiceskill.core.templates import Sense, Templates
from voiceskill.core.words import Numbers, Spelling

PAUSED_COMMANDS = ("go_on", "start_over", "stop")
MENU_COMMANDS = ("nth",)
"""Understood only once the result was told: "the second one" is no command at a question."""
ALL = "all"
NOT = "not"
EITHER = "either"
WHEN = "when"
"""Sorts of sense beside "answer", "amount", "reply", "command", "told" and "name": "all of them",
a "not" before an option, what joins two options, and since when beside a "yes"."""
_AMOUNT_RULES = {Kind.DURATION: "duration", Kind.AGE: "age", Kind.NUMBER: "count"}
_PERSON = re.compile(r"\{(you|your|yours|yourself)\}")


class Expected:
    """The templates of a pathway, and for each prompt which of them count."""

    def __init__(self, pathway: Pathway) -> None:
        """Take a pathway; nothing is parsed yet."""
        language = pathway.language
        self.pathway = pathway
        self.spelling = Spelling(language.same)
        ones = [word for word, value in language.lists.get("amount", {}).items() if value == 1]
        joint = language.rules.get("number_joint", "")
        self.numbers = Numbers(language.tag, joint, ones)
        lists: dict[str, Mapping[str, str | float]] = dict(language.lists)
        unit_of = {days: unit for unit, days in language.units.items()}
        lists["unit"] = {unit: unit_of[days] for unit, days in language.units.items()}
        lists["topic"] = {
            name: question.id for question in pathway.questions.values() for name in names(question)
        }
        lists["cause"] = {
            called: cause.id
            for cause in pathway.causes.values()
            for called in (
                *called_in(cause.name, language),
                *cause.also_called,
                cause.name.replace(",", ""),
                cause.id.replace("_", " "),
            )
        }
        self.templates = Templates(language.rules, lists, self.spelling, self.numbers)
        self._places: dict[Sense, int] = {}
        self._starts: dict[tuple[Sense, ...], int] = {}
        self._hearings: dict[Prompt, Hearing] = {}

    # ---- the words of each sense

    def wordings(self, sense: Sense) -> tuple[str, ...]:
        """The templates that mean a sense, the commonest first."""
        language = self.pathway.language
        match sense.sort:
            case "reply":
                found = self._reply(sense.value)
            case "answer":
                found = _answer(self.pathway.questions[sense.of], sense.value)
            case "amount":
                found = self._amount(self.pathway.questions[sense.of], sense.value)
            case "command":
                command = language.commands[sense.of]
                found = (*command.core, *command.sentences)
            case "told":
                told = next(s for s in self.pathway.statements if s.id == sense.of)
                found = (*told.core, *told.sentences)
            case _:
                found = (f"<{sense.value}>",) if sense.value in language.rules else ()
        return found

    def _reply(self, value: str) -> tuple[str, ...]:
        language = self.pathway.language
        plain = {"yes": language.yes, "no": language.no, "unsure": language.unsure}
        if value in plain:
            return plain[value]
        return (f"<{value}>",) if value in language.rules else ()

    def _amount(self, question: Question, form: str) -> tuple[str, ...]:
        rule = form or _AMOUNT_RULES[question.kind]
        return (f"<{rule}>",) if rule in self.pathway.language.rules else ("{number}",)

    # ---- what counts at a prompt

    def hearing(self, prompt: Prompt) -> Hearing:
        """What is listened for at a prompt."""
        if prompt not in self._hearings:
            self._hearings[prompt] = self._hear(prompt)
        return self._hearings[prompt]

    def asked(self, prompt: Prompt) -> tuple[Question, ...]:
        """The questions whose answers are expected at a prompt."""
        ids = {
            PromptKind.QUESTION: (prompt.question,),
            PromptKind.CONFIRM: prompt.items,
        }.get(prompt.kind, ())
        return tuple(self.pathway.questions[question] for question in ids)

    def replies(self, prompt: Prompt) -> tuple[str, ...]:
        """The values of language-wide replies that count at a prompt."""
        always = ("yes", "no", "unsure", "hedged_no")
        if prompt.kind is PromptKind.QUESTION:
            plain = self.pathway.questions[prompt.question].kind is Kind.YES_NO
            return (*always, "right") if plain else ("plain_yes", *always[1:])
        return {
            PromptKind.CONFIRM: (*always, *PLAIN, "right", "wrong"),
            PromptKind.REVIEW: (*always, "right", "wrong", "nothing_wrong"),
            PromptKind.OFFER: (*always, "right", "agree", "decline"),
        }.get(prompt.kind, ())

    def live(self, prompt: Prompt) -> tuple[tuple[Sense, ...], tuple[Sense, ...]]:
        """The senses that count at a prompt: those that forgive extra words, and those that don't.

        A "no" of the gate forgives none, nor does a reply or an amount: there each word counts.
        """
        forgiving = [Sense("told", statement.id, "") for statement in self.pathway.statements]
        forgiving += [Sense("command", command, "") for command in self._commands(prompt)]
        strict = [Sense(EITHER, "", "either")]
        strict += [Sense("reply", "", value) for value in self.replies(prompt)]
        if prompt.kind is PromptKind.REVIEW:
            strict.append(Sense("name", "", "naming"))
        for question in self.asked(prompt):
            if question.kind is Kind.SEVERAL:
                strict.append(Sense(EITHER, "", "both"))
            if question.id == prompt.question and question.kind is Kind.YES_NO:
                strict.append(Sense(WHEN, "", "duration"))
            for sense in self.answers(question, prompt):
                guarded = question.part is Part.GATE and sense.value == NO
                (strict if guarded or sense.sort != "answer" else forgiving).append(sense)
        return tuple(forgiving), tuple(strict)

    def _commands(self, prompt: Prompt) -> list[str]:
        """The commands that are understood at a prompt."""
        commands = self.pathway.language.commands
        if prompt.kind is PromptKind.PAUSED:
            return [command for command in PAUSED_COMMANDS if command in commands]
        menu = prompt.kind is PromptKind.MENU
        return [command for command in commands if menu or command not in MENU_COMMANDS]

    def answers(self, question: Question, prompt: Prompt) -> tuple[Sense, ...]:
        """The senses that answer a question."""
        if question.kind in _AMOUNT_RULES:
            bare = (Sense("amount", question.id, "bare"),) if prompt.unit else ()
            return (Sense("amount", question.id, ""), *bare)
        senses = [Sense("answer", question.id, option.id) for option in question.options]
        if question.kind in (Kind.CHOICE, Kind.SEVERAL):
            senses.append(Sense(NOT, "", "negation"))
        if question.kind is Kind.SEVERAL:
            senses.append(Sense(ALL, question.id, "all_of_them"))
        return tuple(senses)

    def _hear(self, prompt: Prompt) -> Hearing:
        forgiving, strict = self.live(prompt)
        anywhere = () if prompt.kind is PromptKind.PAUSED else self._others()
        return Hearing(
            forgiving=self._starts_of(forgiving),
            strict=(*self._starts_of(strict), self.start(anywhere)),
            silent=self._silent,
            hedges=self._hedges,
            never_extra=self._never_extra,
            own_words=self._telling(forgiving + strict),
            own=frozenset(question.id for question in self.asked(prompt)),
        )

    @cached_property
    def _silent(self) -> Phrases:
        texts = (*self.pathway.language.fillers, *self.listed("joins"))
        return phrases_of([self.spelling.words(text) for text in texts])

    @cached_property
    def _hedges(self) -> Phrases:
        return phrases_of([self.spelling.words(text) for text in self.listed("hedges")])

    def _starts_of(self, senses: Iterable[Sense]) -> tuple[int, int]:
        """Where the answers asked for begin, and where the rest does, which prompts share."""
        asked: list[Sense] = []
        shared: list[Sense] = []
        for sense in senses:
            own = sense.sort in ("answer", "amount", ALL, NOT)
            (asked if own else shared).append(sense)
        return self.start(asked), self.start(shared)

    def start(self, senses: Iterable[Sense]) -> int:
        """A place in the graph from which the templates of some senses lead."""
        together = tuple(senses)
        if together not in self._starts:
            self._starts[together] = self.templates.place()
            for sense in together:
                if sense not in self._places:
                    self._places[sense] = self.templates.place()
                    self.templates.add(self._places[sense], sense, self.wordings(sense))
                self.templates.join(self._starts[together], self._places[sense])
        return self._starts[together]

    def _others(self) -> tuple[Sense, ...]:
        """The answers to all questions that can be told without being asked.

        Never who is asked about, nor a follow-up, whose answers mean little without its question;
        and no "no" of the gate.
        """
        return tuple(
            Sense("answer", question.id, option.id)
            for question in self.pathway.questions.values()
            if question.id == question.topic != self.pathway.person.question
            for option in question.options
            if not (question.part is Part.GATE and option.id == NO)
        )

    def listed(self, rule: str) -> tuple[str, ...]:
        """Every phrase of a rule that is a plain list of phrases."""
        if rule not in self.pathway.language.rules:
            return ()
        count = self.pathway.language.rules[rule].count("|") + 1
        return tuple(self.templates.samples(f"<{rule}>", count))

    @cached_property
    def _never_extra(self) -> frozenset[str]:
        words = {w for text in self.listed("turning") for w in self.spelling.words(text)}
        language = self.pathway.language
        for template in (*language.yes, *language.no):
            for text in self.templates.samples(template, 2):
                said = self.spelling.words(text)
                words.update(said if len(said) == 1 else ())
        return frozenset(words)

    def _telling(self, senses: Iterable[Sense]) -> frozenset[str]:
        """Words that some answers of a prompt hold and others don't."""
        held = [self.templates.vocabulary(sense) for sense in senses if sense.sort == "answer"]
        count = Counter(word for words in held for word in words)
        return frozenset(word for word, holders in count.items() if holders < len(held))


def called_in(name: str, language: Language) -> tuple[str, str]:
    """Templates of a cause's name in whole and in short, each with or without an article.

    "A slipped disc in the lower back" is also called "slipped disc".
    """
    articles, links = (language.rules.get(rule, "").split("|") for rule in ("article", "links"))
    words = name.split(",", maxsplit=1)[0].split()
    bare = words[1:] if words[0] in articles else words
    head = next((bare[:i] for i, word in enumerate(bare) if i and word in links), bare)
    lead = "[<article>] " if "article" in language.rules else ""
    return lead + " ".join(bare), lead + " ".join(head)


def names(question: Question) -> tuple[str, ...]:
    """The templates that name a question: what it is called, and its `about`."""
    return (*question.also_called, _of_anybody(question.about))


def _answer(question: Question, option_id: str) -> tuple[str, ...]:
    """The templates of an option; where options are offered aloud, as it is offered too."""
    option = question.option(option_id)
    offered = () if question.kind is Kind.YES_NO else (_of_anybody(option.say),)
    return (*offered, *option.sentences)


def _of_anybody(spoken: str) -> str:
    """A template of spoken words that follow the person asked about."""
    return _PERSON.sub(lambda found: f"<{found.group(1)}>", spoken)
