"""What is on disk of a person: kept for its owner, for 12 hours, and gone when forgotten."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voiceskill.errors import StateError
from voiceskill.store import FILE_NAME, KEPT_S, Store

SECRET = '{"saddle": "yes, it went numb on Tuesday"}'


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path, clock) -> Store:
    return Store(tmp_path / "person", clock=clock)


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_saved_check_is_read_back(store, tmp_path):
    """What was kept is there again for the next process."""
    store.save(SECRET)

    assert Store(tmp_path / "person", clock=store._clock).load() == SECRET


def test_a_place_that_cannot_be_looked_at_is_told(tmp_path):
    """A folder whose name no disk takes, or that is not ours, is one sentence and no traceback."""
    store = Store(tmp_path / ("x" * 300))

    with pytest.raises(StateError, match="cannot be read"):
        store.load()
    with pytest.raises(StateError, match="cannot be kept"):
        store.save(SECRET)
    with pytest.raises(StateError, match="cannot be read"):
        store.forget()


def test_nothing_is_there_before_the_first_save(store):
    """A person who never saved leaves no file, not even by asking or forgetting."""
    assert store.load() is None
    store.forget()
    assert not store.path.parent.exists()


def test_a_later_save_replaces_the_earlier(store):
    """There is one unfinished check, the last."""
    for count in range(5):
        store.save(f"state {count}")

    assert store.load() == "state 4"


def test_the_old_state_is_overwritten_by_the_new(store):
    """An answer that was changed does not stay in the file beside the new one."""
    store.save(SECRET)
    store.save("{}")

    assert b"Tuesday" not in bytes_below(store.path.parent)


def test_nobody_else_can_read_the_file(store):
    """The file and its folder are for their owner alone, even under a generous umask."""
    before = os.umask(0)
    try:
        store.save(SECRET)
    finally:
        os.umask(before)

    assert mode(store.path) == 0o600
    assert mode(store.path.parent) == 0o700


def test_a_file_that_others_could_read_is_closed_again(store):
    """A loosened mode is mended by the next save."""
    store.save(SECRET)
    store.path.chmod(0o644)

    store.save(SECRET)

    assert mode(store.path) == 0o600


def test_the_journal_is_for_the_owner_alone(store):
    """While a change is being written, its journal has the same mode as the file."""
    store.save(SECRET)
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE unfinished SET state = 'other'")
        journal = store.path.with_name(f"{FILE_NAME}-journal")
        assert mode(journal) == 0o600
    database.close()


def test_what_was_forgotten_is_nowhere_in_the_folder(store):
    """After "forget", no byte of the answers is left in any file."""
    store.save(SECRET * 500)
    assert b"Tuesday" in bytes_below(store.path.parent)

    store.forget()

    assert b"Tuesday" not in bytes_below(store.path.parent)
    assert store.load() is None


def test_after_twelve_hours_the_check_is_gone(store, clock):
    """It is not offered, and its bytes are gone too."""
    store.save(SECRET)
    clock.now += KEPT_S + 1

    assert store.load() is None
    assert b"Tuesday" not in bytes_below(store.path.parent)


def test_within_twelve_hours_the_check_is_offered(store, clock):
    """Eleven hours and 59 minutes are not yet twelve hours."""
    store.save(SECRET)
    clock.now += KEPT_S - 60

    assert store.load() == SECRET


def test_a_small_step_back_of_the_clock_loses_nothing(store, clock):
    """A computer whose clock is set right after the save still offers the check."""
    store.save(SECRET)
    clock.now -= 3600

    assert store.load() == SECRET


def test_a_check_from_the_far_future_is_deleted(store, clock):
    """Where the clock tells no age, the check is not kept for ever."""
    store.save(SECRET)
    clock.now -= 2 * KEPT_S

    assert store.load() is None
    assert b"Tuesday" not in bytes_below(store.path.parent)


@pytest.mark.parametrize(
    "damage",
    [
        b"not a database at all, but long enough to look like one" * 40,
        b"SQLite format 3\x00" + b"\xff" * 4000,
    ],
    ids=["text", "broken pages"],
)
def test_a_damaged_file_is_told_once_and_then_forgotten(store, damage):
    """One sentence says what happened; the next look finds a fresh start."""
    store.save(SECRET)
    store.path.write_bytes(damage)

    with pytest.raises(StateError, match=r"damaged and has been deleted; this check starts"):
        store.load()

    assert store.load() is None
    store.save("fresh")
    assert store.load() == "fresh"


def test_a_truncated_file_is_told_and_replaced(store):
    """Half a file is no file."""
    store.save(SECRET * 500)
    whole = store.path.read_bytes()
    store.path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(StateError, match="starts from the beginning"):
        store.load()

    assert store.load() is None


@pytest.mark.parametrize("left", [b"", b"x"], ids=["no byte", "one byte"])
def test_an_all_but_empty_file_holds_no_check(store, left):
    """A file as a full disk can leave it is simply empty."""
    store.save(SECRET)
    store.path.write_bytes(left)

    assert store.load() is None


def test_a_damaged_file_does_not_stop_a_save(store):
    """There is nothing in it to lose, so the new check takes its place."""
    store.save(SECRET)
    store.path.write_bytes(b"rubbish" * 1000)

    store.save("fresh")

    assert store.load() == "fresh"


def test_a_damaged_file_can_be_forgotten(store):
    """Forgetting works whatever the file holds."""
    store.save(SECRET)
    store.path.write_bytes(b"rubbish" + SECRET.encode() * 100)

    store.forget()

    assert b"Tuesday" not in bytes_below(store.path.parent)


def test_columns_of_another_kind_are_damage(store):
    """A file that is a database, but not ours, is told like any damage."""
    store.save(SECRET)
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE unfinished SET saved_at = 'soon'")
    database.close()

    with pytest.raises(StateError, match="damaged"):
        store.load()


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    """Where the folder's name is a file, the message says what to do."""
    (tmp_path / "person").write_text("in the way")

    with pytest.raises(StateError, match=r"cannot be kept .* --data"):
        Store(tmp_path / "person").save(SECRET)


