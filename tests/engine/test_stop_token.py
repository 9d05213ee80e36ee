"""The goal ``stop-token``: something that is trained ends every kind of turn, or it is refused."""

from functools import cache

import pytest
from noticed import of_mask
from rendering import rendered

import rewriter
from rewriter.errors import Reason, Refused
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.missing_ends import MissingEnds, TurnKind, When, missing_ends, unended
from rewriter.verification.notice import NoticeId

GOALS = ("assistant-mask", "stop-token")
PROMPT = "{% endfor %}{% if add_generation_prompt %}### Response: {% endif %}"
ASKED, YES = {"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}
CALL = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"function": {"name": "look", "arguments": {}}}],
}
FOUND = {"role": "tool", "content": "F"}


def chat(answer: str, *, others: str = "### Instruction: {{ m.content }}", after: str = "") -> str:
    """A template with this in the assistant's turn and in the others', and this after each."""
    return (
        "{% for m in messages %}{% if m.role == 'assistant' %}" + answer
        + "{% else %}" + others + "{% endif %}" + after + PROMPT
    )  # fmt: skip


CALLS = "{% for c in m.tool_calls or [] %}<call>{{ c.function.name }}</call>{% endfor %}"
ENDLESS = chat("### Response: {{ m.content }}")
BY_INDEX = (
    "{% for i in range(messages | length) %}{% set m = messages[i] %}"
    "{% if m.role == 'assistant' %}### Response: {{ m.content }}"
    "{% else %}### Instruction: {{ m.content }}{% endif %}" + PROMPT
)
ENDED = {
    "an end": chat("### Response: {{ m.content }}{{ eos_token }}"),
    "an end that all roles share": chat("### Response: {{ m.content }}", after="</s>"),
    "an end of all calls": chat("### Response: {{ m.content }}" + CALLS + "{{ eos_token }}"),
    "the end of a list of calls": chat(
        "### Response: {{ m.content }}{% if m.tool_calls %}<calls>" + CALLS + "</calls>"
        "{% else %}{{ eos_token }}{% endif %}"
    ),
}


@cache
def made(source: str, *goals: str, **settings) -> rewriter.Rewrite:
    return rewriter.rewrite(source, goals=goals or GOALS, examples=40, limits=None, **settings)


def marked(source: str, *messages: dict) -> str:
    return rendered(made(source).template, list(messages), eos_token="</s>").marked


# What is left alone.


@pytest.mark.parametrize("source", ENDED.values(), ids=ENDED)
def test_where_turns_have_an_end_nothing_is_added(source: str):
    assert missing_ends(TracedTemplate(source)) is None
    asked, plain = made(source), made(source, "assistant-mask")
    assert asked.template == plain.template
    assert of_mask(plain) == ()


def test_without_the_mask_as_well():
    found = made(ENDED["an end"], "stop-token")
    assert found.template == ENDED["an end"]


def test_who_does_not_ask_gets_the_text_of_the_original_and_a_notice():
    found = made(ENDLESS, "assistant-mask")
    assert rendered(found.template, [ASKED, YES], eos_token="</s>").text.endswith("Response: A")
    (notice,) = of_mask(found)
    assert notice.id is NoticeId.NO_STOP_TOKEN == "N002"
    assert TurnKind.ANSWER in notice.message
    assert "--goal stop-token" in notice.message


def test_who_asks_is_told_no_more_that_an_end_lacks_but_which_token_ends_turns_now():
    for found in (made(ENDLESS), made(ENDLESS, "stop-token")):
        (notice,) = of_mask(found)
        assert notice.id is NoticeId.NEEDS_EOS_TOKEN == "N003"
        assert "eos_token" in notice.message


