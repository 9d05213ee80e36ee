"""Unmet preconditions of ``generation`` blocks, found without rendering anything.

For any template: a rewritten one, a hand-written one, a vendor's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from rewriter.errors import BadInput
from rewriter.source.template import Template
from rewriter.verification.preconditions.captured import captured
from rewriter.verification.preconditions.cut_tokens import cut_tokens
from rewriter.verification.preconditions.detectors import decoys, unseen
from rewriter.verification.preconditions.empty import empty
from rewriter.verification.preconditions.finding import Finding
from rewriter.verification.preconditions.jumps import jumps
from rewriter.verification.preconditions.lost_sets import lost_sets

Precondition: TypeAlias = Callable[[Template], Iterator[Finding]]

PRECONDITIONS: Final[tuple[Precondition, ...]] = (
    captured,
    lost_sets,
    jumps,
    unseen,
    decoys,
    empty,
    cut_tokens,
)


def lint(template: Template) -> tuple[Finding, ...]:
    """The unmet preconditions, in the order of the text.

    Raises:
        BadInput: an expression is nested too deeply to be compiled.

    """
    try:
        found = [finding for unmet in PRECONDITIONS for finding in unmet(template)]
    except RecursionError:
        hint = "no template that a model ships comes near this; check where the file is from"
        raise BadInput("an expression in it has too many operators", hint=hint) from None
    return tuple(sorted(found, key=lambda each: (each.place.line, each.place.column)))
