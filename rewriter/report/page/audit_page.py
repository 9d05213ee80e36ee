"""The page of an audit: the figures of each data set, with plots drawn in the page itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rewriter.auditing.audit import Audit
from rewriter.auditing.data_notices import percent
from rewriter.auditing.figures import SHARE_BIN, Figures, Found
from rewriter.auditing.histogram import Histogram
from rewriter.picture.picture import GENERATED, Part
from rewriter.report.audit_text import trained_line, training_line
from rewriter.report.page.page import environment, own_file
from rewriter.report.plots import spread
from rewriter.verification.notice import Notice

# The height of the highest bar, in the plot's own units.
_HEIGHT: Final = 22


def audit_page(
    audits: Sequence[tuple[Audit, Sequence[Notice]]],
    template: str,
    of_template: Sequence[Notice] = (),
) -> str:
    """The page as HTML; it loads nothing from anywhere else.

    Args:
        audits: at least one audit, each with the notices to give.
        template: the template's name.
        of_template: notices about the template itself.

    """
    first, _ = audits[0]
    given = {
        "title": re.split(r"[/\\]", template)[-1],
        "template": template,
        "outcome": training_line(first.training),
        "of_template": of_template,
        "audits": [_shown(audit, notices) for audit, notices in audits],
        "style": own_file("page.css") + own_file("audit.css"),
        "script": own_file("theme.js"),
    }
    return environment().get_template("audit.html.jinja").render(given)


@dataclass(frozen=True, slots=True)
class _Bar:
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class _Plot:
    title: str
    bars: tuple[_Bar, ...]
    label: str


@dataclass(frozen=True, slots=True)
class _Shown:
    audit: Audit
    notices: Sequence[Notice]
    percent: str
    trained: str
    parts: tuple[tuple[Part, int], ...]
    plots: tuple[_Plot, ...]
    tables: tuple[tuple[str, list[tuple[str, Found]]], ...]


def _shown(audit: Audit, notices: Sequence[Notice]) -> _Shown:
    figures = audit.figures
    return _Shown(
        audit,
        notices,
        percent(figures.trained.total, figures.seen),
        trained_line(audit),
        tuple((part, figures.parts.get(part, 0)) for part in GENERATED),
        tuple(_plots(figures, audit.training.unit)),
        tuple((title, _ranked(counted)) for title, counted in _tables(figures)),
    )


def _tables(figures: Figures) -> Iterator[tuple[str, Mapping[str, Found]]]:
    yield "Rows on which the template raises", figures.raised
    yield "Rows on which the work was stopped", figures.stopped
    yield "Rows that are not conversations", figures.no_conversations
    yield "What is not printed", figures.unprinted
    yield "Roles that the template does not know", figures.roles


def _ranked(counted: Mapping[str, Found]) -> list[tuple[str, Found]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1].rows, pair[0]))


def _plots(figures: Figures, unit: str) -> Iterator[_Plot]:
    numbers = ((f"{unit} a row", figures.length), ("trained a row", figures.trained))
    for title, histogram in (*numbers, ("messages a row", figures.messages)):
        yield _Plot(title.capitalize(), _bars(_binned(histogram)), spread(histogram))
    shares = {
        f"{at * SHARE_BIN} to {(at + 1) * SHARE_BIN} %": count
        for at, count in enumerate(figures.shares)
    }
    yield _Plot("Share trained", _bars(shares), "rows by what share is trained, from 0 to 100 %")


def _binned(histogram: Histogram) -> dict[str, int]:
    return {
        f"{each.low:,}" if each.high - each.low == 1 else f"{each.low:,} to {each.high - 1:,}": (
            each.count
        )
        for each in histogram.bins()
    }


def _bars(counts: Mapping[str, Any]) -> tuple[_Bar, ...]:
    most = max(counts.values(), default=0) or 1
    return tuple(
        _Bar(round(_HEIGHT * count / most, 2), f"{name}: {count:,} rows")
        for name, count in counts.items()
    )
