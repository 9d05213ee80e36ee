"""One template planned, edited and proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from rewriter.engine.families import Family, family_named, recognise
from rewriter.engine.plan import Plan, Subject
from rewriter.engine.transforms import Transform, Wrap, transform_named
from rewriter.errors import Refused
from rewriter.report.diff import unified_diff
from rewriter.source.edits import Edit
from rewriter.tracing.turns import Policy

if TYPE_CHECKING:
    from rewriter.verification.draft import Draft
    from rewriter.verification.report import Report

Proof = Literal["verified", "on file", "none"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done with a template: the arguments of `rewriter.rewrite`, which tells of them.

    ``drafts`` are what to verify with, where they are drawn already.
    """

    source: str
    policy: Policy
    family: str | None = None
    transforms: tuple[str, ...] | None = None
    verify: bool | Literal["afresh"] = True
    examples: int = 200
    seed: int = 0
    header_comment: bool = False
    drafts: tuple[Draft, ...] | None = None


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


def rewritten(asked: Asked) -> Rewrite:
    """The variant that was asked for; raises what `rewriter.rewrite` does."""
    source, policy = asked.source, asked.policy
    subject = Subject(source, policy)
    known = family_named(asked.family) if asked.family else recognise(source)
    if subject.template.is_marked:
        return Rewrite(source, source, (), (), known.name if known else None, policy)
    recipe = recipe_of(known, asked.transforms, required=True)
    plan = subject.plan(recipe)
    _check_wrapped(plan, recipe)
    result = Rewrite(
        source, plan.template, plan.edits, plan.transforms, known.name if known else None, policy
    )
    if asked.verify is True and known and _on_file(known, result):
        result = replace(result, proof="on file")
    elif asked.verify:
        result = _proven(result, subject, recipe, asked, known)
    return _with_header(result, known) if asked.header_comment and plan.edits else result


def recipe_of(
    known: Family | None, transforms: Sequence[str] | None, *, required: bool
) -> tuple[Transform, ...]:
    """The transforms that are named, or else those of the family.

    Raises:
        BadInput: a name is of no transform.
        Refused: there is no recipe, and one is required.

    """
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
    result: Rewrite,
    subject: Subject,
    recipe: Sequence[Transform],
    asked: Asked,
    known: Family | None,
) -> Rewrite:
    from rewriter.promises import promised
    from rewriter.verification.check import verify_pair
    from rewriter.verification.report import VerificationFailed

    report = verify_pair(
        result.source,
        result.template,
        promised(subject, recipe),
        result.policy,
        examples=asked.examples,
        seed=asked.seed,
        drafts=asked.drafts,
        regressions=known.conversations if known else (),
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
