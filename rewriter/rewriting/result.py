"""A training variant, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from warnings import warn

from rewriter.source.diff import unified_diff
from rewriter.source.edits import Edit
from rewriter.turns.parts import EmptyThoughts, Policy
from rewriter.verification.notice import Notice, NoticeId

if TYPE_CHECKING:
    from rewriter.verification.report import Report

Proof = Literal["structure", "verified", "on file", "none"]


@dataclass(frozen=True)
class Rewrite:
    """A training variant and how it came about.

    Attributes:
        source: the original.
        template: the variant; the original itself if there was nothing to do.
        edits: the edits of the original, in order; offsets count its characters.
        transforms: the names of the transforms that changed something, in order.
        family: the known family that it belongs to, or ``None``.
        policy: where the mask's edges lie, ``strict`` or ``trl``.
        proof: ``structure`` if the text is proven for every conversation and the mask verified,
            ``verified`` if both were verified on conversations only, ``on file`` for a variant
            whose SHA-256 the corpus has as proven, or ``none`` if no proof was asked for, or
            nothing was done.
        report: the verification, if there was one.
        tried: a line for each plan that was tried and rejected, if transforms were planned.
        seen: a line for what each statement of the original was seen to print, likewise.
        notices: what to know before training; their places are in the original.
        empty_thoughts: the choice for empty thoughts, or ``None``.
        catalog: the name of the catalog that has the family, or ``None``.

    """

    source: str
    template: str
    edits: tuple[Edit, ...]
    transforms: tuple[str, ...]
    family: str | None
    policy: Policy
    proof: Proof = "none"
    report: Report | None = None
    tried: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    empty_thoughts: EmptyThoughts | None = None
    catalog: str | None = None

    @property
    def has_wrong_marks(self) -> bool:
        """Whether the source was already marked, and its marks are wrong."""
        return any(notice.id is NoticeId.WRONG_MARKS for notice in self.notices)

    @property
    def lost(self) -> tuple[str, ...]:
        """The name of ``tried`` before 0.1.0; the next release removes it."""
        warn("Rewrite.lost has been renamed to Rewrite.tried", DeprecationWarning, stacklevel=2)
        return self.tried

    def diff(self, name: str = "template.jinja") -> str:
        """The changes as a unified diff; empty if nothing was changed."""
        return unified_diff(self.source, self.template, f"a/{name}", f"b/{name}")
