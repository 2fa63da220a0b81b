"""A closed list of phrases as a tree of tokens, so that what begins alike is scored once.

No sound and no model here: only which token may follow which, and what has been said by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from voiceskill.core.events import Phrase
from voiceskill.stt.moonshine_tokens import Vocabulary, spellings


@dataclass(slots=True)
class Node:
    """A place in the tree: the tokens that may come next, and the phrases that may end here."""

    children: "dict[int, Node]" = field(default_factory=dict)
    ends: list[Phrase] = field(default_factory=list)


def build_trie(phrases: Sequence[Phrase], vocabulary: Vocabulary) -> Node:
    """The tree of all spellings of all phrases; its root is the empty text."""
    root = Node()
    for phrase in dict.fromkeys(phrases):
        for spelling in spellings(phrase.text):
            node = root
            for token in vocabulary.encode(spelling):
                node = node.children.setdefault(token, Node())
            if phrase not in node.ends:
                node.ends.append(phrase)
    return root
