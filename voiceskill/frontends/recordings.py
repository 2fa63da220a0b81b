"""What recordings mean as the answer to a question, for measuring and for building on.

One JSON line a file. No conversation is held here, and nothing of the sound is kept.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TextIO

from voiceskill.audio.wav import read_sound
from voiceskill.core.begin import new_state
from voiceskill.core.dialog import Hears
from voiceskill.core.events import Band, Heard, Listen
from voiceskill.core.meaning import Answered, Commanded, Meaning, Prompt, Told
from voiceskill.core.moves import asked, listen_for, wait_for
from voiceskill.core.skill import Skill
from voiceskill.ear_turn import Understanding
from voiceskill.ears import Ears
from voiceskill.errors import SoundFileError, UsageError

SOUND_ENDINGS = frozenset({".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Questioned:
    """A question as recordings are heard against it."""

    skill: Skill
    prompt: Prompt
    listen: Listen

    def record(self, file: Path, found: Understanding) -> dict[str, Any]:
        """What `hear` prints of one file."""
        text, band, meaning = "", Band.AGAIN, None
        if isinstance(found.event, Heard):
            best = found.event.alternatives[0]
            text, band = best.text, best.band
            meaning = meaning_record(self.skill.grammar.meaning(text, self.prompt))
            if meaning is None:
                band = Band.AGAIN
        return {
            "file": str(file),
            "question": self.prompt.question,
            "band": band.value,
            "meaning": meaning,
            "text": text,
            "ms": None if found.understood_ms is None else round(found.understood_ms),
        }


def ask(skill: Skill, question: str) -> Questioned:
    """The question of that id, ready to be answered.

    Raises:
        UsageError: there is no such question; the message names the closest.
    """
    questions = skill.pathway.questions
    if question not in questions:
        close = get_close_matches(question, questions, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(questions)}."
        raise UsageError(f"There is no question {question!r}, so nothing was heard. {hint}")
    begun = new_state(skill.pathway, country="", hears=Hears.WELL, keeps=False)
    state = wait_for(begun, asked(question))
    return Questioned(skill=skill, prompt=state.prompt, listen=listen_for(skill, state))


def run_hear(questioned: Questioned, paths: Iterable[Path], *, ears: Ears, out: TextIO) -> None:
    """Hear each recording and print what it means.

    Raises:
        SoundFileError: none of what a folder holds is sound, or a file cannot be read.
    """
    for file in sound_files(paths):
        found = ears.understand(read_sound(file), questioned.listen)
        print(json.dumps(questioned.record(file, found), ensure_ascii=False), file=out, flush=True)


def sound_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those below the folders named, in the order of their names.

    Raises:
        SoundFileError: a folder holds no recording.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in SOUND_ENDINGS)
        if not found:
            raise SoundFileError(
                f"{path} holds no recording; it takes {', '.join(sorted(SOUND_ENDINGS))}."
            )
        yield from found


def meaning_record(meaning: Meaning | None) -> dict[str, Any] | None:
    """A meaning as JSON: an answer, several answers, or a command; None: not understood."""
    match meaning:
        case Answered(answers=(only,)):
            return {"answer": only.value}
        case Answered(answers=answers):
            return {"answers": {answer.question: answer.value for answer in answers}}
        case Commanded(command=command):
            return {"command": command}
        case Told(statement=statement):
            return {"statement": statement}
        case _:
            return None
