"""Public fakes to test a dialog folder, a front end or an integration without a microphone.

`ScriptedListener` and `RecordingSpeaker` stand in for the edges, `ExactGrammar` for the grammar,
and `talk` holds a conversation that was written down in a `.talk` file (`tests/conversations`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from voiceskill.core.assessment import Assessment
from voiceskill.core.dialog import Turn, restore, start, step
from voiceskill.core.events import (
    Alternative,
    Band,
    BargeIn,
    Event,
    Heard,
    Listen,
    NoInput,
    NoMatch,
    Phrase,
    Say,
)
from voiceskill.core.meaning import (
    Answer,
    Answered,
    Clear,
    Commanded,
    Meaning,
    Named,
    Prompt,
    PromptKind,
    Replied,
    Told,
)
from voiceskill.core.pathway import NO, UNSURE, YES, Kind, Part, Pathway, Question, Value
from voiceskill.core.skill import Skill
from voiceskill.core.state import Hears, Phase, Purpose, from_json, to_json

ENOUGH_TURNS = 200
"""A talk that runs on by itself ends here: no check is as long as that."""


def heard(text: str, band: Band = Band.ACCEPT) -> Heard:
    """The event of one reading."""
    return Heard(alternatives=(Alternative(text=text, band=band),))


# ---- the edges


@dataclass(slots=True)
class ScriptedListener:
    """Gives these events one after the other, then silence."""

    events: Iterable[Event | str]
    """A text stands for words that were heard surely."""
    listens: list[Listen] = field(default_factory=list)
    """What it was asked to listen for."""
    _left: Iterator[Event | str] = field(init=False)

    def __post_init__(self) -> None:
        self._left = iter(self.events)

    def listen(self, listen: Listen) -> Event:
        """The next event of the script."""
        self.listens.append(listen)
        event = next(self._left, NoInput())
        return heard(event) if isinstance(event, str) else event


@dataclass(slots=True)
class RecordingSpeaker:
    """Keeps what it was asked to say."""

    said: list[Say] = field(default_factory=list)
    interrupts: Callable[[Say], Event | None] = lambda _: None
    """What the person does while it is said; by default nothing."""

    @property
    def sentences(self) -> list[str]:
        """Every sentence, in order."""
        return [sentence for say in self.said for sentence in say.sentences]

    def say(self, say: Say, listen: Listen | None) -> Event | None:  # noqa: ARG002 the protocol's
        """Keep it; return what the person did meanwhile."""
        self.said.append(say)
        return self.interrupts(say)


# ---- a grammar without templates


@dataclass(slots=True)
class ExactGrammar:
    """Understands the plain sentences of a pathway word for word, and what it is told to."""

    pathway: Pathway
    extra: Mapping[str, Meaning] = field(default_factory=dict)
    """Further texts, at any prompt."""
    _texts: dict[Prompt, dict[str, Clear]] = field(default_factory=dict, init=False, repr=False)

    def meaning(self, text: str, prompt: Prompt) -> Meaning | None:
        """What the words mean; None: not understood."""
        said = " ".join(re.sub(r"[^a-z0-9' ]", " ", text.lower()).split())
        return self.extra.get(said) or self._known(prompt).get(said)

    def phrases(self, prompt: Prompt) -> tuple[Phrase, ...]:
        """The first 120 of the sentences."""
        known = list(self._known(prompt).items())[:120]
        return tuple(Phrase(text=text, meaning=repr(meaning)) for text, meaning in known)

    def _known(self, prompt: Prompt) -> dict[str, Clear]:
        """All that is understood at a prompt; made once for each."""
        if prompt not in self._texts:
            self._texts[prompt] = self._made(prompt)
        return self._texts[prompt]

    def _made(self, prompt: Prompt) -> dict[str, Clear]:
        known = self._anywhere()
        if prompt.kind is PromptKind.QUESTION:
            known |= self._answers(self.pathway.questions[prompt.question])
        else:
            known |= {text: Replied(value=value) for value, text in self._replies()}
        for item in prompt.items:
            question = self.pathway.questions[item]
            if question.kind is not Kind.YES_NO:
                known |= self._answers(question)
            known |= {name: Named(question=item) for name in question.also_called}
        return known

    def _anywhere(self) -> dict[str, Clear]:
        known: dict[str, Clear] = {}
        for command in self.pathway.language.commands.values():
            for text in (*command.sentences, *command.core):
                known[text] = Commanded(command=command.id)
        for question in self.pathway.questions.values():
            for name in question.also_called:
                change = Commanded(command="change", target=question.id)
                known[f"change my answer about {name}"] = change
        for statement in self.pathway.statements:
            for text in (*statement.sentences, *statement.core):
                known[text] = Told(statement=statement.id)
        return known

    def _answers(self, question: Question) -> dict[str, Clear]:
        values: list[tuple[Value, str]] = [(UNSURE, text) for text in self.pathway.language.unsure]
        if question.kind is Kind.YES_NO:
            values += self._replies()
        if question.kind in (Kind.NUMBER, Kind.AGE, Kind.DURATION):
            values += [(float(n), str(n)) for n in range(121)]
        several = question.kind is Kind.SEVERAL
        for option in question.options:
            value: Value = (option.id,) if several else option.id
            values += [(value, text) for text in option.sentences]
        return {
            text: Answered(answers=(Answer(question=question.id, value=value),))
            for value, text in values
        }

    def _replies(self) -> list[tuple[str, str]]:
        language = self.pathway.language
        by_value = ((YES, language.yes), (NO, language.no), (UNSURE, language.unsure))
        return [(value, text) for value, texts in by_value for text in texts]


# ---- conversations that were written down


class TalkError(AssertionError):
    """A conversation went otherwise than it was written down; the message names the line."""


@dataclass(slots=True)
class Talk:
    """A conversation while it is held, line by line."""

    skill: Skill
    says: dict[str, str] = field(default_factory=dict)
    """By question id: what the person answers when a `(rest)` line asks."""
    settings: dict[str, str] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)

    @property
    def turn(self) -> Turn:
        """The last turn; the first one is made when it is needed."""
        if not self.turns:
            hears = Hears(self.settings.get("hears", Hears.TYPED))
            country = self.settings.get("country", "gb")
            self.turns.append(start(self.skill, country=country, hears=hears))
        return self.turns[-1]

    @property
    def assessment(self) -> Assessment | None:
        """What the check came to; None before its end."""
        finish = self.turn.finish
        return finish.assessment if finish else None

    def take(self, event: Event) -> None:
        """Let this happen next."""
        self.turns.append(step(self.skill, self.turn.state, event))

    def restore(self) -> None:
        """End the program and read the unfinished check back."""
        state = from_json(to_json(self.turn.state))
        self.turns.append(restore(self.skill, state))

    def gate(self, words: str) -> None:
        """Say the same to every question of the gate, until something else is asked."""
        for _ in range(ENOUGH_TURNS):
            question = self.skill.pathway.questions.get(self.turn.state.prompt.question)
            if question is None or question.part is not Part.GATE:
                return
            self.take(heard(words))

    def rest(self) -> None:
        """Answer whatever is asked with `says`, agree to what is read back, until the menu."""
        for _ in range(ENOUGH_TURNS):
            waiting = self.turn.state.waiting
            if self.turn.done or waiting.phase is Phase.ADVISING:
                return
            if waiting.purpose is Purpose.ASK:
                self.take(heard(self.says.get(waiting.prompt.question, "i don't know")))
            else:
                self.take(heard("no" if waiting.purpose is Purpose.REVIEW else "yes"))


def talk(skill: Skill, script: str) -> Talk:
    """Hold a conversation as it is written down; see `tests/conversations/README.md`.

    Raises:
        TalkError: the program said or concluded something else.
    """
    held = Talk(skill=skill)
    for number, text in enumerate(script.splitlines(), start=1):
        line = text.strip()
        if line and not line.startswith("#"):
            try:
                _run(held, line)
            except TalkError as error:
                raise TalkError(f"line {number}: {line!r}: {error}") from None
    return held


_EVENTS: Mapping[str, Event] = {
    "(silence)": NoInput(),
    "(noise)": NoMatch(),
    "(key)": BargeIn(),
}


def _run(held: Talk, line: str) -> None:
    """Carry out one line."""
    mark, _, rest = line.partition(" ")
    rest = rest.strip()
    if line in _EVENTS:
        held.take(_EVENTS[line])
    elif line == "(restored)":
        held.restore()
    elif line == "(rest)":
        held.rest()
    elif mark == "@":
        name, _, value = rest.partition(" ")
        held.settings[name] = value
    elif mark == "says":
        question, _, words = rest.partition(":")
        held.says[question.strip()] = words.strip()
    elif mark in (">", "?>", "*>"):
        _speak(held, mark, rest)
    elif mark in ("<", "!", "="):
        _check(held, mark, rest)
    else:
        raise TalkError("no such line is known")


def _speak(held: Talk, mark: str, words: str) -> None:
    if mark == "*>":
        held.gate(words)
    else:
        held.take(heard(words, Band.CONFIRM if mark == "?>" else Band.ACCEPT))


def _check(held: Talk, mark: str, wanted: str) -> None:
    said = " ".join(held.turn.sentences)
    if mark == "<" and wanted.lower() not in said.lower():
        raise TalkError(f"it said {said!r}")
    if mark == "!" and wanted.lower() in said.lower():
        raise TalkError(f"it said {said!r}")
    if mark == "=":
        name, _, value = wanted.partition(" ")
        found = _FACTS[name](held)
        if value not in found:
            raise TalkError(f"{name} is {', '.join(found) or 'nothing'}; it said {said!r}")


def _urgency(held: Talk) -> tuple[str, ...]:
    assessment = held.assessment
    if assessment is None or assessment.urgency is None:
        return ("none",)
    return (assessment.urgency.key,)


def _causes(held: Talk) -> tuple[str, ...]:
    return tuple(cause.cause for cause in held.assessment.causes) if held.assessment else ()


_FACTS: Mapping[str, Callable[[Talk], tuple[str, ...]]] = {
    "urgency": _urgency,
    "cause": _causes,
    "first": lambda held: _causes(held)[:1],
    "rule": lambda held: held.assessment.rules if held.assessment else (),
    "state": lambda held: (held.turn.state.phase.value,),
    "purpose": lambda held: (held.turn.state.waiting.purpose.value,),
    "question": lambda held: (held.turn.state.prompt.question,),
    "answer": lambda held: tuple(f"{q} {v}" for q, v in held.turn.state.answers.items()),
    "keeps": lambda held: (str(held.turn.state.keeps).lower(),),
    "pace": lambda held: (str(held.turn.state.pace),),
}
