"""Carries the core's actions to the edges and their events back: the only loop there is.

It decides nothing: what to say is the core's, how it sounds is the edges'.
"""

from collections.abc import Callable
from typing import Protocol

from voiceskill.core.dialog import Turn, step
from voiceskill.core.events import Event, Finish, Listen, Say
from voiceskill.core.skill import Skill


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
