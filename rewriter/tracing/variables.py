"""The variables that a template expects to be given."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from jinja2 import nodes
from jinja2.meta import find_undeclared_variables

from rewriter.source.environment import parsing_environment
from rewriter.tracing.probes import SPECIAL_TOKENS

# Variables that every render sets, those that transformers' environment provides, and those that
# no template is ever given, since they are arguments of transformers' `render_jinja_template`.
GIVEN: Final = frozenset({"messages", "tools", "documents", "add_generation_prompt"})
PROVIDED: Final = frozenset({"raise_exception", "strftime_now", "namespace", "dict"})
WITHHELD: Final = frozenset(
    {"conversations", "chat_template", "return_assistant_tokens_mask", "continue_final_message"}
)


@lru_cache(maxsize=16)
def variables_of(source: str) -> frozenset[str]:
    """The variables that must come from outside: read, and not only after being set."""
    tree = parsing_environment().parse(source)  # one of its own, since jinja2 folds constants in it
    names = tuple(tree.find_all(nodes.Name))
    assigned = {name.name for name in names if name.ctx == "store"}
    parameters = {name.name for name in names if name.ctx == "param"} - set(_unbound(tree))
    asked = {
        name.name
        for test in tree.find_all((nodes.Test, nodes.Filter))
        if test.name in {"defined", "undefined", "default", "d"} and test.node is not None
        for name in [test.node]
        if isinstance(name, nodes.Name)
    }
    return frozenset(find_undeclared_variables(tree) - (assigned - asked) - parameters)


def _unbound(node: nodes.Node, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names that are read where they are no parameter of a macro."""
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in bound:
        yield node.name
    if isinstance(node, (nodes.Macro, nodes.CallBlock)):
        bound |= {argument.name for argument in node.args}
    for child in node.iter_child_nodes():
        yield from _unbound(child, bound)


def flags_of(source: str) -> tuple[str, ...]:
    """Those that are neither what every render is given nor a special token."""
    return tuple(sorted(variables_of(source) - GIVEN - PROVIDED - SPECIAL_TOKENS.keys()))
