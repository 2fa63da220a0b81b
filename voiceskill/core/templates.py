"""Sentence templates as a graph of words that a transcript can be walked along.

hassil reads the templates (its language of groups, options, lists and rules); here they become
nodes whose edges are whole words. Walking the graph with forgiveness is in `align.py`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from voiceskill.core.words import Numbers, Spelling, straight, tokens
from voiceskill.errors import DialogFileError

if TYPE_CHECKING:
    from hassil.expression import Expression, Permutation, Sentence

NUMBER_LISTS = ("number", "n")
"""List names that stand for any whole number."""
_PIECE = re.compile(r"[^\W_]+(?:'[^\W_]*)*|'[^\W_]+|[^\w']+|_")


class Sense(NamedTuple):
    """What a template stands for."""

    sort: str
    of: str
    value: str


class Capture(NamedTuple):
    """What a list gave: the list and the value of the words found in it."""

    slot: str
    value: str | float


Captures = tuple[Capture, ...]
Target = tuple[int, Captures]


@dataclass(slots=True)
class Node:
    """One place between words: where each next word leads, and what is complete here."""

    words: dict[str, list[Target]] = field(default_factory=dict)
    numbers: list[Target] = field(default_factory=list)
    senses: list[tuple[Sense, Captures]] = field(default_factory=list)


class _Edge(NamedTuple):
    """A raw edge: part of a word, a gap between words, a number, a capture or nothing."""

    target: int
    part: str = ""
    gap: bool = False
    number: bool = False
    capture: Capture | None = None


class Templates:
    """All templates of a pathway, parsed when they are first needed."""

    def __init__(
        self,
        rules: Mapping[str, str],
        lists: Mapping[str, Mapping[str, str | float]],
        spelling: Spelling,
        numbers: Numbers,
    ) -> None:
        """Take what templates may refer to.

        Args:
            rules: Expansion rules, by name.
            lists: For each list name, templates to the value that they give.
            spelling: How words are made one spelling.
            numbers: Number words, for samples of templates with a number.
        """
        self._rules = rules
        self._lists = lists
        self._spelling = spelling
        self._numbers = numbers
        self._parsed: dict[str, Sentence] = {}
        self._raw: list[list[_Edge]] = []
        self._senses: dict[int, list[Sense]] = {}
        self._nodes: dict[int, Node] = {}
        self.vocabulary: dict[Sense, set[str]] = {}
        """Every word that the templates of a sense hold."""

    def parse(self, template: str) -> "Sentence":
        """The template as hassil's tree.

        Raises:
            DialogFileError: it is no template.
        """
        if template not in self._parsed:
            from hassil.parse_expression import parse_sentence  # noqa: PLC0415
            from hassil.parser import ParseError  # noqa: PLC0415

            try:
                self._parsed[template] = parse_sentence(template)
            except ParseError as error:
                raise DialogFileError(
                    f"The sentence template {template!r} cannot be read ({error}); "
                    "mend its brackets."
                ) from error
        return self._parsed[template]

    # ---- building

    def place(self) -> int:
        """A new start from which templates can lead."""
        self._raw.append([])
        return len(self._raw) - 1

    def join(self, start: int, other: int) -> None:
        """Whatever leads on from `other` also leads on from `start`."""
        self._raw[start].append(_Edge(other))

    def add(self, start: int, sense: Sense, templates: Iterable[str]) -> None:
        """Lead from a start along each template to its sense."""
        words = self.vocabulary.setdefault(sense, set())
        end = self.place()
        self._senses.setdefault(end, []).append(sense)
        for template in templates:
            self._raw[self._walk(self.parse(template).expression, start, words)].append(_Edge(end))

    def _walk(self, item: "Expression", start: int, words: set[str]) -> int:
        """Lay the edges of one part of a template; gives the place behind it."""
        from hassil import expression as tree  # noqa: PLC0415

        if isinstance(item, tree.TextChunk):
            return self._walk_text(item.original_text, start, words)
        if isinstance(item, tree.ListReference):
            return self._walk_list(item.list_name, start, words)
        if isinstance(item, tree.RuleReference):
            return self._walk(self.rule(item.rule_name).expression, start, words)
        if isinstance(item, tree.Alternative):
            return self._meet(self._walk(part, start, words) for part in item.items)
        if isinstance(item, tree.Permutation):
            orders = item.iterate_permutations()
            return self._meet(self._walk_order(*order, start, words) for order in orders)
        assert isinstance(item, tree.Sequence)
        for part in item.items:
            start = self._walk(part, start, words)
        return start

    def _walk_order(
        self, first: "Expression", rest: "Permutation", start: int, words: set[str]
    ) -> int:
        end = self._walk(first, start, words)
        return self._walk(rest, end, words) if rest.items else end

    def _meet(self, ends: Iterable[int]) -> int:
        """A place to which several ways lead."""
        meeting = self.place()
        for end in ends:
            self._raw[end].append(_Edge(meeting))
        return meeting

    def _walk_text(self, text: str, start: int, words: set[str]) -> int:
        words.update(self._spelling.words(text))
        for piece in _PIECE.findall(straight(text)):
            after = self.place()
            whole = piece[0].isalnum() or piece[0] == "'"
            self._raw[start].append(_Edge(after, part=piece) if whole else _Edge(after, gap=True))
            start = after
        return start

    def _walk_list(self, name: str, start: int, words: set[str]) -> int:
        end = self.place()
        if name in NUMBER_LISTS:
            self._raw[start].append(_Edge(end, number=True))
            return end
        for template, value in self.listed(name).items():
            entry = self.place()
            self._raw[start].append(_Edge(entry, capture=Capture(name, value)))
            behind = self._walk(self.parse(template).expression, entry, words)
            self._raw[behind].append(_Edge(end))
        return end

    def rule(self, name: str) -> "Sentence":
        """The expansion rule of that name.

        Raises:
            DialogFileError: the language has none.
        """
        if name not in self._rules:
            raise DialogFileError(
                f"A sentence template names the rule <{name}>, which the language file does not "
                "have under [rules]; add it there or mend the name."
            )
        return self.parse(self._rules[name])

    def listed(self, name: str) -> Mapping[str, str | float]:
        """The templates of a list and their values.

        Raises:
            DialogFileError: the language has no such list.
        """
        if name not in self._lists:
            raise DialogFileError(
                f"A sentence template names the list {{{name}}}, which the language file does not "
                "have under [lists]; add it there or mend the name."
            )
        return self._lists[name]

    # ---- walking

    def node(self, place: int) -> Node:
        """What can follow at a place; worked out at the first visit."""
        if place not in self._nodes:
            self._nodes[place] = self._close(place)
        return self._nodes[place]

    def _close(self, place: int) -> Node:
        node = Node()
        seen: set[tuple[int, str, Captures]] = set()
        todo: list[tuple[int, str, Captures]] = [(place, "", ())]
        while todo:
            step = todo.pop()
            if step in seen:
                continue
            seen.add(step)
            at, part, captures = step
            if part and (at in self._senses or any(e.gap or e.number for e in self._raw[at])):
                self._lead(node, part, (at, captures))
            if not part:
                node.senses.extend((sense, captures) for sense in self._senses.get(at, ()))
            for edge in self._raw[at]:
                if edge.number and not part:
                    node.numbers.append((edge.target, captures))
                elif not edge.number and not (edge.gap and part):
                    more = (*captures, edge.capture) if edge.capture else captures
                    todo.append((edge.target, part + edge.part, more))
        return node

    def _lead(self, node: Node, word: str, target: Target) -> None:
        """Lay an edge of one word, or of the several words that it stands for."""
        first, *rest = self._spelling.of(word)
        for part in reversed(rest):
            before = self.place()
            after = self.place()
            self._raw[before].append(_Edge(after, part=part))
            gap = self.place()
            self._raw[after].append(_Edge(gap, gap=True))
            self._raw[gap].append(_Edge(target[0]))
            target = (before, target[1])
        node.words.setdefault(first, []).append(target)

    def exact(self, place: int, words: Sequence[str]) -> bool:
        """Whether the words are, one for one, a template that leads from a place."""
        places = {place}
        for word in words:
            nodes = [self.node(at) for at in places]
            places = {target for node in nodes for target, _ in node.words.get(word, ())}
        return any(self.node(at).senses for at in places)

    # ---- sampling

    def samples(self, template: str, count: int) -> Iterator[str]:
        """Up to `count` different sentences of a template, the plainest first."""
        seen: set[str] = set()
        expression = self.parse(template).expression
        for turn in range(count * 3):
            text = " ".join(tokens(self._sample(expression, turn)))
            if text and text not in seen:
                seen.add(text)
                yield text
            if len(seen) >= count:
                return

    def _sample(self, item: "Expression", turn: int) -> str:
        """One sentence; each choice in it takes its next possibility at each turn."""
        from hassil import expression as tree  # noqa: PLC0415

        if isinstance(item, tree.TextChunk):
            return item.original_text
        if isinstance(item, tree.RuleReference):
            return self._sample(self.rule(item.rule_name).expression, turn)
        if isinstance(item, tree.ListReference):
            if item.list_name in NUMBER_LISTS:
                return self._numbers.spoken(2 + turn)
            values = tuple(self.listed(item.list_name))
            return self._sample(self.parse(values[turn % len(values)]).expression, turn)
        if isinstance(item, tree.Alternative):
            # the empty possibility of an option stands last in hassil's tree, and comes first here
            shift = turn - 1 if item.is_optional else turn
            return self._sample(item.items[shift % len(item.items)], turn)
        assert isinstance(item, tree.Group)
        return "".join(self._sample(part, turn) for part in item.items)
