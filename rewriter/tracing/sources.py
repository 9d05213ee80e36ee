"""The sources of text of a template: whatever in its tree can end up in the output.

A source is a piece of template text, a string constant, a read of a field or of a variable, or the
result of a call, down to the arms of conditional expressions, the operands of ``or``, ``and`` and
``default``, the items of lists and the arguments of macros and filters. What is assigned counts
where the name is printed. The inventory is taken from the tree alone, whatever is rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from jinja2 import nodes

from rewriter.source.template import Template
from rewriter.source.walk import find_below
from rewriter.tracing.calls import raises
from rewriter.tracing.contents import contents_of, looked_up_in
from rewriter.tracing.counters import counters, joins_number
from rewriter.tracing.printed_names import PrintedNames, name_of

Kind: TypeAlias = Literal["text", "constant", "read", "name", "call"]


class Answer(NamedTuple):
    """One answer at a decision: a test holds, a loop has items, the right operand is taken."""

    decision: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A source of text.

    Attributes:
        node: what in the tree it is.
        at: the offset where it is written.
        kind: template ``text``; a ``constant``; a ``read`` of data; the ``name`` of something that
            is assigned elsewhere; the result of a ``call``.
        answers: what must be answered for it to be evaluated, the outermost decision first.
        target: the name that it is assigned to; ``None`` where it stands in an output.
        message: the variable of the outermost loop over the messages that it stands in.
        macro: the macro that it stands in, if it stands in one.
        statement: the number of the statement of the whole template that it is below.
        number: its own number, in the order of the template.
        is_looked_up: whether it is one of several that a key, or an index, chooses from.
        guards: what must have been answered before, or else the template has raised.

    """

    number: int
    node: nodes.Node
    at: int
    kind: Kind
    answers: tuple[Answer, ...]
    target: str | None
    message: str | None
    macro: str | None
    statement: int
    is_looked_up: bool = False
    guards: tuple[Answer, ...] = ()

    @property
    def key(self) -> int:
        """What a trace notes where it is evaluated: of text its offset, else a number below 0."""
        return self.at if self.kind in ("text", "constant") else -1 - self.number


@dataclass(frozen=True, slots=True)
class Decision:
    """A place where a template chooses what it prints.

    ``node`` is the test of an ``if`` or of a conditional expression, or a loop that may have no
    items, or an ``or``, ``and`` or ``default`` whose right operand may be taken.
    """

    node: nodes.Node
    kind: Literal["test", "loop", "operand"]


# Filters whose arguments are never printed, by the arguments' meaning.
_MEASURES: Final = frozenset({"truncate", "center", "batch", "slice", "round", "int", "float"})
_SILENT: Final = (nodes.Compare, nodes.Test, nodes.Not)
_JOINS: Final = frozenset({"replace", "join", "format", "removeprefix", "removesuffix"})


