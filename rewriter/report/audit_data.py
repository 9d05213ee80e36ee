"""The audit of a data set as data, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from rewriter.auditing.audit import Audit
from rewriter.auditing.figures import SHARE_BIN, Found
from rewriter.auditing.histogram import Histogram
from rewriter.picture.picture import Part
from rewriter.report.data import rewrite_data
from rewriter.verification.notices import Notice

_PARTS: Final = {
    "reasoning": Part.REASONING,
    "content": Part.CONTENT,
    "calls": Part.CALL,
    "ends": Part.TURN_END,
}


def audit_data(audit: Audit, notices: Sequence[Notice], template: str) -> dict[str, Any]:
    """What training on one data set would see, as JSON has it.

    Names are added in later versions, and none is taken away or given another meaning:

        data            what the data is called
        training        the template: what `patch` says of a result
        unit            what is counted: "tokens", or "characters" where there is no tokenizer
        max_length      behind how many a row is cut off, or null
        columns         the names of the columns and keys that are read
        remarks         what about the whole of the data is not as it should be
        rows            how many there are
        total           how many tokens they have
        seen            how many of these are left where rows are cut off
        trained         how many of these are trained
        parts           of these, the reasoning, content, calls and ends of turns
        distributions   of a row's tokens ("length"), those trained ("trained") and its messages
                        ("messages"): size, least, half, nine_in_ten, most, and bins, each from
                        low up to, and without, high
        shares          for each five hundredths, how many rows have such a share trained
        notices         of the rows: id, message, rows, and first, the first row's number from 1
        raised, stopped, no_conversations, unprinted, roles
                        how many rows it is true of, and first, by reason or name ("what")

    Args:
        audit: the audit.
        notices: those that are to be given of its rows.
        template: what the template is called.

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


def _found(found: Found) -> dict[str, int]:
    return {"rows": found.rows, "first": found.first + 1}
