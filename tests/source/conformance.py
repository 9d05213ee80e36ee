"""What must hold of every template that was read, whoever wrote it."""

import re
from collections.abc import Iterator
from functools import cache

from jinja2 import nodes

from rewriter.source.environment import parsing_environment
from rewriter.source.lexer import Kind
from rewriter.source.template import Block, Item, Template, leaves


def check_pieces(template: Template) -> None:
    """The pieces are the text, and each keeps to its own part of it."""
    text = template.text
    assert "".join(piece.span.of(text) for piece in template.pieces) == text
    for piece in template.pieces:
        assert piece.span.start <= piece.inner.start <= piece.inner.end <= piece.span.end
        if piece.kind is Kind.TEXT:
            assert piece.span.start <= piece.printed.start <= piece.printed.end <= piece.span.end
        else:
            assert text[piece.span.start] == "{"
            assert text[piece.span.end - 1] == "}"


def check_tree(template: Template) -> None:
    """The tree is the one that jinja2 makes."""
    assert repr(template.tree) == repr(parsing_environment().parse(template.text))


def check_expressions(template: Template) -> int:
    """Each expression's text, parsed alone, is the expression; returns how many there were."""
    text, count = template.text, 0
    for node in _written_alone(template):
        span, outer = template.span(node), template.outer(node)
        assert span is not None, node
        assert outer is not None, node
        assert outer.start <= span.start <= span.end <= outer.end
        expected = repr(node)
        assert parsed_alone(span.of(text)) == expected
        assert parsed_alone(outer.of(text)) == expected
        count += 1
    return count


def check_nesting(template: Template) -> None:
    """The nested statements hold every piece once, in order, and each tag's node is in the tree."""
    nested = list(leaves(template.items))
    assert tuple(leaf.piece for leaf in nested) == template.pieces
    in_tree = {id(node) for node in template.tree.find_all(nodes.Node)}
    for leaf in nested:
        assert leaf.node is None or id(leaf.node) in in_tree
        if leaf.piece.kind is Kind.OUTPUT:
            assert isinstance(leaf.node, nodes.Expr)
    for block in _blocks(template.items):
        assert block.end.piece.keyword in (f"end{block.keyword}", "raw_end")


def check_printed_text(template: Template) -> None:
    """What a text piece prints is what jinja2 prints for it."""
    for data in template.tree.find_all(nodes.TemplateData):
        written = template.data_spans[id(data)].of(template.text)
        assert written.replace("\r\n", "\n").replace("\r", "\n") == data.data


def _blocks(items: tuple[Item, ...]) -> Iterator[Block]:
    for item in items:
        if isinstance(item, Block):
            yield item
            for clause in item.clauses:
                yield from _blocks(clause.body)


@cache
def parsed_alone(source: str) -> str:
    """The expression that ``source`` is between the marks of an output."""
    tree = parsing_environment().parse("{{ " + source + "\n}}")
    (output,) = tree.body
    assert isinstance(output, nodes.Output)
    (expression,) = output.nodes
    return repr(expression)


def _written_alone(template: Template) -> Iterator[nodes.Expr]:
    """The expressions that can be written on their own.

    Left out: template text, which is no expression in the source; slices, which stand only in
    brackets; targets, which are stored to; the ``Test`` in ``x is not y``, whose words are parted
    by ``not``; the filters of a ``filter`` block, which have no operand; and the call that
    ``generation`` stands for, of which nothing is written.
    """
    pending: list[nodes.Node] = [template.tree]
    while pending:
        node = pending.pop()
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.ExtensionAttribute):
            continue
        inner = node
        if isinstance(node, nodes.Not) and not re.match(r"not\b", template.source(node)):
            inner = node.node
        pending.extend(inner.iter_child_nodes())
        if isinstance(node, nodes.Expr) and not _stands_only_in_place(node):
            yield node


def _stands_only_in_place(node: nodes.Expr) -> bool:
    if isinstance(node, nodes.Name | nodes.Tuple):
        return node.ctx != "load"
    operand: nodes.Node | None = node
    while isinstance(operand, nodes.Filter):
        operand = operand.node
    if operand is None:
        return True
    return isinstance(node, nodes.TemplateData | nodes.Slice | nodes.NSRef)
