"""Verify one template, against its original or by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from rewriter.engine.families import family_named, recognise
from rewriter.engine.plan import Subject
from rewriter.engine.planner import wraps
from rewriter.errors import RewriteError
from rewriter.rewriting.other_policy import with_other_policy
from rewriter.rewriting.rewrite import recipe_of
from rewriter.source.template import Template
from rewriter.tracing.fields import Fields
from rewriter.turns.parts import EmptyThoughts, Policy

if TYPE_CHECKING:
    from rewriter.conversations.draft import Draft
    from rewriter.tracing.conversation import Conversation
    from rewriter.verification.report import Report

T = TypeVar("T")


def pair_verified(
    original: str,
    variant: str,
    transforms: tuple[str, ...] | None,
    *,
    family: str | None,
    policy: Policy,
    names: tuple[str, str],
    examples: int,
    seed: int,
    draw: Callable[[int, int], Sequence[Draft]],
    conversations: tuple[Conversation, ...] | None,
    widens: bool,
    fields: Fields,
    empty_thoughts: EmptyThoughts | None,
) -> Report:
    """The report on a variant and its original; the arguments are those of `rewriter.verify`."""
    from rewriter.rewriting.promises import promised
    from rewriter.verification.check import verify_pair

    subject = _named(names[0], lambda: Subject(original, policy, fields=fields))
    is_marked = _named(names[1], lambda: Template(variant).is_marked)
    known = family_named(family) if family else recognise(original)
    recipe = recipe_of(known, policy, transforms) or ()
    contract = promised(subject, recipe)
    contract = replace(contract, widens=contract.widens or widens)
    # Transforms that add no block are for a goal other than the mask.
    masked = transforms is None or is_marked or any(map(wraps, recipe))
    judge = partial(
        verify_pair,
        original,
        variant,
        contract,
        examples=examples,
        seed=seed,
        draw=draw,
        regressions=known.conversations if known else (),
        conversations=conversations,
        fields=fields,
        empty_thoughts=empty_thoughts,
        masked=masked,
    )
    return _judged(judge, policy)


def alone_verified(
    variant: str,
    *,
    policy: Policy,
    examples: int,
    seed: int,
    draw: Callable[[int, int], Sequence[Draft]],
    conversations: tuple[Conversation, ...] | None,
    fields: Fields,
    empty_thoughts: EmptyThoughts | None,
) -> Report:
    """The report on a marked template; the arguments are those of `rewriter.verify_marked`."""
    from rewriter.verification.check import verify_alone

    judge = partial(
        verify_alone,
        variant,
        examples=examples,
        seed=seed,
        draw=draw,
        conversations=conversations,
        fields=fields,
        empty_thoughts=empty_thoughts,
    )
    return _judged(judge, policy)


def _judged(judge: Callable[..., Report], policy: Policy) -> Report:
    """The report under a policy, with a notice if the mask holds under the other one."""
    from rewriter.verification.prompted_space import ALLOWED_SPACE

    def under(each: Policy) -> Report:
        return judge(policy=each, prompted_space=ALLOWED_SPACE[each])

    return with_other_policy(under(policy), policy, under)


def _named(name: str, attempt: Callable[[], T]) -> T:
    try:
        return attempt()
    except RewriteError as error:
        raise error.named(name) from None
