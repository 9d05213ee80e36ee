"""A template's tree, changed or not, compiled and run in transformers' own sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from types import BuiltinMethodType, MethodType
from typing import Any, Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2 import Template as Jinja
from jinja2.runtime import LoopContext, Macro
from jinja2.utils import Namespace

from rewriter.errors import BadInput
from rewriter.source.environment import GenerationTag
from rewriter.source.lexer import syntax_error
from rewriter.tracing.clock import draws, seeded, strftime_now
from rewriter.tracing.inputs import Message
from rewriter.tracing.installed_transformers import SeenParts, sandbox
from rewriter.tracing.origins import Input
from rewriter.tracing.provenance import Traced

# The sandbox wraps formatting, so that format strings cannot read attributes.
_CLOCK: Final = "strftime_now"
_FORMATS: Final = frozenset({"format", "format_map"})
_SAFE: Final[Mapping[type, frozenset[str]]] = {
    cls: frozenset(name for name in dir(named) if name[:1] != "_") - _FORMATS
    for cls, named in ((str, str), (Traced, str), (LoopContext, LoopContext))
}

_METHODS: Final = frozenset({BuiltinMethodType, MethodType})
_METHODS_OF: Final = frozenset({str, dict, list, Traced, Message})

Joined = Callable[[Iterable[str]], str]


@dataclass(frozen=True, slots=True)
class Printed:
    """The parts that a run yields, and the spans of its ``generation`` blocks."""

    parts: Sequence[str]
    generated: tuple[tuple[int, int], ...]


class Compiled:
    """A tree compiled for transformers' sandbox; one instance renders one conversation at a time.

    Args:
        tree: the tree to compile; it may call filters that no template can name.
        text: the source that errors show.
        filters: these filters, and new versions of jinja2's own.
        joined: the function that joins captured text, instead of ``"".join``.
        as_installed: whether to fold constants and find spans like the installed transformers.
            Recording calls must not be folded.

    Raises:
        BadInput: jinja2 cannot compile it, such as for an unknown filter.

    """

    def __init__(
        self,
        tree: nodes.Template,
        text: str,
        filters: Mapping[str, Callable[..., Any]],
        *,
        joined: Joined | None = None,
        as_installed: bool = False,
    ) -> None:
        environment = sandbox().overlay()
        environment.optimized = as_installed
        if joined:
            environment.concat = joined  # type: ignore[method-assign]
        environment.filters = {**environment.filters, **filters}
        tracker = next(e for e in environment.extensions.values() if "generation" in e.tags)
        environment.extensions[GenerationTag.identifier] = tracker
        environment.getattr = _getattr(environment)  # type: ignore[method-assign,assignment]
        environment.call = _call(environment)  # type: ignore[attr-defined]
        self._tracker: Any = tracker
        self._parts: type[list[str]] = list if as_installed else SeenParts
        self._chance = seeded if draws(text) else nullcontext
        self._jinja = _compiled(tree, text, environment)

    def run(self, variables: Mapping[str, Any]) -> Printed:
        """Render; raises whatever the template raises."""
        parts = self._parts()
        generated: list[tuple[int, int]] = []
        with self._chance(), self._tracker.activate_tracker(parts, generated):
            context = self._jinja.new_context(dict(variables))
            for part in self._jinja.root_render_func(context):
                parts.append(part)  # one by one: the tracker reads them while they grow
        return Printed(parts, tuple(generated))


def _getattr(environment: Environment) -> Callable[[Any, str], Any]:
    """The sandbox's ``getattr``, with a fast path for the usual reads of templates.

    These are fields of messages and namespaces, methods of strings, and attributes of ``loop``. The
    sandbox looks for an attribute first, handles an exception if there is none, and makes half a
    dozen checks if there is one. For these types, the results are known. Source:
    ``SandboxedEnvironment.getattr`` in jinja2's ``sandbox.py``.
    """
    sandboxed = environment.getattr

    def getattr_(obj: Any, attribute: str) -> Any:
        cls = type(obj)
        if issubclass(cls, dict):
            if not hasattr(obj, attribute):
                try:
                    return obj[attribute]
                except KeyError:
                    return environment.undefined(obj=obj, name=attribute)
        elif attribute in _SAFE.get(cls, ()):
            return getattr(obj, attribute)
        elif issubclass(cls, Namespace) and attribute[:1] != "_":
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        return sandboxed(obj, attribute)

    return getattr_


def _call(environment: Any) -> Callable[..., Any]:
    """The sandbox's ``call``, with a fast path for the usual calls of templates.

    These are macros, and methods of given values. Neither is marked as unsafe. A macro takes the
    evaluation context, and a method of a built-in type nothing from jinja2. Sources:
    ``SandboxedEnvironment.call`` in jinja2's ``sandbox.py`` and ``Context.call`` in its
    ``runtime.py``.
    """
    sandboxed = environment.call

    def call(context: Any, obj: Any, *args: Any, **options: Any) -> Any:
        kind = obj.__class__
        if kind is Macro:
            options.pop("_block_vars", None)
            options.pop("_loop_vars", None)
            return obj(context.eval_ctx, *args, **options)
        if kind in _METHODS and obj.__self__.__class__ in _METHODS_OF:
            options.pop("_block_vars", None)
            options.pop("_loop_vars", None)
            return obj(*args, **options)
        return sandboxed(context, obj, *args, **options)

    return call


def _compiled(tree: nodes.Template, text: str, environment: Environment) -> Jinja:
    tree.set_environment(environment)
    try:
        code = environment.compile(tree)
    except TemplateSyntaxError as error:
        raise syntax_error(text, error) from None
    except SyntaxError as error:  # from Python, about the code that jinja2 generates
        message = f"the template does not compile: {error.msg}"
        hint = "a break outside a loop, or some hundred operators in one expression, do this"
        raise BadInput(message, hint=hint) from None
    except RecursionError:
        raise too_deep() from None
    return environment.template_class.from_code(
        environment, code, {**environment.make_globals(None), _CLOCK: _time}
    )


def _time(format_: str) -> str:
    """The time, with its origin."""
    return Traced.whole(strftime_now(format_), Input(_CLOCK))


def too_deep() -> BadInput:
    """The error for a template that is too deep for Python's stack."""
    hint = "no template that a model ships comes near this; check where the file is from"
    return BadInput("the template is nested too deeply to be compiled", hint=hint)
