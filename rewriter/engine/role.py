"""How a template would ask whether a turn is the assistant's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import nodes

from rewriter.engine.pattern import same
from rewriter.source.template import Block, Template
from rewriter.tracing.turns import ASSISTANT

_ROLE_TEST = re.compile(r"""\brole(?:'\]|"\])?\)?\s*[!=]=\s*(['"])""")


def assistant_test(blocks: Sequence[Block], template: Template) -> str:
    """A test in the template's own manner, for a place within ``blocks``.

    Within the loop over the messages it asks the loop's message, behind it the last one.
    """
    quote = _quote(template)
    for block in reversed(blocks):
        for name in _items(block.node, template):
            member = _role_member(block.node, name, template)
            if member is not None:
                return f"{member} == {quote}{ASSISTANT}{quote}"
    return f"messages and messages[-1]['role'] == {quote}{ASSISTANT}{quote}"


def _items(loop: nodes.Node | None, template: Template) -> Iterator[str]:
    """The names that a loop gives to its items, one that walks over indices by assignment."""
    if not isinstance(loop, nodes.For):
        return
    if isinstance(loop.target, nodes.Name):
        yield loop.target.name
    for assignment in loop.find_all(nodes.Assign):
        value: Any = assignment.node
        picks = isinstance(value, nodes.Getitem) and _base(value.node) in _lists(template)
        if picks and isinstance(assignment.target, nodes.Name):
            yield assignment.target.name


def walks_messages(loop: nodes.Node | None, template: Template) -> bool:
    """Whether a loop is one over the messages, or some of them."""
    return isinstance(loop, nodes.For) and (
        _base(loop.iter) in _lists(template) or len(list(_items(loop, template))) > 1
    )


def _lists(template: Template) -> frozenset[str]:
    """The names of the messages, and of what is some of them."""
    names = {"messages"}
    for assignment in template.tree.find_all(nodes.Assign):
        if isinstance(assignment.target, nodes.Name) and _base(assignment.node) in names:
            names.add(assignment.target.name)
    return frozenset(names)


def _base(node: nodes.Node) -> str | None:
    """The name of the list that an expression is some of: its slice, or a filter's result."""
    while isinstance(node, (nodes.Getitem, nodes.Filter)):
        if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Slice):
            return None
        node = node.node  # type: ignore[assignment]
    return node.name if isinstance(node, nodes.Name) else None


def _role_member(loop: nodes.Node | None, name: str, template: Template) -> str | None:
    """How the loop reads its message's role, or would, as it reads what the message says.

    ``None`` if its items are no messages.
    """
    assert loop is not None, "only a loop names its items"
    for member in ("role", "content") if walks_messages(loop, template) else ("role",):
        wanted = nodes.Getattr(nodes.Name(name, "load"), member, "load")
        for node in loop.find_all(nodes.Expr):
            if same(wanted, node):
                return template.source(node).replace(member, "role")
    return None


def _quote(template: Template) -> str:
    """The quote that the template compares roles with, else the one that it uses most."""
    found = _ROLE_TEST.search(template.text)
    if found:
        return found.group(1)
    return '"' if template.text.count('"') > template.text.count("'") else "'"