def test_where_turns_are_ended_by_what_the_template_itself_has_no_token_is_asked_for():
    others = chat(
        "### Response: {{ m.content }}{% if not loop.last or add_generation_prompt %}<|end|>"
        "{% endif %}"
    )
    headers = (
        "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content }}{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    assert (of_mask(made(others)), of_mask(made(headers))) == ((), ())


LATE = chat(
    "<|bot|>{{ m.content }}{% if m.tool_calls %}" + CALLS + "{% else %}<|end|>{% endif %}",
    others="{% if m.role == 'tool' %}@{% endif %}<|{{ m.role }}|>{{ m.content }}<|end|>",
).replace("### Response: ", "<|bot|>")
AFTER_CALLS = "{% if loop.previtem and loop.previtem.tool_calls %}<|end|>{% endif %}"


def test_an_end_of_calls_that_the_next_turn_prints_in_the_mask_is_an_end():
    found = made(LATE.replace("@", AFTER_CALLS), "assistant-mask")
    shown = rendered(found.template, [ASKED, CALL, FOUND, YES]).marked
    assert "<|bot|>⟦<call>look</call><|end|>⟧<|tool|>F<|end|>" in shown
    # No next turn prints it where a conversation ends in a call.
    (notice,) = of_mask(found)
    assert "a turn that calls tools where it comes last" in notice.message
    added = made(LATE.replace("@", AFTER_CALLS), "assistant-mask", "stop-token")
    assert rendered(added.template, [ASKED, CALL]).marked.endswith("<call>look</call><|end|>⟧")


def test_an_end_of_calls_that_the_next_turn_prints_outside_the_mask_is_told_as_such():
    found = made(LATE.replace("@", "<|end|>"), "assistant-mask")
    shown = rendered(found.template, [ASKED, CALL, FOUND, YES]).marked
    assert "<|bot|>⟦<call>look</call>⟧<|end|><|tool|>F<|end|>" in shown
    (notice,) = of_mask(found)
    assert notice.id is NoticeId.NO_STOP_TOKEN
    assert notice.message.startswith(f"what ends {TurnKind.CALLS} is printed by the next turn")
    assert "nothing ends" not in notice.message


def test_calls_that_nothing_ends_are_told_as_such():
    (notice,) = of_mask(made(LATE.replace("@", ""), "assistant-mask"))
    assert notice.message.startswith(f"nothing ends {TurnKind.CALLS}, so")


UNLESS = {
    TurnKind.THINKING: "{% if not m.reasoning_content %}</s>{% endif %}",
    TurnKind.IN_BLOCKS: "{% if m.content is string %}</s>{% endif %}",
    TurnKind.SEVERAL: "{% if m.tool_calls | default([]) | length < 2 %}</s>{% endif %}",
}


@pytest.mark.parametrize(("kind", "end"), UNLESS.items(), ids=UNLESS)
def test_a_rarer_kind_of_turn_that_nothing_ends_is_told_as_such(kind: TurnKind, end: str):
    said = "{{ m.reasoning_content }}{{ m.content if m.content is string else m.content[0].text }}"
    (notice,) = of_mask(made(chat("### Response: " + said + CALLS + end), "assistant-mask"))
    assert notice.message.startswith(f"nothing ends {kind}, so")
    assert "--goal" not in notice.message


def test_an_answer_that_has_an_end_only_where_another_turn_follows_is_told_as_such():
    source = chat("### Response: {{ m.content }}{% if not loop.last %}<|end|>{% endif %}")
    (notice,) = of_mask(made(source, "assistant-mask"))
    assert notice.message.startswith(f"nothing ends {TurnKind.ANSWER} where it comes last")


def test_verify_tells_it_too():
    found = made(ENDLESS, "assistant-mask").template
    report = rewriter.verify(ENDLESS, found, examples=20, limits=None)
    assert report.ok
    assert [notice.id for notice in of_mask(report)] == ["N002"]


# What is added.


def test_a_turn_without_an_end_ends_in_the_token_that_ends_texts():
    assert marked(ENDLESS, ASKED, YES, ASKED) == (
        "### Instruction: Q### Response: ⟦A</s>⟧### Instruction: Q"
    )
    assert marked(ENDLESS, ASKED, YES).endswith("⟦A</s>⟧")
    assert "end-turn-with-eos" in made(ENDLESS).transforms


def test_it_stands_before_the_white_space_that_parts_turns():
    joined = chat("{{ '### Response: ' + m.content + '\\n\\n' }}")
    assert marked(joined, ASKED, YES, ASKED).endswith("⟦A</s>⟧\n\n### Instruction: Q")


def test_calls_and_answers_after_a_tool_end_in_it():
    tooled = chat("### Response: {{ m.content }}" + CALLS)
    shown = marked(tooled, ASKED, CALL, FOUND, YES, ASKED)
    assert "⟦<call>look</call></s>⟧### Instruction: F### Response: ⟦A</s>⟧" in shown


def test_only_the_calls_end_in_it_where_answers_have_an_end():
    source = chat(
        "### Response: {% if m.tool_calls %}"
        + CALLS
        + "{% else %}{{ m.content }}<|end|>{% endif %}"
    )
    assert missing_ends(TracedTemplate(source)) == MissingEnds(None, When.ALWAYS)
    shown = marked(source, ASKED, CALL, FOUND, YES, ASKED)
    assert "⟦<call>look</call></s>⟧### Instruction: F### Response: ⟦A<|end|>⟧" in shown


def test_what_closes_each_of_several_calls_ends_no_turn():
    tooled = chat("### Response: {{ m.content }}{% if not m.tool_calls %}</s>{% endif %}" + CALLS)
    assert unended(TracedTemplate(tooled)) == (TurnKind.CALLS,)


def test_what_ends_each_call_under_a_header_of_its_own_ends_the_turn():
    called = "{% for c in m.tool_calls %}<|by|>me<|calls|>{{ c.function.name }}<|call|>{% endfor %}"
    tooled = (
        "{% for m in messages %}{% if m.tool_calls %}" + called + "{% else %}"
        "<|by|>{{ 'me' if m.role == 'assistant' else m.role }}<|says|>{{ m.content }}<|end|>"
        "{% endif %}{% endfor %}{% if add_generation_prompt %}<|by|>me{% endif %}"
    )
    assert unended(TracedTemplate(tooled)) == ()


def test_a_last_turn_that_alone_has_no_end_is_given_that_of_the_others():
    source = chat(
        "### Response: {{ m.content }}{% if not loop.last or add_generation_prompt %}<|end|>"
        "{% endif %}"
    )
    for messages in ((ASKED, YES), (ASKED, YES, ASKED, YES)):
        shown = marked(source, *messages)
        assert shown.count("⟦A<|end|>⟧") == len(messages) // 2
        assert "<|end|><|end|>" not in shown.replace("⟦", "").replace("⟧", "")


def test_a_header_that_is_a_token_is_stopped_at_instead():
    source = chat("<|assistant|>{{ m.content }}", others="<|user|>{{ m.content }}")
    source = source.replace("### Response: ", "<|assistant|>")
    found = made(source)
    assert "stop-at-next-header" in found.transforms
    shown = rendered(found.template, [ASKED, YES, ASKED], eos_token="</s>").marked
    assert shown == "<|user|>Q<|assistant|>⟦A<|user|>⟧Q"


def test_the_loop_may_go_over_indices():
    assert marked(BY_INDEX, ASKED, YES, ASKED).endswith("⟦A</s>⟧### Instruction: Q")


def test_lines_are_laid_out_as_those_around_them():
    source = (
        "{%- for m in messages %}\n    {%- if m.role == 'assistant' %}\n"
        "        {{- '### Response: ' }}\n        {{- m.content }}\n    {%- else %}\n"
        "        {{- '### Instruction: ' + m.content }}\n    {%- endif %}\n"
        "    {{- '\\n' }}\n{%- endfor %}\n"
        "{%- if add_generation_prompt %}{{ '### Response: ' }}{% endif %}\n"
    )
    added = "        {{- m.content }}\n        {{- eos_token }}\n"
    expected = source.replace("        {{- m.content }}\n", added)
    assert made(source, "stop-token").template == expected


def test_a_known_family_s_recipe_is_given_an_end_as_well(later_texts: dict[str, str]):
    found = rewriter.rewrite(later_texts["glm4moe.jinja"], goals=GOALS)
    assert found.transforms[0] == "stop-at-next-header"


def test_other_goals_hold_besides():
    thinking = "{% if m.reasoning_content and loop.last %}({{ m.reasoning_content }}){% endif %}"
    source = chat("### Response: " + thinking + "{{ m.content }}")
    found = made(source, *GOALS, "prefix-preserving")
    thoughtful = {**YES, "reasoning_content": "T"}
    shown = rendered(found.template, [ASKED, thoughtful, ASKED], eos_token="</s>").marked
    assert shown.endswith("### Response: ⟦(T)A</s>⟧### Instruction: Q")


# What is refused.


def test_where_no_end_can_be_put_it_is_refused():
    """What a conversation is put together in is no turn that an end could be put into."""
    source = (
        "{% set ns = namespace(text='') %}{% for m in messages %}"
        "{% set ns.text = ns.text + m.role + ': ' + m.content + '\\n' %}{% endfor %}{{ ns.text }}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    with pytest.raises(Refused) as raised:
        made(source, "stop-token")
    assert raised.value.reason is Reason.NO_STOP_TOKEN
    assert "nothing ends a plain answer" in raised.value.message


def test_a_transform_that_is_named_is_held_to_the_goal():
    with pytest.raises(Refused) as raised:
        made(ENDLESS, transforms=("wrap-assistant-output",))
    assert raised.value.reason is Reason.NO_STOP_TOKEN


def test_calls_are_looked_at_also_where_they_are_printed_with_no_content_alone():
    said = (
        "{% if m.content is none %}### Response: {% for c in m.tool_calls %}"
        "<call>{{ c.function.name }}</call>{% if not loop.first %}<stop>{% endif %}{% endfor %}"
        "{% else %}### Response: {{ m.content }}<stop>{% endif %}"
    )
    (notice,) = of_mask(made(chat(said), "assistant-mask"))
    assert notice.message.startswith("nothing ends a turn that calls tools")
    assert of_mask(made(chat(said.replace("{% if not loop.first %}", "{% if loop.last %}")))) == ()
