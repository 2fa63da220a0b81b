"""The quick ear that needs no download: pocketsphinx with its own English model.

What a turn's words mean, and how far this ear is trusted, is decided in `verdict.py`.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice, product
from typing import TYPE_CHECKING

from voiceskill.audio import AudioChunk
from voiceskill.errors import EngineError, ModelError, UsageError
from voiceskill.stt import Hypothesis

if TYPE_CHECKING:
    from pocketsphinx import Decoder

_RATE_HZ = 16000
_SPELLINGS = 4
"""Pronunciations kept of one phrase; the fifth is rare and costs as much as the first."""
_SILENCE = 0.2
"""Probability of a silence before or after the phrase; 0.005 made silence swallow short words."""
_LOG_SCALE = 1024.0
"""pocketsphinx keeps its acoustic scores divided by this."""


def open_pocketsphinx(*, measure_margin: bool = True) -> "Pocketsphinx":
    """Load the English model that lies inside the pocketsphinx package (about 0.3 s, 40 MB).

    Args:
        measure_margin: Decode each turn a second time with a phone loop, for `Hypothesis.margin`
            (about 20 ms a second of speech). Not needed where a careful ear scores the turn.

    Raises:
        ModelError: pocketsphinx or its model is not installed.
    """
    try:
        from pocketsphinx import Decoder, get_model_path  # noqa: PLC0415  (loads 30 MB)

        decoder = Decoder(
            hmm=get_model_path("en-us/en-us"),
            dict=get_model_path("en-us/cmudict-en-us.dict"),
            lm=None,
            loglevel="FATAL",
            wip=0.2,
            fsgusefiller=False,
        )
    except (ImportError, RuntimeError) as error:
        raise ModelError(
            "The built-in ear pocketsphinx cannot be loaded, so speech is not heard with it; "
            "install it again with: pip install --force-reinstall pocketsphinx"
        ) from error
    if measure_margin:
        decoder.add_allphone_file("phones", get_model_path("en-us/en-us-phone.lm.bin"))
    return Pocketsphinx(decoder, measure_margin=measure_margin)


class Pocketsphinx:
    """A `Recognizer`; each phrase of a turn is one word of a grammar, so none is heard by half."""

    name = "pocketsphinx"
    rate_hz = _RATE_HZ

    def __init__(self, decoder: "Decoder", *, measure_margin: bool) -> None:
        self._decoder = decoder
        self._measure_margin = measure_margin
        self._added: set[str] = set()
        self._has_free = False
        self._turn: PocketsphinxTurn | None = None

    def unknown_words(self, words: Sequence[str]) -> tuple[str, ...]:
        """Those of the words that the pronouncing dictionary does not have."""
        return tuple(word for word in words if not self._knows(word))

    def start(self, phrases: Sequence[str] | None) -> "PocketsphinxTurn":
        """Begin a turn; one that was left open is cancelled.

        A phrase with an unknown word is left out, since half of it would be another phrase.

        Raises:
            UsageError: no phrase is left that the model knows whole.
        """
        if self._turn is not None:
            self._turn.cancel()
        if phrases is None:
            self._activate_free()
        else:
            self._activate(tuple(dict.fromkeys(phrases)))
        scored = self._measure_margin and phrases is not None
        self._turn = PocketsphinxTurn(self._decoder, margin_search="phones" if scored else None)
        return self._turn

    def close(self) -> None:
        """End an open turn; the memory goes with the last reference."""
        if self._turn is not None:
            self._turn.cancel()

    def _knows(self, word: str) -> bool:
        return word not in {"", "<s>", "</s>", "<sil>"} and bool(self._decoder.lookup_word(word))

    def _activate(self, phrases: tuple[str, ...]) -> None:
        known = [phrase for phrase in phrases if self._add(phrase)]
        if not known:
            raise UsageError(
                f"None of the {len(phrases)} phrases of this turn can be heard: pocketsphinx knows "
                "no pronunciation for their words; give at least one phrase of plain English words"
            )
        arcs = [(0, 1, 1 / len(known), _as_word(phrase)) for phrase in known]
        grammar = self._decoder.create_fsg("turn", 0, 1, arcs)
        grammar.add_silence("<sil>", -1, _SILENCE)
        self._decoder.add_fsg("turn", grammar)
        self._decoder.activate_search("turn")

    def _activate_free(self) -> None:
        if not self._has_free:
            from pocketsphinx import get_model_path  # noqa: PLC0415

            self._decoder.add_lm_file("free", get_model_path("en-us/en-us.lm.bin"))
            self._has_free = True
        self._decoder.activate_search("free")

    def _add(self, phrase: str) -> bool:
        """Put the phrase into the dictionary as one word; False when a word of it is unknown."""
        words = phrase.split()
        if not words or not all(map(self._knows, words)):
            return False
        name = _as_word(phrase)
        if len(words) > 1 and name not in self._added:
            spellings = product(*(list(self._pronunciations(word)) for word in words))
            for number, phones in enumerate(islice(spellings, _SPELLINGS), start=1):
                key = name if number == 1 else f"{name}({number})"
                self._decoder.add_word(key, " ".join(phones), False)
            self._added.add(name)
        return True

    def _pronunciations(self, word: str) -> Iterator[str]:
        number = 1
        while phones := self._decoder.lookup_word(word if number == 1 else f"{word}({number})"):
            yield phones
            number += 1


class PocketsphinxTurn:
    """A `RecognizerTurn`: decodes as the sound comes."""

    def __init__(self, decoder: "Decoder", *, margin_search: str | None) -> None:
        self._decoder = decoder
        self._margin_search = margin_search
        self._sound = bytearray()
        self._is_open = True
        with _deaths_told():
            decoder.start_utt()

    def accept(self, chunk: AudioChunk) -> str:
        """Feed a chunk of 16 kHz; return the phrase that fits best so far, or "".

        Raises:
            UsageError: the turn is over, or the sound is not 16-bit at 16 kHz.
            EngineError: pocketsphinx failed.
        """
        self._demand_open()
        if chunk.rate_hz != _RATE_HZ or len(chunk.pcm) % 2:
            raise UsageError(
                f"pocketsphinx takes 16-bit sound at {_RATE_HZ} Hz, not {len(chunk.pcm)} bytes at "
                f"{chunk.rate_hz} Hz; resample it first"
            )
        if chunk.pcm:
            if self._margin_search is not None:
                self._sound += chunk.pcm
            with _deaths_told():
                self._decoder.process_raw(chunk.pcm)
        return self._best()[0]

    def finish(self) -> Hypothesis:
        """End the turn; where asked for, measure by how much the phrase beats a phone loop.

        Raises:
            UsageError: the turn is over.
            EngineError: pocketsphinx failed.
        """
        self._demand_open()
        self.cancel()
        text, log_prob = self._best()
        if not text or self._margin_search is None:
            return Hypothesis(text=text)
        self._decoder.activate_search(self._margin_search)
        with _deaths_told():
            self._decoder.start_utt()
            self._decoder.process_raw(bytes(self._sound), full_utt=True)
            self._decoder.end_utt()
        seconds = len(self._sound) / 2 / _RATE_HZ
        return Hypothesis(text=text, margin=(log_prob - self._best()[1]) * _LOG_SCALE / seconds)

    def cancel(self) -> None:
        """End the turn; safe to call again."""
        if self._is_open:
            self._is_open = False
            with _deaths_told():
                self._decoder.end_utt()

    def _best(self) -> tuple[str, float]:
        found = self._decoder.hyp()
        if found is None or not found.hypstr:
            return "", -math.inf
        return found.hypstr.replace("_", " "), math.log(max(found.score, 1e-300))

    def _demand_open(self) -> None:
        if not self._is_open:
            raise UsageError(
                "This listening turn is over, and its sound is gone; start a new one with start()"
            )


@contextmanager
def _deaths_told() -> Iterator[None]:
    """Turn a failure inside pocketsphinx into the error that says to open it again."""
    try:
        yield
    except RuntimeError as error:
        raise EngineError(
            f"pocketsphinx stopped in the middle of a turn ({error}), so this answer is lost; "
            "open it again with open_pocketsphinx()"
        ) from error


def _as_word(phrase: str) -> str:
    return "_".join(phrase.split())
