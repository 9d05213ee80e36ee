"""How a template would ask whether what begins a turn is the end of the assistant's before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rewriter.engine.draft import Atom
from rewriter.engine.role import Speaker, previous_speaker, speaker
from rewriter.engine.workplace import united_label
from rewriter.source.template import Block, Template
from rewriter.tracing.labels import STOP, Label
from rewriter.tracing.parts import ASSISTANT
from rewriter.tracing.stops import Stops

# Whose header ends what, and whether that calls tools.
_NEXT: Final = ((Label.ENDS_ANSWER, "user", False), (Label.ENDS_CALLS, "tool", True))


def late_end_test(
    printed: Iterable[Atom], stops: Stops | None, blocks: Sequence[Block], template: Template
) -> str | None:
    """What is true where ``printed``, within ``blocks``, ends the assistant's turn.

    ``None`` where it is not known whose the turn before is.
    """
    before = previous_speaker(blocks, template)
    if before is None:
        return None
    found = [before.exists, before.has(ASSISTANT)]
    atoms = tuple(printed)
    label = united_label(atoms)
    if stops and label & STOP:
        # A header that is put together of the role is everybody's.
        is_everybodys = not all(atom.is_literal for atom in atoms)
        here = speaker(blocks, template) if is_everybodys else None
        cases = list(_cases(label, stops, before, here))
        if all(cases):
            found.append(cases[0] if len(cases) == 1 else f"({' or '.join(cases)})")
    return " and ".join(found)


def _cases(label: Label, stops: Stops, before: Speaker, here: Speaker | None) -> Iterator[str]:
    """For each kind of turn that is ended, what else is true; empty where there is nothing."""
    for kind, role, calls in _NEXT:
        if label & kind:
            asked = [before.calls if calls else f"not {before.calls}"] if stops.differ else []
            yield " and ".join([*asked, *([here.has(role)] if here else [])])