class Sources:
    """The inventory of one template: its ``sources``, and the ``decisions`` on their ways.

    ``turns_begin`` is the number of the first statement that may print the messages in a loop.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        self.names = PrintedNames(template.tree)
        self._counters = counters(template.tree)
        self._found: list[Source] = []
        self._decisions: list[Decision] = []
        self._numbers: dict[int, int] = {}
        self._macro: str | None = None
        self._message: str | None = None
        self._target: str | None = None
        self._statement = 0
        self._is_looked_up = False
        self._guards: tuple[Answer, ...] = ()
        self._looked_up = frozenset(map(id, looked_up_in(template.tree)))
        self.turns_begin = next(
            (n for n, each in enumerate(template.tree.body) if self._prints_messages(each)), None
        )
        for number, statement in enumerate(template.tree.body):
            self._statement = number
            self._body([statement], ())

    @property
    def sources(self) -> Sequence[Source]:
        """The sources, in the order of the template."""
        return self._found

    @property
    def decisions(self) -> Sequence[Decision]:
        """The decisions, by their numbers."""
        return self._decisions

    def _decision(self, node: nodes.Node, kind: Literal["test", "loop", "operand"]) -> int:
        number = self._numbers.get(id(node))
        if number is None:
            number = self._numbers[id(node)] = len(self._decisions)
            self._decisions.append(Decision(node, kind))
        return number

    # Statements.

    def _body(self, body: Iterable[nodes.Node], answers: tuple[Answer, ...]) -> None:
        around = self._guards
        for statement in body:
            self._one(statement, answers)
            if isinstance(statement, nodes.If) and _leaves(statement):
                answers = (*answers, Answer(self._decision(statement.test, "test"), False))
            elif isinstance(statement, nodes.If) and _raises(statement):
                number = self._decision(statement.test, "test")
                self._guards = (*self._guards, Answer(number, False))
        self._guards = around

    def _one(self, node: Any, answers: tuple[Answer, ...]) -> None:
        if isinstance(node, nodes.Output):
            for child in node.nodes:
                self._output(child, answers)
        elif isinstance(node, nodes.If):
            self._conditional(node, answers)
        elif isinstance(node, nodes.For):
            self._loop(node, answers)
        elif isinstance(node, nodes.Assign):
            if self.names.prints(node.target):
                self._assigned(node.target, node.node, answers)
        elif isinstance(node, nodes.Macro):
            self._in_macro(node)
        elif hasattr(node, "body"):
            for target, value in zip(
                getattr(node, "targets", ()), getattr(node, "values", ()), strict=True
            ):
                self._assigned(target, value, answers)
            self._body(node.body, answers)

    def _output(self, child: nodes.Expr, answers: tuple[Answer, ...]) -> None:
        if not isinstance(child, nodes.TemplateData):
            self._value(child, answers)
        elif not child.data.isspace():
            self._add(child, self.template.data_spans[id(child)].start, "text", answers)

    def _assigned(self, target: nodes.Node, value: nodes.Node, answers: tuple[Answer, ...]) -> None:
        around, self._target = self._target, name_of(target) or ""
        self._value(value, answers)
        self._target = around

    def _conditional(self, node: nodes.If, answers: tuple[Answer, ...]) -> None:
        for clause in (node, *node.elif_):
            number = self._decision(clause.test, "test")
            self._body(clause.body, (*answers, Answer(number, True)))
            answers = (*answers, Answer(number, False))
        self._body(node.else_, answers)

    def _loop(self, node: nodes.For, answers: tuple[Answer, ...]) -> None:
        around = self._message
        if self._message is None and self.names.holds_messages(node.iter):
            self._message = name_of(node.target)
        if self.names.prints(node.target):
            self._assigned(node.target, node.iter, answers)
        number = self._decision(node, "loop")
        within = (*answers, Answer(number, True))
        if node.test is not None:
            within = (*within, Answer(self._decision(node.test, "test"), True))
        self._body(node.body, within)
        self._message = around
        self._body(node.else_, (*answers, Answer(number, False)))

    def _prints_messages(self, statement: nodes.Node) -> bool:
        """Whether a loop over the messages that prints stands in a statement."""
        loops = [statement] if isinstance(statement, nodes.For) else []
        if isinstance(statement, nodes.Macro):
            return False
        return any(
            self.names.holds_messages(loop.iter) and any(find_below(loop, nodes.Output))
            for loop in (*loops, *find_below(statement, nodes.For))
        )

    def _in_macro(self, node: nodes.Macro) -> None:
        around, self._macro = self._macro, node.name
        for argument, value in zip(reversed(node.args), reversed(node.defaults), strict=False):
            if self.names.prints(argument):
                self._assigned(argument, value, ())
        self._body(node.body, ())
        self._macro = around

    # Expressions.

    def _value(self, node: Any, answers: tuple[Answer, ...]) -> None:
        around = self._is_looked_up
        self._is_looked_up |= id(node) in self._looked_up
        for inner, more in self._parts(node):
            if inner is node:
                self._leaf(node, answers)
            else:
                self._value(inner, (*answers, *more))
        self._is_looked_up = around

    def _parts(self, node: Any) -> Iterator[tuple[Any, tuple[Answer, ...]]]:
        """What of an expression is printed, and when; the expression itself if it is one source."""
        if isinstance(node, nodes.Add) and joins_number(node, self._counters):
            return
        if isinstance(node, nodes.CondExpr):
            number = self._decision(node.test, "test")
            yield node.expr1, (Answer(number, True),)
            if node.expr2 is not None:
                yield node.expr2, (Answer(number, False),)
        elif isinstance(node, nodes.Or):
            yield node.left, ()
            yield node.right, (Answer(self._decision(node, "operand"), True),)
        elif isinstance(node, nodes.And):
            yield node.right, (Answer(self._decision(node, "operand"), True),)
        elif isinstance(node, nodes.Filter):
            yield from self._filter(node)
        elif isinstance(node, nodes.Call):
            yield from self._call(node)
        elif (parts := contents_of(node)) is not None:
            yield from ((part, ()) for part in parts)
        elif not isinstance(node, _SILENT):
            yield node, ()

    def _filter(self, node: nodes.Filter) -> Iterator[tuple[Any, tuple[Answer, ...]]]:
        if node.node is not None:
            yield node.node, ()
        if node.name in ("default", "d"):
            for value in node.args[:1]:
                yield value, (Answer(self._decision(node, "operand"), True),)
        elif node.name not in _MEASURES:
            yield from ((value, ()) for value in node.args if node.name in _JOINS)

    def _call(self, node: nodes.Call) -> Iterator[tuple[Any, tuple[Answer, ...]]]:
        method = node.node
        if raises(node):
            return
        if isinstance(method, nodes.Getattr) and method.attr != "get":
            yield method.node, ()
            yield from ((value, ()) for value in node.args if method.attr in _JOINS)
            return
        if isinstance(method, nodes.Getattr):
            yield node, ()
            yield from ((value, ()) for value in node.args[1:])
        elif isinstance(method, nodes.Name):
            if method.name not in ("namespace", "dict"):
                yield node, ()
            yield from ((value, ()) for value in self.names.printed_arguments(node))

    def _leaf(self, node: Any, answers: tuple[Answer, ...]) -> None:
        span = self.template.span(node)
        if span is None:
            return
        if isinstance(node, nodes.Const):
            if isinstance(node.value, str) and node.value.strip():
                self._add(node, span.start, "constant", answers)
        elif isinstance(node, nodes.Call):
            is_get = isinstance(node.node, nodes.Getattr)
            self._add(node, span.start, "read" if is_get else "call", answers)
        else:
            is_set = self.names.is_assigned(name_of(node))
            self._add(node, span.start, "name" if is_set else "read", answers)

    def _add(self, node: nodes.Node, at: int, kind: Kind, answers: tuple[Answer, ...]) -> None:
        place = (self._target, self._message, self._macro, self._statement, self._is_looked_up)
        number = len(self._found)
        self._found.append(Source(number, node, at, kind, answers, *place, self._guards))


def _leaves(node: nodes.If) -> bool:
    """Whether whoever takes the first clause goes on with the loop's next item."""
    last = node.body[-1] if node.body else None
    return isinstance(last, (nodes.Continue, nodes.Break)) and not node.elif_ and not node.else_


def _raises(node: nodes.If) -> bool:
    """Whether the template raises for whoever takes the first clause, and goes on for others."""
    printed = (each.nodes for each in node.body if isinstance(each, nodes.Output))
    return any(map(raises, chain.from_iterable(printed))) and not node.elif_ and not node.else_
