"""What two ears make of a turn: never more than the surest of them allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceskill.core.events import Alternative, Band, Heard, NoMatch, Phrase
from voiceskill.core.phrases import REFUSE
from voiceskill.stt import Hypothesis, Scored, verdict
from voiceskill.stt.verdict import (
    POCKETSPHINX_LIMITS,
    VOSK_LIMITS,
    CarefulLimits,
    judge,
    matching_phrase,
)

PHRASES = (
    Phrase(text="yes", meaning="yes"),
    Phrase(text="yes i do", meaning="yes"),
    Phrase(text="no", meaning="no"),
    Phrase(text="no i don't", meaning="no"),
    Phrase(text="my left leg", meaning="left"),
    Phrase(text="my right leg", meaning="right"),
    Phrase(text="three", meaning="3"),
    Phrase(text="tree", meaning=REFUSE),
)
MEANINGS = {phrase.text: phrase.meaning for phrase in PHRASES}
LIMITS = CarefulLimits()
ACCEPT, CONFIRM, AGAIN = Band.ACCEPT, Band.CONFIRM, Band.AGAIN

texts = st.sampled_from([*MEANINGS, "", "left", "yes no no", "qzx"])
log_probs = st.floats(min_value=-30, max_value=0)
margins = st.none() | st.floats(min_value=-200, max_value=200)
trusts = st.sampled_from([VOSK_LIMITS, POCKETSPHINX_LIMITS])
hypotheses = st.none() | st.builds(Hypothesis, text=texts, margin=margins)


@st.composite
def scores(draw):
    """What a careful ear gives: meanings once each, best first."""
    phrases = draw(st.lists(st.sampled_from(PHRASES), unique_by=lambda p: p.meaning, max_size=4))
    ranked = sorted((draw(log_probs) for _ in phrases), reverse=True)
    return tuple(
        Scored(meaning=phrase.meaning, text=phrase.text, log_prob=log_prob)
        for phrase, log_prob in zip(phrases, ranked, strict=True)
    )


def both(quick, *careful, limits=POCKETSPHINX_LIMITS, margin=None):
    """A turn: the quick ear's text, the careful ear's (text, log-probability) pairs."""
    scored = tuple(Scored(meaning=MEANINGS[t], text=t, log_prob=p) for t, p in careful)
    heard = Hypothesis(text=quick, margin=margin)
    return verdict.Testimony(quick=heard, quick_limits=limits, careful=scored)


def alone(quick, *, limits=POCKETSPHINX_LIMITS, margin=None):
    return verdict.Testimony(
        quick=Hypothesis(text=quick, margin=margin), quick_limits=limits, careful=None
    )


def band(testimony, *, is_careful=False):
    event = judge(testimony, PHRASES, is_careful=is_careful)
    return AGAIN if isinstance(event, NoMatch) else event.alternatives[0].band


# ---- both ears


def test_two_ears_that_agree_are_accepted():
    """The text is that of the careful ear, since the meaning is the same."""
    event = judge(both("yes", ("yes i do", -2.0)), PHRASES, is_careful=True)
    assert event == Heard(alternatives=(Alternative(text="yes i do", band=ACCEPT),))


@pytest.mark.parametrize(
    ("quick", "heard", "log_prob", "usual", "where_it_hurts"),
    [
        ("yes", "yes", -8.4, ACCEPT, ACCEPT),  # one word, agreed
        ("yes", "yes", -8.6, CONFIRM, CONFIRM),
        ("yes", "yes", -8.9, CONFIRM, CONFIRM),
        ("yes", "yes", -9.1, AGAIN, AGAIN),
        ("my left leg", "my left leg", -11.9, ACCEPT, ACCEPT),  # several words, agreed
        ("my left leg", "my left leg", -12.1, AGAIN, AGAIN),
        ("", "yes", -4.9, ACCEPT, CONFIRM),  # the careful ear alone
        ("", "yes", -5.1, CONFIRM, CONFIRM),
        ("", "yes", -7.1, AGAIN, AGAIN),
        ("no", "yes", -3.9, ACCEPT, CONFIRM),  # the weak quick ear says otherwise
        ("no", "yes", -4.1, CONFIRM, CONFIRM),
        ("no", "yes", -7.1, AGAIN, AGAIN),
        ("no", "my left leg", -11.0, AGAIN, AGAIN),
    ],
)
def test_the_bands_of_two_ears(quick, heard, log_prob, usual, where_it_hurts):
    """How likely the careful ear finds it, and whether the quick one agrees, make the band."""
    testimony = both(quick, (heard, log_prob))
    assert band(testimony) is usual
    assert band(testimony, is_careful=True) is where_it_hurts


def test_a_near_rival_is_read_back():
    """Two meanings that are about as likely are not told apart by guessing."""
    assert band(both("yes", ("yes", -2.0), ("no", -2.9))) is CONFIRM
    assert band(both("yes", ("yes", -2.0), ("no", -3.1))) is ACCEPT


def test_a_meaning_that_the_quick_ear_heard_is_a_rival_from_further_off():
    """ "No fever" for "a fever": what the careful ear finds second, the other may hear first."""
    assert band(both("no", ("yes", -1.0), ("no", -4.9))) is CONFIRM
    assert band(both("no", ("yes", -1.0), ("no", -5.1))) is ACCEPT
    assert band(both("", ("yes", -1.0), ("no", -4.9))) is ACCEPT


def test_a_decoy_is_refused_however_sure():
    """A word that only sounds like an answer is none, also where the quick ear hears the answer."""
    assert band(both("three", ("tree", -0.1), ("three", -4.0))) is AGAIN
    assert band(both("tree", ("tree", -0.1))) is AGAIN


def test_a_sure_vosk_that_says_otherwise_is_asked_again():
    """Disagreement of two good ears is never guessed."""
    assert band(both("no", ("yes", -1.0), limits=VOSK_LIMITS, margin=0.0)) is AGAIN
    assert band(both("no", ("yes", -1.0), limits=VOSK_LIMITS, margin=-10.0)) is ACCEPT


def test_a_sure_vosk_is_read_back_where_the_careful_ear_hears_nothing():
    """A reverberant room deafens the careful ear first; a weak quick ear is not believed there."""
    assert band(both("no", limits=VOSK_LIMITS, margin=0.0)) is CONFIRM
    assert band(both("no", margin=50.0)) is AGAIN


def test_the_careful_ear_goes_on_without_the_quick_one():
    """The quick ear may have died in this turn."""
    careful = (Scored(meaning="yes", text="yes", log_prob=-1.0),)
    testimony = verdict.Testimony(quick=None, quick_limits=VOSK_LIMITS, careful=careful)
    assert band(testimony) is ACCEPT
    assert band(testimony, is_careful=True) is CONFIRM


# ---- one quick ear alone


@pytest.mark.parametrize("margin", [None, 0.0, 500.0])
def test_pocketsphinx_alone_is_always_read_back(margin):
    """However sure it is: a third of its forced choices are wrong."""
    assert band(alone("yes", margin=margin)) is CONFIRM


@pytest.mark.parametrize(
    ("margin", "usual", "where_it_hurts"),
    [
        (-8.9, ACCEPT, CONFIRM),
        (-9.1, CONFIRM, CONFIRM),
        (-11.9, CONFIRM, CONFIRM),
        (-12.1, AGAIN, AGAIN),
    ],
)
def test_vosk_alone_has_three_bands(margin, usual, where_it_hurts):
    """They are its margin over filler words; where a mistake could hurt, all is read back."""
    testimony = alone("yes i do", limits=VOSK_LIMITS, margin=margin)
    assert band(testimony) is usual
    assert band(testimony, is_careful=True) is where_it_hurts


def test_words_of_their_own_from_vosk_are_left_to_the_core():
    """A correction or two answers in one breath is no phrase of the list, and may yet be parsed."""
    event = judge(alone("left no right", limits=VOSK_LIMITS, margin=0.0), PHRASES, is_careful=False)
    assert event == Heard(alternatives=(Alternative(text="left no right", band=CONFIRM),))


@pytest.mark.parametrize("limits", [VOSK_LIMITS, POCKETSPHINX_LIMITS])
def test_nothing_heard_is_asked_again(limits):
    """Noise never becomes a word."""
    assert band(alone("", limits=limits)) is AGAIN
    assert band(verdict.Testimony(quick=None, quick_limits=limits, careful=None)) is AGAIN
    assert band(verdict.Testimony(quick=None, quick_limits=limits, careful=())) is AGAIN


def test_a_decoy_alone_is_refused():
    """Also where it is the only ear's word."""
    assert band(alone("tree", limits=VOSK_LIMITS, margin=50.0)) is AGAIN


