"""A goal without the mask: a variant without blocks, of which only the text is judged."""

import pytest
from rendering import printed_or_raised, rendered

import rewriter
from rewriter.errors import Reason, Refused

PROMPT = "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
LAST_THOUGHT = (
    "{% for m in messages %}<|{{ m.role }}|>"
    "{% if m.role == 'assistant' and m.reasoning_content and loop.last %}"
    "<t>{{ m.reasoning_content }}</t>{% endif %}{{ m.content }}<|end|>" + PROMPT
)
JOINED_ARGUMENTS = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}"
    "{% for c in m.tool_calls or [] %}{{ '<call>' + c.function.arguments + '</call>' }}"
    "{% endfor %}<|end|>" + PROMPT
)
# What the user said stands among the assistant's words, so no mask can be put in.
QUOTED = LAST_THOUGHT.replace("{{ m.content }}", "{{ (messages[0].content ~ m.content) | upper }}")
CLOSED = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% else %}</s>{% endif %}"
)
HI = {"role": "user", "content": "hi"}
YES = {"role": "assistant", "content": "yes", "reasoning_content": "hm"}


def call(arguments):
    return {**YES, "tool_calls": [{"function": {"name": "look", "arguments": arguments}}]}


def made(source: str, *goals, **settings) -> rewriter.Rewrite:
    return rewriter.rewrite(source, goals=goals, examples=40, limits=None, **settings)


@pytest.mark.parametrize("goal", ["prefix-preserving", "dict-arguments"])
def test_what_has_reached_the_goal_is_left_alone(goal):
    source = LAST_THOUGHT.replace(" and loop.last", "")
    found = made(source, goal)
    assert (found.template, found.edits, found.notices) == (source, (), ())


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning", "thought"])
def test_earlier_turns_are_kept_and_no_block_is_put_in(name: str):
    source = LAST_THOUGHT.replace("reasoning_content", name)
    found = made(source, "prefix-preserving")
    assert found.template == source.replace(" and loop.last", "")
    assert (found.transforms, found.proof) == (("keep-earlier-turns",), "verified")


def test_arguments_may_be_an_object_and_no_block_is_put_in():
    found = made(JOINED_ARGUMENTS, "dict-arguments")
    assert not rewriter.has_generation_markers(found.template)
    assert printed_or_raised(JOINED_ARGUMENTS, [HI, call({"at": "home"})]) is TypeError
    for arguments in ({"at": "home"}, '{"at": "home"}'):
        shown = rendered(found.template, [HI, call(arguments)]).text
        assert shown.endswith('yes<call>{"at": "home"}</call><|end|>')


def test_where_no_mask_can_be_put_in_the_other_goals_are_served_all_the_same():
    with pytest.raises(Refused):
        made(QUOTED, "assistant-mask", "prefix-preserving")
    found = made(QUOTED, "prefix-preserving")
    assert found.template == QUOTED.replace(" and loop.last", "")


def test_a_goal_that_cannot_be_reached_is_refused():
    with pytest.raises(Refused) as raised:
        made(CLOSED, "prefix-preserving")
    assert raised.value.reason is Reason.CHANGES_TURNS


def test_with_the_mask_among_the_goals_there_are_blocks():
    found = made(LAST_THOUGHT, "assistant-mask", "prefix-preserving")
    assert rewriter.has_generation_markers(found.template)


def test_a_transform_that_is_named_for_a_goal_alone_is_held_to_its_own_promise():
    found = made(LAST_THOUGHT, "prefix-preserving", transforms=("keep-earlier-turns",))
    kept = found.template
    named = {"transforms": ("keep-earlier-turns",), "examples": 40, "limits": None}
    assert rewriter.verify(LAST_THOUGHT, kept, **named).ok
    report = rewriter.verify(LAST_THOUGHT, kept.replace("<t>", "<u>"), **named)
    assert not report.ok


def test_without_a_transform_that_says_otherwise_a_variant_is_to_have_a_mask():
    assert not rewriter.verify(LAST_THOUGHT, LAST_THOUGHT, examples=40, limits=None).ok


MARKED = LAST_THOUGHT.replace(
    "{{ m.content }}<|end|>",
    "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|end|>{% endgeneration %}"
    "{% else %}{{ m.content }}<|end|>{% endif %}",
)
BOTH = ("assistant-mask", "prefix-preserving")


@pytest.mark.parametrize("goals", [BOTH, BOTH[1:]])
def test_a_template_that_is_marked_keeps_its_marks_and_reaches_the_other_goal(goals):
    kept = MARKED.replace(" and loop.last", "")
    found = made(MARKED, *goals)
    assert found.template == kept
    assert (found.transforms, found.proof) == (("keep-earlier-turns",), "verified")
    again = made(kept, *goals)
    assert (again.template, again.edits) == (kept, ())


def test_no_end_is_put_beside_marks_that_are_there_already():
    source = MARKED.replace("<|end|>", "")
    with pytest.raises(Refused, match="added to a marked template") as raised:
        made(source, "assistant-mask", "stop-token")
    assert raised.value.reason is Reason.MARKED
    assert made(MARKED, "assistant-mask", "stop-token").template == MARKED
