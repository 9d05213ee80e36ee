"""What transformers prints, and which part of it is in its mask: the judge of every test."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from transformers.utils.chat_template_utils import render_jinja_template

OPEN, CLOSE = "⟦", "⟧"


class Rendered(NamedTuple):
    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def mask(self) -> str:
        """A ``#`` for each character in the mask, a ``.`` for each other."""
        mask = ["."] * len(self.text)
        for start, end in self.spans:
            mask[start:end] = "#" * (end - start)
        return "".join(mask)

    @property
    def core(self) -> list[tuple[int, int]]:
        """The stretches of the mask, without whitespace at their edges."""
        stretches: list[tuple[int, int]] = []
        for run in re.finditer("#+", self.mask):
            text = self.text[run.start() : run.end()]
            start = run.start() + len(text) - len(text.lstrip())
            if text.strip():
                stretches.append((start, start + len(text.strip())))
        return stretches

    @property
    def marked(self) -> str:
        """The text with brackets around each stretch that is in the mask."""
        parts: list[str] = []
        inside = False
        for character, mark in zip(self.text, self.mask, strict=True):
            if (mark == "#") is not inside:
                inside = not inside
                parts.append(OPEN if inside else CLOSE)
            parts.append(character)
        return "".join(parts) + (CLOSE if inside else "")


def rendered(template: str, messages: Sequence[dict[str, Any]], **options: Any) -> Rendered:
    """One conversation through transformers, which raises whatever the template raises."""
    (text,), (spans,) = render_jinja_template(
        [list(messages)], chat_template=template, return_assistant_tokens_mask=True, **options
    )
    return Rendered(text, tuple(map(tuple, spans)))


def printed_or_raised(template: str, messages: Sequence[dict[str, Any]], **options: Any) -> object:
    """The render, or the type of what the template raises instead."""
    return done_or_raised(lambda: rendered(template, messages, **options))


def done_or_raised(call: Callable[[], object]) -> object:
    """What ``call`` returns, or the type of what it raises."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 — a template may raise anything
        return type(error)
