"""Nodes that are found by their types, without walking the tree anew."""

import pytest
from jinja2 import nodes

from rewriter.source.template import Template
from rewriter.source.walk import find_all

SOURCE = """
{% macro say(a, b=1) %}{{ a ~ b }}{% endmacro %}
{% for m in messages if m.role != 'tool' %}
{% set text = m.content if m.content is string else m.content[0].text | trim %}
{{ say(text, b=[1, {'x': text}]) }}{% else %}{{ 'none' }}
{% endfor %}
"""


@pytest.mark.parametrize(
    "kinds",
    [
        nodes.Name,
        nodes.Expr,
        nodes.Node,
        nodes.AssignBlock,
        (nodes.Const, nodes.Name),
        (nodes.Stmt, nodes.Getattr),
    ],
)
def test_they_are_those_that_jinja2_finds_in_its_order(kinds):
    tree = Template(SOURCE).tree
    for _ in range(2):
        found = list(find_all(tree, kinds))
        assert [id(each) for each in found] == [id(each) for each in tree.find_all(kinds)]


def test_trees_that_are_equal_each_have_their_own():
    one, other = Template(SOURCE).tree, Template(SOURCE).tree
    assert one == other
    assert {*map(id, find_all(one, nodes.Name))}.isdisjoint(map(id, find_all(other, nodes.Name)))
