"""Sections on an original and on its variant, for a project's documentation.

They are generated from the data and from the actual edits, so they cannot go out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rewriter.engine.families import Supports
from rewriter.engine.transforms import Contract, transform_named
from rewriter.report.outcome import lines_touched
from rewriter.report.table import supported

if TYPE_CHECKING:
    from rewriter.rewriting.result import Rewrite

# Jinja tags, and text that Markdown would read as HTML.
_CODE: Final = re.compile(r"\{%.*?%\}|</?\w+>")
_TICKS: Final = re.compile("`+")


def original_section(title: str, file: str, supports: Supports, model: str = "") -> str:
    """The section on an original, in Markdown.

    Args:
        title: the family's title.
        file: the name of the original's file.
        supports: what it renders.
        model: a model that ships it, if one is known.

    """
    shipped = f" (as shipped by `{model}`)" if model else ""
    words = [f"Original {title} chat template{shipped}."]
    if renders := supported(supports):
        words.append(f"Supports: {renders}.")
    return f"### `{file}`\n\n{' '.join(words)}"


def variant_section(
    title: str, original: str, file: str, result: Rewrite, *, longest_diff: int = 0
) -> str:
    """The section on a training variant: the changes to the original, and the diff if short.

    Args:
        title: the family's title.
        original: the name of the original's file.
        file: the name of the variant's file.
        result: the variant, and how it came about.
        longest_diff: the most lines of a diff to show; 0 for no diff.

    """
    changes = [_change(name) for name in result.transforms]
    if len(changes) > 1:
        changes = ["\n".join(f"- {change}" for change in changes)]
    parts = [
        f"### `{file}`",
        f"Patched {title} template. Diff vs `{original}`, {_extent(result)}:",
        *changes,
        *_diff(result, longest_diff),
    ]
    return "\n\n".join(parts)


def _extent(result: Rewrite) -> str:
    """How much of the original was edited."""
    edits, touched = len(result.edits), lines_touched(result.source, result.edits)
    lines = result.source.rstrip("\n").count("\n") + 1
    places = "one place" if edits == 1 else f"{edits} places"
    return f"in {places} on {touched} of its {lines} lines" if lines > 1 else f"in {places}"


def _change(transform: str) -> str:
    """What the transform does and promises."""
    known = transform_named(transform)
    summary = _CODE.sub(lambda match: f"`{match.group()}`", known.summary)
    return f"{summary} {_promise(known.contract)}".rstrip()


def _promise(contract: Contract) -> str:
    """How the printed text changes, if it is not always the same."""
    match contract:
        case Contract(relation="widens"):
            return "What the original renders is printed as before."
        case Contract(relation="differs", buys=str(bought)):
            return f"The text differs from the original's, so that the template is {bought}."
        case Contract(relation="differs"):
            return "The text differs from the original's."
        case Contract(exempt=str(exempt)):
            return f"The text is the same, but where `{exempt}`."
    return ""


def _diff(result: Rewrite, longest: int) -> Iterator[str]:
    lines = result.diff().split("\n")[2:-1]
    if 0 < len(lines) <= longest:
        text = "\n".join(lines)
        fence = max(["``", *_TICKS.findall(text)], key=len) + "`"
        yield f"{fence}diff\n{text}\n{fence}"
