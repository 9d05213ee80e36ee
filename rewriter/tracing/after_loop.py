"""Turns that a template prints after the loop over the messages.

Some templates print the assistant's last message separately. The branch that prints it is its turn.
A first message that is printed before the loop may be anything: often it is printed as the system's
or the user's, whatever its role.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias, TypeGuard

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.source.walk import find_below, find_within
from rewriter.tracing.calls import asks_for_prompt
from rewriter.tracing.made_from import names_in, values_by_name
from rewriter.tracing.origins import Field
from rewriter.tracing.trace import Run

# Blocks whose bodies are printed in place, and once.
_OPEN: Final = frozenset({"if", "with", "generation"})


class Branch(NamedTuple):
    """Where a template prints something after the loops; ``reads_last`` if it has the last message.

    ``messages[-1]`` may also have a name.
    """

    span: Span
    reads_last: bool

    def holds(self, run: Run) -> bool:
        """Whether a run is printed in it."""
        return bool(run.sites) and self.span.start <= run.sites[-1] < self.span.end


Branches: TypeAlias = Sequence[Branch]


def branches_after(template: Template) -> Branches:
    """The branches after the loops over the messages, if there are any.

    Without branches that a loop follows or contains, and without those for the generation prompt,
    whose text belongs to no turn. What no branch has, up to the prompt, is one if it reads the last
    message.
    """
    last = max((loop.end for loop in _loops(template.items)), default=None)
    if last is None:
        return ()
    reads = tuple(_reads_of_last(template))

    def branch(span: Span) -> Branch:
        return Branch(span, any(span.holds(at) for at in reads))

    found = [branch(each) for each in _branches(template.items) if each.start >= last]
    bare = branch(Span(last, _start_of_prompt(template, last)))
    return [*found, *([bare] if bare.reads_last else [])]


def _start_of_prompt(template: Template, after: int) -> int:
    """Where the first branch for the generation prompt begins; the end if there is none."""
    blocks = (item for item in template.items if isinstance(item, Block))
    starts = (
        block.span.start
        for block in blocks
        if block.span.start >= after and asks_for_prompt(block.clauses[0].tag.node)
    )
    return next(starts, len(template.text))


def _reads_of_last(template: Template) -> Iterator[int]:
    """The places where the last message is read, or a name that has it or a part of it."""
    values = values_by_name(template.tree)
    names = {name for name, given in values.items() if any(map(_has_last, given))}
    for site, printed in template.output_tags.items():
        if _has_last(printed) or not names.isdisjoint(names_in(printed)):
            yield site


def _has_last(node: nodes.Node) -> bool:
    return any(map(_is_last, find_within(node, nodes.Expr)))


def _is_last(node: nodes.Expr) -> bool:
    match node:
        case nodes.Getitem(
            node=nodes.Name(name="messages"), arg=nodes.Neg(node=nodes.Const(value=1))
        ):
            return True
        case nodes.Filter(node=nodes.Name(name="messages"), name="last"):
            return True
    return False


def _loops(items: Iterable[Item]) -> Iterator[Span]:
    for item in items:
        if isinstance(item, Block) and item.keyword == "for":
            if _may_walk_messages(item.clauses[0].tag.node):
                yield item.span
        elif isinstance(item, Block) and item.keyword in _OPEN:
            for clause in item.clauses:
                yield from _loops(clause.body)


def _may_walk_messages(loop: nodes.Node | None) -> bool:
    """Whether a loop reads roles, itself or in a macro; one over calls or blocks does not."""
    if not isinstance(loop, nodes.For):
        return True
    walked = {name.name for name in find_below(loop.iter, nodes.Name)} | _name_of(loop.iter)
    asked = {each.attr for each in find_below(loop, nodes.Getattr)}
    asked |= {each.arg.value for each in find_below(loop, nodes.Getitem) if _is_constant(each.arg)}
    targets = _name_of(loop.target)
    given = {
        name for call in find_below(loop, nodes.Call) for arg in call.args for name in _name_of(arg)
    }
    return "messages" in walked or "role" in asked or not given.isdisjoint(targets)


def _name_of(node: nodes.Node) -> set[str]:
    return {node.name} if isinstance(node, nodes.Name) else set()


def _is_constant(node: nodes.Node) -> TypeGuard[nodes.Const]:
    return isinstance(node, nodes.Const)


def _branches(items: Iterable[Item]) -> Iterator[Span]:
    for item in items:
        if not isinstance(item, Block) or item.keyword not in _OPEN:
            continue
        for clause, body in zip(item.clauses, item.bodies, strict=True):
            if not asks_for_prompt(clause.tag.node):
                if item.keyword == "if":
                    yield body
                yield from _branches(clause.body)


def with_turns_apart(runs: Sequence[Run], branches: Branches, last: int) -> tuple[Run, ...]:
    """The runs, where runs of a message that no loop prints get its turn.

    ``last`` is the index of the last message, which may print nothing of its own.
    """
    turns = {run.turn for run in runs}
    apart = [
        (run, run.origin.message)
        for run in runs
        if run.turn is None and isinstance(run.origin, Field) and run.origin.message not in turns
    ]
    for said, index in apart if branches else ():
        branch = _branch_of(said, index, runs, branches)
        if branch is not None:
            runs = [run._replace(turn=index) if branch.holds(run) else run for run in runs]
    if branches and not any(run.turn == last or run.is_of(last) for run in runs):
        empty = next((each for each in _from_outermost(branches) if _is_bare(each, runs)), None)
        if empty is not None:
            runs = [run._replace(turn=last) if empty.holds(run) else run for run in runs]
    return tuple(runs)


def _branch_of(said: Run, index: int, runs: Sequence[Run], branches: Branches) -> Branch | None:
    """The innermost branch that prints a message's text with more, but no other message's."""
    for branch in reversed([each for each in _from_outermost(branches) if each.holds(said)]):
        others = [run for run in runs if branch.holds(run) and not run.is_of(index)]
        if any(run.turn == index for run in others):
            return None
        if others:
            free = all(run.turn is None and not isinstance(run.origin, Field) for run in others)
            return branch if free else None
    return None


def _from_outermost(branches: Branches) -> Sequence[Branch]:
    return sorted(branches, key=lambda each: each.span.start - each.span.end)


def _is_bare(branch: Branch, runs: Sequence[Run]) -> bool:
    """Whether a branch that reads the last message prints only the template's own text."""
    printed = [run for run in runs if branch.holds(run)]
    own = all(run.turn is None and not isinstance(run.origin, Field) for run in printed)
    return branch.reads_last and bool(printed) and own
