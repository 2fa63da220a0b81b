"""Lays templates over the words that were said, with just so much forgiveness.

Words that mean nothing are passed over; one or two others may be, where the template is long
enough to be sure of; no word of a template may be missing. What follows is in `understand.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from voiceskill.core.templates import Capture, Captures, Sense, Target, Templates
from voiceskill.core.words import Numbers

MOST_EXTRA = 2
"""Extra words forgiven in all: what speech-to-phrase and voice2json forgive."""
_EXTRA_OF_MATCHED = (0, 0, 1, 2)
"""Extra words forgiven a template of 0, 1, 2, 3 and more words: one word alone forgives none,
else "no feeling" would be "no"."""

PLAIN = ("plain_yes", "plain_no")
"""Values of a reply that is nothing but yes or no, however an answer is worded."""
LEAST_ELSEWHERE = 3
"""Words of a template that may answer a question that was not asked: "an accident" may belong to
what was asked in words of the person's own."""

Phrases = Mapping[str, tuple[tuple[str, ...], ...]]
"""Phrases as words, by their first word."""


def phrases_of(texts: Sequence[tuple[str, ...]]) -> Phrases:
    """Phrases indexed by their first word."""
    index: dict[str, list[tuple[str, ...]]] = {}
    for words in texts:
        if words:
            index.setdefault(words[0], []).append(words)
    return {first: tuple(phrases) for first, phrases in index.items()}


class Part(NamedTuple):
    """One thing said, among several in one breath."""

    sense: Sense
    captures: Captures


class Cover(NamedTuple):
    """One way to account for every word."""

    parts: tuple[Part, ...]
    hedged: bool
    """Somebody said "I think" or "maybe" beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What is listened for: where templates begin, and which words may be passed over."""

    forgiving: tuple[int, ...]
    """Places in the graph from which templates lead that forgive extra words."""
    strict: tuple[int, ...]
    """Places from which templates lead that forgive none."""
    silent: Phrases
    """What means nothing: fillers, and what joins two answers."""
    hedges: Phrases
    """What makes a "no" less sure."""
    never_extra: frozenset[str]
    """Words that turn a meaning round; never passed over."""
    own_words: frozenset[str] = frozenset()
    """Words that tell the answers of this prompt apart; passed over only within their own."""
    own: frozenset[str] = frozenset()
    """Ids of the questions asked; an answer to another one forgives no extra word at all."""

    def elsewhere(self, sense: Sense) -> bool:
        """Whether it answers a question that was not asked."""
        return sense.sort == "answer" and sense.of not in self.own


class _Span(NamedTuple):
    """A template found in the words."""

    end: int
    part: Part
    hedged: bool
    extra: int
    matched: int
    forgiving: bool


class _Walk(NamedTuple):
    """How far a template is walked."""

    place: int
    at: int
    captures: Captures
    hedged: bool
    skipped: tuple[str, ...]
    matched: int
    fresh: bool
    """The last word was matched, not passed over."""


class _Step(NamedTuple):
    """How far the words are accounted for, and at what price."""

    parts: tuple[Part, ...] = ()
    hedged: bool = False
    extra: int = 0
    longest: int = 0
    """Words matched by the longest template that forgives."""
    matched: int = 0


