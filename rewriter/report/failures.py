"""A broken promise, shown on the smallest conversation that breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from rich.text import Text

from rewriter.errors import Place
from rewriter.report.columns import beside
from rewriter.verification.report import Failure

_MASKED = "black on green"
_WRONG = "bold white on red"
# Shown one for one, so that the mask's offsets still hold.
_VISIBLE = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
_VISIBLE |= dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)


def failure_text(failure: Failure, *, brackets: bool, width: int = 0) -> Text:
    """The promise, the conversation as JSON, both texts with their masks, and who printed it.

    Args:
        failure: what verification found.
        brackets: mark with ``⟦…⟧`` rather than with colour.
        width: how many columns there are; the texts stand side by side where they fit.

    """
    conversation = json.dumps(failure.conversation, indent=2, ensure_ascii=False)
    parts = [
        Text(failure.promise, style="bold red"),
        Text("the smallest conversation that shows it:", style="bold"),
        Text(conversation.translate(_VISIBLE)),
    ]
    panels = list(_panels(failure, brackets=brackets))
    together = beside(panels, width)
    parts += together or [each for panel in panels for each in panel]
    parts += _culprit(failure)
    return Text("\n").join(parts).append("\n")


def _panels(failure: Failure, *, brackets: bool) -> Iterator[tuple[Text, Text]]:
    """Heading and text of what each template prints."""
    if failure.expected is not None:
        yield _heading("what the variant should print:"), Text(failure.expected.translate(_VISIBLE))
    elif failure.original is not None or failure.original_error:
        mask, error = failure.original_mask, failure.original_error
        shown = _printed(failure.original, mask, error, brackets=brackets)
        yield _heading("what the original prints:"), shown
    mask, error = failure.variant_mask, failure.variant_error
    shown = _printed(failure.variant, mask, error, brackets=brackets)
    if failure.at is not None and not brackets:
        shown.stylize(_WRONG, failure.at, failure.at + 1)
    yield _heading("what the variant prints:"), shown


def _heading(words: str) -> Text:
    return Text(words, style="bold")


def _culprit(failure: Failure) -> Iterator[Text]:
    """The lines that printed the first wrong character, and what should stand there."""
    if failure.at is None or failure.variant is None:
        return
    wrong = failure.variant[failure.at : failure.at + 1]
    if failure.place is not None:
        what = f"the first wrong character, {wrong!r}," if wrong else "the end, which comes early,"
        yield from _line(what, failure.place)
    if failure.original_place is not None and failure.original is not None:
        missing = failure.original[failure.at : failure.at + 1]
        if missing:
            yield from _line(f"the original has {missing!r} there, which", failure.original_place)


def _line(what: str, place: Place) -> Iterator[Text]:
    yield _heading(f"{what} is printed in line {place.line}, column {place.column}:")
    yield Text(place.drawn())


def _printed(
    text: str | None, spans: Iterable[tuple[int, int]], error: str, *, brackets: bool
) -> Text:
    if text is None:
        raised = f"(nothing: it raises {error})" if error else "(nothing: it raises)"
        return Text(raised.translate(_VISIBLE), style="italic")
    shown = Text()
    position = 0
    visible = text.translate(_VISIBLE)
    for start, end in _united(spans):
        shown.append(visible[position:start])
        inside = visible[start:end]
        shown.append(f"⟦{inside}⟧" if brackets else inside, style=_MASKED)
        position = end
    return shown.append(visible[position:])


def _united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that touch as one: only their union is the mask."""
    united: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        elif start < end:
            united.append((start, end))
    return united
