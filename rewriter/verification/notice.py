"""What is true of a template or of its variant, and a user should know before training.

A notice is no fault: what is returned is right. Each kind has an id, which stays what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rewriter.errors import Place


class NoticeId(StrEnum):
    """The kinds of notices."""

    UNKNOWN_FIELD = "N001"
    """A field or variable that nobody knows is left out of the mask."""
    NO_STOP_TOKEN = "N002"
    """Nothing that is trained ends some of the assistant's turns."""
    NEEDS_EOS_TOKEN = "N003"
    """What was put at the end of turns is the tokenizer's ``eos_token``, which it must have."""
    WRONG_MARKS = "N004"
    """A template that is marked already marks too much or too little, or nothing shows which."""
    OTHER_POLICY = "N005"
    """A mask has its edges where the other policy has them."""
    NO_REASONING = "N006"
    """A thought that a message has in a field of its own is not printed."""
    NO_CALLS = "N007"
    """Tool calls are not printed."""
    NO_SYSTEM = "N008"
    """A system message is not printed."""
    LIST_AS_TEXT = "N009"
    """Content that is a list of blocks is printed as Python or JSON writes it."""
    ARGUMENTS = "N010"
    """A call's arguments raise where they are a string, or where they are an object."""
    TURNS_CHANGE = "N011"
    """What is printed of earlier turns changes once others follow."""
    EMPTY_THOUGHT = "N012"
    """A thought with nothing in it is trained."""
    PREFILL = "N013"
    """What the generation prompt prefills is trained."""
    END_IS_NOT_EOS = "N014"
    """What ends the assistant's turns is not the tokenizer's ``eos_token``."""
    DOUBLE_BOS = "N015"
    """The template prints ``bos_token``, and the tokenizer adds it too; or a row has two."""
    NO_CONVERSATION = "N016"
    """A row of the data is no conversation."""
    RAISES = "N017"
    """The template raises on a row."""
    NOTHING_TRAINED = "N018"
    """Nothing of a row is trained."""
    STOP_CUT = "N019"
    """The end of a row's last answer is cut off, so it is not trained."""
    NO_STOP_PRINTED = "N020"
    """What ends a row's last answer is not printed, or not in the mask."""
    OTHER_TEXT = "N021"
    """The variant prints another text of a row than the original does."""
    FIELD_NOT_PRINTED = "N022"
    """Something that a row's messages say, or its tools, is not printed."""
    STRING_ARGUMENTS = "N023"
    """The arguments of a row's calls are strings."""
    UNKNOWN_ROLE = "N024"
    """A role of a row's messages is one that the template does not know."""
    CUT_TOKEN = "N025"
    """An edge of the mask cuts a token of a row."""
    STOPPED = "N026"
    """The work on a row was stopped, as it took too long or too much memory."""
    ROLE_ALIKE = "N027"
    """A role other than ``assistant`` is printed as the assistant's, and is not trained."""


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
"""What a template makes of messages."""
BY_RENDERING: Final = ABOUT_MESSAGES | {NoticeId.EMPTY_THOUGHT, NoticeId.PREFILL}
"""What renders of a template show, so that it has no place in it."""

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
"""What is true of rows of a data set; `rewriter audit` gives them."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to know.

    Attributes:
        id: which kind it is.
        message: what it is, in one sentence, and what can be done about it.
        place: where in the template, if it is at one place.

    """

    id: NoticeId
    message: str
    place: Place | None = None

    def __str__(self) -> str:
        where = f"line {self.place.line}: " if self.place else ""
        return f"{self.id}: {where}{self.message}"
