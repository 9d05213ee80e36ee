"""An audit that you can display in a notebook, print, or save."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rewriter.auditing.audit import Audit
from rewriter.auditing.data_notices import data_notices
from rewriter.auditing.figures import Figures
from rewriter.report.shown import in_frame
from rewriter.verification.notice import Notice


@dataclass(frozen=True)
class Audited:
    """What training on a data set would see; it displays itself in a notebook.

    Attributes:
        audit: the figures, and how they were made, as data.
        template: the template's name.

    """

    audit: Audit
    template: str = "chat template"

    @property
    def figures(self) -> Figures:
        """The figures of the audit."""
        return self.audit.figures

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Notices about some of the rows."""
        return data_notices(self.audit)

    @property
    def of_template(self) -> tuple[Notice, ...]:
        """Notices about the template, whatever the data."""
        return self.audit.training.template.notices

    def text(self) -> str:
        """The audit as plain text."""
        from rewriter.report.audit_text import audit_text

        return audit_text(self.audit, self.notices).plain

    @cached_property
    def html(self) -> str:
        """The audit as one page, which loads nothing from anywhere else."""
        from rewriter.report.page.audit_page import audit_page

        return audit_page([(self.audit, self.notices)], self.template, self.of_template)

    def save(self, path: str | Path) -> None:
        """Write the page to a file."""
        Path(path).write_text(self.html, encoding="utf-8", errors="replace", newline="\n")

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return in_frame(f"rewriter: {self.audit.name}", self.html)
