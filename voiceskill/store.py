"""All of the person that is ever on disk: the unfinished check.

One SQLite file that its owner alone can read; save, load, forget.
What a check holds is `core/state.py`'s: here it is a text.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from voiceskill.errors import StateError

FILE_NAME = "check.sqlite3"
KEPT_S = 12 * 3600.0
"""An unfinished check is deleted after 12 hours (law 9)."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS unfinished (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    saved_at REAL NOT NULL,
    state TEXT NOT NULL
);
"""


class Store:
    """The file of one person. Cheap to make; it is opened only while it is used.

    Each change is one transaction: a process killed at any moment leaves the old or the new.
    What is deleted is overwritten with zeros in the file; what a disk itself keeps of blocks
    that were freed is out of a program's reach.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Name the place; nothing is written before the first `save`.

        Args:
            folder: Made with the first save, for its owner alone.
            clock: Seconds since 1970.
        """
        self.path = folder / FILE_NAME
        self._clock = clock

    def save(self, state_json: str) -> None:
        """Keep the unfinished check, in place of an earlier one.

        Raises:
            StateError: it cannot be written, for example since the disk is full. The check can
                go on; it is only not kept.
        """
        with self._changing("cannot be kept") as database:
            database.execute(
                "INSERT OR REPLACE INTO unfinished VALUES (1, ?, ?)", (self._clock(), state_json)
            )

    def load(self) -> str | None:
        """The unfinished check, if there is one that is not older than 12 hours.

        An older one is deleted here; so is one dated 12 hours ahead, whose age nobody can tell.

        Raises:
            StateError: the file was damaged and has been deleted, so that the next call gives
                None; or it cannot be read at all.
        """
        if not self._is_there():
            return None
        with self._reading() as database:
            row = database.execute("SELECT saved_at, state FROM unfinished").fetchone()
        if row is None:
            return None
        saved_at, state = row
        if not isinstance(saved_at, float) or not isinstance(state, str):
            raise self._deleted_as_damaged()
        if abs(self._clock() - saved_at) > KEPT_S:
            self.forget()
            return None
        return state

    def forget(self) -> None:
        """Delete the unfinished check.

        Raises:
            StateError: it could not be deleted; the message names the file to delete.
        """
        if not self._is_there():
            return
        with self._changing("cannot be deleted") as database:
            database.execute("DELETE FROM unfinished")

    def _is_there(self) -> bool:
        try:
            return self.path.exists()
        except OSError as error:
            raise self._unreadable(error.strerror) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._open() as database:
                yield database
        except sqlite3.OperationalError as error:
            raise self._unreadable(error) from error
        except sqlite3.DatabaseError as error:
            raise self._deleted_as_damaged() from error

    @contextmanager
    def _changing(self, failure: str) -> Iterator[sqlite3.Connection]:
        """One transaction; a damaged file has nothing to lose and is replaced first."""
        try:
            self._create()
            with suppress(StateError), self._reading() as database:
                database.execute("SELECT count(*) FROM unfinished")
            self._create()
            with self._open() as database, database:
                yield database
        except (OSError, sqlite3.Error) as error:
            raise StateError(
                f"The unfinished check {failure} in {self.path} ({error}). "
                "Free some space or choose another folder with --data."
            ) from error

    def _create(self) -> None:
        """Make the file before SQLite does, so that it is never readable by others."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self.path.chmod(0o600)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self.path, timeout=2.0)
        try:
            database.execute("PRAGMA secure_delete = ON")
            database.executescript(_SCHEMA)
            yield database
        finally:
            database.close()

    def _unreadable(self, why: object) -> StateError:
        return StateError(
            f"The unfinished check in {self.path} cannot be read ({why}), so this check "
            "starts anew; close other voiceskill programs or delete the file."
        )

    def _deleted_as_damaged(self) -> StateError:
        try:
            self._remove()
        except OSError as error:
            return self._unreadable(f"damaged, and {error.strerror}")
        return StateError(
            f"The unfinished check in {self.path} was damaged and has been deleted; "
            "this check starts from the beginning."
        )

    def _remove(self) -> None:
        # The journal first: alone, it would bring old pages back into a new file.
        for suffix in ("-journal", ""):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
