"""Which keys are read of messages themselves, by the template's text alone."""

from __future__ import annotations

import pytest

from rewriter.source.template import Template
from rewriter.tracing.held_whole import messages_held


def _keys(source: str) -> set[str]:
    tree = Template(source).tree
    return {key for key, _ in messages_held(tree).keys_in(tree)}


@pytest.mark.parametrize(
    "source",
    [
        "{% for m in messages %}{% for c in m.calls %}{{ c.index }}{% endfor %}{% endfor %}",
        "{{ messages[0].content.index }}",
        "{% set call = messages[-1]['call'] %}{{ call.get('index') }}",
        "{{ tools[0].index }}",
        "{% set ns = namespace(index=0) %}{% set ns.all = messages %}{{ ns.index }}",
        "{% set calls = messages[-1].calls if 'calls' in messages[-1] %}{{ calls[0].index }}",
        "{% set found = tools[messages | length] %}{{ found.index }}",
    ],
)
def test_a_key_of_what_a_key_of_a_message_holds_is_not_the_message_s(source):
    assert "index" not in _keys(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% for m in messages %}{{ m.index }}{% endfor %}",
        "{% for m in messages[1:] %}{{ m['index'] }}{% endfor %}",
        "{{ messages[-1].get('index') }}",
        "{% set first = messages | first %}{{ first.index }}",
        (
            "{% macro say(it) %}{{ it.index }}{% endmacro %}"
            "{% for m in messages %}{{ say(m) }}{% endfor %}"
        ),
        "{% set ns = namespace(all=messages) %}{{ ns.all[0].index }}",
        "{% for group in messages | groupby('role') %}{{ group.list[0].index }}{% endfor %}",
        "{% set built = [{'role': 'user', 'content': text}] %}{{ built[0].index }}",
        (
            "{% set ns = namespace(all=[]) %}{% for m in messages %}{% set ns.all = ns.all + [m] %}"
            "{% endfor %}{% for each in ns.all %}{{ each.index }}{% endfor %}"
        ),
    ],
)
def test_a_key_of_a_message_is_found_whatever_name_has_the_message(source):
    assert "index" in _keys(source)
