"""Explain what in a template makes every mask fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rewriter.engine.foreign import foreign_refusal
from rewriter.engine.plan import Subject
from rewriter.engine.verbs.wrap import TAKEN_APART
from rewriter.errors import Conflict, Place, Reason, Refused
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import Whose
from rewriter.tracing.origins import Field
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Run, Trace
from rewriter.turns.headers import shared_tokens
from rewriter.turns.parts import ASSISTANT
from rewriter.verification.blame import printed_by
from rewriter.verification.by_rendering.beginnings import BEGUN, INSTRUCTION, SPELLED
from rewriter.verification.by_rendering.endings import STOP
from rewriter.verification.by_rendering.later import LATER
from rewriter.verification.by_rendering.pieces import may_have_words
from rewriter.verification.by_rendering.said import ANOTHER, BETWEEN, REPEATED
from rewriter.verification.contracts import KEPT_TURNS, OF_TEXTS
from rewriter.verification.first_blocks import FIRST_BLOCK
from rewriter.verification.mask import TRACED_ALIKE
from rewriter.verification.mask_promises import ENVIRONMENT, TURN_END, UNLISTED
from rewriter.verification.report import VerificationFailed

_OF_HEADERS: Final = frozenset({ANOTHER, BEGUN, BETWEEN, REPEATED, SPELLED})
_NOT_GENERATED: Final = frozenset({Whose.ENVIRONMENT, Whose.UNKNOWN})


def explained_error(
    subject: Subject, nearest: Refused | Conflict, tried: Sequence[Refused | Conflict]
) -> Refused | Conflict:
    """The error of the nearest candidate; if its mask failed, with the cause, if that is known."""
    if nearest.hint == TAKEN_APART:
        nearest.hint = "print each in an output of its own"  # the transform was tried
    if not isinstance(nearest, VerificationFailed) or not _is_of_mask(nearest):
        return nearest
    return cause_of(subject, nearest, tried) or nearest


def of_release(tried: Sequence[Refused | Conflict]) -> VerificationFailed | None:
    """The candidate that would have held with a newer transformers, if there is one."""
    failed = (error for error in tried if isinstance(error, VerificationFailed))
    return next((error for error in failed if _promise_of(error) == FIRST_BLOCK), None)


def _is_of_mask(failed: VerificationFailed) -> bool:
    return _promise_of(failed) not in ("", *OF_TEXTS, KEPT_TURNS, TRACED_ALIKE)


def _promise_of(failed: VerificationFailed) -> str:
    """The first broken promise, if there is one."""
    return next((failure.promise for failure in failed.report.failures), "")


def cause_of(
    subject: Subject, failed: VerificationFailed, tried: Sequence[Refused | Conflict]
) -> Refused | None:
    """Why no mask could be proven, found from the source of the first wrong character.

    ``None`` if no source is found there; then it may be an error of our own.

    Args:
        subject: the original.
        failed: the failures of the nearest variant.
        tried: why the other plans failed.

    """
    traced, failure = subject.traced, failed.report.failures[0]
    conversation = Conversation.from_json(failure.conversation)
    trace = traced.attempted(
        conversation.messages,
        add_generation_prompt=conversation.add_generation_prompt,
        **conversation.options,
    )
    # If the texts differ, the original prints another character there.
    if failure.at is None or trace is None or trace.text != failure.variant:
        return None
    is_shared = failure.promise == INSTRUCTION
    at = _words_before(trace, failure.at) if is_shared else failure.at
    run = next((run for run in trace.runs if run.start <= at < run.end), None)
    if run is None:
        return None
    culprit, first = (printed_by(traced, conversation, each) for each in (at, run.start))
    if culprit is None or first is None:
        return None
    if is_shared:
        return _shared(culprit.place)
    if failure.promise == LATER:
        return _decided_later(culprit.place)
    if failure.promise in (ENVIRONMENT, UNLISTED):
        return _named(run, culprit.place) or _given_within(
            "what the model does not write", culprit.place
        )
    roles = [str(message.get("role")) for message in conversation.messages]
    return (
        foreign_refusal(subject.outline, culprit.piece)
        or _named(run, culprit.place)
        or _refused_there(traced, culprit.piece, tried)
        or _of_end(failure.promise, run, trace, roles, culprit.place)
        or _of_header(failure.promise, run, trace, subject.labels.cue.role, first.place)
        or _at_place(failed, culprit.place)
    )


def _of_end(
    promise: str, run: Run, trace: Trace, roles: Sequence[str], place: Place
) -> Refused | None:
    if promise not in (STOP, TURN_END) or run.turn is None:
        return None
    if roles[run.turn] != ASSISTANT:
        return Refused(
            "this ends the assistant's turn at the beginning of the next one, and cannot be told "
            "from what else is printed here",
            reason=Reason.SHARED,
            place=place,
            hint="print the end of a turn in the turn that it ends",
        )
    turns = [each.turn for each in trace.runs if each.origin == run.origin]
    is_of_others = any(roles[turn] != ASSISTANT for turn in turns if turn is not None)
    has_words = may_have_words(trace.text[run.start : run.end])
    return _shared(place) if has_words and is_of_others else None


def _of_header(promise: str, run: Run, trace: Trace, header: str, place: Place) -> Refused | None:
    if promise not in _OF_HEADERS or not shared_tokens(trace.text[run.start :], header.lstrip()):
        return None
    message = "the assistant's turn goes on under another header here"
    if promise in (BEGUN, SPELLED):
        message = "the generation prompt does not print the header that the assistant's turn has"
    return Refused(
        f"{message}, and it is unknown whether the model writes that",
        reason=Reason.MIXED,
        place=place,
        hint="print a header once in a turn, the one that the generation prompt prints",
    )


def _at_place(failed: VerificationFailed, place: Place) -> VerificationFailed:
    failed.place = place
    failed.hint = "print what the model writes, and what it does not, in outputs of their own"
    return failed


def _words_before(trace: Trace, at: int) -> int:
    """The start of the text between message text and ``at``, if it has words."""
    said = [run.end for run in trace.runs if run.end <= at and _is_content(run)]
    start = said[-1] if said else at
    return start if trace.text[start:at].strip() else at


def _is_content(run: Run) -> bool:
    return isinstance(run.origin, Field) and not run.is_role


def _shared(place: Place) -> Refused:
    return Refused(
        "every role's turn prints words around its content here; they are not the model's, but "
        "could not be kept out of the mask",
        reason=Reason.SHARED,
        place=place,
        hint="print them once, or not in the assistant's turn",
    )


def _decided_later(place: Place) -> Refused:
    return Refused(
        "messages after an assistant's turn decide whether the turn prints this, and the model "
        "cannot know them",
        reason=Reason.CHANGES_TURNS,
        place=place,
        hint="print the same whatever follows, or print it in another role's turn",
    )


def _named(run: Run, place: Place) -> Refused | None:
    field = run.origin if isinstance(run.origin, Field) else None
    if field and run.turn is None:
        return Refused(
            "this prints a message's text outside of a loop over the messages, so it is unknown "
            "whose turn it is in",
            reason=Reason.NOTHING_FOUND,
            place=place,
            hint="print every message within the loop; `loop.last` tells which is the last",
        )
    if run.whose in _NOT_GENERATED or (field and field.message != run.turn):
        return _given_within("text of others", place)
    return None


def _given_within(what: str, place: Place) -> Refused:
    return Refused(
        f"the assistant's turn prints {what} here, which could not be kept out of the mask",
        reason=Reason.GIVEN_WITHIN,
        place=place,
        hint="print it in an output of its own, or in a turn of its own",
    )


def _refused_there(
    traced: TracedTemplate, piece: int, tried: Sequence[Refused | Conflict]
) -> Refused | None:
    """Why another plan was stopped at the output that prints the wrong text."""
    for error in tried:
        if isinstance(error, VerificationFailed) or not isinstance(error, Refused):
            continue
        if error.place and _tag(traced, error.place.offset_in(traced.template.text)) == piece:
            # The error's own hint names a transform, which has been tried since.
            hint = "print each in an output of its own; no mask held when transforms split this one"
            return Refused(error.message, reason=error.reason, place=error.place, hint=hint)
    return None


def _tag(traced: TracedTemplate, offset: int) -> int:
    return max((at for at in traced.template.output_tags if at <= offset), default=-1)
