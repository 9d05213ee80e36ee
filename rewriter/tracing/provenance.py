"""Strings that remember where each of their characters comes from.

A template builds its output with ``+``, ``~``, filters and string methods. `Traced` passes through
all of them: operations that keep characters keep their origin; those that make new ones
(``tojson``) keep the message that they were made from; anything else is `Unknown`, never guessed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Final, NamedTuple, Self, SupportsIndex, TypeAlias

from rewriter.tracing.formatting import Made, Pieces, filled, interpolated
from rewriter.tracing.origins import UNKNOWN, Field, Literal, Origin


class Stretch(NamedTuple):
    """Neighbouring characters of one origin.

    ``sites`` are the source offsets of the expressions that passed them on, the first to do so
    first; ``turn`` is the index of the message in whose iteration they came up.
    """

    length: int
    origin: Origin
    sites: tuple[int, ...]
    turn: int | None


# What ``Stretch`` does in Python: much of a render's time goes there.
_stretch: Final[Callable[[tuple[int, Origin, tuple[int, ...], int | None]], Stretch]] = partial(
    tuple.__new__, Stretch
)
_MOST_TIMES: Final = 1000
Stretches: TypeAlias = tuple[Stretch, ...]


class Traced(str):
    """A string that carries the origins of its characters."""

    __slots__ = ("_stretches",)
    _stretches: Stretches

    def __new__(cls, text: str = "") -> Traced:
        """``text`` with its known origins; the sandbox calls this with results of ``format``."""
        return cls.of(text, stretches_of(text))

    @classmethod
    def of(cls, text: str, stretches: Stretches) -> Self:
        """``text`` with known origins."""
        traced = str.__new__(cls, text)
        traced._stretches = stretches  # noqa: SLF001 — its own class
        return traced

    @classmethod
    def whole(cls, text: str, origin: Origin, turn: int | None = None) -> Traced:
        """``text`` from one origin."""
        return cls.of(text, (_stretch((len(text), origin, (), turn)),) if text else ())

    def __str__(self) -> str:
        return self

    def __add__(self, other: str) -> str:
        if not isinstance(other, str):
            return NotImplemented
        return Traced.of(str.__add__(self, other), self._stretches + stretches_of(other))

    def __radd__(self, other: str) -> str:
        if not isinstance(other, str):
            return NotImplemented
        return Traced.of(str.__add__(other, self), stretches_of(other) + self._stretches)

    def __mul__(self, times: SupportsIndex) -> str:
        if times.__index__() > _MOST_TIMES:
            # So many copies would take too much memory for origins.
            return blended(str.__mul__(self, times), (self,))
        return Traced.of(str.__mul__(self, times), self._stretches * max(0, times.__index__()))

    __rmul__ = __mul__

    def __mod__(self, values: Any) -> str:
        return self._assembled(str.__mod__(self, values), interpolated(self, values), values)

    def formatted(self, text: str, args: Sequence[Any], named: Mapping[str, Any]) -> str:
        """``text``, which ``self.format(*args, **named)`` has made."""
        return self._assembled(text, filled(self, args, named), (args, named))

    def _assembled(self, text: str, pieces: Pieces | None, values: Any) -> str:
        parts = (self[each] if isinstance(each, slice) else _made(each) for each in pieces or ())
        found = joined(parts)
        return found if found == text else blended(text, (self, values))

    def __getitem__(self, key: Any) -> str:
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step == 1:
                return self._cut(start, max(start, stop))
            return joined([self._cut(i, i + 1) for i in range(start, stop, step)])
        index = operator.index(key)
        text = str.__getitem__(self, index)
        index = index % len(self)
        return Traced.of(text, _slice(self._stretches, index, index + 1))

    def __iter__(self) -> Iterator[str]:
        return (self._cut(i, i + 1) for i in range(len(self)))

    def _cut(self, start: int, end: int) -> Traced:
        return type(self).of(
            str.__getitem__(self, slice(start, end)), _slice(self._stretches, start, end)
        )

    def _stripped(self, text: str, start: int) -> Traced:
        return self._cut(start, start + len(text))

    def strip(self, chars: str | None = None, /) -> str:
        left = len(self) - len(str.lstrip(self, chars))
        return self._stripped(str.strip(self, chars), left)

    def lstrip(self, chars: str | None = None, /) -> str:
        text = str.lstrip(self, chars)
        return self._stripped(text, len(self) - len(text))

    def rstrip(self, chars: str | None = None, /) -> str:
        return self._stripped(str.rstrip(self, chars), 0)

    def removeprefix(self, prefix: str, /) -> str:
        text = str.removeprefix(self, prefix)
        return self._stripped(text, len(self) - len(text))

    def removesuffix(self, suffix: str, /) -> str:
        return self._stripped(str.removesuffix(self, suffix), 0)

    def _located(self, parts: Iterable[str]) -> list[str]:
        """``parts`` of this string, which stand in it in this order."""
        found: list[str] = []
        cursor = 0
        for part in parts:
            start = str.index(self, part, cursor)
            cursor = start + len(part)
            found.append(self._cut(start, cursor))
        return found

    def split(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        parts = str.split(self, sep, maxsplit)
        return self._located(parts) if sep is None else self._between(parts, len(sep))

    def rsplit(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        parts = str.rsplit(self, sep, maxsplit)
        return self._located(parts) if sep is None else self._between(parts, len(sep))

    def splitlines(self, keepends: bool = False) -> list[str]:
        return self._located(str.splitlines(self, keepends))

    def partition(self, sep: str, /) -> tuple[str, str, str]:
        head, middle, tail = self._between(str.partition(self, sep), 0)
        return head, middle, tail

    def rpartition(self, sep: str, /) -> tuple[str, str, str]:
        head, middle, tail = self._between(str.rpartition(self, sep), 0)
        return head, middle, tail

    def _between(self, parts: Iterable[str], gap: int) -> list[str]:
        found: list[str] = []
        cursor = 0
        for part in parts:
            found.append(self._cut(cursor, cursor + len(part)))
            cursor += len(part) + gap
        return found

    def replace(self, old: str, new: str, count: SupportsIndex = -1, /) -> str:
        if not old:
            return blended(str.replace(self, old, new, count), (self, new))
        pieces = self.split(old, count)
        return Traced.of(str(new), stretches_of(new)).join(pieces)

    def join(self, parts: Iterable[str], /) -> str:
        between: list[str] = []
        for part in parts:
            between.extend((self, part) if between else (part,))
        return joined(between)

    def _recased(self, text: str) -> str:
        if len(text) == len(self):
            return Traced.of(text, self._stretches)
        return blended(text, (self,))

    def upper(self) -> str:
        return self._recased(str.upper(self))

    def lower(self) -> str:
        return self._recased(str.lower(self))

    def title(self) -> str:
        return self._recased(str.title(self))

    def capitalize(self) -> str:
        return self._recased(str.capitalize(self))

    def swapcase(self) -> str:
        return self._recased(str.swapcase(self))

    def casefold(self) -> str:
        return self._recased(str.casefold(self))


def stretches_of(text: str) -> Stretches:
    """The origins of ``text``: unknown for a plain string."""
    if isinstance(text, Traced):
        return text._stretches  # noqa: SLF001 — the module's own
    return (Stretch(len(text), UNKNOWN, (), None),) if text else ()


def _advance(origin: Origin, by: int) -> Origin:
    return Literal(origin.at, origin.index + by) if by and isinstance(origin, Literal) else origin


def _slice(stretches: Stretches, start: int, end: int) -> Stretches:
    found: list[Stretch] = []
    position = 0
    for stretch in stretches:
        length, origin, sites, turn = stretch
        low, high = max(start - position, 0), min(end - position, length)
        position += length
        if low < high:
            is_whole = high - low == length
            cut = stretch if is_whole else Stretch(high - low, _advance(origin, low), sites, turn)
            found.append(cut)
    return tuple(found)


def joined(parts: Iterable[str]) -> str:
    """``"".join`` with provenance, by which jinja2 collects output."""
    kept = list(parts)
    return Traced.of("".join(kept), tuple(s for part in kept for s in stretches_of(part)))


def _made(piece: Made) -> str:
    """The text of a formatted value; padding has the value's origin too."""
    if not piece.length:
        return blended(piece.text, (piece.value,))
    kept: str = piece.value[: piece.length]
    before = blended(piece.text[: piece.at], (piece.value,))
    return before + kept + blended(piece.text[piece.at + piece.length :], (piece.value,))


