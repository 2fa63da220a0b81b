"""What a person can tell a doctor, or say on the phone, in a few spoken sentences.

Made of the answers; how urgent it is and which causes were named is told in `telling.py`.
"""

from collections.abc import Callable, Iterable

from voiceskill.core.assess import Held
from voiceskill.core.meaning import Answer
from voiceskill.core.pathway import NO, SKIPPED, UNSURE, YES, Kind, Part, Question, Value
from voiceskill.core.replies import NONE
from voiceskill.core.telling import reason_by
from voiceskill.core.wording import SENTENCE_WORDS, Words

DOCTOR_SENTENCES = 4
"""The answers are summed up in at most so many of the eight sentences that a summary may have."""
PHONE_SENTENCES = 3
"""The same in an emergency, where less is listened to: both are choices of ours."""


def for_the_doctor(w: Words, named: Iterable[str], held: Held | None) -> tuple[str, ...]:
    """How long, where, what brings it on and eases it; what counted most; the named causes.

    Args:
        w: The words of the person.
        named: The causes that the result named, likeliest first.
        held: The most urgent rule that holds, if any.
    """
    told = [
        w.say("doctor_start"),
        *_answers(w, (*_who(w), *w.pathway.summary, *_gate(w), *_rest(w))),
    ]
    if held is not None:
        told.append(reason_by(w, held, "doctor_rule"))
    return (*told, *_causes(w, named))


def for_the_phone(w: Words, held: Held | None) -> tuple[str, ...]:
    """What it is about, why it is urgent, what was said, where you are, and the number."""
    told = [w.say("phone_start"), w.say("phone_about", title=w.pathway.title)]
    if held is not None:
        told.append(reason_by(w, held, "phone_rule"))
    first_told = [w.fragment(w.statement(one).said) for one in w.state.told[:1]]
    told += [w.say("phone_rule", said=said) for said in first_told]
    told += _answers(w, (*_who(w), *_gate(w)), PHONE_SENTENCES)
    return (*told, w.say("phone_where"), w.say("once_more", number=w.emergency_number()))


# ---- which answers


def _who(w: Words) -> list[str]:
    """Whom it is about, where that is not the usual adult who speaks."""
    person = w.pathway.person
    unusual = (*person.other, *person.no_causes)
    return [person.question] if w.state.answers.get(person.question) in unusual else []


def _gate(w: Words) -> list[str]:
    return [question.id for question in w.pathway.of_part(Part.GATE)]


def _rest(w: Words) -> list[str]:
    """Whatever else was answered with yes."""
    rest = w.pathway.of_part(Part.DIFFERENTIAL)
    return [question.id for question in rest if w.state.answers.get(question.id) == YES]


def _positive(question: Question, value: Value) -> bool:
    """Whether the answer says that something is there."""
    ids = value if isinstance(value, tuple) else (value,)
    unsaid = {NO, UNSURE, SKIPPED, *NONE}
    return question.kind is not Kind.FREE and unsaid.isdisjoint(map(str, ids))


# ---- sentences


def _answers(w: Words, wanted: Iterable[str], most: int = DOCTOR_SENTENCES) -> list[str]:
    """The positive answers to these questions, in their order, as many as there is room for."""
    given = [
        Answer(question=q, value=w.state.answers[q])
        for q in dict.fromkeys(wanted)
        if q in w.state.answers
    ]
    pieces = [
        w.said(one) for one in given if _positive(w.pathway.questions[one.question], one.value)
    ]
    return _packed(
        pieces, lambda group, nth: w.say("doctor_said", nth=nth, said=w.listed_that(group))
    )[:most]


def _causes(w: Words, named: Iterable[str]) -> list[str]:
    names = [w.fragment(w.pathway.causes[cause].name.split(",")[0]) for cause in named]
    return _packed(
        names, lambda group, nth: w.say("doctor_causes", nth=nth, causes=w.listed_apart(group))
    )[:2]


def _packed(pieces: Iterable[str], sentence: Callable[[list[str], int], str]) -> list[str]:
    """Sentences that each hold as many of the pieces as are not too many words."""
    groups: list[list[str]] = []
    for piece in pieces:
        whole = sentence([*groups[-1], piece], len(groups) - 1) if groups else ""
        if groups and len(whole.split()) <= SENTENCE_WORDS:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [sentence(group, nth) for nth, group in enumerate(groups)]
