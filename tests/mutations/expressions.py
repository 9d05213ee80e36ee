"""Mutants that compute otherwise: a literal, a number, a filter, a field."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from tests.mutations.anatomy import Anatomy
from tests.mutations.editing import Edit, edited, literal

# What these are called with is no text that is printed.
_RAISES = "raise_exception"


def literal_altered(anatomy: Anatomy) -> Iterator[str]:
    """A string has a letter more."""
    unprinted = set(_complaints(anatomy))
    for node in anatomy.template.tree.find_all(nodes.Const):
        span = anatomy.template.span(node)
        if isinstance(node.value, str) and span is not None and id(node) not in unprinted:
            yield edited(anatomy, Edit(*span, literal(node.value + "x")))


def text_altered(anatomy: Anatomy) -> Iterator[str]:
    """Text between tags has a letter more."""
    for span in anatomy.template.data_spans.values():
        yield edited(anatomy, Edit(span.end, span.end, "x"))


def number_altered(anatomy: Anatomy) -> Iterator[str]:
    """A number is greater by one."""
    for node in anatomy.template.tree.find_all(nodes.Const):
        span = anatomy.template.span(node)
        if type(node.value) is int and span is not None:
            yield edited(anatomy, Edit(*span, str(node.value + 1)))


def truth_altered(anatomy: Anatomy) -> Iterator[str]:
    """What is true is false, and the other way round."""
    for node in anatomy.template.tree.find_all(nodes.Const):
        span = anatomy.template.span(node)
        if isinstance(node.value, bool) and span is not None:
            yield edited(anatomy, Edit(*span, str(not node.value).lower()))


def filter_dropped(anatomy: Anatomy) -> Iterator[str]:
    """A filter is not applied."""
    for node in anatomy.template.tree.find_all(nodes.Filter):
        if node.node is not None:
            yield from _replaced(anatomy, node, node.node)


def method_dropped(anatomy: Anatomy) -> Iterator[str]:
    """A method, such as ``strip``, is not called."""
    for node in anatomy.template.tree.find_all(nodes.Call):
        if isinstance(node.node, nodes.Getattr):
            yield from _replaced(anatomy, node, node.node.node)


def slice_dropped(anatomy: Anatomy) -> Iterator[str]:
    """All of something is taken, where it should be a part."""
    for node in anatomy.template.tree.find_all(nodes.Getitem):
        if isinstance(node.arg, nodes.Slice):
            yield from _replaced(anatomy, node, node.node)


def field_misnamed(anatomy: Anatomy) -> Iterator[str]:
    """A field is asked for under another name."""
    for node in anatomy.template.tree.find_all(nodes.Getattr):
        span = anatomy.template.span(node)
        if span is not None and span.of(anatomy.text).endswith(node.attr):
            yield edited(anatomy, Edit(span.end, span.end, "x"))


def _complaints(anatomy: Anatomy) -> Iterator[int]:
    for call in anatomy.template.tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == _RAISES:
            yield from (id(node) for node in call.find_all(nodes.Const))


def _replaced(anatomy: Anatomy, node: nodes.Expr, kept: nodes.Expr) -> Iterator[str]:
    whole, inner = anatomy.template.span(node), anatomy.template.outer(kept)
    if whole is not None and inner is not None:
        yield edited(anatomy, Edit(*whole, inner.of(anatomy.text)))
