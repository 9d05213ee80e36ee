"""The pages of a whole batch: one for each template, and an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewriter.report.outcome import Outcome
    from rewriter.report.page.index_page import IndexPicture


@dataclass(frozen=True, slots=True)
class FamilyPages:
    """The pages of one command.

    Attributes:
        folder: where to write them; ``None`` for no pages.
        title: the batch's name.

    """

    folder: Path | None
    title: str
    _pictures: dict[str, IndexPicture] = field(default_factory=dict)

    def write_page(self, outcome: Outcome) -> Outcome:
        """Write the page of an outcome, and return it without its picture, which may be large.

        Raises:
            BadInput: it cannot be written.

        """
        from rewriter.cli.pages import write_page
        from rewriter.report.page.index_page import index_picture
        from rewriter.report.page.page import page

        if self.folder is None or outcome.picture is None:
            return outcome
        # Variants have distinct names, and none is named like the index.
        name = f"{outcome.file}.html"
        write_page(self.folder / name, page(outcome.picture))
        self._pictures[outcome.original] = index_picture(outcome.picture, name)
        return replace(outcome, picture=None)

    def write_index(self, finished: Sequence[Outcome]) -> None:
        """Write the index of all outcomes.

        Raises:
            BadInput: it cannot be written.

        """
        from rewriter.cli.pages import write_page
        from rewriter.report.page.index_page import index_page

        if self.folder is None:
            return
        entries = [(each, self._pictures.get(each.original)) for each in finished]
        what = f"{self.title}, {len(self._pictures)} of {len(finished)} with a page"
        write_page(self.folder / "index.html", index_page(self.title, entries), what)
