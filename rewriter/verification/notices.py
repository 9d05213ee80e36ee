"""What is true of a template or of its variant, and a user should know before training.

A notice is no fault: what is returned is right. Each kind has an id, which stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rewriter.errors import Place
from rewriter.tracing.fields import DECLARABLE
from rewriter.tracing.unlisted import NOBODYS
from rewriter.turns.missing_ends import UntrainedEnd, When, untrained_ends
from rewriter.verification.unknown_fields import unknown_fields

if TYPE_CHECKING:
    from rewriter.tracing.render import TracedTemplate
    from rewriter.turns.parts import Policy
    from rewriter.turns.stop_headers import Stops
    from rewriter.verification.report import Report


_WHERE: Final = {
    When.ALWAYS: "",
    When.LAST: " where it comes last",
    When.FOLLOWED: " where another turn follows",
}


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


def notices_of(
    traced: TracedTemplate, *, ends: Stops | bool | None = None, closely: bool = True
) -> tuple[Notice, ...]:
    """What there is to know of a template; places are in its own text.

    ``ends`` are the headers that are taken for the ends of turns, or whether each has an end.
    Unless ``closely``, fields that only rare conversations print are not looked for.
    """
    found = [*_unknown_fields(traced, closely=closely)]
    if ends is not True and (lacking := untrained_ends(traced, ends or None)):
        found.append(Notice(NoticeId.NO_STOP_TOKEN, _endless(lacking)))
    return tuple(found)


def needs_eos_token() -> Notice:
    """That turns of a variant end in ``eos_token``, which is nothing where nobody sets it."""
    return Notice(
        NoticeId.NEEDS_EOS_TOKEN,
        "turns are ended by eos_token, so the tokenizer must have one: without it nothing is "
        "printed there, and the model does not learn to stop",
    )


def wrong_marks(report: Report) -> Notice:
    """What the marks that a template came with do not hold, or what of it nothing shows."""
    unmet = [finding.message for finding in report.findings if not finding.harmless]
    broken = dict.fromkeys((*(failure.promise for failure in report.failures), *unmet))
    if broken:
        found = f"it does not hold that {', nor that '.join(map(_within_sentence, broken))}"
    else:
        source = next(iter(report.unproven))
        found = f"nothing makes it print {source.text!r}, so whose that is is not known"
    return Notice(
        NoticeId.WRONG_MARKS,
        f"it is marked already, and {found}; rewriter verify shows where, and rewriter strip takes "
        "the marks out, so that it can be marked anew",
    )


def _within_sentence(promise: str) -> str:
    return promise[:1].lower() + promise[1:].rstrip(".")


def edges_of(policy: Policy) -> Notice:
    """That a mask has its edges where another policy has them."""
    return Notice(
        NoticeId.OTHER_POLICY, f"the edges of its mask are where --policy {policy} has them"
    )


def _endless(lacking: Sequence[UntrainedEnd]) -> str:
    outside = [each.kind for each in lacking if each.is_printed]
    absent = [f"{each.kind}{_WHERE[each.when]}" for each in lacking if not each.is_printed]
    said = [f"nothing ends {' or '.join(absent)}"] if absent else []
    if outside:
        said.append(f"what ends {' or '.join(outside)} is printed by the next turn, not masked")
    adds = "--goal stop-token, beside assistant-mask, adds one"
    return (
        f"{', and '.join(said)}, so no token to stop at is trained there and the model does not "
        f"learn to stop; {adds if absent else 'let the turn itself print its end'}"
    )


def _unknown_fields(traced: TracedTemplate, *, closely: bool) -> Iterator[Notice]:
    """A notice for each key and variable that an assistant's turn prints and nobody knows."""
    for name, at in sorted(unknown_fields(traced, closely=closely).items()):
        if name:
            yield Notice(NoticeId.UNKNOWN_FIELD, _told(name), _place(traced, at))


def _told(name: str) -> str:
    if name == NOBODYS:
        return "whatever keys a message has are printed, and those that nobody knows are not masked"
    classes = "|".join(DECLARABLE)
    return (
        f"{name!r} is printed in the assistant's turn, and nobody is known to write it, so it is "
        f"left out of the mask; to say whose it is: --field {name}={classes}"
    )


def _place(traced: TracedTemplate, at: int | None) -> Place | None:
    return None if at is None else Place.at(traced.template.text, at)
