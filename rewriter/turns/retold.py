"""Answers that a template tells again instead of printing their turn, as in a memo of old ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace
from rewriter.turns.openings import lead
from rewriter.turns.parts import ASSISTANT
from rewriter.turns.stop_token import StopToken

# A header of fewer characters may stand anywhere.
_SHORTEST: Final = 3


def retold_answers(
    traced: TracedTemplate,
    trace: Trace,
    messages: Sequence[Mapping[str, Any]],
    header: str,
    stop: StopToken,
    options: Mapping[str, Any],
) -> frozenset[int]:
    """The messages that have the assistant's ``header`` while they are the last, and here do not.

    ``trace`` is the render of ``messages`` with ``options``. A turn that ends in the ``stop`` has a
    header that is spelled otherwise.
    """
    bare = header.strip()
    if len(bare) < _SHORTEST:
        return frozenset()
    unheaded = (
        index
        for index, message in enumerate(messages[:-1])
        if message.get("role") == ASSISTANT
        and bare not in lead(trace, index)
        and not stop.ends(trace, index)
    )
    alone = ((index, traced.attempted(messages[: index + 1], **options)) for index in unheaded)
    return frozenset(index for index, one in alone if one and bare in lead(one, index))
