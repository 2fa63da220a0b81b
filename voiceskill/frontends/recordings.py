"""What recordings mean as the answer to a question, for measuring and for building on.

One JSON line a file. No conversation is held here, and nothing of the sound is kept.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TextIO

from voiceskill.audio.wav import read_sound
from voiceskill.core.begin import new_state
from voiceskill.core.dialog import Hears, State, understand
from voiceskill.core.events import Band, Event, Heard, Listen
from voiceskill.core.meaning import Answered, Commanded, Meaning, Told
from voiceskill.core.moves import asked, listen_for, wait_for
from voiceskill.core.skill import Skill
from voiceskill.ears import Ears
from voiceskill.errors import SoundFileError, UsageError

SOUND_ENDINGS = frozenset({".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Questioned:
    """A question as recordings are heard against it."""

    skill: Skill
    state: State
    """A check that has just asked it."""
    listen: Listen

    def record(self, file: Path, event: Event, *, ms: float) -> dict[str, Any]:
        """What `hear` prints of one file; its meaning is what the dialog would take from it."""
        question = self.state.prompt.question
        text, band, meaning = "", Band.AGAIN, None
        if isinstance(event, Heard):
            text = self._meant(event)
            understood = understand(self.skill, self.state, event)
            meaning = meaning_record(understood.meaning, question=question)
            band = understood.band if meaning is not None else Band.AGAIN
        return {
            "file": str(file),
            "question": question,
            "band": band.value,
            "meaning": meaning,
            "text": text,
            "ms": round(ms),
        }

    def _meant(self, heard: Heard) -> str:
        """The likeliest words that mean something here, else the likeliest of all."""
        texts = [alternative.text for alternative in heard.alternatives]
        grammar, prompt = self.skill.grammar, self.state.prompt
        return next((text for text in texts if grammar.meaning(text, prompt)), texts[0])


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
    return Questioned(skill=skill, state=state, listen=listen_for(skill, state))


def run_hear(
    questioned: Questioned,
    paths: Iterable[Path],
    *,
    ears: Ears,
    out: TextIO,
    tell: Callable[[str], None],
) -> bool:
    """Hear each recording and print what it means; `ms` is the time from its sound to that.

    One that cannot be read is told, and the others are heard all the same.

    Returns:
        Whether all could be read.

    Raises:
        SoundFileError: a folder holds no recording.
    """
    all_heard = True
    for file in sound_files(paths):
        try:
            sound = read_sound(file)
        except SoundFileError as error:
            tell(str(error))
            all_heard = False
            continue
        began = time.perf_counter()
        event = ears.understand(sound, questioned.listen).event
        record = questioned.record(file, event, ms=1000 * (time.perf_counter() - began))
        print(json.dumps(record, ensure_ascii=False), file=out, flush=True)
    return all_heard


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


def meaning_record(meaning: Meaning | None, *, question: str) -> dict[str, Any] | None:
    """A meaning as JSON; None: not understood.

    `{"answer": value}` to the question itself, `{"answers": {question: value}}` to several or to
    another, `{"command": name}` for what may be said at any prompt, an emergency told included.
    """
    match meaning:
        case Answered(answers=(only,)) if only.question == question:
            return {"answer": only.value}
        case Answered(answers=answers):
            return {"answers": {answer.question: answer.value for answer in answers}}
        case Commanded(command=name) | Told(statement=name):
            return {"command": name}
        case _:
            return None
