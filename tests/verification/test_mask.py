import pytest

from rewriter.conversations.rendering import Rendered, render
from rewriter.tracing.conversation import Conversation
from rewriter.verification.mask import MaskJudge
from rewriter.verification.mask_promises import (
    BETWEEN_TURNS,
    FRAME,
    NO_PREFILL,
    NO_TRAILING,
    NOT_EMPTY,
    PROMPTED,
    SPOKEN,
    TURN_END,
    WITH_PREFILL,
)
from rewriter.verification.mask_promises import HEADER as HEADER_OUTSIDE
from tests.verification.chatml import CLOSE, END, HEADER, NEWLINE, OPEN, VARIANT, edited

USER = {"role": "user", "content": "what now"}
ANSWER = {"role": "assistant", "content": "this", "reasoning_content": "hm"}
CALL = {
    "role": "assistant",
    "content": "I look",
    "tool_calls": [{"type": "function", "function": {"name": "look", "arguments": {"at": "home"}}}],
}
FOUND = {"role": "tool", "content": "found"}
CHAT = Conversation((USER, CALL, FOUND, ANSWER, USER, ANSWER))
SAID = "        {{- said }}\n        {%- for"
THOUGHT = "            {{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}\n"
RESULT = "        {{- '<|im_start|>user\\n<tool_response>\\n' }}\n        {{- said }}\n"


def broken(source: str, conversation: Conversation = CHAT, policy="strict") -> tuple[str, ...]:
    outcome = render(source, conversation)
    assert isinstance(outcome, Rendered)
    return MaskJudge(source, policy).broken(conversation, outcome)


@pytest.mark.parametrize("policy", ["strict", "trl"])
@pytest.mark.parametrize("prompted", [False, True])
def test_a_right_mask_breaks_nothing(policy, prompted):
    chat = Conversation(CHAT.messages, add_generation_prompt=prompted)
    assert broken(VARIANT, chat, policy) == ()


@pytest.mark.parametrize("policy", ["strict", "trl"])
@pytest.mark.parametrize(
    ("edits", "promise"),
    [
        ([(HEADER + OPEN, OPEN + HEADER)], HEADER_OUTSIDE),
        ([(END + CLOSE, CLOSE + END)], TURN_END),
        ([(OPEN, ""), (SAID, SAID.replace("\n", "\n" + OPEN, 1))], SPOKEN["content"]),
        ([(OPEN, ""), (THOUGHT, THOUGHT), (SAID, OPEN + SAID)], SPOKEN["reasoning_content"]),
        ([(CLOSE, ""), (SAID, SAID.replace("\n", "\n" + CLOSE, 1))], SPOKEN["tool_calls"]),
        (
            [
                (
                    RESULT,
                    RESULT.replace("{{- said }}", "{% generation %}{{- said }}{% endgeneration %}"),
                )
            ],
            "what a tool says is outside the mask",
        ),
        ([(RESULT, OPEN + RESULT + CLOSE)], "the turn of a tool is outside the mask"),
        ([(OPEN, ""), (CLOSE, "")], FRAME),
    ],
)
def test_a_wrong_mask_breaks_the_promise_that_names_the_fault(edits, promise, policy):
    assert promise in broken(edited(VARIANT, *edits), policy=policy)


def test_a_generation_prompt_in_the_mask_is_found():
    prompt = "    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n"
    marked = prompt.replace("{{-", "{% generation %}{{-").replace("}}", "}}{% endgeneration %}")
    chat = Conversation((USER, ANSWER, USER), add_generation_prompt=True)
    assert broken(edited(VARIANT, (prompt, marked)), chat) == (BETWEEN_TURNS,)


def test_whitespace_after_the_turn_end_is_a_matter_of_policy():
    source = edited(VARIANT, (CLOSE + NEWLINE, NEWLINE + CLOSE))
    assert broken(source, policy="strict") == (NO_TRAILING,)
    assert broken(source, policy="trl") == ()


def test_thinking_that_the_prompt_opens_is_on_the_side_that_the_policy_says():
    outside = (
        "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}<think>"
        "{% generation %}{{ m.reasoning_content }}</think>{{ m.content }}<|end|>{% endgeneration %}"
        "{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|><think>{% endif %}"
    )
    inside = outside.replace("<think>{% generation %}", "{% generation %}<think>")
    chat = Conversation((USER, ANSWER))
    assert broken(outside, chat, "strict") == broken(inside, chat, "trl") == ()
    assert broken(inside, chat, "strict") == (NO_PREFILL,)
    assert broken(outside, chat, "trl") == (WITH_PREFILL,)


def test_thinking_that_the_message_itself_opens_as_the_prompt_does_may_be_on_either_side():
    source = (
        "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}"
        "{% generation %}{{ m.content }}<|end|>{% endgeneration %}"
        "{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|><think>\n{% endif %}"
    )
    after = source.replace(
        "{% generation %}{{ m.content }}",
        "{{ m.content[:8] }}{% generation %}{{ m.content[8:] }}",
    )
    opened = {"role": "assistant", "content": "<think>\nhm</think>this"}
    assert broken(source, Conversation((USER, opened))) == ()
    assert broken(after, Conversation((USER, opened))) == ()
    # What else it says is its own, and so is a thought in anybody else's place.
    assert broken(after, Conversation((USER, {**opened, "content": "so <think>\nhm"})))
    assert broken(after, Conversation((USER, opened)), "trl") == (SPOKEN["content"],)


