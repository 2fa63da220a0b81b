"""How well the ears hear: real people's words, and development voices speaking the pathway.

    python benchmarks/hearing.py --speech FOLDER     clips with a manifest.jsonl
    python benchmarks/hearing.py --voices            phrases of the pathway by synthetic voices
    python benchmarks/hearing.py --voices --every 5  a fifth of them

Prints one table a part; nothing is stored. Needs `sox`, and for the voices `espeak-ng` and `flite`.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from voiceskill.audio import AudioChunk  # noqa: E402 found by the line above
from voiceskill.audio.endpoint import open_detector  # noqa: E402
from voiceskill.core.events import Heard, Listen, NoInput, Phrase  # noqa: E402
from voiceskill.core.meaning import Prompt, PromptKind  # noqa: E402
from voiceskill.core.phrases import REFUSE  # noqa: E402
from voiceskill.core.skill import Skill  # noqa: E402
from voiceskill.ear_choice import survey  # noqa: E402
from voiceskill.ears import Ears  # noqa: E402
from voiceskill.library import load_skill  # noqa: E402
from voiceskill.stt import Hypothesis, Recognizer, RecognizerTurn, Scored, Scorer  # noqa: E402
from voiceskill.stt.verdict import QUICK_LIMITS, CarefulLimits, Testimony, judge  # noqa: E402

THRESHOLDS = (-1.0, -2.0, -3.0, -3.5, -4.0, -4.5, -5.0, -6.0, -7.0, -9.0)
VOICES = {
    "espeak en-us": ("espeak-ng", "-v", "en-us", "-s", "140", "--stdout"),
    "espeak en-gb": ("espeak-ng", "-v", "en-gb", "-s", "140", "--stdout"),
    "espeak en-us+f3": ("espeak-ng", "-v", "en-us+f3", "-s", "140", "--stdout"),
    "flite kal16": ("flite", "-voice", "kal16", "-o", "/dev/stdout", "-t"),
    "flite slt": ("flite", "-voice", "slt", "-o", "/dev/stdout", "-t"),
}
_RAW = ("-t", "raw", "-r", "16000", "-b", "16", "-e", "signed", "-c", "1", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One sound, what it means, and what each ear made of it."""

    who: str
    wanted: str | None
    """The meaning; None: it must be refused."""
    text: str
    listen: Listen
    quick: Hypothesis | None
    careful: tuple[Scored, ...]
    is_speech: bool
    understood_ms: float | None

    def band(self, *, ears: str, limits: CarefulLimits, is_careful: bool = False) -> str:
        """`accept`, `confirm` or `again`, and with a wrong meaning `accept wrong`, ..."""
        if not self.is_speech:
            return "again"
        testimony = Testimony(
            quick=None if ears == "moonshine" else self.quick,
            quick_limits=QUICK_LIMITS["pocketsphinx"],
            careful=None if ears == "pocketsphinx" else self.careful,
        )
        event = judge(testimony, self.listen.phrases, is_careful=is_careful, limits=limits)
        if not isinstance(event, Heard):
            return "again"
        best = event.alternatives[0]
        return best.band.value + ("" if self._means(best.text) else " wrong")

    def _means(self, text: str) -> bool:
        return any(p.text == text and p.meaning == self.wanted for p in self.listen.phrases)


@dataclass(slots=True)
class NotedTurn:
    """A turn whose outcome is kept."""

    turn: RecognizerTurn
    note: Callable[[Hypothesis], None]

    def accept(self, chunk: AudioChunk) -> str:
        """As the turn."""
        return self.turn.accept(chunk)

    def finish(self) -> Hypothesis:
        """As the turn."""
        found = self.turn.finish()
        self.note(found)
        return found

    def cancel(self) -> None:
        """As the turn."""
        self.turn.cancel()


@dataclass(slots=True)
class Noted:
    """Both ears, and what they made of the last turn."""

    quick_ear: Recognizer
    careful_ear: Scorer
    name: str = "pocketsphinx"
    rate_hz: int = 16000
    quick: Hypothesis | None = None
    careful: tuple[Scored, ...] = ()

    def unknown_words(self, words: Sequence[str]) -> tuple[str, ...]:
        """As the quick ear."""
        return self.quick_ear.unknown_words(words)

    def start(self, phrases: Sequence[str] | None) -> NotedTurn:
        """As the quick ear."""
        return NotedTurn(self.quick_ear.start(phrases), self._note)

    def prepare(self, phrases: Sequence[Phrase]) -> None:
        """As the careful ear."""
        self.careful_ear.prepare(phrases)

    def score(self, sound: AudioChunk, phrases: Sequence[Phrase]) -> tuple[Scored, ...]:
        """As the careful ear."""
        self.careful = self.careful_ear.score(sound, phrases)
        return self.careful

    def close(self) -> None:
        """Both stay open: the ears are used by every part of the benchmark."""

    def _note(self, found: Hypothesis) -> None:
        self.quick = found


