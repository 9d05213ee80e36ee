"""The kinds of characters in a rendered conversation, and which of them a mask holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, get_args
from typing import Literal as OneOf

from rewriter.tracing.trace import Trace

OUTSIDE: Final = "."
PROMPT: Final = "p"
PREFILL: Final = "f"
GENERATED: Final = "g"
TRAILING: Final = "t"
# In an assistant's turn, but not written by the model: given, or unknown.
FOREIGN: Final = "e"
# An empty thought that is outside the mask.
NO_THOUGHT: Final = "n"
# Neither the cue nor provenance shows what it is.
UNTOLD: Final = "?"

Policy: TypeAlias = OneOf["strict", "trl"]
# Who writes an empty thought that the template inserts.
EmptyThoughts: TypeAlias = OneOf["generated", "prompted"]
POLICIES: Final[tuple[Policy, ...]] = get_args(Policy)
EMPTY_THOUGHTS: Final[tuple[EmptyThoughts, ...]] = get_args(EmptyThoughts)
INSIDE: Final[Mapping[Policy, frozenset[str]]] = {
    "strict": frozenset({GENERATED}),
    "trl": frozenset({GENERATED, PREFILL, TRAILING}),
}
ASSISTANT: Final = "assistant"


def empty_thoughts_under(policy: Policy, chosen: EmptyThoughts | None) -> EmptyThoughts | None:
    """Who writes empty thoughts: as ``chosen``, else nobody under ``strict``."""
    return "prompted" if chosen is None and policy == "strict" else chosen


@dataclass(frozen=True, slots=True)
class Parts:
    """A trace, with one of the kinds above for each of its characters.

    ``late`` are the characters of an end of the assistant's turn that the next turn prints, and
    ``empty_thoughts`` the texts of empty thoughts that the model does not write. ``retold`` are the
    messages of answers that are told again, and have no turn.
    """

    trace: Trace
    kinds: str
    late: frozenset[int] = frozenset()
    empty_thoughts: frozenset[str] = frozenset()
    retold: frozenset[int] = frozenset()

    def inside(self, policy: Policy) -> tuple[tuple[int, int], ...]:
        """The spans that the mask must hold."""
        inside = INSIDE[policy]
        spans: list[tuple[int, int]] = []
        for at, kind in enumerate(self.kinds):
            if kind in inside:
                if spans and spans[-1][1] == at:
                    spans[-1] = (spans[-1][0], at + 1)
                else:
                    spans.append((at, at + 1))
        return tuple(spans)
