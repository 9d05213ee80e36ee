"""A fingerprint holds all that can change what is printed, and nothing more."""

import pytest
from jinja2 import TemplateSyntaxError

from rewriter.source.fingerprint import fingerprint

EQUAL = {
    "quotes": ("{{ m['role'] }}", '{{ m["role"] }}'),
    "spaces inside a tag": ("{{m.role+'a'}}", "{{  m.role \n + 'a' }}"),
    "redundant parentheses": ("{% if a and b %}x{% endif %}", "{% if (a) and (b) %}x{% endif %}"),
    "a comment between tags": ("{{ a }}{{ b }}", "{{ a }}{# why #}{{ b }}"),
    "a comment in the middle of text": ("hello", "hel{# why #}lo"),
    "a comment between two blocks": ("{% if a %}{% endif %}", "{% if a %}{# why #}{% endif %}"),
    "whitespace that is stripped": ("{% set a = 1 %}{{ a }}", "{% set a = 1 -%}\n\n  {{ a }}"),
    "indentation before a block": ("{% if a %}\nx{% endif %}", "  {% if a %}\nx{% endif %}"),
    "an escape and the character": (r"{{ '\n' }}", "{{ '\n' }}"),
    "line endings": ("{{ a }}\nb", "{{ a }}\r\nb"),
    "one final newline": ("{{ a }}", "{{ a }}\n"),
}
DIFFERENT = {
    "text": ("hello", "hello "),
    "text in a string": ("{{ 'a' }}", "{{ 'a ' }}"),
    "a final newline that is printed": ("{{ a }}\n", "{{ a }}\n\n"),
    "parentheses that bind": ("{{ (a == b) != c }}", "{{ a == b != c }}"),
    "an item and an attribute": ("{{ m.role }}", "{{ m['role'] }}"),
    "a number and its text": ("{{ 1 }}", "{{ '1' }}"),
    "a number and a truth": ("{{ 1 }}", "{{ true }}"),
    "a marker": ("{{ a }}", "{% generation %}{{ a }}{% endgeneration %}"),
    "which block a text is in": ("{% if a %}{% endif %}x", "{% if a %}x{% endif %}"),
    "which branch a text is in": (
        "{% if a %}x{% elif b %}{% endif %}",
        "{% if a %}{% elif b %}x{% endif %}",
    ),
    "the order of filters": ("{{ a | trim | upper }}", "{{ a | upper | trim }}"),
    "text and a string that prints the same, apart": ("a{% if b %}{% endif %}c", "ac"),
}


@pytest.mark.parametrize(("first", "second"), EQUAL.values(), ids=EQUAL)
def test_it_stays_when_only_this_changes(first: str, second: str):
    assert fingerprint(first) == fingerprint(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT.values(), ids=DIFFERENT)
def test_it_changes_with(first: str, second: str):
    assert fingerprint(first) != fingerprint(second)


def test_a_chain_of_operators_deeper_than_python_recurses_has_one():
    assert fingerprint("{{ a" + " ~ a" * 5000 + " }}")


def test_what_does_not_parse_has_none():
    with pytest.raises(TemplateSyntaxError):
        fingerprint("{{ a")