# ---- rules


@given(
    quick=hypotheses,
    careful=st.none() | scores(),
    limits=trusts,
)
def test_where_it_hurts_the_band_is_never_surer(quick, careful, limits):
    """A careful turn accepts no more than a usual one, and hears the same words."""
    testimony = verdict.Testimony(quick=quick, quick_limits=limits, careful=careful)
    usual = judge(testimony, PHRASES, is_careful=False)
    strict = judge(testimony, PHRASES, is_careful=True)
    assert isinstance(usual, Heard) == isinstance(strict, Heard)
    if isinstance(usual, Heard):
        assert usual.alternatives[0].text == strict.alternatives[0].text
        assert not (usual.alternatives[0].band is CONFIRM and strict.alternatives[0].band is ACCEPT)


@given(quick=hypotheses, careful=scores(), limits=trusts)
def test_where_it_hurts_one_ear_never_decides(quick, careful, limits):
    """An accepted answer of a careful turn is the best of both ears."""
    testimony = verdict.Testimony(quick=quick, quick_limits=limits, careful=careful)
    event = judge(testimony, PHRASES, is_careful=True)
    if isinstance(event, Heard) and event.alternatives[0].band is ACCEPT:
        said = matching_phrase(quick.text, PHRASES)
        assert said.meaning == careful[0].meaning == MEANINGS[event.alternatives[0].text]


