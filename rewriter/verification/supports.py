"""Which conversations a template can render, as a catalog records it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rewriter.conversations.vocabulary import REASONING_FIELDS
from rewriter.engine.families import Supports
from rewriter.tracing.origins import Field
from rewriter.tracing.probes import SPECIAL_TOKENS, TOOLS
from rewriter.tracing.render import TracedTemplate

Message = Mapping[str, Any]

_USER: Final = {"role": "user", "content": "what now"}
_ANSWER: Final = {"role": "assistant", "content": "this"}
_SYSTEM: Final = {"role": "system", "content": "be brief"}
_INLINE: Final = {"role": "assistant", "content": "<think>\nwhy\n</think>\n\nthis"}
_LISTED: Final = [{"type": "text", "text": "what now"}]
_GIVEN: Final[Mapping[str, Any]] = {"tools": TOOLS, **SPECIAL_TOKENS}
_ARGUMENTS: Final = ({"at": "home"}, '{"at": "home"}')


def supports(source: str) -> Supports:
    """What ``source`` renders and prints, found by rendering conversations.

    Raises:
        BadInput: it is not a template.

    """
    return _Support(TracedTemplate(source)).supports()


class _Support:
    def __init__(self, traced: TracedTemplate) -> None:
        self._traced = traced

    def supports(self) -> Supports:
        return Supports(
            tools=self._prints_calls(),
            reasoning=self._prints_reasoning(),
            list_content=any(
                self._prints(("content", 0, "text"), 0, {**_USER, "content": _LISTED}, answer)
                for answer in (_ANSWER, {**_ANSWER, "content": _LISTED})
            ),
            system_role=self._prints(("content",), 0, _SYSTEM, _USER, _ANSWER),
            alternation=all(
                self._traced.attempted(turns, **_GIVEN) is None
                for turns in ((_USER, _USER), (_USER, _USER, _ANSWER))
            ),
        )

    def _prints_calls(self) -> bool:
        calls = (
            {"id": "call00001", "type": "function", "function": {"name": "look", "arguments": it}}
            for it in _ARGUMENTS
        )
        return any(
            self._prints(("tool_calls",), 1, _USER, {**_ANSWER, **said, "tool_calls": [call]})
            for call in calls
            for said in ({"content": ""}, {"content": None})
        )

    def _prints_reasoning(self) -> bool:
        """Whether it prints a field of reasoning, or treats reasoning within content separately.

        Content that is printed unchanged is not treated separately.
        """
        if any(self._prints((n,), 1, _USER, {**_ANSWER, n: "why"}) for n in REASONING_FIELDS):
            return True
        trace = self._traced.attempted((_USER, _INLINE, _USER), **_GIVEN)
        if trace is None or _INLINE["content"] in trace.text:
            return False
        return self._prints(("content",), 1, _USER, _INLINE, _USER)

    def _prints(self, path: tuple[str | int, ...], number: int, *messages: Message) -> bool:
        """Whether some text of a message's field is printed."""
        trace = self._traced.attempted(messages, **_GIVEN)
        return trace is not None and any(
            isinstance(run.origin, Field)
            and run.origin.message == number
            and run.origin.path[: len(path)] == path
            for run in trace.runs
        )
