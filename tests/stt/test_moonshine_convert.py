"""The careful ear's files: made quick once, kept whole, and every way in which that can fail."""

import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from voiceskill.errors import ModelError
from voiceskill.stt import moonshine_convert
from voiceskill.stt.moonshine import levelled, open_moonshine
from voiceskill.stt.moonshine_convert import (
    CONVERTED,
    SHIPPED,
    ModelFiles,
    cache_key,
    quick_model,
    shipped_folder,
    write_quick_model,
)
from voiceskill.stt.moonshine_network import open_network
from voiceskill.stt.silent_runtime import import_runtime

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("moonshine_cpp") is None, reason="moonshine-cpp is not installed"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A cache folder in which the model has been converted once."""
    folder = tmp_path_factory.mktemp("cache")
    with quick_model(folder, lambda _: None):
        return folder


@pytest.fixture
def cache(made, tmp_path):
    """A copy of it that a test may damage."""
    shutil.copytree(made, tmp_path / "cache")
    return tmp_path / "cache"


def test_the_model_is_converted_once(tmp_path):
    """The first start says that it takes longer; the second one finds the files and is silent."""
    told = []
    with quick_model(tmp_path / "cache", told.append) as first:
        assert first.listen.is_file()
    assert len(told) == 1
    assert "once" in told[0]
    with quick_model(tmp_path / "cache", told.append) as second:
        assert second == first
    assert len(told) == 1


def test_nothing_is_left_beside_the_converted_model(made):
    """One folder with four files and their sizes; no half-made folder, no plain graph."""
    assert [path.name for path in made.iterdir()] == [cache_key()]
    assert {path.name for path in (made / cache_key()).iterdir()} == {*CONVERTED, "sizes.json"}


def test_what_a_broken_off_conversion_left_is_cleared_away(tmp_path):
    """A start that was killed leaves a half-made folder; a later one deletes it, no fresh one."""
    old, fresh = tmp_path / ".converting-old", tmp_path / ".converting-fresh"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "listen.onnx").write_bytes(bytes(1000))
    os.utime(old, (0, 0))

    with quick_model(tmp_path, lambda _: None):
        assert not old.exists()
        assert fresh.exists()


def test_the_weights_stay_bytes(made):
    """The converted model is a quarter of what floats would take: below 100 MB."""
    total = sum(path.stat().st_size for path in (made / cache_key()).iterdir())
    assert 80e6 < total < 100e6


def test_another_runtime_has_a_model_of_its_own(monkeypatch):
    """The optimised graph belongs to one version of the runtime, and the key names it."""
    before = cache_key()
    monkeypatch.setattr(import_runtime(), "__version__", "0.0.1")
    assert cache_key() != before


@pytest.mark.parametrize("name", [*CONVERTED, "sizes.json"])
def test_a_file_that_was_cut_short_is_made_again(cache, name):
    """A crash or a full disk that left half a file does not stop the next start."""
    path = cache / cache_key() / name
    path.write_bytes(path.read_bytes()[:-1])
    told = []
    with quick_model(cache, told.append) as files:
        assert files.write.is_file()
    assert len(told) == 1


def test_a_file_that_is_gone_is_made_again(cache):
    """A cache that was half cleaned is completed."""
    (cache / cache_key() / "write.bin").unlink()
    open_moonshine(cache_dir=cache).close()
    assert (cache / cache_key() / "write.bin").is_file()


def test_a_graph_of_the_right_size_that_cannot_be_read_is_made_again(cache):
    """Sizes do not tell everything: what the runtime refuses is converted anew."""
    path = cache / cache_key() / "write.onnx"
    path.write_bytes(b"\xff" * path.stat().st_size)
    told = []
    open_moonshine(cache_dir=cache, progress=told.append).close()
    assert len(told) == 1
    assert path.read_bytes()[:4] != b"\xff" * 4


def test_two_programs_that_start_at_once_both_get_a_model(tmp_path):
    """Whoever finishes second takes the first one's folder; none sees half of it."""
    ears = []

    def start():
        with quick_model(tmp_path, lambda _: None) as files:
            ears.append(files.listen.stat().st_size)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ears) == 2
    assert [path.name for path in tmp_path.iterdir()] == [cache_key()]


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path):
    """It says so in a sentence, makes the model in a folder that goes again, and hears."""
    (tmp_path / "file").write_text("not a folder")
    told = []
    ear = open_moonshine(cache_dir=tmp_path / "file" / "cache", progress=told.append)
    assert ear.response_s() > 0
    ear.close()
    assert "made anew at every start" in told[-1]
    assert str(tmp_path) in told[-1]


def test_a_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    """With too little room in the cache and in the temporary folder there is one clear sentence."""
    monkeypatch.setattr(moonshine_convert, "NEEDED_BYTES", 10**18)
    told = []
    with (
        pytest.raises(ModelError, match="no room") as error,
        quick_model(tmp_path / "cache", told.append),
    ):
        pass
    assert "Free" in str(error.value)
    assert not list((tmp_path / "cache").iterdir())


