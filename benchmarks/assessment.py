"""How long it takes to read the dialogs, to weigh answers and to choose the next question.

Run: python benchmarks/assessment.py [--checks 100]. Checks are answered at random, always the same.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from voiceskill.core.assess import assess, next_question
from voiceskill.core.pathway import NO, Kind, Part, Pathway, Question, Value
from voiceskill.library import load_pathway, load_skill

CHANCE_OF_NO = 0.9
"""In the gate; else hardly any check would come to the differential."""


def main() -> None:
    """Print one table: what, how often, median and 95th percentile in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=100)
    checks = parser.parse_args().checks
    pathway = load_pathway()
    took = {
        "load_pathway": [_ms(load_pathway) for _ in range(10)],
        "load_skill": [_ms(load_skill) for _ in range(5)],
    }
    dice = random.Random(1)
    asked = [_check(pathway, dice, took) for _ in range(checks)]
    print(f"{'what':<28}{'count':>7}{'median ms':>11}{'p95 ms':>9}")
    for what, times in took.items():
        p95 = sorted(times)[int(len(times) * 0.95) - 1 if len(times) > 1 else 0]
        print(f"{what:<28}{len(times):>7}{statistics.median(times):>11.3f}{p95:>9.3f}")
    median = statistics.median(asked)
    print(f"questions of the differential a check: median {median:g}, most {max(asked)}")


def _check(pathway: Pathway, dice: random.Random, took: dict[str, list[float]]) -> int:
    """One check to its end; gives how many questions of the differential it took."""
    answers: dict[str, Value] = {}
    while True:
        begun = time.perf_counter()
        name = next_question(pathway, answers)
        spent_ms = (time.perf_counter() - begun) * 1000
        if name is None:
            return sum(pathway.questions[q].part is Part.DIFFERENTIAL for q in answers)
        question = pathway.questions[name]
        took.setdefault(f"next_question, {question.part}", []).append(spent_ms)
        answers[name] = _answer(question, dice)
        took.setdefault("assess", []).append(_ms(lambda: assess(pathway, answers)))


def _answer(question: Question, dice: random.Random) -> Value:
    ids = [option.id for option in question.options]
    if question.part is Part.OPENING and ids:
        return ids[0]
    if question.part is Part.GATE and NO in ids and dice.random() < CHANCE_OF_NO:
        return NO
    if question.kind is Kind.SEVERAL:
        return (dice.choice(ids),)
    if ids:
        return dice.choice(ids)
    if question.minimum is None or question.maximum is None:
        return ""
    return dice.uniform(question.minimum, question.maximum)


def _ms(call: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    main()
