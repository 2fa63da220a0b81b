"""Carries the core's actions to the edges and their events back: the only loop there is.

It decides nothing: what to say is the core's, how it sounds is the edges'.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from voiceskill.core.dialog import Hears, Turn, start, step
from voiceskill.core.events import Event, Finish, Listen, Restored, Say
from voiceskill.core.skill import Skill
from voiceskill.core.state import from_json, to_json
from voiceskill.errors import StateError


class Speaker(Protocol):
    """Says things to the person, aloud or in print."""

    def say(self, say: Say, listen: Listen | None) -> Event | None:
        """Say it all; return what the person did meanwhile, if that ends the speech.

        Args:
            say: Sentences in order.
            listen: What may be heard in the gaps between pieces; None: nothing.

        Returns:
            None when everything was said.
        """


class Listener(Protocol):
    """Waits for the person to speak or type."""

    def listen(self, listen: Listen) -> Event:
        """Wait for one turn: `Heard`, `NoInput`, `NoMatch` or `BargeIn`."""


class Keeper(Protocol):
    """Keeps one unfinished check, for its owner's eyes alone."""

    def load(self) -> str | None:
        """The check that was kept, or None; one that is too old is gone."""

    def save(self, state_json: str) -> None:
        """Keep this state in place of what was kept."""

    def forget(self) -> None:
        """Keep nothing, and leave nothing behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How one check begins, and where it is kept until it ends."""

    skill: Skill
    country: str | None = None
    hears: Hears = Hears.TYPED
    pace: float = 1.0
    """Times the usual pace that a new check begins with, 0.6 to 1.5."""
    volume: float = 0.8
    """The loudness that a new check begins with, 0.0 to 1.0."""
    keeper: Keeper | None = None
    """None: nothing is kept."""

    def first_turn(self) -> Turn:
        """The offer to go on with a kept check, or else a new one.

        Raises:
            StateError: what was kept is damaged or from another version; it has been forgotten.
        """
        kept = self.keeper.load() if self.keeper else None
        if kept is None or self.keeper is None:
            return self.new_turn()
        try:
            return step(self.skill, from_json(kept), Restored())
        except StateError:
            self.keeper.forget()
            raise

    def new_turn(self) -> Turn:
        """The first turn of a new check."""
        keeps = self.keeper is not None
        return start(
            self.skill,
            country=self.country,
            hears=self.hears,
            keeps=keeps,
            pace=self.pace,
            volume=self.volume,
        )

    def watching(self, show: Callable[[Turn], None] = lambda _: None) -> Callable[[Turn], None]:
        """What `converse` calls with each turn: keep it or forget it, then show it."""

        def watch(turn: Turn) -> None:
            if self.keeper is not None:
                if turn.done or not turn.state.keeps:
                    self.keeper.forget()
                else:
                    self.keeper.save(to_json(turn.state))
            show(turn)

        return watch


def converse(
    skill: Skill,
    turn: Turn,
    *,
    speaker: Speaker,
    listener: Listener,
    on_turn: Callable[[Turn], None] = lambda _: None,
) -> Turn:
    """Hold the conversation from this turn to its end.

    Args:
        skill: What is known.
        turn: The turn to begin with, from `start` or from a restored check.
        speaker: Where words go.
        listener: Where words come from.
        on_turn: Called with each turn before it is spoken, to keep or to show it.

    Returns:
        The last turn, whose `finish` holds the assessment.
    """
    while True:
        on_turn(turn)
        event = _deliver(turn, speaker, listener)
        if event is None:
            return turn
        turn = step(skill, turn.state, event)


def _deliver(turn: Turn, speaker: Speaker, listener: Listener) -> Event | None:
    """Carry out one turn's actions; None when it was the last."""
    listen = turn.listen
    for action in turn.actions:
        match action:
            case Say():
                if (event := speaker.say(action, listen)) is not None:
                    return event
            case Listen():
                return listener.listen(action)
            case Finish():
                return None
    raise AssertionError("a turn must end in Listen or Finish")
