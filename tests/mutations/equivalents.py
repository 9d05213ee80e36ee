"""Why mutants that never differ from their parent do not: `equivalents.toml`, mutant by mutant."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from tests.mutations.running import Result

TABLE = Path(__file__).with_suffix(".toml")


def reason_for(result: Result) -> str | None:
    """The reason that is listed, if one is."""
    return _reasons().get(name_of(result))


def name_of(result: Result) -> str:
    """What the list calls a mutant."""
    return f"{result.parent} {result.operator} {result.number}"


def listed(parent: str) -> frozenset[str]:
    """The mutants of a parent that are listed."""
    return frozenset(name for name in _reasons() if name.split()[0] == parent)


@cache
def _reasons() -> dict[str, str]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {mutant: row["reason"] for row in table["equivalent"] for mutant in row["mutants"]}
