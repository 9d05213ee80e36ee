"""What the installed transformers does with a chat template, whichever release it is.

Nothing else in the package reads what transformers does not export. What its releases do:

- from 5.4 a ``generation`` block that stands before all text has a span, like any other;
- from 5.21 the template reads a thought under each of its names, whichever the message gives;
- from 5.22 the template gets plain data, whatever the message holds, and namespaces refuse names
  that begin with an underscore;
- from 5.24 ``apply_chat_template`` drops fields that are ``None``, and a tokenizer's mask holds
  each token that overlaps a span.

Features are detected, not derived from the release number, so that backports work. Source:
``utils/chat_template_utils.py`` in transformers 4.56.2 to 5.24.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jinja2 import Environment

_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def sandbox() -> Environment:
    """The environment that transformers renders chat templates in."""
    environment: Environment = _module()._compile_jinja_template("").environment  # noqa: SLF001
    return environment


def rendered(
    source: str, messages: Sequence[Mapping[str, Any]], *, mask: bool, **options: Any
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text that transformers' own renderer prints, and the spans of ``generation`` blocks.

    Args:
        source: the template.
        messages: one conversation.
        mask: whether to return spans.
        options: every other variable.

    """
    texts, spans = _module().render_jinja_template(
        conversations=[[dict(message) for message in messages]],
        chat_template=source,
        return_assistant_tokens_mask=mask,
        **options,
    )
    return texts[0], tuple(spans[0]) if mask else ()


def prepared(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages as transformers' renderer passes them to a template."""
    alias: Callable[[Any], list[dict[str, Any]]] | None = _own("_alias_reasoning_fields")
    given: list[dict[str, Any]] = plain(list(messages))
    return alias(given) if alias else given


def plain(value: Any) -> Any:
    """A value as transformers' renderer passes it to a template.

    Plain data is copied here, in a fraction of the time.
    """
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is dict:
        return {
            (name if type(name) in _SCALARS else plain(name)): (
                item if type(item) in _SCALARS else plain(item)
            )
            for name, item in value.items()
        }
    if kind is list:
        return [item if type(item) in _SCALARS else plain(item) for item in value]
    made_plain: Callable[[Any], Any] | None = _own("_plain_template_data")
    return made_plain(value) if made_plain else value


def applied_messages(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages as ``apply_chat_template`` passes them to the renderer."""
    if _own("_normalize_chat_messages") is None:
        return [dict(message) for message in messages]
    return [
        {name: value for name, value in message.items() if value is not None}
        for message in messages
    ]


def masks_what_overlaps() -> bool:
    """Whether a tokenizer's mask holds each token that overlaps a span.

    Before, it held those from the span's first character to its last, if it found them.
    """
    return _own("_normalize_chat_messages") is not None


class SeenParts(list[str]):
    """Parts of a text in which every release sees a block at the start.

    Before 5.4, an empty list counted as no list.
    """

    def __bool__(self) -> bool:
        return True


def sees_first_block() -> bool:
    """Whether a ``generation`` block that stands before all text has a span."""
    source = "{% generation %}x{% endgeneration %}"
    return rendered(source, (), mask=True) == ("x", ((0, 1),))


@contextmanager
def clock(stopped: type[datetime]) -> Iterator[None]:
    """Make the renderer's ``strftime_now`` use another clock."""
    module = _module()
    running = module.datetime
    module.datetime = stopped
    try:
        yield
    finally:
        module.datetime = running


@cache
def _module() -> Any:
    from transformers.utils import chat_template_utils

    return chat_template_utils


def _own(name: str) -> Any:
    return getattr(_module(), name, None)
