"""The audit of a data set as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from rewriter.auditing.audit import Audit
from rewriter.auditing.figures import SHARE_BIN, Found
from rewriter.auditing.histogram import Histogram
from rewriter.picture.picture import Part
from rewriter.report.data import rewrite_data
from rewriter.verification.notice import Notice

_PARTS: Final = {
    "reasoning": Part.REASONING,
    "content": Part.CONTENT,
    "calls": Part.CALL,
    "ends": Part.TURN_END,
}


def audit_data(audit: Audit, notices: Sequence[Notice], template: str) -> dict[str, Any]:
    """What training on one data set would see, as JSON.

    Later versions may add names, but never remove one or change its meaning:

        data            the data set's name
        training        the template, as `patch` describes a result
        unit            what is counted: "tokens", or "characters" without a tokenizer
        max_length      the number at which a row is truncated, or null
        columns         the names of the columns and keys that are read
        remarks         what is wrong with the data as a whole
        rows            the number of rows
        total           the number of tokens in them
        seen            how many of these are left after truncation
        trained         how many of these are trained
        parts           of these, the reasoning, content, calls and ends of turns
        distributions   of a row's tokens ("length"), those trained ("trained") and its messages
                        ("messages"): size, least, half, nine_in_ten, most, and bins, each from
                        low up to, but not including, high
        shares          for each step of 5 %, the number of rows with such a share trained
        notices         of the rows: id, message, rows, and first, the first row's number from 1
        raised, stopped, no_conversations, unprinted, roles
                        the number of rows, and first, by reason or name ("what")

    Args:
        audit: the audit.
        notices: the notices to give about its rows.
        template: the template's name.

    """
    figures = audit.figures
    columns = {name: value for name, value in asdict(audit.columns).items() if value}
    return {
        "data": audit.name,
        "training": rewrite_data(audit.training.template.made, template),
        "unit": audit.training.unit,
        "max_length": audit.training.max_length,
        "columns": columns,
        "remarks": list(audit.remarks),
        "rows": figures.rows,
        "total": figures.length.total,
        "seen": figures.seen,
        "trained": figures.trained.total,
        "parts": {name: figures.parts.get(part, 0) for name, part in _PARTS.items()},
        "distributions": {
            "length": _distribution(figures.length),
            "trained": _distribution(figures.trained),
            "messages": _distribution(figures.messages),
        },
        "shares": [
            {"from": at * SHARE_BIN, "to": (at + 1) * SHARE_BIN, "rows": rows}
            for at, rows in enumerate(figures.shares)
        ],
        "notices": [
            {"id": each.id, "message": each.message, **_found(figures.notices[each.id])}
            for each in notices
        ],
        "raised": _counted(figures.raised),
        "stopped": _counted(figures.stopped),
        "no_conversations": _counted(figures.no_conversations),
        "unprinted": _counted(figures.unprinted),
        "roles": _counted(figures.roles),
    }


def _distribution(histogram: Histogram) -> dict[str, Any]:
    return {
        "size": histogram.size,
        "least": histogram.least,
        "half": histogram.quantile(0.5),
        "nine_in_ten": histogram.quantile(0.9),
        "most": histogram.most,
        "bins": [asdict(each) for each in histogram.bins()],
    }


def _counted(counted: Mapping[str, Found]) -> list[dict[str, Any]]:
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1].rows, pair[0]))
    return [{"what": name, **_found(found)} for name, found in ranked]


def _found(affected: Found) -> dict[str, int]:
    return {"rows": affected.rows, "first": affected.first + 1}
