"""Plan, edit and prove one template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from rewriter.engine.families import Family, catalog_of, family_named, recognise
from rewriter.engine.plan import Subject
from rewriter.engine.planner import (
    Recipe,
    ended,
    ending,
    excluding,
    recipes_for,
    serving,
    wrapped_otherwise,
)
from rewriter.engine.transforms import (
    GOALS,
    MASK,
    STOP_TOKEN,
    End,
    Goal,
    transform_named,
)
from rewriter.errors import BadInput, Reason, Refused
from rewriter.rewriting.kept_edits import kept_rewrite
from rewriter.rewriting.request import Request
from rewriter.rewriting.result import Rewrite
from rewriter.rewriting.rounds import first_proven
from rewriter.source.edits import Edit
from rewriter.tracing.variables import flags_of
from rewriter.turns.parts import Policy
from rewriter.verification.message_notices import rendered_notices
from rewriter.verification.notice import BY_RENDERING, Notice
from rewriter.verification.notices import needs_eos_token, notices_of


def rewritten(request: Request) -> Rewrite:
    """The requested variant; raises the errors of `rewriter.rewrite`."""
    known = _family(request)
    result = kept_rewrite(request, known) if known and request.verify != "afresh" else None
    if result is None:
        return planned(request)
    return _with_header(result, known) if request.header_comment else result


def planned(request: Request) -> Rewrite:
    """Like `rewritten`, without the kept edits."""
    known = _family(request)
    # A variant on file needs no further work.
    plain = bool(known and known.proven(request.policy))
    subject = Subject(
        request.source,
        request.policy,
        plain=plain,
        fields=request.fields,
        empty_thoughts=request.empty_thoughts,
    )
    try:
        if not subject.template.is_marked:
            return _made_either_way(request, subject, known)
        from rewriter.rewriting.marked import judged_marks

        # The marks stay, and transforms for other goals work around them.
        request = replace(request, goals=tuple(goal for goal in request.goals if goal != MASK))
        result = _made(request, subject, known) if request.goals else _unchanged(request, known)
        return judged_marks(result, request)
    finally:
        subject.forget()


def _made_either_way(request: Request, subject: Subject, known: Family | None) -> Rewrite:
    """The requested variant; with empty thoughts if nobody chose and none can leave them out."""
    try:
        return _made(request, subject, known)
    except Refused:
        if request.empty_thoughts or request.policy != "strict" or not subject.has_empty_thoughts:
            raise
        with suppress(Refused):
            return planned(replace(request, empty_thoughts="generated"))
        raise


def _made(request: Request, subject: Subject, known: Family | None) -> Rewrite:
    """The requested variant of a template that is not on file."""
    recipe = recipe_of(known, request.policy, request.transforms, request.goals)
    ends = ending(subject, request.goals)
    if ends and subject.template.is_marked:
        raise Refused(
            "some of its turns have no end, and none can be added to a marked template",
            reason=Reason.MARKED,
            hint="remove the marks with rewriter strip, and add the goal assistant-mask",
        )
    if recipe is None:
        recipes = tuple(recipes_for(request.goals, ends))
    else:
        recipes = (recipe if request.transforms is not None else ended(recipe, ends),)
        if request.empty_thoughts and request.transforms is None:
            # A family's recipe fits what its policy says of them.
            recipes = tuple(wrapped_otherwise(*recipes))
    if request.exclude_turns_by:
        recipes = tuple(excluding(recipe, request.exclude_turns_by) for recipe in recipes)
    result = first_proven(subject, recipes, known, request)
    if result.edits and MASK in request.goals:
        has_ends = any(transform_named(name).goal == STOP_TOKEN for name in result.transforms)
        found = notices_of(subject.traced, ends=has_ends, closely=result.report is not None)
        result = replace(result, notices=(*found, *_shown_notices(result, subject)))
    if _ends_in_eos(result, subject):
        result = replace(result, notices=(*result.notices, needs_eos_token()))
    return _with_header(result, known) if request.header_comment and result.edits else result


def _shown_notices(result: Rewrite, subject: Subject) -> Iterable[Notice]:
    """The notices from rendering the variant, if its proof has not collected them."""
    if result.report is None:
        flags, needed = flags_of(subject.template.tree), subject.traced.needed
        return rendered_notices(result.template, flags, needed=needed)
    return (notice for notice in result.report.notices if notice.id in BY_RENDERING)


def _unchanged(request: Request, known: Family | None) -> Rewrite:
    """The result for a template that needs no change."""
    return Rewrite(
        request.source,
        request.source,
        (),
        (),
        known.name if known else None,
        request.policy,
        empty_thoughts=request.empty_thoughts,
        catalog=catalog_of(known) if known else None,
    )


def _ends_in_eos(result: Rewrite, subject: Subject) -> bool:
    """Whether a variant's turns end in ``eos_token``, unlike the original's."""
    ends = any(transform_named(name).uses(End) for name in result.transforms)
    return ends and subject.missing_ends is not None and not subject.missing_ends.text


def _family(request: Request) -> Family | None:
    if isinstance(request.family, str):
        return family_named(request.family)
    return request.family or recognise(request.source)


def recipe_of(
    known: Family | None,
    policy: Policy,
    transforms: Sequence[str] | None,
    goals: Sequence[Goal] = (MASK,),
) -> Recipe | None:
    """The named transforms, else those of the family, or ``None`` if there are none.

    Transforms for goals beyond a family's recipe come before it.

    Raises:
        BadInput: a transform or goal is unknown.

    """
    for goal in goals:
        if goal not in GOALS:
            raise BadInput(f"there is no goal {goal!r}", hint=f"the goals are: {', '.join(GOALS)}")
    if transforms is not None:
        return tuple(transform_named(name) for name in transforms)
    if known is None or not known.recipe or MASK not in goals:
        return None
    recipe = tuple(transform_named(name) for name in known.recipe_under(policy))
    served = {transform.goal for transform in recipe}
    return (*serving([goal for goal in goals if goal not in served]), *recipe)


def _with_header(result: Rewrite, known: Family | None) -> Rewrite:
    """The variant with a comment before it, which contains no marker and prints nothing."""
    title = f"the {known.title}" if known else "a"
    reasons = dict.fromkeys((edit.transform, edit.reason) for edit in result.edits)
    lines = [f"    - {transform}: {reason}" for transform, reason in reasons]
    newline = "\r\n" if "\r\n" in result.source else "\n"
    text = [f"{{# Training variant of {title} chat template.", "   What was changed:", *lines, "#}"]
    comment = newline.join([*text, ""])
    start = 1 if result.source.startswith("\ufeff") else 0
    edit = Edit(start, start, comment, "header comment", "asked for")
    template = result.template[:start] + comment + result.template[start:]
    return replace(result, template=template, edits=(edit, *result.edits))
