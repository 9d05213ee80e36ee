"""What prints for two ends at once, so that no mask holds both: for a person to change."""

from __future__ import annotations

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

    for statement in statements(outline.body()):
        for atom in statement.atoms if statement.is_output or statement.is_text else ():
            if is_twofold(atom):
                return Refused(
                    "this is prompted in one place and generated in another, and the same text "
                    "prints both",
                    reason=Reason.MIXED,
                    place=Place.at(outline.template.text, atom.start),
                    hint="print what the generation prompt ends with in an output of its own, "
                    "before what is said",
                )
    return None
