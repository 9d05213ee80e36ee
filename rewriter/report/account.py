"""What of a variant's text no conversation showed, as a person should read it."""

from __future__ import annotations

from rewriter.verification.accounting import Accounted


def unproven_text(source: Accounted, file: str) -> str:
    """The source with its place, and which tests stand before it."""
    place = source.place
    lines = ", ".join(map(str, source.tests))
    tests = f"; what prints it fulfils the tests of line {lines}" if lines else ""
    where = f"{file}:{place.line}:{place.column}"
    return f"{where}: not proven: nothing printed this{tests}\n{place.drawn()}\n"
