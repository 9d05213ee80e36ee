"""Which names a template reads anywhere, as a key or as a variable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import nodes

from rewriter.source.template import Template
from rewriter.source.walk import find_all
from rewriter.tracing.block_types import types_asked
from rewriter.tracing.chosen_keys import looked_up
from rewriter.tracing.made_from import key_of, made_from
from rewriter.tracing.unlisted import unlisted


def never_read(source: str, names: Iterable[str]) -> frozenset[str]:
    """The names that the template never reads; none if it may read any key.

    A type of blocks is read where blocks of it are told apart, or may be written whole.

    Raises:
        BadInput: ``source`` is not a template.

    """
    template = Template(source)
    if unlisted(template).prints_any_key:
        return frozenset()
    types = types_asked(template.tree).of("block")
    return frozenset(names).difference(_read(template.tree), types)


def _read(tree: nodes.Template) -> Iterator[str]:
    yield from looked_up(tree, made_from(tree))
    for node in find_all(tree, nodes.Expr):
        if (key := key_of(node)) is not None:
            yield key
        match node:
            case nodes.Name(name=name):
                yield name
            # {{ message | attr("key") }}, and {% if "key" in message %}
            case nodes.Filter(args=args):
                yield from _texts(args)
            case nodes.Compare(expr=asked):
                yield from _texts([asked])


def _texts(values: Iterable[nodes.Node]) -> Iterator[str]:
    for value in values:
        if isinstance(value, nodes.Const) and isinstance(value.value, str):
            yield value.value
