"""Tests on the text of the next message, which is unknown while a turn is being written."""

from __future__ import annotations

from typing import Final

from jinja2 import nodes

from rewriter.tracing.made_from import key_of

# A turn's end may depend on these: the next speaker, and whether they call.
_ENDED_BY: Final = frozenset({"role", "tool_calls"})


def asks_what_is_said_next(test: nodes.Node) -> bool:
    """Whether a test holds only if the next message has some text or field, whatever its role."""
    if isinstance(test, nodes.And):
        return asks_what_is_said_next(test.left) or asks_what_is_said_next(test.right)
    if isinstance(test, (nodes.Or, nodes.Not)):
        return False
    read = [each for each in (test, *test.find_all(nodes.Expr)) if key_of(each) is not None]
    return any(
        key_of(each) not in _ENDED_BY and _is_next(getattr(each, "node", None)) for each in read
    )


def _is_next(node: nodes.Node | None) -> bool:
    """Whether an expression is the message after that of the turn."""
    match node:
        case nodes.Getattr(node=nodes.Name(name="loop"), attr="nextitem"):
            return True
        case nodes.Getitem(arg=nodes.Getattr(node=nodes.Name(name="loop"), attr="index")):
            return True
        case nodes.Getitem(
            arg=nodes.Add(
                left=nodes.Getattr(node=nodes.Name(name="loop"), attr="index0"),
                right=nodes.Const(value=1),
            )
        ):
            return True
    return False
