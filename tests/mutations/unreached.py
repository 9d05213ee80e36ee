"""Branches of a template that none of many conversations reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from rewriter.conversations.first_look import FirstLook
from rewriter.source.template import Block, Item
from rewriter.tracing.conversation import Conversation
from tests.mutations.anatomy import Anatomy

# Other branches are no clauses: an `else` that nobody wrote has the place of its `if`.
_OF_CLAUSES = ("then", "else", "item", "macro")


class Unreached:
    """The parts of a template that are never run."""

    def __init__(self, anatomy: Anatomy, conversations: Iterable[Conversation]) -> None:
        self._text = anatomy.text
        first_look = FirstLook(None, anatomy.text)
        for conversation in conversations:
            first_look.outcomes(conversation)
        (coverage,) = first_look.coverage
        branches = (reached.branch for reached in coverage.missed)
        missed = {branch.at for branch in branches if branch.kind in _OF_CLAUSES}
        self._spans = [
            (start, end) for at, start, end in _clauses(anatomy.template.items) if at in missed
        ]

    def holds_all_of(self, mutant: str) -> bool:
        """Whether whatever a mutant changes is never run."""
        return all(
            any(start <= first and last <= end for start, end in self._spans)
            for first, last in _changes(self._text, mutant)
        )


def _clauses(items: Iterable[Item]) -> Iterator[tuple[int, int, int]]:
    """Each clause: the offset of its tag, and where its body begins and ends."""
    for item in items:
        if isinstance(item, Block):
            tags = [*(clause.tag for clause in item.clauses), item.end]
            for clause, following in zip(item.clauses, tags[1:], strict=True):
                yield clause.tag.span.start, clause.tag.span.end, following.span.start
                yield from _clauses(clause.body)


def _changes(text: str, mutant: str) -> Iterator[tuple[int, int]]:
    """The stretches of a text that a mutant has otherwise, by lines that are then narrowed."""
    lines, others = text.splitlines(keepends=True), mutant.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, lines, others, autojunk=False)
    for tag, first, last, here, there in matcher.get_opcodes():
        if tag != "equal":
            old, new = text[starts[first] : starts[last]], "".join(others[here:there])
            lead = _shared(old, new)
            trail = _shared(old[lead:][::-1], new[lead:][::-1])
            yield starts[first] + lead, starts[last] - trail


def _shared(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
