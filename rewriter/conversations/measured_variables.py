"""Variables that a template compares by order, such as a budget, set to the numbers in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final

from jinja2 import TemplateError, nodes

from rewriter.conversations.chats import PLAIN
from rewriter.conversations.read_keys import variables_read
from rewriter.source.environment import parsed
from rewriter.source.walk import find_all
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.made_from import names_in
from rewriter.tracing.probes import TOOLS

_ORDERS: Final = frozenset({"lt", "lteq", "gt", "gteq"})


def variables_at_numbers(numbers: Iterable[int], *sources: str) -> Iterator[Conversation]:
    """Each of these variables one below, at, and one above each number.

    The number need not stand beside the variable: it may be a key of a table.
    """
    values = dict.fromkeys(number + more for number in numbers for more in (-1, 0, 1))
    measured = dict.fromkeys(name for source in sources for name in _measured(source))
    for name, value, tools in product(measured, values, (None, TOOLS)):
        yield Conversation(PLAIN[4], tools=tools, add_generation_prompt=True, flags={name: value})


def _measured(source: str) -> Iterator[str]:
    given = frozenset(variables_read(source))
    try:
        tree = parsed(source)
    except TemplateError:
        return
    for node in find_all(tree, nodes.Compare):
        if any(operand.op in _ORDERS for operand in node.ops):
            yield from sorted(given & names_in(node))
