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
    from hassil.expression import Expression, Sentence

NUMBER_LISTS = ("number", "n")
"""List names that stand for any whole number."""
_NAME = re.compile(r"<([^<>]+)>|\{([^{}:]+)[^{}]*\}")
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
    """A raw edge: part of a word, a gap between words, a number, a capture or nothing.

    Or a piece of a template that is laid out when somebody's words come that far.
    """

    target: int
    part: str = ""
    gap: bool = False
    number: bool = False
    capture: Capture | None = None
    folded: "Expression | str | None" = None


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
        self._templates: dict[Sense, tuple[str, ...]] = {}
        self._vocabulary: dict[Sense, frozenset[str]] = {}
        for rule in rules.values():
            self._check_names(rule)

    def parse(self, template: str) -> "Sentence":
        """The template as hassil's tree.

        Raises:
            DialogFileError: it is no template, or names a rule or list that is not there.
        """
        if template not in self._parsed:
            self._check_names(template)
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
        self._templates[sense] = tuple(templates)
        end = self.place()
        self._senses.setdefault(end, []).append(sense)
        self._raw[start].extend(_Edge(end, folded=text) for text in self._templates[sense])

    def vocabulary(self, sense: Sense) -> frozenset[str]:
        """Every word that the templates of a sense hold, lists aside."""
        if sense not in self._vocabulary:
            trees = (self.parse(template).expression for template in self._templates[sense])
            texts = (text for tree in trees for text in self._texts(tree))
            words = (word for text in texts for word in self._spelling.words(text))
            self._vocabulary[sense] = frozenset(words)
        return self._vocabulary[sense]

    def _texts(self, item: "Expression") -> Iterator[str]:
        from hassil import expression as tree  # noqa: PLC0415

        if isinstance(item, tree.TextChunk):
            yield item.original_text
        elif isinstance(item, tree.RuleReference):
            yield from self._texts(self.rule(item.rule_name).expression)
        elif isinstance(item, tree.Group):
            for part in item.items:
                yield from self._texts(part)

    def _check_names(self, template: str) -> None:
        """Refuse a template that refers to what is not there.

        Raises:
            DialogFileError: it names a rule or a list that the language does not have.
        """
        for rule, named in _NAME.findall(template):
            known = rule in self._rules or named in self._lists or named in NUMBER_LISTS
            if not known:
                what, section = (f"<{rule}>", "rules") if rule else (f"{{{named}}}", "lists")
                raise DialogFileError(
                    f"The sentence template {template!r} names {what}, which the language file "
                    f"does not have under [{section}]; add it there or mend the name."
                )

    def rule(self, name: str) -> "Sentence":
        """The expansion rule of that name."""
        return self.parse(self._rules[name])

    # ---- laying out

    def _edges(self, place: int) -> list[_Edge]:
        """The edges that lead from a place, every folded one laid out."""
        folded = [edge for edge in self._raw[place] if edge.folded is not None]
        while folded:
            self._raw[place] = [edge for edge in self._raw[place] if edge.folded is None]
            for edge in folded:
                item = (
                    self.parse(edge.folded).expression
                    if isinstance(edge.folded, str)
                    else edge.folded
                )
                assert item is not None
                self._raw[place].extend(self._laid(item, edge.target))
            folded = [edge for edge in self._raw[place] if edge.folded is not None]
        return self._raw[place]

    def _laid(self, item: "Expression", target: int) -> list[_Edge]:
        """The first edges of a part of a template; what follows them stays folded."""
        from hassil import expression as tree  # noqa: PLC0415

        if isinstance(item, tree.TextChunk):
            return self._laid_text(item.original_text, target)
        if isinstance(item, tree.ListReference):
            return self._laid_list(item.list_name, target)
        if isinstance(item, tree.RuleReference):
            return [_Edge(target, folded=self.rule(item.rule_name).expression)]
        if isinstance(item, tree.Alternative):
            return [_Edge(target, folded=part) for part in item.items]
        if isinstance(item, tree.Permutation):
            orders = item.iterate_permutations()
            laid = [self._chained((first, rest), target) for first, rest in orders]
            return laid or [_Edge(target)]
        assert isinstance(item, tree.Sequence)
        return [self._chained(item.items, target)]

    def _chained(self, items: Sequence["Expression"], target: int) -> _Edge:
        """An edge along some parts, one after the other."""
        edge = _Edge(target)
        for item in reversed(items):
            before = edge.target
            if edge.folded is not None:
                before = self.place()
                self._raw[before].append(edge)
            edge = _Edge(before, folded=item)
        return edge

    def _laid_text(self, text: str, target: int) -> list[_Edge]:
        edge = _Edge(target)
        for piece in reversed(_PIECE.findall(straight(text))):
            before = edge.target
            if edge.part or edge.gap:
                before = self.place()
                self._raw[before].append(edge)
            whole = piece[0].isalnum() or piece[0] == "'"
            edge = _Edge(before, part=piece) if whole else _Edge(before, gap=True)
        return [edge]

    def _laid_list(self, name: str, target: int) -> list[_Edge]:
        if name in NUMBER_LISTS:
            return [_Edge(target, number=True)]
        laid = []
        for template, value in self._lists[name].items():
            entry = self.place()
            self._raw[entry].append(_Edge(target, folded=template))
            laid.append(_Edge(entry, capture=Capture(name, value)))
        return laid

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
            edges = self._edges(at)
            if part and (at in self._senses or any(e.gap or e.number for e in edges)):
                self._lead(node, part, (at, captures))
            if not part:
                node.senses.extend((sense, captures) for sense in self._senses.get(at, ()))
            for edge in edges:
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
            values = tuple(self._lists[item.list_name])
            return self._sample(self.parse(values[turn % len(values)]).expression, turn)
        if isinstance(item, tree.Alternative):
            # the empty possibility of an option stands last in hassil's tree, and comes first here
            shift = turn - 1 if item.is_optional else turn
            return self._sample(item.items[shift % len(item.items)], turn)
        assert isinstance(item, tree.Group)
        return "".join(self._sample(part, turn) for part in item.items)
