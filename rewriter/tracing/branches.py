"""A template's branches, and a tree that records which were taken.

A branch is a stretch of statements, or an arm of a conditional expression, that runs or does not:
the body of a clause, a missing `else`, and the statements after one that may leave the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from jinja2 import nodes

from rewriter.source.template import Block, Item, Template
from rewriter.tracing.calls import event, filtered, loaded, raises

# Names with a space cannot be written in a template.
REACHED: Final = "reached"
WALKS: Final = "walks over"
ENTERS: Final = "enters loop"
LEAVES: Final = "leaves loop"

Kind: TypeAlias = Literal[
    "then", "else", "no branch", "item", "no item", "first", "second", "macro", "after"
]


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a template.

    Attributes:
        at: the offset of the tag that opens it, or of the expression that is an arm. For a missing
            ``else``, that of the statement's first tag.
        kind: ``then`` of an ``if`` or ``elif``, ``else``, or ``no branch`` if none is taken and
            there is no ``else``; ``item`` of a loop, or ``no item``; the ``first`` or ``second``
            arm of a conditional expression; the body of a ``macro``; ``after`` a statement that may
            leave the loop.
        within: the number of the branch that this one is in, or ``None`` outside of all.
        outputs: the offsets of what it prints itself: output tags, except those that only raise,
            and template text, except white space.

    """

    at: int
    kind: Kind
    within: int | None
    outputs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression that must be true or false, or an iterable that must have items or none."""

    test: nodes.Expr
    holds: bool


def is_note(node: nodes.Node | None) -> bool:
    """Whether an expression is the note that `Noting` puts where a branch begins."""
    return isinstance(node, nodes.Filter) and node.name == REACHED


def noted(statement: nodes.Node) -> int | None:
    """The number of the branch that a statement notes, if it does."""
    note: Any = statement.node if isinstance(statement, nodes.ExprStmt) else None
    if not is_note(note):
        return None
    number: int = note.node.value
    return number


class Noting:
    """Changes a template's tree so that it records its branches as they run.

    ``tree`` calls the filters named above: `REACHED` with a branch's number in ``branches``,
    `ENTERS` and `LEAVES` around a loop, `WALKS` with each of its items. ``guards`` has, by the
    number of a branch, the conditions under which it runs if the branch around it runs. Their
    expressions are nodes of ``tree``. The statements after one that may leave the loop likely run
    if its test fails, and may run otherwise. ``outputs`` are the offsets of output outside all
    branches.
    """

    def __init__(self, template: Template) -> None:
        self._template = template
        self._blocks = {id(block.node): block for block in _blocks(template.items) if block.node}
        self._tags = {id(expr): at for at, expr in template.output_tags.items()}
        self._found: list[Branch] = []
        self.guards: list[tuple[Condition, ...]] = []
        self.tree = template.tree
        self.outputs = tuple(self._outputs(self.tree.body))
        self.tree.body = self._body(self.tree.body, None)

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The branches, by their numbers."""
        return tuple(self._found)

    def _branch(
        self,
        at: int,
        kind: Kind,
        within: int | None,
        guards: Sequence[Condition],
        body: Sequence[nodes.Node] = (),
    ) -> int:
        self._found.append(Branch(at, kind, within, tuple(self._outputs(body))))
        self.guards.append(tuple(guards))
        return len(self._found) - 1

    def _outputs(self, body: Sequence[nodes.Node]) -> Iterator[int]:
        for statement in body:
            if isinstance(statement, nodes.Output):
                yield from map(self._place, filter(_prints, statement.nodes))
            elif isinstance(statement, (nodes.CallBlock, nodes.FilterBlock, nodes.With)):
                yield from self._outputs(statement.body)
            if _may_leave(statement):
                return

    def _place(self, output: nodes.Expr) -> int:
        """The offset of template text, or of an output tag."""
        if isinstance(output, nodes.TemplateData):
            return self._template.data_spans[id(output)].start
        return self._tags[id(output)]

    def _clause(
        self,
        at: int,
        kind: Kind,
        within: int | None,
        body: list[nodes.Node],
        guards: Sequence[Condition] = (),
    ) -> list[nodes.Node]:
        """A body that records that it is reached, with its inner branches."""
        number = self._branch(at, kind, within, guards, body)
        return [event(REACHED, nodes.Const(number, lineno=1)), *self._body(body, number)]

    def _body(self, body: list[Any], within: int | None) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        for place, statement in enumerate(body):
            found += self._statement(statement, within)
            rest = body[place + 1 :]
            if rest and _may_leave(statement):
                stays = Condition(statement.test, holds=False)
                found += self._clause(self._at(statement), "after", within, rest, [stays])
                break
        return found

    def _statement(self, node: Any, within: int | None) -> Iterator[nodes.Node]:
        if isinstance(node, nodes.For):
            yield from self._loop(node, within)
            return
        if isinstance(node, nodes.If):
            self._conditional(node, within)
        elif isinstance(node, nodes.Macro):
            node.body = self._clause(self._at(node), "macro", within, node.body)
            self._expressions(node, within)
        elif hasattr(node, "body"):
            node.body = self._body(node.body, within)
            self._expressions(node, within)
        else:
            self._expressions(node, within)
        yield node
        if isinstance(node, nodes.Assign) and isinstance(node.node, nodes.Getitem):
            yield from _walked(node.target)

    def _conditional(self, node: Any, within: int | None) -> None:
        clauses = self._blocks[id(node)].clauses
        tests = [node, *node.elif_]
        guards: list[Condition] = []
        for test, clause in zip(tests, clauses, strict=False):
            test.test = self._expression(test.test, within)
            guard = [*guards, Condition(test.test, holds=True)]
            test.body = self._clause(clause.tag.span.start, "then", within, test.body, guard)
            guards.append(Condition(test.test, holds=False))
        written = len(clauses) > len(tests)
        at = clauses[-1 if written else 0].tag.span.start
        kind: Kind = "else" if written else "no branch"
        node.else_ = self._clause(at, kind, within, node.else_, guards)

    def _loop(self, node: Any, within: int | None) -> Iterator[nodes.Node]:
        clauses = self._blocks[id(node)].clauses
        node.iter = self._expression(node.iter, within)
        if node.test:
            node.test = self._expression(node.test, within)
        target = node.target
        at = clauses[0].tag.span.start
        walked = [Condition(node.iter, holds=True)]
        walked += [Condition(node.test, holds=True)] if node.test else []
        node.body = [*_walked(target), *self._clause(at, "item", within, node.body, walked)]
        # With a filter, there may be items that all fail it.
        kept = nodes.And(node.iter, node.test, lineno=node.lineno) if node.test else node.iter
        empty = [Condition(kept, holds=False)]
        end = clauses[-1].tag.span.start
        node.else_ = self._clause(end, "no item", within, node.else_, empty)
        yield event(ENTERS)
        yield node
        yield event(LEAVES)

    def _expressions(self, node: nodes.Node, within: int | None) -> None:
        """Note the arms of the conditional expressions below a node, its statements apart."""
        for field in node.fields:
            value = getattr(node, field)
            if isinstance(value, nodes.Expr):
                setattr(node, field, self._expression(value, within))
            elif isinstance(value, nodes.Helper):
                self._expressions(value, within)
            elif isinstance(value, list) and field != "body":
                changed = [
                    self._expression(item, within) if isinstance(item, nodes.Expr) else item
                    for item in value
                ]
                setattr(node, field, changed)
                for item in changed:
                    if isinstance(item, nodes.Helper):
                        self._expressions(item, within)

    def _expression(self, node: Any, within: int | None) -> Any:
        if isinstance(node, nodes.CondExpr):
            node.test = self._expression(node.test, within)
            node.expr1 = self._arm(node.expr1, "first", within, Condition(node.test, holds=True))
            if node.expr2 is not None:
                fails = Condition(node.test, holds=False)
                node.expr2 = self._arm(node.expr2, "second", within, fails)
        else:
            self._expressions(node, within)
        return node

    def _arm(
        self, node: nodes.Expr, kind: Kind, within: int | None, guard: Condition
    ) -> nodes.Expr:
        span = self._template.outer(node)
        number = None if span is None else self._branch(span.start, kind, within, [guard])
        arm: nodes.Expr = self._expression(node, within if number is None else number)
        if number is None:
            return arm
        # Recording a number returns nothing, so the value is that of the arm.
        note = filtered(nodes.Const(number, lineno=1), REACHED)
        return nodes.Or(note, arm, lineno=node.lineno)

    def _at(self, node: nodes.Node) -> int:
        return self._blocks[id(node)].span.start


def _blocks(items: Sequence[Item]) -> Iterator[Block]:
    for item in items:
        if isinstance(item, Block):
            yield item
            for clause in item.clauses:
                yield from _blocks(clause.body)


def _prints(output: nodes.Expr) -> bool:
    """Whether an output does not only raise, and is not only white space."""
    if isinstance(output, nodes.TemplateData):
        return not output.data.isspace()
    return not raises(output)


def _may_leave(node: nodes.Node) -> bool:
    """Whether a compound statement holds a jump out of the loop around it."""
    if not isinstance(node, nodes.If):
        return False
    below: list[nodes.Node] = [node]
    while below:
        found = below.pop()
        if isinstance(found, (nodes.Break, nodes.Continue)):
            return True
        if not isinstance(found, (nodes.For, nodes.Macro)):
            below += found.iter_child_nodes()
    return False


def _walked(target: nodes.Node) -> Iterator[nodes.Node]:
    """A statement that records the value just assigned to a target."""
    if isinstance(target, (nodes.Name, nodes.Tuple)):
        yield event(WALKS, loaded(target))
