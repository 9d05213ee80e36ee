"""What a template is told of the time, and what of chance: the same at any hour.

Two renders are compared, and they may straddle midnight; labels and verdicts are not to depend on
the day they are made. So whatever this project compiles is told a time that stands still, and
draws as a seed has it. transformers' own renderer is brought to the same by `render.stopped_clock`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final

# The time that every template is told.
STOPPED: Final = datetime(2026, 1, 2, 3, 4, 5)
# And another, that shares nothing with it: no year, month, day, weekday, hour, half of the day.
LATER: Final = datetime(2031, 11, 25, 16, 47, 58)

_TOLD: ContextVar[datetime] = ContextVar("the time that templates are told", default=STOPPED)
# jinja2's filter and its function that draw; other text is seeded in vain, which harms nobody.
_DRAWS: Final = ("random", "lipsum")


def strftime_now(format_: str) -> str:
    """What transformers' ``strftime_now`` gives, of the time that is told."""
    return _TOLD.get().strftime(format_)


def draws(source: str) -> bool:
    """Whether what a template prints may depend on chance."""
    return any(name in source for name in _DRAWS)


def asks_the_time(source: str) -> bool:
    """Whether what a template prints may depend on the time, or on chance."""
    return "strftime_now" in source or draws(source)


def time_told() -> datetime:
    """The time that templates are told."""
    return _TOLD.get()


@contextmanager
def told(now: datetime) -> Iterator[None]:
    """Tell templates that it is ``now``."""
    token = _TOLD.set(now)
    try:
        yield
    finally:
        _TOLD.reset(token)


@contextmanager
def seeded() -> Iterator[None]:
    """Let chance draw the same in every render, and other than at another time.

    jinja2 draws by Python's own generator, which is left as it was found.
    """
    state = random.getstate()
    random.seed(_TOLD.get().isoformat())
    try:
        yield
    finally:
        random.setstate(state)
