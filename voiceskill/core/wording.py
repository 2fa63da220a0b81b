"""The words of a turn: questions, read-backs, numbers and lists, made of what the data says.

Which words are needed is decided elsewhere; how a result is told is in `telling.py`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from voiceskill.core.meaning import Answer
from voiceskill.core.pathway import (
    SKIPPED,
    UNSURE,
    Answers,
    Country,
    Kind,
    Part,
    Pathway,
    Question,
    Statement,
    Value,
)
from voiceskill.core.state import State

SENTENCE_WORDS = 25
"""For the ear, a longer sentence is cut in two (design section 5)."""
REVIEW_SENTENCES = 3
"""The answers of the gate are read back in at most so many (law 7)."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_DAYS = (
    ("years", 365.25),
    ("months", 30.4375),
    ("weeks", 7.0),
    ("days", 1.0),
    ("hours", 1 / 24),
    ("minutes", 1 / 1440),
)


@dataclass(frozen=True, slots=True)
class Words:
    """Makes sentences for one person, avoiding what was said a moment ago."""

    pathway: Pathway
    state: State

    def sentence(self, text: str, **parts: str) -> str:
        """A sentence of the data with the person's words and the parts filled in."""
        filled = self.fragment(text, **parts)
        return filled[:1].upper() + filled[1:]

    def fragment(self, text: str, **parts: str) -> str:
        """The same for a piece that stands inside a sentence."""
        return text.format_map({**self._person(), **parts})

    def say(self, key: str, *, nth: int = 0, **parts: str) -> str:
        """The nth wording of a connecting sentence, or the next that was not just said."""
        wordings = self.pathway.language.say[key]
        return self.fresh([self.sentence(wording, **parts) for wording in wordings], nth=nth)

    def joint(self, key: str) -> str:
        """A piece that joins others, as it stands: ", and "."""
        return self.pathway.language.say[key][0]

    def fresh(self, sentences: Sequence[str], *, nth: int = 0) -> str:
        """The nth of the sentences, or the first after it that was not said last."""
        ring = [sentences[(nth + i) % len(sentences)] for i in range(len(sentences))]
        return next((text for text in ring if not self._just_said(text)), ring[0])

    def unless_just_said(self, text: str) -> tuple[str, ...]:
        """The text as a sentence, or nothing where it was said a moment ago."""
        sentence = self.sentence(text)
        return () if self._just_said(sentence) else (sentence,)

    def _just_said(self, text: str) -> bool:
        return any(sentence in self.state.said for sentence in sentences_of(text))

    def question(self, question: Question) -> str:
        """The question in the wording that is due: as written first, then its others."""
        wordings = [self.sentence(text) for text in (question.ask, *question.again)]
        return _question_last(self.fresh(wordings, nth=self.state.posed))

    def statement(self, statement_id: str) -> Statement:
        """The statement of that id; it must be one of the pathway."""
        return next(one for one in self.pathway.statements if one.id == statement_id)

    def unit(self, unit: str) -> str:
        """A unit of time as it follows "how many": "weeks" for "week"."""
        units = self.pathway.language.units
        same = [name for name in units if name.startswith(unit) and units[name] == units[unit]]
        return max(same, key=len)

    def about(self, question_id: str) -> str:
        """The noun phrase that names a question."""
        return self.fragment(self.pathway.questions[question_id].about)

    def said(self, answer: Answer) -> str:
        """What completes "You told me that ...": "it is on the left"."""
        question = self.pathway.questions[answer.question]
        if answer.value in (UNSURE, SKIPPED):
            wording = self.pathway.language.say[f"said_{answer.value}"][0]
            return self.fragment(wording, about=self.about(question.id))
        if isinstance(answer.value, float | int):
            return self.fragment(question.said, value=self.value(question, answer.value))
        if isinstance(answer.value, tuple):
            parts = [self.fragment(question.option(part).said) for part in answer.value]
            return self.listed(parts)
        return self.fragment(question.option(answer.value).said)

    def value(self, question: Question, value: Value) -> str:
        """An answer in the fewest words: "left", "two weeks"."""
        if isinstance(value, tuple):
            return self.listed([self.fragment(question.option(part).say) for part in value])
        if isinstance(value, float | int):
            return self.duration(value) if question.kind is Kind.DURATION else self.number(value)
        if value in (UNSURE, SKIPPED):
            return self.said(Answer(question=question.id, value=value))
        return self.fragment(question.option(value).say)

    def read_back(self, answers: Sequence[Answer]) -> tuple[str, ...]:
        """The answers, then whether they are right; one sentence if it is short enough."""
        nth = self.state.posed
        if len(answers) == 1 and self._brief(answers[0]):
            question = self.pathway.questions[answers[0].question]
            return (self.say("brief", nth=nth, say=self.value(question, answers[0].value)),)
        ask = self.say("read_back_ask", nth=nth)
        pieces = [self.said(answer) for answer in answers]
        whole = self.say("read_back", nth=nth, said=self.listed_that(pieces))
        if len(whole.split()) <= SENTENCE_WORDS:
            return whole, ask
        first = self.say("read_back", nth=nth, said=pieces[0])
        rest = [self.say("read_back_more", nth=nth, said=piece) for piece in pieces[1:]]
        return first, *rest, ask

    def _brief(self, answer: Answer) -> bool:
        """Whether naming the answer is enough: nothing of the gate, and no bare "yes"."""
        question = self.pathway.questions[answer.question]
        bare = question.kind is Kind.YES_NO or answer.value in (UNSURE, SKIPPED)
        return question.part is not Part.GATE and not bare

    def denied(self, question_id: str) -> str:
        """What a "no" to this question denies."""
        question = self.pathway.questions[question_id]
        return self.fragment(question.denied or question.about)

    def review(self, answers: Sequence[Answer]) -> tuple[str, ...]:
        """All these answers in at most three sentences, by their short names if need be."""
        said = [self.said(answer) for answer in answers]
        full = self._packed("review", said, self.listed_that)
        if all(len(sentence.split()) <= SENTENCE_WORDS for sentence in full):
            return full
        names = [self.denied(answer.question) for answer in answers]
        return self._packed("review_about", names, self.listed_apart)

    def _packed(
        self, key: str, pieces: list[str], join: Callable[[list[str]], str]
    ) -> tuple[str, ...]:
        """The pieces spread evenly over as few sentences as hold them, never over three."""
        wordings = self.pathway.language.say[key]
        packed: tuple[str, ...] = ()
        for count in range(1, REVIEW_SENTENCES + 1):
            packed = tuple(
                self.sentence(wording, said=join(group))
                for wording, group in zip(wordings, _spread(pieces, count), strict=False)
            )
            if all(len(sentence.split()) <= SENTENCE_WORDS for sentence in packed):
                break
        return packed

    def listed(self, pieces: Iterable[str]) -> str:
        """The pieces with commas, and "and" before the last."""
        return _joined(list(pieces), self.joint("comma"), self.joint("and"))

    def listed_that(self, pieces: Iterable[str]) -> str:
        """The pieces as clauses: "..., that ..., and that ..."."""
        return _joined(list(pieces), self.joint("comma_that"), self.joint("and_that"))

    def listed_apart(self, pieces: Iterable[str], last: str = "and_apart") -> str:
        """Pieces that may hold commas themselves, set apart by longer breaks."""
        return _joined(list(pieces), self.joint("apart"), self.joint(last))

    def number(self, value: float) -> str:
        """A number from 0 to 999 in words, to the nearest half."""
        halves = round(value * 2)
        words = self._whole(halves // 2)
        if halves % 2:
            return self.fragment(self.joint("half"), n=words)
        return words

    def _whole(self, n: int) -> str:
        language = self.pathway.language.say
        if n <= 20:
            return language["numbers"][n]
        if n < 100:
            tens = language["tens"][n // 10 - 2]
            return f"{tens}-{language['numbers'][n % 10]}" if n % 10 else tens
        even, odd = language["hundred"]
        wording = odd if n % 100 else even
        return wording.format(hundreds=self._whole(n // 100), rest=self._whole(n % 100))

    def duration(self, days: float) -> str:
        """A time in the largest unit that it fills nearly evenly: "two weeks", "ten days"."""
        counts = [(unit, days / length) for unit, length in _DAYS]
        even = (one for one in counts if _nearly_whole(one[1]))
        unit, count = next(even, counts[-1])
        single, many = self.pathway.language.say[unit]
        n = max(1, round(count))
        return single if n == 1 else many.format(n=self.number(n))

    def emergency_number(self) -> str:
        """Whom to call, digit by digit, or honest words where that is not known."""
        country = self.country
        return country.emergency if country else self.joint("emergency_number_unknown")

    def crisis_number(self) -> str:
        """The line for thoughts of self-harm, or honest words."""
        country = self.country
        known = country.crisis or country.emergency if country else ""
        return known or self.joint("crisis_number_unknown")

    @property
    def country(self) -> Country | None:
        """The person's country, if it is known."""
        return self.pathway.countries.get(self.state.country)

    def _person(self) -> dict[str, str]:
        asked = self.pathway.person
        other = self.state.answers.get(asked.question) in asked.other
        return dict(self.pathway.language.persons["other" if other else "self"])


def answers_of(answers: Answers, questions: Iterable[str]) -> tuple[Answer, ...]:
    """The answers that were given to these questions, in that order."""
    return tuple(Answer(question=q, value=answers[q]) for q in questions if q in answers)


def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a text that may hold several."""
    return tuple(_SENTENCE_END.split(text))


def _question_last(text: str) -> str:
    """The sentences with what explains the question before it, for the ear keeps the end."""
    parts = sentences_of(text)
    return " ".join(sorted(parts, key=lambda part: part.endswith("?")))


def _nearly_whole(count: float) -> bool:
    """Whether a count is a whole number, give or take a twelfth."""
    return round(count) >= 1 and abs(count - round(count)) <= count / 12


def _joined(pieces: list[str], comma: str, last: str) -> str:
    if len(pieces) < 2:
        return "".join(pieces)
    return comma.join(pieces[:-1]) + last + pieces[-1]


def _spread(pieces: list[str], count: int) -> list[list[str]]:
    """The pieces in order in at most that many groups, the longest as short as can be."""
    cuts = combinations(range(1, len(pieces)), min(count, len(pieces)) - 1)
    ways = [[pieces[a:b] for a, b in pairwise((0, *cut, len(pieces)))] for cut in cuts]
    return min(ways, key=lambda groups: max(_words(group) for group in groups))


def _words(pieces: list[str]) -> int:
    return sum(len(piece.split()) for piece in pieces)