def passed_on(text: str, site: int, turn: int | None) -> Traced:
    """``text`` after the expression at ``site`` printed it during ``turn``."""
    kind = type(text) if isinstance(text, Traced) else Traced
    found = [
        _stretch((length, origin, (*sites, site), turn if met is None else met))
        for length, origin, sites, met in stretches_of(text)
    ]
    return kind.of(str.__str__(text), tuple(found))


def reowned(value: Any, owner: Callable[[Origin], Origin]) -> Any:
    """A value whose text has no turn yet, with each origin replaced by its ``owner``."""
    if isinstance(value, Traced):
        kept = (
            _stretch((length, owner(origin), sites, None))
            for length, origin, sites, _ in stretches_of(value)
        )
        return type(value).of(str.__str__(value), tuple(kept))
    if isinstance(value, dict):
        return {reowned(key, owner): reowned(item, owner) for key, item in value.items()}
    return [reowned(item, owner) for item in value] if isinstance(value, list) else value


def origins_in(value: Any) -> Iterator[Origin]:
    """The origins of all text within a value; a whole field of a message counts as that field."""
    if isinstance(value, Traced):
        yield from (stretch.origin for stretch in stretches_of(value))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (_holder(origin, key) for origin in origins_in(key))
            yield from origins_in(item)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from (_holder(origin, index) for origin in origins_in(item))


def _holder(origin: Origin, key: Any) -> Origin:
    """The field that holds what has the ``key``, if that is where the origin is."""
    if isinstance(origin, Field) and origin.path[-1:] == (key,):
        return Field(origin.message, origin.path[:-1])
    return origin


def blended(text: str, sources: Iterable[Any]) -> Traced:
    """New text made from ``sources``: from one message's field if all their text is."""
    origins = [o for source in sources for o in origins_in(source) if not isinstance(o, Literal)]
    return Traced.whole(text, _common(origins))


def _common(origins: Sequence[Origin]) -> Origin:
    fields = [origin for origin in origins if isinstance(origin, Field)]
    if not origins or len(fields) < len(origins):
        return origins[0] if origins and len(set(origins)) == 1 else UNKNOWN
    if len({field.message for field in fields}) > 1:
        return UNKNOWN
    columns = zip(*(field.path for field in fields), strict=False)
    shared = [column[0] for column in columns if len(list(groupby(column))) == 1]
    return Field(fields[0].message, tuple(shared))


def tracked(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose new text remembers its sources."""
    from functools import wraps

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        if isinstance(result, str) and not isinstance(result, Traced):
            return blended(str(result), (*args, *options.values()))
        return result

    return call
