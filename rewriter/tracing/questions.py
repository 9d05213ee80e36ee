"""The questions in a template's tests, and a tree that records or fixes their answers.

A question is the smallest part of a test that decides something: an operand of its ``and``, ``or``
and ``not``. Boolean assignments are questions as well, and so are slices of lists: whether the list
is short enough to be taken whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from jinja2 import nodes

from rewriter.source.environment import parsing_environment
from rewriter.source.template import Template
from rewriter.tracing.branches import ENTERS, LEAVES, WALKS
from rewriter.tracing.calls import event, filtered, loaded
from rewriter.tracing.compiled import Compiled

# Names with a space cannot be written in a template.
_ASKED: Final = "asked"

# The answer to a question, by its number, in a message's turn or outside all turns.
Asked: TypeAlias = Mapping[tuple[int, int | None], Sequence[bool]]

_TRUTHS: Final = (nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Test)


def questions_of(template: Template) -> tuple[nodes.Expr, ...]:
    """The questions of a template, except those of loops that print nothing.

    A loop that prints nothing only looks ahead, or searches for a message; its result is tested
    where something is printed.
    """
    return tuple(dict.fromkeys(_asked_by(template.tree)))


def operands_of(test: Any) -> Iterator[nodes.Expr]:
    """The questions of one test."""
    if isinstance(test, nodes.Not):
        yield from operands_of(test.node)
    elif isinstance(test, (nodes.And, nodes.Or)):
        yield from operands_of(test.left)
        yield from operands_of(test.right)
    elif not isinstance(test, nodes.Const):
        yield test


def is_slice(node: nodes.Node) -> bool:
    """Whether an expression is a slice of something."""
    return isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice)


def _asked_by(node: Any) -> Iterator[nodes.Expr]:
    if isinstance(node, nodes.For) and not _prints(node):
        return
    if isinstance(node, (nodes.If, nodes.CondExpr)):
        yield from operands_of(node.test)
    elif isinstance(node, nodes.Assign) and isinstance(node.node, _TRUTHS):
        yield from operands_of(node.node)
    elif is_slice(node):
        yield node
    for child in node.iter_child_nodes():
        yield from _asked_by(child)


def _prints(loop: nodes.For) -> bool:
    """Whether a loop may print more than white space."""
    return any(
        not (isinstance(part, nodes.TemplateData) and part.data.isspace())
        for output in loop.find_all(nodes.Output)
        for part in output.nodes
    )


def answered(template: Template, answers: Mapping[nodes.Expr, bool | nodes.Expr]) -> nodes.Template:
    """A second tree of a template, in which some questions have fixed answers.

    If an answer is an expression, it replaces the question.
    """
    return _Answering(template, answers).tree


@dataclass(frozen=True, slots=True)
class Reply:
    """The text of a render, ``None`` if it raised, and the questions on its way."""

    text: str | None
    asked: Asked


class Questioned:
    """A template that records its questions; one instance renders one conversation at a time.

    Args:
        template: the template.
        questions: the questions to record, by number.
        answers: by number, the fixed answers of questions.

    """

    def __init__(
        self, template: Template, questions: Sequence[nodes.Expr], answers: Mapping[int, bool]
    ) -> None:
        given = {questions[number]: answer for number, answer in answers.items()}
        tree = _Answering(template, given, questions).tree
        self._asked: dict[tuple[int, int | None], list[bool]] = {}
        self._messages: dict[int, int] = {}
        self._turn: int | None = None
        self._around: list[int | None] = []
        filters: dict[str, Callable[..., Any]] = {
            _ASKED: self._asks,
            WALKS: self._walks,
            ENTERS: lambda _: self._around.append(self._turn),
            LEAVES: self._leaves,
        }
        self._compiled = Compiled(tree, template.text, filters)

    def render(self, messages: Sequence[Mapping[str, Any]], variables: Mapping[str, Any]) -> Reply:
        """Render a conversation, whose values are plain data as `compiled.prepared` makes it."""
        self._asked = {}
        self._messages = {id(message): number for number, message in enumerate(messages)}
        self._turn, self._around[:] = None, []
        try:
            printed = self._compiled.run({"messages": messages, **variables})
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 — a template may raise anything; a guard is not a fault
            return Reply(None, self._asked)
        return Reply("".join(printed.parts), self._asked)

    def _asks(self, value: Any, number: int, operand: Any = None) -> Any:
        answer = bool(value) if operand is None else value == operand
        self._asked.setdefault((number, self._turn), []).append(answer)
        return value

    def _walks(self, item: Any) -> None:
        items = item if isinstance(item, tuple) else (item,)
        found = (self._messages.get(id(each)) for each in items)
        around = self._around[-1] if self._around else None
        self._turn = next((number for number in found if number is not None), around)

    def _leaves(self, _: Any) -> None:
        self._turn = self._around.pop() if self._around else None


class _Answering:
    """Copies a template's tree, with some questions answered and others recorded by number."""

    def __init__(
        self,
        template: Template,
        answers: Mapping[nodes.Expr, bool | nodes.Expr],
        noted: Sequence[nodes.Expr] = (),
    ) -> None:
        tree = parsing_environment().parse(template.text)
        mine, its = (list(each.find_all(nodes.Expr)) for each in (template.tree, tree))
        twins = {id(one): other for one, other in zip(mine, its, strict=True)}
        self._answers = {id(twins[id(asked)]): answer for asked, answer in answers.items()}
        self._numbers = {id(twins[id(asked)]): number for number, asked in enumerate(noted)}
        self._notes = bool(noted)
        self.tree: nodes.Template = self._changed(tree)

    def _changed(self, node: Any) -> Any:
        identity = id(node)
        for field in node.fields:
            value = getattr(node, field)
            if isinstance(value, nodes.Node):
                setattr(node, field, self._changed(value))
            elif isinstance(value, list):
                setattr(node, field, [each for item in value for each in self._listed(item)])
        if identity in self._answers:
            answer = self._answers[identity]
            if isinstance(answer, nodes.Expr):
                return answer
            return node.node if is_slice(node) else nodes.Const(answer, lineno=node.lineno)
        if identity not in self._numbers:
            return node
        number = self._numbers[identity]
        noted = filtered(node, _ASKED, number)
        if is_slice(node):
            noted.args.append(node.node)
        return noted

    def _listed(self, item: Any) -> Iterator[Any]:
        if not isinstance(item, nodes.Node):
            yield item
            return
        changed = self._changed(item)
        if isinstance(changed, nodes.For) and self._notes:
            changed.body.insert(0, event(WALKS, loaded(changed.target)))
            yield from (event(ENTERS), changed, event(LEAVES))
            return
        yield changed
        if self._notes and isinstance(changed, nodes.Assign) and _is_bound(changed):
            yield event(WALKS, loaded(changed.target))


def _is_bound(node: nodes.Assign) -> bool:
    """Whether an assignment may take a message by its index, as a loop over indices does."""
    return isinstance(node.target, nodes.Name) and isinstance(node.node, nodes.Getitem)