def test_a_turn_end_lost_on_turns_that_call_tools_is_found():
    lost = "{% if not message.tool_calls %}{% generation %}{{- '<|im_end|>' }}{% endgeneration %}"
    lost += "{% else %}{{- '<|im_end|>' }}{% endif %}"
    source = edited(VARIANT, (END + CLOSE, CLOSE + "        " + lost + "\n"))
    assert broken(source) == (TURN_END,)
    assert broken(source, Conversation((USER, ANSWER))) == ()


def test_an_empty_span_is_found():
    source = edited(VARIANT, (OPEN, "{% generation %}{% endgeneration %}" + OPEN))
    assert broken(source) == (NOT_EMPTY,)


def test_an_empty_span_hides_no_other_fault():
    source = edited(
        VARIANT, (OPEN, "{% generation %}{% endgeneration %}" + OPEN), (END + CLOSE, CLOSE + END)
    )
    assert broken(source) == (NOT_EMPTY, TURN_END)


def test_a_promise_that_two_pieces_break_is_told_of_both():
    half = edited(
        VARIANT, (HEADER + OPEN, OPEN + "{{- '<|im_start|>' }}{{- 'assistant' }}{{- '\\n' }}\n")
    )
    outcome = render(half, CHAT)
    faults = MaskJudge(half, "trl").faults(CHAT, outcome)
    assert {fault.promise for fault in faults} == {HEADER_OUTSIDE}
    printed = [half[fault.printed :].split("}}")[0] for fault in faults]
    assert printed == ["{{- '<|im_start|>' ", "{{- 'assistant' "]


TOOLED = """{%- for message in messages %}
    {%- if message.role == 'tool' %}
        {{- '<|result|>' + message.content }}
    {%- elif message.role == 'assistant' %}
        {%- if loop.index0 and messages[loop.index0 - 1].role == 'tool' %}
            {{- '<|results_end|>' }}
        {%- else %}
            {{- '<|bot|>' }}
        {%- endif %}
        {%- generation %}{{- message.content + '<|end|>' }}{%- endgeneration %}
    {%- else %}
        {{- '<|user|>' + message.content }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|results_end|>' if messages[-1].role == 'tool' else '<|bot|>' }}
{%- endif %}
"""


def test_what_the_prompt_prints_after_a_tool_is_no_role_header_but_outside_too():
    chat = Conversation((USER, FOUND, ANSWER))
    assert broken(TOOLED, chat) == ()
    end = "            {{- '<|results_end|>' }}\n"
    masked = end.replace("{{-", "{% generation %}{{-").replace("}}", "}}{% endgeneration %}")
    assert broken(edited(TOOLED, (end, masked)), chat) == (PROMPTED,)


@pytest.mark.parametrize(
    "said", ["<|im_end|>\n<|im_start|>assistant\n", "<|im_start|>assistant", "<|im_end|>", "this"]
)
def test_people_may_say_what_looks_like_the_template(said):
    user, answer = {**USER, "content": said}, {**ANSWER, "content": said}
    chat = Conversation((user, answer, user, answer))
    assert broken(VARIANT, chat) == ()
    assert broken(edited(VARIANT, (OPEN, ""), (CLOSE, "")), chat) != ()


def test_a_user_who_repeats_the_assistant_is_not_taken_for_it():
    header = "        {{- '<|im_start|>' + message.role + '\\n' }}\n"
    masked = "{% generation %}{{- said }}{% endgeneration %}\n"
    source = edited(VARIANT, (header + "        {{- said }}\n", header + masked))
    chat = Conversation(
        ({"role": "user", "content": "this"}, {"role": "assistant", "content": "this"})
    )
    assert broken(source, chat) == ("what a user says is outside the mask",)


@pytest.mark.parametrize("content", ["", " ", "\n\nthis \n", None])
def test_whitespace_in_what_the_assistant_says_is_its_own(content):
    answer = {"role": "assistant", "content": content}
    assert broken(VARIANT, Conversation((USER, answer, USER, answer))) == ()


LATE = (
    "{% for m in messages %}{% if not loop.first %}"
    "{% if loop.previtem.role == 'assistant' %}{% generation %}<|end|>{% endgeneration %}\n"
    "{% else %}<|end|>\n{% endif %}{% endif %}<|{{ m.role }}|>"
    "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}"
    "{% else %}{{ m.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|end|>\n<|assistant|>{% endif %}"
)
MARKED_END = "{% generation %}<|end|>{% endgeneration %}"
ANSWERED = Conversation((USER, ANSWER, USER, ANSWER))


def test_a_turn_end_at_the_beginning_of_the_next_turn_is_in_the_mask():
    assert broken(LATE, ANSWERED) == ()
    assert broken(LATE.replace(MARKED_END, "<|end|>"), ANSWERED) == (TURN_END,)


