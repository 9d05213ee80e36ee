"""What prints for two ends at once, so that no mask holds both: for a person to change.

A literal that is prompted in one turn and generated in another, or an expression that prints what
the prompt opens together with what goes on from there, in lengths that differ.
"""

from __future__ import annotations

from collections.abc import Callable

from rewriter.engine.draft import Atom, statements
from rewriter.engine.outline import Outline, Status
from rewriter.errors import Place, Reason, Refused
from rewriter.tracing.labels import Label


def prompted_and_generated(outline: Outline) -> Refused | None:
    """The first text that is of the header in one place, and of what is said in another."""

    def is_twofold(atom: Atom) -> bool:
        both = Label.PROMPT | Label.GENERATED
        told = outline.status(atom) is Status.OUTSIDE
        return atom.is_literal and atom.label & both == both and told

    return _refused(
        outline,
        is_twofold,
        "this is prompted in one place and generated in another, and the same text prints both",
        "print what the generation prompt ends with in an output of its own, before what is said",
    )


def prefilled_and_generated(outline: Outline) -> Refused | None:
    """The first expression that prints a prefill together with what is generated."""

    def is_twofold(atom: Atom) -> bool:
        both = Label.PREFILL | Label.GENERATED
        return not atom.is_literal and atom.label & both == both

    return _refused(
        outline,
        is_twofold,
        "this prints thinking that the prompt opens together with what is generated, and where "
        "the one ends differs from turn to turn",
        "print what opens the thinking in an output of its own, where the turn begins",
    )


def _refused(
    outline: Outline, is_twofold: Callable[[Atom], bool], message: str, hint: str
) -> Refused | None:
    for statement in statements(outline.body()):
        for atom in statement.atoms if statement.is_output or statement.is_text else ():
            if is_twofold(atom):
                place = Place.at(outline.template.text, atom.start)
                return Refused(message, reason=Reason.MIXED, place=place, hint=hint)
    return None
