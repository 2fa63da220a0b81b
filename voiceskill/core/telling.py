"""An outcome in spoken sentences: how urgent first, what to do, why, and when to seek help.

What the outcome is was weighed in `assess.py`; when it is told is decided elsewhere.
"""

from collections.abc import Sequence

from voiceskill.core.assess import Held
from voiceskill.core.assessment import Assessment, LikelyCause, Reason, Urgency
from voiceskill.core.events import Say, Tone
from voiceskill.core.pathway import Cause
from voiceskill.core.wording import SENTENCE_WORDS, Words

REASONS = 2
"""So many reasons are spoken for a cause; the report holds all."""
AGAINST_NATS = -0.5
"""A finding with this weight or less is said to speak against a cause: it makes the odds 0.6 of
what they were, which is worth a sentence. A choice of ours."""


def result(w: Words, assessment: Assessment, held: Held | None, *, no_causes: bool) -> Say:
    """The whole result: verdict, what to do, reason, causes, warning signs, safety net.

    Args:
        w: The words of the person.
        assessment: With an urgency.
        held: The most urgent rule that holds, if any.
        no_causes: True for those to whom no causes may be named.
    """
    assert assessment.urgency is not None
    tier = w.pathway.tiers[assessment.urgency]
    number = w.emergency_number()
    told = list(steps(w, assessment.urgency, held))
    if held is not None:
        told.append(w.sentence(_reason(w, held)))
    told += _causes(w, assessment, no_causes=no_causes)
    told += [w.sentence(text, number=number) for text in tier.watch]
    return Say(sentences=_once((*told, *safety_net(w))), tone=Tone.RESULT)


def steps(w: Words, urgency: Urgency, held: Held | None) -> tuple[str, ...]:
    """How urgent it is and what to do: what a result begins with."""
    tier = w.pathway.tiers[urgency]
    lead = (tier.verdict, *tier.do, *(held.do if held else ()))
    return tuple(w.sentence(text, number=w.emergency_number()) for text in lead)


def safety_net(w: Words) -> tuple[str, ...]:
    """When to seek help whatever was said, and whom to call: the end of every check."""
    number = w.emergency_number()
    net = [w.sentence(text, number=number) for text in w.pathway.safety_net]
    if not any(number in sentence for sentence in net):
        net.append(w.say("call_number", number=number))
    if w.country is None:
        net.append(w.say("country_unknown"))
    return tuple(net)


def emergency(w: Words, held: Held | None) -> Say:
    """What to do at once; the reason second."""
    number = w.emergency_number()
    advice = [w.sentence(text, number=number) for text in w.pathway.emergency]
    advice += [w.sentence(text, number=number) for text in (held.do if held else ())]
    if w.country is None:
        advice.append(w.say("country_unknown"))
    because = w.sentence(_because(w, held)) if held else w.say("told_emergency")
    last = (w.say("phone"), w.say("with_you"), w.say("once_more", number=number))
    return Say(sentences=_once((*advice, because, *last)), tone=Tone.EMERGENCY)


def first_of_emergency(w: Words, held: Held) -> Say:
    """The one sentence that matters, and what this rule adds, for one who was advised before."""
    number = w.emergency_number()
    told = [w.say("stop_emergency", number=number)]
    told += [w.sentence(text, number=number) for text in held.do]
    return Say(sentences=_once(tuple(told)), tone=Tone.EMERGENCY)


def crisis(w: Words) -> Say:
    """The words for thoughts of self-harm."""
    number = w.crisis_number()
    told = tuple(w.sentence(text, number=number) for text in w.pathway.crisis)
    return Say(sentences=told, tone=Tone.EMERGENCY)


def last_words(w: Words, urgency: Urgency | None) -> tuple[str, ...]:
    """The one sentence that matters when somebody stops, if there is one beside the safety net."""
    if urgency is None or urgency is Urgency.SELF_CARE:
        return ()
    return (w.say(f"stop_{urgency.key}", number=w.emergency_number()),)


