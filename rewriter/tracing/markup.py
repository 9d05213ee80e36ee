"""Text that a template marked as ``safe``, which escapes text that is joined to it.

Chat templates are rendered without autoescaping, so the filter does nothing by itself. But it
returns markupsafe's ``Markup``, whose ``+`` escapes plain text on its other side.
"""

from __future__ import annotations

from markupsafe import escape

from rewriter.tracing.provenance import Traced, blended, joined, stretches_of


class Safe(Traced):
    """A traced string that behaves as ``Markup`` where it is joined by ``+``."""

    __slots__ = ()

    def __html__(self) -> str:
        return self

    def __str__(self) -> str:
        return Traced.of(str.__str__(self), stretches_of(self))

    def __add__(self, other: str) -> str:
        if not isinstance(other, str):
            return NotImplemented
        return safe(joined((self, _escaped(other))))

    def __radd__(self, other: str) -> str:
        if not isinstance(other, str):
            return NotImplemented
        return safe(joined((_escaped(other), self)))


def safe(text: str) -> Safe:
    """``text`` marked as safe."""
    return Safe.of(str.__str__(text), stretches_of(text))


def _escaped(text: str) -> str:
    """``text`` as escaped beside safe text; each escape has the origin of its character."""
    if hasattr(text, "__html__"):
        return text
    return joined(map(_escape, text))


def _escape(character: str) -> str:
    written = str(escape(character))
    return character if written == character else blended(written, (character,))
