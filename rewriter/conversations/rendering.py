"""Render text and mask with transformers' own renderer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache, partial
from threading import RLock
from typing import Final, TypeAlias

from rewriter.errors import BadInput
from rewriter.tracing.clock import STOPPED, at_time, draws, seeded
from rewriter.tracing.compiled import Compiled
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.installed_transformers import clock, plain, prepared, rendered, sandbox

Spans: TypeAlias = tuple[tuple[int, int], ...]

# transformers returns a mask in any case, but warns if it sees no marker.
_MARKER: Final = re.compile(r"\{%[-+]?\s*generation\b")
_CLOCK: Final = RLock()
# What Python prints for an object without a text of its own, such as a method.
_ADDRESS: Final = re.compile(r"<[^<>\n]{1,200} at 0x[0-9a-f]{4,}>")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template printed, and the spans of its ``generation`` blocks in it."""

    text: str
    mask: Spans


@dataclass(frozen=True, slots=True)
class Raised:
    """The error that a template raised: the exception's type and message."""

    type: str
    message: str


Outcome: TypeAlias = Rendered | Raised


def _repeatable(text: str, mask: Spans) -> Outcome:
    """What a template printed, unless no other render would print the same.

    Where ``citation.title`` is read and the citation is a text, the method of that name is printed,
    with its address.
    """
    if " at 0x" in text and (found := _ADDRESS.search(text)):
        return Raised("TypeError", f"{found.group().partition(' at 0x')[0]}> has no text")
    return Rendered(text, mask)


Oracle: TypeAlias = Callable[[Conversation], Outcome]


def render(source: str, conversation: Conversation) -> Outcome:
    """Render ``conversation`` in transformers' sandbox, with the clock stopped."""

    def attempt() -> Outcome:
        return _repeatable(
            *rendered(
                source,
                conversation.messages,
                mask=_MARKER.search(source) is not None,
                add_generation_prompt=conversation.add_generation_prompt,
                **conversation.options,
            )
        )

    return _attempted(attempt, conversation.now, draws=draws(source))


@dataclass(slots=True)
class Renderings:
    """Renders like `render`, but faster for a few templates and many conversations.

    Each template is compiled once, in transformers' sandbox, and rendered once for equal
    conversations. Tools and documents must be plain data.
    """

    _printers: dict[str, Oracle] = field(default_factory=dict)
    _known: defaultdict[str, dict[str, Outcome]] = field(default_factory=lambda: defaultdict(dict))

    def __call__(self, source: str, conversation: Conversation) -> Outcome:
        """What `render` gives."""
        known, key = self._known[source], repr(conversation)
        outcome = known.get(key)
        if outcome is None:
            if source not in self._printers:
                self._printers[source] = _printer(source)
            outcome = known[key] = self._printers[source](conversation)
        return outcome

    def forget(self, source: str) -> None:
        """Drop everything kept for a template that is no longer rendered."""
        self._printers.pop(source, None)
        self._known.pop(source, None)


def _printer(source: str) -> Oracle:
    """A function that renders one template; `render` itself if jinja2 cannot compile it."""
    from jinja2 import TemplateError

    try:
        compiled = Compiled(sandbox().parse(source), source, {}, as_installed=True)
    except (TemplateError, BadInput, RecursionError):
        return partial(render, source)

    def outcome(conversation: Conversation) -> Outcome:
        try:
            with at_time(conversation.now):
                printed = compiled.run(
                    {
                        "messages": prepared(conversation.messages),
                        "add_generation_prompt": conversation.add_generation_prompt,
                        **plain(conversation.options),
                    }
                )
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 — a template may make jinja2 raise anything at all
            return Raised(type(error).__name__, str(error))
        return _repeatable("".join(printed.parts), printed.generated)

    return outcome


def oracle(printed: Callable[..., str]) -> Oracle:
    """Make an oracle from a function that renders like transformers' ``render_jinja_template``.

    Args:
        printed: called with the messages and, by keyword, ``add_generation_prompt``, ``tools``,
            ``documents`` and the flags; returns the text, or raises as a template does.

    """

    def outcome(conversation: Conversation) -> Outcome:
        return _attempted(
            lambda: _repeatable(
                printed(
                    conversation.messages,
                    add_generation_prompt=conversation.add_generation_prompt,
                    **conversation.options,
                ),
                (),
            ),
            conversation.now,
        )

    return outcome


def _attempted(attempt: Callable[[], Outcome], now: datetime, *, draws: bool = True) -> Outcome:
    try:
        with stopped_clock(now, draws=draws):
            return attempt()
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 — a template may make jinja2 raise anything at all
        return Raised(type(error).__name__, str(error))


@contextmanager
def stopped_clock(now: datetime = STOPPED, *, draws: bool = True) -> Iterator[None]:
    """Give every template that uses the time or random choices the same values.

    This includes transformers' own renderer. A thread that verifies holds the clock until it is
    done. ``draws`` says whether templates may use random choices, which are slow to fix.
    """
    with _CLOCK, clock(_stopped(now)), at_time(now), seeded() if draws else nullcontext():
        yield


@lru_cache(maxsize=4)
def _stopped(at: datetime) -> type[datetime]:
    """A clock that always shows the same time."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Stopped:
            return cls.combine(at.date(), at.time(), tzinfo=tz)

    return Stopped
