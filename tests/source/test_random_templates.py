"""Whatever jinja2 reads is read without loss, and what it does not read is bad input."""

import re

import pytest
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

UNCLOSED_RAW = re.compile(r"\{%[-+]?\s*raw\s*-?%\}\s*\Z")


def check(text: str) -> None:
    try:
        parsing_environment().parse(text)
    except TemplateSyntaxError:
        with pytest.raises(BadInput):
            Template(text)
        return
    if UNCLOSED_RAW.search(text):
        return  # jinja2 lets it pass and prints nothing; we do not, see test_template.py
    template = Template(text)
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
