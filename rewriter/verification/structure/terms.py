"""The values that a template computes, as terms; equal terms are one object.

A term is a kind with arguments. Names are replaced by their values, so a term depends only on the
conversation, and is valid wherever it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeAlias

Argument: TypeAlias = Any  # a term, text, a number or a name

# Filters and methods that return a stream, which is empty once it is consumed.
STREAMS: Final = frozenset(
    {"map", "select", "reject", "selectattr", "rejectattr", "batch", "slice", "unique", "reverse"}
    | {"items"}
)
_WALKED: Final = frozenset({"list", "join", "first", "sort", "sum", "min", "max", "tojson"})
# Filters that return text marked as safe.
_MARKING: Final = frozenset({"safe", "escape", "e", "forceescape"})
# Kinds whose value is plain, whatever the arguments.
_PLAIN: Final = frozenset(
    {"row", "const", "eq", "in", "cmp", "test", "not", "macro call", "changed", "after"}
)
# Kinds that are computed once and then stay, even if their arguments may change later.
_FIXED: Final = frozenset({"row", "eq", "in", "cmp", "test", "not", "op", "shown", "macro call"})
_FIXED_FILTERS: Final = frozenset({"trim", "tojson", "length", "count", "upper", "lower", "join"})
# Kinds whose value may differ on the next read.
_MUTABLE: Final = frozenset({"namespace", "reference", "stream", "macro"})
_MOST: Final = 20_000


class TooMuch(Exception):
    """The template is too long, or too tangled, to be compared."""


class Term:
    """A value, or a row of printed output.

    Attributes:
        kind: the kind of term.
        args: its arguments.
        bound: a bit, by depth, for each loop whose item or state the term depends on.
        mutable: whether it reads something that may have changed since.
        stream: whether it may be a stream.
        marked: whether it may be text that is marked as safe; text joined to that is escaped.
        prints: for a row, whether it always prints something.
        stops: for a row, whether it may end in a jump out of its loop.
        fails: for a row of what may raise, whether it has anything.
        known: cached answers of earlier questions about the term.

    """

    __slots__ = (
        "args",
        "bound",
        "fails",
        "kind",
        "known",
        "marked",
        "mutable",
        "number",
        "prints",
        "stops",
        "stream",
    )

    def __init__(self, kind: str, args: tuple[Argument, ...], number: int) -> None:
        self.kind = kind
        self.args = args
        self.number = number
        self.known: dict[str, bool] = {}
        self.marked: bool
        self.mutable: bool
        terms = [arg for arg in args if isinstance(arg, Term)]
        self.prints = self.stops = self.fails = False
        self._learn_of_row(terms)
        self.bound = 0
        for arg in terms:
            self.bound |= arg.bound
        # In a choice, what its test reads decides once which value it is.
        values = terms[1:] if kind == "choice" else terms
        self.mutable = kind in _MUTABLE or any(arg.mutable for arg in values)
        self.stream = _is_stream(kind, args, terms)
        self.marked = any(arg.marked for arg in terms)
        if kind == "filter" and args[0] in _MARKING:
            self.marked = True
        if kind in _PLAIN:
            self.marked = self.stream = False
        if kind in _FIXED or (kind == "filter" and args[0] in _FIXED_FILTERS):
            self.mutable = False

    def _learn_of_row(self, terms: list[Term]) -> None:
        kind = self.kind
        if kind == "if":
            _, then, otherwise = terms
            self.prints = then.prints and otherwise.prints
            self.stops = then.stops or otherwise.stops
            self.fails = then.fails or otherwise.fails
        elif kind == "row of":
            self.prints, self.stops, self.fails = (
                any(flags)
                for flags in zip(*((t.prints, t.stops, t.fails) for t in terms), strict=True)
            )
        self.prints = self.prints or kind == "text"
        self.stops = self.stops or kind == "break"
        self.fails = self.fails or kind in {"need", "for", "raise"}


def _is_stream(kind: str, args: tuple[Argument, ...], terms: list[Term]) -> bool:
    if kind == "filter" and args[0] in STREAMS:
        return True
    if kind == "filter" and args[0] in _WALKED:
        return not has_plain_items(args[1])
    return any(arg.stream for arg in terms)


def has_plain_items(term: Term) -> bool:
    """Whether the items of a list or stream are not streams themselves."""
    while term.stream and term.kind in {"filter", "stream", "walked"}:
        if term.kind == "filter" and term.args[0] not in STREAMS:
            return False
        if term.kind == "filter" and any(
            isinstance(arg, Term) and arg.stream for arg in term.args[2:]
        ):
            return False
        term = term.args[1] if term.kind == "filter" else term.args[0]
    return not term.stream


class Terms:
    """The terms of one comparison, with a limit on their number."""

    def __init__(self, most: int = _MOST) -> None:
        self._known: dict[Hashable, Term] = {}
        self._left = most
        self.nothing = self.make("nothing")
        self.undefined = self.make("undefined")
        self.stop = self.make("break")
        self.error = self.make("raise")
        self.false = self.const(False)
        self.true = self.const(True)

    def make(self, kind: str, *args: Argument) -> Term:
        """The term of a kind and its arguments."""
        key = (kind, *((arg if isinstance(arg, Term) else (type(arg), arg)) for arg in args))
        found = self._known.get(key)
        if found is None:
            self.spend()
            found = self._known[key] = Term(kind, args, len(self._known))
            if kind in {"item of", "loop", "state of"}:
                found.bound |= 1 << args[0]
            elif kind in {"for", "after"}:
                found.bound = _outside(args)
        return found

    def spend(self, steps: int = 1) -> None:
        """Count steps of work.

        Raises:
            TooMuch: the limit is reached.

        """
        self._left -= steps
        if self._left < 0:
            raise TooMuch

    def const(self, value: Any) -> Term:
        """A constant; equal numbers of different type or sign are different constants."""
        return self.make("const", value, repr(value))


def _outside(args: tuple[Argument, ...]) -> int:
    """The loops that a loop's term depends on, including itself only for its iterable."""
    depth, iterated, before, *inner = args
    bound = 0
    for arg in inner:
        bound |= arg.bound if isinstance(arg, Term) else 0
    return int((bound & ~(1 << depth)) | iterated.bound | before.bound)


def is_const(term: Term, kind: type = object) -> bool:
    """Whether a term is a constant, of a type."""
    return term.kind == "const" and isinstance(term.args[0], kind)


def mapped(terms: Terms, term: Term, change: Callable[[Term], Term]) -> Term:
    """The term with its arguments changed."""
    args = [change(arg) if isinstance(arg, Term) else arg for arg in term.args]
    return terms.make(term.kind, *args) if args != list(term.args) else term
