"""Small plots in text: a row of bars for a histogram, one bar for a share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rewriter.auditing.histogram import Histogram

_HEIGHTS: Final = "▁▂▃▄▅▆▇█"
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


def bars(counts: Sequence[int]) -> str:
    """A bar for each count, the highest filling the line; a blank for zero."""
    most = max(counts, default=0)
    return "".join(
        _HEIGHTS[(len(_HEIGHTS) - 1) * count // most] if count else " " for count in counts
    )


def bar(share: float, width: int) -> str:
    """A bar that fills ``share`` of the width."""
    eighths = round(share * width * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(width)


def spread(histogram: Histogram) -> str:
    """The minimum, the median, the 90th percentile and the maximum."""
    parts = (
        ("least", histogram.least),
        ("half to", histogram.quantile(0.5)),
        ("9 in 10 to", histogram.quantile(0.9)),
        ("most", histogram.most),
    )
    return " · ".join(f"{name} {number:,}" for name, number in parts)
