"""An audit for a terminal: what is trained in each data set, and what to know before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from rewriter.auditing.audit import Audit
from rewriter.auditing.data_notices import percent
from rewriter.auditing.figures import Figures
from rewriter.auditing.training import Training
from rewriter.picture.picture import GENERATED
from rewriter.report.explanation import PROOFS
from rewriter.report.marked import visible
from rewriter.report.picture_text import STYLES
from rewriter.report.plots import bar, bars, spread
from rewriter.verification.notice import Notice

_NAME: Final = 17
_BAR: Final = 24


def training_line(training: Training) -> str:
    """The template that the data would be trained with, and how it came about."""
    made = training.template.made
    length = f", at most {training.max_length:,} a row" if training.max_length else ""
    if made.template == made.source:
        return f"already marked; counted in {training.unit}{length}"
    edits = f"{len(made.edits)} edit{'' if len(made.edits) == 1 else 's'}"
    by = f"{edits} by {', '.join(made.transforms) or 'no transform'}; {PROOFS[made.proof]}"
    return f"training variant, {made.policy}: {by}; counted in {training.unit}{length}"


def audit_text(audit: Audit, notices: Sequence[Notice]) -> Text:
    """The audit of one data set, with the notices to give."""
    return Text("\n").join(_lines(audit, notices)) + Text("\n")


def trained_line(audit: Audit) -> str:
    """How much of the seen text is trained."""
    figures, unit = audit.figures, audit.training.unit
    cut = figures.length.total - figures.seen
    rest = f"; {cut:,} more are cut off" if cut else ""
    return f"{figures.trained.total:,} of {figures.seen:,} {unit}{rest}"


def _lines(audit: Audit, notices: Sequence[Notice]) -> Iterator[Text]:
    figures, unit = audit.figures, audit.training.unit
    rows = f"{figures.rows:,} row{'' if figures.rows == 1 else 's'}"
    yield Text.assemble((audit.name, "bold"), f": {rows}; read as {audit.columns}")
    for remark in audit.remarks:
        yield Text(f"  {visible(remark)}", "yellow")
    if figures.length.size:
        share = percent(figures.trained.total, figures.seen)
        yield Text(f"  {share} trained: {trained_line(audit)}", "bold")
        for part in GENERATED:
            count = figures.parts.get(part, 0)
            if not count:
                continue
            drawn = (bar(count / figures.trained.total, _BAR), STYLES[part])
            yield Text.assemble(f"    {part:<{_NAME}}", drawn, f"  {count:,}")
        yield from _plots(figures, unit)
    for notice in notices:
        yield Text(f"  {visible(str(notice))}", "yellow")
    if not notices:
        yield Text("  no notices", "green")


def _plots(figures: Figures, unit: str) -> Iterator[Text]:
    """A line for each distribution."""
    named = {f"{unit} a row": figures.length, "trained a row": figures.trained}
    plots = {name: bars([each.count for each in it.bins()]) for name, it in named.items()}
    width = max(map(len, plots.values()))
    for name, histogram in named.items():
        plot = (f"{plots[name]:<{width}}", "cyan")
        yield Text.assemble(f"    {name:<{_NAME}}", plot, f"  {spread(histogram)}")
    share = (bars(figures.shares), "cyan")
    ends = ("0 % ", "dim"), (" 100 %", "dim")
    yield Text.assemble(f"    {'share trained':<{_NAME}}", ends[0], share, ends[1])
