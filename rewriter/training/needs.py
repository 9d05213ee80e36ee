"""What a training run needs from a template, and whether the template has it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from rewriter.conversations.rendering import Rendered, render
from rewriter.engine.transforms import Goal
from rewriter.source.template import Template
from rewriter.tokens.prefixes import prefix_verdicts
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.origins import Field
from rewriter.tracing.probes import SPECIAL_TOKENS
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.missing_ends import unended
from rewriter.turns.stop_headers import stops_printed

_ASKED: Final = "what now"
_FOUND: Final = "found"
_EXCHANGED: Final = (
    Field(1, ("tool_calls", 0, "function", "name")),
    Field(1, ("tool_calls", 0, "function", "arguments")),
    Field(2, ("content",)),
)
_ARGUMENTS: Final[tuple[Any, ...]] = ({"at": "home"}, '{"at": "home"}')


@lru_cache(maxsize=64)
def has_markers(source: str) -> bool:
    """Whether a template has a ``generation`` tag, outside comments and strings.

    Raises:
        BadInput: it is no template.

    """
    return Template(source).is_marked


@lru_cache(maxsize=64)
def takes_tools(source: str, *, blocks: bool = False) -> bool:
    """Whether a template prints a tool's call, name and arguments, and its result.

    Args:
        source: the template.
        blocks: whether content comes in blocks, as from processors, rather than as text.

    Raises:
        BadInput: it is no template.

    """
    traced = TracedTemplate(source)
    return any(_prints_call(traced, chat) for chat in _called(blocks))


@lru_cache(maxsize=64)
def takes_objects(source: str, *, blocks: bool = False) -> bool:
    """Whether a template accepts the arguments of a tool call as an object, not only a string."""
    by_object, by_string = (_renders(source, chat) for chat in _called(blocks))
    return by_object or not by_string


@lru_cache(maxsize=64)
def keeps_prefixes(source: str) -> bool:
    """Whether printed text stays the same when a tool's result follows."""
    return all(
        verdict.broken is None
        for verdict in prefix_verdicts(source)
        if verdict.across == "tool messages"
    )


@lru_cache(maxsize=64)
def ends_turns(source: str, *, has_eos: bool = True) -> bool:
    """Whether every kind of assistant's turn that a template prints has an end.

    Without ``has_eos``, the tokenizer has no ``eos_token``, so the template prints nothing for it.
    """
    traced = TracedTemplate(source)
    tokens = {n: token for n, token in SPECIAL_TOKENS.items() if has_eos or n != "eos_token"}
    return not unended(traced, stops_printed(traced), tokens=tokens)


def missing(
    source: str, *, mask: bool, tools: bool, blocks: bool, stop_token: bool
) -> Iterator[Goal]:
    """The requested goals that a template does not meet yet."""
    if tools and not takes_objects(source, blocks=blocks):
        yield "dict-arguments"
    if tools and not keeps_prefixes(source):
        yield "prefix-preserving"
    if mask and not has_markers(source):
        yield "assistant-mask"
    if stop_token and not ends_turns(source):
        yield "stop-token"


def _called(blocks: bool) -> Iterator[Conversation]:
    """A tool call and its result, with arguments as an object and as a string."""
    for arguments in _ARGUMENTS:
        call = {
            "id": "call00001",
            "type": "function",
            "function": {"name": "look", "arguments": arguments},
        }
        yield Conversation(
            (
                {"role": "user", "content": _content(_ASKED, blocks)},
                {"role": "assistant", "content": _content("", blocks), "tool_calls": [call]},
                {
                    "role": "tool",
                    "name": "look",
                    "tool_call_id": "call00001",
                    "content": _content(_FOUND, blocks),
                },
            ),
            flags=SPECIAL_TOKENS,
        )


def _content(text: str, blocks: bool) -> str | list[dict[str, str]]:
    if not blocks:
        return text
    return [{"type": "text", "text": text}] if text else []


def _renders(source: str, conversation: Conversation) -> bool:
    return isinstance(render(source, conversation), Rendered)


def _prints_call(traced: TracedTemplate, chat: Conversation) -> bool:
    try:
        trace = traced.render(chat.messages, **chat.options)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 — a template may refuse tools in any way
        return False
    said = {run.origin for run in trace.runs if isinstance(run.origin, Field)}
    return all(any(_covers(origin, field) for origin in said) for field in _EXCHANGED)


def _covers(printed: Field, wanted: Field) -> bool:
    """Whether the printed field is the wanted one, or contains it."""
    pairs = zip(printed.path, wanted.path, strict=False)
    return printed.message == wanted.message and all(one == other for one, other in pairs)
