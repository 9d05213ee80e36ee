"""The variables of a template that conversations may set."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import TemplateError

from rewriter.tracing.variables import WITHHELD, variables_of


@lru_cache(maxsize=8)
def variables(source: str) -> frozenset[str]:
    """The variables that the template reads but does not set, and that can be passed to it."""
    try:
        return variables_of(source) - WITHHELD
    except TemplateError:
        return frozenset()