@dataclass(slots=True)
class Alignment:
    """One text laid against one hearing."""

    templates: Templates
    numbers: Numbers
    words: Sequence[str]
    hearing: Hearing
    _spans: dict[int, tuple[_Span, ...]] = field(default_factory=dict)

    def covers(self) -> tuple[Cover, ...]:
        """The best ways to account for all words: none, one, or several that are as good.

        Best is: fewest extra words, then fewest answers to other questions, then fewest parts,
        then a statement before anything else, then most words matched, then a bare yes or no,
        then an answer's own wording before a reply that fits every question.
        """
        priced = [(self._price(step), step) for step in self._ends() if self._holds(step)]
        best = min((price for price, _ in priced), default=None)
        found = [Cover(step.parts, step.hedged) for price, step in priced if price == best]
        return tuple(dict.fromkeys(found))

    def inside(self, sort: str) -> tuple[Part, ...]:
        """What of one sort is said anywhere, whole and with no turning word beside it."""
        spans = [(at, s) for at in range(len(self.words)) for s in self._at(at) if not s.extra]
        return tuple(
            span.part
            for at, span in spans
            if span.part.sense.sort == sort
            and span.matched >= len(_EXTRA_OF_MATCHED) - 1
            and self.hearing.never_extra.isdisjoint(self.words[:at])
            and self.hearing.never_extra.isdisjoint(self.words[span.end :])
        )

    # ---- accounting for all words

    def _others(self, step: _Step) -> int:
        return sum(self.hearing.elsewhere(part.sense) for part in step.parts)

    def _price(self, step: _Step) -> tuple[int, ...]:
        sorts = [part.sense.sort for part in step.parts]
        plain = sum(part.sense.value in PLAIN for part in step.parts)
        general = -2 * plain + sorts.count("reply") + sorts.count("all") + 2 * sorts.count("not")
        ranks = (-sorts.count("told"), -step.matched, general)
        return (step.extra, self._others(step), len(sorts), *ranks)

    def _holds(self, step: _Step) -> bool:
        allowed = _EXTRA_OF_MATCHED[min(step.longest, len(_EXTRA_OF_MATCHED) - 1)]
        if self._others(step):
            allowed = 0
        return bool(step.parts) and step.extra <= allowed

    def _ends(self) -> list[_Step]:
        reached: list[dict[_Step, None]] = [{} for _ in range(len(self.words) + 1)]
        reached[0][_Step()] = None
        for at in range(len(self.words)):
            for step in tuple(reached[at]):
                for end, after in self._onward(at, step):
                    reached[end][after] = None
        return list(reached[-1])

    def _onward(self, at: int, step: _Step) -> Iterator[tuple[int, _Step]]:
        for end in self._passed(at, self.hearing.silent):
            yield end, step
        for end in self._passed(at, self.hearing.hedges):
            yield end, step._replace(hedged=True)
        if step.extra < MOST_EXTRA and self._may_be_extra(at, self.hearing.own_words):
            yield at + 1, step._replace(extra=step.extra + 1)
        for span in self._at(at):
            extra = step.extra + span.extra
            if extra <= MOST_EXTRA:
                again = bool(step.parts) and step.parts[-1] == span.part
                yield (
                    span.end,
                    _Step(
                        parts=step.parts if again else (*step.parts, span.part),
                        hedged=step.hedged or span.hedged,
                        extra=extra,
                        longest=max(step.longest, span.matched if span.forgiving else 0),
                        matched=step.matched + span.matched,
                    ),
                )

    def _passed(self, at: int, phrases: Phrases) -> Iterator[int]:
        for phrase in phrases.get(self.words[at], ()):
            if tuple(self.words[at : at + len(phrase)]) == phrase:
                yield at + len(phrase)

    def _may_be_extra(self, at: int, kept: frozenset[str]) -> bool:
        word = self.words[at]
        return not (word in self.hearing.never_extra or word in kept or word[0].isdecimal())

    # ---- walking the templates

    def _at(self, at: int) -> tuple[_Span, ...]:
        """Every template that begins with the word at an index."""
        if at not in self._spans:
            found = [*self._walk(at, self.hearing.strict, forgiving=False)]
            found += self._walk(at, self.hearing.forgiving, forgiving=True)
            self._spans[at] = tuple(dict.fromkeys(found))
        return self._spans[at]

    def _walk(self, at: int, starts: Sequence[int], *, forgiving: bool) -> Iterator[_Span]:
        begun = [_Walk(start, at, (), False, (), 0, True) for start in starts]
        todo = [after for walk in begun for after in self._matched(walk)]
        seen: set[_Walk] = set()
        while todo:
            walk = todo.pop()
            if walk in seen:
                continue
            seen.add(walk)
            if walk.fresh:
                yield from self._complete(walk, forgiving=forgiving)
            if walk.at < len(self.words):
                todo.extend(self._matched(walk))
                todo.extend(self._over(walk, forgiving=forgiving))

    def _complete(self, walk: _Walk, *, forgiving: bool) -> Iterator[_Span]:
        for sense, captures in self.templates.node(walk.place).senses:
            if walk.matched < LEAST_ELSEWHERE and self.hearing.elsewhere(sense):
                continue
            telling = self.hearing.own_words.intersection(walk.skipped)
            if not telling or telling <= self.templates.vocabulary(sense):
                part = Part(sense, walk.captures + captures)
                extra = len(walk.skipped)
                yield _Span(walk.at, part, walk.hedged, extra, walk.matched, forgiving)

    def _matched(self, walk: _Walk) -> Iterator[_Walk]:
        """The walk one word (or number) on."""
        node = self.templates.node(walk.place)
        for target in node.words.get(self.words[walk.at], ()):
            yield self._reach(walk, target, walk.at + 1)
        if node.numbers:
            for end, value in self.numbers.at(self.words, walk.at):
                for target in node.numbers:
                    yield self._reach(walk, target, end, (Capture("number", value),))

    @staticmethod
    def _reach(walk: _Walk, target: Target, end: int, number: Captures = ()) -> _Walk:
        return walk._replace(
            place=target[0],
            at=end,
            captures=walk.captures + target[1] + number,
            matched=walk.matched + end - walk.at,
            fresh=True,
        )

    def _over(self, walk: _Walk, *, forgiving: bool) -> Iterator[_Walk]:
        """The walk with the next word or phrase passed over."""
        for end in self._passed(walk.at, self.hearing.silent):
            yield walk._replace(at=end, fresh=False)
        for end in self._passed(walk.at, self.hearing.hedges):
            yield walk._replace(at=end, fresh=False, hedged=True)
        if (
            forgiving
            and len(walk.skipped) < MOST_EXTRA
            and self._may_be_extra(walk.at, frozenset())
        ):
            skipped = (*walk.skipped, self.words[walk.at])
            yield walk._replace(at=walk.at + 1, fresh=False, skipped=skipped)
