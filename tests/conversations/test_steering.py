"""Conversations steered to branches that none has reached."""

import json

import pytest
from rendering import rendered

import rewriter
from rewriter.conversations.kinds import ASSISTANT
from rewriter.conversations.steering.search import steered
from rewriter.verification.report import VerificationFailed
from tests.conversations.exploring import explored, first_looked

AFTER_RESULT = (
    "{% set ns = namespace(open=false) %}{% for m in messages %}"
    "{% if m.role == 'tool' %}{{ '(' + m.content }}{% set ns.open = true %}"
    "{% elif m.content is mapping %}{% for part in m.content.parts %}{% for call in part.calls %}"
    "{% if ns.open %}{{ ')' }}{% endif %}{{ call.name + call.said }}{% endfor %}{% endfor %}"
    "{% else %}{{ '<|' + m.role + '|>' }}{{ m.content }}{% endif %}"
    "{% if m.role != 'tool' %}{% set ns.open = false %}{% endif %}{% endfor %}"
)
TURNS = (
    "{%% for m in messages %%}{{ '<|' + m.role + '|>' }}%s{{ m.content }}{{ '<|end|>' }}"
    "{%% endfor %%}{%% if add_generation_prompt %%}{{ '<|assistant|>' }}{%% endif %%}"
)
SCHEMA = (
    "{% macro typed(spec) %}{% if spec.type == 'object' %}{% for name, inner in"
    " spec.properties.items() %}{{ name }}{{ typed(inner) }}{% endfor %}"
    "{% elif spec.format == 'uuid' %}id{% elif spec.minimum is number %}least{% endif %}"
    "{% endmacro %}{% for tool in tools or [] %}{{ typed(tool.function.parameters) }}{% endfor %}"
)


# What there is nothing to steer to.


def test_a_template_of_which_all_is_reached_is_given_no_more():
    assert list(steered(first_looked(TURNS % "").explorers)) == []


def test_what_nothing_can_reach_is_not_tried_for():
    source = TURNS % "" + "{% if tools %}{% for tool in tools %}t{% endfor %}{% endif %}"
    assert list(steered(first_looked(source).explorers)) == []


def test_a_role_by_which_the_template_means_the_assistant_is_not_used():
    source = TURNS.replace("m.role +", "('assistant' if m.role == 'bot' else m.role) +") % ""
    first_look = first_looked(source)
    found = list(steered(first_look.explorers))
    assert all(message["role"] != "bot" for each in found for message in each.messages)


# What is reached.


@pytest.mark.parametrize(
    "statement",
    [
        "{% if m.prefix %}{{ m.prefix }}{% endif %}",
        "{% if m['meta']['tags'][0] == 'x' %}x{% endif %}",
        "{% if m.get('recipient') == 'browser' %}b{% endif %}",
        "{% if messages | length == 23 %}so{% endif %}",
        "{% set mark = '@@' %}{% if m.content.startswith(mark) %}m{% endif %}",
        "{% if m.part is mapping %}{{ m.part.text }}{% endif %}",
        "{% if mood.now == 'calm' %}c{% endif %}",
        "{% if m.tool_calls and m.tool_calls[0].id in (known or []) %}k{% endif %}",
        "{% if mood.now in ['calm', 'glad'] and not m.quiet %}c{% endif %}",
        "{% if m.a and m.kind in ['p', 'q'] and not m.b %}a{% endif %}",
        "{% if m.parent and m.parent == m.self %}same{% endif %}",
        "{% set is_final = m.channel == 'final' %}{% if is_final %}f{% endif %}",
        "{{ 'one' if m.weight > 3 else '' }}",
        "{% for part in m.parts %}{% if part.kind == 'note' %}n{% endif %}{% endfor %}",
        (
            "{% set ns = namespace(seen=false) %}{% for o in messages %}{% if o.role == 'guard' %}"
            "{% set ns.seen = true %}{% endif %}{% endfor %}{% if ns.seen %}g{% endif %}"
        ),
        SCHEMA,
    ],
)
def test_a_branch_is_reached_that_was_not(statement):
    source = TURNS % statement if statement != SCHEMA else statement + TURNS % ""
    (before,) = first_looked(source).coverage
    assert before.missed
    assert explored(source).missed == ()


def test_what_is_noted_in_a_tool_s_turn_is_asked_in_the_next_of_the_assistant_s():
    """The items of a list in a list are mappings, or nothing in them is printed."""
    (before,) = first_looked(AFTER_RESULT).coverage
    assert before.missed
    assert explored(AFTER_RESULT).missed_in(ASSISTANT) == ()


@pytest.mark.parametrize("test", ["m.content | length > 400", "loop.index0 > 40"])
def test_what_a_number_holds_back_is_reached_before_anything_is_steered(test):
    (before,) = first_looked(TURNS % f"{{% if {test} %}}long{{% endif %}}").coverage
    assert before.missed == ()


def test_a_branch_that_others_reach_is_reached_in_the_assistant_s_turn_too():
    # In strict alternation the 41st turn is a user's.
    coverage = explored(TURNS % "{% if loop.index == 41 %}late{% endif %}")
    late = next(each for each in coverage.branches if "late" in each.place.excerpt)
    by_kind = {each.branch.kind: each for each in coverage.branches if each.place == late.place}
    assert ASSISTANT in by_kind["item"].roles


def test_the_same_is_found_each_time():
    def found():
        first_look = first_looked(TURNS % "{% if m.prefix and mood == 'calm' %}p{% endif %}")
        for conversation in steered(first_look.explorers):
            first_look.outcomes(conversation)
            yield json.dumps(conversation.as_json())

    assert list(found()) == list(found())


# What that is for.


@pytest.mark.parametrize(
    ("statement", "turn"),
    [
        ("{% if m.refusal %}{{ m.refusal }}{% endif %}", "⟦rare%s<|end|>⟧"),
        # A word that every role's turn prints is nobody's.
        ("{% if m.content | length > 400 %}{{ 'long' }}{% endif %}", "long⟦%s<|end|>⟧"),
        ("{% if loop.index0 > 15 %}{{ 'late' }}{% endif %}", "late⟦%s<|end|>⟧"),
    ],
)
def test_what_only_a_rare_conversation_shows_is_not_returned_unmasked(statement, turn):
    recipe = ["split-role-header", "wrap-assistant-output"]
    try:
        found = rewriter.rewrite(TURNS % statement, transforms=recipe, examples=20).template
    except VerificationFailed:
        return
    answer = {"role": "assistant", "content": "x" * 500, "refusal": "rare"}
    shown = rendered(found, [{"role": "user", "content": "y" * 500}, answer] * 9).marked
    assert shown.endswith("<|assistant|>" + turn % ("x" * 500))
