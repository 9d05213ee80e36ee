"""Notices from the figures of a data set: what to know before training on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rewriter.auditing.audit import Audit
from rewriter.auditing.figures import Figures, Found
from rewriter.auditing.unprinted import is_said
from rewriter.verification.notice import Notice, NoticeId

_MESSAGES: Final[Mapping[NoticeId, str]] = {
    NoticeId.DOUBLE_BOS: "the text begins with bos_token twice; leave it out of the messages",
    NoticeId.NO_CONVERSATION: "it is not a conversation, so it is not trained on",
    NoticeId.RAISES: "the template raises, and so will a trainer",
    NoticeId.NOTHING_TRAINED: "nothing is trained",
    NoticeId.STOP_CUT: "the end of the last answer is cut off, so the model does not see it stop",
    NoticeId.NO_STOP_PRINTED: "nothing that is trained ends the last answer",
    NoticeId.OTHER_TEXT: "the training variant prints another text than the original",
    NoticeId.FIELD_NOT_PRINTED: "something that is said is not printed",
    NoticeId.STRING_ARGUMENTS: "arguments of calls are strings, and not objects",
    NoticeId.UNKNOWN_ROLE: "the template does not know a role",
    NoticeId.STOPPED: "it was not looked at to the end, so nothing is known of it",
    NoticeId.CUT_TOKEN: "an edge of the mask cuts a token, which is trained as a whole",
}
# The most names, or reasons, to list in a sentence.
_TOLD: Final = 3


def data_notices(audit: Audit) -> tuple[Notice, ...]:
    """The notices about some of the rows, in the order of their ids."""
    figures = audit.figures
    return tuple(
        Notice(each, _sentence(each, found, audit))
        for each, found in sorted(figures.notices.items())
    )


def _sentence(notice: NoticeId, affected: Found, audit: Audit) -> str:
    figures = audit.figures
    message = _MESSAGES[notice]
    if notice is NoticeId.STOP_CUT:
        message += f" (--max-length {audit.training.max_length:,})"
    details = [*_details(notice, figures)]
    more = "; …" if len(details) > _TOLD else ""
    listed = f": {'; '.join(details[:_TOLD])}{more}" if details else ""
    return f"{rows_told(affected, figures.rows)}: {message}{listed}"


def rows_told(affected: Found, of: int) -> str:
    """The number of rows, and the first one, counted from 1."""
    first = f"{affected.first + 1:,}"
    if affected.rows == 1:
        return f"row {first}"
    return f"{affected.rows:,} rows ({percent(affected.rows, of)}), the first is {first}"


def percent(count: int, of: int) -> str:
    """A percentage, which is never 0 for a count above 0."""
    share = 100 * count / of if of else 0.0
    return f"{share:.0f} %" if share >= 1 or not count else "under 1 %"


def _details(notice: NoticeId, figures: Figures) -> Iterator[str]:
    counted: Mapping[str, Found] = {}
    if notice is NoticeId.FIELD_NOT_PRINTED:
        counted = {name: found for name, found in figures.unprinted.items() if is_said(name)}
    elif notice is NoticeId.UNKNOWN_ROLE:
        counted = {repr(name): found for name, found in figures.roles.items()}
    elif notice is NoticeId.RAISES:
        counted = figures.raised
    elif notice is NoticeId.STOPPED:
        counted = figures.stopped
    elif notice is NoticeId.NO_CONVERSATION:
        counted = figures.no_conversations
    for name, found in sorted(counted.items(), key=lambda pair: -pair[1].rows):
        is_all = found == figures.notices[notice]
        yield name if is_all else f"{name} in {rows_told(found, figures.rows)}"
