"""Refuse templates that print a field that no model writes together with generated text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NoReturn

from jinja2 import nodes

from rewriter.engine.context import Context
from rewriter.engine.draft import Node, Statement, statements
from rewriter.engine.outline import Status
from rewriter.errors import Reason
from rewriter.tracing.arms import reads
from rewriter.tracing.fields import DECLARABLE, Whose, is_said
from rewriter.tracing.unlisted_conversations import NOBODYS
from rewriter.turns.label import Label

# Methods and functions that print arguments, and names that every template has.
_PRINTING: Final = frozenset(
    {"indent", "truncate", "center", "wordwrap", "ljust", "rjust", "translate", "replace"}
)
_GIVEN: Final = frozenset({"tools", "documents", "strftime_now"})


def refuse_foreign(node: Node, context: Context) -> None:
    """Refuse a node that prints both inseparably.

    Raises:
        Refused: naming the field, and how to say whose it is.

    """
    for statement in statements((node,)):
        for atom in statement.atoms:
            is_mixed = context.outline.status(atom) is Status.MIXED
            if is_mixed and atom.label & Label.FOREIGN:
                _refuse(statement, atom.start, context)


def refuse_put_in(statement: Statement, context: Context) -> None:
    """Refuse filters or methods that insert given values into the model's text.

    Only a text of the right length, or with the right character, would show that.

    Raises:
        Refused: naming the variable.

    """
    leaf = statement.leaf
    root = leaf.node if leaf else None
    if leaf is None or root is None:
        return
    traced = context.outline.labels.traced
    given = frozenset(traced.unlisted.variables) | _GIVEN
    for node in (root, *root.find_all(nodes.Expr)):
        arguments = _printed_arguments(node)
        names = [name for each in arguments for name in reads(each) if name in given]
        if names and any(map(is_said, reads(node))):
            _refuse_named(min(names), leaf.span.start, context)


def _printed_arguments(node: nodes.Node) -> Iterator[nodes.Node]:
    """The arguments of which a filter or a method may print some."""
    name = node.name if isinstance(node, nodes.Filter) else ""
    is_printing = False
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
        name = node.node.attr
        if name == "format" and any(map(is_said, reads(node.node.node))):
            # Message text has the placeholders; in the template's own text, they are visible.
            yield from (*node.args, *(each.value for each in node.kwargs))
        # Message text may decide their places; in the template's own text, these are visible.
        is_printing = name == "format" and any(map(is_said, reads(node.node.node)))
    if (is_printing or name in _PRINTING) and isinstance(node, (nodes.Filter, nodes.Call)):
        yield from (*node.args, *(each.value for each in node.kwargs))


def _refuse(statement: Statement, at: int, context: Context) -> None:
    labels = context.outline.labels
    names = list(labels.foreign(at))
    if statement.leaf is not None:
        names += labels.foreign(statement.leaf.span.start)
    root = statement.leaf.node if statement.leaf else None
    if root is not None and not any(names) and names:
        # A text that is made from several fields has no name.
        names += (each for each in reads(root) if each in labels.traced.unlisted.keys)
    name = "" if NOBODYS in names else next(filter(None, names), "")
    if name:
        _refuse_named(name, at, context)
    elif not names:
        context.refuse(
            Reason.MIXED,
            "this prints text that is chosen by what is given, such as tools or the time, together "
            "with text that the assistant generates",
            at,
            "print it in an output of its own",
        )
    else:
        context.refuse(
            Reason.UNKNOWN_FIELD,
            "this prints whatever keys a message has, and it is unknown which of them the model "
            "writes",
            at,
            "print the keys that the model writes by their names, each in an output of its own",
        )


def _refuse_named(name: str, at: int, context: Context) -> NoReturn:
    known = context.outline.labels.fields.of_name(name)
    if known is Whose.UNKNOWN:
        context.refuse(
            Reason.UNKNOWN_FIELD,
            f"this prints {name!r}, which no model is known to write, together with text "
            "that the assistant generates",
            at,
            f"if the model writes it, say so: --field {name}=generated (or one of: "
            f"{', '.join(DECLARABLE[1:])}, and print it in an output of its own)",
        )
    context.refuse(
        Reason.UNKNOWN_FIELD,
        f"this prints {name!r}, which the model does not write, together with its text",
        at,
        "print it in an output of its own",
    )
