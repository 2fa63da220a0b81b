"""Vosk as a quick ear, behind a guard against everything that kills it.

The library itself runs in `vosk_worker.py`, another process. What counts as heard is decided in
`verdict.py`.
"""

import json
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from voiceskill.audio import AudioChunk
from voiceskill.errors import EngineError, ModelError, UsageError
from voiceskill.stt import Hypothesis
from voiceskill.stt.vosk_worker import RATE_HZ, Message, read_frame, write_frame

PATIENCE_S = 10.0
"""An answer takes 5 ms; a library that is silent for this long hangs and is ended."""
LOAD_PATIENCE_S = 120.0
"""The largest model that takes a list loads in 20 s from a slow card."""
MOST_PHRASES = 2000
"""A list of 500 opens in 2 ms; beyond this somebody gave something that is no list of a turn."""
LONGEST_CHUNK_S = 30.0
_NEEDED = ("am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst")
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from voiceskill.stt.vosk_worker import serve; serve(sys.argv[2])"
)


def open_vosk(folder: Path, *, language: str) -> "Vosk":
    """Load a model in a process of its own (1 s and 300 to 530 MB for a small one).

    Args:
        folder: A model that takes a list of phrases: the small ones, and those named `lgraph`.
        language: The tag of the language that the model is for; used in messages.

    Raises:
        ModelError: the folder is no such model, or Vosk cannot load it.
    """
    if (folder / "graph" / "HCLG.fst").exists():
        raise ModelError(
            f"The model in {folder} can't be told what to listen for, so it would mistake answers; "
            f"use a small or an lgraph one: voiceskill models get {language}"
        )
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"The folder {folder} is no whole Vosk model, since {missing[0]} is missing, so it "
            f"can't be heard with; fetch it again: voiceskill models get {language}"
        )
    process = _Process(folder)
    try:
        process.receive(LOAD_PATIENCE_S)
    except EngineError as error:
        process.end()
        raise ModelError(
            f"Vosk could not load the model in {folder}, which must be damaged; "
            f"fetch it again: voiceskill models get {language}"
        ) from error
    return Vosk(process, folder=folder, language=language)


class Vosk:
    """A `Recognizer`. Any thread may call it; the calls are served one after the other."""

    name = "vosk"
    rate_hz = RATE_HZ

    def __init__(self, process: "_Process", *, folder: Path, language: str) -> None:
        self._process = process
        self._folder = folder
        self._language = language
        self._turn: VoskTurn | None = None

    @property
    def pid(self) -> int:
        """The process that runs the library, for a look at its memory."""
        return self._process.pid

    def unknown_words(self, words: Sequence[str]) -> tuple[str, ...]:
        """Those of the words that the model cannot hear; a word with upper case is another one.

        Raises:
            EngineError: Vosk died; it must be opened again.
        """
        odd = {word for word in words if not _is_word(word)}
        asked = [word for word in words if word not in odd]
        unknown = odd | set(self._process.ask({"do": "unknown", "words": asked})["unknown"])
        return tuple(word for word in words if word in unknown)

    def start(self, phrases: Sequence[str] | None) -> "VoskTurn":
        """Begin a turn; one that was left open is cancelled.

        A phrase with an unknown word is left out: Vosk would listen for the rest of it.

        Raises:
            UsageError: the list is empty or longer than 2000, or the model knows none of it whole.
            EngineError: Vosk died; it must be opened again.
        """
        if self._turn is not None:
            self._turn.cancel()
        known = None if phrases is None else self._known(phrases)
        self._process.ask({"do": "start", "phrases": known})
        self._turn = VoskTurn(self._process)
        return self._turn

    def close(self) -> None:
        """End the process; its memory is free at once."""
        self._process.end()

    def _known(self, phrases: Sequence[str]) -> list[str]:
        if isinstance(phrases, str) or not 0 < len(phrases) <= MOST_PHRASES:
            raise UsageError(
                f"Vosk takes a list of 1 to {MOST_PHRASES} phrases for a turn, not "
                f"{'one text' if isinstance(phrases, str) else len(phrases)}; "
                "give what may be said in this turn"
            )
        words = dict.fromkeys(word for phrase in phrases for word in str(phrase).split())
        unknown = set(self.unknown_words(tuple(words)))
        whole = dict.fromkeys(" ".join(str(phrase).split()) for phrase in phrases)
        known = [phrase for phrase in whole if phrase and not unknown & set(phrase.split())]
        if not known:
            raise UsageError(
                f"The model in {self._folder} knows none of the {len(phrases)} phrases of this "
                f"turn, so it hears nothing; is it a model for the language {self._language}?"
            )
        return known


