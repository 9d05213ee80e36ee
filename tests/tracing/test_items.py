from __future__ import annotations

from jinja2 import Environment, nodes

from rewriter.tracing.items import read_of_items


def _last_read(source: str) -> frozenset[str] | None:
    """What is foreign of what the last output of a template prints items of."""
    tree = Environment().parse(source)
    printed = [
        each
        for output in tree.find_all(nodes.Output)
        for each in output.nodes
        if not isinstance(each, nodes.TemplateData)
    ]
    return read_of_items(tree, {0: printed[-1]}, frozenset({"results"})).get(0)


def test_a_name_that_is_set_within_the_loop_is_no_item() -> None:
    assert _last_read("{% for r in m.results %}{% set r = m.content %}{{ r }}{% endfor %}") is None


def test_a_macros_parameter_is_no_item_of_a_loop_elsewhere() -> None:
    loop = "{% for r in m.results %}{{ p(r) }}{% endfor %}"
    assert _last_read(loop + "{% macro p(r) %}{{ r }}{% endmacro %}") is None


def test_an_item_of_what_the_model_says_too_is_not_foreign() -> None:
    assert _last_read("{% for r in m.results + m.content %}{{ r }}{% endfor %}") is None


def test_a_name_after_its_loop_is_no_item() -> None:
    assert _last_read("{% for r in m.results %}{% endfor %}{{ r }}") is None
    assert _last_read("{% for r in m.results %}{% else %}{{ r }}{% endfor %}") is None


def test_what_is_printed_of_an_item_is_foreign_whatever_its_key_is() -> None:
    assert _last_read("{% for r in m.results %}{{ r.name }}{% endfor %}") == {"results"}


def test_items_of_items_and_both_names_of_a_pair_are_foreign() -> None:
    pairs = "{% for k, v in r.answer | dictsort %}{{ k ~ v }}{% endfor %}"
    assert _last_read("{% for r in m.results %}" + pairs + "{% endfor %}") == {"results"}


def test_a_name_is_that_of_the_nearest_loop_around_it() -> None:
    said = "{% for k, v in m.content | items %}{{ v }}{% endfor %}"
    assert _last_read(said + "{% for k, v in m.results | items %}{{ v }}{% endfor %}") == {
        "results"
    }
    assert _last_read("{% for v in m.results %}" + said + "{% endfor %}") is None
