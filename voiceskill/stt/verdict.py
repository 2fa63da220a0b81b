"""From what two ears made of a turn to what the conversation is told: accept, confirm, ask again.

Pure: no engine, no sound. What the words mean is for the core; here a meaning is an opaque key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from voiceskill.core.events import Alternative, Band, Heard, NoMatch, Phrase
from voiceskill.core.phrases import REFUSE
from voiceskill.stt import Hypothesis, Scored

_MOST_FURTHER_WORDS = 4
_FORGIVEN_WORDS = 2
"""Extra words that a phrase may be heard with (hearing.md, section 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarefulLimits:
    """How likely the careful ear's best meaning must be, as natural log-probability.

    hearing.md, section 6, found -4.5 to accept and -7 to read back, for lists of 20 to 27 phrases.
    These come from `benchmarks/hearing.py` on lists of 120 phrases with 38 decoys beside them; what
    they give on real people's words and on synthetic voices stands in `docs/figures.md`.
    """

    alone: float = -5.0
    """Accepted where the quick ear heard nothing and nothing hangs on it."""
    contradicted: float = -4.0
    """Accepted where the quick ear, not sure itself, heard another meaning."""
    a_word: float = 1.0
    """Each further word, up to four, lowers the two limits above and that to read back: the log
    of a phrase is a sum over its words, and long phrases are rarely taken for one another."""
    agreed: float = -8.5
    """One word is accepted where the quick ear heard the same meaning."""
    agreed_phrase: float = -12.0
    """The same for several words: that two ears find one phrase of 120 by chance is rare."""
    rival: float = 1.0
    """Nearer than this to the next meaning, nothing is accepted."""
    rival_heard: float = 4.0
    """The same to a meaning that the quick ear heard: "no fever" for "a fever"."""
    weak_decoy: float = -7.0
    """A decoy below this is no answer to a phrase that the quick ear heard too."""
    confirm: float = -7.0
    """Read back; below, asked again."""
    confirm_agreed: float = -9.0
    """The same for one word that the quick ear heard too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickLimits:
    """How far the quick ear's phrase must beat filler words, in log-likelihood a second."""

    accept: float | None
    """From here on it is accepted alone, and counts against the careful ear; None: never."""
    confirm: float
    """Read back; below, asked again."""


VOSK_LIMITS = QuickLimits(accept=-9.0, confirm=-12.0)
"""hearing.md, section 3: of out-of-grammar speech 19 % pass -9, 25 % pass -12."""
POCKETSPHINX_LIMITS = QuickLimits(accept=None, confirm=-100.0)
"""Too weak to decide alone (hearing.md, section 6): a third of its forced choices are wrong."""
QUICK_LIMITS = {"vosk": VOSK_LIMITS, "pocketsphinx": POCKETSPHINX_LIMITS}
"""By the ear's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """What the ears made of one turn."""

    quick: Hypothesis | None
    """None where there is no quick ear, or it died in this turn."""
    quick_limits: QuickLimits
    careful: Sequence[Scored] | None
    """Meanings, best first; None where there is no careful ear."""


def judge(
    testimony: Testimony,
    phrases: Sequence[Phrase],
    *,
    is_careful: bool,
    limits: CarefulLimits | None = None,
) -> Heard | NoMatch:
    """What was heard, with how sure it is.

    Args:
        testimony: What each ear made of the turn.
        phrases: The turn's closed list; decoys carry the meaning `REFUSE`.
        is_careful: A wrong meaning could hurt somebody: nothing is accepted on one ear's word, nor
            where any ear has a reading of another meaning.
        limits: Other limits for the careful ear than the usual ones.

    Returns:
        `Heard` with the likeliest reading first, or `NoMatch` where it must be asked again.
    """
    said = _phrase_heard(testimony.quick, phrases)
    if testimony.careful is None:
        return _judge_quick(testimony, said, is_careful=is_careful)
    return _judge_both(testimony, said, limits or CarefulLimits(), is_careful=is_careful)


def matching_phrase(text: str, phrases: Sequence[Phrase]) -> Phrase | None:
    """The phrase that the text is, with up to two words too many and none too few.

    A word too many is not forgiven where it is an answer of another meaning by itself, nor beside
    a phrase of one word where it is a word of the list. None where two meanings fit equally well.
    """
    words = text.split()
    answers = {phrase.text: phrase.meaning for phrase in phrases}
    if text in answers:
        return next(phrase for phrase in phrases if phrase.text == text)
    vocabulary = {word for phrase in phrases for word in phrase.text.split()}
    fitting = [
        phrase
        for phrase in phrases
        if (extra := _extra_words(phrase.text.split(), words)) is not None
        and all(answers.get(word, phrase.meaning) == phrase.meaning for word in extra)
        and (" " in phrase.text or not vocabulary.intersection(extra))
    ]
    longest = max((len(phrase.text.split()) for phrase in fitting), default=0)
    best = [phrase for phrase in fitting if len(phrase.text.split()) == longest]
    return best[0] if len({phrase.meaning for phrase in best}) == 1 else None


def _phrase_heard(quick: Hypothesis | None, phrases: Sequence[Phrase]) -> Phrase | None:
    return matching_phrase(quick.text, phrases) if quick and quick.text else None


def _judge_quick(testimony: Testimony, said: Phrase | None, *, is_careful: bool) -> Heard | NoMatch:
    quick, limits = testimony.quick, testimony.quick_limits
    if quick is None or not quick.text or (said is not None and said.meaning == REFUSE):
        return NoMatch()
    if quick.margin is not None and quick.margin < limits.confirm:
        return NoMatch()
    if said is None:  # words of the list in an order of their own: the core may still parse them
        return _heard(quick.text, Band.CONFIRM) if limits.accept is not None else NoMatch()
    return _heard(
        said.text, Band.ACCEPT if _is_sure(testimony) and not is_careful else Band.CONFIRM
    )


def _judge_both(
    testimony: Testimony, said: Phrase | None, limits: CarefulLimits, *, is_careful: bool
) -> Heard | NoMatch:
    careful = testimony.careful
    if not careful:
        is_answer = said is not None and said.meaning != REFUSE and _is_sure(testimony)
        return _heard(said.text, Band.CONFIRM) if said and is_answer else NoMatch()
    if _is_doubted_decoy(careful, said, limits):
        return _heard(careful[1].text, Band.CONFIRM)
    best = careful[0]
    agrees = said is not None and said.meaning == best.meaning
    if best.meaning == REFUSE or (said is not None and not agrees and _is_sure(testimony)):
        return NoMatch()
    accept, confirm = _limits_for(best, limits, said=said, agrees=agrees)
    has_rival = any(
        best.log_prob - other.log_prob
        < (limits.rival_heard if said and other.meaning == said.meaning else limits.rival)
        for other in careful[1:]
        if not (agrees and other.meaning == REFUSE)  # two ears against a decoy are enough
    )
    if best.log_prob >= accept and not has_rival and (agrees or not is_careful):
        return _heard(best.text, Band.ACCEPT)
    return _heard(best.text, Band.CONFIRM) if best.log_prob >= confirm else NoMatch()


def _is_doubted_decoy(
    careful: Sequence[Scored], said: Phrase | None, limits: CarefulLimits
) -> bool:
    """Whether a decoy that is not likely itself stands before several words that both ears found.

    Decoys are short, so of a long phrase spoken unclearly there is always one that is likelier.
    """
    if said is None or said.meaning == REFUSE or " " not in said.text or len(careful) < 2:
        return False
    first, second = careful[0], careful[1]
    is_weak = first.meaning == REFUSE and first.log_prob < limits.weak_decoy
    return is_weak and second.meaning == said.meaning


def _limits_for(
    best: Scored, limits: CarefulLimits, *, said: Phrase | None, agrees: bool
) -> tuple[float, float]:
    """From where on this reading is accepted, and from where on it is read back."""
    if not agrees:
        lower = limits.a_word * min(best.text.count(" "), _MOST_FURTHER_WORDS)
        alone = limits.alone if said is None else limits.contradicted
        return alone - lower, limits.confirm - lower
    if " " in best.text:
        return limits.agreed_phrase, limits.agreed_phrase
    return limits.agreed, limits.confirm_agreed


def _is_sure(testimony: Testimony) -> bool:
    """Whether the quick ear may speak against the careful one."""
    limit, quick = testimony.quick_limits.accept, testimony.quick
    if limit is None or quick is None or quick.margin is None:
        return False
    return quick.margin >= limit


def _heard(text: str, band: Band) -> Heard:
    return Heard(alternatives=(Alternative(text=text, band=band),))


def _extra_words(wanted: Sequence[str], words: Sequence[str]) -> list[str] | None:
    """The words beside the wanted ones; None where one is missing or more than two are left."""
    if not wanted or not 0 <= len(words) - len(wanted) <= _FORGIVEN_WORDS:
        return None
    extra, missing = [], list(wanted)
    for word in words:
        if missing and word == missing[0]:
            del missing[0]
        else:
            extra.append(word)
    return None if missing else extra
