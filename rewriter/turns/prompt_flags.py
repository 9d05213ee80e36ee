"""The variables that decide how the generation prompt is printed."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import lru_cache
from typing import Any, Final

from jinja2 import nodes

from rewriter.source.walk import find_all, find_below
from rewriter.tracing.made_from import names_in
from rewriter.tracing.variables import GIVEN, PROVIDED

_PROMPT: Final = "add_generation_prompt"
_NEVER_FLAGS: Final = PROVIDED | {"messages", "message", "loop", _PROMPT}


@lru_cache(maxsize=16)
def prompt_flags(tree: nodes.Template) -> frozenset[str]:
    """The variables that the prompt's tests read, and those that decide their values."""
    found = _asked_in_prompts(tree) - _NEVER_FLAGS
    more: Set[str] = found
    while more:
        more = _deciding(tree, more) - found - _NEVER_FLAGS
        found |= more
    return frozenset(found)


@lru_cache(maxsize=16)
def flag_settings(tree: nodes.Template) -> tuple[tuple[str, Any], ...]:
    """Each of these variables with its possible values: booleans, and those it is compared with."""
    flags = prompt_flags(tree)
    values: dict[str, dict[Any, None]] = {name: {True: None, False: None} for name in sorted(flags)}
    for node in find_all(tree, nodes.Compare):
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        constants = [each for side in sides for each in _constants(side)]
        for side in sides:
            if isinstance(side, nodes.Name) and side.name in flags:
                values[side.name].update(dict.fromkeys(constants))
    return tuple((name, value) for name, given in values.items() for value in given)


def _constants(node: nodes.Node) -> Iterator[Any]:
    """The texts on one side of a comparison."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, (nodes.List, nodes.Tuple)):
        for item in node.items:
            yield from _constants(item)


def _asked_in_prompts(tree: nodes.Template) -> set[str]:
    found: set[str] = set()
    for block in find_all(tree, nodes.If):
        if _PROMPT in names_in(block.test):
            found |= names_in(block.test) - GIVEN
            for inner in block.body:
                tests: tuple[Any, ...] = (nodes.If, nodes.CondExpr)
                for conditional in find_below(inner, tests):
                    found |= names_in(conditional.test)
                if isinstance(inner, nodes.If):
                    found |= names_in(inner.test)
    return found


def _deciding(tree: nodes.Template, names: Set[str]) -> set[str]:
    """The tests before an assignment to one of ``names``, and the assigned expressions."""
    asked = {
        asked
        for block in find_all(tree, nodes.If)
        if any(_target(each) in names for each in find_below(block, nodes.Assign))
        for asked in names_in(block.test)
    }
    values = (each.node for each in find_all(tree, nodes.Assign) if _target(each) in names)
    return asked.union(*map(names_in, values))


def _target(assignment: nodes.Assign) -> str | None:
    return assignment.target.name if isinstance(assignment.target, nodes.Name) else None
