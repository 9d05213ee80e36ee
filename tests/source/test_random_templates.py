"""Whatever jinja2 reads is read without loss, and what it does not read is bad input."""

from conformance import (
    check_expressions,
    check_nesting,
    check_pieces,
    check_printed_text,
    check_tree,
)
from hypothesis import given, settings
from jinja2 import TemplateSyntaxError
from random_templates import noise, templates

from rewriter.errors import BadInput
from rewriter.source.environment import parsing_environment
from rewriter.source.template import Template


def check(text: str) -> None:
    try:
        parsing_environment().parse(text)
    except TemplateSyntaxError:
        accepted = False
    else:
        accepted = True
    try:
        template = Template(text)
    except BadInput as error:
        assert not accepted or "raw block is not closed" in error.message
        return
    assert accepted
    check_pieces(template)
    check_tree(template)
    check_expressions(template)
    check_nesting(template)
    check_printed_text(template)


@given(templates)
@settings(max_examples=500)
def test_a_template_of_any_shape_is_read_without_loss(text: str):
    check(text)


@given(noise)
@settings(max_examples=500)
def test_what_is_hardly_a_template_is_read_or_refused_as_jinja2_does(text: str):
    check(text)
