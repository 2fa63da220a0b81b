"""From answers to an assessment, and to the next question worth asking.

Pure: same answers, same result, in whatever order they came. Nothing here speaks or knows a
language; the weighing is in `evidence.py`, the rules in `urgency.py`.
"""

from voiceskill.core.asking import is_open, most_telling
from voiceskill.core.assessment import Assessment, Urgency
from voiceskill.core.evidence import likely_causes
from voiceskill.core.information import askable
from voiceskill.core.pathway import (
    SKIPPED,
    UNSURE,
    Answers,
    Part,
    Pathway,
    Value,
)
from voiceskill.core.truth import applies, counted, truth
from voiceskill.core.urgency import Held, open_topics, urgency_rules

__all__ = [
    "Held",
    "applies",
    "assess",
    "gate_done",
    "next_question",
    "open_topics",
    "questions_left",
    "truth",
    "urgency_rules",
]


def assess(pathway: Pathway, answers: Answers) -> Assessment:
    """What the answers come to.

    The highest rule that holds wins; where none does it is `SELF_CARE`. A "yes" of the gate that
    still waits for its follow-up counts like its "not sure". With no answer but `UNSURE` and
    `SKIPPED` nothing was understood, and there is no urgency.
    """
    if all(value in (UNSURE, SKIPPED) for value in answers.values()):
        return Assessment(urgency=None, rules=(), causes=())
    held = urgency_rules(pathway, answers) + open_topics(pathway, answers)
    held = tuple(sorted(held, key=lambda one: -one.urgency))
    return Assessment(
        urgency=held[0].urgency if held else Urgency.SELF_CARE,
        rules=tuple(one.id for one in held),
        causes=likely_causes(pathway, counted(pathway, answers))
        if names_causes(pathway, answers)
        else (),
    )


def names_causes(pathway: Pathway, answers: Answers) -> bool:
    """False for those who get safe advice in place of causes: children, pregnancy."""
    value = answers.get(pathway.person.question, "")
    chosen = value if isinstance(value, tuple) else (value,)
    return not any(option in pathway.person.no_causes for option in chosen)


def next_question(pathway: Pathway, answers: Answers) -> str | None:
    """What to ask next: the opening, the gate in its order, then what tells most.

    Returns:
        A question id; None when there is nothing left that is worth asking.
    """
    counting = counted(pathway, answers)
    for part in (Part.OPENING, Part.GATE):
        for question in pathway.of_part(part):
            if is_open(question, counting):
                return question.id
    if not _differential_left(pathway, counting):
        return None
    return most_telling(pathway, counting)


def gate_done(pathway: Pathway, answers: Answers) -> bool:
    """Whether every question of the gate that applies has its answer."""
    counting = counted(pathway, answers)
    return not any(is_open(question, counting) for question in pathway.of_part(Part.GATE))


def questions_left(pathway: Pathway, answers: Answers) -> int:
    """At most how many questions are still to come, follow-ups to a later "yes" aside."""
    counting = counted(pathway, answers)
    before = sum(
        is_open(question, counting)
        for part in (Part.OPENING, Part.GATE)
        for question in pathway.of_part(part)
    )
    if not before and next_question(pathway, answers) is None:
        return 0
    return before + _differential_left(pathway, counting, before)


def _differential_left(pathway: Pathway, counting: dict[str, Value], before: int = 0) -> int:
    """How many questions of the differential may still be asked, with so many others before."""
    if not names_causes(pathway, counting):
        return 0
    asked = sum(one.question.id in counting for one in askable(pathway))
    left = sum(is_open(one.question, counting) for one in askable(pathway))
    policy = pathway.policy
    room = policy.most_questions - len(counting) - before
    return min(left, max(0, min(room, policy.differential_questions - asked)))
