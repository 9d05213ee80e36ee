"""Rewrite each text only once, however many files hold it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from rewriter.errors import UNNAMED

if TYPE_CHECKING:
    from rewriter.rewriting.result import Rewrite


def remembered(rewriting: Callable[..., Rewrite]) -> Callable[..., Rewrite]:
    """The same function, which remembers its results by text and settings.

    A failure is tried again.
    """
    known: dict[tuple[str, str], Rewrite] = {}
    locks: dict[tuple[str, str], Lock] = {}

    def remembering(source: str, *, name: str = UNNAMED, **settings: Any) -> Rewrite:
        key = source, repr(sorted(settings.items()))
        with locks.setdefault(key, Lock()):
            if key not in known:
                known[key] = rewriting(source, name=name, **settings)
            return known[key]

    return remembering
