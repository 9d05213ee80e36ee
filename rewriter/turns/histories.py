"""The histories on which a template's earlier answers are looked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.fields import names_of
from rewriter.tracing.installed_transformers import plain, prepared
from rewriter.tracing.probes import HISTORIES, HISTORIES_WITH_TOOLS, SPECIAL_TOKENS, TOOLS
from rewriter.tracing.variables import flags_of

Variables: TypeAlias = Mapping[str, Any]
# What is rendered: a history, with which setting of a flag, how much of it, and whether prompted.
Key: TypeAlias = tuple[int, int, int, bool]
Render: TypeAlias = tuple[Key, Sequence[Mapping[str, Any]], Variables]
NO_FLAG: Final = 0
# What each flag is set to, one setting after the other.
TRUTHS: Final = (True, False)
_PROMPT: Final = "add_generation_prompt"
_THOUGHT: Final = "reasoning_content"


def renders_for(template: Template) -> Iterator[Render]:
    """Each history as far as each of its turns, with each flag; without any comes first."""
    flags: list[Variables] = [
        {},
        *({n: v} for n in flags_of(template.tree) for v in TRUTHS),
    ]
    with_tools = [(history, TOOLS) for history in HISTORIES_WITH_TOOLS]
    histories = [*((history, None) for history in HISTORIES), *with_tools]
    for number, (history, tools) in enumerate(histories):
        messages = prepared(_by_all_names(history, template))
        for setting, values in enumerate(flags):
            given = {**SPECIAL_TOKENS, "tools": plain(tools), "documents": None, **values}
            yield from _cut_short(number, setting, messages, given)


def renders_of(further: Sequence[Conversation]) -> Iterator[Render]:
    """The same of other conversations, numbered from the end."""
    for number, each in enumerate(further, start=1):
        given = {**SPECIAL_TOKENS, "documents": None, **each.options, "tools": plain(each.tools)}
        yield from _cut_short(-number, NO_FLAG, prepared(each.messages), given)


def _cut_short(
    number: int, setting: int, messages: Sequence[Mapping[str, Any]], given: Variables
) -> Iterator[Render]:
    for end in range(2, len(messages) + 1):
        prompts = (False,) if messages[end - 1]["role"] == "assistant" else (False, True)
        for prompt in prompts:
            key = (number, setting, end, prompt)
            yield key, messages[:end], {**given, _PROMPT: prompt}


def _by_all_names(
    history: Sequence[Mapping[str, Any]], template: Template
) -> list[Mapping[str, Any]]:
    """A history whose thoughts stand under each name that a template may read them by."""
    names = [name for name in sorted(names_of("reasoning")) if name in template.text]
    return [
        {**dict.fromkeys(names, message[_THOUGHT]), **message} if _THOUGHT in message else message
        for message in history
    ]
