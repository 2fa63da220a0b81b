"""A synthetic patient in the room: hears the program's tone, then speaks into the microphone.

The program runs in a process of its own, on the virtual card, and prints each turn before it is
spoken; so the patient knows what was asked, as a person would from the words.
"""

import json
import sys
import threading
import time
from pathlib import Path

import numpy as np

from voiceskill.audio import AudioChunk
from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.patients import Memory
from voiceskill.tts.pyttsx3 import open_voice

ROOT = Path(__file__).parents[2]
RATE_HZ = 22_050
SECOND_NOTE_HZ = 880.0
_WINDOW = int(0.06 * RATE_HZ)

PROGRAM = """
import json, sys, time
from pathlib import Path
import voiceskill.ears
from voiceskill.config import load_settings
from voiceskill.equipment import hold_spoken_check
flags = json.loads(sys.argv[1])
def tell(line):
    print(json.dumps({"told": line}), flush=True)
def show(turn):
    waiting = turn.state.waiting
    record = {"at_s": time.monotonic(), "kind": waiting.prompt.kind.value,
              "question": waiting.prompt.question, "purpose": waiting.purpose.value,
              "done": turn.done, "sentences": turn.sentences}
    if turn.finish and turn.finish.assessment and turn.finish.assessment.urgency:
        record["urgency"] = turn.finish.assessment.urgency.key
    print(json.dumps(record), flush=True)
original = voiceskill.ears.Ears.hear
def timed(self, chunks, listen):
    found = original(self, chunks, listen)
    print(json.dumps({"understood_ms": found.understood_ms, "at_s": time.monotonic(),
                      "event": type(found.event).__name__}), flush=True)
    return found
voiceskill.ears.Ears.hear = timed
print(json.dumps({"ready_s": time.monotonic()}), flush=True)
hold_spoken_check(load_settings(flags), tell, show=show)
"""


def is_tone(pcm):
    """Whether these samples are the second note of "your turn", and little else."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    if len(samples) < _WINDOW or np.abs(samples).max() < 500:
        return False
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    return power[np.abs(hertz - SECOND_NOTE_HZ) < 40].sum() > 0.8 * power.sum()


class SpokenPatient:
    """Answers a program that talks on a virtual card, until it has finished."""

    def __init__(self, card, patient, *, voice="en-us+f3"):
        self.memory = Memory(patient)
        self.turns = []
        """What the program printed of each turn."""
        self.timings = []
        """What it printed of each listening turn."""
        self.spoke_until_s = []
        self._card = card
        self._voice = open_voice(voice=voice, language="en")

    def talk(self, flags, *, limit_s=240):
        """Hold the whole check; returns what the speaker played as one chunk.

        Args:
            flags: Settings of the program, by name.
            limit_s: The program is killed after that.
        """
        self.program = self._card.popen(PROGRAM, json.dumps(flags))
        killer = threading.Timer(limit_s, self.program.kill)
        killer.start()
        reader = threading.Thread(target=self._read, daemon=True)
        with self._card.hearing(latency_ms=20) as heard:
            self.heard = heard
            reader.start()
            self._answer_each_tone(heard)
        killer.cancel()
        self.program.wait(timeout=10)
        return heard.sound

    def _read(self):
        for line in self.program.stdout:
            record = json.loads(line)
            (self.timings if "understood_ms" in record else self.turns).append(record)

    def _answer_each_tone(self, heard):
        seen = 0
        while self.program.poll() is None:
            time.sleep(0.02)
            pieces = heard.arrivals
            fresh = b"".join(data for _, data in pieces[seen:])
            for at in range(0, len(fresh) - 2 * _WINDOW + 1, _WINDOW):
                if is_tone(fresh[at - at % 2 : at - at % 2 + 2 * _WINDOW]):
                    seen = len(pieces)
                    self._reply()
                    break
            else:
                # Keep one window: a tone may lie across two looks.
                while seen < len(pieces) and len(fresh) > 4 * _WINDOW:
                    fresh = fresh[len(pieces[seen][1]) :]
                    seen += 1

    def _reply(self):
        turn = next(t for t in reversed(self.turns) if "kind" in t)
        prompt = Prompt(kind=PromptKind(turn["kind"]), question=turn["question"])
        words = self.memory.reply(prompt, turn["purpose"])
        time.sleep(0.45)
        if words:
            self._card.speak(self.rendered(words))
            self.spoke_until_s.append(time.monotonic())

    def rendered(self, words):
        """The patient's words as sound."""
        pcm = bytearray()
        self._voice.speak(
            words, lambda piece: pcm.extend(piece.pcm) or True, words_per_minute=140, volume=0.9
        )
        return AudioChunk(pcm=bytes(pcm), rate_hz=self._voice.rate_hz)


if __name__ == "__main__":
    sys.exit("a part of the live tests; run pytest tests/live")
