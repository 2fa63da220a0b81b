"""The careful ear: how soon it has an answer, what it weighs, and how often it is right.

Run it as `python benchmarks/careful_ear.py [--speech FOLDER] [--voices]`. FOLDER holds recordings
of real people with a `manifest.jsonl` (path, kind, text, must_reject a line); `--voices` lets
espeak-ng and flite speak every phrase. One thread; nothing here ran on an ARM board.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

# ruff: noqa: E402  (the package is found by the line above)
from voiceskill.audio import AudioChunk
from voiceskill.audio.endpoint import CHUNK_SAMPLES, open_detector
from voiceskill.audio.wav import read_sound
from voiceskill.core.events import Phrase
from voiceskill.core.phrases import REFUSE
from voiceskill.stt import Scored
from voiceskill.stt.moonshine import RATE_HZ, Encoded, MoonshineScorer, open_moonshine

LIMITS = (-2.5, -3.0, -3.5, -4.0, -4.5, -5.0, -6.0, -7.0, -8.0)
AROUND_S = 0.3
VOICES = {
    "espeak-ng en-us": ["espeak-ng", "-v", "en-us", "-w"],
    "espeak-ng en-gb": ["espeak-ng", "-v", "en-gb", "-w"],
    "espeak-ng en-us+f3": ["espeak-ng", "-v", "en-us+f3", "-w"],
    "flite kal16": ["flite", "-voice", "kal16", "-o"],
    "flite slt": ["flite", "-voice", "slt", "-o"],
}


class Clip(NamedTuple):
    """A recording of one turn, and what must be understood: None, nothing may be."""

    kind: str
    meaning: str | None
    encoded: Encoded
    """Of no state where the voice detector heard nobody."""


def main() -> None:
    """Print all the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="a folder with a manifest.jsonl")
    parser.add_argument("--voices", action="store_true", help="speak every phrase and hear it")
    arguments = parser.parse_args()
    data = tomllib.loads((ROOT / "benchmarks" / "careful_ear.toml").read_text(encoding="utf-8"))
    words = [Phrase(text=word, meaning=word) for word in data["words"].split()]
    phrases = [Phrase(text=t, meaning=m) for m, texts in data["phrases"].items() for t in texts]
    decoys = [Phrase(text=word, meaning=REFUSE) for word in data["decoys"].split()]
    lists = {
        f"{len(words)} words": words,
        f"{len(words)} words and {len(decoys)} decoys": [*words, *decoys],
        f"{len(phrases)} phrases": phrases,
        f"{len(phrases)} phrases and {len(decoys)} decoys": [*phrases, *decoys],
    }
    with tempfile.TemporaryDirectory() as folder:
        ear = open_and_print(Path(folder))
    print_speed(ear, [*phrases, *decoys])
    if arguments.speech:
        clips = list(recordings(ear, arguments.speech))
        for name, each in lists.items():
            print_curve(f"real people, {name}", ear, clips, each)
    if arguments.voices:
        spoken = list(synthetic(ear, phrases))
        print_curve("synthetic voices, list with decoys", ear, spoken, lists[[*lists][-1]])
        print("  the same, each further word (up to four) lowering the limit by 1.0")
        print_curve("", ear, spoken, lists[[*lists][-1]], per_word=1.0)


def open_and_print(cache_dir: Path) -> MoonshineScorer:
    """Open the ear twice: the first time it converts its model."""
    before = memory_mib()
    for what in ("first load, with the conversion", "load"):
        began = time.perf_counter()
        ear = open_moonshine(cache_dir=cache_dir)
        print(f"{what:40} {time.perf_counter() - began:8.2f} s")
    print(f"{'the model on disk':40} {folder_mib(cache_dir):8.0f} MiB")
    print(f"{'memory before / after load':40} {before:8.0f} / {memory_mib():.0f} MiB")
    print(f"{'response_s':40} {ear.response_s():8.3f} s")
    return ear


def print_speed(ear: MoonshineScorer, phrases: Sequence[Phrase]) -> None:
    """Milliseconds of each part, medians of 20."""
    for seconds in (1, 2, 3):
        sound = AudioChunk(pcm=bytes(2 * RATE_HZ * seconds), rate_hz=RATE_HZ)
        print_ms(f"encode {seconds} s", lambda sound=sound: ear.encode(sound))
    heard = ear.encode(AudioChunk(pcm=bytes(4 * RATE_HZ), rate_hz=RATE_HZ)).states
    network = ear._network
    for rows in (1, 8, 16, 24):
        past = network.write([1], network.begin(), heard).pick([0] * rows)
        print_ms(
            f"a level of {rows} rows",
            lambda past=past, rows=rows: network.write([300] * rows, past, heard),
        )
    for count in (60, 120):
        part = list(phrases)[:count]
        ear.prepare(part)
        with tempfile.TemporaryDirectory() as folder:
            sounds = [speak("espeak-ng en-us", p.text, Path(folder)) for p in part[:40]]
        times = [elapsed_ms(lambda s=s, part=part: ear.score(s, part)) for s in sounds]
        times.sort()
        print(
            f"{f'a turn, list of {count} phrases':40} {statistics.median(times):8.0f} ms, "
            f"95 % within {times[int(0.95 * len(times))]:.0f} ms ({len(times)} turns)"
        )
    print(f"{'memory after all this':40} {memory_mib():8.0f} MiB")