def test_a_disk_that_fills_while_converting_leaves_nothing_behind(tmp_path):
    """Where no file may grow beyond 10 MB, the start fails with a sentence and cleans up."""
    program = (
        "import sys; from pathlib import Path\n"
        "from voiceskill.errors import ModelError\n"
        "from voiceskill.stt.moonshine import open_moonshine\n"
        "try: open_moonshine(cache_dir=Path(sys.argv[1]), progress=print)\n"
        "except ModelError as error: print('ModelError', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "cache")],
        cwd=Path(__file__).parents[2],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10**7, 10**7)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "cannot be kept in" in done.stdout, done.stderr
    assert "ModelError There is no room" in done.stdout
    assert not list((tmp_path / "cache").iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


@pytest.fixture
def other_wheel(tmp_path, monkeypatch):
    """A copy of the wheel's model, in place of the real one, that a test may damage."""
    package = tmp_path / "wheel" / "moonshine_cpp"
    shutil.copytree(shipped_folder(), package / "models" / "base-en")
    (package / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "moonshine_cpp", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path / "wheel"))
    return package / "models" / "base-en"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_missing_data_file_is_named_with_its_remedy(other_wheel, tmp_path, name):
    """The sentence names the file and the command that brings it back."""
    (other_wheel / name).unlink()
    with pytest.raises(ModelError, match="pip install") as error:
        open_moonshine(cache_dir=tmp_path / "cache")
    assert name in str(error.value)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_tampered_data_file_is_refused(other_wheel, tmp_path, name):
    """One changed byte is enough: what such a model hears could not be trusted."""
    data = bytearray((other_wheel / name).read_bytes())
    data[len(data) // 2] ^= 1
    (other_wheel / name).write_bytes(data)
    with pytest.raises(ModelError, match="damaged or of another version") as error:
        open_moonshine(cache_dir=tmp_path / "cache")
    assert name in str(error.value)


def test_a_missing_wheel_is_told_with_the_command_that_brings_it(tmp_path, monkeypatch):
    """Elsewhere than on Linux x86-64 there is no wheel, and the sentence says so."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "moonshine_cpp" else find(name)
    )
    with pytest.raises(ModelError, match=r"pip install moonshine-cpp==0\.1\.4"):
        open_moonshine(cache_dir=tmp_path)


def test_the_wheels_own_code_is_never_run(made):
    """Its module opens libraries and may download; only its folder is looked up."""
    program = (
        "import sys; from pathlib import Path\n"
        "from voiceskill.stt.moonshine import open_moonshine\n"
        "open_moonshine(cache_dir=Path(sys.argv[1]))\n"
        "print([name for name in sys.modules if name.startswith('moonshine_cpp')])\n"
        "print('onnx' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(made)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["[]", "False"]


def test_the_runtime_leaves_no_trace_and_starts_no_uploader(made, tmp_path):
    """Its telemetry, left on, writes an identifier and a store there before anything is sent."""
    program = (
        "import sys; from pathlib import Path\n"
        "from voiceskill.stt import moonshine, silent_runtime\n"
        "moonshine.open_moonshine(cache_dir=Path(sys.argv[1])).response_s()\n"
    )
    for name in ("home", "temporary"):
        (tmp_path / name).mkdir()
    subprocess.run(
        [sys.executable, "-c", program, str(made)],
        cwd=Path(__file__).parents[2],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path / "temporary"),
        },
        timeout=60,
        check=True,
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_quick_network_computes_what_the_shipped_one_does(made):
    """On real speech, each next token's log-probability is near the shipped model's.

    Inputs are rounded to 8 bits too, which moves what is likely by less than 0.1.
    """
    source = shipped_folder()
    with wave.open(str(source.parents[1] / "test-data" / "beckett.wav")) as file:
        samples = levelled(file.readframes(2 * 16000))
    folder = made / cache_key()
    network = open_network(
        ModelFiles(
            vocabulary=source / "tokenizer.bin",
            listen=folder / "listen.onnx",
            write=folder / "write.onnx",
        ),
        threads=1,
    )
    ours = network.write([1], network.begin(), network.hear(samples)).log_probs[0]

    ort = import_runtime()
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    encoder = ort.InferenceSession(str(source / "encoder_model.ort"), options)
    decoder = ort.InferenceSession(str(source / "decoder_model_merged.ort"), options)
    feeds = {
        each.name: np.zeros((1, 8, 1, 52), np.float32)
        for each in decoder.get_inputs()
        if each.name.startswith("past")
    }
    feeds["input_ids"] = np.array([[1]])
    feeds["encoder_hidden_states"] = encoder.run(None, {"input_values": samples[None]})[0]
    feeds["use_cache_branch"] = np.array([False])
    logits = decoder.run(["logits"], feeds)[0][0, 0]
    theirs = logits - logits.max()
    theirs -= np.log(np.exp(theirs).sum())
    apart = np.abs(ours - theirs)
    assert apart[theirs > -2].max() < 0.1
    assert apart[theirs > -9].max() < 0.5
    assert (theirs > -9).sum() > 10


def test_converting_needs_no_more_than_the_two_folders(tmp_path):
    """It can be run by hand, for instance to make the model for another machine."""
    write_quick_model(shipped_folder(), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*CONVERTED, "sizes.json"}