def more_about(w: Words, cause: Cause) -> tuple[str, ...]:
    """A cause in full: its name, what it is, what to do, what would be worse, the options."""
    told = [w.say("more_name", nth=w.state.posed, cause=w.fragment(cause.name))]
    told += [w.sentence(text) for text in (cause.what, *cause.advice, *cause.worse_if)]
    told += [w.sentence(option) for option in cause.options]
    return _once(tuple(told))


def _because(w: Words, held: Held) -> str:
    return reason_by(w, held, "because")


def _reason(w: Words, held: Held) -> str:
    return reason_by(w, held, "reason")


def reason_by(w: Words, held: Held, key: str) -> str:
    """The reason of a rule; that of a "not sure" names what it was about."""
    kind, _, question = held.id.partition(":")
    if question:
        return w.say(f"{key}_{kind}", about=w.about(question))
    return w.say(key, said=w.fragment(held.reason))


def _causes(w: Words, assessment: Assessment, *, no_causes: bool) -> list[str]:
    if assessment.urgency is Urgency.EMERGENCY:
        return []  # a harmless cause named beside it would speak against calling for help
    if no_causes:
        return [w.say("causes_not_for")]
    if not assessment.causes:
        return [w.say("no_cause_fits")]
    told: list[str] = []
    for nth, cause in enumerate(assessment.causes):
        told += _cause(w, cause, nth)
    return [*told, w.say("not_certain")]


def _cause(w: Words, cause: LikelyCause, nth: int) -> list[str]:
    """One cause with its reasons, in one sentence if they fit, and what speaks against it."""
    key, nth_other = ("next_cause", nth - 1) if nth else ("first_cause", 0)
    name = w.fragment(w.pathway.causes[cause.cause].name)
    against = _against(w, cause.reasons, nth)
    reasons = _for(w, cause.reasons)
    alone = w.say(f"{key}_alone", nth=nth_other, cause=name)
    if not reasons:
        return [alone, *against]
    sentence = w.say(key, nth=nth_other, cause=name, because=w.listed_that(reasons))
    if len(sentence.split()) <= SENTENCE_WORDS:
        return [sentence, *against]
    return [alone, _because_of(w, "cause_because", reasons, nth), *against]


def _because_of(w: Words, key: str, reasons: Sequence[str], nth: int = 0) -> str:
    """The reasons in one sentence, or the strongest alone where both are too many words."""
    both = w.say(key, nth=nth, because=w.listed_that(reasons))
    if len(both.split()) <= SENTENCE_WORDS:
        return both
    return w.say(key, nth=nth, because=reasons[0])


def _for(w: Words, reasons: Sequence[Reason]) -> list[str]:
    """The strongest reasons for a cause, strongest first."""
    return [w.fragment(one.text) for one in reasons if one.weight > 0][:REASONS]


def _against(w: Words, reasons: Sequence[Reason], nth: int) -> list[str]:
    """The strongest reason against a cause, where one is worth a sentence."""
    spoken = [w.fragment(one.text) for one in reasons if one.weight <= AGAINST_NATS][:1]
    return [w.say("cause_against", nth=nth, against=one) for one in spoken]


def why_not(w: Words, cause: Cause, reasons: Sequence[Reason]) -> tuple[str, ...]:
    """What speaks against a cause that was not named; never that it cannot be (law 8).

    Args:
        w: The words of the person.
        cause: The cause that was asked about.
        reasons: What the answers say of it: for it first, then against it.
    """
    name = w.fragment(cause.name)
    strong = [one for one in reasons if one.weight <= AGAINST_NATS][:REASONS]
    weak = [one for one in reasons if one.weight < 0][:1]
    against = [w.fragment(one.text) for one in strong or weak]
    fitting = _for(w, reasons)
    if against:
        told = [w.say("why_not", cause=name), _because_of(w, "why_not_because", against)]
    elif fitting:
        told = [w.say("why_not_fits", cause=name), _because_of(w, "cause_because", fitting, 1)]
    else:
        told = [w.say("why_not_open", cause=name)]
    return (*told, w.say("why_not_careful"))


def _once(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Without what was already said in the same breath."""
    return tuple(dict.fromkeys(sentences))
