"""Which variables a template may be given."""

import pytest

from rewriter.source.environment import parsed
from rewriter.tracing.variables import variables_of


@pytest.mark.parametrize(
    "source",
    [
        "{% set thinking = thinking | default(false) %}{{ thinking }}",
        "{% if thinking is not defined %}{% set thinking = false %}{% endif %}{{ thinking }}",
    ],
)
def test_a_flag_that_is_called_as_a_key_is_given(source: str):
    assert variables_of(parsed(source)) == {"thinking"}


def test_what_is_set_to_the_key_it_is_called_as_is_not():
    source = (
        "{% for m in messages %}{% if m.thinking is string %}{% set thinking = m.thinking %}"
        "{% endif %}{% if thinking is defined %}{{ thinking }}{% endif %}{% endfor %}"
    )
    assert variables_of(parsed(source)) == {"messages"}
