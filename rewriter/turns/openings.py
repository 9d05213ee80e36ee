"""Where the role header ends in a template that prints no generation prompt.

Nothing is printed for the model to continue, so the turns themselves must tell: what each of the
assistant's begins with, whatever it says, is not chosen by what it says. That is a header if it
names the role, or stands where a user's turn prints something else. Anything less clear is
not decided here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Any, Final

from rewriter.tracing.fields import Whose
from rewriter.tracing.provenance import Field
from rewriter.tracing.trace import Run, Trace

# How templates call the assistant.
ROLE_WORD: Final = re.compile(r"assistant|model|bot\b|gpt\b|\bai\b", re.IGNORECASE)
# What a header may end with where what follows it is not always the same.
_ENDS: Final = tuple(">]:|｜\n ")
_NOT_SAID: Final = frozenset({Whose.HEADER, Whose.ENVIRONMENT, Whose.UNKNOWN})
# How the cues of many families open what they prefill, whatever else is in the name.
_NAMES_THOUGHT: Final = r"(?:think|thought|reasoning)"
_NAMES_END: Final = r"[^<>\s]*[:_](?:end|close)\|?>"
THINKING: Final = re.compile(
    rf"<(?!\|?(?:end|eo))(?!{_NAMES_END})[^<>/\s]{{0,20}}{_NAMES_THOUGHT}[^<>/\s]{{0,40}}>|\[{_NAMES_THOUGHT}\]",
    re.IGNORECASE,
)
_CLOSING_THOUGHT: Final = (
    rf"(?:<\|?(?:/|end|eo)[^<>\s]{{0,20}}{_NAMES_THOUGHT}[^<>\s]{{0,40}}>|\[/{_NAMES_THOUGHT}\]"
    rf"|<(?=[^<>\s]{{0,40}}{_NAMES_THOUGHT}){_NAMES_END})"
)
# In brackets of any other kind, the same ones twice.
_BRACKETED: Final = (
    rf"(?P<open>[^\w\s<\[])(?P<name>{_NAMES_THOUGHT})(?P<close>[^\w\s])"
    r"\s*(?P=open)/(?P=name)(?P=close)"
)
EMPTY_THOUGHT: Final = re.compile(
    rf"\s*(?:(?:{THINKING.pattern})\s*{_CLOSING_THOUGHT}|{_BRACKETED})\s*", re.IGNORECASE
)
# Likewise, or the end of one that the prompt has opened.
CLOSED_THOUGHT: Final = re.compile(
    rf"\s*(?:{THINKING.pattern})?\s*{_CLOSING_THOUGHT}\s*", re.IGNORECASE
)
# Two tokens, of which the second closes what the first opens.
_OPENED_AND_CLOSED: Final = re.compile(
    r"(?:<\|?(?P<tag>[\w:-]+)\|?>\s*<\|?/\|?(?P=tag)\|?>|\[(?P<mark>\w+)\]\s*\[/(?P=mark)\])"
)
# What has brackets around it, or no letters.
_CLOSING: Final = re.compile(r"(?:\s*(?:<[^<>\s]{1,60}>|\[[^\[\]\s]{1,40}\]|[^\w\s]+))*")
# Stands for each character of what looks like a header, and is none.
BLOT: Final = "\0"


def is_lead(run: Run) -> bool:
    """Whether it is nothing that the model says; its role is none of that, nor is what is given."""
    return not isinstance(run.origin, Field) or _is_role(run) or run.whose in _NOT_SAID


def _is_role(run: Run) -> bool:
    return isinstance(run.origin, Field) and run.origin.path == ("role",)


def is_empty_thought(prefill: str) -> bool:
    """Whether what a prompt prefills is a thought with nothing in it, whatever its tag's name."""
    text = prefill.strip()
    return bool(_OPENED_AND_CLOSED.fullmatch(text) or EMPTY_THOUGHT.fullmatch(text))


