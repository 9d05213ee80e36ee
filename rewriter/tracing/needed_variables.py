"""The variables without which a template prints no message.

Some templates raise, or print nothing, unless they are given documents, functions or a date. What
they print otherwise shows nothing, so every conversation must have these variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from jinja2 import nodes

from rewriter.tracing.probes import DOCUMENTS, PLAIN, SPECIAL_TOKENS, TOOLS, Conversation
from rewriter.tracing.variables import PROVIDED, WITHHELD, variables_of

Printed = Callable[[Conversation, Mapping[str, Any]], str | None]

_ALWAYS: Final = frozenset({"messages", "add_generation_prompt"})
_GIVEN: Final = {"tools": list(TOOLS), "documents": list(DOCUMENTS)}
_TEXT: Final = "a text"
_OTHERWISE: Final = (True, 1, [_TEXT], *_GIVEN.values())
_SAID: Final = ("what now", "an answer")


def needed_variables(tree: nodes.Template, printed: Printed) -> Mapping[str, Any]:
    """A value for each variable that must be given; empty for a template that needs none.

    It is empty too if no value that was tried helps.

    Args:
        tree: the template.
        printed: the text of a conversation with variables, or ``None`` where it raises.

    """

    def prints(variables: Mapping[str, Any]) -> bool:
        texts = (printed(chat, {**SPECIAL_TOKENS, **variables}) for chat in PLAIN)
        return any(text is not None and any(said in text for said in _SAID) for text in texts)

    if prints({}):
        return {}
    names = variables_of(tree) - _ALWAYS - PROVIDED - WITHHELD - SPECIAL_TOKENS.keys()
    found = next(filter(prints, _assignments(sorted(names))), {})
    for name in sorted(found):
        fewer = {other: value for other, value in found.items() if other != name}
        found = fewer if prints(fewer) else found
    return found


def _assignments(names: list[str]) -> Iterator[Mapping[str, Any]]:
    """Values for all names: texts, except for what is known; then another value for one of them."""
    if names:
        texts = {**dict.fromkeys(names, _TEXT), **{n: _GIVEN[n] for n in names if n in _GIVEN}}
        yield texts
        for name in names:
            for value in _OTHERWISE:
                yield {**texts, name: value}
