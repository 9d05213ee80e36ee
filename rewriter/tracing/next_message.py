"""Tests that ask what is said after a turn, which nobody knows who is still to write it."""

from __future__ import annotations

from typing import Final

from jinja2 import nodes

from rewriter.source.walk import find_within
from rewriter.tracing.made_from import key_of, values_by_name

# What a turn may end by: who speaks next, and whether they call.
_ENDED_BY: Final = frozenset({"role", "tool_calls"})
_NEGATIVE: Final = frozenset({"ne", "notin"})


class NextMessage:
    """Finds the tests of one template whose answer depends on the content of the next message.

    The next message may have a name, and so may what it says.
    """

    def __init__(self, tree: nodes.Template) -> None:
        self._named: frozenset[str] = frozenset()
        self._said: frozenset[str] = frozenset()
        values = values_by_name(tree)
        # Of a name that is given something else elsewhere, nothing is known.
        for _ in values:
            known = self._named, self._said
            self._named = frozenset(
                n for n, each in values.items() if all(map(self._is_next, each))
            )
            self._said = frozenset(
                n for n, each in values.items() if all(map(self._reads_words, each))
            )
            if known == (self._named, self._said):
                break

    def decides(self, test: nodes.Node, *, holds: bool = True) -> bool:
        """Whether a test comes out so only if the next message says or has something."""
        match test:
            case nodes.Not(node=inner):
                return self.decides(inner, holds=not holds)
            case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
                sides = (self.decides(left, holds=holds), self.decides(right, holds=holds))
                return any(sides) if isinstance(test, nodes.And) == holds else all(sides)
            case nodes.Compare(ops=[nodes.Operand(op=op)]) if not holds:
                return op in _NEGATIVE and self._reads_words(test)
        return holds and self._reads_words(test)

    def _reads_words(self, node: nodes.Node) -> bool:
        """Whether more of the next message is read than how a turn may end by."""
        return any(
            (isinstance(each, nodes.Name) and each.name in self._said)
            or (_key_read(each) not in (None, *_ENDED_BY) and self._is_next(_base(each)))
            for each in find_within(node, nodes.Expr)
        )

    def _is_next(self, node: nodes.Node | None) -> bool:
        """Whether an expression is the message after that of the turn, or all that follow."""
        match node:
            case nodes.Name(name=name):
                return name in self._named
            case nodes.Getattr(node=nodes.Name(name="loop"), attr="nextitem"):
                return True
            case nodes.Getitem(arg=nodes.Slice(start=start)):
                return _is_after(start)
            case nodes.Getitem(arg=index):
                return _is_after(index)
            case nodes.Filter(node=inner):
                return self._is_next(inner)
            case nodes.Or(left=left) | nodes.CondExpr(expr1=left):
                return self._is_next(left)
        return False


def _key_read(node: nodes.Node) -> str | None:
    """The key that an expression reads, of one message or with a filter of each."""
    match node:
        case nodes.Filter(
            kwargs=[nodes.Keyword(key="attribute", value=nodes.Const(value=str(key)))]
        ):
            return key
        case nodes.Filter(name="selectattr" | "rejectattr", args=[nodes.Const(value=str(key)), *_]):
            return key
    return key_of(node)


def _base(read: nodes.Node) -> nodes.Node | None:
    """What a key is read of."""
    of = read.node if isinstance(read, nodes.Call) else read
    found: nodes.Node | None = getattr(of, "node", None)
    return found


def _is_after(index: nodes.Node | None) -> bool:
    """Whether it is the index of the message after that of the turn."""
    match index:
        case nodes.Getattr(node=nodes.Name(name="loop"), attr="index"):
            return True
        case nodes.Add(
            left=nodes.Getattr(node=nodes.Name(name="loop"), attr="index0"),
            right=nodes.Const(value=1),
        ):
            return True
    return False
