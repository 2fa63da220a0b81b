"""How soon the program is there, and how much memory it takes.

    python benchmarks/start.py [--runs 5] [--turns 200]

Start by voice is measured to the first sound from the virtual speaker, typed to the first
question on the screen; both as whole processes. Memory is the resident size of a process that
holds spoken checks, on recorded sound in place of devices, with the real ears and voice.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "live")]

from virtual_card import VirtualSoundCard, missing  # noqa: E402 found by the line above

MEMORY = """
import io, re, sys
from pathlib import Path
from voiceskill.audio.fake import Tape, TapeLoudspeaker, TapeMicrophone
from voiceskill.config import load_settings
from voiceskill.core.dialog import start, step
from voiceskill.core.events import Listen, Say
from voiceskill.equipment import EarsAtWork, open_check
from voiceskill.library import dialogs_folder
from voiceskill.patients import Memory, load_patients
from voiceskill.spoken import SpokenListener, SpokenSpeaker
from voiceskill.tts.pyttsx3 import open_voice
names, turns, case = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def resident_mib():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
def spoken(voice, words):
    pcm = bytearray()
    voice.speak(words, lambda p: pcm.extend(p.pcm) or True, words_per_minute=140, volume=0.9)
    from voiceskill.audio import AudioChunk
    return AudioChunk(pcm=bytes(pcm), rate_hz=voice.rate_hz)
settings = load_settings({"ears": names, "keep": "no"})
ears = EarsAtWork(settings, lambda line: None)
check = open_check(settings, ears.hears, None)
voice, other = open_voice(voice="en-gb", language="en"), open_voice(voice="en-us+f3", language="en")
patients = load_patients(dialogs_folder() / "leg_numbness" / "patients.toml")
done = 0
while done < turns:
    turn, patient = check.new_turn(), Memory(patients[case])
    while not turn.done and done < turns:
        tape = Tape(rate_hz=22_050)
        loudspeaker, microphone = TapeLoudspeaker(tape), TapeMicrophone(tape)
        speaker = SpokenSpeaker(voice=voice, loudspeaker=loudspeaker)
        listener = SpokenListener(microphone=microphone, hearing=ears.ready)
        for say in turn.says:
            speaker.say(say, None)
        words = patient.reply(turn.state.prompt, turn.state.waiting.purpose.value)
        if words:
            microphone.say(spoken(other, words))
        turn = step(check.skill, turn.state, listener.listen(turn.listen))
        done += 1
        if done in (20, turns):
            print(resident_mib(), flush=True)
"""


def first_sound_s(card):
    """Seconds from the start of the process to the first sound of its voice."""
    with tempfile.TemporaryDirectory() as data, card.hearing(latency_ms=20) as heard:
        command = [sys.executable, "-m", "voiceskill", "--keep", "no", "--data", data]
        began_s = time.monotonic()
        program = subprocess.Popen(
            command, env={**card.env, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
        )
        while heard.sounding_s() is None:
            time.sleep(0.005)
        took_s = heard.sounding_s()[0] - began_s
        program.kill()
        program.wait(timeout=10)
    return took_s


def first_question_s():
    """Seconds from the start of the process to the first typed question."""
    command = [sys.executable, "-m", "voiceskill", "text", "--keep", "no"]
    began_s = time.monotonic()
    program = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    for line in program.stdout:
        if line.rstrip().endswith("?"):
            break
    took_s = time.monotonic() - began_s
    program.kill()
    program.wait(timeout=10)
    return took_s


def memory_mib(ears, turns):
    """Resident MiB after 20 turns and after all."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, ears, str(turns), "sciatica"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    after_20, after_all = (float(line) for line in done.stdout.split())
    return after_20, after_all


def main():
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--turns", type=int, default=200)
    options = parser.parse_args()
    print(f"{'what':52}  {'median':>10}  {'worst':>10}  runs")
    rows = [("voiceskill text to the first question, s", first_question_s)]
    with tempfile.TemporaryDirectory() as folder:
        card = None if missing() else VirtualSoundCard(folder).start()
        if card is None:
            print("the start by voice is left out: there is no virtual sound card here")
        else:
            rows.append(("voiceskill to the first sound, s", lambda: first_sound_s(card)))
        for name, measure in rows:
            measure()  # warms the disk
            took = [measure() for _ in range(options.runs)]
            print(f"{name:52}  {statistics.median(took):10.2f}  {max(took):10.2f}  {len(took)}")
        if card is not None:
            card.stop()
    print(f"\n{'memory of a spoken check, MiB':52}  {'20 turns':>10}  {options.turns} turns")
    for ears in ("pocketsphinx", "pocketsphinx+moonshine"):
        after_20, after_all = memory_mib(ears, options.turns)
        print(f"{ears:52}  {after_20:10.0f}  {after_all:10.0f}")


if __name__ == "__main__":
    main()
