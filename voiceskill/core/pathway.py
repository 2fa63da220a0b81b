"""The values of knowledge: what is asked, what follows from it, and where that is written.

Plain values with the few look-ups that belong to them. Nothing here reads, weighs or speaks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from voiceskill.core.assessment import Urgency
from voiceskill.core.language import Language
from voiceskill.core.policy import PersonPolicy, Policy

Value = str | float | tuple[str, ...]
"""An answer: "yes", "no" or an option's id; a number, an age in years or a duration in days;
the ids of several options in the order of the question; `UNSURE` or `SKIPPED` for any kind."""

Answers = Mapping[str, Value]
"""Question id to value, in the order answered."""

YES, NO = "yes", "no"
UNSURE = "unsure"
SKIPPED = "skipped"
"""Only for a question with `skippable`; counts for nothing."""


class Kind(StrEnum):
    """What sort of answer a question takes."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    SEVERAL = "several"
    NUMBER = "number"
    DURATION = "duration"
    AGE = "age"
    FREE = "free"


class Part(StrEnum):
    """When a question may come."""

    OPENING = "opening"
    GATE = "gate"
    DIFFERENTIAL = "differential"


# ---- conditions: three-valued, without weights and without a language of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One demand on one answer: `is_any`, `only`, or one or both bounds.

    Unknown while the question is unanswered, `UNSURE` or `SKIPPED`; a test whose `is_any` names
    `UNSURE` knows an `UNSURE`.
    """

    __test__ = False  # pytest: a value, not a test class

    question: str
    is_any: tuple[str, ...] = ()
    """The answer is one of these; for `several`: it holds at least one of these."""
    only: tuple[str, ...] = ()
    """For `several`: it holds something, and nothing but these."""
    at_least: float | None = None
    below: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """All of `all_of` hold and, where there are any, one of `any_of` and two of `two_of`."""

    all_of: tuple["Test | Condition", ...] = ()
    any_of: tuple["Test | Condition", ...] = ()
    two_of: tuple["Test | Condition", ...] = ()


# ---- questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer that a question offers."""

    id: str
    say: str
    """As it is offered and named aloud: "the outer side of the thigh"."""
    said: str
    """Completes "You told me that ...": "it is on the outer side of {your} thigh"."""
    sentences: tuple[str, ...]
    """Sentence templates of hassil that mean it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, with all that is needed to ask it, hear it, read it back and weigh it.

    Sentences may hold {you}, {your}, {yours} and {yourself}: they follow the person asked about.
    """

    id: str
    part: Part
    topic: str
    """The gate topic it belongs to; the topic's first question has this id. Else its own id."""
    kind: Kind
    ask: str
    again: tuple[str, ...]
    """Reprompts after not understanding, each worded differently; at least two."""
    help: str
    """What is meant, and what can be answered."""
    because: str
    """Why it is asked."""
    about: str
    """A noun phrase: "the feeling between {your} legs"; what "change my answer about" names."""
    denied: str = ""
    """What a "no" denies, in a few words after "You said no to ...": "trouble passing water"."""
    options: tuple[Option, ...] = ()
    """For yes_no: "yes" and "no", their sentences in addition to the language's own."""
    said: str = ""
    """For number, age and duration: completes "You told me that ...", with {value}."""
    minimum: float | None = None
    maximum: float | None = None
    out_of_range: str = ""
    """Said when a number, age or duration is not within minimum and maximum."""
    ask_when: Condition | None = None
    """Asked only when this holds; None: always."""
    unsure_tier: Urgency | None = None
    """What "not sure" leads to; at least SAME_DAY in the gate, where it may not be missing."""
    skippable: bool = False
    """"Skip" counts for nothing instead of `UNSURE` (the question about sex)."""
    also_called: tuple[str, ...] = ()
    """Templates by which a person names it: "change my answer about the bladder"."""
    source: str
    revision: int

    def option(self, option_id: str) -> Option:
        """The option of that id.

        Raises:
            KeyError: there is none.
        """
        for option in self.options:
            if option.id == option_id:
                return option
        raise KeyError(option_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something told at any prompt that counts as answers: "I can't feel my bottom"."""

    id: str
    sentences: tuple[str, ...]
    core: tuple[str, ...]
    """The plain wordings that the ears listen for at every prompt."""
    answers: Mapping[str, Value]
    """Question id to value; empty for one that has a path of its own."""
    path: str = ""
    """"", "emergency" (advice at once after a read-back) or "crisis" (ends the check)."""
    said: str
    """Completes "You told me that ..."."""


# ---- evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How often a finding is there: a rate with where it comes from."""

    rate: float
    """0 to 1, neither included."""
    source: str
    """A key of `sources.toml`; "assumption" where no figure was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fact that tells causes apart, drawn from the answers."""

    id: str
    when: Condition
    """True: there; false: not there; unknown counts for nothing."""
    usual: Evidence
    """How often people with other causes have it."""
    group: str
    """Findings that say the same thing share it; only the strongest of a group counts."""
    said: str
    """Completes "because you said ..." when it is there."""
    said_not: str
    """The same when it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenIn:
    """What a finding says of one cause: a rate, or a published pair of likelihood ratios."""

    finding: str
    rate: float | None = None
    """How often people with this cause have it (sensitivity), 0 to 1, neither included."""
    usual: float | None = None
    """In place of the finding's own `usual` (1 - specificity), where a pair was published."""
    lr_positive: float | None = None
    lr_negative: float | None = None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A small patient in the data: these answers, this outcome."""

    name: str
    """The rule in words."""
    answers: Mapping[str, Value]
    urgency: Urgency | None = None
    """The tier it must reach; None: not looked at."""
    first: str = ""
    """The cause that must be first."""
    named: tuple[str, ...] = ()
    """Causes that must be among the three."""
    not_named: tuple[str, ...] = ()
    """Causes that must not be."""
    covers: tuple[str, ...] = ()
    """Facts of the article that the pathway started from: "S1" to "S17"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause of a numb leg: one file."""

    id: str
    name: str
    """Hedged words for the ear: "a slipped disc in the lower back"."""
    what: str
    """What it is, in one or two short sentences."""
    prior_per_1000: float
    prior_source: str
    seen_in: tuple[SeenIn, ...]
    advice: tuple[str, ...]
    """What to do now."""
    worse_if: tuple[str, ...]
    """What would make it more urgent."""
    options: tuple[str, ...]
    """Treatments, named and never recommended."""
    icd10: str
    sources: tuple[str, ...]
    last_reviewed: date
    cases: tuple[Case, ...]
    also_called: tuple[str, ...] = ()
    """Templates by which people name it: "(stenosis|spinal stenosis)"; the plainest first."""


# ---- urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyRule:
    """When this holds, it is at least this urgent."""

    id: str
    urgency: Urgency
    when: Condition
    reason: str
    """Completes "because you said ..."."""
    do: tuple[str, ...]
    """Said in addition to the tier's own advice."""
    source: str
    last_reviewed: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TierWords:
    """How a tier is told."""

    verdict: str
    """The first sentence of a result."""
    do: tuple[str, ...]
    """What to do now."""
    watch: tuple[str, ...] = ()
    """When to seek help sooner."""


# ---- the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact is written."""

    id: str
    kind: str
    """guideline, paper, charity, secondary, data or assumption."""
    citation: str
    checked: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Whom to call. Numbers are spelt for the ear: "nine, nine, nine"."""

    id: str
    """ISO 3166 alpha-2, lower case."""
    name: str
    sentences: tuple[str, ...]
    """Templates by which a person names it."""
    emergency: str
    advice: str
    """The line for advice that is not an emergency; "" where there is none."""
    crisis: str
    """The line for thoughts of self-harm; "" where there is none."""
    source: str
    checked: date


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Pathway:
    """All that one check knows, in one language.

    Compared by identity, so that what is computed once from it can be remembered with it.
    """

    id: str
    revision: int
    title: str
    policy: Policy
    person: PersonPolicy
    questions: Mapping[str, Question]
    """In the order of the files; for the gate, that is the order of asking."""
    statements: tuple[Statement, ...]
    findings: Mapping[str, Finding]
    causes: Mapping[str, Cause]
    rules: tuple[UrgencyRule, ...]
    tiers: Mapping[Urgency, TierWords]
    safety_net: tuple[str, ...]
    emergency: tuple[str, ...]
    """The advice of an emergency, first sentence first; {number} is the number to call."""
    crisis: tuple[str, ...]
    """The words for thoughts of self-harm; {number} is the crisis line."""
    language: Language
    countries: Mapping[str, Country]
    sources: Mapping[str, Source]
    cases: tuple[Case, ...] = field(default=())
    """Cases of the pathway as a whole, beside those of each cause."""
    summary: tuple[str, ...] = ()
    """Questions whose answers a doctor wants to hear first, in that order."""

    def of_part(self, part: Part) -> tuple[Question, ...]:
        """The questions of one part, in order."""
        return tuple(q for q in self.questions.values() if q.part is part)
