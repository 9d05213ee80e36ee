"""How often Python looks for garbage while templates are worked on.

Trees leave few cycles. To look at all of them again and again takes a fifth of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Among the new once there are so many, rather than 700 of them; among those that outlived it after
# so many times, rather than 10.
_EVERY: Final = 50_000
_AGED_AFTER: Final = 20


def collect_seldom() -> None:
    """Look for garbage seldom from now on, and never among what is imported.

    That is for a process of this program's own, so nobody else is affected.
    """
    gc.freeze()
    gc.set_threshold(_EVERY, _AGED_AFTER)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look for garbage seldom for a while, in whoever's process this is."""
    before = gc.get_threshold()
    if not 0 < before[0] < _EVERY:
        # Nobody looks for it anyway, or another thread is at work too and will set it back.
        yield
        return
    gc.set_threshold(_EVERY, _AGED_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
