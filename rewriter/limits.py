"""Limits of time and memory for the work on one template."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for the work on one template; ``None`` is no limit.

    Attributes:
        seconds: processor time from the start of the work, so that a busy machine makes no
            difference; wall-clock time is limited to ten times as much. On Windows, only wall-clock
            time is limited, to this value.
        megabytes: memory beyond what the process used before, in units of 2**20 bytes. Only Linux
            enforces it.

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
