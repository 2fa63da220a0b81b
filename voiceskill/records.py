"""A turn and an outcome as JSON has them: what programs and auditors read.

Values in, plain dictionaries out; nothing is printed or written here.
"""

from dataclasses import asdict
from typing import Any

from voiceskill.core.assessment import Assessment
from voiceskill.core.dialog import Turn
from voiceskill.core.events import Say


def turn_record(turn: Turn) -> dict[str, Any]:
    """One turn as `text --json` gives it: say, question, state, done, and the assessment last."""
    record: dict[str, Any] = {
        "say": [
            text for action in turn.actions if isinstance(action, Say) for text in action.sentences
        ],
        "question": turn.state.prompt.question or None,
        "state": turn.state.phase.value,
        "done": turn.done,
    }
    if turn.finish is not None:
        record["assessment"] = assessment_record(turn.finish.assessment)
    return record


def assessment_record(assessment: Assessment | None) -> dict[str, Any] | None:
    """An outcome as JSON has it: urgency, rules, and causes with their reasons."""
    if assessment is None:
        return None
    return {
        "urgency": None if assessment.urgency is None else assessment.urgency.key,
        "rules": list(assessment.rules),
        "causes": [
            {
                "id": cause.cause,
                "posterior": round(cause.posterior, 4),
                "reasons": [asdict(reason) for reason in cause.reasons],
            }
            for cause in assessment.causes
        ],
    }
