"""How long a person waits for the program, through a sound card.

    python benchmarks/response.py [--case sciatica] [--pace 1.4]

A synthetic patient answers a whole check on the virtual sound card. Printed are medians with
counts: from the end of the speech, as the voice detector sees it, to understood; and from
understood to the first sound of the program's next sentence, at the virtual speaker. The
recorder's 20 ms are part of the second figure. No real sound card is measured.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "live")]

from spoken_patient import SpokenPatient  # noqa: E402 found by the line above
from virtual_card import PACKAGES, VirtualSoundCard, missing  # noqa: E402

from voiceskill.library import dialogs_folder  # noqa: E402
from voiceskill.patients import load_patients  # noqa: E402


def first_sounds_ms(patient):
    """Milliseconds from each understood turn to the next sound from the speaker."""
    loud = [
        at_s
        for at_s, data in patient.heard.arrivals
        if max(map(abs, memoryview(data[: len(data) // 2 * 2]).cast("h")), default=0) > 200
    ]
    waits = []
    for turn in patient.timings:
        if turn["event"] != "Heard":
            continue
        later = [at_s for at_s in loud if at_s > turn["at_s"]]
        if later and later[0] - turn["at_s"] < 2.0:
            waits.append(1000 * (later[0] - turn["at_s"]))
    return waits


def row(name, values, goal):
    """Print median, p95 and count."""
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(f"{name:52}  {statistics.median(ordered):8.0f}  {p95:8.0f}  {len(ordered):5}  {goal}")


def main():
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="sciatica")
    parser.add_argument("--pace", default="1.4", help="makes the talk shorter, not the waits")
    options = parser.parse_args()
    if missing():
        sys.exit(f"There is no virtual sound card here; `apt-get install {PACKAGES}` brings it.")
    patients = load_patients(dialogs_folder() / "leg_numbness" / "patients.toml")
    with tempfile.TemporaryDirectory() as folder:
        card = VirtualSoundCard(folder).start()
        patient = SpokenPatient(card, patients[options.case])
        flags = {"keep": "no", "pace": options.pace, "data": folder, "country": "gb"}
        patient.talk(flags, limit_s=900)
        card.stop()
    heard = [turn for turn in patient.timings if turn["event"] == "Heard"]
    again = sum(turn["event"] == "NoMatch" for turn in patient.timings)
    print(f"{'milliseconds':52}  {'median':>8}  {'p95':>8}  {'count':>5}  goal")
    understood = [turn["understood_ms"] for turn in heard]
    row("end of speech to understood", understood, "<= 400, p95 <= 800")
    row("understood to the first sound", first_sounds_ms(patient), "<= 100")
    print(f"turns heard {len(heard)}, asked again {again}; ended: {patient.turns[-1].get('done')}")


if __name__ == "__main__":
    main()
