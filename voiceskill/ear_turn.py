"""One listening turn: sound to the ears while it comes, and what they made of it in the end.

When it begins and ends is decided in `ears.py` and `audio/endpoint.py`; how sure the ears were, in
`stt/verdict.py`. No device is touched here.
"""

import re
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from voiceskill.audio import AudioChunk
from voiceskill.audio.endpoint import CHUNK_SAMPLES, RATE_HZ
from voiceskill.audio.level import RunningLevel
from voiceskill.core.events import Alternative, Band, Heard, Listen, NoInput, NoMatch
from voiceskill.core.phrases import REFUSE
from voiceskill.errors import EngineError
from voiceskill.stt import Hypothesis, Scored, Scorer
from voiceskill.stt.lasting import LastingEar
from voiceskill.stt.verdict import QuickLimits, Testimony, judge

GUESS_CHUNKS = 3
"""Silent chunks (0.1 s) after which the careful ear begins, so that it is ready at the end."""
TAIL_CHUNKS = 9
"""Silence that the careful ear needs after the speech: 0.3 s. What is not there yet is filled up
with zeros: 92 % of words right with them, 93 % with real silence, 90 % with neither."""
DOUBTFUL = -5.0
"""Below this log-probability a phrase may be only the beginning of what was said."""
SLOW_WORD_S = 0.85
"""A doubtful phrase whose words would last longer than this was probably not all that was said."""
PRE_ROLL_S = 0.5
"""What the endpoint keeps from before the speech, at most."""
EMPTY_TALK = frozenset({"thank you", "thanks for watching", "i'm sorry", "all right"})
"""What the careful ear writes for sounds that it cannot tell: it learned from subtitles."""
DECOY_HEARD = -7.0
"""From this log-probability on, a turn whose best meaning is a decoy was no answer."""
_WORD = re.compile(r"[\w']+")


@runtime_checkable
class FreeScorer(Protocol):
    """A careful ear that also writes down what nobody expected."""

    def encode(self, sound: AudioChunk) -> Any:  # noqa: ANN401  (opaque)
        """The sound as the model sees it."""

    def transcribe(self, encoded: Any) -> str:  # noqa: ANN401  (opaque)
        """The words, spelled and punctuated as the model likes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """One turn: what came of it, and how."""

    event: Heard | NoMatch | NoInput
    is_muted: bool = False
    """True with `NoInput` where every sample was exactly 0: the microphone is switched off."""
    ears: tuple[str, ...] = ()
    """The ears that gave evidence."""
    understood_ms: float | None = None
    """From the end of the speech to here: the silence that was waited for, then the work."""
    speech_s: float = 0.0
    """Length of the speech with its pre-roll, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """What one stream of sound is heard with; outlives its turns."""

    quick: LastingEar
    trust: QuickLimits
    careful: Scorer | None
    level: RunningLevel
    worker: ThreadPoolExecutor

    @property
    def names(self) -> tuple[str, ...]:
        """The ears that are in use now, the quick one first."""
        return (*self.quick.names, *(() if self.careful is None else (self.careful.name,)))


