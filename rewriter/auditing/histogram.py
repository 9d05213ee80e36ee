"""A histogram with fixed bins, so that its size does not depend on the amount of data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import frexp
from typing import Final

# The number of bins per doubling; no number may exceed 2**40.
_PARTS: Final = 4
_DOUBLINGS: Final = 40


@dataclass(frozen=True, slots=True)
class Bin:
    """The count of numbers from ``low`` up to, but not including, ``high``."""

    low: int
    high: int
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often numbers of each size occur. You can add two of these.

    Attributes:
        counts: the count of numbers in each bin.
        total: their sum.
        least, most: the smallest and the largest number; 0 if there is none.

    """

    counts: tuple[int, ...] = (0,) * (_PARTS * _DOUBLINGS)
    total: int = 0
    least: int = 0
    most: int = 0

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Histogram:
        """The histogram of some numbers, which must not be negative."""
        numbers = list(numbers)
        if not numbers:
            return cls()
        counts = [0] * (_PARTS * _DOUBLINGS)
        for number in numbers:
            counts[_bin(number)] += 1
        return cls(tuple(counts), sum(numbers), min(numbers), max(numbers))

    def __add__(self, other: Histogram) -> Histogram:
        if not self.size or not other.size:
            return self if self.size else other
        counts = tuple(map(sum, zip(self.counts, other.counts, strict=True)))
        least, most = min(self.least, other.least), max(self.most, other.most)
        return Histogram(counts, self.total + other.total, least, most)

    @property
    def size(self) -> int:
        """The count of all numbers."""
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """The mean; 0 if there are no numbers."""
        return self.total / self.size if self.size else 0.0

    def quantile(self, share: float) -> int:
        """A number that ``share`` of the numbers do not exceed, to within a bin's width."""
        left = share * self.size
        for each in self.bins():
            left -= each.count
            if left <= 0:
                return min(each.high - 1, self.most)
        return self.most

    def bins(self) -> Iterator[Bin]:
        """The bins from the first to the last that is not empty."""
        held = [at for at, count in enumerate(self.counts) if count]
        for at in range(held[0], held[-1] + 1) if held else ():
            low, high = _low(at), _low(at + 1)
            # There are fewer small integers than bins for them.
            if low < high:
                yield Bin(low, high, self.counts[at])


def _bin(number: int) -> int:
    if number < 1:
        return 0
    mantissa, exponent = frexp(number)
    at = exponent * _PARTS + int((2 * mantissa - 1) * _PARTS)
    return min(at, _PARTS * _DOUBLINGS - 1)


def _low(at: int) -> int:
    """The smallest number in a bin."""
    exponent, part = divmod(at, _PARTS)
    if exponent == 0:
        return 0 if at == 0 else 1
    return -(-((_PARTS + part) << (exponent - 1)) // _PARTS)
