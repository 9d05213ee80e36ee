"""The keys and variables that a template reads, and that are not known to be the model's."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final

from jinja2 import nodes

from rewriter.source.template import Template
from rewriter.source.walk import find_all
from rewriter.tracing.block_types import TypesAsked, types_asked
from rewriter.tracing.chosen_keys import choosing, looked_up
from rewriter.tracing.compared_keys import compared_texts
from rewriter.tracing.fields import LISTED, Whose, is_listed, is_models
from rewriter.tracing.held_whole import messages_held
from rewriter.tracing.made_from import key_of, made_from, origins
from rewriter.tracing.variables import GIVEN, PROVIDED, variables_of

_ANY_KEY: Final = frozenset({"items", "values", "dictsort", "itervalues"})
_NAME: Final = "name"


@dataclass(frozen=True, slots=True)
class Unlisted:
    """The keys and variables that a template reads and that are not known to be the model's.

    Attributes:
        keys: of messages, calls and blocks, that no list has, or only as given.
        variables: those that it may print, likewise.
        compared: of some of these keys, the texts that the template tells apart.
        misplaced: keys of messages that the list has for calls or blocks alone.
        beside: keys that models write, and that are read by the same name as some of ``keys``.
        named: whether it reads the name of whoever says a message.
        prints_any_key: whether it may print keys of a message by no name.
        choosing: the keys and variables whose values say which key of a message is read.
        types: what it asks the types of blocks, calls and messages for.

    """

    keys: tuple[str, ...]
    variables: tuple[str, ...]
    compared: Mapping[str, tuple[str, ...]]
    misplaced: tuple[str, ...]
    beside: tuple[str, ...]
    named: bool
    prints_any_key: bool
    choosing: frozenset[str]
    types: TypesAsked


def unlisted(template: Template) -> Unlisted:
    """The unlisted keys and variables of a template; no keys if it only tests for some."""
    read = dict(keys_read(template.tree))
    found = {key: read[key] for key in sorted(read) if key != _NAME and not is_models(key)}
    keys = tuple(found) if any(found.values()) else ()
    walked = list(_walked(template.tree))
    names = {
        each.name
        for each, is_test in walked
        if isinstance(each, nodes.Name) and each.ctx == "load" and not is_test
    }
    stored = {n.name for n in find_all(template.tree, nodes.Name) if n.ctx == "store"}
    given = (names & variables_of(template.tree)) - PROVIDED - GIVEN
    whose = {name: LISTED.of_variable(name) for name in sorted(given) if not is_models(name)}
    # A variable that is known, and that the template sets, is one of its own.
    unknown = (n for n, w in whose.items() if w and (w is Whose.UNKNOWN or n not in stored))
    chosen_by = _choosing(template.tree, given)
    any_key = bool(chosen_by) or _prints_any_key(template.tree)
    return Unlisted(
        keys,
        tuple(unknown),
        compared_texts(template.tree, frozenset(each for each in keys if not is_listed(each))),
        tuple(sorted(_misplaced(template.tree))),
        tuple(sorted(_beside(template.tree, found))),
        read.get(_NAME, False),
        any_key,
        chosen_by,
        types_asked(template.tree),
    )


def _misplaced(tree: nodes.Template) -> Iterator[str]:
    printed = {id(each) for each, is_test in _walked(tree) if not is_test}
    read = messages_held(tree).keys_in(tree)
    for key in {key for key, node in read if id(node) in printed}:
        if is_listed(key) and LISTED.of_path((key,)) is Whose.UNKNOWN:
            yield key


def _beside(tree: nodes.Template, given: Container[str]) -> Iterator[str]:
    """The keys that models write, if others are looked up in the same way: ``m[key]``."""
    read = set(looked_up(tree, made_from(tree)))
    if any(key in given for key in read):
        yield from (key for key in read if is_models(key) and key not in (_NAME, "content"))


def keys_read(tree: nodes.Template) -> Iterator[tuple[str, bool]]:
    """The keys that are read of messages, and whether one is read where it may be printed."""
    names = made_from(tree)
    own = {each.name for each in find_all(tree, nodes.NSRef)} | {"loop"}
    found: dict[str, bool] = {}
    for node, is_test in _walked(tree):
        key = key_of(node)
        base = getattr(node, "node", None)
        if key is None or (isinstance(base, nodes.Name) and base.name in own):
            continue
        if "messages" in origins(node, names) and key != "role":
            found[key] = found.get(key, False) or not is_test
    found.update((key, True) for key in looked_up(tree, names) if key not in ("role", "content"))
    yield from found.items()


def _choosing(tree: nodes.Template, given: Set[str]) -> frozenset[str]:
    """The keys and the ``given`` variables that say which key of a message is read."""
    variables = {each.name for each in find_all(tree, nodes.Name)} - frozenset(given)
    found = frozenset(choosing(tree, made_from(tree)))
    return found - variables - {"role"}


def _walked(node: nodes.Node, is_test: bool = False) -> Iterator[tuple[nodes.Node, bool]]:
    """All nodes but methods that are called, and whether each stands in a test."""
    for name in node.fields:
        value = getattr(node, name)
        asks = is_test or name == "test" or isinstance(node, (nodes.Test, nodes.Compare))
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, nodes.Node):
                continue
            if isinstance(node, nodes.Call) and name == "node" and isinstance(child, nodes.Getattr):
                yield from _walked(child, asks)
                continue
            yield child, asks
            yield from _walked(child, asks)


def _prints_any_key(tree: nodes.Template) -> bool:
    """Whether a loop may print keys of a message by no name."""
    named: Iterable[nodes.Node] = find_all(tree, (nodes.Getattr, nodes.Filter))
    return any(
        getattr(each, "attr", None) in _ANY_KEY or getattr(each, "name", None) in _ANY_KEY
        for each in named
    )
