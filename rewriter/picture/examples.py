"""A few conversations, in plain words, that show what a template does.

Each is tried as it is, then in the form that the template takes. One that shows nothing new is left
out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import cycle
from typing import Any, Final, TypeAlias

from rewriter.conversations.profile import Profile
from rewriter.conversations.profiling import probed
from rewriter.picture.picture import DrawnConversation, Part
from rewriter.tracing.conversation import Conversation

Message: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[str, Conversation], DrawnConversation]

# The keys under which templates read a thought; most know the first.
_REASONING: Final = ("reasoning_content", "reasoning", "thinking", "thought", "thoughts")
_TAGS: Final = ("<think>", "</think>")

_SYSTEM: Final[Message] = {"role": "system", "content": "You help travellers. Be brief."}
_LISBON: Final[Message] = {"role": "user", "content": "Does it rain in Lisbon?"}
_PORTO: Final[Message] = {"role": "user", "content": "And in Porto and Faro?"}
_DRY: Final[Message] = {"role": "assistant", "content": "No, it is dry and 21 °C."}
_WET: Final[Message] = {"role": "assistant", "content": "In Porto it rains. In Faro it does not."}
_THOUGHTS: Final = ("I have to look that up.", "The sky is clear.", "Two places, so two calls.")
_TOOLS: Final = (
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string", "description": "Its name."}},
                "required": ["city"],
            },
        },
    },
)


def _calls(content: str, *cities: str) -> Message:
    calls = [
        {
            "id": f"call0000{number}",
            "type": "function",
            "function": {"name": "get_weather", "arguments": {"city": city}},
        }
        for number, city in enumerate(cities, start=1)
    ]
    return {"role": "assistant", "content": content, "tool_calls": calls}


def _result(number: int, content: str) -> Message:
    call = {"tool_call_id": f"call0000{number}", "name": "get_weather"}
    return {"role": "tool", **call, "content": content}


_CALLED: Final = (
    _LISBON,
    _calls("I will look.", "Lisbon"),
    _result(1, '{"sky": "clear", "celsius": 21}'),
    _DRY,
    _PORTO,
    _calls("", "Porto", "Faro"),
    _result(1, '{"sky": "rain"}'),
    _result(2, '{"sky": "clear"}'),
    _WET,
)


@dataclass(frozen=True)
class Examples:
    """The conversations for one template.

    Attributes:
        source: the template.
        draw: draws a conversation under a title.
        variables: the variables to render with, such as ``bos_token``.

    """

    source: str
    draw: Draw
    variables: Mapping[str, Any]

    def drawn(self) -> tuple[DrawnConversation, ...]:
        """The conversations that the template prints, each showing something new."""
        return tuple(self._drawn())

    def _drawn(self) -> Iterator[DrawnConversation]:
        turns = (_SYSTEM, _LISBON, _DRY, _PORTO, _WET)
        plain = self._printed("Two answers", Conversation(turns))
        called = self._called(_CALLED, "Calls and results")
        if plain:
            yield plain
        thought = self._thoughtful("Thoughts", turns[1:])
        if thought:
            yield thought
        if called and thought:
            together = self._thoughtful("Thoughts, calls and results", _CALLED, tools=_TOOLS)
            called = together if together and together.has(Part.CALL) else called
        if called:
            yield called
        prompt = Conversation((_LISBON,), add_generation_prompt=True)
        if prompted := self._printed("What the model is prompted with", prompt):
            yield prompted

    def _called(self, messages: tuple[Message, ...], title: str) -> DrawnConversation | None:
        """The conversation with all calls, or only the first, if the template prints them."""
        for length in (len(messages), 4):
            conversation = Conversation(messages[:length], tools=_TOOLS)
            drawn = self._printed(title, conversation)
            if drawn and drawn.has(Part.CALL):
                return drawn
        return None

    def _thoughtful(
        self, title: str, messages: tuple[Message, ...], **given: Any
    ) -> DrawnConversation | None:
        """The messages with thoughts, under the key that the template reads, or in the content."""
        named = (with_thoughts(messages, name) for name in _REASONING)
        inline = [with_thoughts(messages)] if _TAGS[1] in self.source else []
        for thoughtful in (*named, *inline):
            drawn = self._printed(title, Conversation(thoughtful, **given))
            if drawn and any(thought in drawn.text for thought in _THOUGHTS):
                return drawn
        return None

    def _printed(self, title: str, conversation: Conversation) -> DrawnConversation | None:
        """The conversation, drawn as it is or in the form that the template takes."""
        given = replace(conversation, flags={**self.variables, **conversation.flags})
        drawn = self.draw(title, given)
        if drawn.raised:
            drawn = self.draw(title, self._profile.accepted(given))
        elif not _says(drawn, given):
            # A template that walks over blocks prints nothing of plain text.
            blocks = self.draw(title, _in_blocks(given))
            drawn = blocks if _says(blocks, given) else drawn
        return None if drawn.raised else drawn

    @cached_property
    def _profile(self) -> Profile:
        return probed(self.source)


def _says(drawn: DrawnConversation, conversation: Conversation) -> bool:
    """Whether anything that is said is printed."""
    said = (message["content"] for message in conversation.messages)
    return any(words and words in drawn.text for words in said)


def _in_blocks(conversation: Conversation) -> Conversation:
    messages = (
        {**message, "content": [{"type": "text", "text": message["content"]}]}
        for message in conversation.messages
    )
    return replace(conversation, messages=tuple(messages))


def with_thoughts(messages: tuple[Message, ...], field: str = "") -> tuple[Message, ...]:
    """The messages, with the assistant's thoughts under the key ``field``, or in the content."""
    thoughts = cycle(_THOUGHTS)
    return tuple(
        _thoughtful(message, next(thoughts), field) if message["role"] == "assistant" else message
        for message in messages
    )


def _thoughtful(message: Message, thought: str, field: str) -> Message:
    if field:
        return {**message, field: thought}
    opening, closing = _TAGS
    return {**message, "content": f"{opening}\n{thought}\n{closing}\n\n{message['content']}"}
