"""What a template itself sets, and nobody gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rewriter.source.template import Template
from rewriter.tracing.made_from import made_from
from rewriter.tracing.variables import GIVEN, PROVIDED, variables_of

# They give no text of their own; the clock does.
FUNCTIONS: Final = PROVIDED - {"strftime_now"} | {"range"}


def made_here(template: Template) -> Mapping[str, set[str]]:
    """The names that it sets, each with those that its values are made from.

    A name that is set may be given as well, as where the first message is cut off: it is not here.
    """
    given = variables_of(template.tree) | GIVEN
    return {name: made for name, made in made_from(template.tree).items() if name not in given}
