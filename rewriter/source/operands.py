"""The operands of an expression that joins texts."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import nodes


def operands(expression: nodes.Expr) -> tuple[nodes.Expr, ...]:
    """The operands of a chain of ``+`` or of ``~``; any other expression is its own operand."""
    if isinstance(expression, nodes.Concat):
        return tuple(expression.nodes)
    found: list[nodes.Expr] = []
    while isinstance(expression, nodes.Add):
        found.append(expression.right)
        expression = expression.left
    return (expression, *reversed(found))


def joined_in(number: int, operand: nodes.Expr, *, is_open: bool) -> tuple[nodes.Expr, ...]:
    """The operands of a ``~`` in a row of ``+``, which binds less tightly; else nothing.

    ``is_open``: it has no parentheses. After a ``+``, it must begin with a text, so that texts are
    joined wherever the row is cut.
    """
    if isinstance(operand, nodes.Concat) and is_open:
        return tuple(operand.nodes) if number == 0 or is_text(operand.nodes[0]) else ()
    return ()


def joined_items(node: nodes.Node) -> tuple[nodes.Expr, ...]:
    """The items of ``[a, b] | join``, which joins texts as ``~`` does; else nothing."""
    match node:
        case nodes.Filter(
            name="join",
            node=nodes.List(items=[_, _, *_] as items),
            args=[] | [nodes.Const(value="")],
            kwargs=[],
            dyn_args=None,
            dyn_kwargs=None,
        ):
            return tuple(items)
    return ()


@dataclass(frozen=True, slots=True)
class Formatted:
    """A format, and the values that stand for its marks in order, each printed as ``~`` would."""

    text: nodes.Const
    mark: str
    values: tuple[nodes.Expr, ...]


def formatted(node: nodes.Node) -> Formatted | None:
    """The parts of ``'%s…' | format(a, …)`` or ``'{}…'.format(a, …)``, without other marks."""
    match node:
        case nodes.Filter(name="format", node=nodes.Const(value=str(text)) as written):
            mark = "%s"
        case nodes.Call(
            node=nodes.Getattr(node=nodes.Const(value=str(text)) as written, attr="format")
        ):
            mark = "{}"
        case _:
            return None
    has_other_marks = any(each in text.replace(mark, "") for each in "%{}" if each in mark)
    has_names = bool(node.kwargs or node.dyn_args or node.dyn_kwargs)
    if has_other_marks or has_names or text.count(mark) != len(node.args):
        return None
    return Formatted(written, mark, tuple(node.args))


def is_text(node: nodes.Node) -> bool:
    """Whether a node is a plain string literal."""
    return isinstance(node, nodes.Const) and isinstance(node.value, str)
