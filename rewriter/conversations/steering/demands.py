"""What a test demands of a value, and values that fulfil it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeAlias

from rewriter.conversations.steering.places import MISSING
from rewriter.tracing.comparisons import COMPARED

# From a value, and a sample of what the template reads there, makes values to try instead.
Makes: TypeAlias = Callable[[Any, Any], Iterable[Any]]

_WORD: Final = "a"
_NUMBER: Final = 7
# The maximum length of conversations, and of texts.
_MOST_ITEMS: Final = 120
_MOST_MADE: Final = 3
_MOST_CHARACTERS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand on a value.

    Attributes:
        holds: whether a value fulfils it.
        makes: values that may fulfil it.

    """

    holds: Callable[[Any], bool]
    makes: Makes

    def fulfilled(self, value: Any, sample: Any) -> Iterator[Any]:
        """Values that fulfil it, ``value`` itself first if it does."""
        tried: list[Any] = []
        for candidate in (value, *self.makes(value, sample)):
            if self.holds(candidate) and not any(_same(candidate, other) for other in tried):
                tried.append(candidate)
                yield candidate


def truth(wanted: bool) -> Demand:
    """A value is true, or not."""
    return Demand(lambda value: bool(_read(value)) == wanted, _anything)


def kind(name: str, wanted: bool) -> Demand | None:
    """One of jinja2's type tests holds, or not."""
    test = _KINDS.get(name)
    return Demand(lambda value: test(value) == wanted, _anything) if test else None


def compared(relation: str, constant: Any, wanted: bool, others: Sequence[Any]) -> Demand:
    """A value compares with a constant, or not; ``others`` may be used in its place."""

    def holds(value: Any) -> bool:
        try:
            return COMPARED[relation](_read(value), constant) == wanted
        except TypeError:
            return False

    def makes(value: Any, sample: Any) -> Iterator[Any]:
        yield constant
        if isinstance(constant, (int, float)) and not isinstance(constant, bool):
            yield from (constant + 1, constant - 1)
        yield from others
        yield from _anything(value, sample)

    return Demand(holds, makes)


def among(constants: Sequence[Any], wanted: bool, others: Sequence[Any]) -> Demand:
    """A value is one of the constants, or none of them."""

    def makes(value: Any, sample: Any) -> Iterator[Any]:
        yield from constants if wanted else others
        yield from _anything(value, sample)

    return Demand(lambda value: any(_same(value, c) for c in constants) == wanted, makes)


def contains(part: Any, wanted: bool) -> Demand:
    """A text, list or mapping contains a constant, or not."""

    def holds(value: Any) -> bool:
        try:
            return (part in value) == wanted
        except TypeError:
            return False

    def makes(value: Any, sample: Any) -> Iterator[Any]:
        yield from _with(part, value, sample) if wanted else _without(part, value)

    return Demand(holds, makes)


def begins(part: str, wanted: bool) -> Demand:
    """A text begins with ``part``, or not."""
    return Demand(
        lambda value: (isinstance(value, str) and value.startswith(part)) == wanted,
        lambda value, _: [part + (value if isinstance(value, str) else _WORD), part, _WORD],
    )


def ends(part: str, wanted: bool) -> Demand:
    """A text ends with ``part``, or not."""
    return Demand(
        lambda value: (isinstance(value, str) and value.endswith(part)) == wanted,
        lambda value, _: [(value if isinstance(value, str) else _WORD) + part, part, _WORD],
    )


def measures(relation: str, number: int, wanted: bool) -> Demand:
    """The length of a value compares with a number, or not."""

    def holds(value: Any) -> bool:
        return isinstance(value, (str, list, tuple, Mapping)) and (
            COMPARED[relation](len(value), number) == wanted
        )

    def makes(value: Any, sample: Any) -> Iterator[Any]:
        sized = value if isinstance(value, (str, list, tuple, Mapping)) else sample
        for length in (number + 1, number, number - 1, 0):
            yield from _of_length(sized, length)

    return Demand(holds, makes)


