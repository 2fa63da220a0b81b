"""What a handler gives back, and the few moves that all handlers are made of.

Which move comes when is decided in the handlers; nothing is weighed here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from voiceskill.core.events import Listen, Say, Tone
from voiceskill.core.meaning import Answer, Prompt, PromptKind
from voiceskill.core.pathway import NO, Kind, Part
from voiceskill.core.skill import Skill
from voiceskill.core.state import Phase, Purpose, State, Waiting
from voiceskill.core.wording import SENTENCE_WORDS, Words, answers_of

PAUSE_WAITS = 5
"""A pause lasts so many times the wait of "give me more time" before it asks: a choice of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where a handler leaves the conversation, and what it says."""

    state: State
    says: tuple[Say, ...] = ()


def plain(*sentences: str) -> Say:
    """Say this, without any weight of its own."""
    return Say(sentences=sentences)


def words(skill: Skill, state: State) -> Words:
    """The words for this state."""
    return Words(skill.pathway, state)


# ---- what may be waited for


def asked(question_id: str, unit: str = "") -> Waiting:
    """An answer to a question."""
    prompt = Prompt(kind=PromptKind.QUESTION, question=question_id, unit=unit)
    return Waiting(phase=Phase.ASKING, prompt=prompt, purpose=Purpose.ASK)


def to_confirm(pending: tuple[Answer, ...]) -> Waiting:
    """Whether these answers were heard right."""
    return _items(PromptKind.CONFIRM, Purpose.READ_BACK, pending)


def to_name_wrong(pending: tuple[Answer, ...]) -> Waiting:
    """Which of these answers was heard wrongly."""
    return _items(PromptKind.REVIEW, Purpose.WHICH_WRONG, pending)


def to_review(answers: tuple[Answer, ...]) -> Waiting:
    """Whether something in the answers of the gate is wrong."""
    return _items(PromptKind.REVIEW, Purpose.REVIEW, answers)


def to_change(answers: tuple[Answer, ...]) -> Waiting:
    """Which answer the person wants to change."""
    return _items(PromptKind.REVIEW, Purpose.CHANGE, answers)


def told_waiting(statement: str, pending: tuple[Answer, ...]) -> Waiting:
    """Whether a statement that may not be missed was heard right."""
    waiting = _items(PromptKind.CONFIRM, Purpose.TOLD, pending)
    return replace(waiting, statement=statement)


def _items(kind: PromptKind, purpose: Purpose, pending: tuple[Answer, ...]) -> Waiting:
    prompt = Prompt(kind=kind, items=tuple(answer.question for answer in pending))
    return Waiting(phase=Phase.CONFIRMING, prompt=prompt, purpose=purpose, pending=pending)


def offered(purpose: Purpose) -> Waiting:
    """Yes or no to an offer; that of the other questions belongs to the advice."""
    advising = purpose in (Purpose.ADVISED, Purpose.REST)
    phase = Phase.ADVISING if advising else Phase.CONFIRMING
    return Waiting(phase=phase, prompt=Prompt(kind=PromptKind.OFFER), purpose=purpose)


def menu(purpose: Purpose) -> Waiting:
    """A command, once everything was told."""
    prompt = Prompt(kind=PromptKind.MENU)
    return Waiting(phase=Phase.ADVISING, prompt=prompt, purpose=purpose)


PAUSE = Waiting(phase=Phase.PAUSED, prompt=Prompt(kind=PromptKind.PAUSED), purpose=Purpose.PAUSE)


# ---- moving


def wait_for(state: State, waiting: Waiting) -> State:
    """The state that waits for this, with every count at nought."""
    return replace(state, waiting=waiting, no_match=0, no_input=0, posed=0, waits=False)


def interrupt(state: State, waiting: Waiting) -> State:
    """Wait for this first, and remember what was waited for."""
    return replace(wait_for(state, waiting), under=(*state.under, state.waiting))


def return_to_interrupted(state: State) -> State:
    """Wait again for what was interrupted last; there must be something."""
    return replace(wait_for(state, state.under[-1]), under=state.under[:-1])


def close(state: State) -> State:
    """The state of a check that is over."""
    waiting = replace(state.waiting, phase=Phase.CLOSED, pending=(), statement="")
    return replace(state, waiting=waiting, under=())


def pose(skill: Skill, state: State, *before: Say) -> Moved:
    """Say these things, then what is waited for, in the wording that is due."""
    say = _POSED[state.waiting.purpose](words(skill, state))
    if state.waiting.purpose is Purpose.REVIEW:
        heard = dict.fromkeys((*state.read_out, *state.prompt.items))
        state = replace(state, read_out=tuple(heard))
    return Moved(state=replace(state, posed=state.posed + 1), says=(*before, say))


def _pose_question(w: Words) -> Say:
    prompt = w.state.prompt
    sentence = (
        w.say("how_many_units", nth=w.state.posed, unit=w.unit(prompt.unit))
        if prompt.unit
        else w.question(w.pathway.questions[prompt.question])
    )
    return Say(sentences=(sentence,), tone=Tone.QUESTION)


def _pose_read_back(w: Words) -> Say:
    pending = w.state.waiting.pending
    return Say(sentences=(*_changed(w), *w.read_back(pending)), tone=Tone.READ_BACK)


def _changed(w: Words) -> tuple[str, ...]:
    """What was denied earlier and is now said to be so: who hears both can tell which is right."""
    if w.state.posed:
        return ()
    noes = [Answer(question=one.question, value=NO) for one in w.state.waiting.pending]
    earlier = [
        no
        for no, now in zip(noes, w.state.waiting.pending, strict=True)
        if w.state.answers.get(no.question) == NO != now.value
    ]
    return tuple(w.say("changed_from", said=w.said(no)) for no in earlier[:1])


def _pose_told(w: Words) -> Say:
    said = w.fragment(w.statement(w.state.waiting.statement).said)
    nth = w.state.posed
    told = (w.say("read_back", nth=nth, said=said), w.say("read_back_ask", nth=nth))
    return Say(sentences=(*_changed(w), *told), tone=Tone.READ_BACK)


def _pose_which(key: str) -> Callable[[Words], Say]:
    """Which of the items: in one sentence, or each by itself where that would be too long."""

    def posed(w: Words) -> Say:
        items = [w.about(item) for item in w.state.prompt.items]
        nth = w.state.posed
        whole = w.say(key, nth=nth, items=w.listed_apart(items, "or_apart"))
        if len(whole.split()) <= SENTENCE_WORDS:
            return Say(sentences=(whole,), tone=Tone.QUESTION)
        alone = [w.sentence(item) + w.joint("full_stop") for item in items]
        alone = [sentence for sentence in alone if sentence not in w.state.said]
        return Say(sentences=(*alone, w.say(f"{key}_of", nth=nth)), tone=Tone.QUESTION)

    return posed


def _pose_review(w: Words) -> Say:
    new = [item for item in w.state.prompt.items if item not in w.state.read_out]
    if not new:
        key = "review_ask" if w.state.posed else "review_more"
        return Say(sentences=(w.say(key, nth=w.state.posed),), tone=Tone.READ_BACK)
    told = w.review(answers_of(w.state.answers, new))
    start, ask = w.say("review_start"), w.say("review_ask")
    return Say(sentences=(start, *told, ask), tone=Tone.READ_BACK)


def _pose_resume(w: Words) -> Say:
    nth = w.state.posed
    sentences = (w.say("offer_resume", nth=nth), w.say("offer_resume_ask", nth=nth))
    return Say(sentences=sentences, tone=Tone.QUESTION)


def _pose_pause(w: Words) -> Say:
    nth = w.state.posed
    return plain(w.say("paused", nth=nth), w.say("paused_how", nth=nth))


def _pose_menu(w: Words) -> Say:
    more = set(w.state.named) - set(w.state.detailed)
    key = "menu" if more else "menu_plain"
    return Say(sentences=(w.say(key, nth=w.state.posed),), tone=Tone.QUESTION)


def _pose_by(key: str) -> Callable[[Words], Say]:
    def posed(w: Words) -> Say:
        return Say(sentences=(w.say(key, nth=w.state.posed),), tone=Tone.QUESTION)

    return posed


_POSED: Mapping[Purpose, Callable[[Words], Say]] = {
    Purpose.ASK: _pose_question,
    Purpose.READ_BACK: _pose_read_back,
    Purpose.TOLD: _pose_told,
    Purpose.WHICH_WRONG: _pose_which("which_wrong"),
    Purpose.REVIEW: _pose_review,
    Purpose.CHANGE: _pose_which("change_which"),
    Purpose.RESUME: _pose_resume,
    Purpose.START_OVER: _pose_by("offer_start_over"),
    Purpose.STOP: _pose_by("offer_stop"),
    Purpose.ADVISED: _pose_by("advised"),
    Purpose.REST: _pose_by("offer_rest"),
    Purpose.RESULT: _pose_menu,
    Purpose.CRISIS: _pose_by("crisis_menu"),
    Purpose.PAUSE: _pose_pause,
}


def repeatable(state: State, says: tuple[Say, ...]) -> tuple[str, ...]:
    """What "repeat" says from now on; a menu alone leaves what it followed."""
    told = tuple(say for say in says if say.tone is not Tone.PLAIN)
    menu = state.phase is Phase.ADVISING and all(say.tone is Tone.QUESTION for say in told)
    if state.again and (menu or not told):
        return state.again
    return tuple(sentence for say in (told or says) for sentence in say.sentences)


def listen_for(skill: Skill, state: State) -> Listen:
    """How to listen for what this state waits for."""
    policy, prompt = skill.pathway.policy, state.prompt
    question = skill.pathway.questions.get(prompt.question)
    no_input_s = policy.wait_s if state.waits else policy.no_input_s
    if state.phase is Phase.PAUSED:
        no_input_s = policy.wait_s * PAUSE_WAITS
    gate = question is not None and question.part is Part.GATE
    slow = state.waits or state.pace < 1.0
    return Listen(
        phrases=skill.grammar.phrases(prompt),
        no_input_s=no_input_s,
        max_turn_s=policy.max_turn_s,
        hangover_scale=1.5 if slow else 1.0,
        free=question is not None and question.kind is Kind.FREE,
        careful=gate or prompt.kind in (PromptKind.CONFIRM, PromptKind.REVIEW),
    )
