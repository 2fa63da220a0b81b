"""From the parts of what was said to the answer, reply or command that they make together.

Which parts there are is found in `align.py`; that two readings are never guessed between is
settled in `understand.py`.
"""

from collections.abc import Iterable, Sequence

from voiceskill.core.align import Cover, Part
from voiceskill.core.amounts import measured
from voiceskill.core.hearing import ALL, EITHER, NOT, WHEN, Expected
from voiceskill.core.meaning import (
    Answer,
    Answered,
    Between,
    Clear,
    Commanded,
    Meaning,
    Named,
    Prompt,
    PromptKind,
    Replied,
)
from voiceskill.core.pathway import NO, UNSURE, YES, Kind, Question, Value
from voiceskill.core.pathway import Part as QuestionPart
from voiceskill.core.templates import Capture

NONE = ("none", "nothing", NO)
"""Ids of an option that means "none of these"."""
AGREED = frozenset({YES, "right"})
"""Replies that may stand in front of a longer answer and change nothing: "yes, the left"."""
_GRAVITY = ("crisis", "emergency", "")
TARGETS = ("topic", "cause", "nth")
"""Lists that give what a command is about."""


class Reader:
    """Makes one meaning of the parts of a cover."""

    def __init__(self, expected: Expected) -> None:
        """Take what is known of the pathway."""
        self._expected = expected
        self._pathway = expected.pathway

    # ---- what may come at any prompt

    @staticmethod
    def plain(cover: Cover) -> Cover:
        """The cover without "and" and "or", save where a "not" may reach over them."""
        if any(part.sense.sort == NOT for part in cover.parts):
            return cover
        parts = tuple(part for part in cover.parts if part.sense.sort != EITHER)
        return Cover(parts, cover.hedged)

    def gravity(self, statement: str) -> int:
        """How far behind a statement comes when two are made in one breath; 0 comes first."""
        path = next(s.path for s in self._pathway.statements if s.id == statement)
        return _GRAVITY.index(path)

    def commands(self, parts: Iterable[Part]) -> tuple[Commanded, ...]:
        """The different commands among the parts, each with its target."""
        found: dict[Commanded, None] = {}
        for part in parts:
            if part.sense.sort == "command":
                targets = [_target(c) for c in part.captures if c.slot in TARGETS]
                command = Commanded(command=part.sense.of, target="".join(targets[:1]))
                found[command] = None
        return tuple(found)

    # ---- the reply to what was asked

    def reply(self, cover: Cover, prompt: Prompt) -> Meaning | None:
        """The meaning of parts that are neither a command nor a statement."""
        own = {question.id for question in self._expected.asked(prompt)}
        others = self._others([p for p in cover.parts if _answers(p) and p.sense.of not in own])
        if others is None:
            return None
        parts = [p for p in cover.parts if not _answers(p) or p.sense.of in own]
        mine = Cover(tuple(parts), cover.hedged)
        if not parts:
            return Answered(answers=others) if others else None
        match prompt.kind:
            case PromptKind.QUESTION:
                meaning = self._question(
                    self._pathway.questions[prompt.question], mine, prompt.unit
                )
            case PromptKind.CONFIRM:
                meaning = self._confirm(prompt, mine)
            case PromptKind.REVIEW:
                return self._review(prompt, mine) if not others else Answered(answers=others)
            case PromptKind.OFFER:
                meaning = _replied(mine, {"agree": YES, "decline": NO, "hedged_no": NO})
            case _:
                meaning = None
        if others and meaning is not None:
            return _joined(meaning, others)
        return meaning

    def _others(self, parts: Sequence[Part]) -> tuple[Answer, ...] | None:
        """Answers to questions that were not asked; None where one is answered twice."""
        found: dict[str, Value] = {}
        for part in parts:
            several = self._pathway.questions[part.sense.of].kind is Kind.SEVERAL
            value: Value = (part.sense.value,) if several else part.sense.value
            if found.setdefault(part.sense.of, value) != value:
                return None
        return tuple(Answer(question=q, value=value) for q, value in found.items())

    def _question(self, question: Question, cover: Cover, unit: str) -> Meaning | None:
        match question.kind:
            case Kind.YES_NO:
                value = self._yes_no(question, cover)
                return _answered(question, value)
            case Kind.CHOICE:
                return self._choice(question, cover)
            case Kind.SEVERAL:
                return _answered(question, self._several(question, cover))
            case Kind.FREE:
                return _answered(question, UNSURE) if _said(cover) == {UNSURE} else None
            case _:
                return self._amount(question, cover, unit)

    # ---- yes or no

    def _yes_no(self, question: Question, cover: Cover) -> str | None:
        values = {
            self.value_of(question, part.sense.value, hedged=cover.hedged)
            for part in cover.parts
            if part.sense.sort in ("reply", "answer")
        }
        if values == {NO, UNSURE}:
            values = {UNSURE}
        since = any(part.sense.sort == WHEN for part in cover.parts)
        if len(values) != 1 or (since and values != {YES}):
            return None  # "not since Monday" may say that it was before
        return values.pop()

    def value_of(self, question: Question, said: str, *, hedged: bool = False) -> str:
        """What a reply or option means for a yes_no question.

        A "no" that is not sure is "unsure" in the gate, where a false "no" could hurt somebody.
        """
        if said in AGREED:
            return YES
        if said == "hedged_no" or (hedged and said == NO):
            return UNSURE if question.part is QuestionPart.GATE else NO
        return said

    # ---- options

    def _choice(self, question: Question, cover: Cover) -> Meaning | None:
        said = _said(cover)
        chosen = _chosen(question, cover)
        if not chosen:
            return self._none_of(question, said, cover)
        if not (said <= AGREED or _taken_back(cover)):
            return None
        readings = [_answered(question, value) for value in chosen]
        clear = tuple(reading for reading in readings if reading is not None)
        return Between(readings=clear) if len(clear) > 1 else clear[0]

    def _none_of(self, question: Question, said: set[str], cover: Cover) -> Answered | None:
        """The answer where no option was named."""
        if any(part.sense.sort in (NOT, "answer") for part in cover.parts):
            return None
        if said <= {UNSURE}:
            return _answered(question, UNSURE if said else None)
        ids = {option.id for option in question.options}
        plain = {self.value_of(question, value, hedged=cover.hedged) for value in said}
        if plain == {NO, UNSURE}:
            plain = {UNSURE}
        if len(plain) != 1:
            return None
        value = plain.pop()
        if value == NO:
            value = next((none for none in NONE if none in ids), "")
        elif value != UNSURE and value not in ids:
            return None
        return _answered(
            question, (value,) if question.kind is Kind.SEVERAL and value in ids else value
        )

    def _several(self, question: Question, cover: Cover) -> Value | None:
        said = _said(cover)
        chosen = _chosen(question, cover)
        every = any(part.sense.sort == ALL for part in cover.parts)
        if not chosen and not every:
            none = self._none_of(question, said, cover)
            return none.answers[0].value if none else None
        mixed = len(chosen) > 1 and not set(NONE).isdisjoint(chosen)
        if mixed or (every and chosen) or not (said <= AGREED or _taken_back(cover)):
            return None
        return tuple(
            option.id
            for option in question.options
            if option.id in chosen or (every and option.id not in NONE)
        )

    # ---- amounts

    def _amount(self, question: Question, cover: Cover, unit: str) -> Meaning | None:
        said = _said(cover)
        amounts = [part for part in cover.parts if part.sense.sort == "amount"]
        if not amounts:
            return _answered(question, UNSURE) if said in ({UNSURE}, {"hedged_no"}) else None
        if not said <= AGREED | {UNSURE}:
            return None
        readings = {
            measured(question, p.captures, unit, self._pathway.language.units) for p in amounts
        }
        clear = tuple(reading for reading in readings if reading is not None)
        if len(clear) > 1:
            return Between(readings=tuple(sorted(clear, key=repr)))
        return clear[0] if clear else None

    # ---- read-backs

    def _confirm(self, prompt: Prompt, cover: Cover) -> Meaning | None:
        answers: list[Answer] = []
        rest = tuple(part for part in cover.parts if part.sense.sort == "reply")
        if len(rest) == len(cover.parts):
            return _replied(cover, {"hedged_no": UNSURE})
        said = _said(cover)
        if UNSURE in said or {YES, NO} <= said:
            return None
        for item in prompt.items:
            mine = tuple(p for p in cover.parts if p.sense.of == item or p.sense.sort == NOT)
            if not any(p.sense.of == item for p in mine):
                continue
            answer = Cover(mine, cover.hedged)
            meaning = self._question(self._pathway.questions[item], answer, prompt.unit)
            if not isinstance(meaning, Answered):
                return meaning
            answers.extend(meaning.answers)
        return Answered(answers=tuple(answers)) if answers else None

    def _review(self, prompt: Prompt, cover: Cover) -> Meaning | None:
        topics = [
            str(capture.value)
            for part in cover.parts
            if part.sense.sort == "name"
            for capture in part.captures
            if capture.slot == "topic"
        ]
        said = _said(cover)
        if not topics:
            means = {"right": NO, "nothing_wrong": NO, "wrong": YES, "hedged_no": UNSURE}
            return _replied(cover, means)
        if not said <= {YES, NO, "wrong"}:
            return None
        readings: dict[Clear, None] = {}
        for topic in topics:
            listed = topic in prompt.items
            named: Clear = (
                Named(question=topic) if listed else Commanded(command="change", target=topic)
            )
            readings[named] = None
        return Between(readings=tuple(readings)) if len(readings) > 1 else next(iter(readings))


