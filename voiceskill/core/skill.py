"""All that a check needs to know, ready to use: the pathway and the grammar made of it.

How they are loaded is in `library.py`; what is done with them is in `dialog.py`.
"""

from dataclasses import dataclass
from typing import Protocol

from voiceskill.core.events import Phrase
from voiceskill.core.meaning import Meaning, Prompt
from voiceskill.core.pathway import Pathway


class Grammar(Protocol):
    """Words to meaning, and a prompt to the words that it expects. Same words, same result."""

    def meaning(self, text: str, prompt: Prompt) -> Meaning | None:
        """What the words mean as a reply to the prompt; None: not understood.

        Args:
            text: As heard or typed: any case, any punctuation, numbers as words or digits.
            prompt: What was asked last.
        """

    def phrases(self, prompt: Prompt) -> tuple[Phrase, ...]:
        """What the ears listen for: answers, core commands, core statements; 1 to 120 phrases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """What `start` and `step` know."""

    pathway: Pathway
    grammar: Grammar
