"""Collect the notices about a template or its variant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rewriter.errors import Place
from rewriter.tracing.fields import DECLARABLE
from rewriter.tracing.unlisted_conversations import NOBODYS
from rewriter.turns.alike_roles import roles_alike
from rewriter.turns.missing_ends import UntrainedEnd, When, untrained_ends
from rewriter.verification.notice import Notice, NoticeId
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


def notices_of(
    traced: TracedTemplate, *, ends: Stops | bool | None = None, closely: bool = True
) -> tuple[Notice, ...]:
    """The notices about a template, with places in its own text.

    ``ends`` are the headers that count as the ends of turns, or whether each turn has an end.
    Without ``closely``, fields that only rare conversations print are not searched for.
    """
    found = [*_unknown_fields(traced, closely=closely)]
    if ends is not True and (lacking := untrained_ends(traced, ends or None)):
        found.append(Notice(NoticeId.NO_STOP_TOKEN, _endless(lacking)))
    found += [Notice(NoticeId.ROLE_ALIKE, _untrained(role)) for role in roles_alike(traced)]
    return tuple(found)


def needs_eos_token() -> Notice:
    """The notice that turns end in ``eos_token``, which prints nothing if it is not set."""
    return Notice(
        NoticeId.NEEDS_EOS_TOKEN,
        "turns are ended by eos_token, so the tokenizer must have one: without it nothing is "
        "printed there, and the model does not learn to stop",
    )


def wrong_marks(report: Report) -> Notice:
    """The notice on what is wrong, or not proven, about the marks that a template came with."""
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
    """The notice that a mask follows another policy."""
    return Notice(
        NoticeId.OTHER_POLICY, f"the edges of its mask are where --policy {policy} has them"
    )


def _endless(lacking: Sequence[UntrainedEnd]) -> str:
    outside = [each.kind for each in lacking if each.is_printed]
    absent = [f"{each.kind}{_WHERE[each.when]}" for each in lacking if not each.is_printed]
    said = [f"nothing ends {' or '.join(absent)}"] if absent else []
    if outside:
        said.append(f"what ends {' or '.join(outside)} is printed by the next turn, not masked")
    can_be_added = any(each.can_be_added for each in lacking)
    adds = "--goal stop-token, beside assistant-mask, adds one"
    return (
        f"{', and '.join(said)}, so no token to stop at is trained there and the model does not "
        f"learn to stop; {adds if can_be_added else 'let the turn itself print its end'}"
    )


def _untrained(role: str) -> str:
    return (
        f"a message whose role is {role!r} is printed as the assistant's, but may not be trained; "
        "give it the role 'assistant'"
    )


def _unknown_fields(traced: TracedTemplate, *, closely: bool) -> Iterator[Notice]:
    """A notice for each unknown key and variable that an assistant's turn prints."""
    for name, at in sorted(unknown_fields(traced, closely=closely).items()):
        if name:
            yield Notice(NoticeId.UNKNOWN_FIELD, _message(name), _place(traced, at))


def _message(name: str) -> str:
    if name == NOBODYS:
        return "whatever keys a message has are printed, and those that nobody knows are not masked"
    classes = "|".join(DECLARABLE)
    return (
        f"{name!r} is printed in the assistant's turn, and nobody is known to write it, so it is "
        f"left out of the mask; to say whose it is: --field {name}={classes}"
    )


def _place(traced: TracedTemplate, at: int | None) -> Place | None:
    return None if at is None else Place.at(traced.template.text, at)
