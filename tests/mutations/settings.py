"""Mutants that write out what they are told, or print what they are not to."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from rewriter.tracing.clock import STOPPED
from rewriter.tracing.probes import SPECIAL_TOKENS
from tests.mutations.anatomy import Anatomy
from tests.mutations.editing import Edit, edited, literal, tags_at

_CLOCK = "strftime_now"
_TOLD_BY = "printed"


def token_written_out(anatomy: Anatomy) -> Iterator[str]:
    """A special token stands in the text, where the template should be told it."""
    for name in anatomy.template.tree.find_all(nodes.Name):
        span = anatomy.template.span(name)
        if name.ctx == "load" and name.name in SPECIAL_TOKENS and span is not None:
            yield edited(anatomy, Edit(*span, literal(SPECIAL_TOKENS[name.name])))


def date_written_out(anatomy: Anatomy) -> Iterator[str]:
    """The time stands in the text, where the template should ask for it."""
    for call in anatomy.template.tree.find_all(nodes.Call):
        span = anatomy.template.span(call)
        if span is None or getattr(call.node, "name", None) != _CLOCK:
            continue
        for asked in call.args:
            if isinstance(asked, nodes.Const):
                yield edited(anatomy, Edit(*span, literal(STOPPED.strftime(asked.value))))


def name_printed(anatomy: Anatomy) -> Iterator[str]:
    """A key that the template does not read is printed in a turn, before what is said."""
    for spot in anatomy.outputs:
        message = anatomy.message(spot.around)
        if message and anatomy.printed(spot.item).said:
            for key in ("name", _TOLD_BY):
                told = f"{{{{ {message}.get({literal(key)}, '') }}}}"
                yield edited(anatomy, tags_at(anatomy, spot.item.span.start, told))


def variable_printed(anatomy: Anatomy) -> Iterator[str]:
    """A variable that the template does not read is printed before all else."""
    yield edited(anatomy, tags_at(anatomy, 0, f"{{{{ {_TOLD_BY} or '' }}}}"))
