"""A broken promise, shown on the smallest conversation that breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from rewriter.errors import Place
from rewriter.report.columns import in_columns, stacked
from rewriter.report.marked import marked, visible, wrong_stretch
from rewriter.verification.contracts import KEPT_TURNS
from rewriter.verification.report import Failure


def failure_text(failure: Failure, *, brackets: bool, width: int = 0) -> Text:
    """The promise, the conversation as JSON, both texts with masks, and the lines at fault.

    Args:
        failure: the broken promise, from a verification.
        brackets: mark masks with ``⟦…⟧`` and errors with ``▸``, not with colour alone.
        width: the terminal's columns; if set, the texts are shown side by side.

    """
    parts = [
        Text(f"broken: {failure.promise}", style="bold red"),
        Text("the smallest conversation that shows it:", style="bold"),
        Text(visible("\n".join(_as_json(failure.conversation)))),
    ]
    panels = list(_panels(failure, brackets=brackets))
    parts += in_columns(panels, width) or stacked(panels)
    parts += _culprit(failure)
    return Text("\n").join(parts).append("\n")


def _as_json(conversation: Mapping[str, Any]) -> Iterator[str]:
    """The conversation as JSON, with a line for each message."""
    for number, (name, value) in enumerate(conversation.items()):
        lead = "{" if number == 0 else " "
        comma = "," if number < len(conversation) - 1 else "}"
        if not isinstance(value, list) or not value:
            yield f"{lead}{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}{comma}"
            continue
        yield f"{lead}{json.dumps(name)}: ["
        *others, last = (json.dumps(item, ensure_ascii=False) for item in value)
        yield from (f"  {item}," for item in others)
        yield f"  {last}]{comma}"


def _panels(failure: Failure, *, brackets: bool) -> Iterator[tuple[Text, Text]]:
    """A heading and the text for each template's output."""
    departs = failure.at if _departs(failure) else None
    if failure.expected is not None:
        yield (
            _heading("what the variant should print:"),
            marked(failure.expected, (), departs, brackets=brackets),
        )
    elif failure.original is not None or failure.original_error:
        mask, error = failure.original_mask, failure.original_error
        yield (
            _heading("what the original prints:"),
            _raised(error)
            if failure.original is None
            else marked(failure.original, mask, departs, brackets=brackets),
        )
    yield (
        _heading("what the variant prints:"),
        _raised(failure.variant_error)
        if failure.variant is None
        else marked(failure.variant, failure.variant_mask, failure.at, brackets=brackets),
    )


def _departs(failure: Failure) -> bool:
    """Whether the text is wrong, rather than the mask."""
    should = failure.expected if failure.expected is not None else failure.original
    return None not in (should, failure.variant) and should != failure.variant


def _raised(error: str) -> Text:
    return Text(visible(f"(nothing: it raises {error})" if error else "(nothing: it raises)"))


def _heading(words: str) -> Text:
    return Text(words, style="bold")


def _culprit(failure: Failure) -> Iterator[Text]:
    """The source lines that printed the wrong text, or should have printed the right one."""
    if failure.at is None or failure.variant is None:
        return
    if failure.place is not None:
        yield from _line(_wrong(failure, failure.variant, failure.at), failure.place)
    if failure.original_place is not None and failure.original is not None:
        missing = _quoted(failure.original, failure.at)
        if missing:
            yield from _line(f"the original has {missing} there, which", failure.original_place)


def _wrong(failure: Failure, text: str, at: int) -> str:
    """A phrase that says what is wrong."""
    printed = _quoted(text, at)
    if not printed:
        return "the variant's text ends there; its last character"
    if failure.promise == KEPT_TURNS:
        return f"{printed}, printed instead of the expected text,"
    if _departs(failure):
        return f"the variant has {printed} there, which"
    inside = any(start <= at < end for start, end in failure.variant_mask)
    return f"{printed} is {'in' if inside else 'not in'} the mask, and"


def _quoted(text: str, at: int) -> str:
    start, end = wrong_stretch(text, at)
    return repr(text[start:end]) if start < end else ""


def _line(what: str, place: Place) -> Iterator[Text]:
    yield _heading(f"{what} is printed in line {place.line}, column {place.column}:")
    yield Text(place.drawn())
