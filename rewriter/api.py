"""What a program calls: rewrite, recognise, verify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, TypeVar

from rewriter.engine.families import Family, family_named
from rewriter.engine.families import recognise as family_of
from rewriter.engine.plan import Plan, Subject
from rewriter.engine.transforms import Transform, Wrap, transform_named
from rewriter.errors import Refused, RewriteError
from rewriter.report.diff import unified_diff
from rewriter.source.edits import Edit
from rewriter.source.template import Template
from rewriter.tracing.turns import Policy

if TYPE_CHECKING:
    from rewriter.tracing.conversation import Conversation
    from rewriter.verification.report import Report

T = TypeVar("T")
Proof = Literal["verified", "on file", "none"]


@dataclass(frozen=True)
class Rewrite:
    """A training variant and how it came about.

    Attributes:
        source: the original.
        template: the variant; the original itself if there was nothing to do.
        edits: what was done to the original, in order; offsets count its characters.
        transforms: the names of those that changed something, in order.
        family: the known family that it is of, or ``None``.
        policy: where the mask's edges lie, ``strict`` or ``trl``.
        proof: ``verified`` now, ``on file`` for a variant whose SHA-256 the corpus has as
            proven, or ``none`` if it was not asked for, or nothing was done.
        report: the verification, where one was made.

    """

    source: str
    template: str
    edits: tuple[Edit, ...]
    transforms: tuple[str, ...]
    family: str | None
    policy: Policy
    proof: Proof = "none"
    report: Report | None = None

    def diff(self, name: str = "template.jinja") -> str:
        """The change as a unified diff; empty if nothing was done."""
        return unified_diff(self.source, self.template, f"a/{name}", f"b/{name}")


def rewrite(
    source: str,
    *,
    policy: Policy = "strict",
    family: str | None = None,
    transforms: Sequence[str] | None = None,
    verify: bool | Literal["afresh"] = True,
    examples: int = 200,
    seed: int = 0,
    header_comment: bool = False,
    name: str = "<template>",
) -> Rewrite:
    """The training variant of a chat template.

    Args:
        source: the template as the model ships it.
        policy: where the mask's edges lie; ``strict`` keeps a thinking prefill and the white
            space after a turn's end outside, ``trl`` inside.
        family: whose recipe to take, instead of the one that ``source`` is recognised as.
        transforms: the transforms to apply in this order, instead of a recipe.
        verify: prove the variant before it is returned. ``False``: only plan and edit;
            ``"afresh"``: prove it even if the proof is on file.
        examples: how many conversations to prove it with.
        seed: which conversations; the same seed gives the same ones on every machine.
        header_comment: put a comment before the variant that says what was changed.
        name: what to call the source in errors.

    Raises:
        BadInput: ``source`` is no template, or an argument names nothing that exists.
        Refused: no rewrite could be proven; ``VerificationFailed`` if one broke a promise.

    """
    return _named(
        name,
        lambda: _rewritten(
            source, policy, family, transforms, verify, examples, seed, header_comment
        ),
    )


def recognise(source: str) -> str | None:
    """The family that ``source`` is of, also when only quotes, spaces or comments differ."""
    known = family_of(source)
    return known.name if known else None


def verify(
    original: str,
    variant: str,
    *,
    policy: Policy = "strict",
    family: str | None = None,
    transforms: Sequence[str] | None = None,
    examples: int = 200,
    seed: int = 0,
    conversations: Sequence[Conversation] | None = None,
    names: tuple[str, str] = ("<original>", "<variant>"),
) -> Report:
    """Check a training variant, whoever wrote it, against its original.

    What the text must be is what the recipe of ``family``, or ``transforms``, promise. Without
    either, the recipe of the family that ``original`` is recognised as; of no family: equal.
    ``names`` is what errors call the two. ``conversations`` are judged alone and as they are, in
    place of generated ones; `Conversation.from_json` reads what `Failure.conversation` has.

    Raises:
        BadInput: one of the two is no template, or an argument names nothing that exists.

    """
    from rewriter.promises import promised
    from rewriter.verification.check import verify_pair

    subject = _named(names[0], lambda: Subject(original, policy))
    _named(names[1], lambda: Template(variant))
    known = family_named(family) if family else family_of(original)
    recipe = _recipe(known, transforms, required=False)
    return _named(
        names[1],
        lambda: verify_pair(
            original,
            variant,
            promised(subject, recipe),
            policy,
            examples=examples,
            seed=seed,
            conversations=conversations,
        ),
    )


def verify_marked(
    variant: str,
    *,
    policy: Policy = "strict",
    examples: int = 200,
    seed: int = 0,
    conversations: Sequence[Conversation] | None = None,
    name: str = "<template>",
) -> Report:
    """Check the mask of a marked template, and the preconditions of its blocks, by itself.

    Without an original nothing is known of what its text should be. The arguments are those of
    `verify`. The report's ``findings`` are what `rewriter lint` finds, and only those that are
    harmful count against it.

    Raises:
        BadInput: ``variant`` is no template, or there is no ``generation`` block in it.

    """
    from rewriter.verification.check import verify_alone

    return _named(
        name,
        lambda: verify_alone(
            variant,
            policy,
            examples=examples,
            seed=seed,
            conversations=conversations,
        ),
    )


def _named(name: str, attempt: Callable[[], T]) -> T:
    """The result of ``attempt``; an error of it is about ``name``."""
    try:
        return attempt()
    except RewriteError as error:
        raise error.named(name) from None


def _rewritten(
    source: str,
    policy: Policy,
    family: str | None,
    transforms: Sequence[str] | None,
    verify: bool | Literal["afresh"],
    examples: int,
    seed: int,
    header_comment: bool,
) -> Rewrite:
    subject = Subject(source, policy)
    known = family_named(family) if family else family_of(source)
    if subject.template.is_marked:
        return Rewrite(source, source, (), (), known.name if known else None, policy)
    recipe = _recipe(known, transforms, required=True)
    plan = subject.plan(recipe)
    _check_wrapped(plan, recipe)
    result = Rewrite(
        source, plan.template, plan.edits, plan.transforms, known.name if known else None, policy
    )
    if verify is True and known and _on_file(known, result):
        result = replace(result, proof="on file")
    elif verify:
        result = _proven(result, subject, recipe, examples, seed)
    return _with_header(result, known) if header_comment and plan.edits else result


def _recipe(
    known: Family | None, transforms: Sequence[str] | None, *, required: bool
) -> tuple[Transform, ...]:
    if transforms is not None:
        return tuple(transform_named(name) for name in transforms)
    if known is not None and (known.recipe or not required):
        return tuple(transform_named(name) for name in known.recipe)
    if not required:
        return ()
    if known is not None:
        raise Refused(
            f"this is {known.title}, for which no training variant is known yet",
            hint="name the transforms yourself (--transform), or another family's (--family)",
        )
    raise Refused(
        "this is a template of no known family",
        hint="name the family it follows (--family), or the transforms (--transform); "
        "`rewriter families` and `rewriter transforms` list them",
    )


def _check_wrapped(plan: Plan, recipe: Sequence[Transform]) -> None:
    """Refuse a variant with no mark in it where one was asked for."""
    wrapping = {t.name for t in recipe if any(isinstance(rule, Wrap) for rule in t.rules)}
    if wrapping and not wrapping & set(plan.transforms):
        raise Refused(
            "nothing that the assistant generates was found, so there is nothing to wrap",
            hint="the messages must be printed within a loop over them",
        )


def _on_file(known: Family, result: Rewrite) -> bool:
    digest = sha256(result.template.encode(errors="surrogatepass")).hexdigest()
    return known.proven(result.policy) == digest


def _proven(
    result: Rewrite, subject: Subject, recipe: Sequence[Transform], examples: int, seed: int
) -> Rewrite:
    from rewriter.promises import promised
    from rewriter.verification.check import verify_pair
    from rewriter.verification.report import VerificationFailed

    report = verify_pair(
        result.source,
        result.template,
        promised(subject, recipe),
        result.policy,
        examples=examples,
        seed=seed,
    )
    if not report.ok:
        raise VerificationFailed(report)
    return replace(result, proof="verified", report=report)


def _with_header(result: Rewrite, known: Family | None) -> Rewrite:
    """The variant with a comment before it; no marker stands in it, and it prints nothing."""
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