class VoskTurn:
    """A `RecognizerTurn`: one recogniser in the other process, thrown away afterwards."""

    def __init__(self, process: "_Process") -> None:
        self._process = process
        self._is_open = True

    def accept(self, chunk: AudioChunk) -> str:
        """Feed a chunk of 16 kHz; return the partial text.

        Raises:
            UsageError: the turn is over, or the sound is not 16-bit at 16 kHz.
            EngineError: Vosk died; it must be opened again.
        """
        self._demand_open()
        whole = isinstance(chunk.pcm, bytes) and len(chunk.pcm) % 2 == 0
        if not whole or chunk.rate_hz != RATE_HZ or chunk.duration_s > LONGEST_CHUNK_S:
            raise UsageError(
                f"Vosk takes up to {LONGEST_CHUNK_S:.0f} s of 16-bit sound at {RATE_HZ} Hz, not "
                f"{len(chunk.pcm)} bytes at {chunk.rate_hz} Hz; resample it first"
            )
        return str(self._process.ask({"do": "accept"}, chunk.pcm)["partial"])

    def finish(self) -> Hypothesis:
        """End the turn; the words, and by how much they beat short words of the model.

        Raises:
            UsageError: the turn is over.
            EngineError: Vosk died; it must be opened again.
        """
        self._demand_open()
        self._is_open = False
        found = self._process.ask({"do": "finish"})
        return Hypothesis(text=found["text"], margin=found["margin"])

    def cancel(self) -> None:
        """End the turn; safe to call again."""
        if self._is_open:
            self._is_open = False
            self._process.ask({"do": "cancel"})

    def _demand_open(self) -> None:
        if not self._is_open:
            raise UsageError(
                "This listening turn is over, and its sound is gone; start a new one with start()"
            )


class _Process:
    """The other end of the pipe. One request at a time; after a death, only errors."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-I", "-c", _START, json.dumps(sys.path), str(folder)]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        return self._child.pid

    def ask(self, request: Message, pcm: bytes | None = None) -> Message:
        """Send a request and wait for its answer.

        Raises:
            EngineError: the process is dead, or was silent for `PATIENCE_S` and is ended.
        """
        with self._lock:
            assert self._child.stdin is not None, "opened with a pipe"
            try:
                write_frame(self._child.stdin, json.dumps(request).encode())
                if pcm is not None:
                    write_frame(self._child.stdin, pcm)
                self._child.stdin.flush()
            except (BrokenPipeError, ValueError) as error:
                raise self._death() from error
            return self.receive(PATIENCE_S)

    def receive(self, patience_s: float) -> Message:
        """Wait for one answer; see `ask`."""
        stdout = self._child.stdout
        assert stdout is not None, "opened with a pipe"
        try:
            # On Windows select() takes no pipe, so there a hanging library is waited for.
            if sys.platform != "win32" and not select.select([stdout], [], [], patience_s)[0]:
                self.end()
            message: Message = json.loads(read_frame(stdout))
        except (EOFError, ValueError) as error:
            raise self._death() from error
        return message

    def end(self) -> None:
        """End the process, whatever it does."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _death(self) -> EngineError:
        code = self._child.poll()
        return EngineError(
            f"Vosk died in the middle of a turn (exit code {code}), so this answer is lost; "
            "open it again with open_vosk()"
        )


def _is_word(word: str) -> bool:
    """Whether the word can stand in a list without ending or confusing it."""
    return word.isprintable() and word == word.lower() and not set(word) & set(' "\\<>[]{}')
