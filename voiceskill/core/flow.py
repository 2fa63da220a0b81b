"""What comes next: an emergency, a read-back, a question, or the result.

Laws 4 to 8 of the conversation stand here. How single replies are taken is in `answering.py`
and `confirming.py`.
"""

from collections.abc import Iterable
from dataclasses import replace

from voiceskill.core import telling
from voiceskill.core.assess import (
    Held,
    applies,
    gate_done,
    names_causes,
    next_question,
    questions_left,
    urgency_rules,
)
from voiceskill.core.assessment import Assessment, Urgency
from voiceskill.core.events import Say, Tone
from voiceskill.core.moves import (
    Moved,
    asked,
    close,
    menu,
    offered,
    plain,
    pose,
    return_to_interrupted,
    to_confirm,
    to_review,
    wait_for,
    words,
)
from voiceskill.core.pathway import NO, SKIPPED, UNSURE, Kind, Part, Pathway
from voiceskill.core.record import outcome, top_rule, unconfirmed
from voiceskill.core.skill import Skill
from voiceskill.core.state import Hears, Purpose, State
from voiceskill.core.wording import Words, answers_of

UNSURE_EMERGENCY = "unsure"
"""In `State.advised`: the advice for what could not be told for certain at the end of the gate."""


def proceed(skill: Skill, state: State, *says: Say) -> Moved:
    """Go on to what matters most now: the first of these steps that has something to say."""
    held = tuple(_rules(skill.pathway, state))
    if state.under:
        certain = _certain_emergency(skill, state, held)
        if certain is not None:
            return advise(skill, state, certain)
        return pose(skill, return_to_interrupted(state), *says)
    for due in (
        _due_emergency,
        _due_follow_up,
        _due_same_day,
        _due_resumption,
        _due_review,
        _due_unsure_emergency,
        _due_question,
    ):
        if (moved := due(skill, state, says, held)) is not None:
            return moved
    return tell_result(skill, state, *says)


Says = tuple[Say, ...]
Rules = tuple[Held, ...]


def _due_emergency(skill: Skill, state: State, says: Says, rules: Rules) -> Moved | None:
    for held in rules:
        if held.urgency is Urgency.EMERGENCY and held.id not in state.advised:
            pending = unconfirmed(skill, state, held.questions)
            if pending:
                return pose(skill, wait_for(state, to_confirm(pending)), *says)
            return advise(skill, state, held)
    return None


def _certain_emergency(skill: Skill, state: State, rules: Rules) -> Held | None:
    """An emergency that was read back and not advised on yet."""
    for held in rules:
        new = held.urgency is Urgency.EMERGENCY and held.id not in state.advised
        if new and not unconfirmed(skill, state, held.questions):
            return held
    return None


def _due_follow_up(skill: Skill, state: State, says: Says, _: Rules) -> Moved | None:
    """The next question of the topic in hand, asked while it is fresh."""
    for question in skill.pathway.of_part(Part.GATE):
        if question.topic == state.topic and _is_open(skill, state, question.id):
            return pose(skill, wait_for(state, asked(question.id)), *says)
    return None


def _due_same_day(skill: Skill, state: State, says: Says, rules: Rules) -> Moved | None:
    for held in rules:
        pending = unconfirmed(skill, state, held.questions)
        if held.urgency is Urgency.SAME_DAY and pending:
            return pose(skill, wait_for(state, to_confirm(pending)), *says)
    return None


def _due_resumption(skill: Skill, state: State, says: Says, _: Rules) -> Moved | None:
    """Back to the question that a change of an earlier answer interrupted."""
    resume, state = state.resume, replace(state, resume="")
    if not resume or not _is_open(skill, state, resume):
        return None
    in_gate = skill.pathway.questions[resume].part is Part.GATE
    if not in_gate and not gate_done(skill.pathway, state.answers):
        return None
    return pose(skill, wait_for(state, asked(resume)), *says)


def _due_review(skill: Skill, state: State, says: Says, _: Rules) -> Moved | None:
    """Law 7: at the end of the gate all its "no" are read back."""
    if not gate_done(skill.pathway, state.answers):
        return None
    settled = {*state.reviewed, *(state.confirmed if state.reviewed else ())}
    noes = [
        question.id
        for question in skill.pathway.of_part(Part.GATE)
        if state.answers.get(question.id) == NO and question.id not in settled
    ]
    if not noes:
        return None
    review = to_review(answers_of(state.answers, noes))
    return pose(skill, wait_for(state, review), *says)


def _due_unsure_emergency(skill: Skill, state: State, _: Says, __: Rules) -> Moved | None:
    """What is not certain falls upward; it is acted on once everything was asked."""
    if state.advised or not gate_done(skill.pathway, state.answers):
        return None
    held = top_rule(skill.pathway, state)
    if held is None or outcome(skill, state).urgency is not Urgency.EMERGENCY:
        return None
    return advise(skill, state, held)


def _due_question(skill: Skill, state: State, says: Says, _: Rules) -> Moved | None:
    state = without_unheard_free(skill.pathway, state)
    question = next_question(skill.pathway, state.answers)
    if question is None:
        return None
    state = wait_for(state, asked(question))
    return pose(skill, state, *says, *_signpost(skill, state, told=bool(says)))


def _signpost(skill: Skill, state: State, *, told: bool) -> Says:
    """Before the first question of a part: what kind of questions come now.

    Args:
        skill: What is known.
        state: It waits for the question already.
        told: Something was said about the last answer, so that no thanks are due.
    """
    questions, w = skill.pathway.questions, words(skill, state)
    part = questions[state.prompt.question].part
    if any(questions[q].part is part for q in state.answers):
        return _progress(skill.pathway, state, w, told=told) if part is Part.GATE else ()
    if part is Part.GATE:
        thanks = () if told else (w.say("progress"),)
        return (plain(*thanks, *_gate_intro(skill.pathway, state, w)),)
    if part is not Part.DIFFERENTIAL:
        return ()
    left = questions_left(skill.pathway, state.answers)
    return (plain(w.say("trouble_intro"), w.say("trouble_count", n=w.number(left))),)


