"""The check typed: one line in, plain lines out.

For a screen reader, a braille display or another program.
What is said and when is the core's; no sound is touched here.
"""

import json
import textwrap
from dataclasses import dataclass
from typing import TextIO

from voiceskill.core.dialog import Turn
from voiceskill.core.events import Alternative, Event, Heard, Listen, NoInput, Say, Tone
from voiceskill.records import turn_record
from voiceskill.session import Check, converse

# A braille display shows 40 or 80 cells, and a screen reader reads line by line.
LINE_CELLS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintingSpeaker:
    """Prints each sentence on lines of its own; a question is set apart by an empty line."""

    out: TextIO

    def say(self, say: Say, listen: Listen | None) -> Event | None:
        """Print the sentences; nothing can interrupt print."""
        del listen
        if say.tone in (Tone.QUESTION, Tone.READ_BACK):
            print(file=self.out)
        for sentence in say.sentences:
            print(textwrap.fill(sentence, LINE_CELLS), file=self.out)
        self.out.flush()
        return None


@dataclass(slots=True, kw_only=True)
class LineListener:
    """Reads one line a turn. An empty line is silence, and so is the end of the input."""

    lines: TextIO
    prompt: TextIO | None = None
    """Where "> " is shown while it waits; None: nowhere."""

    def listen(self, listen: Listen) -> Event:
        """Read one line."""
        del listen
        if self.prompt is not None:
            print("> ", end="", file=self.prompt, flush=True)
        line = self.lines.readline()
        if not line and self.prompt is not None:
            print(file=self.prompt, flush=True)
        if not (text := line.strip()):
            return NoInput()
        return Heard(alternatives=(Alternative(text=text),))


@dataclass(slots=True, kw_only=True)
class JsonLines:
    """Shows each turn as one JSON line; says nothing by itself."""

    out: TextIO

    def say(self, say: Say, listen: Listen | None) -> Event | None:
        """Nothing: the whole turn was printed before."""
        del say, listen
        return None

    def show(self, turn: Turn) -> None:
        """Print one turn."""
        print(json.dumps(turn_record(turn), ensure_ascii=False), file=self.out, flush=True)


def run_text(check: Check, *, lines: TextIO, out: TextIO, as_json: bool = False) -> Turn:
    """Hold one typed check.

    Args:
        check: How to begin, and where an unfinished check is kept.
        lines: What is typed.
        out: Where it is shown.
        as_json: One JSON line a turn in place of plain lines.

    Returns:
        The last turn.
    """
    if as_json:
        shown = JsonLines(out=out)
        return converse(
            check.skill,
            check.first_turn(),
            speaker=shown,
            listener=LineListener(lines=lines),
            on_turn=check.watching(shown.show),
        )
    prompt = out if lines.isatty() else None
    return converse(
        check.skill,
        check.first_turn(),
        speaker=PrintingSpeaker(out=out),
        listener=LineListener(lines=lines, prompt=prompt),
        on_turn=check.watching(),
    )
