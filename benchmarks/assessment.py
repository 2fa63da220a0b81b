"""How well the check judges patients on paper, and how long it takes to think.

Run: python benchmarks/assessment.py [--repeats 5] [--checks 50] [--list HALF]

The first tables ask every patient of tests/data/cases as a check would, once as they answer, then
with answers that got lost on the way (`interviews.py`). The last times loading, weighing and
choosing the next question, on checks answered at random. Chance is always the same.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from interviews import (
    HALVES,
    Patient,
    Reply,
    Told,
    interview,
    load_patients,
    misheard,
    not_sure,
    score,
)

from voiceskill.core.assess import assess, next_question
from voiceskill.core.assessment import Urgency
from voiceskill.core.pathway import NO, Kind, Part, Pathway, Question, Value
from voiceskill.library import load_pathway, load_skill

CHANCE_OF_NO = 0.9
"""In the gate; else hardly any check would come to the differential."""

MILD = (Urgency.SELF_CARE, Urgency.CLINICIAN)
"""Tiers among which needless alarm is counted."""

_WIDE = "{:<24}{:>6}  {:>14} {:>14} {:>14}  {:>9} {:>10}  {:>14} {:>14} {:>6}  {:>9}"
"""Who, how many; tier exact, safe, over; emergencies told lower; causes; questions asked."""
_HEAD = (
    *("", "asked", "tier exact", "safe", "over-triage", "emergency", "emergency"),
    *("cause first", "among three", "never", "questions"),
)
_BELOW = ("", "", "", "", "", "lower", "< same_day", "", "", "told", "med/most")


def main() -> None:
    """Print how patients were judged, then how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="of each run with lost answers")
    parser.add_argument("--checks", type=int, default=50, help="answered at random, for the times")
    parser.add_argument("--list", choices=HALVES, help="name each patient judged otherwise")
    options = parser.parse_args()
    pathway = load_pathway()
    patients = load_patients(pathway)
    _judge(pathway, patients, options.repeats)
    if options.list:
        _name(interview(pathway, one) for one in patients if one.half == options.list)
    _time(pathway, options.checks)


def _judge(pathway: Pathway, patients: Sequence[Patient], repeats: int) -> None:
    print("all answers known", *_heads(), sep="\n")
    plain = [interview(pathway, patient) for patient in patients]
    for title, part in _parts(plain):
        print(_line(title, part))
        for tiers in (*([tier] for tier in reversed(Urgency)), MILD):
            of_tier = [one for one in part if one.patient.tiers[0] in tiers]
            if of_tier:
                print(_line(f"  {', '.join(tier.key for tier in tiers)}", of_tier))
        sure = [one for one in part if one.is_sure and one.patient.tiers[0] is Urgency.EMERGENCY]
        if sure:
            print(_line("  emergency, all known", sure))
    dice = random.Random(1)
    ways: tuple[tuple[str, Reply], ...] = (
        ("10 % not sure", not_sure(0.10, dice)),
        ("20 % not sure", not_sure(0.20, dice)),
        ("10 % misheard", misheard(0.10, dice, pathway)),
    )
    for way, reply in ways:
        told = [interview(pathway, one, reply) for _ in range(repeats) for one in patients]
        print(f"\n{way}, each patient {repeats} times", *_heads(), sep="\n")
        for title, part in _parts(told):
            print(_line(title, part))
        _tell_missed(told, Urgency.SAME_DAY, way)
    _tell_missed(plain, Urgency.EMERGENCY, "all answers known")


def _tell_missed(told: Iterable[Told], least: Urgency, way: str) -> None:
    """Name the emergencies that were told lower than this."""
    for one in told:
        if min(one.patient.tiers) is Urgency.EMERGENCY and one.urgency < least:
            where = f"{one.patient.half}: {one.patient.name}"
            print(f"EMERGENCY TOLD LOWER, {way}, {where}: {one.urgency.key}")


def _parts(told: Sequence[Told]) -> Iterable[tuple[str, Sequence[Told]]]:
    """Each half that has patients, what no rule was tuned on, and all."""
    for half in HALVES:
        part = [one for one in told if one.patient.half == half]
        if part:
            yield half, part
    measured = [one for one in told if one.patient.half != "tuned"]
    if measured:
        yield "untuned + published", measured
    yield "in all", told


def _heads() -> tuple[str, str]:
    return _WIDE.format(*_HEAD), _WIDE.format(*_BELOW)


def _line(title: str, told: Sequence[Told]) -> str:
    it = score(told)
    return _WIDE.format(
        title,
        it.count,
        *(_share(count, it.count) for count in (it.exact, it.safe, it.over)),
        f"{it.below_emergency}/{it.emergencies}" if it.emergencies else "-",
        it.below_same_day if it.emergencies else "-",
        _share(it.first, it.with_first),
        _share(it.among, it.with_among),
        it.never,
        f"{it.median_asked:g}/{it.most_asked}",
    )


def _share(count: int, whole: int) -> str:
    return f"{f'{count}/{whole}':>8} {100 * count / whole:>3.0f} %" if whole else f"{'-':>14}"


def _name(told: Iterable[Told]) -> None:
    """Who was judged otherwise, and how."""
    print()
    for one in told:
        patient = one.patient
        right = (one.is_exact, not patient.first or one.is_first, not patient.among or one.is_among)
        if not all(right):
            wanted = "|".join(tier.key for tier in patient.tiers)
            causes = f"{'|'.join(patient.first)} of {'|'.join(patient.among)}"
            print(f"{patient.name}: {one.urgency.key} for {wanted};", ", ".join(one.causes), end="")
            print(f" for {causes}; asked {len(one.asked)}")


# ---- how long it takes


def _time(pathway: Pathway, checks: int) -> None:
    took = {
        "load and prove": [_ms(load_pathway) for _ in range(10)],
        "load_skill": [_ms(load_skill) for _ in range(5)],
    }
    dice = random.Random(1)
    asked = [_check(pathway, dice, took) for _ in range(checks)]
    print(
        f"\n{'what (processor time)':<28}{'count':>7}{'median ms':>11}{'p95 ms':>9}{'most ms':>9}"
    )
    for what, times in took.items():
        p95 = sorted(times)[int(len(times) * 0.95) - 1 if len(times) > 1 else 0]
        figures = f"{statistics.median(times):>11.3f}{p95:>9.3f}{max(times):>9.3f}"
        print(f"{what:<28}{len(times):>7}{figures}")
    median = statistics.median(asked)
    print(f"questions of the differential a check: median {median:g}, most {max(asked)}")


def _check(pathway: Pathway, dice: random.Random, took: dict[str, list[float]]) -> int:
    """One check to its end; gives how many questions of the differential it took."""
    answers: dict[str, Value] = {}
    while True:
        begun = time.process_time()
        name = next_question(pathway, answers)
        spent_ms = (time.process_time() - begun) * 1000
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
    begun = time.process_time()
    call()
    return (time.process_time() - begun) * 1000


if __name__ == "__main__":
    main()
