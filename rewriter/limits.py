"""How much time and memory the work on one template may take."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the work on one template may take; ``None`` is no limit.

    Attributes:
        seconds: of a processor's time, from when the work begins, so that a busy machine changes
            nothing; by the clock on the wall it is ten times as much. On Windows by the clock
            alone, and once as much.
        megabytes: beyond what the process took before; one is 2**20 bytes. Only Linux keeps to it.

    Raises:
        ValueError: one of them is not above zero, or not finite.

    """

    seconds: float | None = 60
    megabytes: int | None = 1024

    def __post_init__(self) -> None:
        for name, limit in (("seconds", self.seconds), ("megabytes", self.megabytes)):
            if limit is not None and not (isfinite(limit) and limit > 0):
                raise ValueError(f"{name} must be above zero, or None for no limit, not {limit!r}")


GENEROUS: Final = Limits()
