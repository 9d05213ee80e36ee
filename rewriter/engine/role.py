"""How a template would ask whether a turn is the assistant's."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
        if isinstance(block.node, nodes.For) and isinstance(block.node.target, nodes.Name):
            name = block.node.target.name
            member = _role_member(block.node, name, template)
            if member is not None:
                return f"{member} == {quote}{ASSISTANT}{quote}"
    return f"messages and messages[-1]['role'] == {quote}{ASSISTANT}{quote}"


def _role_member(loop: nodes.For, name: str, template: Template) -> str | None:
    """How the loop reads its message's role, or ``None`` if its items are no messages."""
    role = nodes.Getattr(nodes.Name(name, "load"), "role", "load")
    for node in loop.find_all(nodes.Expr):
        if same(role, node):
            return template.source(node)
    return None


def _quote(template: Template) -> str:
    """The quote that the template compares roles with, else the one that it uses most."""
    found = _ROLE_TEST.search(template.text)
    if found:
        return found.group(1)
    return '"' if template.text.count('"') > template.text.count("'") else "'"
