"""Build a test, in the template's own style, for whether a turn is the assistant's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import nodes

from rewriter.engine.pattern import same
from rewriter.source.template import Block, Template
from rewriter.source.walk import find_all, find_below
from rewriter.turns.parts import ASSISTANT

_ROLE_TEST = re.compile(r"""\brole(?:'\]|"\])?\)?\s*[!=]=\s*(['"])""")

_PREVIOUS: Final = "loop.previtem"
_ROLE_ITEM = re.compile(r"""\[(['"])role\1\]""")


@dataclass(frozen=True, slots=True)
class Speaker:
    """A message at some place of a template, with the expression for its ``role``.

    ``exists`` is a test of whether there is such a message; empty if there always is.
    """

    role: str
    quote: str
    exists: str = ""

    def has(self, role: str) -> str:
        """A test of whether it has the role."""
        return f"{self.role} == {self.quote}{role}{self.quote}"

    @property
    def calls(self) -> str:
        """A test of whether it calls tools."""
        return self.field("tool_calls")

    def field(self, key: str) -> str:
        """An expression for its value under ``key``."""
        before, _, after = self.role.rpartition("role")
        return f"{before}{key}{after}"


def assistant_test(blocks: Sequence[Block], template: Template) -> str:
    """A test in the template's own style, for a place within ``blocks``.

    Within the loop over the messages, it tests the loop's message; after it, the last one.
    """
    here = speaker(blocks, template)
    if here:
        return here.has(ASSISTANT)
    return f"messages and {last_speaker(template).has(ASSISTANT)}"


def last_speaker(template: Template) -> Speaker:
    """The last message, for a place after the loop."""
    return Speaker("messages[-1]['role']", _quote(template))


def speaker(blocks: Sequence[Block], template: Template) -> Speaker | None:
    """The message of the loop around a place, or ``None`` after it."""
    quote = _quote(template)
    for block in reversed(blocks):
        for name in _items(block.node, template):
            member = _role_member(block.node, name, template)
            if member is not None:
                return Speaker(member, quote)
        if read := _read_by_index(block.node, template):
            base, index = read
            return Speaker(f"{base}[{index}]{_role_item(template)}", quote)
    return None


def previous_speaker(blocks: Sequence[Block], template: Template) -> Speaker | None:
    """The message before the loop's, if there is one.

    ``None`` if unknown. It is known only directly within a loop over the messages or their indices.
    """
    loop = next((b.node for b in reversed(blocks) if isinstance(b.node, nodes.For)), None)
    if loop is None or not isinstance(loop.target, nodes.Name):
        return None
    quote = _quote(template)
    if read := _read_by_index(loop, template):
        base, index = read
        role = f"{base}[{index} - 1]{_role_item(template)}"
        return Speaker(role, quote, f"{index} > 0")
    member = _role_member(loop, loop.target.name, template)
    if member is None or not walks_messages(loop, template):
        return None
    return Speaker(member.replace(loop.target.name, _PREVIOUS, 1), quote, f"{_PREVIOUS} is defined")


def _items(loop: nodes.Node | None, template: Template) -> Iterator[str]:
    """The names of a loop's items; a loop over indices assigns them."""
    if not isinstance(loop, nodes.For):
        return
    if isinstance(loop.target, nodes.Name):
        yield loop.target.name
    for assignment in find_below(loop, nodes.Assign):
        value: Any = assignment.node
        picks = isinstance(value, nodes.Getitem) and _base(value.node) in _lists(template)
        if picks and isinstance(assignment.target, nodes.Name):
            yield assignment.target.name


def _read_by_index(loop: nodes.Node | None, template: Template) -> tuple[str, str] | None:
    """The list of messages that a loop over indices reads by its index, and the index."""
    if not isinstance(loop, nodes.For) or not isinstance(loop.target, nodes.Name):
        return None
    index = nodes.Name(loop.target.name, "load")
    for read in find_below(loop, nodes.Getitem):
        base = read.node.name if isinstance(read.node, nodes.Name) else None
        if base in _lists(template) and same(index, read.arg):
            return str(base), index.name
    return None


def walks_messages(loop: nodes.Node | None, template: Template) -> bool:
    """Whether a loop iterates over the messages, or some of them."""
    return isinstance(loop, nodes.For) and (
        _base(loop.iter) in _lists(template) or len(list(_items(loop, template))) > 1
    )


@lru_cache(maxsize=8)
def _lists(template: Template) -> frozenset[str]:
    """The names of the messages, and of lists with some of them."""
    names = {"messages"}
    for assignment in find_all(template.tree, nodes.Assign):
        if isinstance(assignment.target, nodes.Name) and _base(assignment.node) in names:
            names.add(assignment.target.name)
    return frozenset(names)


def _base(node: nodes.Node) -> str | None:
    """The name of the list that an expression takes items from, by a slice or a filter.

    A choice between two takes them from a list if both do.
    """
    if isinstance(node, nodes.CondExpr) and node.expr2:
        base = _base(node.expr1)
        return base if base == _base(node.expr2) else None
    while isinstance(node, (nodes.Getitem, nodes.Filter)):
        if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Slice):
            return None
        node = node.node  # type: ignore[assignment]
    return node.name if isinstance(node, nodes.Name) else None


def _role_member(loop: nodes.Node | None, name: str, template: Template) -> str | None:
    """How the loop reads its message's role, or would, judging by other reads of the message.

    ``None`` if its items are not messages. If a macro reads them, as the template reads roles
    elsewhere.
    """
    assert loop is not None, "only a loop names its items"
    walks = walks_messages(loop, template)
    for member in ("role", "content") if walks else ("role",):
        wanted = nodes.Getattr(nodes.Name(name, "load"), member, "load")
        for node in loop.find_all(nodes.Expr):
            if same(wanted, node):
                return template.source(node).replace(member, "role")
    if not isinstance(loop, nodes.For) or _base(loop.iter) not in _lists(template):
        return None
    return f"{name}{_role_item(template)}"


def _role_item(template: Template) -> str:
    """How a template reads a role: the part after the message."""
    item = _ROLE_ITEM.search(template.text)
    return item.group() if item else ".role"


def _quote(template: Template) -> str:
    """The quote that the template compares roles with, else the one that it uses most."""
    found = _ROLE_TEST.search(template.text)
    if found:
        return found.group(1)
    return '"' if template.text.count('"') > template.text.count("'") else "'"