def _gate_intro(pathway: Pathway, state: State, w: Words) -> tuple[str, ...]:
    """How many questions come first, how to answer them, and how to interrupt."""
    count = len(_topics(pathway))
    told = [w.say("gate_intro", n=w.number(count)), w.say("gate_answers"), w.say("gate_private")]
    told += [w.say("gate_commands")]
    told += [w.say("gate_forget")] if state.keeps else []
    return tuple(told)


def _progress(pathway: Pathway, state: State, w: Words, *, told: bool) -> Says:
    """Now and then between two topics: that the answer was heard, and how much is left."""
    topics = _topics(pathway)
    done = sum(topic in state.answers for topic in topics)
    quarter, half = len(topics) // 4, len(topics) // 2
    if done == half:
        return (plain(w.say("progress_half")),)
    if done == len(topics) - quarter and quarter > 1:
        return (plain(w.say("progress_left", n=w.number(quarter))),)
    return (plain(w.say("progress", nth=done)),) if done in (1, quarter) and not told else ()


def _topics(pathway: Pathway) -> tuple[str, ...]:
    """The first question of each topic of the gate."""
    return tuple(q.id for q in pathway.of_part(Part.GATE) if q.topic == q.id)


def without_unheard_free(pathway: Pathway, state: State) -> State:
    """Leave out questions in free words where no ear can take them down."""
    if state.hears is not Hears.POORLY:
        return state
    free = {q.id: SKIPPED for q in pathway.questions.values() if q.kind is Kind.FREE}
    return replace(state, answers={**free, **state.answers}) if free else state


def _rules(pathway: Pathway, state: State) -> Iterable[Held]:
    """The rules of the pathway that hold; not what is made of a "not sure"."""
    return (one for one in urgency_rules(pathway, state.answers) if ":" not in one.id)


def _is_open(skill: Skill, state: State, question_id: str) -> bool:
    question = skill.pathway.questions[question_id]
    return question_id not in state.answers and applies(question, state.answers)


# ---- emergencies, the result and the end


def advise(skill: Skill, state: State, held: Held | None) -> Moved:
    """Law 6: the advice at once, before any other word; then the rest, if it is wanted."""
    w = words(skill, state)
    if held is not None:
        before, state = state.advised, _marked(skill, state, held)
        if before:
            return proceed(skill, state, telling.first_of_emergency(w, held))
    state = replace(wait_for(state, offered(Purpose.ADVISED)), under=())
    return pose(skill, state, telling.emergency(w, held))


def _marked(skill: Skill, state: State, held: Held) -> State:
    """Every emergency that is certain by now is advised on together with this one."""
    certain = [
        one.id
        for one in _rules(skill.pathway, state)
        if one.urgency is Urgency.EMERGENCY and not unconfirmed(skill, state, one.questions)
    ]
    return replace(state, advised=tuple(dict.fromkeys((*state.advised, held.id, *certain))))


def tell_result(skill: Skill, state: State, *says: Say) -> Moved:
    """The result, then the menu; the end where there is no tier."""
    assessment = outcome(skill, state)
    if assessment.urgency is None:
        return end(skill, state, *says, plain(words(skill, state).say("not_understood")))
    before, emergency = state.named, assessment.urgency is Urgency.EMERGENCY
    named = () if emergency else tuple(cause.cause for cause in assessment.causes)
    state = replace(wait_for(state, menu(Purpose.RESULT)), named=named, under=())
    intro = plain(words(skill, state).say("result_intro", nth=1 if before else 0))
    return pose(skill, state, *says, intro, _result(skill, state, assessment))


def what_to_do(skill: Skill, state: State) -> Say:
    """After the result: how urgent it is and what to do, without the rest."""
    held = None if state.told else top_rule(skill.pathway, state)
    urgency = outcome(skill, state).urgency
    assert urgency is not None
    return Say(sentences=telling.steps(words(skill, state), urgency, held), tone=Tone.RESULT)


def _result(skill: Skill, state: State, assessment: Assessment) -> Say:
    held = None if state.told else top_rule(skill.pathway, state)
    return telling.result(
        words(skill, state),
        assessment,
        held,
        no_causes=not names_causes(skill.pathway, state.answers),
    )


def advise_again(skill: Skill, state: State) -> Moved:
    """The whole advice once more, then what was asked after it."""
    held = None if state.told else top_rule(skill.pathway, state)
    return pose(skill, state, telling.emergency(words(skill, state), held))


def end(skill: Skill, state: State, *says: Say) -> Moved:
    """Close with the safety net, whatever went before (law 8)."""
    net = telling.safety_net(words(skill, state))
    return Moved(state=close(state), says=(*says, plain(*net)))


def end_unheard(skill: Skill, state: State, key: str) -> Moved:
    """Close kindly where nobody is heard any more; with the result, if there is one."""
    w = words(skill, state)
    goodbye = plain(w.say(key))
    assessment = outcome(skill, state)
    if assessment.urgency is not None:
        state = close(state)
        return Moved(state=state, says=(goodbye, _result(skill, state, assessment)))
    if all(value in (UNSURE, SKIPPED) for value in state.answers.values()):
        return end(skill, state, plain(w.say("not_understood")))
    return end(skill, state, goodbye, plain(w.say("gate_unfinished")))
