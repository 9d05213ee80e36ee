"""What is said of one file while others are worked on: it is held back, and said together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import ParamSpec

P = ParamSpec("P")

_held: ContextVar[list[Callable[[], None]] | None] = ContextVar("held", default=None)


def can_be_held_back(speak: Callable[P, None]) -> Callable[P, None]:
    """The same function, which within `held_back` says nothing yet."""

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
    """Hold back what is said inside.

    Yields:
        what says it, in order, to be called when its turn has come.

    """
    said: list[Callable[[], None]] = []
    usual = _held.set(said)
    try:
        yield said
    finally:
        _held.reset(usual)
