"""Names that the template itself sets, and that are not passed to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rewriter.source.template import Template
from rewriter.tracing.made_from import made_from
from rewriter.tracing.variables import GIVEN, PROVIDED, variables_of

# Functions without text of their own, unlike the clock.
FUNCTIONS: Final = PROVIDED - {"strftime_now"} | {"range"}


def made_here(template: Template) -> Mapping[str, set[str]]:
    """The names that it sets, each with those that its values are made from.

    Not those that may also be passed to it, such as messages when the first is cut off.
    """
    given = variables_of(template.text) | GIVEN
    return {name: made for name, made in made_from(template.tree).items() if name not in given}
