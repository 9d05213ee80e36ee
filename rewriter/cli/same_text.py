"""Each text is rewritten once, however many files of a folder hold it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rewriter.errors import UNNAMED

if TYPE_CHECKING:
    from rewriter.rewriting.rewrite import Rewrite


def once(rewriting: Callable[..., Rewrite]) -> Callable[..., Rewrite]:
    """The same rewriting, which knows what it made of a text, as its fields are declared.

    One that failed is tried again.
    """
    known: dict[tuple[str, frozenset[tuple[str, str]]], Rewrite] = {}

    def remembering(source: str, *, fields: Mapping[str, str], name: str = UNNAMED) -> Rewrite:
        key = source, frozenset(fields.items())
        if key not in known:
            known[key] = rewriting(source, name=name, fields=fields)
        return known[key]

    return remembering
