"""A picture that you can display in a notebook, print, or save."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Final

from rewriter.picture.picture import Picture

_WIDTH: Final = 100
# The height in a notebook, where the frame scrolls.
_HEIGHT: Final = "min(80vh, 900px)"


@dataclass(frozen=True)
class Shown:
    """A picture of a template, which displays itself in a notebook.

    Attributes:
        picture: the picture, as data.

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
    """A page in a frame, so that its style and the notebook's do not mix."""
    style = f"width: 100%; height: {_HEIGHT}; border: 0"
    return f'<iframe title="{escape(title)}" srcdoc="{escape(html)}" style="{style}"></iframe>'