@settings(max_examples=25, deadline=None)
@given(state=st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_comes_back_as_it_was(tmp_path_factory, state):
    """Every character survives, zero bytes and emoji among them."""
    store = Store(tmp_path_factory.mktemp("person"))
    store.save(state)

    assert store.load() == state


def run_in_child(code: str, *arguments: str, **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.mark.parametrize("kill_after_saves", [1, 7, 40])
def test_a_killed_process_leaves_a_whole_check(tmp_path, kill_after_saves):
    """After kill -9 in the midst of saving, the last or the next to last state is read back."""
    child = run_in_child(
        """
        import sys
        from pathlib import Path
        from voiceskill.store import Store
        store = Store(Path(sys.argv[1]))
        for count in range(100000):
            store.save(f"{count} " + "x" * 20000)
            print(count, flush=True)
        """,
        str(tmp_path),
    )
    last = 0
    while last < kill_after_saves:
        last = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    printed = [int(line) for line in child.stdout.read().split()]
    child.wait()

    state = Store(tmp_path).load()

    count, _, padding = state.partition(" ")
    assert int(count) - max([last, *printed]) in (0, 1)
    assert padding == "x" * 20000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file size to set")
def test_a_full_disk_is_told_and_the_check_goes_on(tmp_path):
    """A state that does not fit is refused with a sentence; the one before stays."""
    Store(tmp_path).save("before")
    child = run_in_child(
        """
        import resource, sys
        from pathlib import Path
        from voiceskill.errors import StateError
        from voiceskill.store import Store
        resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000))
        try:
            Store(Path(sys.argv[1])).save("x" * 200000)
        except StateError as error:
            print(error)
        """,
        str(tmp_path),
    )
    told, _ = child.communicate(timeout=30)

    assert "cannot be kept" in told
    assert "Free some space" in told
    assert Store(tmp_path).load() == "before"