def lead(trace: Trace, index: int) -> str:
    """What the turn of message ``index`` prints before anything that the message says.

    What others say there is blotted out, as it may look like a header, and so is what names the
    speaker beside the role.
    """
    return "".join(
        BLOT * (run.end - run.start)
        if isinstance(run.origin, Field) and not _is_role(run)
        else trace.text[run.start : run.end]
        for run in leading(trace, index)
    )


def leading(trace: Trace, index: int) -> Iterator[Run]:
    """The runs of the turn of message ``index`` before anything that the message says."""
    own = (run for run in trace.runs if run.turn == index)
    return takewhile(lambda run: is_lead(run) or not _is_own(run), own)


def header_of_turns(
    rendered: Iterable[tuple[Trace, Sequence[Mapping[str, Any]]]], assistant: str
) -> str | None:
    """The header that the assistant's turns begin with, empty if none; ``None`` if not known.

    Told by what follows a user, where that is answers too: what follows others may end what they
    said.
    """
    leads: defaultdict[str, set[str]] = defaultdict(set)
    following: set[str] = set()
    is_answered = False
    for trace, messages in rendered:
        for index, role in _speakers(trace, messages):
            leads[role].add(lead(trace, index))
            if role == assistant and index and messages[index - 1].get("role") == "user":
                following.add(lead(trace, index))
                is_answered |= "tool_calls" not in messages[index]
    own, others = following if is_answered else leads[assistant], leads["user"]
    if not own:
        return None
    first, last = min(own), max(own)
    agreeing = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    shared = first[: sum(1 for _ in agreeing)]
    if not shared.strip():
        return None if any(map(ROLE_WORD.search, own)) else ""
    whole = own == {shared} or shared.endswith(_ENDS)
    told = ROLE_WORD.search(shared) or not any(_is_alike(shared, other) for other in others)
    return shared if whole and told else None


def _speakers(trace: Trace, messages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """The messages of which something is printed in their own turn, and whose they are."""
    said = {run.turn for run in trace.runs if not is_lead(run) and _is_own(run)}
    for index, message in enumerate(messages):
        if index in said:
            yield index, str(message.get("role"))


def _is_own(run: Run) -> bool:
    return isinstance(run.origin, Field) and run.origin.message == run.turn


def _is_alike(header: str, other: str) -> bool:
    """Whether a user's turn does not tell itself apart by how it begins."""
    return not other.strip() or other.startswith(header) or header.startswith(other)


def late_end(trace: Trace, first: int, answer: int, later: int) -> str:
    """What ends the turn of the ``answer`` at the beginning of the next.

    It is what the ``later`` turn begins with, and the ``first`` of its role does not. Empty where
    there is no such thing, where the first may be printed before the loop, or where the answer's
    turn has an end of its own.
    """
    plain, ending = lead(trace, first), lead(trace, later)
    late = ending.removesuffix(plain) if plain.strip() and ending.endswith(plain) else ""
    return late if late.strip() and ends_in_words(trace, answer) else ""


def closing_end(trace: Trace, answer: int, later: int, prompt: str) -> str:
    """What ends each turn at the beginning of the next, and the last one behind the loop.

    ``prompt``, and the turns of the ``answer`` and the ``later`` message, begin with it. It is what
    tells where the first turn begins with it as well, as it ends what stands before that.
    """
    behind = trace.text[trace.last_turn_end :].rstrip()
    begun = (prompt, lead(trace, answer), lead(trace, later))
    is_shared = bool(behind) and all(begins.startswith(behind) for begins in begun)
    ends = is_shared and is_closing(behind) and ends_in_words(trace, answer)
    return behind if ends else ""


def is_closing(text: str) -> bool:
    """Whether a text behind a turn, without white space at its end, can be an end.

    No word is, nor what opens a thought.
    """
    return _CLOSING.fullmatch(text) is not None and not THINKING.search(text)


def ends_in_words(trace: Trace, index: int) -> bool:
    """Whether nothing but white space is printed after the words of message ``index``."""
    own = [run for run in trace.runs if run.turn == index]
    printed = (run for run in reversed(own) if trace.text[run.start : run.end].strip())
    return any(_is_own(run) for run in islice(printed, 1))
