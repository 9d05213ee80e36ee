"""The questions in a template's tests that message text may answer either way, in any turn.

The answer of ``m.content.isdigit()`` depends on text, and that of a test on the number of messages
may be either. A question about the position of a turn, or about earlier messages, keeps its own
answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from jinja2 import nodes

from rewriter.source.walk import find_all
from rewriter.tracing.made_from import names_in, targets

_COUNTS: Final = frozenset({"index", "index0", "length"})
_MORE: Final = frozenset({"gt", "gteq"})


class AskedOfWords:
    """Recognises these questions in one template."""

    def __init__(self, tree: nodes.Template) -> None:
        self._messages = {
            name
            for loop in find_all(tree, nodes.For)
            if isinstance(loop.iter, nodes.Name) and loop.iter.name == "messages"
            for name in targets(loop.target)
        }
        self._set: Mapping[str, list[nodes.Node]] = _values(tree)
        self._own = {each.name for each in find_all(tree, nodes.NSRef)} | {"loop", "messages"}
        self._bound = {name for loop in find_all(tree, nodes.For) for name in targets(loop.target)}
        self._bound |= {each.name for macro in find_all(tree, nodes.Macro) for each in macro.args}

    def holds(self, question: nodes.Node) -> bool:
        """Whether a question is one of them."""
        return _asks_for_more(question) or self._are_free(names_in(question), frozenset())

    def _are_free(self, names: Iterable[str], known: frozenset[str]) -> bool:
        return all(name in known or self._is_free(name, known | {name}) for name in names)

    def _is_free(self, name: str, known: frozenset[str]) -> bool:
        """Whether a name is the message, a given variable, or made from these."""
        if name in self._messages:
            return True
        if name in self._own or name in self._bound:
            return False
        return all(self._are_free(names_in(value), known) for value in self._set.get(name, ()))


def _values(tree: nodes.Template) -> Mapping[str, list[nodes.Node]]:
    found: defaultdict[str, list[nodes.Node]] = defaultdict(list)
    for assigned in find_all(tree, nodes.Assign):
        for name in targets(assigned.target):
            found[name].append(assigned.node)
    for captured in find_all(tree, nodes.AssignBlock):
        for name in targets(captured.target):
            found[name].append(captured)
    return found


def _asks_for_more(question: nodes.Node) -> bool:
    """Whether it tests for more messages than a constant."""
    match question:
        case nodes.Compare(expr=counted, ops=[nodes.Operand(op=op, expr=nodes.Const())]):
            return op in _MORE and _is_count(counted)
    return False


def _is_count(node: nodes.Node) -> bool:
    match node:
        case nodes.Getattr(node=nodes.Name(name="loop"), attr=counted):
            return counted in _COUNTS
        case nodes.Filter(node=nodes.Name(name="messages"), name="length" | "count"):
            return True
    return False