@dataclass(slots=True)
class Bench:
    """Both built-in ears, and the lists of the pathway."""

    skill: Skill
    noted: Noted
    ears: Ears = field(init=False)

    def __post_init__(self) -> None:
        self.ears = Ears(quick=self.noted, careful=self.noted, detector=open_detector())

    def trial(self, sound: AudioChunk, listen: Listen, wanted: str | None, **who: str) -> Trial:
        """Let both ears hear a sound as from a microphone, with 1.5 s of silence after it."""
        self.noted.quick, self.noted.careful = None, ()
        quiet = AudioChunk(pcm=bytes(48000), rate_hz=16000)
        found = self.ears.hear((sound, quiet), listen)
        return Trial(
            wanted=wanted,
            listen=listen,
            quick=self.noted.quick,
            careful=self.noted.careful,
            is_speech=not isinstance(found.event, NoInput),
            understood_ms=found.understood_ms,
            **who,
        )


def open_bench(cache: Path) -> Bench:
    """Load the pathway and both built-in ears."""
    supply = survey(vosk_model=None, language="en", cache_folder=cache)
    noted = Noted(supply.quick["pocketsphinx"](), supply.careful["moonshine"]())
    return Bench(load_skill(), noted)


def listen_to(phrases: Sequence[Phrase]) -> Listen:
    """A turn that expects these phrases."""
    return Listen(phrases=tuple(phrases), no_input_s=6.0)


def sound_of(command: Sequence[str], content: bytes | None = None) -> AudioChunk:
    """What a command writes, as 16 kHz."""
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    return AudioChunk(pcm=done.stdout, rate_hz=16000)


# ---- real people


def word_list(skill: Skill, words: Iterable[str]) -> Listen:
    """A list of real size with every word of the clips: a question's answers make room for them."""
    prompt = Prompt(kind=PromptKind.QUESTION, question=next(iter(skill.pathway.questions)))
    phrases = skill.grammar.phrases(prompt)
    wanted = set(words) - {phrase.text for phrase in phrases}
    added = tuple(Phrase(text=word, meaning=f"word {word}") for word in sorted(wanted))
    return listen_to((*added, *phrases[len(added) :]))


def clips(bench: Bench, folder: Path) -> Iterator[Trial]:
    """Every clip of a folder with a manifest."""
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    words = {row["text"] for row in rows if not row["must_reject"]}
    listen = word_list(bench.skill, words)
    meanings = {phrase.text: phrase.meaning for phrase in listen.phrases}
    for row in rows:
        sound = sound_of(("sox", str(folder / row["path"]), *_RAW))
        wanted = None if row["must_reject"] else meanings[row["text"]]
        yield bench.trial(sound, listen, wanted, who=row["speaker"], text=row["text"])


# ---- development voices


def spoken_phrases(skill: Skill) -> Iterator[tuple[Listen, Phrase]]:
    """Each phrase of the pathway once, with the list in which it first stands."""
    seen: set[str] = set()
    for question in skill.pathway.questions:
        phrases = skill.grammar.phrases(Prompt(kind=PromptKind.QUESTION, question=question))
        listen = listen_to(phrases)
        for phrase in (phrase for phrase in phrases if phrase.meaning != REFUSE):
            if phrase.meaning != REFUSE and phrase.text not in seen:
                seen.add(phrase.text)
                yield listen, phrase


def voices(bench: Bench, every: int) -> Iterator[Trial]:
    """Each phrase by one of the voices, in turn."""
    names = list(VOICES)
    for count, (listen, phrase) in enumerate(list(spoken_phrases(bench.skill))[::every]):
        name = names[count % len(names)]
        wav = subprocess.run((*VOICES[name], phrase.text), capture_output=True, check=True).stdout
        sound = sound_of(("sox", "-t", "wav", "-", *_RAW, "pad", "0.5", "0.5"), wav)
        yield bench.trial(sound, listen, phrase.meaning, who=name, text=phrase.text)


# ---- tables


def table(trials: Sequence[Trial]) -> None:
    """Counts by ears and band, with the limits in use."""
    limits = CarefulLimits()
    print(f"{'ears':34}" + "".join(f"{name:>16}" for name in _COLUMNS))
    for ears in ("pocketsphinx", "moonshine", "both"):
        for is_careful in (False, True):
            bands = [t.band(ears=ears, limits=limits, is_careful=is_careful) for t in trials]
            name = ears + (", where a mistake could hurt" if is_careful else "")
            print(f"{name:34}" + "".join(f"{cell:>16}" for cell in _cells(trials, bands)))


