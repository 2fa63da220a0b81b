"""Joins the ears: sound in, one event out, with whichever ears this machine has.

When speech ends is decided in `audio/endpoint.py`, what the ears make of it in `ear_turn.py`, and
which ears are used in `ear_choice.py`. No device is touched here.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from voiceskill.audio import AudioChunk
from voiceskill.audio.endpoint import (
    RATE_HZ,
    Endpoint,
    EndpointRules,
    NoiseFloor,
    Phase,
    VoiceDetector,
    cut,
)
from voiceskill.audio.level import RunningLevel
from voiceskill.core.events import Heard, Listen, NoInput, NoMatch
from voiceskill.ear_turn import EarTurn, Team, Understanding
from voiceskill.errors import UsageError
from voiceskill.stt import Recognizer, Scorer
from voiceskill.stt.lasting import LastingEar
from voiceskill.stt.verdict import POCKETSPHINX_LIMITS, QUICK_LIMITS

LONGEST_RECORDING_S = 28.0
"""Of one recording, what comes later is not heard; the careful ear takes 30 s."""
_PATIENT = EndpointRules(
    short_s=3600.0, middle_s=3600.0, middle_careful_s=3600.0, long_s=3600.0, free_s=3600.0
)
"""A recording ends where it ends."""


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
        self._team = Team(
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
        turn = EarTurn(listen, self._team)
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


def _nobody(phase: Phase) -> Understanding:
    return Understanding(event=NoInput(), is_muted=phase is Phase.MUTED)
