"""A whole check without microphone and sound card, on real sound.

A synthetic patient's spoken answers go through the real ears and the dialog, and the real voice
answers. What is said and heard is data and the core's business; this file only plays it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from voiceskill.audio import AudioChunk
from voiceskill.audio.fake import Tape, TapeLoudspeaker, TapeMicrophone
from voiceskill.audio.tones import your_turn
from voiceskill.audio.wav import write_wav
from voiceskill.core.dialog import Turn
from voiceskill.core.events import Event, Heard, Listen, Say
from voiceskill.errors import VoiceskillError
from voiceskill.patients import Memory, Patient
from voiceskill.records import assessment_record
from voiceskill.session import Check, converse
from voiceskill.spoken import Hearing, SpokenListener, SpokenSpeaker
from voiceskill.tts import Synthesizer

PATIENT_WORDS_PER_MINUTE = 140
"""A little slower than the program: people think while they answer."""
TAPE_RATE_HZ = 22_050
"""espeak's own rate, so the program's voice is written as it is."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """One patient, one program, one tape."""

    patient: Memory
    patient_voice: Synthesizer
    speaker: SpokenSpeaker
    listener: SpokenListener
    microphone: TapeMicrophone
    show: Callable[[str], None]
    turn: Turn | None = None
    lines: list[str] = field(default_factory=list)

    def watch(self, turn: Turn) -> None:
        """Keep the turn that the patient will answer."""
        self.turn = turn

    def say(self, say: Say, listen: Listen | None) -> Event | None:
        """The program speaks; the patient lets it finish."""
        for sentence in say.sentences:
            self._note(f"voiceskill: {sentence}")
        del listen
        return self.speaker.say(say, None)

    def listen(self, listen: Listen) -> Event:
        """The patient answers aloud, and the ears hear it."""
        assert self.turn is not None, "a turn is shown before it is listened for"
        waiting = self.turn.state.waiting
        words = self.patient.reply(waiting.prompt, waiting.purpose.value)
        if words:
            self.microphone.say(self._spoken(words))
        self._note(f"patient:    {words or '(says nothing)'}")
        event = self.listener.listen(listen)
        self._note(f"            {_heard(event)}")
        return event

    def _spoken(self, words: str) -> AudioChunk:
        pcm = bytearray()

        def sink(chunk: AudioChunk) -> bool:
            pcm.extend(chunk.pcm)
            return True

        self.patient_voice.speak(words, sink, words_per_minute=PATIENT_WORDS_PER_MINUTE, volume=0.9)
        return AudioChunk(pcm=bytes(pcm), rate_hz=self.patient_voice.rate_hz)

    def _note(self, line: str) -> None:
        self.lines.append(line)
        self.show(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who sounds, and who hears."""

    program: Synthesizer
    patient: Synthesizer
    """Another voice than the program's."""
    hearing: Callable[[], Hearing]
    """Gives the ears; waits while they are still being opened."""


def run_demo(check: Check, patient: Patient, *, cast: Cast, folder: Path, out: TextIO) -> Turn:
    """Play one patient's check and write it down.

    Args:
        check: How the check begins; it keeps nothing.
        patient: Who answers.
        cast: Voices and ears.
        folder: Gets `conversation.wav`, `conversation.txt` and `assessment.json`.
        out: Where the conversation is shown as it goes.

    Returns:
        The last turn.

    Raises:
        VoiceskillError: the folder cannot be written.
    """
    _make(folder)
    tape = Tape(rate_hz=TAPE_RATE_HZ)
    loudspeaker, microphone = TapeLoudspeaker(tape), TapeMicrophone(tape)

    def cue() -> None:
        loudspeaker.write(your_turn(loudspeaker.rate_hz))
        loudspeaker.drain()

    stage = Stage(
        patient=Memory(patient),
        patient_voice=cast.patient,
        speaker=SpokenSpeaker(voice=cast.program, loudspeaker=loudspeaker),
        listener=SpokenListener(microphone=microphone, hearing=cast.hearing, cue=cue),
        microphone=microphone,
        show=lambda line: print(line, file=out, flush=True),
    )
    last = converse(
        check.skill, check.new_turn(), speaker=stage, listener=stage, on_turn=stage.watch
    )
    with _writing(folder):
        _write(folder, tape, stage.lines, last)
    return last


def _heard(event: Event) -> str:
    if isinstance(event, Heard):
        best = event.alternatives[0]
        return f"(heard: {best.text}; {best.band.value})"
    return f"(heard: {type(event).__name__})"


def _make(folder: Path) -> None:
    """Make the folder and try it, before a minute is spent on what could not be written."""
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "conversation.txt").write_text("", encoding="utf-8")


def _write(folder: Path, tape: Tape, lines: list[str], last: Turn) -> None:
    (folder / "conversation.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = assessment_record(last.finish.assessment) if last.finish else None
    (folder / "assessment.json").write_text(
        json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    write_wav(folder / "conversation.wav", tape.sound())


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VoiceskillError(
            f"{folder}: the demonstration cannot be written there ({error.strerror}). "
            "Name another folder with --out."
        ) from error