def test_a_turn_end_that_begins_the_first_turn_too_is_told_by_what_closes_the_conversation():
    source = (
        "<|system|>Be brief.{% for m in messages %}"
        "{% if loop.previtem and loop.previtem.role == 'assistant' %}"
        "{% generation %}<|end|>{% endgeneration %}{% else %}<|end|>{% endif %}"
        "<|{{ m.role }}|>{% if m.role == 'assistant' %}"
        "{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}"
        "{% endfor %}{% if add_generation_prompt %}<|end|><|assistant|>{% elif messages[-1].role =="
        " 'assistant' %}{% generation %}<|end|>{% endgeneration %}{% else %}<|end|>{% endif %}"
    )
    assert broken(source, ANSWERED) == ()
    lost = source.replace("{% generation %}<|end|>{% endgeneration %}", "<|end|>")
    assert broken(lost, ANSWERED) == (TURN_END,)


def test_what_closes_a_result_is_outside_though_nothing_prompts_for_an_answer_to_a_user():
    source = (
        "{% set ns = namespace(tool=false) %}{% for m in messages %}{% if m.role == 'user' %}"
        "<|user|>{{ m.content }}<|answer|>{% elif m.role == 'tool' %}{% set ns.tool = true %}"
        "<result>{{ m.content }}{% else %}{% if ns.tool %}</result>{% endif %}"
        "{% set ns.tool = false %}{% generation %}{{ m.content }}<|end|>{% endgeneration %}"
        "{% endif %}{% endfor %}{% if ns.tool %}</result>{% endif %}"
    )
    called = Conversation((USER, ANSWER, FOUND, ANSWER))
    assert broken(source, called) == ()
    closed = source.replace(
        "{% if ns.tool %}</result>{% endif %}{% set ns.tool = false %}{% generation %}",
        "{% set was = ns.tool %}{% set ns.tool = false %}"
        "{% generation %}{% if was %}</result>{% endif %}",
    )
    assert broken(closed, called) == (PROMPTED,)


def test_words_after_the_loop_end_no_turn():
    source = (
        "{% for m in messages %}{{ m.role }}: {% if m.role == 'assistant' %}"
        "{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}\n"
        "{% endfor %}<END>\nIs the last answer safe?"
    )
    assert broken(source, ANSWERED) == ()
    assert broken(source.replace("<END>\nIs the last answer safe?", "<think>"), ANSWERED) == ()
    asked = source.replace("<END>", "{% generation %}<END>{% endgeneration %}")
    assert broken(asked, Conversation((USER, ANSWER))) == (BETWEEN_TURNS,)


def test_the_end_of_a_users_turn_is_not_the_assistants_wherever_it_is_printed():
    source = LATE.replace("{% else %}<|end|>", "{% else %}" + MARKED_END)
    assert broken(source, ANSWERED) != ()


def test_what_only_parts_two_turns_that_have_their_ends_is_not_a_turn_end():
    source = LATE.replace(MARKED_END, "<|end|>").replace(
        "{{ m.content }}{% endgeneration %}", "{{ m.content }}</s>{% endgeneration %}"
    )
    assert broken(source, ANSWERED) == ()


def test_a_header_that_is_spelled_otherwise_than_the_generation_prompt_is_outside():
    source = (
        "{% for m in messages %}{{ m.role.capitalize() + ': ' }}{% if m.role == 'assistant' %}"
        "{% generation %}{{ m.content + '</s>' }}{% endgeneration %}"
        "{% else %}{{ m.content + '</s>' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}ASSISTANT: {% endif %}"
    )
    assert broken(source, ANSWERED) == ()
    trained = "{% generation %}{{ m.role.capitalize() + ': ' + m.content + '</s>' }}"
    header = "{{ m.role.capitalize() + ': ' }}{% if m.role == 'assistant' %}"
    inside = source.replace("{% generation %}{{ m.content + '</s>' }}", trained).replace(
        header, "{% if m.role == 'assistant' %}"
    )
    assert broken(inside, ANSWERED) == (HEADER_OUTSIDE,)


# What the assistant says last is printed after the loop, with no text around it that is its turn.
PRINTED_BARE = (
    "{% for m in messages[:-1] %}<{{ m.role }}>{% if m.role == 'assistant' %}{% generation %}"
    "{{ m.content }}<end>{% endgeneration %}{% else %}{{ m.content }}<end>{% endif %}{% endfor %}"
    "{% if messages[-1].role == 'assistant' %}<assistant>{% endif %}LAST"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


@pytest.mark.parametrize(
    ("last", "promises"),
    [
        ("{% generation %}{{ messages[-1].content }}{% endgeneration %}", ()),
        ("{{ messages[-1].content }}", (SPOKEN["content"],)),
    ],
)
def test_what_the_assistant_says_after_all_turns_is_in_the_mask(last, promises):
    chat = Conversation((USER, {"role": "assistant", "content": "this"}))
    assert broken(PRINTED_BARE.replace("LAST", last), chat) == promises
