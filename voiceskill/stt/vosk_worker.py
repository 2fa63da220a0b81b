"""Runs Vosk in a process of its own, so that its death is one answer lost and not the check.

Only `vosk.py` talks to it, and has checked everything that it sends. Requests and answers are
frames on a pipe: the length in 4 bytes, then JSON, and after "accept" a second frame with sound.
"""

import json
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

RATE_HZ = 16000
FILLERS = 1000
"""Words of the filler recogniser (hearing.md, section 3: about 1000 short ones)."""
_SHORT_WORDS = 5 * FILLERS
_LENGTH = struct.Struct("<I")
_SYMBOLS_BEGIN = struct.pack("<i", 2125658996)
"""What opens a table of symbols in a file of OpenFst."""

Message = dict[str, Any]


def write_frame(pipe: IO[bytes], content: bytes) -> None:
    """Write one frame; the caller flushes."""
    pipe.write(_LENGTH.pack(len(content)) + content)


def read_frame(pipe: IO[bytes]) -> bytes:
    """Read one frame.

    Raises:
        EOFError: the other end is gone.
    """
    return _exactly(pipe, _LENGTH.unpack(_exactly(pipe, _LENGTH.size))[0])


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    content = pipe.read(count)
    if len(content) < count:
        raise EOFError
    return content


def words_of(graph: Path) -> list[str]:
    """The words of a model, read from the table of symbols inside its `Gr.fst`."""
    content = graph.read_bytes()
    at = content.rfind(_SYMBOLS_BEGIN)
    if at < 0:
        return []
    (name_length,) = struct.unpack_from("<i", content, at + 4)
    at += 8 + name_length
    _, count = struct.unpack_from("<qq", content, at)
    at += 16
    words = []
    for _ in range(count):
        (length,) = struct.unpack_from("<i", content, at)
        words.append(content[at + 4 : at + 4 + length].decode("utf-8", "replace"))
        at += 4 + length + 8
    return words


def filler_words(words: Sequence[str], *, count: int = FILLERS) -> list[str]:
    """Short words that together sound like any speech: each fifth of the 5000 shortest."""
    speakable = (w for w in words if w.isalpha() and w == w.lower() and len(w) > 1)
    plain = sorted(speakable, key=lambda w: (len(w), w))
    return plain[:_SHORT_WORDS][:: max(1, min(len(plain), _SHORT_WORDS) // count)][:count]


class _Listening:
    """One recogniser for one turn, with the likelihood of all that it heard."""

    def __init__(self, model: Any, phrases: Sequence[str] | None) -> None:  # noqa: ANN401
        from vosk import KaldiRecognizer  # noqa: PLC0415  (0.2 s)

        grammar = () if phrases is None else (json.dumps(list(phrases), ensure_ascii=False),)
        self._recognizer = KaldiRecognizer(model, float(RATE_HZ), *grammar)
        self._recognizer.SetMaxAlternatives(1)
        self._recognizer.SetWords(True)
        self.text = ""
        self.log_likelihood = 0.0
        self.speech_s = 0.0

    def accept(self, pcm: bytes) -> str:
        if self._recognizer.AcceptWaveform(pcm):
            self._add(self._recognizer.Result())
        partial = json.loads(self._recognizer.PartialResult()).get("partial", "")
        return " ".join(f"{self.text} {partial}".split())

    def finish(self) -> None:
        self._add(self._recognizer.FinalResult())

    def _add(self, result: str) -> None:
        for best in json.loads(result).get("alternatives", [])[:1]:
            self.text = " ".join(f"{self.text} {best['text']}".split())
            self.log_likelihood += best["confidence"]
            self.speech_s += sum(word["end"] - word["start"] for word in best.get("result", []))


class Worker:
    """Answers the requests of one conversation."""

    def __init__(self, folder: Path) -> None:
        from vosk import Model, SetLogLevel  # noqa: PLC0415  (0.2 s)

        SetLogLevel(-1)
        self._model = Model(str(folder))
        self._fillers = filler_words(words_of(folder / "graph" / "Gr.fst"))
        self._turn: tuple[_Listening, _Listening | None] | None = None
        trial = _Listening(self._model, self._fillers[:10] or None)
        trial.accept(bytes(RATE_HZ))  # a damaged model dies here, not in the first answer
        trial.finish()

    def answer(self, request: Message, pcm: bytes) -> Message:
        """Do what is asked: `unknown`, `start`, `accept`, `finish` or `cancel`."""
        match request["do"]:
            case "unknown":
                found = self._model.vosk_model_find_word
                return {"unknown": [word for word in request["words"] if found(word) < 0]}
            case "start":
                is_compared = request["phrases"] and self._fillers
                filler = _Listening(self._model, self._fillers) if is_compared else None
                self._turn = (_Listening(self._model, request["phrases"]), filler)
            case "accept" if self._turn is not None:
                listening, filler = self._turn
                if filler is not None:
                    filler.accept(pcm)
                return {"partial": listening.accept(pcm)}
            case "finish" if self._turn is not None:
                return self._finish(*self._turn)
            case _:
                self._turn = None
        return {}

    def _finish(self, listening: _Listening, filler: _Listening | None) -> Message:
        self._turn = None
        listening.finish()
        if filler is None or not listening.text:
            return {"text": listening.text, "margin": None}
        filler.finish()
        seconds = max(listening.speech_s, 0.1)
        margin = (listening.log_likelihood - filler.log_likelihood) / seconds
        return {"text": listening.text, "margin": margin}


def serve(folder: str) -> None:
    """Load the model and answer requests on standard input until it closes."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the library prints must not stand between two frames
    worker = Worker(Path(folder))
    _send(answers, {"ready": True})
    while True:
        try:
            request = json.loads(read_frame(requests))
            pcm = read_frame(requests) if request["do"] == "accept" else b""
        except EOFError:
            return
        _send(answers, worker.answer(request, pcm))


def _send(pipe: IO[bytes], message: Message) -> None:
    write_frame(pipe, json.dumps(message).encode())
    pipe.flush()
