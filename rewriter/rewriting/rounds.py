"""Plan, prove the plans in order, learn from those that fail, and plan again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Final

from rewriter.engine.families import Family
from rewriter.engine.mixed_prints import prompted_and_generated
from rewriter.engine.plan import Subject
from rewriter.engine.planner import (
    Candidate,
    Recipe,
    Rejected,
    candidates,
)
from rewriter.engine.seen_prints import seen_prints
from rewriter.errors import Conflict, Reason, Refused
from rewriter.rewriting.proving import attempted, on_file
from rewriter.rewriting.request import Request
from rewriter.rewriting.result import Rewrite
from rewriter.tracing.conversation import Conversation
from rewriter.turns.parts import Policy

if TYPE_CHECKING:
    from rewriter.conversations.rendering import Renderings
    from rewriter.verification.prompted_space import PromptedSpace


# How often to plan again, with labels that have learned from the failures.
_MOST_ROUNDS: Final = 5


def first_proven(
    subject: Subject, recipes: Sequence[Recipe], known: Family | None, request: Request
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
    rendered = _renderings() if request.verify else None
    for _ in range(_MOST_ROUNDS if learns else 1):
        found, refused = candidates(subject, recipes)
        if known and subject.is_plain and not any(on_file(known, it, request) for it in found):
            subject = subject.read_further()
            found, refused = candidates(subject, recipes)
        rejected = list(refused)
        attempt = partial(attempted, subject, known, request, rendered, hasty=learns)
        result = _first_to_hold(found, attempt, refusals, rejected, request.policy)
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
        from rewriter.rewriting.unmet_masks import explained_error, of_release

        nearest = _known_cause(subject, [each.error for each in rejected]) or nearest
        nearest = explained_error(subject, nearest, [each.error for each in first[:-1]])
        nearest = of_release([each.error for each in (*first, *rejected)]) or nearest
        nearest.tried = tuple(map(str, first))
    raise nearest


def _first_to_hold(
    found: Sequence[Candidate],
    attempt: Callable[..., Rewrite],
    refusals: dict[tuple[str, Recipe], Refused],
    rejected: list[Rejected],
    policy: Policy,
) -> Rewrite | None:
    """The result of the first candidate that holds, and ``None`` if none does.

    First each must leave all white space of the prompt out of the mask, and then what the policy
    asks for.
    """
    spaces = ("outside", _allowed_space(policy))
    for space, candidate in product(spaces, found):
        # What is planned again in a later round is refused again.
        key = candidate.plan.template, candidate.recipe
        if space != "outside" and not _fails_for_space(refusals[key]):
            continue
        try:
            if space == "outside" and key in refusals:
                raise refusals[key]
            return attempt(candidate, prompted_space=space)
        except Refused as error:
            refusals[key] = error
            rejected.append(Rejected(tuple(t.name for t in candidate.recipe), error))
    return None


def _allowed_space(policy: Policy) -> PromptedSpace:
    """Where a policy allows white space of the prompt at most."""
    from rewriter.verification.prompted_space import ALLOWED_SPACE

    return ALLOWED_SPACE[policy]


def _fails_for_space(error: Refused) -> bool:
    """Whether a mask was refused because it holds white space that the prompt prints."""
    from rewriter.verification.mask_promises import PROMPTED_SPACE
    from rewriter.verification.report import VerificationFailed

    failures = error.report.failures if isinstance(error, VerificationFailed) else ()
    return bool(failures) and all(each.promise == PROMPTED_SPACE for each in failures)


def _renderings() -> Renderings:
    from rewriter.conversations.rendering import Renderings

    return Renderings()


def _known_cause(subject: Subject, errors: Iterable[Refused | Conflict]) -> Refused | None:
    """The error that explains what in the template makes its masks fail, if that is known."""
    from rewriter.verification.mask_promises import FRAME
    from rewriter.verification.report import VerificationFailed

    failed = (e.report.failures[:1] for e in errors if isinstance(e, VerificationFailed))
    promises = {failure.promise for some in failed for failure in some}
    return prompted_and_generated(subject.outline) if FRAME in promises else None


def _shown(subject: Subject, errors: Iterable[Refused | Conflict]) -> Subject | None:
    """The subject with labels that learn from failures and unseen sources, if there are any."""
    from rewriter.rewriting.reaching import branch_conversations, with_words
    from rewriter.verification.report import VerificationFailed

    errors = tuple(errors)
    failed = (e.report.failures[:1] for e in errors if isinstance(e, VerificationFailed))
    broken = [Conversation.from_json(each.conversation) for some in failed for each in some]
    conversations = (*broken, *map(with_words, broken))
    unseen = any(isinstance(e, Refused) and e.reason is Reason.UNSEEN for e in errors)
    found = branch_conversations(subject.template.text) if unseen else ()
    return subject.shown(found, conversations)