def both(one: Demand, other: Demand) -> Demand:
    """Two demands on one value; values made for one are adapted to the other."""

    def makes(value: Any, sample: Any) -> Iterator[Any]:
        for made in islice(one.fulfilled(value, sample), _MOST_MADE):
            yield made
            yield from other.makes(made, sample)
        yield from other.makes(value, sample)

    return Demand(lambda value: one.holds(value) and other.holds(value), makes)


def long(number: int) -> Demand:
    """A list has more than ``number`` items."""
    return measures("gt", number, wanted=True)


def _read(value: Any) -> Any:
    return None if value is MISSING else value


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _anything(value: Any, sample: Any) -> Sequence[Any]:
    """Values of every type, starting with those like the present value, or like the sample."""
    found: tuple[Any, ...] = (
        True,
        _WORD,
        [_WORD],
        {_WORD: _WORD},
        _NUMBER,
        MISSING,
        False,
        None,
        "",
        [],
        {},
        0.5,
    )
    alike = [each for each in found if type(each) is type(value)]
    return (sample, *alike, *found)


def _with(part: Any, value: Any, sample: Any) -> Iterator[Any]:
    if isinstance(value, str) and isinstance(part, str):
        yield from (value + part, part + value, part)
        return
    if isinstance(value, Mapping):
        of_sample = sample.get(part) if isinstance(sample, Mapping) else None
        for inner in (of_sample, _WORD, True):
            if inner is not None:
                yield {**value, part: inner}
        return
    if isinstance(value, (list, tuple)):
        yield [*value, part]
        return
    if isinstance(sample, Mapping):
        yield from _with(part, sample, sample)
    yield from (part, [part], {part: _WORD})


def _without(part: Any, value: Any) -> Iterator[Any]:
    if isinstance(value, str) and isinstance(part, str):
        yield value.replace(part, "") or _WORD
    elif isinstance(value, Mapping):
        yield {name: item for name, item in value.items() if name != part}
    elif isinstance(value, (list, tuple)):
        yield [item for item in value if item != part]
    yield from (_WORD, [], {})


def _of_length(value: Any, length: int) -> Iterator[Any]:
    if length < 0:
        return
    if isinstance(value, str) and length <= _MOST_CHARACTERS:
        text = value or _WORD
        yield (text * (length // len(text) + 1))[:length]
    elif isinstance(value, (list, tuple)) and length <= _MOST_ITEMS:
        items: list[Any] = list(value) or [_WORD]
        yield _repeated(items, length)
        yield [*items, *items[-1:] * length][:length]
    elif isinstance(value, Mapping) and length <= _MOST_ITEMS:
        names = [*value, *(f"{_WORD}{number}" for number in range(length))][:length]
        yield {name: value.get(name, _WORD) for name in names}
    elif value is MISSING or value is None:
        yield _WORD * min(length, _MOST_CHARACTERS)
        yield [_WORD] * min(length, _MOST_ITEMS)


def _repeated(items: Sequence[Any], length: int) -> list[Any]:
    """The items, repeated from the second on, since the first may be a header."""
    head, body = (list(items[:1]), list(items[1:])) if len(items) > 2 else ([], list(items))
    times = max(0, length - len(head)) // len(body) + 1
    return (head + body * times)[:length]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# Undefined is iterable and a sequence, but nothing else.
_KINDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "mapping": lambda value: isinstance(value, Mapping),
    "sequence": lambda value: value is MISSING or isinstance(value, (str, list, tuple, Mapping)),
    "iterable": lambda value: value is MISSING or isinstance(value, (str, list, tuple, Mapping)),
    "number": lambda value: isinstance(value, (int, float)),
    "integer": lambda value: _is_number(value) and isinstance(value, int),
    "float": lambda value: isinstance(value, float),
    "boolean": lambda value: isinstance(value, bool),
    "true": lambda value: value is True,
    "false": lambda value: value is False,
    "none": lambda value: value is None,
    "defined": lambda value: value is not MISSING,
    "undefined": lambda value: value is MISSING,
}
