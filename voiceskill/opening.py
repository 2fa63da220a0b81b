"""Begins a check by the settings: what it knows, and where an unfinished one is kept.

Devices and ears are opened in `equipment.py`; how a check goes on is the core's.
"""

from collections.abc import Callable

from voiceskill.config import Settings
from voiceskill.core.dialog import Hears
from voiceskill.errors import StateError
from voiceskill.library import load_skill
from voiceskill.session import Check
from voiceskill.store import Store

Tell = Callable[[str], None]
"""Tells the person something beside the conversation, in print."""


def open_check(settings: Settings, hears: Hears, *, tell: Tell, kept: bool = True) -> Check:
    """How a check begins, by the settings.

    Args:
        settings: Language, country, pace, volume, folders, and whether anything is kept.
        hears: How surely this front end hears.
        tell: Tells the person, in print, that nothing can be kept here.
        kept: False for a check that nobody goes on with, such as a demonstration.
    """
    skill = load_skill(settings.dialogs, language=settings.language)
    keeper = TellingKeeper(settings, tell) if kept and settings.keep else None
    return Check(
        skill=skill,
        country=settings.country,
        hears=hears,
        pace=settings.pace,
        volume=settings.volume,
        keeper=keeper,
    )


class TellingKeeper:
    """The store, for a check that must go on even where nothing can be kept."""

    def __init__(self, settings: Settings, tell: Tell) -> None:
        """Name the place; nothing is written yet."""
        self._store = Store(settings.data_folder)
        self._tell = tell
        self._told = False

    def load(self) -> str | None:
        """The check that was kept, or None; see `Store.load`."""
        return self._store.load()

    def save(self, state_json: str) -> None:
        """Keep this state; where it cannot be kept, that is told once."""
        self._tell_once(lambda: self._store.save(state_json))

    def forget(self) -> None:
        """Keep nothing; where it cannot be deleted, that is told."""
        self._tell_once(self._store.forget)

    def _tell_once(self, change: Callable[[], None]) -> None:
        try:
            change()
        except StateError as error:
            if not self._told:
                self._tell(str(error))
            self._told = True
