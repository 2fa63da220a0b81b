"""Generated conversations, and how a test comes to any question it wants to look at."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from voiceskill.core.assess import applies
from voiceskill.core.dialog import start, step
from voiceskill.core.events import (
    Alternative,
    Band,
    BargeIn,
    Heard,
    NoInput,
    NoMatch,
    Restored,
)
from voiceskill.core.moves import asked, wait_for
from voiceskill.core.pathway import Condition, Part
from voiceskill.core.state import Hears

NONSENSE = "zyxomma plumbat"
"""Words that mean nothing in any pathway."""


@dataclass(frozen=True)
class Happening:
    """Something that may happen in any turn; what is said is drawn from what may be said there."""

    kind: str
    pick: int = 0
    band: Band = Band.ACCEPT

    def event(self, turn):
        if self.kind in ("answer", "anything"):
            text = self.text(turn)
            return Heard(alternatives=(Alternative(text=text, band=self.band),))
        return {
            "silence": NoInput(),
            "noise": NoMatch(),
            "key": BargeIn(),
            "restored": Restored(),
            "nothing": Heard(alternatives=()),
            "nonsense": Heard(alternatives=(Alternative(text=NONSENSE),)),
        }[self.kind]

    def text(self, turn):
        phrases = turn.listen.phrases
        if self.kind == "answer":
            small = ("command", "told")
            own = [p for p in phrases if not any(s in p.meaning.lower() for s in small)]
            phrases = own or phrases
        return phrases[self.pick % len(phrases)].text


_BANDS = st.sampled_from([Band.ACCEPT] * 5 + [Band.CONFIRM, Band.AGAIN])
_PICKS = st.integers(0, 119)
_ANSWERS = st.builds(Happening, st.just("answer"), _PICKS, _BANDS)
_ANYTHING = st.builds(Happening, st.just("anything"), _PICKS, _BANDS)
UNHEARD = st.sampled_from([Happening(kind) for kind in ("silence", "noise", "nonsense", "nothing")])
_OTHER = st.sampled_from([Happening("key"), Happening("restored")])

HAPPENINGS = st.lists(
    st.one_of(_ANSWERS, _ANSWERS, _ANSWERS, _ANYTHING, UNHEARD, _OTHER), max_size=40
)
BEGINNINGS = st.fixed_dictionaries(
    {
        "country": st.sampled_from(["gb", None]),
        "hears": st.sampled_from(list(Hears)),
        "keeps": st.booleans(),
    }
)


def conversation(skill, beginning, happenings):
    """The turns of a conversation, with the event that led to each; it may be cut short."""
    turn = start(skill, **beginning)
    yield None, None, turn
    for happening in happenings:
        if turn.done:
            return
        event = happening.event(turn)
        before, turn = turn, step(skill, turn.state, event)
        yield before, event, turn


def reaching(pathway, question_id):
    """Answers after which a question is asked: the first ones that its conditions name."""
    answers = {}
    condition = pathway.questions[question_id].ask_when
    for question, value in _demanded(condition):
        answers = {**reaching(pathway, question), **answers, question: value}
    assert applies(pathway.questions[question_id], answers)
    return answers


def _demanded(condition: Condition | None):
    if condition is None:
        return
    for part in (*condition.all_of, *condition.any_of[:1], *condition.two_of[:2]):
        if isinstance(part, Condition):
            yield from _demanded(part)
        else:
            yield part.question, part.is_any[0]


def at_question(skill, question_id, **beginning):
    """The state in which a question was just asked, and those before it that it hangs on."""
    state = start(skill, **beginning).state
    opening = skill.pathway.questions[skill.pathway.person.question]
    who = {opening.id: opening.options[0].id} if opening.id != question_id else {}
    answers = {**who, **reaching(skill.pathway, question_id)}
    confirmed = tuple(answers)
    state = replace(state, answers=answers, confirmed=confirmed, said=())
    return replace(wait_for(state, asked(question_id)), posed=1)


def gate_questions(skill):
    return [question.id for question in skill.pathway.of_part(Part.GATE)]


def said(turn):
    return " ".join(turn.sentences)
