"""The parts of a variant's text that no conversation showed, as people read them."""

from __future__ import annotations

from rewriter.tracing.accounting import State
from rewriter.verification.accounting import Accounted


def unproven_text(source: Accounted, file: str) -> str:
    """The source with its place, and why it is not proven."""
    place = source.place
    where = f"{file}:{place.line}:{place.column}"
    if source.is_of_original:
        where = f"line {place.line} of the original"
    return f"{where}: not proven: {why_unproven(source)}\n{place.drawn()}\n"


def why_unproven(source: Accounted) -> str:
    """Why nothing is known about the source, and which tests stand before it."""
    if source.is_of_original:
        return (
            "the original alone asks this; answered otherwise than always, it prints another text"
        )
    if source.state is State.ONE_SIDED:
        return "this was always answered alike; answered otherwise, another text is printed"
    lines = ", ".join(map(str, source.tests))
    tests = f"; what prints it fulfils the tests of line {lines}" if lines else ""
    return f"nothing printed this{tests}"
