"""Work within limits of time and memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rewriter.arguments import limits_given
from rewriter.errors import RewriteError
from rewriter.limits import Limits

T = TypeVar("T")


def within(limits: Limits | None, name: str, work: Callable[[], T]) -> T:
    """Do the work in a process that can be stopped; its errors name ``name``."""
    limits_given(limits)
    try:
        if limits is None:
            from rewriter.confinement.garbage import collecting_seldom

            with collecting_seldom():
                return work()
        from rewriter.confinement.workers import confined

        return confined(work, limits)
    except RewriteError as error:
        raise error.named(name) from None
