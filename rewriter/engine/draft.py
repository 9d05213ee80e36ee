"""The template while it is edited: its statements in order, each still tied to the original text.

A draft is never printed from a tree. It consists of fragments, and unchanged ones are spans of the
original, so that the edits can be read off at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from rewriter.source.edits import Edit
from rewriter.source.lexer import Kind
from rewriter.source.template import Block, Leaf
from rewriter.turns.label import Label


@dataclass(frozen=True, slots=True)
class By:
    """The transform that makes a change, and the reason."""

    transform: str
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """``[start, end)`` of the original, where it was."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """``[start, end)`` of the original, removed."""

    start: int
    end: int
    by: By


@dataclass(frozen=True, slots=True)
class Added:
    """New text."""

    text: str
    by: By


@dataclass(frozen=True, slots=True)
class Copied:
    """``[start, end)`` of the original a second time."""

    start: int
    end: int
    by: By


Fragment: TypeAlias = Kept | Dropped | Added | Copied
Code: TypeAlias = tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest thing that prints one way: characters of a literal, or an operand.

    ``[start, end)`` is where it is written; characters lie between the literal's ``quote``,
    which is empty for template text and for operands.
    """

    start: int
    end: int
    label: Label
    is_literal: bool = False
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A text, a comment, an output or a simple tag.

    ``leaf`` is the original, ``None`` for an added one. ``lead`` is white space that was added
    before it and that it swallows.
    """

    code: Code
    leaf: Leaf | None = None
    atoms: tuple[Atom, ...] = ()
    lead: Code = ()

    @property
    def is_text(self) -> bool:
        """Whether it is template text, printed or swallowed."""
        return self.leaf is not None and self.leaf.piece.kind is Kind.TEXT

    @property
    def is_output(self) -> bool:
        """Whether it is an output tag."""
        return self.leaf is not None and self.leaf.piece.kind is Kind.OUTPUT

    @property
    def is_blank(self) -> bool:
        """Whether it is text that is never printed."""
        return self.is_text and not self.atoms


@dataclass(frozen=True, slots=True)
class Section:
    """A tag that opens a body, and the body."""

    tag: Statement
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compound:
    """A statement with bodies.

    ``block`` is the original; an added one is ``opened_by`` a word.
    """

    sections: tuple[Section, ...]
    end: Statement
    block: Block | None = None
    opened_by: str = ""

    @property
    def keyword(self) -> str:
        """The word that opens it."""
        return self.block.keyword if self.block else self.opened_by


Node: TypeAlias = Statement | Compound
Body: TypeAlias = tuple[Node, ...]


def statements(body: Iterable[Node]) -> Iterator[Statement]:
    """All statements below ``body``, tags included, in order."""
    for node in body:
        if isinstance(node, Statement):
            yield node
            continue
        for section in node.sections:
            yield section.tag
            yield from statements(section.body)
        yield node.end


def first_of(body: Iterable[Node]) -> Statement:
    """The first statement of a run."""
    return next(statements(body))


def last_of(body: Iterable[Node]) -> Statement:
    """The last statement of a run."""
    *_, last = statements(body)
    return last


def fragments(body: Iterable[Node]) -> Iterator[Fragment]:
    """All fragments below ``body`` in order."""
    for statement in statements(body):
        yield from statement.lead
        yield from statement.code


def mapped(body: Body, change: Callable[[Statement], Statement]) -> Body:
    """``body`` with each of its statements changed, those in nested bodies and tags too."""

    def node(item: Node) -> Node:
        if isinstance(item, Statement):
            return change(item)
        sections = tuple(Section(change(s.tag), mapped(s.body, change)) for s in item.sections)
        return replace(item, sections=sections, end=change(item.end))

    return tuple(node(item) for item in body)


def text_of(code: Iterable[Fragment], source: str) -> str:
    """The text of fragments in the variant."""
    return "".join(
        fragment.text
        if isinstance(fragment, Added)
        else ""
        if isinstance(fragment, Dropped)
        else source[fragment.start : fragment.end]
        for fragment in code
    )


def cut(code: Code, offset: int) -> tuple[Code, Code]:
    """Split ``code`` at an ``offset`` of the original."""
    left: list[Fragment] = []
    for index, fragment in enumerate(code):
        if isinstance(fragment, Added) or fragment.end <= offset:
            left.append(fragment)
        elif fragment.start >= offset:
            return tuple(left), code[index:]
        else:
            before, after = replace(fragment, end=offset), replace(fragment, start=offset)
            return (*left, before), (after, *code[index + 1 :])
    return tuple(left), ()


def dropped(code: Code, by: By) -> Code:
    """``code`` removed: original fragments are dropped, added ones vanish."""
    return tuple(
        Dropped(fragment.start, fragment.end, by) if isinstance(fragment, Kept) else fragment
        for fragment in code
        if isinstance(fragment, (Kept, Dropped))
    )


def replaced(code: Code, start: int, end: int, text: str, by: By) -> Code:
    """``code`` with the original's ``[start, end)`` replaced."""
    left, rest = cut(code, start)
    middle, right = cut(rest, end)
    return (*left, *dropped(middle, by), Added(text, by), *right)


def copied(code: Code, by: By) -> Code:
    """``code`` a second time."""
    return tuple(
        Copied(fragment.start, fragment.end, by) if isinstance(fragment, Kept) else fragment
        for fragment in code
        if not isinstance(fragment, Dropped)
    )


def edits_of(body: Body, source: str) -> tuple[Edit, ...]:
    """The edits of the original, in order."""
    edits: list[Edit] = []
    position = 0
    for fragment in fragments(body):
        if isinstance(fragment, Kept):
            position = fragment.end
            continue
        end = fragment.end if isinstance(fragment, Dropped) else position
        by = fragment.by
        edit = Edit(position, end, text_of((fragment,), source), by.transform, by.reason)
        last = edits[-1] if edits else None
        if last and last.end == edit.start and last.transform == edit.transform:
            text = last.replacement + edit.replacement
            edits[-1] = replace(last, end=end, replacement=text)
        else:
            edits.append(edit)
        position = end
    return tuple(edits)
