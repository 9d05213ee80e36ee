"""Make values of the shape that a template reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rewriter.conversations.steering.places import MISSING, Each, Path, Step

_WORD: Final = "a"
_DEEPEST: Final = 6


class Samples:
    """Makes sample values for a path, from what is read below it.

    Args:
        paths: all paths that the template reads.
        values: the constants that it compares some of them with.

    """

    def __init__(self, paths: Iterable[Path], values: Mapping[Path, Sequence[Any]]) -> None:
        self._values = values
        self._below: dict[Path, dict[Step, None]] = {}
        for path in paths:
            for length in range(1, len(path)):
                self._below.setdefault(path[:length], {})[path[length]] = None

    def at(self, path: Path) -> Any:
        """A sample value for a path, or `MISSING` if nothing is known about it."""
        return self._at(path, _DEEPEST)

    def _at(self, path: Path, depth: int) -> Any:
        steps = self._below.get(path, {}) if depth else {}
        names = [step for step in steps if isinstance(step, str)]
        if names:
            return {name: self._item((*path, name), depth) for name in names}
        if Each.VALUE in steps:
            return {_WORD: self._item((*path, Each.VALUE), depth)}
        if any(step is Each.ITEM or isinstance(step, int) for step in steps):
            step = next(s for s in steps if s is Each.ITEM or isinstance(s, int))
            return [self._item((*path, step), depth)]
        return next(iter(self._values.get(path, ())), MISSING)

    def _item(self, path: Path, depth: int) -> Any:
        found = self._at(path, depth - 1)
        return _WORD if found is MISSING else found