class EarTurn:
    """The sound of one turn, and what the ears make of it while it comes."""

    def __init__(self, listen: Listen, team: Team) -> None:
        self._listen = listen
        self._team = team
        self._sound: list[AudioChunk] = []
        self._spoken = 0
        self._guess: Future[tuple[Scored, ...]] | None = None
        self._guessed_at = 0

    @property
    def has_sound(self) -> bool:
        """Whether speech has begun."""
        return bool(self._sound)

    def accept(self, pieces: Sequence[AudioChunk], *, silent: int) -> None:
        """Give new sound to the ears; the last `silent` chunks of all are silence."""
        for piece in pieces:
            if not self._sound:
                self._start_quick()
            self._sound.append(piece)
            self._team.quick.accept(self._team.level.apply(piece))
        self._spoken = len(self._sound) - silent
        if silent == GUESS_CHUNKS:
            self._start_guess()

    def partial(self) -> tuple[str, bool]:
        """The text so far, and whether it would be accepted now."""
        heard, is_trusted = self._team.quick.partial, self._team.trust.accept is not None
        if self._team.careful is None:
            return heard, is_trusted
        if self._guess is None:
            return "", False
        event = self._judge(Hypothesis(text=heard), self._guess.result())
        if isinstance(event, Heard) and event.alternatives[0].band is Band.ACCEPT:
            return event.alternatives[0].text, True
        return (heard, True) if is_trusted else ("", False)

    def understand(self) -> Understanding:
        """The verdict of all ears.

        Raises:
            EngineError: the only ear died.
        """
        self._start_guess()
        quick = self._team.quick.finish()
        careful = None if self._guess is None else self._guess.result()
        if quick is None and careful is None:
            raise EngineError(
                "The only ear died and could not be opened again, so nothing is heard any more; "
                "start voiceskill again, or run: voiceskill selftest"
            )
        event = self._judge(quick, careful, is_careful=self._listen.careful)
        if self._listen.free:
            event = self._freely(event, quick)
        elif isinstance(event, NoMatch):
            event = self._in_own_words(careful or ())
        elif careful and careful[0].log_prob < DOUBTFUL:
            event = self._whole(event)
        speech_s = self._spoken * CHUNK_SAMPLES / RATE_HZ
        return Understanding(event=event, ears=self._team.names, speech_s=speech_s)

    def _judge(
        self,
        quick: Hypothesis | None,
        careful: tuple[Scored, ...] | None,
        *,
        is_careful: bool = False,
    ) -> Heard | NoMatch:
        testimony = Testimony(quick=quick, quick_limits=self._team.trust, careful=careful)
        return judge(testimony, self._listen.phrases, is_careful=is_careful)

    def _start_quick(self) -> None:
        """Begin with the list; freely where any words are welcome and the ear is good for it."""
        is_free = self._listen.free and self._team.trust.accept is not None
        self._team.quick.start(None if is_free else self._quick_list())

    def _quick_list(self) -> tuple[str, ...]:
        """What the quick ear expects. Decoys are for an ear that decides: a weak one beside a
        careful one hears "oh" for "no", and its doubt would have the person asked again."""
        decides = self._team.careful is None or self._team.trust.accept is not None
        return tuple(p.text for p in self._listen.phrases if decides or p.meaning != REFUSE)

    def _start_guess(self) -> None:
        """Let the careful ear begin, unless it has this stretch of speech already."""
        if self._team.careful is None or self._spoken == self._guessed_at:
            return
        if self._guess is not None:
            self._guess.cancel()
        self._guessed_at = self._spoken
        sound = self._speech()
        self._guess = self._team.worker.submit(
            self._team.careful.score, sound, self._listen.phrases
        )

    def _speech(self) -> AudioChunk:
        """The speech with `TAIL_CHUNKS` of silence after it, in zeros where they are not real."""
        kept = self._sound[: self._spoken + GUESS_CHUNKS]
        missing = self._spoken + TAIL_CHUNKS - len(kept)
        pcm = b"".join(chunk.pcm for chunk in kept) + bytes(missing * CHUNK_SAMPLES * 2)
        return AudioChunk(pcm=pcm, rate_hz=RATE_HZ)

    def _freely(self, event: Heard | NoMatch, quick: Hypothesis | None) -> Heard | NoMatch:
        """What was said in words of its own, unless it surely was a phrase of the list."""
        if isinstance(event, Heard) and event.alternatives[0].band is Band.ACCEPT:
            return event
        text = self._transcript() or (quick.text if quick is not None else "")
        return _to_read_back(text) if text else event

    def _in_own_words(self, careful: Sequence[Scored]) -> Heard | NoMatch:
        """What was said, where it was no phrase of the list and no decoy either.

        The list holds samples of what may be said, and the core understands more than them. A
        single word is on the list if it means anything, so of one word nothing is made.
        """
        if careful and careful[0].meaning == REFUSE and careful[0].log_prob >= DECOY_HEARD:
            return NoMatch()
        text = self._transcript()
        return _to_read_back(text) if " " in text and text not in EMPTY_TALK else NoMatch()

    def _whole(self, event: Heard) -> Heard:
        """The same, unless far more was said than the phrase: then all of it, to be read back.

        "Both legs, no wait, one leg" begins like "both legs", and both ears know only that.
        """
        phrase, text = event.alternatives[0].text, self._transcript()
        words = len(phrase.split())
        if len(text.split()) >= words + 2:
            return Heard(
                alternatives=tuple(Alternative(text=t, band=Band.CONFIRM) for t in (text, phrase))
            )
        spoken_s = self._spoken * CHUNK_SAMPLES / RATE_HZ
        return _to_read_back(phrase) if spoken_s > PRE_ROLL_S + words * SLOW_WORD_S else event

    def _transcript(self) -> str:
        """What the careful ear writes when nothing is expected; "" where it cannot."""
        if not isinstance(self._team.careful, FreeScorer):
            return ""
        return plain_words(self._team.careful.transcribe(self._team.careful.encode(self._speech())))


def plain_words(text: str) -> str:
    """Lower-case words with single spaces, without the punctuation of written language."""
    return " ".join(_WORD.findall(text.lower().replace("\u2019", "'")))


def _to_read_back(text: str) -> Heard:
    return Heard(alternatives=(Alternative(text=text, band=Band.CONFIRM),))
