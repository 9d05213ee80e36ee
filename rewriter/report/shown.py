"""A picture as it shows itself: in a notebook, printed, or written to a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Final

from rewriter.picture.picture import Picture

_WIDTH: Final = 100
# In a notebook it has its own scroll bar.
_HEIGHT: Final = "min(80vh, 900px)"


@dataclass(frozen=True)
class Shown:
    """A picture of a template, and how to look at it.

    Attributes:
        picture: what is shown, as data.

    """

    picture: Picture

    def text(self, width: int = _WIDTH) -> str:
        """The picture as plain text, in lines of at most ``width`` columns."""
        from rewriter.report.picture_text import picture_text

        return picture_text(self.picture, width).plain

    @cached_property
    def html(self) -> str:
        """The picture as one page, which loads nothing from anywhere else."""
        from rewriter.report.page.page import page

        return page(self.picture)

    def save(self, path: str | Path) -> None:
        """Write the page to a file."""
        Path(path).write_text(self.html, encoding="utf-8", errors="replace", newline="\n")

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return in_frame(f"rewriter: {self.picture.name}", self.html)


def in_frame(title: str, html: str) -> str:
    """A page in a frame, which keeps its style from the notebook's, and the notebook's from it."""
    style = f"width: 100%; height: {_HEIGHT}; border: 0"
    return f'<iframe title="{escape(title)}" srcdoc="{escape(html)}" style="{style}"></iframe>'
