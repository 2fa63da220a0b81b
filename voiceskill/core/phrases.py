"""The phrases that the ears listen for at a prompt, each with a key of its meaning.

What a text means is not decided here but in `understand.py`; that both agree is tested.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest

from voiceskill.core.align import Cover, Part
from voiceskill.core.amounts import measured
from voiceskill.core.events import Phrase
from voiceskill.core.hearing import Expected, called_in, names
from voiceskill.core.meaning import (
    Answered,
    Between,
    Commanded,
    Meaning,
    Named,
    OutOfRange,
    Prompt,
    PromptKind,
    Replied,
    Told,
    UnitOnly,
)
from voiceskill.core.pathway import Kind, Question
from voiceskill.core.replies import Reader
from voiceskill.core.templates import Capture, Sense

MOST = 120
"""Phrases with a meaning in one list: the size that hearing was measured at."""
MOST_ANSWERS = 80
"""Answers in one list; each phrase costs the careful ear about 2 ms."""
MOST_DECOYS = 40
"""Decoys beside them. With 38, other words were taken for answers in 1.9 % instead of 9.6 % of
158 recordings at an accepting limit of -6 (`benchmarks/careful_ear.py`)."""
REFUSE = "refuse"
"""The key of phrases that mean nothing: what is heard so is not understood."""
LARGEST_BARE = 31
"""The largest number listened for where only the unit is known."""
USUAL_AGE = 60
"""Ages are listened for from here outwards until the list is full."""
_SAMPLES = 3
"""Sentences drawn from one template at most."""

Heard = tuple[str, Meaning | None]
"""A phrase and what it means; None: nothing."""


def meaning_key(meaning: Meaning | None) -> str:
    """A short text that is the same for the same meaning, and different for others."""
    match meaning:
        case None:
            return REFUSE
        case Replied():
            key = f"reply {meaning.value}"
        case Commanded():
            key = f"command {meaning.command} {meaning.target}".rstrip()
        case Told():
            key = f"told {meaning.statement}"
        case Between():
            key = "between " + " | ".join(sorted(meaning_key(r) for r in meaning.readings))
        case _:
            key = _answer_key(meaning)
    return key


def _answer_key(meaning: Answered | Named | UnitOnly | OutOfRange) -> str:
    match meaning:
        case Answered():
            return "; ".join(f"{a.question}={_shown(a.value)}" for a in meaning.answers)
        case UnitOnly():
            return f"unit {meaning.question} {meaning.unit}"
        case OutOfRange():
            return f"out of range {meaning.question}={meaning.value:g}"
        case Named():
            return f"named {meaning.question}"


def _shown(value: str | float | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return "+".join(value)
    return value if isinstance(value, str) else f"{value:g}"


class Lists:
    """Makes the phrase list of each prompt."""

    def __init__(
        self,
        expected: Expected,
        reader: Reader,
        meaning: Callable[[str, Prompt], Meaning | None],
    ) -> None:
        """Take what is expected, and how a phrase is understood."""
        self._expected = expected
        self._reader = reader
        self._meaning = meaning
        self._anywhere: dict[PromptKind, Mapping[str, str]] = {}

    def phrases(self, prompt: Prompt) -> tuple[Phrase, ...]:
        """The answers to a prompt, then what may be said at any prompt, then decoys."""
        always = self._known_always(prompt)
        room = min(MOST_ANSWERS, MOST - len(always))
        heard = {text: meaning_key(found) for text, found in islice(self._answers(prompt), room)}
        heard.update(always)  # what may not be missed counts before an answer of the same words
        listed = [Phrase(text=text, meaning=key) for text, key in heard.items()][:MOST]
        decoys = (decoy for decoy in self._decoys(prompt) if decoy not in heard)
        return (*listed, *(Phrase(text=text, meaning=REFUSE) for text in decoys))

    # ---- at any prompt

    def _known_always(self, prompt: Prompt) -> Mapping[str, str]:
        """What may be said at any prompt, made once for each kind of prompt."""
        if prompt.kind not in self._anywhere:
            drawn = self._always(prompt)
            self._anywhere[prompt.kind] = {text: meaning_key(meaning) for text, meaning in drawn}
        return self._anywhere[prompt.kind]

    def _always(self, prompt: Prompt) -> Iterator[Heard]:
        """The core wordings of commands and statements."""
        forgiving, _ = self._expected.live(prompt)
        language = self._expected.pathway.language
        told = {s.id: s.core for s in self._expected.pathway.statements}
        for sense in forgiving:
            meaning: Meaning
            if sense.sort == "command":
                core, meaning = language.commands[sense.of].core, Commanded(command=sense.of)
            elif sense.sort == "told":
                core, meaning = told[sense.of], Told(statement=sense.of)
            else:
                continue
            yield from ((text, meaning) for text in self._drawn(core, 1))
        if prompt.kind is PromptKind.MENU and "more" in language.commands:
            yield from self._by_place(language.rules.get("more_about", ""))
            yield from self._about_causes(language.rules.get("more_about", ""))
            yield from self._doubted_causes(language.rules.get("could_it_be", ""))

    def _by_place(self, lead: str) -> Iterator[Heard]:
        """Asking for the first, second and third of the causes that were named."""
        pathway, places = self._expected.pathway, dict[float, str]()
        for called, place in pathway.language.lists.get("nth", {}).items():
            if place <= pathway.policy.offered_causes:
                places.setdefault(place, called)
        for place, called in places.items():
            meaning = Commanded(command="nth", target=f"{place:g}")
            for template in (called, f"{lead} {called}") if lead else (called,):
                yield from ((text, meaning) for text in self._drawn((template,), 1))

    def _about_causes(self, lead: str) -> Iterator[Heard]:
        """Asking for more about each cause."""
        language = self._expected.pathway.language
        for cause in self._expected.pathway.causes.values() if lead else ():
            _, short = called_in(cause.name, language)
            bare = short.removeprefix("[<article>] ")
            for text in self._drawn((f"{lead} {bare}",), 1):
                yield text, Commanded(command="more", target=cause.id)

    def _doubted_causes(self, lead: str) -> Iterator[Heard]:
        """Asking whether it could be a cause, by the name that people use for it."""
        for cause in self._expected.pathway.causes.values() if lead else ():
            for called in cause.also_called[:1]:
                for text in self._drawn((f"{lead} {called}",), 1):
                    yield text, Commanded(command="why_not", target=cause.id)

    def _decoys(self, prompt: Prompt) -> Iterator[str]:
        starts = (*self._expected.hearing(prompt).strict, *self._expected.hearing(prompt).forgiving)

        def means_nothing(decoy: str) -> bool:
            """Most decoys are one word that begins no template; the rest are asked in full."""
            words = self._expected.spelling.words(decoy)
            known = any(self._expected.templates.exact(start, words) for start in starts)
            number = any(True for _ in self._expected.numbers.at(words, 0))
            short = len(words) == 1 and not (known or number)
            return short or not self._meaning(decoy, prompt)

        decoys = (d for d in self._expected.pathway.language.decoys if means_nothing(d))
        return islice(decoys, MOST_DECOYS)

    # ---- answers

    def _answers(self, prompt: Prompt) -> Iterator[Heard]:
        """The answers, each once: from each meaning in turn, the commonest first.

        Words that a statement claims, or a reply's words that an answer of the question claims,
        are left out: `align.py` gives them that other meaning.
        """
        forgiving, strict = self._expected.live(prompt)
        columns: list[Iterable[tuple[bool, str, Meaning | None]]] = []
        for sense in (*strict, *forgiving):
            general = sense.sort in ("reply", "all")
            if general or sense.sort in ("answer", "amount", "name"):
                drawn = self._column(sense, prompt)
                columns.append([(general, text, meaning) for text, meaning in drawn])
        start = self._expected.start
        told = start(sense for sense in forgiving if sense.sort == "told")
        own = start(sense for sense in (*strict, *forgiving) if sense.sort == "answer")
        seen: set[str] = {""}
        rows = zip_longest(*columns, fillvalue=(False, "", None))
        for general, text, meaning in chain.from_iterable(rows):
            claimed = self._claimed(text, told) or (general and self._claimed(text, own))
            if meaning is not None and text not in seen and not claimed:
                seen.add(text)
                yield text, meaning

    def _claimed(self, text: str, start: int) -> bool:
        return self._expected.templates.exact(start, self._expected.spelling.words(text))

    def _column(self, sense: Sense, prompt: Prompt) -> Iterable[Heard]:
        """Sentences of one sense, each template once and then further ones, with what they mean."""
        if sense.sort == "amount":
            return self._amounts(self._expected.pathway.questions[sense.of], prompt)
        if sense.sort == "name":
            return self._names(prompt)
        meaning = self._reader.reply(Cover((Part(sense, ()),), False), prompt)
        texts = self._drawn(self._expected.wordings(sense), _SAMPLES)
        return ((text, meaning) for text in texts)

    def _drawn(self, templates: Sequence[str], count: int) -> Iterator[str]:
        rows = [self._expected.templates.samples(t, count) for t in templates]
        for texts in zip_longest(*rows):
            yield from (text for text in texts if text)

    def _names(self, prompt: Prompt) -> Iterator[Heard]:
        for item in prompt.items:
            question = self._expected.pathway.questions[item]
            for text in self._drawn(names(question), 1):
                yield text, self._meaning(text, prompt)

    def _amounts(self, question: Question, prompt: Prompt) -> Iterator[Heard]:
        numbers = self._expected.numbers
        units = self._expected.pathway.language.units
        if question.kind is Kind.DURATION and not prompt.unit:
            for text in self._expected.listed("duration_heard"):
                yield text, self._meaning(text, prompt)
            return
        for value in self._whole_numbers(question, prompt):
            captures = (Capture("number", float(value)),)
            meaning = measured(question, captures, prompt.unit, units)
            if isinstance(meaning, Answered):
                yield numbers.spoken(value), meaning

    @staticmethod
    def _whole_numbers(question: Question, prompt: Prompt) -> Iterable[int]:
        if prompt.unit:
            return range(1, LARGEST_BARE + 1)
        low = int(question.minimum or 0)
        every = range(low, int(question.maximum or low + MOST) + 1)
        if question.kind is Kind.AGE:
            return sorted(every, key=lambda age: abs(age - USUAL_AGE))
        return every
