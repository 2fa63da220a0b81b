"""The careful ear's files: find what the wheel brought, make it quick once, keep it in the cache.

How the graphs are rebuilt is in `moonshine_graph.py`. Nothing is heard or scored here.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from voiceskill.errors import ModelError
from voiceskill.stt.silent_runtime import import_runtime

FORMAT = 1
"""Counts up when the way of converting changes, so that an old cache is not taken for a new one."""

SHIPPED = {
    "encoder_model.ort": "9d1a19e044cbf89a207723d1adb667de89a5671a1e3e611b8ebe721b2c31219c",
    "decoder_model_merged.ort": "370e0c1f161d68dc1c2264c1a82024fb123380da3b73f47f05531d1e8d3308c3",
    "tokenizer.bin": "04670d78994d030185c3dd843c60591788fed0a56cc6750747bd326825f13ca9",
}
"""The English base model of moonshine-cpp 0.1.4: file and sha256."""

CONVERTED = ("listen.onnx", "listen.bin", "write.onnx", "write.bin")
"""Graphs, and beside each its weights, which are mapped from disk."""

NEEDED_BYTES = 200_000_000
"""95 MB stay; while converting, 63 MB more."""

_WORK_PREFIX = ".converting-"
_SURELY_BROKEN_OFF_S = 3600.0
"""A conversion takes seconds, on the slowest machine minutes."""

REINSTALL = "Run: pip install --force-reinstall moonshine-cpp==0.1.4"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Where the careful ear's parts are."""

    vocabulary: Path
    listen: Path
    write: Path


def shipped_folder() -> Path:
    """The folder of the model that the `moonshine-cpp` wheel brings; its code is never run.

    Raises:
        ModelError: the wheel is not installed, or one of its model files is gone.
    """
    found = importlib.util.find_spec("moonshine_cpp")
    if found is None or found.origin is None:
        raise ModelError(
            "The careful ear needs the model in the package moonshine-cpp, which is not installed. "
            "Run: pip install moonshine-cpp==0.1.4 (Linux x86-64; elsewhere use Vosk)."
        )
    folder = Path(found.origin).parent / "models" / "base-en"
    for name in SHIPPED:
        if not (folder / name).is_file():
            raise ModelError(
                f"The careful ear's file {name} is missing from {folder}, so it cannot be used. "
                f"{REINSTALL}"
            )
    return folder


@contextlib.contextmanager
def quick_model(cache_dir: Path, progress: Progress) -> Iterator[ModelFiles]:
    """The quick model's files, made first if they are not in the cache; open them inside.

    Where nothing can be written to the cache, they are made in a temporary folder that goes when
    the block ends: what is mapped by then stays readable.

    Args:
        cache_dir: the user's cache folder of this program; made if missing.
        progress: told, in one sentence each, that the conversion begins and what went wrong.

    Raises:
        ModelError: the wheel's data is missing or damaged, or there is no room anywhere.
    """
    source = shipped_folder()
    try:
        folder = _cached(source, cache_dir, progress)
    except OSError as error:
        progress(
            f"The careful ear cannot be kept in {cache_dir} ({error.strerror or error}), so it is "
            f"made anew at every start. Free {NEEDED_BYTES // 1_000_000} MB there, or make the "
            "folder writable."
        )
    else:
        yield _files(source, folder)
        return
    with _scratch_folder() as folder:
        yield _files(source, folder)


@contextlib.contextmanager
def _scratch_folder() -> Iterator[Path]:
    """A converted model that lasts as long as the block."""
    try:
        with tempfile.TemporaryDirectory(prefix="voiceskill-") as name:
            _convert(shipped_folder(), Path(name))
            yield Path(name)
    except OSError as error:
        raise ModelError(
            f"There is no room to make the careful ear, neither in the cache nor in "
            f"{tempfile.gettempdir()} ({error.strerror or error}), so it cannot be used. "
            f"Free {NEEDED_BYTES // 1_000_000} MB and start again."
        ) from error


def _files(source: Path, folder: Path) -> ModelFiles:
    return ModelFiles(
        vocabulary=source / "tokenizer.bin",
        listen=folder / "listen.onnx",
        write=folder / "write.onnx",
    )


def cache_key() -> str:
    """Names what a converted model depends on: the data, the runtime and the way of converting."""
    parts = [*SHIPPED.values(), import_runtime().__version__, str(FORMAT)]
    return f"moonshine-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"


