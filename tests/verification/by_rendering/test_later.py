"""What comes after a turn may drop a thought from it, and decides on nothing else."""

import pytest

from rewriter.verification.by_rendering import Given, judged_by_rendering, later
from tests.verification.by_rendering.templates import CALLS, CONTENT, HEADER, template

GIVEN = Given(texts=("wrong",))
OPENS, CLOSES = "{% generation %}", "{{- '<|over|>' }}{% endgeneration %}{{- '\n' }}"
LAST_QUESTION = (
    "{%- set asked = namespace(last=-1) %}{%- for m in messages %}"
    "{%- if m.role == 'user' %}{%- set asked.last = loop.index0 %}{%- endif %}{%- endfor %}"
)
THOUGHT = (
    "{%- if m.reasoning_content and loop.index0 > asked.last %}"
    "{{- '<think>' + m.reasoning_content + '</think>' }}{%- endif %}"
)
EMPTY_THOUGHT = (
    "{%- if loop.index0 > asked.last %}"
    "{{- '<think>' + (m.reasoning_content or '') + '</think>' }}{%- endif %}"
)


@pytest.mark.parametrize("thought", [THOUGHT, EMPTY_THOUGHT], ids=["a thought", "an empty thought"])
def test_a_later_question_may_drop(thought: str) -> None:
    variant = LAST_QUESTION + template(HEADER + OPENS + thought + CONTENT + CALLS + CLOSES)
    assert judged_by_rendering(variant, "trl", given=GIVEN) == ()


def test_what_came_before_may_decide() -> None:
    again = "{%- if loop.index0 > 9 %}{{- '<|again|>' }}{%- endif %}"
    variant = template(HEADER + OPENS + CONTENT + CALLS + again + CLOSES)
    assert judged_by_rendering(variant, "strict", given=GIVEN) == ()


@pytest.mark.parametrize(
    "test",
    [
        "loop.nextitem is defined and 'wrong' in loop.nextitem.content",
        "'wrong' in messages[-1].content",
        "messages | length > 20",
        "messages[loop.index:] | selectattr('role', 'equalto', 'tool') | list | length > 1",
    ],
    ids=["the next message", "the last message", "how many messages", "how many results"],
)
def test_other_text_is_decided_by(test: str) -> None:
    mark = "{%- if " + test + " %}{{- '<|again|>' }}{%- endif %}"
    inside = template(HEADER + OPENS + CONTENT + CALLS + mark + CLOSES)
    outside = template(
        HEADER + OPENS + CONTENT + CALLS + "{% endgeneration %}" + mark + OPENS + CLOSES
    )
    assert later.LATER in {
        each.promise for each in judged_by_rendering(inside, "strict", given=GIVEN)
    }
    assert later.LATER not in {
        each.promise for each in judged_by_rendering(outside, "strict", given=GIVEN)
    }
