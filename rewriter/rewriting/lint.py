"""Lint one template; callers run this in another process, and need not import its modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rewriter.verification.preconditions.finding import Finding


def linted(source: str) -> tuple[bool, tuple[Finding, ...]]:
    """Whether a template has ``generation`` blocks, and the unmet preconditions of each.

    Raises:
        BadInput: it is not a template.

    """
    from rewriter.source.template import Template
    from rewriter.verification.lint import lint

    template = Template(source)
    return template.is_marked, lint(template)
