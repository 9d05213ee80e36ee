"""Recognise chat templates by their syntax, without rendering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinja2 import TemplateSyntaxError, nodes

from rewriter.source.environment import parsing_environment

_MESSAGES: Final = "messages"
_FIELDS: Final = frozenset({"role", "content"})


def is_chat_template(text: str) -> bool:
    """Whether the text loops over ``messages``, reads a role or content, and prints something.

    A loop over a variable that is set from ``messages`` counts too. Without a loop and an output,
    the text is at most a piece of a template; without the fields, it may be a web page, since these
    print messages too.
    """
    if not mentions_messages(text):
        return False
    try:
        tree = parsing_environment().parse(text)
    except (TemplateSyntaxError, RecursionError):
        return False
    return _loops_over_messages(tree) and not _FIELDS.isdisjoint(_fields(tree)) and _prints(tree)


def mentions_messages(text: str) -> bool:
    """Whether the text is worth parsing: a cheap test."""
    return "{%" in text and _MESSAGES in text


def _loops_over_messages(tree: nodes.Template) -> bool:
    held = _names_that_hold_messages(tree)
    return any(_mentions(loop.iter, held) for loop in tree.find_all(nodes.For))


def _names_that_hold_messages(tree: nodes.Template) -> frozenset[str]:
    """``messages``, and every variable that is set from one of these names."""
    assignments = [(_names(each.target), each.node) for each in tree.find_all((nodes.Assign,))]
    held = frozenset({_MESSAGES})
    while True:
        found = held.union(*(names for names, value in assignments if _mentions(value, held)))
        if found == held:
            return held
        held = found


def _names(target: nodes.Node) -> frozenset[str]:
    every = [target, *target.find_all((nodes.Name, nodes.NSRef))]
    return frozenset(each.name for each in every if isinstance(each, nodes.Name | nodes.NSRef))


def _mentions(value: nodes.Node, names: frozenset[str]) -> bool:
    return not names.isdisjoint(_names(value))


def _prints(tree: nodes.Template) -> bool:
    """Whether an expression is printed, and not only the text between tags."""
    printed = (value for output in tree.find_all(nodes.Output) for value in output.nodes)
    return any(not isinstance(value, nodes.TemplateData) for value in printed)


def _fields(tree: nodes.Template) -> Iterator[str]:
    """The fields that are read of anything: ``m.role``, ``m['role']``, ``m.get('role')``."""
    for attribute in tree.find_all(nodes.Getattr):
        yield attribute.attr
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str):
            yield constant.value
