"""A template rendered so that each output character tells where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import Environment, TemplateSyntaxError
from jinja2 import Template as Compiled

from rewriter.errors import BadInput
from rewriter.source.environment import GenerationTag
from rewriter.source.lexer import syntax_error
from rewriter.source.literals import value_offsets
from rewriter.source.template import Template
from rewriter.tracing.instrument import Instrument
from rewriter.tracing.provenance import (
    Literal,
    Origin,
    joined,
    stretches_of,
    traced_inputs,
    traced_messages,
    tracked,
)
from rewriter.tracing.witness import Witness


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring output characters ``[start, end)`` of one origin, one way and one turn."""

    start: int
    end: int
    origin: Origin
    sites: tuple[int, ...]
    turn: int | None


@dataclass(frozen=True)
class Trace:
    """A rendered conversation.

    ``runs`` cover the text without a gap; ``generated`` are the spans of its ``generation``
    blocks as transformers finds them.
    """

    text: str
    runs: tuple[Run, ...]
    generated: tuple[tuple[int, int], ...]


class TracedTemplate:
    """A template compiled once, in transformers' sandbox, with every piece traced.

    One instance renders one conversation at a time.

    Raises:
        BadInput: if jinja2 cannot compile it, as for a filter that there is not.

    """

    def __init__(self, template: Template | str) -> None:
        self.template = Template(template) if isinstance(template, str) else template
        copier = Instrument(self.template)
        self._literals = copier.literals
        self._witness = Witness()
        self._tracker: Any
        try:
            self._compiled = self._compile(copier)
        except TemplateSyntaxError as error:
            raise syntax_error(self.template.text, error) from None
        except SyntaxError as error:  # Python's, on the code that jinja2 makes of the template
            message = f"the template does not compile: {error.msg}"
            hint = "a break outside a loop, or some hundred operators in one expression, do this"
            raise BadInput(message, hint=hint) from None
        except RecursionError:
            message = "the template is nested too deeply to be compiled"
            hint = "no template that a model ships comes near; check where the file is from"
            raise BadInput(message, hint=hint) from None

    def _compile(self, copier: Instrument) -> Compiled:
        tree = copier.tree()
        environment = self._prepared(copier)
        tree.set_environment(environment)
        code = environment.compile(tree)
        return environment.template_class.from_code(
            environment, code, environment.make_globals(None)
        )

    def _prepared(self, copier: Instrument) -> Environment:
        environment = sandbox().overlay()
        environment.optimized = False  # nothing is left constant, so there is nothing to fold
        environment.concat = joined  # type: ignore[method-assign]
        environment.filters = dict(environment.filters)
        for name in copier.filters & environment.filters.keys():
            environment.filters[name] = tracked(environment.filters[name])
        environment.filters.update(self._witness.filters)
        tracker = next(e for e in environment.extensions.values() if "generation" in e.tags)
        environment.extensions[GenerationTag.identifier] = self._tracker = tracker
        return environment

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        tools: Sequence[Any] | None = None,
        documents: Sequence[Any] | None = None,
        add_generation_prompt: bool = False,
        **flags: Any,
    ) -> Trace:
        """Render a conversation as transformers' ``render_jinja_template`` does.

        Raises whatever the template raises.
        """
        self._witness.begin()
        parts: list[str] = []
        generated: list[tuple[int, int]] = []
        variables = {
            "messages": traced_messages(prepared(messages)),
            **traced_inputs({"tools": tools, "documents": documents, **flags}),
            "add_generation_prompt": add_generation_prompt,
        }
        with self._tracker.activate_tracker(parts, generated):
            context = self._compiled.new_context(variables)
            for part in self._compiled.root_render_func(context):
                parts.append(part)  # noqa: PERF402 — the tracker reads it while it grows
        text = "".join(parts)
        return Trace(text, _runs(parts), tuple(generated))

    @cached_property
    def _offsets(self) -> dict[int, tuple[int, ...] | None]:
        offsets: dict[int, tuple[int, ...] | None] = {}
        for at, node in self._literals.items():
            span = self.template.span(node)
            if span is not None:
                offsets[at] = value_offsets(self.template.text, *span, node.value)
        return offsets

    def source_offsets(self, origin: Literal, length: int) -> Sequence[int]:
        """Where in the source ``length`` characters of a literal or of template text are written.

        Empty for a literal whose characters cannot be told apart, such as two that jinja2 joined.
        """
        end = origin.index + length
        if origin.at in self._literals:
            return (self._offsets.get(origin.at) or ())[origin.index : end]
        text = self.template.text
        if "\r" not in text:
            return range(origin.at + origin.index, origin.at + end)
        return _without_returns(text, origin.at, end)[origin.index :]


def _without_returns(text: str, position: int, length: int) -> list[int]:
    """The offsets of ``length`` characters from ``position``, a CRLF counted as one."""
    offsets: list[int] = []
    while len(offsets) < length:
        offsets.append(position)
        position += 2 if text.startswith("\r\n", position) else 1
    return offsets


def sandbox() -> Environment:
    """The environment that transformers renders chat templates in."""
    from transformers.utils import chat_template_utils

    environment: Environment = chat_template_utils._compile_jinja_template("").environment  # noqa: SLF001
    return environment


def prepared(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages as transformers hands them to a template: plain data, reasoning aliased."""
    from transformers.utils import chat_template_utils

    plain = chat_template_utils._plain_template_data(list(messages))  # noqa: SLF001
    aliased: list[dict[str, Any]] = chat_template_utils._alias_reasoning_fields(plain)  # noqa: SLF001
    return aliased


def _runs(parts: Iterable[str]) -> tuple[Run, ...]:
    runs: list[Run] = []
    position = 0
    for part in parts:
        for length, origin, sites, turn in stretches_of(part):
            runs.append(Run(position, position + length, origin, sites, turn))
            position += length
    return tuple(runs)
