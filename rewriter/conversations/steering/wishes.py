"""What a value in a conversation shall be, and wishes that are fulfilled together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, Final, TypeAlias

from rewriter.conversations.steering import demands
from rewriter.conversations.steering.demands import Demand
from rewriter.conversations.steering.places import Path

_MOST_WAYS: Final = 8


@dataclass(frozen=True, slots=True)
class Wish:
    """The value at one of the paths, the likeliest first, shall fulfil a demand.

    Attributes:
        paths: the paths.
        demand: the demand on the value.
        like: instead, the paths of a value that it shall equal.

    """

    paths: tuple[Path, ...]
    demand: Demand
    like: tuple[Path, ...] = ()


# Wishes to fulfil together.
Way: TypeAlias = tuple[Wish, ...]


def together(choices: Sequence[Sequence[Way]]) -> list[Way]:
    """Ways that combine one of each; conditions without a known way are left to chance."""
    known = [ways for ways in choices if ways]
    joined = (_merged(sum(chosen, ())) for chosen in product(*known))
    return [way for way in islice(joined, _MOST_WAYS) if way]


def _merged(way: Way) -> Way:
    """The wishes, with those for the same value merged."""
    merged: dict[Any, Wish] = {}
    for wish in way:
        key = wish.paths, wish.like
        known = merged.get(key)
        demand = demands.both(known.demand, wish.demand) if known else wish.demand
        merged[key] = Wish(wish.paths, demand, wish.like)
    return tuple(merged.values())
