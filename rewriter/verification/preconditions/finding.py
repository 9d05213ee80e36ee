"""Unmet preconditions, and the blocks that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rewriter.errors import Place
from rewriter.source.template import Block, Item, Template

MARKER: Final = "generation"


@dataclass(frozen=True, slots=True)
class Finding:
    """A precondition of ``generation`` blocks that a template does not meet.

    Attributes:
        kind: which precondition: ``captured``, ``lost-set``, ``jump``, ``unseen``, ``decoy``,
            ``empty`` or ``cut-token``.
        message: what is wrong, in one sentence.
        hint: what to do about it.
        place: the place in the template.
        harmless: whether the mask is right all the same, and detectors see it.

    """

    kind: str
    message: str
    hint: str
    place: Place
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """A ``generation`` block, and the blocks around it, outermost first."""

    block: Block
    around: tuple[Block, ...]

    @property
    def start(self) -> int:
        """The offset of its opening tag."""
        return self.block.span.start


def marked_blocks(template: Template) -> Iterator[Marked]:
    """The ``generation`` blocks in the order of the text."""
    return _below(template.items, ())


def _below(items: Iterable[Item], around: tuple[Block, ...]) -> Iterator[Marked]:
    for item in items:
        if isinstance(item, Block):
            if item.keyword == MARKER:
                yield Marked(item, around)
            for clause in item.clauses:
                yield from _below(clause.body, (*around, item))