def _target(capture: Capture) -> str:
    """A question, a cause, or a place in a list: "2"."""
    value = capture.value
    return value if isinstance(value, str) else f"{value:g}"


def _answers(part: Part) -> bool:
    return part.sense.sort == "answer"


def _said(cover: Cover) -> set[str]:
    """The values of the language-wide replies in a cover."""
    said = {part.sense.value for part in cover.parts if part.sense.sort == "reply"}
    return {value.removeprefix("plain_") for value in said}


def _chosen(question: Question, cover: Cover) -> tuple[str, ...]:
    """The options named, save those after a "not"; what a later "no" takes back is gone.

    "Not left, right" is right; "not left or right" is neither.
    """
    chosen: dict[str, None] = {}
    refused = negated = False
    for part in cover.parts:
        if part.sense.sort == NOT:
            refused = negated = True
        elif part.sense.sort == EITHER:
            refused = negated
        elif part.sense.sort == "reply" and part.sense.value == NO:
            chosen.clear()
        elif part.sense.sort == "answer" and part.sense.of == question.id:
            if not refused:
                chosen[part.sense.value] = None
            refused = False
    return tuple(chosen)


def _taken_back(cover: Cover) -> bool:
    """Whether a "no" stands between two answers: "left, no, right"."""
    sorts = [part.sense.sort for part in cover.parts]
    no = next((i for i, p in enumerate(cover.parts) if p.sense == ("reply", "", NO)), -1)
    return _said(cover) == {NO} and "answer" in sorts[: max(no, 0)] and "answer" in sorts[no:]


def _answered(question: Question, value: Value | None) -> Answered | None:
    if value is None or value == "":
        return None
    return Answered(answers=(Answer(question=question.id, value=value),))


def _replied(cover: Cover, means: dict[str, str]) -> Replied | None:
    """The reply of a cover, if all its parts say the same.

    Args:
        cover: The parts.
        means: What "right", "wrong", "agree", "decline" and "hedged_no" mean at this prompt,
            where it is not yes, no, yes, no and unsure.
    """
    usual = {"right": YES, "wrong": NO, "agree": YES, "decline": NO, "hedged_no": UNSURE}
    values = {{**usual, **means}.get(said, said) for said in _said(cover)}
    if values == {NO} and cover.hedged:
        values = {means["hedged_no"]}
    if values == {NO, UNSURE}:
        values = {UNSURE}
    if len(values) != 1 or len(_said(cover)) == 0:
        return None
    return Replied(value=values.pop())


def _joined(meaning: Meaning, others: tuple[Answer, ...]) -> Meaning | None:
    """A reply together with answers to other questions."""
    if isinstance(meaning, Answered):
        return Answered(answers=meaning.answers + others)
    if isinstance(meaning, Between):
        return meaning
    return Between(readings=(meaning, Answered(answers=others)))
