"""Remove the marks of a template."""

from __future__ import annotations

from rewriter.arguments import source_given
from rewriter.errors import Reason, Refused


def served(source: str) -> str:
    """A marked template, for engines that do not know ``generation`` tags.

    It prints the same text on every conversation; an unmarked template is returned as it is.

    Raises:
        BadInput: it is not a template.
        Refused: a variable that is set in a block is read after it. The block is a scope, so
            without it, other text would be printed.

    """
    # Imported here since the command calls this in another process.
    from rewriter.source.template import Template
    from rewriter.source.unmarked import unmarked
    from rewriter.verification.preconditions.lost_sets import lost_sets

    template = Template(source_given(source))
    if not template.is_marked:
        return source
    for finding in lost_sets(template):
        raise Refused(
            f"without its block, other text would be printed: {finding.message}",
            reason=Reason.LOSES_NAMES,
            place=finding.place,
            hint=finding.hint,
        )
    return unmarked(source)
