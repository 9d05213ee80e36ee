"""What the judge must leave alone."""

import pytest

from rewriter.turns.parts import Policy
from rewriter.verification.by_rendering import Given, judged_by_rendering
from tests.verification.by_rendering.templates import CONTENT, HEADER, RIGHT, SAID, template


@pytest.mark.parametrize("policy", ["strict", "trl"])
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_mask_has_no_fault(name: str, policy: Policy) -> None:
    assert judged_by_rendering(RIGHT[name], policy) == ()


def test_a_template_that_refuses_every_conversation_has_no_fault() -> None:
    assert judged_by_rendering("{{ raise_exception('no') }}", "strict") == ()


def test_white_space_after_the_end_may_be_inside_under_trl() -> None:
    inside = template(
        HEADER + "{% generation %}" + CONTENT + "{{- '<|over|>\n' }}{% endgeneration %}"
    )
    assert judged_by_rendering(inside, "trl") == ()


def test_a_thought_that_is_prompted_may_be_inside_under_trl() -> None:
    variant = RIGHT["a thought that is prompted"]
    inside = variant.replace(
        "{{- '<think>\n' }}{% generation %}", "{% generation %}{{- '<think>\n' }}"
    )
    assert inside != variant
    assert judged_by_rendering(inside, "trl") == ()


def test_a_field_that_is_declared_generated_is_to_be_inside() -> None:
    turn = HEADER + (
        "{% generation %}{{- m.content + (m.observation or '') + '<|over|>' }}{% endgeneration %}"
        "{{- '\n' }}"
    )
    assert judged_by_rendering(template(turn), "strict", fields={"observation": "generated"}) == ()


def test_a_field_that_is_declared_may_be_inside_where_blocks_are_printed_whole() -> None:
    turn = HEADER + (
        "{{- m.observation or '' }}{% generation %}{{- m.content or '' }}{{- '<|over|>' }}"
        "{% endgeneration %}{{- '\n' }}"
    )
    faults = judged_by_rendering(template(turn), "strict", fields={"observation": "environment"})
    assert faults == ()


def test_the_next_header_may_be_the_stop_where_it_is_declared() -> None:
    variant = (
        "{%- for m in messages %}"
        "{%- if loop.previtem and loop.previtem.role == 'assistant' and m.role == 'user' %}"
        "{% generation %}{{- '<|user|>' }}{% endgeneration %}"
        "{%- else %}{{- '<|' + m.role + '|>' }}{%- endif %}{{- '\n' }}"
        "{%- if m.role == 'assistant' %}"
        + SAID
        + "{%- else %}{{- m.content }}{%- endif %}{%- endfor %}"
        "{%- if add_generation_prompt %}{{- '<|assistant|>\n' }}{%- endif %}"
    )
    assert judged_by_rendering(variant, "strict", given=Given(stops=("<|user|>",))) == ()
    assert judged_by_rendering(variant, "strict") != ()
