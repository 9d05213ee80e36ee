"""Move tool results after the words of the turn that called the tools.

If a tool's result is printed in the calling turn, before its words, the words move when there is a
result. If the result is printed after them, they stay in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.source.walk import find_all

NodeT = TypeVar("NodeT", bound=nodes.Expr)
_LOOSE = (nodes.And, nodes.Or, nodes.Not, nodes.CondExpr)


@dataclass(frozen=True, slots=True)
class Move:
    """A part of a template's text that is printed further down.

    Attributes:
        statement: the statement that is moved, or whose last branch is.
        gone: the span to remove: the statement, or its last branch with the tag.
        moved: the part of it to insert again.
        to: the offset to insert it at.
        opening: the tag to put before it, if it is a branch.
        closing: the tag to put after it.

    """

    statement: Span
    gone: Span
    moved: Span
    to: int
    opening: str = ""
    closing: str = ""

    def applied(self, text: str) -> str:
        """The text after the move."""
        moved = self.opening + self.moved.of(text) + self.closing
        return text[: self.gone.start] + text[self.gone.end : self.to] + moved + text[self.to :]

    def there(self, at: int) -> int | None:
        """Where a character is after the move, if it still exists."""
        taken = self.gone.end - self.gone.start
        if self.moved.start <= at < self.moved.end:
            return self.to - taken + len(self.opening) + at - self.moved.start
        if self.gone.start <= at < self.gone.end:
            return None
        if at < self.to:
            return at - taken if at >= self.gone.end else at
        put = len(self.opening) + self.moved.end - self.moved.start + len(self.closing)
        return at - taken + put


def move_after(template: Template, early: int, late: int) -> Move | None:
    """The move of the statement at ``early`` to after the one at ``late``.

    ``None`` if they are not in one list of statements, in this order, or if one reads what the
    other assigns.
    """
    return _within(template, template.items, early, late)


def _within(template: Template, items: Sequence[Item], early: int, late: int) -> Move | None:
    for item in items:
        if _holds(item, early) and _holds(item, late):
            for clause in item.clauses if isinstance(item, Block) else ():
                if found := _within(template, clause.body, early, late):
                    return found
            return None
    first, last = (
        next((number for number, item in enumerate(items) if _holds(item, at)), None)
        for at in (early, late)
    )
    if first is None or last is None or first >= last:
        return None
    passed = items[first + 1 : last + 1]
    if not _commute(items[first], passed):
        return None
    return _of(template, items[first], early, passed[-1].span.end)


def _of(template: Template, item: Item, early: int, to: int) -> Move | None:
    """The move of a statement, or of its last branch if others before it print too."""
    if not isinstance(item, Block) or item.keyword != "if" or len(item.clauses) == 1:
        return Move(item.span, item.span, item.span, to)
    last = item.clauses[-1]
    moved = Span(last.tag.span.end, item.end.span.start)
    if not moved.start <= early < moved.end:
        return None
    opening = _opening(template, [clause.tag.node for clause in item.clauses])
    if opening is None:
        return None
    tag = last.tag.span.of(template.text)
    left, right = _hyphens(tag)
    before = template.text[: last.tag.span.start]
    # White space that the tag strips.
    space = before[len(before.rstrip()) :] if left else ""
    end = item.end.span.of(template.text)
    gone = Span(last.tag.span.start, item.end.span.start)
    return Move(item.span, gone, moved, to, f"{space}{{%{left} if {opening} {right}%}}", end)


def _opening(template: Template, conditionals: Sequence[Any]) -> str | None:
    """The condition under which the last branch is taken."""
    if any(each is None for each in conditionals):
        return None  # an `else`: what it is not taken for may be much
    tests = [each.test for each in conditionals]
    spans = [template.outer(test) for test in tests]
    if None in spans:
        return None
    texts = [span.of(template.text) for span in spans if span is not None]
    loose = [isinstance(test, _LOOSE) for test in tests]
    written = [f"({text})" if each else text for text, each in zip(texts, loose, strict=True)]
    return " and ".join([*(f"not {text}" for text in written[:-1]), written[-1]])


def _hyphens(tag: str) -> tuple[str, str]:
    return "-" if tag[2:3] == "-" else "", "-" if tag[-3:-2] == "-" else ""


def _holds(item: Item, at: int) -> bool:
    return item.span.start <= at < item.span.end


def _commute(item: Item, passed: Sequence[Item]) -> bool:
    """Whether neither a statement nor those that it passes read what the other assigns."""
    one, other = _Uses.of((item,)), _Uses.of(passed)
    return not (one.assigns(other.read) or other.assigns(one.read))


@dataclass(frozen=True, slots=True)
class _Uses:
    """The names that statements read and assign, each with its attribute or an empty text."""

    read: frozenset[tuple[str, str]]
    assigned: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, items: Sequence[Item]) -> _Uses:
        roots = [node for item in items if (node := item.node) is not None]
        read = frozenset(each for root in roots for each in _read(root))
        return cls(read, frozenset(each for root in roots for each in _assigned(root)))

    def assigns(self, read: Iterable[tuple[str, str]]) -> bool:
        return any(
            name == other and (attribute == its or not (attribute and its))
            for name, attribute in self.assigned
            for other, its in read
        )


def _read(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        yield node.node.name, node.attr
    elif isinstance(node, nodes.Name) and node.ctx == "load":
        yield node.name, ""
    else:
        for child in node.iter_child_nodes():
            yield from _read(child)


def _assigned(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, nodes.NSRef):
        yield node.name, node.attr
    elif isinstance(node, nodes.Name) and node.ctx == "store":
        yield node.name, ""
    else:
        own = node.target if isinstance(node, nodes.For) else None  # nobody else has it
        for child in node.iter_child_nodes():
            if child is not own:
                yield from _assigned(child)


def twin(node: NodeT, template: Template, moved: Template, move: Move) -> NodeT | None:
    """The same expression in the template after the move."""
    span = template.span(node)
    if span is None or (start := move.there(span.start)) is None:
        return None
    last = move.there(span.end - 1)
    if last is None:
        return None
    wanted = Span(start, last + 1)
    same = (each for each in find_all(moved.tree, type(node)) if moved.span(each) == wanted)
    return next(same, None)