@given(
    quick=hypotheses,
    careful=st.none() | scores(),
    limits=trusts,
)
def test_a_decoy_is_never_heard(quick, careful, limits):
    """No text that comes out has the meaning of a decoy."""
    testimony = verdict.Testimony(quick=quick, quick_limits=limits, careful=careful)
    event = judge(testimony, PHRASES, is_careful=False)
    if isinstance(event, Heard):
        assert MEANINGS.get(event.alternatives[0].text) != REFUSE


@given(quick=hypotheses, careful=scores(), better=st.floats(min_value=0, max_value=10))
def test_a_likelier_reading_is_never_less_sure(quick, careful, better):
    """Raising the best meaning's likelihood moves the band up or leaves it."""
    if not careful:
        return
    best = careful[0]
    raised = Scored(meaning=best.meaning, text=best.text, log_prob=min(0.0, best.log_prob + better))
    order = [AGAIN, CONFIRM, ACCEPT]
    before = verdict.Testimony(quick=quick, quick_limits=POCKETSPHINX_LIMITS, careful=careful)
    after = verdict.Testimony(
        quick=quick, quick_limits=POCKETSPHINX_LIMITS, careful=(raised, *careful[1:])
    )
    assert order.index(band(after)) >= order.index(band(before))


# ---- text to phrase


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("yes", "yes"),
        ("yes i do", "yes i do"),
        ("oh yes", "yes"),
        ("my own left leg", "my left leg"),
        ("well my own left leg", "my left leg"),
        ("er well my own left leg", None),
        ("my left leg no", None),
        ("my left yes leg", None),
        ("left no right", None),
        ("yes right", None),
        ("three my", None),
        ("my leg", None),
        ("left my leg", None),
        ("yes no no", None),
        ("no yes", None),
        ("", None),
    ],
)
def test_up_to_two_extra_words_are_forgiven_and_no_missing_one(text, phrase):
    """The longest phrase that the text holds in order counts; two meanings are none."""
    found = matching_phrase(text, PHRASES)
    assert (found.text if found else None) == phrase


@given(text=texts)
def test_a_phrase_is_its_own_match(text):
    """What was heard exactly is never taken for something else."""
    if text in MEANINGS:
        assert matching_phrase(text, PHRASES).text == text


def test_a_long_phrase_may_be_less_likely_than_a_word():
    """Each further word lowers what is demanded, since a phrase's logarithm is a sum over words."""
    words = (
        Phrase(text="yes", meaning="yes"),
        Phrase(text="it comes and goes", meaning="sometimes"),
    )

    def heard(text, meaning, log_prob):
        scored = (Scored(meaning=meaning, text=text, log_prob=log_prob),)
        testimony = verdict.Testimony(
            quick=Hypothesis(text=""), quick_limits=verdict.POCKETSPHINX_LIMITS, careful=scored
        )
        return verdict.judge(testimony, words, is_careful=False).alternatives[0].band

    assert heard("it comes and goes", "sometimes", -7.5) is Band.ACCEPT
    assert heard("yes", "yes", -5.5) is Band.CONFIRM


def both_ears(said, *scored):
    """What two ears made of a turn, the quick one weak."""
    return verdict.Testimony(
        quick=Hypothesis(text=said),
        quick_limits=POCKETSPHINX_LIMITS,
        careful=tuple(Scored(meaning=m, text=t, log_prob=p) for m, t, p in scored),
    )


def test_a_decoy_that_is_unlikely_itself_does_not_hide_a_phrase_of_both_ears():
    """A long phrase spoken unclearly is read back, though a short decoy is likelier."""
    unclear = both_ears("my left leg", (REFUSE, "tree", -9.0), ("left", "my left leg", -11.0))
    event = judge(unclear, PHRASES, is_careful=False)
    assert event == Heard(alternatives=(Alternative(text="my left leg", band=CONFIRM),))


def test_a_decoy_that_is_likely_is_no_answer_whatever_the_weak_ear_says():
    """Two ears must agree against it; one of them never turns a decoy into an answer."""
    likely = both_ears("my left leg", (REFUSE, "tree", -2.0), ("left", "my left leg", -11.0))
    assert judge(likely, PHRASES, is_careful=False) == NoMatch()
    alone = both_ears("yes", (REFUSE, "tree", -9.0), ("yes", "yes", -11.0))
    assert judge(alone, PHRASES, is_careful=False) == NoMatch()


def test_a_decoy_close_behind_does_not_unsettle_two_ears_that_agree():
    """What both ears heard is accepted, even if it sounds like a decoy."""
    close = both_ears("three", ("3", "three", -2.2), (REFUSE, "tree", -2.5))
    assert judge(close, PHRASES, is_careful=False).alternatives[0].band is ACCEPT
    other = both_ears("yes", ("3", "three", -2.2), (REFUSE, "tree", -2.5))
    assert judge(other, PHRASES, is_careful=False).alternatives[0].band is CONFIRM
