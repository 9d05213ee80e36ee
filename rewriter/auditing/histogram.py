"""Numbers counted in a fixed set of bins, so that any number of them takes the same room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import frexp
from typing import Final

# Each doubling has so many bins; nothing is longer than 2**40.
_PARTS: Final = 4
_DOUBLINGS: Final = 40


@dataclass(frozen=True, slots=True)
class Bin:
    """The numbers from ``low`` up to, and without, ``high``, and how many there are."""

    low: int
    high: int
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often numbers of each size occur. Two of them add up.

    Attributes:
        counts: how many numbers are in each bin.
        total: their sum.
        least, most: the smallest and the largest; 0 where there is none.

    """

    counts: tuple[int, ...] = (0,) * (_PARTS * _DOUBLINGS)
    total: int = 0
    least: int = 0
    most: int = 0

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Histogram:
        """The histogram of numbers, none of which is negative."""
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
        """How many numbers there are."""
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """Their mean; 0 where there is none."""
        return self.total / self.size if self.size else 0.0

    def quantile(self, share: float) -> int:
        """A number that ``share`` of them do not exceed, to within a bin's width."""
        left = share * self.size
        for each in self.bins():
            left -= each.count
            if left <= 0:
                return min(each.high - 1, self.most)
        return self.most

    def bins(self) -> Iterator[Bin]:
        """The bins from the first that holds a number to the last."""
        held = [at for at, count in enumerate(self.counts) if count]
        for at in range(held[0], held[-1] + 1) if held else ():
            low, high = _low(at), _low(at + 1)
            # Small numbers have not as many values as bins.
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
