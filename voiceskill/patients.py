"""Synthetic patients of the demonstration: what each of them says to which question.

Their words are data, in `patients.toml` of a pathway; how they sound is in `frontends/demo.py`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from voiceskill.core.assessment import Urgency
from voiceskill.core.meaning import Prompt, PromptKind
from voiceskill.errors import DialogFileError, UsageError

SILENCE = ""
"""A patient who says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Somebody with a leg and a way of talking."""

    id: str
    title: str
    urgency: Urgency | None
    """What the check must come to; None: no tier, since nothing was understood."""
    says: Mapping[str, tuple[str, ...]]
    """By question id: what is said the first time, the second, and so on; the last again."""
    replies: Mapping[str, str]
    """By purpose or else by kind of prompt, where `says` has nothing; "question" for any other."""


@dataclass(slots=True)
class Memory:
    """How often a patient was asked each thing."""

    patient: Patient
    asked: dict[str, int] = field(default_factory=dict)

    def reply(self, prompt: Prompt, purpose: str = "") -> str:
        """What the patient says now; `SILENCE` for nothing.

        Args:
            prompt: What the program waits for.
            purpose: What for, where the prompt's kind alone does not say: "stop", "rest".
        """
        lines = self._lines(prompt, purpose)
        key = prompt.question or prompt.kind.value
        count = self.asked.get(key, 0)
        self.asked[key] = count + 1
        return lines[min(count, len(lines) - 1)]

    def _lines(self, prompt: Prompt, purpose: str) -> tuple[str, ...]:
        if prompt.kind is PromptKind.QUESTION and prompt.question in self.patient.says:
            return self.patient.says[prompt.question]
        replies = self.patient.replies
        return (replies.get(purpose, replies.get(prompt.kind.value, SILENCE)),)


def load_patients(file: Path) -> Mapping[str, Patient]:
    """Read the patients of a pathway, by id.

    Raises:
        DialogFileError: the file is missing or a patient lacks something.
    """
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))["patient"]
        patients = [_patient(table) for table in tables]
    except FileNotFoundError as error:
        raise DialogFileError(
            f"{file} is missing; the demonstration has nobody to play."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DialogFileError(f"{file} is not valid TOML: {error}.") from error
    except KeyError as error:
        raise DialogFileError(
            f"{file}: a patient lacks the key {error}; see the others."
        ) from error
    except OSError as error:
        raise DialogFileError(f"{file} cannot be read: {error.strerror}.") from error
    if not patients:
        raise DialogFileError(f"{file} holds no patient, so there is nobody to play.")
    return {patient.id: patient for patient in patients}


def find_patient(patients: Mapping[str, Patient], name: str) -> Patient:
    """The patient of that name.

    Raises:
        UsageError: there is none; the message lists them.
    """
    if name in patients:
        return patients[name]
    close = get_close_matches(name, patients, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise UsageError(f"There is no case {name!r}.{hint} There are: {', '.join(patients)}.")


def _urgency(patient: str, name: str) -> Urgency | None:
    names = [urgency.key for urgency in Urgency]
    if name and name not in names:
        raise DialogFileError(
            f"The patient {patient!r} should come to {name!r}, and no urgency has that name. "
            f'There are: {", ".join(names)}, and "" for none.'
        )
    return Urgency.of(name) if name else None


def _patient(table: Mapping[str, Any]) -> Patient:
    says = {
        question: tuple(lines) if isinstance(lines, list) else (lines,)
        for question, lines in table["says"].items()
    }
    return Patient(
        id=table["id"],
        title=table["title"],
        urgency=_urgency(table["id"], table["urgency"]),
        says=says,
        replies=table["replies"],
    )
