"""The arms of conditions that ask who speaks, not what the model writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import TypeAlias

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.source.walk import find_within
from rewriter.tracing.fields import LISTED, Whose
from rewriter.tracing.made_from import key_of, made_from, origins, values_by_name

_Asks: TypeAlias = Callable[[nodes.Node], bool]


def speaker_choices(template: Template) -> tuple[tuple[Span, ...], ...]:
    """The arms of each such condition: ``{% if message.name == agent %}…{% else %}…{% endif %}``.

    They may hold whole turns. Arms with a test between them that asks for what the model writes
    are in different groups.
    """
    values, made = values_by_name(template.tree), made_from(template.tree)
    named = {name for name in values if any(map(_reads_words, values[name]))}
    asks_for_words = partial(_asks_for_words, named, made)
    return tuple(arms for arms in _groups(template.items, asks_for_words) if len(arms) > 1)


def _groups(
    items: Sequence[Item], asks_for_words: _Asks, *, within: bool = False
) -> Iterator[tuple[Span, ...]]:
    """The groups of arms; outside loops and macros, an arm is no turn but a whole conversation."""
    for item in items:
        if not isinstance(item, Block):
            continue
        repeats = within or item.keyword in ("for", "macro")
        row: tuple[Span, ...] = ()
        for clause, body in zip(item.clauses, item.bodies, strict=True):
            asked = clause.tag.node
            if isinstance(asked, nodes.If) and asks_for_words(asked.test):
                yield row
                row = ()
            elif within and item.keyword == "if":
                row += (body,)
            yield from _groups(clause.body, asks_for_words, within=repeats)
        yield row


def _asks_for_words(named: Set[str], made: Mapping[str, set[str]], test: nodes.Node) -> bool:
    """Whether a test reads what the model writes, itself or by names of such values."""
    return _reads_words(test) or not named.isdisjoint(origins(test, made))


def _reads_words(node: nodes.Node) -> bool:
    keys = {key_of(each) for each in find_within(node, nodes.Expr)}
    return any(key and LISTED.of_path((key,)) is Whose.GENERATED for key in keys)
