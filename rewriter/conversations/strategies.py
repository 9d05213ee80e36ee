"""Hypothesis strategies for conversations.

A draft is drawn without regard to a template, so that the same drafts serve them all. A profile
then fits it to a template. One draft in eight stays as it was drawn, to test guards that raise as
well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rewriter.conversations.draft import Draft
from rewriter.conversations.kinds import (
    ASSISTANT,
    BLOCKS,
    CALLS,
    DEVELOPER,
    EMPTY,
    IMAGE,
    MISSING,
    NONE,
    OTHER,
    START,
    SYSTEM,
    TEXT,
    TOOL,
    USER,
)
from rewriter.conversations.profile import Profile
from rewriter.conversations.schemas import TOOLBOXES
from rewriter.conversations.vocabulary import (
    ARGUMENTS,
    DOCUMENTS,
    FILM,
    FUNCTIONS,
    IMAGES,
    INLINE,
    PHRASES,
    REASONING_FIELDS,
)
from rewriter.tracing.conversation import Conversation

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_Any = TypeVar("_Any")

LONGEST: Final = 6
# The next speaker; repeated entries are more likely.
_NEXT: Final = {
    START: (USER, USER, USER, SYSTEM, SYSTEM, SYSTEM, DEVELOPER, ASSISTANT, TOOL, OTHER),
    SYSTEM: (USER, USER, USER, USER, ASSISTANT, SYSTEM, CALLS),
    DEVELOPER: (USER, USER, USER, ASSISTANT, SYSTEM),
    USER: (ASSISTANT,) * 4 + (CALLS,) * 3 + (USER, SYSTEM, DEVELOPER, TOOL, OTHER),
    ASSISTANT: (USER,) * 5 + (ASSISTANT, CALLS, TOOL, SYSTEM, OTHER),
    CALLS: (TOOL,) * 6 + (USER, ASSISTANT, CALLS),
    TOOL: (ASSISTANT, ASSISTANT, TOOL, TOOL, CALLS, USER, SYSTEM),
    OTHER: (ASSISTANT, USER, OTHER),
}


def conversations(profile: Profile) -> SearchStrategy[Conversation]:
    """Conversations for the template with this profile."""
    return drafts().map(profile.fitted)


@cache
def drafts() -> SearchStrategy[Draft]:
    """Conversations for any template."""
    from hypothesis import strategies

    return strategies.composite(lambda draw: _Author(draw).draft())()


@cache
def _number(below: int) -> SearchStrategy[int]:
    from hypothesis import strategies

    return strategies.integers(0, below - 1)


class _Author:
    """Writes one draft; each decision is one draw, and the first option the plainest."""

    def __init__(self, draw: Callable[[SearchStrategy[int]], int]) -> None:
        self._draw = draw

    def _one_of(self, options: Sequence[_Any]) -> _Any:
        return options[self._draw(_number(len(options)))]

    def _once_in(self, times: int) -> bool:
        return self._draw(_number(times)) == times - 1

    def draft(self) -> Draft:
        messages: list[dict[str, Any]] = []
        kind = START
        for _ in range(1 + self._draw(_number(LONGEST))):
            kind = self._one_of(_NEXT[kind])
            messages.append(self._message(kind, len(messages)))
        has_calls = any(message.get("tool_calls") for message in messages)
        conversation = Conversation(
            tuple(messages),
            tools=self._one_of(TOOLBOXES) if self._once_in(2 if has_calls else 5) else None,
            documents=DOCUMENTS if self._once_in(10) else None,
            add_generation_prompt=self._once_in(3),
        )
        choices = tuple(self._draw(_number(12)) for _ in range(3))
        return Draft(conversation, self._once_in(8), choices)

    def _message(self, kind: str, index: int) -> dict[str, Any]:
        if kind == CALLS:
            return self._calling(index)
        if kind == ASSISTANT:
            return self._assistant()
        message = {"role": kind, **self._content(self._text())}
        if kind == TOOL and not self._once_in(6):
            message |= {"name": self._one_of(FUNCTIONS), "tool_call_id": _call_id(index - 1, 0)}
        return message

    def _assistant(self) -> dict[str, Any]:
        said = self._text()
        if self._once_in(5):
            said = self._one_of(INLINE).format(thought=self._one_of(PHRASES), answer=said)
        return {"role": ASSISTANT, **self._content(said), **self._reasoning()}

    def _calling(self, index: int) -> dict[str, Any]:
        content = self._one_of(({"content": ""}, {}, {"content": None}, None, None))
        message = self._assistant() if content is None else {"role": ASSISTANT, **content}
        if content is not None:
            message |= self._reasoning()
        calls = [self._call(_call_id(index, at)) for at in range(self._one_of((1, 1, 2, 3)))]
        return {**message, "tool_calls": calls}

    def _call(self, call_id: str) -> dict[str, Any]:
        function = {"name": self._one_of(FUNCTIONS), "arguments": self._arguments()}
        forms: tuple[dict[str, Any], ...] = (
            {"id": call_id, "type": "function", "function": function},
            {"type": "function", "function": function},
            {"id": call_id, "type": "function", **function},
            function,
        )
        return self._one_of((*forms[:1], *forms))

    def _arguments(self) -> Any:
        return {"at": self._text()} if self._once_in(4) else self._one_of(ARGUMENTS)

    def _reasoning(self) -> dict[str, Any]:
        if not self._once_in(3):
            return {}
        return {self._one_of(REASONING_FIELDS): "" if self._once_in(8) else self._text()}

    def _text(self) -> str:
        phrase: str = self._one_of(PHRASES)
        if not self._once_in(4):
            return phrase
        return phrase + self._one_of(("", " ", "\n")) + self._one_of(PHRASES)

    def _content(self, said: str) -> dict[str, Any]:
        shape = self._one_of((TEXT,) * 9 + (BLOCKS, BLOCKS, IMAGE, EMPTY, NONE, MISSING))
        if shape == MISSING:
            return {}
        if shape in (BLOCKS, IMAGE):
            return {"content": self._blocks(said, shape)}
        return {"content": {EMPTY: "", NONE: None}.get(shape, said)}

    def _blocks(self, said: str, shape: str) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = [{"type": "text", "text": said}]
        if self._once_in(3):
            blocks.append({"type": "text", "text": self._text()})
        if shape == IMAGE:
            blocks.insert(self._draw(_number(2)), dict(self._one_of((*IMAGES, FILM))))
        return blocks


def _call_id(message: int, call: int) -> str:
    """An identifier of nine letters and digits, the strictest form that templates require."""
    return f"call{max(message, 0):03}{call:02}"
