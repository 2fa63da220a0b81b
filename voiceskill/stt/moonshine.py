"""The careful ear: how likely each phrase of a closed list is, given the sound of a whole turn.

It does not stream, does not find the end of a turn and does not decide what counts as heard
(`verdict.py` does). The model's files are `moonshine_convert.py`, spelling `moonshine_tokens.py`.
"""

import heapq
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from math import exp, inf, log
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from voiceskill.audio import AudioChunk
from voiceskill.core.events import Phrase
from voiceskill.errors import ModelError, UsageError
from voiceskill.stt import Scored
from voiceskill.stt.moonshine_convert import discard, quick_model
from voiceskill.stt.moonshine_network import Network, open_network
from voiceskill.stt.moonshine_tokens import BEGIN, END, Vocabulary, read_vocabulary
from voiceskill.stt.moonshine_trie import Node, build_trie
from voiceskill.stt.silent_runtime import import_runtime

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

RATE_HZ = 16000

FLOOR, SURE_FLOOR, BEHIND = -14.0, -9.0, 6.0
"""Log-probability below which a beginning is given up, for as long as no phrase is complete.

Afterwards what is this far behind the best complete phrase is given up too, save above the second
figure. Whole phrases of four words and more are right even at -10; a clear word stops early.
"""

ROWS = 24
"""Beginnings that are followed at once; 64 would find 1 phrase in 500 more, at half the speed."""

LEVEL_DBFS = -20.0
"""Root mean square to which speech is brought."""

SPEECH_RANGE_DB = 20.0
FRAME = 320
"""Frames of 20 ms (so many samples) within this range of the loudest one count as speech."""

SHORTEST_S, LONGEST_S = 0.1, 30.0
"""Below: nothing can be said in it. Above: longer than the model was made for."""

PADDED_S = 0.5
"""Shorter sound is lengthened with silence to this, which the encoder needs."""

LISTS_KEPT = 64
"""Trees of phrases that are kept."""

FAST_ENOUGH_S = 0.3
"""A machine whose `response_s` is above this is too slow: the person would wait to be heard."""


class Encoded(NamedTuple):
    """A turn's sound as the model sees it: opaque, and good for any number of lists."""

    states: "tuple[Floats, ...]"
    """Keys and values of each layer, float32 [1, 8, frames, 52]; none for too short a sound."""


class Beginning(NamedTuple):
    """A place in the tree that is still likely enough, while a turn is scored."""

    row: int
    """The row of the step before, from which it goes on."""
    token: int
    node: Node
    log_prob: float


class MoonshineScorer:
    """Scores a closed list by asking the model how likely it would have written each phrase.

    Any method may be called from any thread; `close` waits for nobody.
    """

    name = "moonshine"
    rate_hz = RATE_HZ

    def __init__(self, network: Network, vocabulary: Vocabulary) -> None:
        self._network: Network | None = network
        self._vocabulary = vocabulary
        self._lists: OrderedDict[tuple[Phrase, ...], Node] = OrderedDict()
        self._lock = threading.Lock()

    def prepare(self, phrases: Sequence[Phrase]) -> None:
        """Ready a list beforehand (about 5 ms for 100 phrases); the last 64 lists are kept."""
        self._tree(tuple(phrases))

    def score(self, sound: AudioChunk, phrases: Sequence[Phrase]) -> tuple[Scored, ...]:
        """Score a whole turn (speech with 0.3 s around it); meanings, best first.

        Meanings less likely than `FLOOR` are left out; the result may be empty.

        Raises:
            UsageError: the sound is not at 16 kHz, longer than 30 s, or the ear is closed.
        """
        return self.score_encoded(self.encode(sound), phrases)

    def encode(self, sound: AudioChunk) -> Encoded:
        """The part of `score` that needs no list, so that it can be done while silence runs.

        Raises:
            UsageError: the sound is not at 16 kHz, longer than 30 s, or the ear is closed.
        """
        if sound.rate_hz != RATE_HZ:
            raise UsageError(
                f"The careful ear takes sound at {RATE_HZ} Hz, not {sound.rate_hz} Hz: "
                "resample it first."
            )
        if sound.duration_s > LONGEST_S:
            raise UsageError(
                f"The careful ear takes turns of up to {LONGEST_S:.0f} s, and this one has "
                f"{sound.duration_s:.1f} s: cut it at the pauses."
            )
        if sound.duration_s < SHORTEST_S:
            return Encoded(())
        return Encoded(self._open_network().hear(levelled(sound.pcm)))

    def score_encoded(self, encoded: Encoded, phrases: Sequence[Phrase]) -> tuple[Scored, ...]:
        """The rest of `score`: meanings with their log-probability, best first.

        Raises:
            UsageError: the ear is closed.
        """
        network = self._open_network()
        if not encoded.states:
            return ()
        log_probs: dict[Phrase, float] = {}
        level = [Beginning(0, BEGIN, self._tree(tuple(phrases)), 0.0)]
        past = network.begin()
        while level:
            step = network.write([each.token for each in level], past, encoded.states)
            _add_ends(log_probs, level, step.log_probs)
            best = max(log_probs.values(), default=-inf)
            level = _next_level(level, step.log_probs, max(FLOOR, min(SURE_FLOOR, best - BEHIND)))
            past = step.pick([each.row for each in level])
        return _by_meaning(log_probs)

    def transcribe(self, encoded: Encoded) -> str:
        """What the model writes when nothing is expected, for open questions; may be empty.

        Raises:
            UsageError: the ear is closed.
        """
        network = self._open_network()
        if not encoded.states:
            return ""
        frames = encoded.states[0].shape[2]
        tokens, past = [BEGIN], network.begin()
        while tokens[-1] != END and len(tokens) < 8 + frames // 6:  # 6.5 tokens a second at most
            step = network.write([tokens[-1]], past, encoded.states)
            tokens.append(int(step.log_probs[0].argmax()))
            past = step.past
        return self._vocabulary.decode(tokens)

    def response_s(self) -> float:
        """Seconds that a usual answer takes here: 1.5 s of sound, then five levels of 8 rows."""
        network = self._open_network()
        sound = AudioChunk(pcm=bytes(int(1.5 * RATE_HZ) * 2), rate_hz=RATE_HZ)
        began = time.perf_counter()
        heard = self.encode(sound).states
        step = network.write([BEGIN], network.begin(), heard)
        past = step.pick([0] * 8)
        for _ in range(5):
            past = network.write([END] * 8, past, heard).past
        return time.perf_counter() - began

    def is_fast_enough(self) -> bool:
        """Whether `response_s` is within `FAST_ENOUGH_S`, at best of three: others work here."""
        return any(self.response_s() <= FAST_ENOUGH_S for _ in range(3))

    def close(self) -> None:
        """Free the model once nobody is scoring any more."""
        self._network = None

    def _open_network(self) -> Network:
        network = self._network
        if network is None:
            raise UsageError("The careful ear was closed: open it again with open_moonshine().")
        return network

    def _tree(self, phrases: tuple[Phrase, ...]) -> Node:
        with self._lock:
            tree = self._lists.pop(phrases, None) or build_trie(phrases, self._vocabulary)
            self._lists[phrases] = tree
            if len(self._lists) > LISTS_KEPT:
                self._lists.popitem(last=False)
            return tree


