"""Facts about a template or its variant that you should know before training.

A notice is not an error: the returned variant is right. Each kind has an id, which never changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rewriter.errors import Place


class NoticeId(StrEnum):
    """The kinds of notices."""

    UNKNOWN_FIELD = "N001"
    """An unknown field or variable is left out of the mask."""
    NO_STOP_TOKEN = "N002"
    """Some of the assistant's turns have no trained end."""
    NEEDS_EOS_TOKEN = "N003"
    """Turns were ended with ``eos_token``, which the tokenizer must have."""
    WRONG_MARKS = "N004"
    """The marks of an already marked template are wrong, or not proven."""
    OTHER_POLICY = "N005"
    """A mask has its edges where the other policy has them."""
    NO_REASONING = "N006"
    """A thought in a field of its own is not printed."""
    NO_CALLS = "N007"
    """Tool calls are not printed."""
    NO_SYSTEM = "N008"
    """A system message is not printed."""
    LIST_AS_TEXT = "N009"
    """Content that is a list of blocks is printed in Python or JSON syntax."""
    ARGUMENTS = "N010"
    """The template raises for arguments of calls that are strings, or that are objects."""
    TURNS_CHANGE = "N011"
    """The text of earlier turns changes when others follow."""
    EMPTY_THOUGHT = "N012"
    """An empty thought is trained."""
    PREFILL = "N013"
    """The prefill of the generation prompt is trained."""
    END_IS_NOT_EOS = "N014"
    """The assistant's turns do not end in the tokenizer's ``eos_token``."""
    DOUBLE_BOS = "N015"
    """The template prints ``bos_token``, and the tokenizer adds it too; or a row has two."""
    NO_CONVERSATION = "N016"
    """A row of the data is not a conversation."""
    RAISES = "N017"
    """The template raises on a row."""
    NOTHING_TRAINED = "N018"
    """Nothing in a row is trained."""
    STOP_CUT = "N019"
    """The end of a row's last answer is cut off, so it is not trained."""
    NO_STOP_PRINTED = "N020"
    """The end of a row's last answer is not printed, or not in the mask."""
    OTHER_TEXT = "N021"
    """The variant and the original print different texts for a row."""
    FIELD_NOT_PRINTED = "N022"
    """Some text of a row's messages or tools is not printed."""
    STRING_ARGUMENTS = "N023"
    """The arguments of a row's calls are strings."""
    UNKNOWN_ROLE = "N024"
    """A row has a role that the template does not know."""
    CUT_TOKEN = "N025"
    """An edge of the mask cuts a token of a row."""
    STOPPED = "N026"
    """The work on a row was stopped, as it took too long or too much memory."""
    ROLE_ALIKE = "N027"
    """A role other than ``assistant`` is printed as the assistant's, and may not be trained."""


ABOUT_MESSAGES: Final = frozenset(
    {
        NoticeId.NO_REASONING,
        NoticeId.NO_CALLS,
        NoticeId.NO_SYSTEM,
        NoticeId.LIST_AS_TEXT,
        NoticeId.ARGUMENTS,
        NoticeId.TURNS_CHANGE,
    }
)
"""Notices on how a template prints messages."""
BY_RENDERING: Final = ABOUT_MESSAGES | {NoticeId.EMPTY_THOUGHT, NoticeId.PREFILL}
"""Notices from renders of a template, which have no place in its source."""

ABOUT_DATA: Final = frozenset(
    {
        NoticeId.DOUBLE_BOS,
        NoticeId.NO_CONVERSATION,
        NoticeId.RAISES,
        NoticeId.NOTHING_TRAINED,
        NoticeId.STOP_CUT,
        NoticeId.NO_STOP_PRINTED,
        NoticeId.OTHER_TEXT,
        NoticeId.FIELD_NOT_PRINTED,
        NoticeId.STRING_ARGUMENTS,
        NoticeId.UNKNOWN_ROLE,
        NoticeId.CUT_TOKEN,
        NoticeId.STOPPED,
    }
)
"""Notices on rows of a data set, which `rewriter audit` gives."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice.

    Attributes:
        id: its kind.
        message: what you should know, in one sentence, and what you can do about it.
        place: the place in the template, if there is one.

    """

    id: NoticeId
    message: str
    place: Place | None = None

    def __str__(self) -> str:
        where = f"line {self.place.line}: " if self.place else ""
        return f"{self.id}: {where}{self.message}"
