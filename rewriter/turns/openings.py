"""Where the role header ends in a template without a generation prompt.

The turns themselves must show it: the common beginning of all assistant's turns does not depend on
their text. It is a header if it names the role, or if a user's turn prints something else there.
Unclear cases are not decided here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import Any, Final

from rewriter.tracing.fields import Whose
from rewriter.tracing.origins import Field
from rewriter.tracing.trace import Run, Trace

# Names of the assistant in templates.
ROLE_WORD: Final = re.compile(r"assistant|model|bot\b|gpt\b|\bai\b", re.IGNORECASE)
# Possible ends of a header if the text after it varies.
_ENDS: Final = tuple(">]:|｜\n ")
_NOT_SAID: Final = frozenset({Whose.HEADER, Whose.ENVIRONMENT, Whose.UNKNOWN})
# How the cues of many families open a prefill, whatever else is in the tag's name.
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
# Tags in other brackets, the same twice.
_BRACKETED: Final = (
    rf"(?P<open>[^\w\s<\[])(?P<name>{_NAMES_THOUGHT})(?P<close>[^\w\s])"
    r"\s*(?P=open)/(?P=name)(?P=close)"
)
EMPTY_THOUGHT: Final = re.compile(
    rf"\s*(?:(?:{THINKING.pattern})\s*{_CLOSING_THOUGHT}|{_BRACKETED})\s*", re.IGNORECASE
)
# Likewise, or the closing tag of one that the prompt has opened.
CLOSED_THOUGHT: Final = re.compile(
    rf"\s*(?:{THINKING.pattern})?\s*{_CLOSING_THOUGHT}\s*", re.IGNORECASE
)
# Two tokens, of which the second closes what the first opens.
_OPENED_AND_CLOSED: Final = re.compile(
    r"(?:<\|?(?P<tag>[\w:-]+)\|?>\s*<\|?/\|?(?P=tag)\|?>|\[(?P<mark>\w+)\]\s*\[/(?P=mark)\])"
)
# Text in brackets, or without letters.
_CLOSING: Final = re.compile(r"(?:\s*(?:<[^<>\s]{1,60}>|\[[^\[\]\s]{1,40}\]|[^\w\s]+))*")
# Replaces each character of text that could be mistaken for a header.
BLOT: Final = "\0"


def is_lead(run: Run) -> bool:
    """Whether it is not the model's text; neither the role nor given text is."""
    return not isinstance(run.origin, Field) or run.is_role or run.whose in _NOT_SAID


def is_empty_thought(prefill: str) -> bool:
    """Whether a prefill is an empty thought, whatever the name of its tag."""
    text = prefill.strip()
    return bool(_OPENED_AND_CLOSED.fullmatch(text) or EMPTY_THOUGHT.fullmatch(text))


def lead(trace: Trace, index: int) -> str:
    """The text of the turn of message ``index`` before any of the message's text.

    Text of others there is blanked out, since it may look like a header, and so are names of the
    speaker other than the role.
    """
    return "".join(
        BLOT * (run.end - run.start)
        if isinstance(run.origin, Field) and not run.is_role
        else trace.text[run.start : run.end]
        for run in leading(trace, index)
    )


def leading(trace: Trace, index: int) -> Iterator[Run]:
    """The runs of the turn of message ``index`` before any of the message's text."""
    return takewhile(lambda run: is_lead(run) or not run.is_of(run.turn), trace.of_turn(index))


def header_of_turns(
    rendered: Iterable[tuple[Trace, Sequence[Mapping[str, Any]]]], assistant: str
) -> str | None:
    """The header of the assistant's turns, empty if none; ``None`` if unknown.

    It is found from turns after a user, if there are answers among them: the beginning of a turn
    after another speaker may end that speaker's turn.
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
    is_header = ROLE_WORD.search(shared) or not any(_is_alike(shared, other) for other in others)
    return shared if whole and is_header else None


def _speakers(trace: Trace, messages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """The messages that print something in their own turn, with their roles."""
    said = {run.turn for run in trace.runs if not is_lead(run) and run.is_of(run.turn)}
    for index, message in enumerate(messages):
        if index in said:
            yield index, str(message.get("role"))


def _is_alike(header: str, other: str) -> bool:
    """Whether a user's turn begins in the same way."""
    return not other.strip() or other.startswith(header) or header.startswith(other)


def late_end(trace: Trace, first: int, answer: int, later: int) -> str:
    """The end of the ``answer``'s turn that the next turn prints.

    It is text that begins the ``later`` turn, but not the ``first`` of its role. Empty if there is
    none, if the first may be printed before the loop, or if the answer's turn has an end of its
    own.
    """
    plain, ending = lead(trace, first), lead(trace, later)
    late = ending.removesuffix(plain) if plain.strip() and ending.endswith(plain) else ""
    return late if late.strip() and ends_in_words(trace, answer) else ""


def closing_end(trace: Trace, answer: int, later: int, prompt: str) -> str:
    """The end of each turn that the next one prints, and that follows the last after the loop.

    ``prompt``, and the turns of ``answer`` and ``later``, begin with it. It is needed if even the
    first turn begins with it, to end the text before that.
    """
    after = trace.text[trace.last_turn_end :].rstrip()
    begun = (prompt, lead(trace, answer), lead(trace, later))
    is_shared = bool(after) and all(begins.startswith(after) for begins in begun)
    ends = is_shared and is_closing(after) and ends_in_words(trace, answer)
    return after if ends else ""


def is_closing(text: str) -> bool:
    """Whether a text after a turn, without trailing white space, can be an end.

    Words are not, nor is the opening of a thought.
    """
    return _CLOSING.fullmatch(text) is not None and not THINKING.search(text)


def ends_in_words(trace: Trace, index: int) -> bool:
    """Whether only white space is printed after the words of message ``index``."""
    own = trace.of_turn(index)
    printed = (run for run in reversed(own) if trace.text[run.start : run.end].strip())
    return any(run.is_of(run.turn) for run in islice(printed, 1))
