"""Give templates a fixed time and fixed random choices.

Two renders that are compared may straddle midnight, and labels and verdicts must not depend on the
day. So everything that this project compiles gets a time that stands still, and random choices from
a seed. `render.stopped_clock` does the same for transformers' own renderer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final

# The time that every template gets.
STOPPED: Final = datetime(2026, 1, 2, 3, 4, 5)
# Another time, with a different year, month, day, weekday, hour and half of the day.
LATER: Final = datetime(2031, 11, 25, 16, 47, 58)

_TIME: ContextVar[datetime] = ContextVar("the time that templates see", default=STOPPED)
# jinja2's random filter and function; a match in other text only seeds needlessly.
_DRAWS: Final = ("random", "lipsum")


def strftime_now(format_: str) -> str:
    """The same as transformers' ``strftime_now``, for the fixed time."""
    return _TIME.get().strftime(format_)


def draws(source: str) -> bool:
    """Whether what a template prints may depend on chance."""
    return any(name in source for name in _DRAWS)


def asks_the_time(source: str) -> bool:
    """Whether what a template prints may depend on the time, or on chance."""
    return "strftime_now" in source or draws(source)


def current_time() -> datetime:
    """The time that templates get."""
    return _TIME.get()


@contextmanager
def at_time(now: datetime) -> Iterator[None]:
    """Tell templates that it is ``now``."""
    token = _TIME.set(now)
    try:
        yield
    finally:
        _TIME.reset(token)


@contextmanager
def seeded() -> Iterator[None]:
    """Make random choices the same in every render, but different at another time.

    jinja2 uses Python's global generator, whose state is restored.
    """
    state = random.getstate()
    random.seed(_TIME.get().isoformat())
    try:
        yield
    finally:
        random.setstate(state)
