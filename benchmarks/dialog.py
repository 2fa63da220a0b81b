"""How long the core takes over one turn: the words understood, the next turn made.

Generated conversations on the pathway that ships: in each turn something that may be said there,
or silence, or noise. Nothing is spoken or heard. Run: `python benchmarks/dialog.py [COUNT]`.
"""

import random
import sys
import time
from collections.abc import Iterator

from voiceskill.core.dialog import Turn, start, step
from voiceskill.core.events import Alternative, Event, Heard, NoInput, NoMatch
from voiceskill.core.skill import Skill
from voiceskill.library import load_skill

CONVERSATIONS = 200
TURNS = 80


def event_for(turn: Turn, chance: random.Random) -> Event:
    """Mostly an answer that fits, now and then anything, silence or noise."""
    assert turn.listen is not None
    if chance.random() < 0.08:
        return chance.choice([NoInput(), NoMatch()])
    phrases = turn.listen.phrases
    if chance.random() < 0.8:
        small = ("command", "told")
        fitting = [p for p in phrases if not any(word in p.meaning for word in small)]
        phrases = tuple(fitting) or phrases
    return Heard(alternatives=(Alternative(text=chance.choice(phrases).text),))


def conversations(skill: Skill, count: int) -> Iterator[float]:
    """Milliseconds of each step."""
    for seed in range(count):
        chance = random.Random(seed)
        turn = start(skill, country="gb")
        for _ in range(TURNS):
            event = event_for(turn, chance)
            began = time.perf_counter()
            turn = step(skill, turn.state, event)
            yield 1000 * (time.perf_counter() - began)
            if turn.done:
                break


def main() -> None:
    """Print one table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CONVERSATIONS
    began = time.perf_counter()
    skill = load_skill()
    loaded_ms = 1000 * (time.perf_counter() - began)
    steps = sorted(conversations(skill, count))
    print(f"{count} conversations, {len(steps)} steps; reach: median 1 ms, p95 5 ms")
    print(f"{'loading the skill':24}{loaded_ms:9.1f} ms")
    for name, share in (("median", 0.5), ("p95", 0.95), ("p99", 0.99), ("longest", 1.0)):
        place = min(len(steps) - 1, int(share * len(steps)))
        print(f"{'step() ' + name:24}{steps[place]:9.2f} ms")


if __name__ == "__main__":
    main()
