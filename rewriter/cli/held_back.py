"""Hold back the messages about one file while others are in work, to print them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import ParamSpec

P = ParamSpec("P")

_held: ContextVar[list[Callable[[], None]] | None] = ContextVar("held", default=None)


def can_be_held_back(speak: Callable[P, None]) -> Callable[P, None]:
    """The same function, but calls within `held_back` are postponed."""

    @wraps(speak)
    def spoken(*arguments: P.args, **options: P.kwargs) -> None:
        held = _held.get()
        if held is None:
            speak(*arguments, **options)
        else:
            held.append(partial(speak, *arguments, **options))

    return spoken


@contextmanager
def held_back() -> Iterator[list[Callable[[], None]]]:
    """Hold back all messages of the block.

    Yields:
        the postponed calls, in order, for you to make later.

    """
    said: list[Callable[[], None]] = []
    usual = _held.set(said)
    try:
        yield said
    finally:
        _held.reset(usual)
