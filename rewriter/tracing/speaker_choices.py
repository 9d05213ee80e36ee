"""The arms of conditions that ask who speaks, not what the model writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.source.walk import find_within
from rewriter.tracing.fields import LISTED, Whose
from rewriter.tracing.made_from import bindings, key_of, names_in, origins, targets

_Values: TypeAlias = Mapping[str, Sequence[nodes.Node]]


def speaker_choices(template: Template) -> tuple[tuple[Span, ...], ...]:
    """The arms of each such condition: ``{% if message.name == agent %}…{% else %}…{% endif %}``.

    They may hold whole turns. Arms with a test between them that asks for what the model writes
    are in different groups.
    """
    values: defaultdict[str, list[nodes.Node]] = defaultdict(list)
    for target, value in bindings(template.tree):
        for name in targets(target):
            values[name].append(value)
    return tuple(arms for arms in _groups(template.items, values) if len(arms) > 1)


def _groups(
    items: Sequence[Item], values: _Values, *, within: bool = False
) -> Iterator[tuple[Span, ...]]:
    """The groups of arms; outside loops and macros, an arm is no turn but a whole conversation."""
    for item in items:
        if not isinstance(item, Block):
            continue
        repeats = within or item.keyword in ("for", "macro")
        row: tuple[Span, ...] = ()
        for clause, body in zip(item.clauses, item.bodies, strict=True):
            asked = clause.tag.node
            if isinstance(asked, nodes.If) and _asks_for_words(asked.test, values):
                yield row
                row = ()
            elif within and item.keyword == "if":
                row += (body,)
            yield from _groups(clause.body, values, within=repeats)
        yield row


def _asks_for_words(test: nodes.Node, values: _Values) -> bool:
    made_from = {name: set().union(*map(names_in, found)) for name, found in values.items()}
    read = [test, *(value for name in origins(test, made_from) for value in values.get(name, ()))]
    keys = {key_of(node) for each in read for node in find_within(each, nodes.Expr)}
    return any(key and LISTED.of_path((key,)) is Whose.GENERATED for key in keys)