def _cached(source: Path, cache_dir: Path, progress: Progress) -> Path:
    """The folder in the cache, converted now if it is not there whole."""
    folder = cache_dir / cache_key()
    if _is_whole(folder):
        return folder
    progress("Preparing the careful ear. This happens once and takes a few seconds.")
    cache_dir.mkdir(parents=True, exist_ok=True)
    _sweep(cache_dir)
    work = Path(tempfile.mkdtemp(prefix=_WORK_PREFIX, dir=cache_dir))
    try:
        _convert(source, work)
        _install(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def _sweep(cache_dir: Path) -> None:
    """Delete what conversions left that were broken off, for instance by Ctrl-C."""
    for left in cache_dir.glob(f"{_WORK_PREFIX}*"):
        try:
            is_old = time.time() - left.stat().st_mtime > _SURELY_BROKEN_OFF_S
        except OSError:  # another program has just finished it
            continue
        if is_old:
            shutil.rmtree(left, ignore_errors=True)


def _install(work: Path, folder: Path) -> None:
    """Put the finished folder in its place in one step; another program's is as good as ours."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        work.rename(folder)
    except OSError:
        if not _is_whole(folder):
            raise


def _is_whole(folder: Path) -> bool:
    """Whether every converted file is there with the size that was written down."""
    try:
        sizes = json.loads((folder / "sizes.json").read_text(encoding="utf-8"))
        return all((folder / name).stat().st_size == sizes[name] for name in CONVERTED)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _convert(source: Path, target: Path) -> None:
    """Write the quick model into a folder, in a process of its own.

    It takes 200 MiB that this process would not give back, and holds the interpreter for so long
    that a sentence being spoken would stutter.

    Raises:
        OSError: the folder cannot be written or is full.
        ModelError: the shipped data is damaged.
    """
    _check_shipped(source)
    free = shutil.disk_usage(target).free
    if free < NEEDED_BYTES:
        raise OSError(f"only {free // 1_000_000} MB are free")
    command = [sys.executable, "-m", __name__, str(source), str(target)]
    paths = os.pathsep.join(path or os.curdir for path in sys.path)
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        reasons = done.stderr.strip().splitlines() or ["it was stopped from outside"]
        raise OSError(f"converting it failed: {reasons[-1]}")


def write_quick_model(source: Path, target: Path) -> None:
    """Make the graphs quick; `target` then holds the files of `CONVERTED` and their sizes."""
    import onnx  # noqa: PLC0415

    from voiceskill.stt.moonshine_graph import listen_graph, write_graph  # noqa: PLC0415

    plain = {}
    for part in ("encoder_model", "decoder_model_merged"):
        _optimise(str(source / f"{part}.ort"), target / f"{part}.onnx", fold=False)
        plain[part] = onnx.load(target / f"{part}.onnx")
        (target / f"{part}.onnx").unlink()
    encoder, decoder = plain["encoder_model"], plain["decoder_model_merged"]
    graphs = {"listen": listen_graph(encoder, decoder), "write": write_graph(decoder)}
    for name, graph in graphs.items():
        _optimise(graph.SerializeToString(), target / f"{name}.onnx", fold=True)
    sizes = {name: (target / name).stat().st_size for name in CONVERTED}
    (target / "sizes.json").write_text(json.dumps(sizes), encoding="utf-8")


def _optimise(model: str | bytes, target: Path, *, fold: bool) -> None:
    """Let the runtime rewrite a model into a file; folded, its weights go into one beside it."""
    ort = import_runtime()
    level = ort.GraphOptimizationLevel
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = level.ORT_ENABLE_EXTENDED if fold else level.ORT_DISABLE_ALL
    options.optimized_model_filepath = str(target)
    options.add_session_config_entry("session.save_model_format", "ONNX")
    if fold:
        prefix = "session.optimized_model_external_initializers"
        options.add_session_config_entry(f"{prefix}_file_name", target.with_suffix(".bin").name)
        options.add_session_config_entry(f"{prefix}_min_size_in_bytes", "4096")
    ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _check_shipped(source: Path) -> None:
    for name, expected in SHIPPED.items():
        with (source / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise ModelError(
                f"The careful ear's file {source / name} is damaged or of another version, so "
                f"what it hears cannot be trusted. {REINSTALL}"
            )


def discard(folder_of: Path) -> None:
    """Remove a converted model that the runtime could not open, so that it is made again."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(folder_of.parent / "sizes.json")


if __name__ == "__main__":
    write_quick_model(Path(sys.argv[1]), Path(sys.argv[2]))
