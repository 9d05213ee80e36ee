"""Which names a template reads nowhere."""

from __future__ import annotations

import pytest

from rewriter.tracing.read_names import never_read

READ = (
    "{{ m.mood }}",
    "{{ m['mood'] }}",
    "{{ m.get('mood', '') }}",
    "{{ mood }}",
    "{% if 'mood' in m %}x{% endif %}",
    "{{ m | attr('mood') }}",
    "{{ messages | map(attribute='mood') | join }}",
    "{% for key in ['mood', 'content'] %}{{ messages[0][key] }}{% endfor %}",
    "{% for key, value in messages[0].items() %}{{ value }}{% endfor %}",
)
UNREAD = ("{{ m.content }}", "mood {{ 'mood' }}{# m.mood #}", "{{ m.moody }}")


@pytest.mark.parametrize("source", READ)
def test_what_is_read_in_any_way_is_not_told(source: str):
    assert never_read(source, ["mood"]) == frozenset()


@pytest.mark.parametrize("source", UNREAD)
def test_what_is_read_in_no_way_is_told(source: str):
    assert never_read(source, ["mood"]) == {"mood"}


def test_the_type_of_a_block_that_is_written_whole_is_read():
    """A refusal names it, and says to declare it."""
    blocks = (
        "{% for m in messages %}{% for b in m.content %}{{ b | tojson }}{% endfor %}{% endfor %}"
    )
    assert never_read(blocks, ["tool_result", "mood"]) == {"mood"}
