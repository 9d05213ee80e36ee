"""What a call block hands to its macro, printed in the place of the macro's own call of it."""

import pytest

from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named

LOOP = "{% for m in messages %}{% call turn(m.role) %}@{% endcall %}{% endfor %}"
PROMPT = "{% if add_generation_prompt %}<bot>{% endif %}"


def inlined(body: str, handed: str) -> tuple[str, str]:
    """The loop before and after, of a macro and of what a call block hands to it."""
    macro = "{% macro turn(name) %}" + body + "{% endmacro %}"
    loop = LOOP.replace("@", handed)
    source = macro + "{% set name = '!' %}" + loop + PROMPT
    plan = Subject(source, "strict").plan([transform_named("inline-macros")])
    assert plan.template.startswith(macro)
    return loop, plan.template[len(source) - len(loop + PROMPT) :].removesuffix(PROMPT)


@pytest.mark.parametrize(
    ("body", "handed"),
    [
        ("{{ '<' + name + '>' }}{{ caller() }}</s>", "{{ m.content + name }}"),
        (
            "{{ '<' + name + '>' }}{% for _ in [1] %}{{ caller() }}{% endfor %}</s>",
            "{{ loop.index }}",
        ),
        ("{{ '<' + name + '>' }}{{ caller() }}{{ caller() }}</s>", "{{ m.content }}"),
        ("{{ '<' + name + '>' + caller() }}</s>", "{{ m.content }}"),
        ("{{ '<' + name + '>' }}{% set m = 1 %}{{ caller() }}</s>", "{{ m.content }}"),
    ],
)
def test_what_would_mean_something_else_there_or_is_not_printed_just_once_stays(body, handed):
    before, after = inlined(body, handed)
    assert after == before


def test_a_message_that_is_passed_under_its_own_name_is_the_same_there():
    macro = "{% macro turn(m) %}<{{ m.role }}>{{ caller() }}</s>{% endmacro %}"
    loop = "{% for m in messages %}{% call turn(m) %}{{ m.content }}{% endcall %}{% endfor %}"
    source = macro + loop + PROMPT.replace("bot", "assistant")
    plan = Subject(source, "strict").plan([transform_named("inline-macros")])
    inlined = "{% with m=m %}<{{ m.role }}>{% with %}{{ m.content }}{% endwith %}</s>{% endwith %}"
    assert inlined in plan.template


def test_each_tag_trims_as_the_call_blocks_own_did():
    body = "{{ '<' + name + '>' }}\n{{- caller() -}}\n</s>"
    _, after = inlined(body, "\n{{ m.content }}\n")
    scope = "{%- with %}\n{{ m.content }}\n{% endwith -%}"
    assert scope in after
    assert after.startswith("{% for m in messages %}{% with name=m.role %}{{ '<' + name + '>' }}")
