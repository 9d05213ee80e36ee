"""The questions of a template's tests that what is said may answer either way, in any turn.

``m.content.isdigit()`` asks for words, and so may any number of messages be there; which turn it
is, and what came before it, is no choice: such a question keeps its own answer.
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
    """Tells them apart, for one template."""

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
        """Whether a name is of the message, of what is given, or set to what is made of those."""
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
    """Whether it asks for more messages than a number that is written out."""
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
