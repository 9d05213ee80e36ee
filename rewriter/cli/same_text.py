"""One text rewritten once, however many files of a folder hold it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rewriter.errors import UNNAMED

if TYPE_CHECKING:
    from rewriter.rewriting.rewrite import Rewrite


def once(rewriting: Callable[..., Rewrite]) -> Callable[..., Rewrite]:
    """The same rewriting, which knows what it made of a text; one that failed is tried again."""
    known: dict[str, Rewrite] = {}

    def remembering(source: str, *, name: str = UNNAMED) -> Rewrite:
        if source not in known:
            known[source] = rewriting(source, name=name)
        return known[source]

    return remembering
