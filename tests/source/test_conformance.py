"""Every template that the catalogs carry is read without loss, in whatever form it comes."""

import re

import pytest
from conformance import (
    check_expressions,
    check_nesting,
    check_pieces,
    check_printed_text,
    check_tree,
)

from rewriter.source.template import Template


def _as_it_is(text: str) -> str:
    return text


def _with_crlf(text: str) -> str:
    return re.sub(r"\r?\n", "\r\n", text)


def _with_tabs(text: str) -> str:
    return re.sub(r"(?m)^(?: {2})+", lambda found: "\t" * (len(found.group()) // 2), text)


def _with_mark(text: str) -> str:
    return "\ufeff" + text


def _with_another_end(text: str) -> str:
    return text.removesuffix("\n") if text.endswith("\n") else text + "\n"


FORMS = {
    "as it is": _as_it_is,
    "CRLF": _with_crlf,
    "tabs": _with_tabs,
    "byte-order mark": _with_mark,
    "another end": _with_another_end,
}


@pytest.fixture(scope="session", params=FORMS)
def template(shipped: str, request: pytest.FixtureRequest) -> Template:
    return Template(FORMS[request.param](shipped))


def test_the_pieces_joined_are_the_file(template: Template):
    check_pieces(template)


def test_the_tree_is_jinja2_s_own(template: Template):
    check_tree(template)


def test_the_text_of_each_expression_is_that_expression(template: Template):
    assert check_expressions(template) > 10


def test_the_nested_statements_are_the_pieces_in_order(template: Template):
    check_nesting(template)


def test_what_a_text_prints_is_what_jinja2_prints_for_it(template: Template):
    check_printed_text(template)
