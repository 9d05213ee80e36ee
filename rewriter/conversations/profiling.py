"""Find a template's profile by rendering small conversations."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, Final

from jinja2 import TemplateError, nodes

from rewriter.conversations.kinds import (
    ASSISTANT,
    BLOCKS,
    CALLS,
    KINDS,
    SHAPES,
    START,
    TEXT,
    TOOL,
    USER,
)
from rewriter.conversations.outer_variables import variables
from rewriter.conversations.profile import (
    ANONYMOUS,
    BARE,
    CALL_FORMS,
    OBJECT,
    SEVERAL,
    STRING,
    THOUGHTFUL,
    TYPED,
    Profile,
)
from rewriter.conversations.rendering import Rendered, Renderings
from rewriter.conversations.steering.compared import compared_values
from rewriter.conversations.steering.places import Each
from rewriter.conversations.steering.reads import Reads
from rewriter.conversations.vocabulary import FILM, IMAGES
from rewriter.source.environment import parsed
from rewriter.source.walk import find_all
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.needed_variables import needed_variables
from rewriter.tracing.probes import SPECIAL_TOKENS, TOOLS
from rewriter.tracing.variables import GIVEN, PROVIDED

Messages = tuple[Mapping[str, Any], ...]

# A flag gets the first of these sets that is accepted as a whole, and the values it is compared
# with.
_FLAG_VALUES: Final[tuple[tuple[Any, ...], ...]] = (
    (True, False),
    (["python", "browser"],),
    ("low", "high"),
)
_SPECIAL: Final = re.compile(r"<[^<>\s'\"{}/]{2,40}>|\[[A-Z_/]{2,30}\]")
_MOST_TOKENS: Final = 12
_AT_AN_END: Final = ("startswith", "endswith")

_CONTENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"content": "yes"},
    "blocks": {"content": [{"type": "text", "text": "yes"}]},
    "empty": {"content": ""},
    "none": {"content": None},
    "missing": {},
    "image": {"content": [dict(IMAGES[0]), {"type": "text", "text": "yes"}]},
    "video": {"content": [dict(FILM), {"type": "text", "text": "yes"}]},
}
_USUALLY_BEFORE: Final = {CALLS: (USER,), TOOL: (USER, CALLS)}
_NAMED: Final = {"name": "look", "arguments": {"at": "home"}}
_CALL: Final = {"id": "call00000", "type": "function", "function": _NAMED}


def probed(*sources: str, rendered: Renderings | None = None) -> Profile:
    """What at least one of the templates accepts; ``rendered`` caches renders."""
    return _Probing(sources, rendered or Renderings()).profile()


class _Probing:
    def __init__(self, sources: Sequence[str], rendered: Renderings) -> None:
        self._sources = sources
        self._rendered = rendered
        self._read = frozenset[str]().union(*map(variables, sources))
        self._constants: dict[str, Any] = {
            name: token for name, token in SPECIAL_TOKENS.items() if name in self._read
        }
        for source in sources:
            self._constants |= _needed(source, self._rendered)
        self._shape = TEXT
        if not self._takes((self._message(USER), self._message(ASSISTANT))):
            self._shape = BLOCKS
        self._arguments = OBJECT
        self._ways: dict[str, Messages] = {START: ()}

    def profile(self) -> Profile:
        follows = {before: tuple(after) for before, after in self._follow()}
        return Profile(
            follows=MappingProxyType(follows),
            shapes=MappingProxyType({kind: self._shapes(kind) for kind in self._ways if kind}),
            calls=tuple(form for form in CALL_FORMS if self._calls(form)),
            tools=self._takes(self._ways.get(USER, ()), tools=TOOLS),
            documents="documents" in self._read,
            asks=not self._takes_alone((self._message(ASSISTANT),)),
            flags=MappingProxyType(dict(self._flags())),
            constants=MappingProxyType(self._constants),
            tokens=self._tokens(),
            sought=tuple(dict.fromkeys(each for s in self._sources for each in _sought(s))),
        )

    def _takes(self, messages: Messages, **options: Any) -> bool:
        """Whether a template renders the messages, or would with a user's message before them."""
        endings = (messages, (*messages, self._message(USER)))
        return any(self._takes_alone(ending, **options) for ending in endings)

    def _takes_alone(self, messages: Messages, **options: Any) -> bool:
        conversation = self._conversation(messages, **options)
        return any(
            isinstance(self._rendered(source, conversation), Rendered) for source in self._sources
        )

    def _conversation(self, messages: Messages, tools: Any = None, **flags: Any) -> Conversation:
        return Conversation(messages, tools=tools, flags={**self._constants, **flags})

    def _follow(self) -> Iterator[tuple[str, list[str]]]:
        """Which kinds follow which, found from the start outwards."""
        open_kinds = [START]
        while open_kinds:
            before = open_kinds.pop(0)
            after = [kind for kind in KINDS if self._leads(before, kind)]
            yield before, after
            for kind in after:
                if kind not in self._ways:
                    self._ways[kind] = (*self._ways[before], self._message(kind))
                    open_kinds.append(kind)

    def _leads(self, before: str, kind: str) -> bool:
        if kind == CALLS and not self._settle_arguments(before):
            return False
        # What may follow calls and results can depend on how many turns came before.
        usual = map(self._message, (*_USUALLY_BEFORE.get(before, ()), before) if before else ())
        ways = (self._ways[before], tuple(usual))
        return any(self._takes((*way, self._message(kind))) for way in ways)

    def _settle_arguments(self, before: str) -> bool:
        """Find out, once, which forms of arguments are accepted in tool calls."""
        for form in (OBJECT, STRING):
            if self._takes((*self._ways[before], _calling(form))):
                if CALLS not in self._ways:
                    self._arguments = form
                return True
        return False

    def _message(self, kind: str) -> Mapping[str, Any]:
        if kind == CALLS:
            return _calling(self._arguments)
        named = {"name": "look", "tool_call_id": "call00000"} if kind == TOOL else {}
        return {"role": kind, **_CONTENTS[self._shape], **named}

    def _shapes(self, kind: str) -> tuple[str, ...]:
        *before, last = self._ways[kind]
        # A template may print one form of arguments beside content, and another without content.
        forms = (last, _calling(STRING)) if kind == CALLS else (last,)
        bare = [{name: each[name] for name in each if name != "content"} for each in forms]
        return tuple(
            shape
            for shape in SHAPES
            if any(self._takes((*before, {**each, **_CONTENTS[shape]})) for each in bare)
        )

    def _calls(self, form: str) -> bool:
        if CALLS not in self._ways:
            return False
        *before, _ = self._ways[CALLS]
        return self._takes((*before, _calling(form, self._arguments)))

    def _flags(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        for name in sorted(self._read - GIVEN - PROVIDED - SPECIAL_TOKENS.keys()):
            takes = partial(self._takes_flag, name)
            usual = next((values for values in _FLAG_VALUES if all(map(takes, values))), ())
            compared = [each for s in self._sources for each in _compared(s).get(name, ())]
            if values := _distinct((*usual, *filter(takes, compared))):
                yield name, values

    def _takes_flag(self, name: str, value: Any) -> bool:
        plain = self._ways.get(ASSISTANT, ())
        called = self._ways.get(TOOL, plain)
        flag = {name: value}
        return self._takes(plain, **flag) and self._takes(called, tools=TOOLS, **flag)

    def _tokens(self) -> tuple[str, ...]:
        found = dict.fromkeys(t for source in self._sources for t in _SPECIAL.findall(source))
        return tuple(found)[:_MOST_TOKENS]


def _needed(source: str, rendered: Renderings) -> Mapping[str, Any]:
    """The variables without which a template prints no message."""

    def printed(messages: Sequence[Mapping[str, Any]], flags: Mapping[str, Any]) -> str | None:
        outcome = rendered(source, Conversation(messages, flags=flags))
        return outcome.text if isinstance(outcome, Rendered) else None

    try:
        return needed_variables(parsed(source), printed)
    except TemplateError:
        return {}


@lru_cache(maxsize=8)
def _compared(source: str) -> Mapping[str, Sequence[Any]]:
    """The values that a template compares a variable with, or a list of those for its items."""
    try:
        tree = parsed(source)
    except TemplateError:
        return {}
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for (name, *steps), values in compared_values(Reads(tree, variables(source))).items():
        if not steps:
            found[str(name)] += values
        elif steps == [Each.ITEM]:
            found[str(name)] += [[value] for value in values]
    return found


def _distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    """Each value once, where 1 and true differ."""
    return tuple({repr(value): value for value in values}.values())


def _sought(source: str) -> Iterator[str]:
    """The texts that a template looks for in others, except names of fields."""
    try:
        tree = parsed(source)
    except TemplateError:
        return
    asked: list[nodes.Expr]
    for node in find_all(tree, (nodes.Call, nodes.Compare)):
        if isinstance(node, nodes.Compare):
            asked = [node.expr] if any(each.op in ("in", "notin") for each in node.ops) else []
        elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
            asked = node.args if node.node.attr in _AT_AN_END else []
        else:
            continue
        for text in asked:
            value = text.value if isinstance(text, nodes.Const) else None
            if isinstance(value, str) and value and not value.isidentifier():
                yield value


_FORMS: Final[Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    OBJECT: lambda message: message,
    STRING: lambda message: {**message, "tool_calls": [_wrapped('{"at": "home"}')]},
    TYPED: lambda message: {**message, "tool_calls": [_wrapped({"at": "home", "depth": 2})]},
    SEVERAL: lambda message: {**message, "tool_calls": message["tool_calls"] * 2},
    BARE: lambda message: {**message, "tool_calls": [message["tool_calls"][0]["function"]]},
    ANONYMOUS: lambda message: {
        **message,
        "tool_calls": [{n: v for n, v in message["tool_calls"][0].items() if n != "id"}],
    },
    THOUGHTFUL: lambda message: {**message, "content": "yes", "reasoning_content": "hm"},
}


def _wrapped(arguments: Any) -> dict[str, Any]:
    return {**_CALL, "function": {**_NAMED, "arguments": arguments}}


def _calling(form: str, arguments: str = OBJECT) -> dict[str, Any]:
    """A message with a tool call in one of the forms, and arguments of the accepted kind."""
    call = _wrapped('{"at": "home"}') if arguments == STRING and form != OBJECT else _CALL
    return _FORMS[form]({"role": ASSISTANT, "content": "", "tool_calls": [call]})
