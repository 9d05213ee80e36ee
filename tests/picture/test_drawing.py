"""What is drawn of a template: runs, parts, what is trained, and the source of each."""

from ast import literal_eval
from functools import cache
from itertools import groupby

import pytest

from rewriter.conversations.rendering import Rendered, render
from rewriter.errors import BadInput, Reason
from rewriter.picture.drawing import drawn
from rewriter.picture.picture import DrawnConversation, Part, Picture, share_of
from rewriter.rewriting.request import Request
from rewriter.tracing.conversation import Conversation
from tests.verification.chatml import ORIGINAL, VARIANT

USER = {"role": "user", "content": "What now?"}
CALL = {"id": "1", "type": "function", "function": {"name": "look", "arguments": {"at": "home"}}}
CHAT = (
    USER,
    {"role": "assistant", "content": "I look.", "reasoning_content": "Hm.", "tool_calls": [CALL]},
    {"role": "tool", "content": "found"},
    {"role": "assistant", "content": "<think>\nSo.\n</think>\n\nThat."},
)


@cache
def picture(source: str = ORIGINAL, *, own: bool = False) -> Picture:
    request = Request(source, "strict", verify=False)
    return drawn(request, "chat.jinja", [Conversation(CHAT)] if own else None)


def told(conversation: DrawnConversation) -> list[tuple[int | None, str, str]]:
    """Whose turn, which part, and the text of each stretch of one part."""
    stretches = groupby(conversation.runs, key=lambda run: (run.turn, run.part))
    return [
        (turn, str(part), "".join(conversation.text[run.start : run.end] for run in runs))
        for (turn, part), runs in stretches
    ]


def test_a_text_that_is_no_template_has_no_picture():
    with pytest.raises(BadInput):
        drawn(Request("{% if %}", "strict"), "chat.jinja")


def test_a_refused_template_has_a_picture_in_which_nothing_is_trained():
    refused = picture("{{ messages[0].content }}")
    assert refused.refusal is not None
    assert refused.refusal.reason in Reason
    assert refused.template == refused.source
    assert refused.share.trained == 0


def test_a_conversation_that_the_template_refuses_is_told_with_what_it_raises():
    request = Request(ORIGINAL, "strict", verify=False)
    found = drawn(request, "chat.jinja", [Conversation(({"role": "guest", "content": "a"},))])
    (conversation,) = found.conversations
    assert conversation.text == ""
    assert "no such role: guest" in conversation.raised


def test_an_error_names_the_types_that_the_user_gave():
    request = Request("{% for m in messages %}{{ 'a' + m.content }}{% endfor %}", "strict")
    found = drawn(request, "chat.jinja", [Conversation(({"role": "user", "content": ["a"]},))])
    (conversation,) = found.conversations
    assert conversation.raised == 'TypeError: can only concatenate str (not "list") to str'


def test_the_header_of_a_prompt_is_whole_where_the_end_of_the_text_begins_alike():
    request = Request(ORIGINAL + "{{ '<|endoftext|>' }}", "strict")
    asked = Conversation(({"role": "user", "content": "a"},), add_generation_prompt=True)
    (conversation,) = drawn(request, "chat.jinja", [asked]).conversations
    headers = [
        conversation.text[run.start : run.end]
        for run in conversation.runs
        if run.part is Part.HEADER
    ]
    assert "".join(headers).startswith("<|im_start|>assistant\n")


def test_a_marked_template_is_shown_with_the_marks_that_it_has():
    marked = picture(VARIANT)
    assert (marked.is_marked, marked.template, marked.edits) == (True, VARIANT, ())


@pytest.mark.parametrize("number", range(4))
def test_the_runs_are_the_text_without_a_gap(number):
    conversation = picture().conversations[number]
    assert [0, *(run.end for run in conversation.runs)] == [
        *(run.start for run in conversation.runs),
        len(conversation.text),
    ]


@pytest.mark.parametrize("number", range(4))
def test_what_is_trained_is_the_mask_that_transformers_makes(number):
    found = picture()
    conversation = found.conversations[number]
    rendered = render(found.template, Conversation.from_json(conversation.data))
    assert isinstance(rendered, Rendered)
    held = {at for start, end in rendered.mask for at in range(start, end)}
    trained = {at for run in conversation.runs if run.trained for at in range(run.start, run.end)}
    assert (conversation.text, trained) == (rendered.text, held)


