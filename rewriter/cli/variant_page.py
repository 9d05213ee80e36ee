"""The page of a command's variant, for review, or of the refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.errors import Conflict, Refused, Stopped

if TYPE_CHECKING:
    from rewriter.limits import Limits
    from rewriter.picture.picture import Picture
    from rewriter.rewriting.request import Request
    from rewriter.rewriting.result import Rewrite


@dataclass(frozen=True, slots=True)
class VariantPage:
    """A page that is written if a file is named for it.

    Attributes:
        out: the file, or ``None``.
        name: the template's name.
        request: the template, and how to make its variant.
        limits: the limits for drawing it.

    """

    out: Path | None
    name: str
    request: Request
    limits: Limits

    def write(self, result: Rewrite) -> None:
        """Write the page of the variant.

        Raises:
            BadInput: it cannot be written.
            Stopped: drawing it exceeds a limit.

        """
        from rewriter.confinement.limited import within
        from rewriter.picture.drawing import drawn_variant

        if self.out:
            draw = partial(drawn_variant, self.request, self.name, result)
            self._write(self.out, within(self.limits, self.name, draw))

    @contextmanager
    def of_a_refusal(self) -> Iterator[None]:
        """Write the page of a refusal that is raised in the block."""
        try:
            yield
        except (Refused, Conflict) as error:
            if self.out:
                self._write(self.out, self._refused(error))
            raise

    def _refused(self, error: Refused | Conflict) -> Picture:
        from rewriter.confinement.limited import within
        from rewriter.picture.drawing import drawn_refusal, picture_of_error

        if isinstance(error, Stopped):
            return picture_of_error(self.request, self.name, error)
        draw = partial(drawn_refusal, self.request, self.name, error)
        return within(self.limits, self.name, draw)

    def _write(self, out: Path, picture: Picture) -> None:
        from rewriter.cli.pages import write_page
        from rewriter.report.page.page import page

        write_page(out, page(picture), picture.name)
