"""The parts of a variant's text that no conversation showed, for people."""

from __future__ import annotations

from rewriter.tracing.accounting import State
from rewriter.verification.accounting import Accounted


def unproven_text(source: Accounted, file: str) -> str:
    """The source's place, and why it is not proven."""
    place = source.place
    where = f"{file}:{place.line}:{place.column}"
    if source.is_of_original:
        where = f"line {place.line} of the original"
    return f"{where}: not proven: {why_unproven(source)}\n{place.drawn()}\n"


def why_unproven(source: Accounted) -> str:
    """Why nothing is known about the source, and which tests lead to it."""
    if source.is_of_original:
        return "only the original has this test; with an answer that it never got, the text differs"
    if source.state is State.ONE_SIDED:
        return "this test always got the same answer; with the other answer, the text differs"
    lines = ", ".join(map(str, source.tests))
    tests = f"; to print it, a conversation must pass the tests of line {lines}" if lines else ""
    return f"nothing printed this{tests}"
