"""Turns that a template prints after the loop over the messages.

Some templates print the assistant's last message separately. The branch that prints it is its turn.
A first message that is printed before the loop may be anything: often it is printed as the system's
or the user's, whatever its role.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final, TypeAlias, TypeGuard

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item
from rewriter.tracing.calls import asks_for_prompt
from rewriter.tracing.provenance import Field
from rewriter.tracing.trace import Run

# Blocks whose bodies are printed in place, and once.
_OPEN: Final = frozenset({"if", "with", "generation"})

Branches: TypeAlias = Sequence[Span]


def branches_behind(items: Sequence[Item]) -> Branches:
    """The branches after the loops over the messages, if there are any.

    Without branches that a loop follows or contains, and without those for the generation prompt,
    whose text belongs to no turn.
    """
    last = max((loop.end for loop in _loops(items)), default=None)
    return [each for each in _branches(items) if last is not None and each.start >= last]


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
    walked = {name.name for name in loop.iter.find_all(nodes.Name)} | _name_of(loop.iter)
    asked = {each.attr for each in loop.find_all(nodes.Getattr)}
    asked |= {each.arg.value for each in loop.find_all(nodes.Getitem) if _is_constant(each.arg)}
    targets = _name_of(loop.target)
    given = {
        name for call in loop.find_all(nodes.Call) for arg in call.args for name in _name_of(arg)
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


def with_turns_apart(runs: Sequence[Run], found: Branches, own: Container[int]) -> tuple[Run, ...]:
    """The runs, where runs of a message in ``own`` that no loop prints get its turn."""
    turns = {run.turn for run in runs}
    apart = [
        (run, run.origin.message)
        for run in runs
        if run.turn is None and isinstance(run.origin, Field) and run.origin.message not in turns
    ]
    for said, index in apart if found else ():
        if index not in own:
            continue
        branch = _branch_of(said, index, runs, found)
        if branch is not None:
            runs = [run._replace(turn=index) if _is_within(run, branch) else run for run in runs]
    return tuple(runs)


def _branch_of(said: Run, index: int, runs: Sequence[Run], found: Branches) -> Span | None:
    """The innermost branch that prints a message's text with more, but no other message's."""
    for branch in sorted((b for b in found if _is_within(said, b)), key=lambda b: b.end - b.start):
        others = [run for run in runs if _is_within(run, branch) and not _is_of(run, index)]
        if any(run.turn == index for run in others):
            return None
        if others:
            free = all(run.turn is None and not isinstance(run.origin, Field) for run in others)
            return branch if free else None
    return None


def _is_within(run: Run, branch: Span) -> bool:
    return bool(run.sites) and branch.start <= run.sites[-1] < branch.end


def _is_of(run: Run, index: int) -> bool:
    return isinstance(run.origin, Field) and run.origin.message == index
