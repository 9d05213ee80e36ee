"""A copy of a template's tree that records everything that makes or passes on text.

jinja2 compiles the copy as usual; it only has additional filters, whose names no template can
write. Tests are left alone, since their values are never printed. If they are to be forced, each
question in them can be answered from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from jinja2 import nodes

from rewriter.source.operands import formatted, is_text, joined_in, joined_items, operands
from rewriter.source.walk import find_below
from rewriter.tracing.calls import event, filtered, loaded
from rewriter.tracing.forced_tests import Forcing
from rewriter.tracing.rebuilt import makes_message
from rewriter.tracing.sources import Sources

# Names with a space cannot be written in a template.
TEXT = "template text"
LITERAL = "string literal"
PASSED = "passed on"
PRINTED = "printed"
CONCAT = "concatenated"
FORMATTED = "formatted"
ENTER = "enter loop"
TURN = "loop item"
BOUND = "bound item"
LEAVE = "leave loop"
MESSAGE = "a message"
SOURCE = "source"
HAS_VALUE = "has a value"
VALUE = "the value"

_Any = TypeVar("_Any", bound=nodes.Node)
_UNPRINTED: dict[type[nodes.Node], frozenset[str]] = {
    nodes.If: frozenset({"test"}),
    nodes.CondExpr: frozenset({"test"}),
    nodes.For: frozenset({"test", "target"}),
    nodes.Getitem: frozenset({"arg"}),
    nodes.Compare: frozenset({"expr", "ops"}),
    nodes.Test: frozenset({"node", "args", "kwargs"}),
}
DEFAULTS = frozenset({"default", "d"})
# Expressions that print one of their arms, and the fields with the arms.
_CHOICES: dict[type[nodes.Node], tuple[str, ...]] = {
    nodes.CondExpr: ("expr1", "expr2"),
    nodes.Or: ("left", "right"),
    nodes.And: ("left", "right"),
}


class Instrument:
    """Copies the tree of one template.

    A site is the offset of the ``{{`` of an output, of the first character of an operand in a row
    of ``+`` or ``~`` or of an arm of a choice, or of the first printed character of template
    text. ``literals`` maps the offset of each string literal to its node; ``filters`` are the
    names of those that are used. ``sites`` maps each site but those of texts to its expression.
    ``forced``: the decisions of the template may be answered from outside.
    """

    def __init__(self, sources: Sources, *, forced: bool = False) -> None:
        template = self._template = sources.template
        self._tags = {id(expr): at for at, expr in template.output_tags.items()}
        self._sources = {id(each.node): each for each in sources.sources if each.key < 0}
        self._forcing = Forcing(sources) if forced else None
        self.literals: dict[int, nodes.Const] = {}
        self.sites: dict[int, nodes.Expr] = {}
        self.filters: set[str] = {"map", "select", "reject"}

    def tree(self) -> nodes.Template:
        """The instrumented copy."""
        return self._copied(self._template.tree)

    def _copied(self, node: _Any, bare: bool = False) -> _Any:
        copy = object.__new__(type(node))
        for attribute in node.attributes:
            setattr(copy, attribute, getattr(node, attribute, None))
        if isinstance(node, nodes.Filter):
            self.filters.add(node.name)
        unprinted = _UNPRINTED.get(type(node), frozenset())
        for field in node.fields:
            value = getattr(node, field)
            setattr(copy, field, self._field(value, bare or field in unprinted))
        return copy

    def _field(self, value: Any, bare: bool) -> Any:
        if isinstance(value, nodes.Node):
            return self._visited(value, bare)
        if isinstance(value, list):
            return [copy for item in value for copy in self._listed(item, bare)]
        return value

    def _listed(self, item: Any, bare: bool) -> Iterable[Any]:
        if isinstance(item, nodes.For):
            return self._loop(item)
        if isinstance(item, nodes.Assign):
            return self._assignment(item)
        return (self._field(item, bare),)

    def _visited(self, node: Any, bare: bool) -> Any:
        if self._forcing and self._forcing.decides(node):
            return self._forcing.test(node, self._copied(node, True))
        if bare:
            return self._copied(node, bare)
        copy = self._made(node)
        if self._forcing:
            copy = self._forcing.operand(node, copy)
        source = self._sources.get(id(node))
        if source is None:
            return copy
        return filtered(copy, SOURCE, source.key, source.kind == "name")

    def _made(self, node: Any) -> Any:
        if isinstance(node, nodes.Output):
            return self._output(node)
        if is_text(node):
            return self._literal(node)
        if isinstance(node, nodes.Concat):
            parts = [self._visited(part, False) for part in node.nodes]
            return filtered(nodes.List(parts, lineno=node.lineno), CONCAT)
        copy: Any = self._copied(node)
        if makes_message(node):
            return filtered(copy, MESSAGE)
        for arm in _CHOICES.get(type(node), ()):
            setattr(copy, arm, self._arm(getattr(node, arm), getattr(copy, arm)))
        if isinstance(node, nodes.Filter) and node.name in DEFAULTS and node.args and node.node:
            copy.node = self._arm(node.node, copy.node)
            copy.args[0] = self._arm(node.args[0], copy.args[0])
            return _lazy(copy)
        if formatted(node):
            copy.args = [self._operand(each) for each in node.args]
        if isinstance(copy, nodes.Call) and isinstance(copy.node, nodes.Getattr):
            return _formatted(copy, copy.node)
        return copy

    def _arm(self, arm: Any, copy: Any) -> Any:
        """The copy of an arm of a choice, which records its site, or those of its operands."""
        span = self._template.outer(arm) if isinstance(arm, nodes.Expr) else None
        if len(operands(arm)) > 1:
            copy = self._row(arm)
            if span == self._template.span(arm):
                return copy
        if span is None or is_text(arm) or type(arm) in _CHOICES:
            return copy
        self.sites[span.start] = arm
        return filtered(copy, PASSED, span.start)

    def _literal(self, node: nodes.Const) -> nodes.Expr:
        span = self._template.span(node)
        if span is None:
            return self._copied(node)
        self.literals[span.start] = node
        return filtered(self._copied(node), LITERAL, span.start)

    def _output(self, node: nodes.Output) -> nodes.Output:
        return nodes.Output([self._printed(child) for child in node.nodes], lineno=node.lineno)

    def _printed(self, child: nodes.Expr) -> nodes.Expr:
        if isinstance(child, nodes.TemplateData):
            site = self._template.data_spans[id(child)].start
            return filtered(nodes.Const(child.data, lineno=child.lineno), TEXT, site)
        site = self._tags[id(child)]
        self.sites[site] = child
        return filtered(self._row(child), PRINTED, site)

    def _row(self, expression: nodes.Expr) -> nodes.Expr:
        """A chain of operands, each of which records its site on text that passes through it."""
        if items := joined_items(expression):
            parts = [self._operand(item) for item in items]
            listed = nodes.List(parts, lineno=expression.lineno)
            return filtered(listed, CONCAT)
        row = operands(expression)
        if len(row) == 1:
            visited: nodes.Expr = self._visited(expression, False)
            return visited
        parts = [self._part(number, operand) for number, operand in enumerate(row)]
        if isinstance(expression, nodes.Concat):
            return filtered(nodes.List(parts, lineno=expression.lineno), CONCAT)
        total = parts[0]
        for part in parts[1:]:
            total = nodes.Add(total, part, lineno=expression.lineno)
        return total

    def _part(self, number: int, operand: nodes.Expr) -> nodes.Expr:
        """An operand of ``+``; each operand of a ``~`` in its place records a site of its own."""
        is_open = self._template.outer(operand) == self._template.span(operand)
        within = joined_in(number, operand, is_open=is_open)
        return self._row(operand) if within else self._operand(operand)

    def _operand(self, operand: nodes.Expr) -> nodes.Expr:
        copy: nodes.Expr = self._visited(operand, False)
        span = self._template.outer(operand)
        if is_text(operand) or span is None:
            return copy
        self.sites[span.start] = operand
        return filtered(copy, PASSED, span.start)

    def _assignment(self, node: nodes.Assign) -> Iterator[nodes.Node]:
        copy: nodes.Assign = self._copied(node)
        value: Any = node.node
        copy.node = self._row(value)
        yield copy
        if isinstance(node.target, nodes.Name) and isinstance(node.node, nodes.Getitem):
            yield event(BOUND, loaded(node.target))

    def _loop(self, node: nodes.For) -> Iterator[nodes.Node]:
        copy: nodes.For = self._copied(node)
        if self._forcing:
            walked: Any = copy.iter
            copy.iter = self._forcing.items(node, walked)
        items = (event(BOUND, item) for item in _indexed(node))
        copy.body = [event(TURN, loaded(node.target)), *items, *copy.body]
        if copy.else_:
            # It is not a part of the loop, and a jump out of it would skip the loop's end.
            copy.else_ = [event(LEAVE), *copy.else_, event(ENTER)]
        yield event(ENTER)
        yield copy
        yield event(LEAVE)


def _lazy(default: nodes.Filter) -> nodes.Expr:
    """``x | default(y)``, in which ``y`` is evaluated only if it is used."""
    value: Any = default.node
    if default.kwargs or default.dyn_args or default.dyn_kwargs:
        return default
    taken, *truth = default.args
    line = default.lineno
    has_value = nodes.Filter(value, HAS_VALUE, truth, [], None, None, lineno=line)
    return nodes.CondExpr(
        has_value, filtered(nodes.Const(0, lineno=line), VALUE), taken, lineno=line
    )


def _formatted(call: nodes.Call, method: nodes.Getattr) -> nodes.Expr:
    """A call of ``format``, which the sandbox has one of its own for, as that of a filter."""
    if method.attr != "format":
        return call
    given = call.args, call.kwargs, call.dyn_args, call.dyn_kwargs
    return nodes.Filter(method.node, FORMATTED, *given, lineno=call.lineno)


def _indexed(loop: nodes.For) -> Iterator[nodes.Expr]:
    """The message that a loop over indices reads by index, without assigning it to a name."""
    for read in find_below(loop, nodes.Getitem):
        base, index = read.node, read.arg
        if not isinstance(base, nodes.Name) or not isinstance(index, nodes.Name):
            continue
        if base.name.endswith("messages") and index == loaded(loop.target):
            yield nodes.Getitem(loaded(base), loaded(index), "load")
            return
