"""Which texts a template tells apart of what a key holds."""

from __future__ import annotations

import pytest

from rewriter.source.template import Template
from rewriter.tracing.compared_keys import compared_texts


def _texts(source: str) -> dict[str, tuple[str, ...]]:
    return dict(compared_texts(Template(source).tree, frozenset({"task"})))


@pytest.mark.parametrize(
    "source",
    [
        "{% if m.task %}{{ m.task }}{% endif %}",
        "{% if m.task == 3 or m.other == 'draw' %}{% endif %}",
        "{{ m.task + 'draw' }}",
    ],
)
def test_what_is_not_compared_with_a_text_has_none(source):
    assert _texts(source) == {}


@pytest.mark.parametrize(
    "source",
    [
        "{% if m.task == 'draw' or 'sing' != m['task'] %}{% endif %}",
        "{% if m.get('task', none) in ['draw', 'sing'] %}{% endif %}",
        "{% set task = m.task %}{% if task == 'draw' %}{% elif task == 'sing' %}{% endif %}",
        "{% set known = {'draw': 1, 'sing': 2} %}{% if m.task not in known %}{% endif %}",
        "{% set known = {'draw': 1, 'sing': 2} %}{% set task = m.task %}{{ known[task] }}",
        "{{ {'draw': 1, 'sing': 2}[m.task] }}",
    ],
)
def test_what_it_is_compared_with_or_looks_up_is_found(source):
    assert _texts(source) == {"task": ("draw", "sing")}