def recordings(ear: MoonshineScorer, folder: Path) -> Iterable[Clip]:
    """The clips of a folder, cut to the speech that the voice detector finds in them."""
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        sound = speech_of(read_sound(folder / entry["path"], rate_hz=RATE_HZ))
        meaning = None if entry["must_reject"] else entry["text"]
        yield Clip(entry["kind"], meaning, ear.encode(sound))


def synthetic(ear: MoonshineScorer, phrases: Sequence[Phrase]) -> Iterable[Clip]:
    """Every phrase, spoken by every voice."""
    with tempfile.TemporaryDirectory() as folder:
        for voice in VOICES:
            for phrase in phrases:
                yield Clip(
                    voice, phrase.meaning, ear.encode(speak(voice, phrase.text, Path(folder)))
                )


def speak(voice: str, text: str, folder: Path) -> AudioChunk:
    """A phrase spoken, with 0.3 s of silence around."""
    path = folder / "spoken.wav"
    text_option = ["-t", text] if voice.startswith("flite") else [text]
    command = VOICES[voice]
    subprocess.run([*command, str(path), *text_option], check=True, capture_output=True)
    silence = bytes(2 * int(AROUND_S * RATE_HZ))
    pcm = read_sound(path, rate_hz=RATE_HZ).pcm
    return AudioChunk(pcm=silence + pcm + silence, rate_hz=RATE_HZ)


def speech_of(sound: AudioChunk) -> AudioChunk:
    """The stretch between first and last voiced chunk, and 0.3 s on either side; may be empty."""
    detector = open_detector()
    step = 2 * CHUNK_SAMPLES
    pieces = [sound.pcm[at : at + step] for at in range(0, len(sound.pcm) - step + 1, step)]
    likely = [detector.probability(AudioChunk(pcm=p, rate_hz=RATE_HZ)) for p in pieces]
    voiced, is_on = [], False
    for at, (before, now) in enumerate(zip([0.0, *likely], likely, strict=False)):
        is_on = now >= 0.35 if is_on else min(before, now) >= 0.6
        voiced += [at - 1, at] if is_on else []
    if not voiced:
        return AudioChunk(pcm=b"", rate_hz=RATE_HZ)
    around = 2 * int(AROUND_S * RATE_HZ)
    first, last = max(0, voiced[0] * step - around), (voiced[-1] + 1) * step + around
    return AudioChunk(pcm=sound.pcm[first:last], rate_hz=RATE_HZ)


def print_curve(
    title: str,
    ear: MoonshineScorer,
    clips: Sequence[Clip],
    phrases: Sequence[Phrase],
    per_word: float = 0.0,
) -> None:
    """Right, wrong, asked again and wrongly accepted at each limit."""
    ear.prepare(phrases)
    results = [ear.score_encoded(clip.encoded, phrases) for clip in clips]
    if title:
        print(f"\n{title}\n  limit   right           wrong meaning  again  wrongly accepted")
    for limit in LIMITS:
        counts = {"right": 0, "wrong": 0, "again": 0, "accepted": 0, "refused": 0}
        for clip, result in zip(clips, results, strict=True):
            counts[outcome(clip, result, limit, per_word)] += 1
        answers = counts["right"] + counts["wrong"] + counts["again"]
        others = counts["accepted"] + counts["refused"]
        line = f"  {limit:5.1f}  {counts['right']:4}/{answers} {counts['right'] / answers:6.1%}"
        line += f"  {counts['wrong']:4} {counts['wrong'] / answers:6.2%}  {counts['again']:5}"
        if others:
            line += f"  {counts['accepted']:4}/{others} {counts['accepted'] / others:.1%}"
        print(line)


def outcome(clip: Clip, result: Sequence[Scored], limit: float, per_word: float) -> str:
    """What a clip counts as at a limit."""
    best = result[0] if result else None
    if best is not None:
        limit -= per_word * min(len(best.text.split()) - 1, 4)
    is_taken = best is not None and best.meaning != REFUSE and best.log_prob >= limit
    if clip.meaning is None:
        return "accepted" if is_taken else "refused"
    if not is_taken:
        return "again"
    return "right" if best.meaning == clip.meaning else "wrong"


def print_ms(what: str, run: Callable[[], object]) -> None:
    """Print the median of 20 runs."""
    print(f"{what:40} {statistics.median(elapsed_ms(run) for _ in range(20)):8.1f} ms")


def elapsed_ms(run: Callable[[], object]) -> float:
    """How long it takes once."""
    began = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - began)


def memory_mib() -> float:
    """Resident memory of this process now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def folder_mib(folder: Path) -> float:
    """All files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


if __name__ == "__main__":
    main()
