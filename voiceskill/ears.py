"""Joins the ears: sound in, one event out, with whichever ears this machine has.

When speech ends is decided in `audio/endpoint.py`, how sure it was in `stt/verdict.py`, and which
ears are used in `ear_choice.py`. No device is touched here.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from voiceskill.audio import AudioChunk
from voiceskill.audio.endpoint import (
    CHUNK_SAMPLES,
    RATE_HZ,
    Endpoint,
    EndpointRules,
    NoiseFloor,
    Phase,
    VoiceDetector,
    cut,
)
from voiceskill.audio.level import RunningLevel
from voiceskill.core.events import Alternative, Band, Heard, Listen, NoInput, NoMatch
from voiceskill.errors import EngineError, UsageError
from voiceskill.stt import Hypothesis, Recognizer, Scored, Scorer
from voiceskill.stt.lasting import LastingEar
from voiceskill.stt.verdict import (
    POCKETSPHINX_LIMITS,
    QUICK_LIMITS,
    QuickLimits,
    Testimony,
    judge,
)

GUESS_CHUNKS = 3
"""Silent chunks (0.1 s) after which the careful ear begins, so that it is ready at the end."""
TAIL_CHUNKS = 9
"""Silence that the careful ear needs after the speech: 0.3 s. What is not there yet is filled up
with zeros: 92 % of words right with them, 93 % with real silence, 90 % with neither."""
LONGEST_RECORDING_S = 28.0
"""Of one recording, what comes later is not heard; the careful ear takes 30 s."""
_PATIENT = EndpointRules(
    short_s=3600.0, middle_s=3600.0, middle_careful_s=3600.0, long_s=3600.0, free_s=3600.0
)
"""A recording ends where it ends."""
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


class Ears:
    """One or two ears on one stream of sound. One turn at a time, from any thread."""

    def __init__(
        self,
        *,
        quick: Recognizer | None,
        careful: Scorer | None,
        detector: VoiceDetector | None,
        reopen_quick: Callable[[], Recognizer] | None = None,
        on_turn: Callable[[Understanding], None] = lambda _: None,
    ) -> None:
        """Take ears that are open; they are closed with this.

        Args:
            quick: The ear that streams.
            careful: The ear that scores a whole turn.
            detector: From `open_detector`; None: the energy gate alone finds speech.
            reopen_quick: Opens the quick ear again after it died.
            on_turn: Told what came of each turn, with its timing.

        Raises:
            UsageError: there is no ear at all, or one does not take 16 kHz.
        """
        if quick is None and careful is None:
            raise UsageError("Nothing can be heard without an ear; give a quick or a careful one")
        for ear in (quick, careful):
            if ear is not None and ear.rate_hz != RATE_HZ:
                raise UsageError(f"The ear {ear.name} takes {ear.rate_hz} Hz, not {RATE_HZ} Hz")
        self._team = _Team(
            quick=LastingEar(quick, reopen_quick),
            trust=QUICK_LIMITS.get(quick.name if quick else "", POCKETSPHINX_LIMITS),
            careful=careful,
            level=RunningLevel(),
            worker=ThreadPoolExecutor(max_workers=1, thread_name_prefix="careful-ear"),
        )
        self._detector = detector
        self._floor = NoiseFloor()
        self._on_turn = on_turn

    @property
    def names(self) -> tuple[str, ...]:
        """The ears that are in use now, the quick one first."""
        return self._team.names

    @property
    def hears_poorly(self) -> bool:
        """True where no ear may accept anything by itself, so that all is read back."""
        return self._team.careful is None and self._team.trust.accept is None

    @property
    def hears_freely(self) -> bool:
        """True where an open question can be asked: some ear decodes without a list."""
        return isinstance(self._team.careful, FreeScorer) or self._team.trust.accept is not None

    def prepare(self, listen: Listen) -> None:
        """Ready the lists of a turn to come, for instance while its question is spoken."""
        if self._team.careful is not None:
            self._team.worker.submit(self._team.careful.prepare, listen.phrases)

    def listen(self, chunks: Iterable[AudioChunk], listen: Listen) -> Heard | NoMatch | NoInput:
        """Take sound until the turn ends; see `hear`."""
        return self.hear(chunks, listen).event

    def hear(self, chunks: Iterable[AudioChunk], listen: Listen) -> Understanding:
        """Take sound until the turn ends, or until there is no more.

        Args:
            chunks: Sound at 16 kHz in pieces of any length; best 32 ms.
            listen: What may be said, and how long to wait.

        Raises:
            UsageError: the sound is not at 16 kHz.
            EngineError: the only ear died, and could not be opened again.
        """
        return self._hear(chunks, listen, EndpointRules())

    def understand(self, sound: AudioChunk, listen: Listen) -> Understanding:
        """Take one whole recording as one answer, however long its pauses.

        Silence around the speech is left out; what comes after 28 s of speech is not heard.
        `understood_ms` is the time that it took to work out.

        Raises:
            UsageError: the sound is not at 16 kHz.
            EngineError: the only ear died, and could not be opened again.
        """
        began = time.perf_counter()
        patient = replace(listen, no_input_s=sound.duration_s + 1, max_turn_s=LONGEST_RECORDING_S)
        quiet = AudioChunk(pcm=bytes(RATE_HZ), rate_hz=RATE_HZ)
        found = self._hear((sound, quiet), patient, _PATIENT)
        took_ms = 1000 * (time.perf_counter() - began)
        return replace(found, understood_ms=None if found.understood_ms is None else took_ms)

    def close(self) -> None:
        """Free the ears; a turn that is being worked on is finished first."""
        self._team.worker.shutdown(wait=True, cancel_futures=True)
        self._team.quick.close()
        if self._team.careful is not None:
            self._team.careful.close()

    def _hear(
        self, chunks: Iterable[AudioChunk], listen: Listen, rules: EndpointRules
    ) -> Understanding:
        self.prepare(listen)
        endpoint = Endpoint(listen, detector=self._detector, floor=self._floor, rules=rules)
        turn = _Turn(listen, self._team)
        phase, arrived_s = Phase.WAITING, time.perf_counter()
        try:
            for chunk in cut(chunks):
                arrived_s = time.perf_counter()
                turn.accept(endpoint.accept(chunk), silent=endpoint.silent_chunks)
                partial, is_sure = "", False
                if endpoint.silence_s >= endpoint.shortest_hangover_s:
                    partial, is_sure = turn.partial()
                phase = endpoint.phase(partial, is_sure=is_sure)
                if phase not in (Phase.WAITING, Phase.SPEAKING):
                    break
            found = turn.understand() if turn.has_sound else _nobody(phase)
        finally:
            self._team.quick.cancel()
        if turn.has_sound:
            worked_s = time.perf_counter() - arrived_s
            found = replace(found, understood_ms=1000 * (endpoint.silence_s + worked_s))
        self._on_turn(found)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Team:
    quick: LastingEar
    trust: QuickLimits
    careful: Scorer | None
    level: RunningLevel
    worker: ThreadPoolExecutor

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.quick.names, *(() if self.careful is None else (self.careful.name,)))


class _Turn:
    """The sound of one turn, and what the ears make of it while it comes."""

    def __init__(self, listen: Listen, team: "_Team") -> None:
        self._listen = listen
        self._team = team
        self._sound: list[AudioChunk] = []
        self._spoken = 0
        self._guess: Future[tuple[Scored, ...]] | None = None
        self._guessed_at = 0

    @property
    def has_sound(self) -> bool:
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
        self._team.quick.start(
            None if is_free else tuple(phrase.text for phrase in self._listen.phrases)
        )

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
        if isinstance(self._team.careful, FreeScorer):
            text = plain_words(
                self._team.careful.transcribe(self._team.careful.encode(self._speech()))
            )
        else:
            text = quick.text if quick is not None else ""
        if not text:
            return event
        return Heard(alternatives=(Alternative(text=text, band=Band.CONFIRM),))


def plain_words(text: str) -> str:
    """Lower-case words with single spaces, without the punctuation of written language."""
    return " ".join(_WORD.findall(text.lower().replace("\u2019", "'")))


def _nobody(phase: Phase) -> Understanding:
    return Understanding(event=NoInput(), is_muted=phase is Phase.MUTED)
