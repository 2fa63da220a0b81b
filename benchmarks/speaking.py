"""How soon the program speaks, how soon it is silent, and whether its rate is the one asked for.

Run it as `python benchmarks/speaking.py [ROUNDS]`. Sound is measured on a virtual sound card, at
the moment it arrives at a recorder of 10 ms latency, which is part of the figures.
No real sound card is measured.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "live")]

from virtual_card import PACKAGES, VirtualSoundCard, missing  # noqa: E402 found by the line above

from voiceskill.tts.pyttsx3 import open_voice  # noqa: E402

SENTENCES = (
    "Can you feel the inside of your thighs as well as you could last month?",
    "Did your left leg go numb after you had been sitting for a long time?",
    "Please say yes, or no, or I am not sure.",
    "This is not a diagnosis.",
    "If you cannot pass water, call an ambulance at once.",
    "You told me that your foot drops when you walk.",
)
RATES = (110, 155, 200)

PROGRAM = """
import json, sys, time
began = time.monotonic()
from voiceskill.audio.portaudio import PortAudioLoudspeaker
from voiceskill.tts.pyttsx3 import open_voice  # noqa: E402
voice = open_voice(voice=None, language="en")
loudspeaker = PortAudioLoudspeaker()
opened = time.monotonic()
def say(text):
    voice.speak(text, lambda piece: loudspeaker.write(piece) or True,
                words_per_minute=155, volume=1.0)
sentences, rounds = json.loads(sys.argv[1]), int(sys.argv[2])
for count in range(rounds):
    text = sentences[count % len(sentences)]
    time.sleep(0.4)
    asked = time.monotonic()
    say(text)
    rendered = time.monotonic()
    time.sleep(0.8)
    flushed = time.monotonic()
    loudspeaker.flush()
    told = time.monotonic()
    loudspeaker.drain()
    print(json.dumps(dict(asked=asked, rendered=rendered, flushed=flushed, told=told)), flush=True)
time.sleep(0.4)
memory = int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20
print(json.dumps(dict(opened=opened - began, starved=loudspeaker.starved, memory=memory)))
loudspeaker.close()
"""


def real_rates() -> list[tuple[int, float]]:
    """Asked and spoken words a minute, the sentences one after the other."""
    voice, rates = open_voice(voice=None, language="en"), []
    text = " ".join(SENTENCES)
    for asked in RATES:
        pieces: list[float] = []
        voice.speak(
            text,
            lambda piece, into=pieces: into.append(piece.duration_s) or True,
            words_per_minute=asked,
            volume=1.0,
        )
        rates.append((asked, 60 * len(text.split()) / sum(pieces)))
    return rates


def row(name: str, values_s: list[float], aim: str) -> None:
    """Print one line of the table, in milliseconds."""
    in_ms = sorted(1000 * value for value in values_s)
    late = in_ms[int(0.95 * (len(in_ms) - 1))]
    print(f"{name:44}{statistics.median(in_ms):8.1f}{late:8.1f}{len(in_ms):6}   {aim}")


def measure(rounds: int) -> None:
    """Speak on a virtual card and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        card = VirtualSoundCard(folder).start()
        try:
            with card.hearing(latency_ms=10) as heard:
                done = card.run(PROGRAM, json.dumps(SENTENCES), rounds, timeout_s=60 + 2 * rounds)
        finally:
            card.stop()
    *turns, whole = [json.loads(line) for line in done.stdout.splitlines()]
    ends = [turn["asked"] for turn in turns[1:]] + [float("inf")]
    print(f"{'milliseconds':44}{'median':>8}{'p95':>8}{'count':>6}   aim")
    row("voice and loudspeaker opened, with imports", [whole["opened"]], "")
    row("a sentence rendered and queued", [t["rendered"] - t["asked"] for t in turns], "")
    row(
        "speak called to first sound",
        [heard.first_loud_s(after_s=turn["asked"]) - turn["asked"] for turn in turns],
        "at most 50 median",
    )
    row("flush called to its return", [turn["told"] - turn["flushed"] for turn in turns], "")
    row(
        "flush called to silence",
        [
            heard.last_loud_s(before_s=end) - turn["flushed"]
            for turn, end in zip(turns, ends, strict=True)
        ],
        "at most 100",
    )
    print(f"\nsamples missed by the device: {whole['starved']} times in {len(turns)} sentences")
    print(f"memory of a speaking process: {whole['memory']:.0f} MiB")


def main() -> None:
    """Measure what can be measured here."""
    if lacking := missing():
        print(f"No {', '.join(lacking)}: install {PACKAGES} to measure sound.")
    else:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
    for asked, spoken in real_rates():
        print(f"words a minute: asked {asked}, spoken {spoken:.0f}")


if __name__ == "__main__":
    main()
