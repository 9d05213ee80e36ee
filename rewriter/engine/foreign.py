"""Refuse templates that print a field that no model writes together with generated text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinja2 import nodes

from rewriter.engine.context import Context
from rewriter.engine.draft import Atom, Node, Statement, statements
from rewriter.engine.outline import Outline, Status
from rewriter.errors import Place, Reason, Refused
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
    """Refuse a node that prints both inseparably, as one output or as a block that is one text.

    Raises:
        Refused: naming the field, and how to say whose it is.

    """
    for statement in statements((node,)):
        for atom in statement.atoms:
            is_mixed = context.outline.status(atom) is Status.MIXED
            if (is_mixed or not isinstance(node, Statement)) and _is_foreign(atom):
                raise _refusal(statement, atom.start, context.outline)


def foreign_refusal(outline: Outline, piece: int) -> Refused | None:
    """Why the output at an offset has no mask, if it prints such a field."""
    for statement in statements(outline.body()):
        if statement.leaf and statement.leaf.span.start == piece:
            for atom in statement.atoms:
                if _is_foreign(atom):
                    return _refusal(statement, atom.start, outline)
    return None


def _is_foreign(atom: Atom) -> bool:
    # The template's own text around a field is not the field.
    return not atom.is_literal and Label.FOREIGN in atom.label


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
            raise _refusal_by_name(min(names), leaf.span.start, context.outline)


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


def _refusal(statement: Statement, at: int, outline: Outline) -> Refused:
    labels = outline.labels
    names = list(labels.foreign(at))
    if statement.leaf is not None:
        names += labels.foreign(statement.leaf.span.start)
    root = statement.leaf.node if statement.leaf else None
    if root is not None and not any(names) and names:
        # A text that is made from several fields has no name.
        names += (each for each in reads(root) if each in labels.traced.unlisted.keys)
    # What prints every key prints keys that the template does not name.
    named = [name for name in names if name and name in outline.template.text]
    name = "" if NOBODYS in names else next(iter(named), "")
    if name:
        return _refusal_by_name(name, at, outline)
    if not names:
        return Refused(
            "this prints text that is chosen by what is given, such as tools or the time, together "
            "with text that the assistant generates",
            reason=Reason.MIXED,
            place=Place.at(outline.template.text, at),
            hint="print it in an output of its own",
        )
    return Refused(
        "this prints whatever keys a message has, and it is unknown which of them the model writes",
        reason=Reason.UNKNOWN_FIELD,
        place=Place.at(outline.template.text, at),
        hint="print the keys that the model writes by their names, each in an output of its own",
    )


def _refusal_by_name(name: str, at: int, outline: Outline) -> Refused:
    message = f"this prints {name!r}, which the model does not write, together with its text"
    hint = "print it in an output of its own"
    if outline.labels.fields.of_name(name) is Whose.UNKNOWN:
        message = (
            f"this prints {name!r}, which no model is known to write, together with text "
            "that the assistant generates"
        )
        hint = (
            f"if the model writes it, say so: --field {name}=generated (or one of: "
            f"{', '.join(DECLARABLE[1:])}, and print it in an output of its own)"
        )
    place = Place.at(outline.template.text, at)
    return Refused(message, reason=Reason.UNKNOWN_FIELD, place=place, hint=hint)
