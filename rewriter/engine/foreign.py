"""Refuse by name what prints a field that no model writes together with what is generated."""

from __future__ import annotations

from rewriter.engine.context import Workplace
from rewriter.engine.draft import Node, Statement, statements
from rewriter.engine.outline import Status
from rewriter.errors import Reason
from rewriter.tracing.fields import DECLARABLE, Whose
from rewriter.tracing.unlisted import NOBODYS
from rewriter.turns.labels import Label


def refuse_foreign(node: Node, place: Workplace) -> None:
    """See that nothing in a node prints both, where it cannot be taken apart.

    Raises:
        Refused: naming the field, and how to say whose it is.

    """
    for statement in statements((node,)):
        for atom in statement.atoms:
            is_mixed = place.outline.status(atom) is Status.MIXED
            if is_mixed and atom.label & Label.FOREIGN:
                _refuse(statement, atom.start, place)


def _refuse(statement: Statement, at: int, place: Workplace) -> None:
    labels = place.outline.labels
    names = list(labels.foreign(at))
    if statement.leaf is not None:
        names += labels.foreign(statement.leaf.span.start)
    name = "" if NOBODYS in names else next(filter(None, names), "")
    if not name:
        place.refuse(
            Reason.UNKNOWN_FIELD,
            "this prints whatever keys a message has, and which of them the model writes is not "
            "known",
            at,
            "print the keys that the model writes by their names, each in an output of its own",
        )
    known = labels.fields.of_name(name)
    if known is Whose.UNKNOWN:
        place.refuse(
            Reason.UNKNOWN_FIELD,
            f"this prints {name!r}, which no model is known to write, together with what the "
            "assistant generates",
            at,
            f"if the model writes it, say so: --field {name}=generated (or one of: "
            f"{', '.join(DECLARABLE[1:])}, and print it in an output of its own)",
        )
    place.refuse(
        Reason.UNKNOWN_FIELD,
        f"this prints {name!r}, which the model does not write, together with what it generates",
        at,
        "print it in an output of its own",
    )
