"""What words mean as a reply to what was asked, and which words are expected there.

The words are data (`dialogs/`). How templates are laid along a text is in `align.py`, which of
them count at a prompt in `hearing.py`; what the conversation makes of a meaning, in `dialog.py`.
"""

from collections.abc import Iterable, Sequence

from voiceskill.core.align import Alignment, Cover
from voiceskill.core.events import Phrase
from voiceskill.core.hearing import Expected
from voiceskill.core.meaning import Answered, Between, Clear, Meaning, Prompt, PromptKind, Told
from voiceskill.core.pathway import Pathway
from voiceskill.core.phrases import Lists
from voiceskill.core.replies import Reader

MOST_LISTS = 256
"""Phrase lists kept, of about 20 kB each; the oldest goes first."""


class CompiledGrammar:
    """The grammar of a pathway: words to meaning, and a prompt to the words it expects."""

    def __init__(self, pathway: Pathway) -> None:
        """Take a pathway; its templates are read at their first use, or by `warm`."""
        self._expected = Expected(pathway)
        self._reader = Reader(self._expected)
        self._lists = Lists(self._expected, self._reader, self.meaning)
        self._phrases: dict[Prompt, tuple[Phrase, ...]] = {}
        spelling = self._expected.spelling
        corrections = (spelling.words(text) for text in pathway.language.corrections)
        self._corrections = tuple(sorted(corrections, key=len, reverse=True))

    def warm(self) -> None:
        """Read the number words and every template now rather than at the first answer."""
        self._expected.numbers.warm()
        self.meaning("", Prompt(kind=PromptKind.MENU))
        self.meaning("x", Prompt(kind=PromptKind.MENU))

    def meaning(self, text: str, prompt: Prompt) -> Meaning | None:
        """What the words mean as a reply to the prompt; None: not understood.

        Args:
            text: As heard or typed: any case, any punctuation, numbers as words or digits.
            prompt: What was asked last.

        Raises:
            KeyError: the prompt names a question that the pathway does not have.
        """
        words = self._expected.numbers.written_out(self._expected.spelling.words(text))
        if not words:
            return None
        whole = self._covers(words, prompt)
        if any(len(cover.parts) == 1 for cover in whole):
            return self._among(whole, prompt)
        for head, tail in self._corrected(words):
            return self._told(head, prompt) or self._among(self._covers(tail, prompt), prompt)
        return self._among(whole, prompt) or self._told(words, prompt)

    def phrases(self, prompt: Prompt) -> tuple[Phrase, ...]:
        """What the ears listen for: answers, core commands, core statements; 1 to 120 phrases.

        Raises:
            KeyError: the prompt names a question that the pathway does not have.
        """
        if prompt not in self._phrases:
            if len(self._phrases) >= MOST_LISTS:
                del self._phrases[next(iter(self._phrases))]
            self._phrases[prompt] = self._lists.phrases(prompt)
        return self._phrases[prompt]

    # ---- one text

    def _alignment(self, words: Sequence[str], prompt: Prompt) -> Alignment:
        expected = self._expected
        return Alignment(
            templates=expected.templates,
            numbers=expected.numbers,
            words=words,
            hearing=expected.hearing(prompt),
        )

    def _covers(self, words: Sequence[str], prompt: Prompt) -> tuple[Cover, ...]:
        return self._alignment(words, prompt).covers()

    def _corrected(self, words: Sequence[str]) -> Iterable[tuple[Sequence[str], Sequence[str]]]:
        """What stands before and after the last correction, where there is one."""
        for at in range(len(words) - 2, -1, -1):
            for phrase in self._corrections:
                after = at + len(phrase)
                if after < len(words) and tuple(words[at:after]) == phrase:
                    yield words[:at], words[after:]
                    return

    def _told(self, words: Sequence[str], prompt: Prompt) -> Told | None:
        """A statement that may not be missed, inside words that are not understood as a whole."""
        parts = self._alignment(words, prompt).inside("told")
        return Told(statement=parts[0].sense.of) if parts else None

    def _among(self, covers: Iterable[Cover], prompt: Prompt) -> Meaning | None:
        """The one meaning of all covers; `Between` where they differ."""
        readings: dict[Clear, None] = {}
        for cover in covers:
            meaning = self._meaning_of(cover, prompt)
            if isinstance(meaning, Between):
                readings.update(dict.fromkeys(meaning.readings))
            elif meaning is not None:
                readings[meaning] = None
        return between(tuple(readings) if len(readings) == 1 else self._asked(readings, prompt))

    def _asked(self, readings: Iterable[Clear], prompt: Prompt) -> tuple[Clear, ...]:
        """Of several readings those that are more than a guess which other question is meant."""
        own = {question.id for question in self._expected.asked(prompt)}
        return tuple(
            reading
            for reading in readings
            if not isinstance(reading, Answered) or any(a.question in own for a in reading.answers)
        )

    def _meaning_of(self, cover: Cover, prompt: Prompt) -> Meaning | None:
        cover = self._reader.plain(cover)
        told = [part.sense.of for part in cover.parts if part.sense.sort == "told"]
        if told:
            return Told(statement=min(told, key=self._reader.gravity))
        commands = self._reader.commands(cover.parts)
        rest = tuple(part for part in cover.parts if part.sense.sort != "command")
        if not commands:
            return self._reader.reply(Cover(rest, cover.hedged), prompt)
        if not rest:
            return between(commands)
        reply = self._reader.reply(Cover(rest, cover.hedged), prompt)
        if reply is None or isinstance(reply, Between):
            return None
        return Between(readings=(reply, *commands))


def between(readings: tuple[Clear, ...]) -> Meaning | None:
    """None of no reading, the reading itself of one, `Between` of several."""
    if len(readings) > 1:
        return Between(readings=readings)
    return readings[0] if readings else None
