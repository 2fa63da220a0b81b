"""The careful ear's network at work: sound to states, and one more token for each row.

What the tokens mean and which are worth following is decided in `moonshine.py`.
"""

from typing import TYPE_CHECKING, NamedTuple

from voiceskill.stt.moonshine_convert import ModelFiles
from voiceskill.stt.silent_runtime import import_runtime

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

LAYERS, HEADS, HEAD_SIZE = 8, 8, 52
_SLOTS = tuple((layer, kind) for layer in range(LAYERS) for kind in ("key", "value"))


class Step(NamedTuple):
    """What one step of writing gives."""

    log_probs: "Floats"
    """Natural logarithm of the probability of each next token, float32 [rows, 32768]."""
    past: "tuple[Floats, ...]"
    """Keys and values of what was written so far, float32 [rows, 8, tokens, 52] each."""

    def pick(self, rows: list[int]) -> "tuple[Floats, ...]":
        """The past of these rows, repeated where several beginnings go on from one row."""
        return tuple(state[rows] for state in self.past)


class Network:
    """Two sessions of the runtime; may be used from several threads at once."""

    def __init__(self, listen: "InferenceSession", write: "InferenceSession") -> None:
        self._listen = listen
        self._write = write

    def hear(self, samples: "Floats") -> "tuple[Floats, ...]":
        """States of a sound, float32 [samples] at 16 kHz in -1 to 1, 0.5 s or more."""
        return tuple(self._listen.run(None, {"input_values": samples[None, :]}))

    def begin(self) -> "tuple[Floats, ...]":
        """The past of one row in which nothing has been written."""
        import numpy as np  # noqa: PLC0415

        return tuple(np.zeros((1, HEADS, 0, HEAD_SIZE), np.float32) for _ in _SLOTS)

    def write(
        self, tokens: list[int], past: "tuple[Floats, ...]", heard: "tuple[Floats, ...]"
    ) -> Step:
        """Write one token in each row, and say how likely each next one is."""
        import numpy as np  # noqa: PLC0415

        feeds: dict[str, Floats | Integers] = {"input_ids": np.array(tokens, np.int64)[:, None]}
        for (layer, kind), written, attended in zip(_SLOTS, past, heard, strict=True):
            feeds[f"past_key_values.{layer}.decoder.{kind}"] = written
            feeds[f"past_key_values.{layer}.encoder.{kind}"] = attended
        logits, *present = self._write.run(None, feeds)
        logits = logits[:, 0]
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return Step(logits, tuple(present))


def open_network(files: ModelFiles, threads: int) -> Network:
    """Map the converted model and ready it, in about 0.1 s.

    Raises:
        RuntimeError, ValueError: the runtime cannot read a file (whatever its class, it is a
            subclass of one of these).
    """
    ort = import_runtime()
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL  # done before
    options.enable_cpu_mem_arena = False  # an arena keeps the largest turn's memory for good
    sessions = (
        ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        for path in (files.listen, files.write)
    )
    return Network(*sessions)
