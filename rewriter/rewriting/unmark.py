"""The way back: a marked template without its marks."""

from __future__ import annotations

from rewriter.arguments import source_given
from rewriter.errors import Reason, Refused


def served(source: str) -> str:
    """The text of a marked template for engines that do not know ``generation`` tags.

    It prints the same on every conversation; what is not marked comes back as it is.

    Raises:
        BadInput: it is no template.
        Refused: a variable that a block sets is read behind it. The block keeps the value to
            itself; without the block something else would be printed.

    """
    # The command calls this in another process, and needs nothing of it in its own.
    from rewriter.source.template import Template
    from rewriter.source.unmarked import unmarked
    from rewriter.verification.preconditions.lost_sets import lost_sets

    template = Template(source_given(source))
    if not template.is_marked:
        return source
    for finding in lost_sets(template):
        raise Refused(
            f"without its block something else would be printed: {finding.message}",
            reason=Reason.LOSES_NAMES,
            place=finding.place,
            hint=finding.hint,
        )
    return unmarked(source)
