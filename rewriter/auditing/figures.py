"""The figures of a data set, which add up batch by batch in constant space."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, TypeVar

from rewriter.auditing.batch import FLAGS
from rewriter.auditing.histogram import Histogram
from rewriter.picture.picture import GENERATED, Part
from rewriter.verification.notice import NoticeId

K = TypeVar("K")

# The most reasons or names to count separately; the rest are counted together.
_MOST: Final = 100
OTHERS: Final = "…"
# The width of a bin of shares, in percent.
SHARE_BIN: Final = 5
_COLUMNS: Final = dict(zip(GENERATED, ("reasoning", "content", "calls", "ends"), strict=True))


@dataclass(frozen=True, slots=True)
class Found:
    """The number of rows that something is true of, and the index of the first, from 0."""

    rows: int
    first: int

    def __add__(self, other: Found) -> Found:
        return Found(self.rows + other.rows, min(self.first, other.first))


@dataclass(frozen=True)
class Figures:
    """What training on a data set would see. You can add two of these.

    Attributes:
        rows: the number of rows.
        length: the tokens of each row; characters, without a tokenizer.
        seen: how many of all these are left after truncation.
        trained: the trained tokens of each row.
        messages: the messages of each row.
        shares: the number of rows by trained share, in steps of 5 %.
        parts: the number of trained tokens by part.
        notices: the rows that each notice on data is about.
        no_conversations: the reasons why rows are not conversations.
        raised: the errors that the template raises.
        stopped: the limits at which work on rows was stopped.
        unprinted: text that is not printed, by its key.
        roles: roles that the template does not know.

    """

    rows: int = 0
    length: Histogram = field(default_factory=Histogram)
    seen: int = 0
    trained: Histogram = field(default_factory=Histogram)
    messages: Histogram = field(default_factory=Histogram)
    shares: tuple[int, ...] = (0,) * (100 // SHARE_BIN)
    parts: Mapping[Part, int] = field(default_factory=dict)
    notices: Mapping[NoticeId, Found] = field(default_factory=dict)
    no_conversations: Mapping[str, Found] = field(default_factory=dict)
    raised: Mapping[str, Found] = field(default_factory=dict)
    stopped: Mapping[str, Found] = field(default_factory=dict)
    unprinted: Mapping[str, Found] = field(default_factory=dict)
    roles: Mapping[str, Found] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[Any]], first: int = 0) -> Figures:
        """The figures of rows, from `rewriter.audit.batch`; ``first`` is the first row's index."""
        rows = len(columns["length"])
        printed = [at for at, length in enumerate(columns["length"]) if length]
        shares = [0] * (100 // SHARE_BIN)
        for at in printed:
            if seen := columns["seen"][at]:
                share = 100 * columns["trained"][at] // seen // SHARE_BIN
                shares[min(share, len(shares) - 1)] += 1
        flagged = (
            (NoticeId(each), [at for at, is_so in enumerate(columns[each]) if is_so])
            for each in FLAGS
        )
        return cls(
            rows,
            Histogram.of(columns["length"][at] for at in printed),
            sum(columns["seen"]),
            Histogram.of(columns["trained"][at] for at in printed),
            Histogram.of(columns["messages"][at] for at in printed),
            tuple(shares),
            {part: sum(columns[name]) for part, name in _COLUMNS.items()},
            {each: Found(len(held), first + held[0]) for each, held in flagged if held},
            _counted(_reasons(columns, NoticeId.NO_CONVERSATION), first),
            _counted(_reasons(columns, NoticeId.RAISES), first),
            _counted(_reasons(columns, NoticeId.STOPPED), first),
            _counted(columns["unprinted"], first),
            _counted(columns["roles"], first),
        )

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            **{
                each.name: _sum(getattr(self, each.name), getattr(other, each.name))
                for each in fields(self)
            }
        )

    @property
    def share(self) -> float:
        """The trained share of the seen tokens, in percent."""
        return 100 * self.trained.total / self.seen if self.seen else 0.0


def _reasons(columns: Mapping[str, Sequence[Any]], notice: NoticeId) -> Iterator[list[str]]:
    for is_so, reason in zip(columns[notice], columns["reason"], strict=True):
        yield [reason] if is_so else []


def _counted(names: Iterable[Sequence[str]], first: int) -> dict[str, Found]:
    counts: Counter[str] = Counter()
    firsts: dict[str, int] = {}
    for at, each in enumerate(names, start=first):
        counts.update(each)
        for name in each:
            firsts.setdefault(name, at)
    return _bounded({name: Found(count, firsts[name]) for name, count in counts.items()})


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, tuple):
        return tuple(map(sum, zip(one, other, strict=True)))
    return _merged(one, other) if isinstance(one, Mapping) else one + other


def _merged(one: Mapping[K, Any], other: Mapping[K, Any]) -> Mapping[K, Any]:
    merged = dict(one)
    for name, value in other.items():
        merged[name] = merged[name] + value if name in merged else value
    return _bounded(merged)


def _bounded(counted: dict[Any, Any]) -> dict[Any, Any]:
    """The most frequent entries, with the rest counted together."""
    if len(counted) <= _MOST:
        return counted
    ranked = sorted(counted, key=lambda name: (name == OTHERS, -counted[name].rows))
    kept = {name: counted[name] for name in ranked[: _MOST - 1]}
    rest = [counted[name] for name in ranked[_MOST - 1 :]]
    kept[OTHERS] = Found(sum(each.rows for each in rest), min(each.first for each in rest))
    return kept
