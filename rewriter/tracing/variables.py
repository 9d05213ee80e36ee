"""The variables that a template expects to be given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from jinja2 import nodes
from jinja2.meta import TrackingCodeGenerator

from rewriter.source.environment import parsing_environment
from rewriter.source.walk import find_all
from rewriter.tracing.fields import is_models
from rewriter.tracing.made_from import key_of
from rewriter.tracing.probes import SPECIAL_TOKENS

# Variables that every render sets, those that transformers' environment provides, and those that
# no template is ever given, since they are arguments of transformers' `render_jinja_template`.
GIVEN: Final = frozenset({"messages", "tools", "documents", "add_generation_prompt"})
PROVIDED: Final = frozenset({"raise_exception", "strftime_now", "namespace", "dict"})
WITHHELD: Final = frozenset(
    {"conversations", "chat_template", "return_assistant_tokens_mask", "continue_final_message"}
)

# Variables that are set in one of these are lost after it.
_SCOPES: Final = (
    *(nodes.For, nodes.Macro, nodes.CallBlock, nodes.FilterBlock),
    *(nodes.AssignBlock, nodes.With),
)


@lru_cache(maxsize=16)
def variables_of(tree: nodes.Template) -> frozenset[str]:
    """The variables that must come from outside: read, and not only after being set.

    What is set to a key of its own name that models write is never given.
    """
    names = tuple(find_all(tree, nodes.Name))
    assigned = {name.name for name in names if name.ctx == "store"}
    parameters = {name.name for name in names if name.ctx == "param"} - set(_unbound(tree))
    asked = {
        name.name
        for test in find_all(tree, (nodes.Test, nodes.Filter))
        if test.name in {"defined", "undefined", "default", "d"} and test.node is not None
        for name in [test.node]
        if isinstance(name, nodes.Name)
    }
    unset = set(_unset(tree, frozenset(_stored(tree.body))))
    own = set(_called_as_keys(tree))
    return frozenset(_undeclared(tree) - (assigned - asked - unset) - parameters - own)


def _called_as_keys(tree: nodes.Template) -> Iterator[str]:
    """The names that are set to a key of their own name, of those that models write."""
    for assigned in find_all(tree, nodes.Assign):
        if isinstance(assigned.target, nodes.Name) and is_models(assigned.target.name):
            read = (assigned.node, *assigned.node.find_all(nodes.Expr))
            if assigned.target.name in map(key_of, read):
                yield assigned.target.name


def _undeclared(tree: nodes.Template) -> set[str]:
    """What `jinja2.meta.find_undeclared_variables` finds; that folds constants in the tree too."""
    generator = TrackingCodeGenerator(parsing_environment())
    generator.optimizer = None
    generator.visit(tree)
    return generator.undeclared_identifiers


def _unset(node: nodes.Node, visible: frozenset[str]) -> Iterator[str]:
    """The names that are read without being set; variables of a loop or block end with it."""
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in visible:
        yield node.name
    if isinstance(node, nodes.For):
        yield from _unset(node.iter, visible)
        for part in ([node.target, *node.body, *filter(None, [node.test])], node.else_):
            inner = visible.union(_stored(part))
            for child in part:
                yield from _unset(child, inner)
        return
    if isinstance(node, _SCOPES):
        visible = visible.union(_stored(node.iter_child_nodes()))
    for child in node.iter_child_nodes():
        yield from _unset(child, visible)


def _stored(row: Iterable[nodes.Node]) -> Iterator[str]:
    """The names that are set directly in a scope, not in an inner one."""
    for node in row:
        is_set = isinstance(node, nodes.Name) and node.ctx != "load"
        if isinstance(node, (nodes.Name, nodes.Macro)):
            yield from [node.name] if is_set or isinstance(node, nodes.Macro) else []
        elif isinstance(node, nodes.AssignBlock):
            yield from _stored([node.target])
        elif not isinstance(node, _SCOPES):
            yield from _stored(node.iter_child_nodes())


def _unbound(node: nodes.Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names that are read and are not parameters of a macro."""
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in bound:
        yield node.name
    if isinstance(node, (nodes.Macro, nodes.CallBlock)):
        bound |= {argument.name for argument in node.args}
    for child in node.iter_child_nodes():
        yield from _unbound(child, bound)


def flags_of(tree: nodes.Template) -> tuple[str, ...]:
    """The variables that are neither given in every render nor special tokens."""
    return tuple(sorted(variables_of(tree) - GIVEN - PROVIDED - SPECIAL_TOKENS.keys()))
