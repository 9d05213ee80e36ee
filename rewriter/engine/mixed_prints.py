"""Text that is both prompted and generated, so that no mask is right: you have to change it."""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.engine.draft import Atom, statements
from rewriter.engine.outline import Outline, Status
from rewriter.errors import Place, Reason, Refused
from rewriter.turns.label import Label


def prompted_and_generated(outline: Outline) -> Refused | None:
    """The first text that belongs to the header in one place, and to message text in another."""
    for atom in _printing_both(outline):
        return Refused(
            "this is prompted in one place and generated in another, and the same text prints both",
            reason=Reason.MIXED,
            place=Place.at(outline.template.text, atom.start),
            hint="print what the generation prompt ends with in an output of its own, "
            "before what is said",
        )
    return None


def repeated(outline: Outline) -> str:
    """The end of the prompt that the model writes again within a turn, if there is one.

    Of a prompt with a prefill, it is the end of the header.
    """
    cue = outline.labels.cue
    prompted = cue.role if cue.prefill else cue.text
    texts = {outline.printed(atom) for atom in _printing_both(outline, white=True)}
    return max((text for text in texts if prompted.endswith(text)), key=len, default="")


def _printing_both(outline: Outline, *, white: bool = False) -> Iterator[Atom]:
    """The characters that are prompted in one place and generated in another.

    With ``white``, also white space, which stays with generated text.
    """
    both = Label.PROMPT | Label.GENERATED
    for atom in _atoms(outline):
        is_both = atom.is_literal and atom.label & both == both
        is_asked = outline.status(atom) is Status.OUTSIDE or (white and outline.is_white(atom))
        if is_both and is_asked:
            yield atom


def _atoms(outline: Outline) -> Iterator[Atom]:
    for statement in statements(outline.body()):
        yield from statement.atoms if statement.is_output or statement.is_text else ()
