"""A request to rewrite one template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rewriter.conversations.drafting import generated
from rewriter.engine.families import Family
from rewriter.engine.transforms import MASK, Goal
from rewriter.errors import BadInput
from rewriter.tracing.fields import LISTED, Fields
from rewriter.turns.parts import EMPTY_THOUGHTS, EmptyThoughts, Policy

if TYPE_CHECKING:
    from rewriter.conversations.draft import Draft


@dataclass(frozen=True, slots=True)
class Request:
    """A request to rewrite a template; `rewriter.rewrite` documents its arguments.

    ``family`` may also be the family itself, and ``draw`` draws a number of drafts with a seed.
    """

    source: str
    policy: Policy
    family: Family | str | None = None
    transforms: tuple[str, ...] | None = None
    goals: tuple[Goal, ...] = (MASK,)
    verify: bool | Literal["afresh"] = True
    examples: int = 200
    seed: int = 0
    header_comment: bool = False
    fields: Fields = LISTED
    draw: Callable[[int, int], Sequence[Draft]] = generated
    exclude_turns_by: str | None = None
    empty_thoughts: EmptyThoughts | None = None

    @property
    def is_usual(self) -> bool:
        """Whether no option changes the mask of a variant that is on file."""
        return not self.fields.declared and self.empty_thoughts is None


def empty_thoughts_given(empty_thoughts: EmptyThoughts | None) -> EmptyThoughts | None:
    """The value.

    Raises:
        BadInput: it is not one of the choices for empty thoughts.

    """
    if empty_thoughts is None or empty_thoughts in EMPTY_THOUGHTS:
        return empty_thoughts
    choices = ", ".join(EMPTY_THOUGHTS)
    raise BadInput(
        f"empty thoughts cannot be {empty_thoughts!r}", hint=f"they are one of: {choices}"
    )
