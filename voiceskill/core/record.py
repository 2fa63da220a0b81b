"""What counts of the answers: how they are kept, what falls upward, what they come to so far.

Pure bookkeeping; what the conversation does next is in `flow.py`.
"""

from collections.abc import Iterable
from dataclasses import replace

from voiceskill.core.assess import Held, applies, assess, gate_done, open_topics, urgency_rules
from voiceskill.core.assessment import Assessment, Urgency
from voiceskill.core.meaning import Answer
from voiceskill.core.pathway import NO, Answers, Part, Pathway, Value
from voiceskill.core.skill import Skill
from voiceskill.core.state import State
from voiceskill.core.truth import tests_of
from voiceskill.core.wording import answers_of


def unconfirmed(skill: Skill, state: State, questions: Iterable[str]) -> tuple[Answer, ...]:
    """The answers to these questions, and the "yes" each follows from, that were not read back."""
    wanted: dict[str, None] = {}
    for question in questions:
        wanted |= dict.fromkeys((*led_to(skill.pathway, question), question))
    unread = (q for q in wanted if q not in state.confirmed)
    return answers_of(state.answers, unread)


def led_to(pathway: Pathway, question: str) -> tuple[str, ...]:
    """The questions of the gate whose answers made this one be asked, first ones first."""
    before: dict[str, None] = {}
    for test in tests_of(pathway.questions[question].ask_when):
        if pathway.questions[test.question].part is Part.GATE:
            before |= dict.fromkeys((*led_to(pathway, test.question), test.question))
    return tuple(before)


def put(skill: Skill, state: State, answers: Iterable[Answer], *, confirmed: bool) -> State:
    """The state with these answers; what hung on a changed one is dropped.

    Args:
        skill: What is known.
        state: Before.
        answers: The later of two to one question counts.
        confirmed: They were read back.
    """
    for answer in answers:
        values = {**state.answers, answer.question: answer.value}
        changed = state.answers.get(answer.question, answer.value) != answer.value
        if changed:
            values = _without_orphans(skill.pathway, state.answers, values)
        touched = {answer.question} if changed else set()
        kept = tuple(q for q in state.confirmed if q in values and q not in touched)
        part = skill.pathway.questions[answer.question].part
        topic = skill.pathway.questions[answer.question].topic
        state = replace(
            state,
            answers=values,
            confirmed=_with(kept, answer.question) if confirmed else kept,
            reviewed=tuple(q for q in state.reviewed if q in values and q not in touched),
            topic=topic if part is Part.GATE else state.topic,
        )
    return state


def _without_orphans(
    pathway: Pathway, before: Answers, values: dict[str, Value]
) -> dict[str, Value]:
    """Without the answers whose question applied until now and no longer does."""
    orphans = [
        q
        for q in values
        if applies(pathway.questions[q], before) and not applies(pathway.questions[q], values)
    ]
    return {q: value for q, value in values.items() if q not in orphans}


def _with(ids: tuple[str, ...], one: str) -> tuple[str, ...]:
    return ids if one in ids else (*ids, one)


def fallen_upward(skill: Skill, state: State, question_id: str, *values: Value) -> Value:
    """Of several values that an answer may have, the one that leads to the most urgent help.

    All that would hold is compared, the most urgent first, so that nothing which holds besides
    hides the difference. Among equals the first counts, and a "no" last of all (law 1).
    """
    pathway, before = skill.pathway, state.answers

    def weight(value: Value) -> tuple[int, ...]:
        answers = _without_orphans(pathway, before, {**before, question_id: value})
        return tuple(held.urgency for held in all_held(pathway, answers))

    return max(sorted(values, key=lambda value: value == NO), key=weight)


def all_held(pathway: Pathway, answers: Answers) -> list[Held]:
    """The rules that hold and what is not certain, most urgent first."""
    held = urgency_rules(pathway, answers) + open_topics(pathway, answers)
    return sorted(held, key=lambda one: -one.urgency)


def top_rule(pathway: Pathway, state: State) -> Held | None:
    """The most urgent thing that holds, if any."""
    return next(iter(all_held(pathway, state.answers)), None)


def outcome(skill: Skill, state: State) -> Assessment:
    """What the check comes to if it ends now.

    Without an urgency where nothing was understood, or where the gate was left unfinished and
    nothing urgent had been said: what was not asked is never a "no".
    """
    assessment = assess(skill.pathway, state.answers)
    if state.told:
        rules = (*state.told, *assessment.rules)
        return Assessment(urgency=Urgency.EMERGENCY, rules=rules, causes=())
    if gate_done(skill.pathway, state.answers):
        return assessment
    low = assessment.urgency is None or assessment.urgency < Urgency.SAME_DAY
    if low:
        return Assessment(urgency=None, rules=(), causes=())
    return replace(assessment, causes=())