def _add_ends(log_probs: dict[Phrase, float], level: list[Beginning], steps: "Floats") -> None:
    """Count the phrases that end here, each with the probability that nothing follows."""
    for row, (_, _, node, log_prob) in enumerate(level):
        ended = log_prob + float(steps[row, END])
        for phrase in node.ends:
            log_probs[phrase] = _log_sum(log_probs.get(phrase, -inf), ended)


def _next_level(level: list[Beginning], steps: "Floats", floor: float) -> list[Beginning]:
    """The places one token further that are likely enough, at most `ROWS` of them."""
    places = [
        Beginning(row, token, child, total)
        for row, (_, _, node, log_prob) in enumerate(level)
        for token, child in node.children.items()
        if (total := log_prob + float(steps[row, token])) >= floor
    ]
    return heapq.nlargest(ROWS, places, key=lambda place: place.log_prob)


def _by_meaning(log_probs: dict[Phrase, float]) -> tuple[Scored, ...]:
    """The phrases summed by meaning, best meaning first."""
    sums: dict[str, float] = {}
    likeliest: dict[str, Phrase] = {}
    for phrase, log_prob in sorted(log_probs.items(), key=lambda item: -item[1]):
        likeliest.setdefault(phrase.meaning, phrase)
        sums[phrase.meaning] = _log_sum(sums.get(phrase.meaning, -inf), log_prob)
    ranked = sorted(sums.items(), key=lambda item: -item[1])
    return tuple(
        Scored(meaning=meaning, text=likeliest[meaning].text, log_prob=min(total, 0.0))
        for meaning, total in ranked
        if total >= FLOOR
    )


def _log_sum(a: float, b: float) -> float:
    high, low = max(a, b), min(a, b)
    return high if low == -inf else high + log(1.0 + exp(low - high))


def levelled(pcm: bytes) -> "Floats":
    """Samples in -1 to 1, float32, their speech at `LEVEL_DBFS`, `PADDED_S` long at least."""
    import numpy as np  # noqa: PLC0415

    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    whole = len(samples) // FRAME * FRAME
    powers = np.mean(samples[:whole].reshape(-1, FRAME) ** 2, axis=1)
    loudest = float(powers.max())
    if loudest > 0.0:
        speech = float(powers[powers >= loudest * 10 ** (-SPEECH_RANGE_DB / 10)].mean())
        samples *= 10 ** (LEVEL_DBFS / 20) / speech**0.5
        np.clip(samples, -1.0, 1.0, out=samples)
    missing = int(PADDED_S * RATE_HZ) - len(samples)
    return np.pad(samples, (0, max(missing, 0)))


def open_moonshine(
    *, threads: int = 1, cache_dir: Path, progress: Callable[[str], None] = lambda _: None
) -> MoonshineScorer:
    """Open the careful ear: 0.2 s, and about 2 s more the first time, when it is made quick.

    Both may run in a thread of their own while something is spoken.

    Args:
        threads: of the processor, for one turn; 1 or 2.
        cache_dir: the user's cache folder of this program; the model takes 95 MB of it.
        progress: told, in whole sentences, what makes the first start slow or what went wrong.

    Raises:
        ModelError: the model's package is missing or damaged, or there is no room to convert it.
    """
    failures = import_runtime().capi.onnxruntime_pybind11_state
    unreadable = (failures.Fail, failures.InvalidProtobuf, failures.InvalidGraph)
    for _ in range(2):
        with quick_model(cache_dir, progress) as files:
            vocabulary = read_vocabulary(files.vocabulary)
            try:
                return MoonshineScorer(open_network(files, threads), vocabulary)
            except unreadable:
                discard(files.listen)
    raise ModelError(
        f"The careful ear's converted model in {cache_dir} cannot be read, also not after it was "
        "made again. Delete that folder and run: pip install --force-reinstall onnxruntime"
    )