def test_the_handful_shows_answers_thoughts_calls_results_and_the_prompt():
    titles = [each.title for each in picture().conversations]
    assert titles == [
        "Two answers",
        "Thoughts",
        "Thoughts, calls and results",
        "What the model is prompted with",
    ]
    shown = {part for each in picture().conversations for part in Part if each.has(part)}
    assert {Part.REASONING, Part.CALL, Part.RESULT, Part.TURN_END, Part.HEADER} <= shown


def test_a_template_that_prints_no_thought_and_no_call_is_shown_without_them():
    plain = (
        "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
    )
    titles = [each.title for each in picture(plain).conversations]
    assert titles == ["Two answers", "What the model is prompted with"]


def test_a_template_that_prints_blocks_alone_is_shown_with_blocks():
    blocks = "{% for part in m.content %}{% if part.type == 'text' %}{{ part.text }}{% endif %}"
    source = (
        "{% for m in messages %}<|{{ m.role }}|>" + blocks + "{% endfor %}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    answers, *_ = picture(source).conversations
    assert "<|user|>Does it rain in Lisbon?<|end|>" in answers.text
    assert answers.has(Part.CONTENT)


def test_each_character_is_told_by_what_it_is_of_a_turn():
    (conversation,) = picture(own=True).conversations
    assert told(conversation) == [
        (0, "template", "<|im_start|>user\n"),
        (0, "said", "What now?"),
        (0, "template", "<|im_end|>\n"),
        (1, "header", "<|im_start|>assistant\n"),
        (1, "reasoning", "<think>\nHm.\n</think>\n\n"),
        (1, "content", "I look."),
        (1, "tool call", '\n<tool_call>\nlook {"at": "home"}\n</tool_call>'),
        (1, "turn end", "<|im_end|>"),
        (1, "space after", "\n"),
        (2, "template", "<|im_start|>user\n<tool_response>\n"),
        (2, "tool result", "found"),
        (2, "template", "\n</tool_response><|im_end|>\n"),
        (3, "header", "<|im_start|>assistant\n"),
        (3, "reasoning", "<think>\nSo.\n</think>"),
        (3, "content", "\n\nThat."),
        (3, "turn end", "<|im_end|>"),
        (3, "space after", "\n"),
    ]


def test_of_a_generation_prompt_the_header_is_told_from_the_thought_that_it_opens():
    prompted, _, rest = ORIGINAL.rpartition("assistant\\n'")
    thinking = f"{prompted}assistant\\n<think>\\n'{rest}"
    prompt = picture(thinking).conversations[-1]
    assert told(prompt)[-2:] == [
        (None, "header", "<|im_start|>assistant\n"),
        (None, "prefill", "<think>\n"),
    ]


def test_what_a_literal_printed_is_shown_where_it_is_written():
    found = picture(own=True)
    (conversation,) = found.conversations
    template = [run for run in conversation.runs if run.part in (Part.TURN_END, Part.HEADER)]
    assert template
    for run in template:
        written = run.sources[0].of(found.template)
        assert literal_eval(f"'{written}'") == conversation.text[run.start : run.end]


def test_what_a_message_says_is_shown_by_the_expression_that_read_it_and_the_tag_that_printed_it():
    found = picture(own=True)
    (conversation,) = found.conversations
    thought = next(
        run for run in conversation.runs if conversation.text[run.start : run.end] == "Hm."
    )
    expression, tag = (span.of(found.template) for span in thought.sources)
    assert expression == "message.reasoning_content"
    assert tag == "{{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}"


def test_the_share_counts_what_is_trained_and_of_what():
    (conversation,) = picture(own=True).conversations
    share = share_of([conversation])
    ends = 2 * len("<|im_end|>")
    assert (Part.TURN_END, ends, ends) in share.parts
    assert share.total == len(conversation.text)
    assert share.trained == sum(trained for _, trained, _ in share.parts)
