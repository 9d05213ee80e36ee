"""Taken out, the tags leave what is printed as it was, and the bytes too where they were put in."""

import pytest
from rendering import rendered

from rewriter.source.fingerprint import fingerprint
from rewriter.source.template import Template
from rewriter.source.unmarked import unmarked

WITHOUT_TAGS = {
    "nothing": "",
    "a template": "{% for m in messages %}\n  {{ m.content }}\n{% endfor %}",
    "a marker in a comment": "{# {% generation %} #}{{ a }}",
    "a marker in a string": "{{ '{% generation %}' }}",
    "a marker in a raw block": "{% raw %}{% generation %}{% endraw %}",
    "a call of a macro": "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}x{% endcall %}",
    "a file of another system": "\ufeff{{ a }}\r\n{% if b %}\r\n{% endif %}",
}
# Each original, and how a block is put around what it prints without a change of that.
PUT_IN = {
    "in a line": ("<a>{{ x }}<b>", "<a>{% generation %}{{ x }}<b>{% endgeneration %}"),
    "on lines of their own": (
        "{%- if x %}\n  {{- x }}\n{%- endif %}\n",
        "{%- if x %}\n  {%- generation %}\n  {{- x }}\n  {%- endgeneration %}\n{%- endif %}\n",
    ),
    "with line endings of another system": (
        "{%- if x %}\r\n {{- x }}\r\n{%- endif %}",
        "{%- if x %}\r\n {%- generation %}\r\n {{- x }}\r\n {%- endgeneration %}\r\n{%- endif %}",
    ),
    "with dashes on the other side": (
        "{{ 'a' -}}\n{{ x -}}\n{{ 'b' }}",
        "{{ 'a' -}}\n{% generation -%}\n{{ x -}}\n{% endgeneration -%}\n{{ 'b' }}",
    ),
    "after indentation that is printed": (
        "a\n  {{ x }}",
        "a\n  {{ '' }}{% generation %}{{ x }}{% endgeneration %}",
    ),
    "before a line's end that is printed": (
        "{{ x }}\nb",
        "{% generation %}{{ x }}{% endgeneration %}\n\nb",
    ),
    "twice": (
        "{{ x }}, {{ y }}",
        "{% generation %}{{ x }}{% endgeneration %}, {% generation %}{{ y }}{% endgeneration %}",
    ),
}
# By any hand; what they print is what counts.
PRINTED_ALIKE = {
    "dashes that take text's edges": "a {%- generation -%} b {{ x }} {%- endgeneration -%} c",
    "indentation that a tag takes": "a\n  {% generation %}\n  b\n  {% endgeneration %}c",
    "a plus": "a\n  {%+ generation +%}\n{{ x }}{%+ endgeneration +%}\nb",
    "a block in a block": (
        "{% generation %}a\n{% generation %}\n{{ x }}\n{% endgeneration %}\nb{% endgeneration %}\n"
    ),
    "a block that holds nothing": "a\n {% generation %}\n{% endgeneration %}\n b",
    "a block of text alone": "a\n{%- generation %}\n\n\n  {%- endgeneration %}\nb",
    "both edges of a line": "\n\t{% generation -%} \n x \n {%- endgeneration %} \n",
}


@pytest.mark.parametrize("source", WITHOUT_TAGS.values(), ids=WITHOUT_TAGS)
def test_what_has_no_tag_is_left_alone(source):
    assert unmarked(source) == source


@pytest.mark.parametrize(("original", "marked"), PUT_IN.values(), ids=PUT_IN)
def test_what_had_tags_put_in_is_given_back_byte_for_byte(original, marked):
    assert rendered(marked, [], x="X", y="Y").text == rendered(original, [], x="X", y="Y").text
    assert unmarked(marked) == original


@pytest.mark.parametrize("marked", PRINTED_ALIKE.values(), ids=PRINTED_ALIKE)
def test_what_anybody_marked_prints_the_same_without(marked):
    plain = unmarked(marked)
    assert not Template(plain).is_marked
    assert rendered(plain, [], x="X").text == rendered(marked, [], x="X").text


def test_no_real_variant_needs_a_comment_where_a_tag_was(shipped):
    plain = unmarked(shipped)
    assert not Template(plain).is_marked
    assert fingerprint(plain, dissolved=True) == fingerprint(shipped, dissolved=True)
    assert plain.count("{#") == shipped.count("{#")
