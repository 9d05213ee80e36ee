"""A broken promise, shown on the smallest conversation that breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rich.text import Text

from rewriter.verification.report import Failure

_MASKED = "black on green"
# Shown one for one, so that the mask's offsets still hold.
_VISIBLE = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
_VISIBLE |= dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)


def failure_text(failure: Failure, *, brackets: bool) -> Text:
    """The promise, the conversation as JSON, and both texts with what the mask holds marked.

    Args:
        failure: what verification found.
        brackets: mark with ``⟦…⟧`` rather than with colour.

    """
    conversation = json.dumps(failure.conversation, indent=2, ensure_ascii=False)
    parts = [
        Text(failure.promise, style="bold red"),
        Text("the smallest conversation that shows it:", style="bold"),
        Text(conversation.translate(_VISIBLE)),
        Text("what the original prints:", style="bold"),
        _masked(failure.original, failure.original_mask, brackets=brackets),
        Text("what the variant prints:", style="bold"),
        _masked(failure.variant, failure.variant_mask, brackets=brackets),
    ]
    return Text("\n").join(parts).append("\n")


def _masked(text: str | None, spans: Iterable[tuple[int, int]], *, brackets: bool) -> Text:
    if text is None:
        return Text("(nothing: it raises)", style="italic")
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
