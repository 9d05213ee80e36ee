"""White space between turns that a name holds, and that the prompt prints as well."""

import pytest

import rewriter
from tests.rendering import rendered

NAMED = """{% set between = '\\n' %}
{% for m in messages %}
    {{ m.role.upper() + ': ' + m.content }}{% if not loop.last %}{{ between }}{% endif %}
{% endfor %}
{% if add_generation_prompt %}
    {{ between + 'ASSISTANT: ' }}
{% endif %}
"""
ASKED, YES = {"role": "user", "content": "so?"}, {"role": "assistant", "content": "yes"}


@pytest.mark.parametrize("policy", ["strict", "trl"])
def test_it_is_outside_under_either_policy(policy):
    variant = rewriter.rewrite(NAMED, policy=policy, examples=40, limits=None).template
    assert rendered(variant, [ASKED, YES, ASKED]).marked == (
        "    USER: so?\n    ASSISTANT: ⟦yes⟧\n    USER: so?"
    )
