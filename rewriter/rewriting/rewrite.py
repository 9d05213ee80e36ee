"""Plan, edit and prove one template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from itertools import product
from typing import TYPE_CHECKING, Final

from rewriter.engine.families import Family, catalog_of, family_named, recognise
from rewriter.engine.mixed_prints import prompted_and_generated
from rewriter.engine.plan import Subject
from rewriter.engine.planner import (
    Candidate,
    Recipe,
    Rejected,
    candidates,
    check_ended,
    check_ends_kept,
    ended,
    ending,
    excluding,
    recipes_for,
    serving,
    wrapped_otherwise,
    wraps,
)
from rewriter.engine.seen_prints import seen_prints
from rewriter.engine.transforms import (
    GOALS,
    MASK,
    STOP_TOKEN,
    End,
    Goal,
    Transform,
    transform_named,
)
from rewriter.errors import BadInput, Conflict, Place, Reason, Refused
from rewriter.rewriting.asked import Asked
from rewriter.rewriting.kept_edits import kept_rewrite
from rewriter.rewriting.result import Proof, Rewrite
from rewriter.source.edits import Edit, original_offset
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.variables import flags_of
from rewriter.turns.parts import Policy
from rewriter.verification.first_blocks import loses_first_block
from rewriter.verification.message_notices import rendered_notices
from rewriter.verification.notice import BY_RENDERING, Notice
from rewriter.verification.notices import needs_eos_token, notices_of

if TYPE_CHECKING:
    from rewriter.conversations.rendering import Renderings
    from rewriter.verification.accounting import Accounted
    from rewriter.verification.mask import PromptedSpace

# First each plan must leave white space of the prompt outside.
_PROMPTED_SPACE: Final[tuple[PromptedSpace, ...]] = ("outside", "anywhere")
# How often to plan again, with labels that have learned from the failures.
_MOST_ROUNDS: Final = 5


def rewritten(asked: Asked) -> Rewrite:
    """The requested variant; raises the errors of `rewriter.rewrite`."""
    known = _family(asked)
    result = kept_rewrite(asked, known) if known and asked.verify != "afresh" else None
    if result is None:
        return planned(asked)
    return _with_header(result, known) if asked.header_comment else result


def planned(asked: Asked) -> Rewrite:
    """Like `rewritten`, without the kept edits."""
    known = _family(asked)
    # A variant on file needs no further work.
    plain = bool(known and known.proven(asked.policy))
    subject = Subject(
        asked.source,
        asked.policy,
        plain=plain,
        fields=asked.fields,
        empty_thoughts=asked.empty_thoughts,
    )
    if not subject.template.is_marked:
        return _made(asked, subject, known)
    from rewriter.rewriting.marked import judged

    # The marks stay, and transforms for other goals work around them.
    asked = replace(asked, goals=tuple(goal for goal in asked.goals if goal != MASK))
    result = _made(asked, subject, known) if asked.goals else _unchanged(asked, known)
    return judged(result, asked)


def _made(asked: Asked, subject: Subject, known: Family | None) -> Rewrite:
    """The requested variant of a template that is not on file."""
    recipe = recipe_of(known, asked.policy, asked.transforms, asked.goals)
    ends = ending(subject, asked.goals)
    if ends and subject.template.is_marked:
        raise Refused(
            "some of its turns have no end, and none can be added to a marked template",
            reason=Reason.MARKED,
            hint="remove the marks with rewriter strip, and add the goal assistant-mask",
        )
    if recipe is None:
        recipes = tuple(recipes_for(asked.goals, ends))
    else:
        recipes = (recipe if asked.transforms is not None else ended(recipe, ends),)
        if asked.empty_thoughts and asked.transforms is None:
            # A family's recipe fits its own policy.
            recipes = tuple(wrapped_otherwise(*recipes))
    if asked.exclude_turns_by:
        recipes = tuple(excluding(recipe, asked.exclude_turns_by) for recipe in recipes)
    result = _planned(subject, recipes, known, asked)
    if result.edits and MASK in asked.goals:
        has_ends = any(transform_named(name).goal == STOP_TOKEN for name in result.transforms)
        found = notices_of(subject.traced, ends=has_ends, closely=result.report is not None)
        result = replace(result, notices=(*found, *_shown_notices(result, subject)))
    if _ends_in_eos(result, subject):
        result = replace(result, notices=(*result.notices, needs_eos_token()))
    return _with_header(result, known) if asked.header_comment and result.edits else result


def _shown_notices(result: Rewrite, subject: Subject) -> Iterable[Notice]:
    """The notices from rendering the variant, if its proof has not collected them."""
    if result.report is None:
        return rendered_notices(result.template, flags_of(subject.template.tree))
    return (notice for notice in result.report.notices if notice.id in BY_RENDERING)


def _unchanged(asked: Asked, known: Family | None) -> Rewrite:
    """The result for a template that needs no change."""
    return Rewrite(
        asked.source,
        asked.source,
        (),
        (),
        known.name if known else None,
        asked.policy,
        empty_thoughts=asked.empty_thoughts,
        catalog=catalog_of(known) if known else None,
    )


def _ends_in_eos(result: Rewrite, subject: Subject) -> bool:
    """Whether a variant's turns end in ``eos_token``, unlike the original's."""
    ends = any(transform_named(name).uses(End) for name in result.transforms)
    return ends and subject.missing_ends is not None and not subject.missing_ends.text


def _family(asked: Asked) -> Family | None:
    if isinstance(asked.family, str):
        return family_named(asked.family)
    return asked.family or recognise(asked.source)


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


def _planned(
    subject: Subject, recipes: Sequence[Recipe], known: Family | None, asked: Asked
) -> Rewrite:
    """The result of the first candidate that holds.

    If none does, the labels learn from the failures, and a new plan is made.

    Raises:
        Refused: none holds; this is the error of the nearest candidate, with all that were tried.

    """
    first: list[Rejected] = []
    rejected: list[Rejected] = []
    refusals: dict[tuple[str, Recipe], Refused] = {}
    learns = len(recipes) > 1
    rendered = _renderings() if asked.verify else None
    for _ in range(_MOST_ROUNDS if learns else 1):
        found, refused = candidates(subject, recipes)
        if known and subject.is_plain and not any(_on_file(known, it, asked) for it in found):
            subject = subject.read_further()
            found, refused = candidates(subject, recipes)
        rejected = list(refused)
        attempt = partial(_attempted, subject, known, asked, rendered, hasty=learns)
        result = _first_to_hold(found, attempt, refusals, rejected)
        if result is not None:
            tried = tuple(map(str, (*first, *rejected)))
            return replace(result, tried=tried, seen=seen_prints(subject) if learns else ())
        if not first:
            first = rejected
        learnt = _shown(subject, [each.error for each in rejected]) if learns else None
        if learnt is None:
            break
        subject = learnt
    nearest = first[-1].error
    if learns:
        from rewriter.rewriting.unmet_masks import explained, of_release

        nearest = _told(subject, [each.error for each in rejected]) or nearest
        nearest = explained(subject.traced, nearest, [each.error for each in first[:-1]])
        nearest = of_release([each.error for each in (*first, *rejected)]) or nearest
        nearest.tried = tuple(map(str, first))
    raise nearest


def _first_to_hold(
    found: Sequence[Candidate],
    attempt: Callable[..., Rewrite],
    refusals: dict[tuple[str, Recipe], Refused],
    rejected: list[Rejected],
) -> Rewrite | None:
    """The result of the first candidate that holds, and ``None`` if none does.

    First each must leave white space of the prompt out of the mask, then only the rest counts.
    """
    for space, candidate in product(_PROMPTED_SPACE, found):
        # What is planned again in a later round is refused again.
        key = candidate.plan.template, candidate.recipe
        if space == "anywhere" and not _fails_for_space(refusals[key]):
            continue
        try:
            if space == "outside" and key in refusals:
                raise refusals[key]
            return attempt(candidate, prompted_space=space)
        except Refused as error:
            refusals[key] = error
            rejected.append(Rejected(tuple(t.name for t in candidate.recipe), error))
    return None


def _fails_for_space(error: Refused) -> bool:
    """Whether a mask was refused because it holds white space that the prompt prints."""
    from rewriter.verification.labelled_render import PROMPTED_SPACE
    from rewriter.verification.report import VerificationFailed

    failures = error.report.failures if isinstance(error, VerificationFailed) else ()
    return bool(failures) and all(each.promise == PROMPTED_SPACE for each in failures)


def _renderings() -> Renderings:
    from rewriter.conversations.rendering import Renderings

    return Renderings()


def _told(subject: Subject, errors: Iterable[Refused | Conflict]) -> Refused | None:
    """The error that explains what in the template makes its masks fail, if that is known."""
    from rewriter.verification.labelled_render import FRAME
    from rewriter.verification.report import VerificationFailed

    failed = (e.report.failures[:1] for e in errors if isinstance(e, VerificationFailed))
    promises = {failure.promise for some in failed for failure in some}
    return prompted_and_generated(subject.outline) if FRAME in promises else None


def _shown(subject: Subject, errors: Iterable[Refused | Conflict]) -> Subject | None:
    """The subject with labels that learn from failures and unseen sources, if there are any."""
    from rewriter.rewriting.reaching import reaching, spoken
    from rewriter.verification.report import VerificationFailed

    errors = tuple(errors)
    failed = (e.report.failures[:1] for e in errors if isinstance(e, VerificationFailed))
    broken = [Conversation.from_json(each.conversation) for some in failed for each in some]
    telling = (*broken, *map(spoken, broken))
    unseen = any(isinstance(e, Refused) and e.reason is Reason.UNSEEN for e in errors)
    found = reaching(subject.template.text) if unseen else ()
    return subject.shown(found, telling)


def _attempted(
    subject: Subject,
    known: Family | None,
    asked: Asked,
    rendered: Renderings | None,
    candidate: Candidate,
    *,
    hasty: bool,
    prompted_space: PromptedSpace,
) -> Rewrite:
    """The result of a candidate, proven if that is asked for."""
    plan = candidate.plan
    name = known.name if known else None
    result = Rewrite(
        asked.source,
        plan.template,
        plan.edits,
        plan.transforms,
        name,
        asked.policy,
        empty_thoughts=asked.empty_thoughts,
        catalog=catalog_of(known) if known else None,
    )
    if STOP_TOKEN in asked.goals:
        check_ended(candidate, subject)
    if asked.verify != "afresh" and known and _on_file(known, candidate, asked):
        return replace(result, proof="on file") if asked.verify else result
    check_ends_kept(candidate, subject)
    if rendered is None:
        return result
    return _proven(
        result,
        subject,
        candidate.recipe,
        asked,
        known,
        rendered,
        hasty=hasty,
        prompted_space=prompted_space,
    )


def _on_file(known: Family, candidate: Candidate, asked: Asked) -> bool:
    variant = candidate.plan.template
    digest = sha256(variant.encode(errors="surrogatepass")).hexdigest()
    is_proven = known.proven(asked.policy) == digest and asked.is_usual
    return is_proven and not loses_first_block(variant)


def _proven(
    result: Rewrite,
    subject: Subject,
    recipe: Sequence[Transform],
    asked: Asked,
    known: Family | None,
    rendered: Renderings,
    *,
    hasty: bool,
    prompted_space: PromptedSpace,
) -> Rewrite:
    from rewriter.rewriting.promises import promised
    from rewriter.verification.check import verify_pair
    from rewriter.verification.report import VerificationFailed

    report = verify_pair(
        result.source,
        result.template,
        promised(subject, recipe),
        result.policy,
        examples=asked.examples,
        seed=asked.seed,
        draw=asked.draw,
        regressions=known.conversations if known else (),
        hasty=hasty,
        alone_if_proven=True,
        fields=asked.fields,
        empty_thoughts=asked.empty_thoughts,
        masked=MASK in asked.goals or any(map(wraps, recipe)),
        prompted_space=prompted_space,
        rendered=rendered,
    )
    rendered.forget(result.template)
    if not report.holds:
        raise VerificationFailed(report)
    for source in report.unproven:
        raise _unproven(source, result)
    proof: Proof = "structure" if report.text_proof == "structure" else "verified"
    return replace(result, proof=proof, report=report)


def _unproven(source: Accounted, result: Rewrite) -> Refused:
    """The refusal for a source that was never seen to print, with its place in the original."""
    offset = original_offset(source.offset, result.edits)
    lines = ", ".join(str(line) for line in source.tests)
    tested = f"it depends on the tests in line {lines} of the variant; " if lines else ""
    return Refused(
        f"nothing makes the template print {source.text!r}, so it is unknown who writes it",
        reason=Reason.UNSEEN,
        place=Place.at(result.source, offset),
        hint=f"{tested}remove it, or mark the text that the model writes by hand",
    )


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
