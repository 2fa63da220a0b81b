"""The check typed: one line in, plain lines out.

For a screen reader, a braille display or another program.
What is said and when is the core's; no sound is touched here.
"""

import json
import textwrap
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from voiceskill.core.assessment import Assessment
from voiceskill.core.dialog import Turn
from voiceskill.core.events import Alternative, Event, Heard, Listen, NoInput, Say, Tone
from voiceskill.core.skill import Skill
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


def turn_record(turn: Turn) -> dict[str, Any]:
    """One turn as `text --json` gives it: say, question, state, done, and the assessment last."""
    record: dict[str, Any] = {
        "say": [
            text for action in turn.actions if isinstance(action, Say) for text in action.sentences
        ],
        "question": turn.state.prompt.question or None,
        "state": turn.state.phase.value,
        "done": turn.done,
    }
    if turn.finish is not None:
        record["assessment"] = assessment_record(turn.finish.assessment)
    return record


def assessment_record(assessment: Assessment | None) -> dict[str, Any] | None:
    """An outcome as JSON has it: urgency, rules, and causes with their reasons."""
    if assessment is None:
        return None
    return {
        "urgency": None if assessment.urgency is None else assessment.urgency.key,
        "rules": list(assessment.rules),
        "causes": [
            {
                "id": cause.cause,
                "posterior": round(cause.posterior, 4),
                "reasons": [asdict(reason) for reason in cause.reasons],
            }
            for cause in assessment.causes
        ],
    }


def run_text(
    skill: Skill, check: Check, *, lines: TextIO, out: TextIO, as_json: bool = False
) -> Turn:
    """Hold one typed check.

    Args:
        skill: What is known.
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
            skill,
            check.first_turn(),
            speaker=shown,
            listener=LineListener(lines=lines),
            on_turn=check.watching(shown.show),
        )
    prompt = out if lines.isatty() else None
    return converse(
        skill,
        check.first_turn(),
        speaker=PrintingSpeaker(out=out),
        listener=LineListener(lines=lines, prompt=prompt),
        on_turn=check.watching(),
    )
