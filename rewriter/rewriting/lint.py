"""One template linted: what is done in another process, of which the caller needs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewriter.verification.preconditions.finding import Finding


def linted(source: str) -> tuple[bool, tuple[Finding, ...]]:
    """Whether there is a ``generation`` block in a template, and what is unmet of each.

    Raises:
        BadInput: it is no template.

    """
    from rewriter.source.template import Template
    from rewriter.verification.lint import lint

    template = Template(source)
    return template.is_marked, lint(template)
