"""What of a variant's text no conversation showed, as a person should read it."""

from __future__ import annotations

from rewriter.tracing.accounting import State
from rewriter.verification.accounting import Accounted


def unproven_text(source: Accounted, file: str) -> str:
    """The source with its place, and which tests stand before it."""
    place = source.place
    lines = ", ".join(map(str, source.tests))
    tests = f"; what prints it fulfils the tests of line {lines}" if lines else ""
    if source.state is State.NOT_TAKEN_OVER:
        why = "the original alone asks this; answered otherwise than always, it prints another text"
        return f"line {place.line} of the original: not proven: {why}\n{place.drawn()}\n"
    where = f"{file}:{place.line}:{place.column}"
    if source.state is State.ONE_SIDED:
        why = "this was always answered alike; answered otherwise, another text is printed"
    else:
        why = f"nothing printed this{tests}"
    return f"{where}: not proven: {why}\n{place.drawn()}\n"