_COLUMNS = ("right", "read back right", "again", "read back wrong", "wrong", "refused taken")


def _cells(trials: Sequence[Trial], bands: Sequence[str]) -> Iterator[str]:
    said = [band for trial, band in zip(trials, bands, strict=True) if trial.wanted is not None]
    refused = [band for trial, band in zip(trials, bands, strict=True) if trial.wanted is None]
    for band in ("accept", "confirm", "again", "confirm wrong", "accept wrong"):
        yield _share(said.count(band), len(said))
    yield _share(refused.count("accept wrong"), len(refused))


def _share(count: int, total: int) -> str:
    return f"{count}/{total} {count / total:.1%}" if total else "-"


def curve(trials: Sequence[Trial]) -> None:
    """Right, wrong and refused-but-taken of both ears, over where one ear alone is accepted.

    The thresholds for ears that agree or contradict each other move with it.
    """
    print("accept at   " + "".join(f"{name:>16}" for name in ("right", "wrong", "refused taken")))
    for threshold in THRESHOLDS:
        cells = _at(trials, threshold)
        print(f"{threshold:9.1f}   " + "".join(f"{_share(*cell):>16}" for cell in cells))


def crossed(trials: Sequence[Trial], *, most_wrong: float) -> None:
    """Thresholds chosen on half of the speakers, reported on the other half."""
    names = sorted({trial.who for trial in trials})
    for chosen_on, reported_on in ((0, 1), (1, 0)):
        own, others = (
            [trial for trial in trials if names.index(trial.who) % 2 == half]
            for half in (chosen_on, reported_on)
        )
        threshold = _choose(own, most_wrong=most_wrong)
        for name, part in (("chosen on", own), ("reported on", others)):
            cells = ", ".join(_share(*cell) for cell in _at(part, threshold))
            print(f"accept at {threshold:.1f}, {name} {len(part)}: right, wrong, taken: {cells}")


def _at(trials: Sequence[Trial], threshold: float) -> tuple[tuple[int, int], ...]:
    limits = CarefulLimits(alone=threshold, contradicted=threshold + 1.0, agreed=threshold - 3.5)
    said = [t.band(ears="both", limits=limits) for t in trials if t.wanted is not None]
    refused = [t.band(ears="both", limits=limits) for t in trials if t.wanted is None]
    taken = refused.count("accept wrong")
    counts = (said.count("accept"), said.count("accept wrong"))
    return (counts[0], len(said)), (counts[1], len(said)), (taken, len(refused))


def _choose(trials: Sequence[Trial], *, most_wrong: float) -> float:
    """The lowest threshold with few enough wrong meanings, and 3 % of what must be refused."""
    for threshold in reversed(THRESHOLDS):
        _, (wrong, said), (taken, refused) = _at(trials, threshold)
        if wrong <= most_wrong * said and taken <= 0.03 * refused:
            return threshold
    return THRESHOLDS[0]


def report(title: str, trials: Sequence[Trial], *, most_wrong: float) -> None:
    """All tables of one part."""
    sizes = sorted(len(trial.listen.phrases) for trial in trials)
    print(f"\n{title}: {len(trials)} sounds, lists of {sizes[0]} to {sizes[-1]} phrases")
    table(trials)
    curve(trials)
    crossed(trials, most_wrong=most_wrong)
    times = sorted(t.understood_ms for t in trials if t.understood_ms is not None)
    print(
        f"end of speech as the detector sees it -> understood: median {median(times):.0f} ms, "
        f"p95 {times[int(0.95 * len(times))]:.0f} ms"
    )
    wrong = [t for t in trials if t.band(ears="both", limits=CarefulLimits()) == "accept wrong"]
    for trial in wrong:
        print(f"  taken wrongly: {trial.text!r} by {trial.who} as {trial.careful[0].text!r}")


def main(arguments: Iterable[str]) -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--speech", type=Path, help="folder of clips with a manifest.jsonl")
    parser.add_argument("--voices", action="store_true", help="synthetic development voices")
    parser.add_argument("--every", type=int, default=1, help="only every n-th phrase")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "voiceskill")
    chosen = parser.parse_args(list(arguments))
    bench = open_bench(chosen.cache)
    if chosen.speech is not None:
        report("Real people, single words", list(clips(bench, chosen.speech)), most_wrong=0.01)
    if chosen.voices:
        trials = list(voices(bench, chosen.every))
        report("Development voices, phrases of the pathway", trials, most_wrong=0.005)


if __name__ == "__main__":
    main(sys.argv[1:])
