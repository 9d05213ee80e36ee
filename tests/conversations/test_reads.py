"""What of a conversation the expressions of a template read."""

from itertools import permutations

from jinja2 import nodes

from rewriter.conversations.steering.places import Each, Path
from rewriter.conversations.steering.reads import Reads
from rewriter.source.environment import parsing_environment

_CONTENT = ("messages", Each.ITEM, "content")


def _printed(source: str) -> set[Path]:
    """The paths that the last output of a template reads."""
    tree = parsing_environment().parse(source)
    (*_, last) = tree.find_all(nodes.Output)
    reads = Reads(tree, {"messages", "tools"})
    return {path for node in last.nodes for path in reads.paths(node)}


def test_a_name_that_nothing_gives_a_value_reads_nothing() -> None:
    assert _printed("{% for m in messages %}{{ other.content }}{% endfor %}") == set()


def test_a_name_set_again_and_again_stands_for_all_that_it_is_set_to() -> None:
    source = (
        "{% for m in messages %}{% set a = m.content %}{% set b = a ~ m.role %}{% set a = b %}"
        "{{ a }}{% endfor %}"
    )
    assert _printed(source) == {_CONTENT, ("messages", Each.ITEM, "role")}


def test_names_that_are_set_from_each_other_in_every_order_are_followed() -> None:
    names = [f"n{number}" for number in range(12)]
    sets = "".join(f"{{% set {a} = {a} ~ {b} %}}" for a, b in permutations(names, 2))
    source = f"{{% for m in messages %}}{{% set n0 = m.content %}}{sets}{{{{ n11 }}}}{{% endfor %}}"
    assert _printed(source) == {_CONTENT}


def test_a_macro_that_calls_itself_reads_what_it_calls_itself_with_once_more() -> None:
    source = (
        "{% macro shown(schema) %}{{ shown(schema.items) }}{{ schema.type }}{% endmacro %}"
        "{% for tool in tools %}{% set ignored = shown(tool) %}{% endfor %}"
    )
    tree = parsing_environment().parse(source)
    reads = Reads(tree, {"tools"})
    read = next(n for n in tree.find_all(nodes.Getattr) if n.attr == "type")
    assert reads.paths(read) == (
        ("tools", Each.ITEM, "type"),
        ("tools", Each.ITEM, "items", "type"),
    )
