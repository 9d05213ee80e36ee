"""The page of one picture, written by jinja2; its style and script are files beside this module."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rewriter.errors import RewriteError
from rewriter.picture.picture import DrawnConversation, Picture, share_of
from rewriter.report.explanation import tried_by_reason
from rewriter.report.marked import marked, visible
from rewriter.report.page.source_rows import source_rows
from rewriter.report.page.span_numbers import numbered
from rewriter.report.page.turns import PageTurn, turns
from rewriter.report.picture_text import outcome_line, share_line
from rewriter.verification.report import VerificationFailed


def page(picture: Picture) -> str:
    """The page as HTML; it loads nothing from anywhere else."""
    return environment().get_template("page.html.jinja").render(_given(picture))


@cache
def environment() -> Environment:
    """The jinja2 environment with this package's page templates."""
    found = Environment(
        loader=PackageLoader("rewriter.report.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["visible"] = visible
    return found


def _given(picture: Picture) -> Mapping[str, Any]:
    spans = numbered(picture)
    anchors = {each.offset for each in picture.account if not each.is_of_original}
    bad = _offset_of(picture.refusal, picture.template)
    rows = source_rows(picture, anchors | ({bad} if bad is not None else set()))
    states = Counter(each.state for each in picture.account)
    return {
        "picture": picture,
        "title": re.split(r"[/\\]", picture.name)[-1],
        "share": picture.share,
        "outcome": outcome_line(picture),
        "conversations": [
            _Shown(each, turns(each, spans), share_line(share_of([each])))
            for each in picture.conversations
        ],
        "rows": rows,
        "width": len(str(max((row.variant.number for row in rows if row.variant), default=1))),
        "edits": [
            (number, edit, picture.source.count("\n", 0, edit.start) + 1)
            for number, edit in enumerate(picture.edits, start=1)
        ],
        "reasons": tried_by_reason(picture.tried),
        "states": states.most_common(),
        "failures": _failures(picture.refusal),
        "bad": bad,
        "has_tokens": any(each.tokens is not None for each in picture.conversations),
        "style": own_file("page.css"),
        "script": own_file("theme.js") + own_file("page.js"),
    }


@dataclass(frozen=True, slots=True)
class _Shown:
    drawn: DrawnConversation
    turns: tuple[PageTurn, ...]
    share: str


def _offset_of(error: RewriteError | None, text: str) -> int | None:
    """The offset of an error in the template."""
    if error is None or error.place is None:
        return None
    try:
        return error.place.offset_in(text)
    except ValueError:
        return None  # the place is in a text that is not at hand


def _failures(error: RewriteError | None) -> list[dict[str, Any]]:
    """The promises that the nearest variant broke, each with the printed text and its mask."""
    if not isinstance(error, VerificationFailed):
        return []
    return [
        {
            "promise": each.promise,
            "printed": marked(each.variant or "", each.variant_mask, each.at, brackets=True).plain,
            "raised": each.variant_error,
        }
        for each in error.report.failures[:3]
    ]


@cache
def own_file(name: str) -> Markup:
    """The content of a file of this package, which is safe to insert as it is."""
    return Markup(files("rewriter.report.page").joinpath(name).read_text(encoding="utf-8"))
