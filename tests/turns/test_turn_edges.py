"""Where turns begin and end that are printed otherwise than most."""

import pytest

from tests.turns.told import (
    CALL,
    CALLS,
    HEADER,
    HI,
    OTHERS,
    PROMPT,
    RESULT,
    SAID_AND_CALLED,
    USERS,
    YES,
    chat,
    told,
)

AFTER_THE_STOP = {
    "two tokens that stop": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|>' + eos_token + '\n' }}"),
        [HI, YES],
        [USERS, HEADER, ("g", "yes<|end|></s>"), ("t", "\n")],
    ),
    "what begins all texts": (
        "{{ bos_token }}"
        + chat("{{ '<|start|>assistant\n' + m.content + eos_token + bos_token + '\n' }}"),
        [HI, YES],
        [(".", "<s>" + USERS[1]), HEADER, ("g", "yes</s>"), ("?", "<s>"), (".", "\n")],
    ),
    "what begins all texts, and may end them": (
        "<|endoftext|>" + chat("{{ '<|start|>assistant\n' + m.content + '<|endoftext|>' }}"),
        [HI, YES],
        [(".", "<|endoftext|>" + USERS[1]), HEADER, ("g", "yes<|endoftext|>")],
    ),
    "two tokens that stop, a line break between them, of which a user's turn has the first": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|>\n' + eos_token }}"),
        [HI, YES],
        [USERS, HEADER, ("g", "yes<|end|>\n</s>")],
    ),
    "a word between the tokens that each turn ends in": (
        chat(
            "{{ '<|start|>assistant\n' + m.content + '</said>done<|end|>\n' }}",
            "{{ '<|start|>user\n' + m.content + '</said>done<|end|>\n' }}",
        ),
        [HI, YES],
        [
            (".", "<|start|>user\nhi</said>done<|end|>\n"),
            HEADER,
            ("g", "yes</said>done<|end|>"),
            ("t", "\n"),
        ],
    ),
    "what looks like the stop token, said by the assistant": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|>\n' }}"),
        [HI, {**YES, "content": "yes<|end|>\nno"}],
        [USERS, HEADER, ("g", "yes<|end|>\nno<|end|>"), ("t", "\n")],
    ),
    "a further channel under the assistant's own header": (
        chat(
            "{% if m.reasoning %}{{ '<|start|>assistant\nto self:' + m.reasoning + '<|end|>' }}"
            "{% endif %}{{ '<|start|>assistant\n' + m.content + '<|end|>\n' }}"
        ),
        [HI, {**YES, "reasoning": "hm"}],
        [USERS, HEADER, ("g", "to self:hm<|end|>"), HEADER, ("g", "yes<|end|>"), ("t", "\n")],
    ),
    "calls under another speaker's header": (
        chat(
            "{{ '<|start|>assistant\n' + (m.content or '') + '<|end|>\n' }}"
            "{% if m.tool_calls %}{{ '<|start|>caller\n' }}"
            + CALLS
            + "{{ '<|end|>\n' }}{% endif %}"
        ),
        [HI, SAID_AND_CALLED],
        [
            USERS,
            HEADER,
            ("g", "wait<|end|>"),
            ("?", "\n"),
            ("p", "<|start|>caller\n"),
            ("g", "<call>f</call><|end|>"),
            ("t", "\n"),
        ],
    ),
    "calls without a header of their own": (
        chat(
            "{{ '<|start|>assistant\n' + (m.content or '') + '<|end|>\n' }}"
            "{% if m.tool_calls %}" + CALLS + "{{ '<|end|>\n' }}{% endif %}"
        ),
        [HI, SAID_AND_CALLED],
        [
            USERS,
            HEADER,
            ("g", "wait<|end|>"),
            ("?", "\n"),
            ("g", "<call>f</call><|end|>"),
            ("t", "\n"),
        ],
    ),
    "another speaker's turn": (
        chat(
            "{{ '<|start|>assistant\n' + m.content + '<|end|>\n' }}"
            "{{ '<|start|>system\nGo on.<|end|>\n' }}"
        ),
        [HI, YES, HI],
        [
            USERS,
            HEADER,
            ("g", "yes<|end|>"),
            ("t", "\n"),
            (".", "<|start|>system\nGo on.<|end|>\n<|start|>user\nhi<|end|>\n"),
        ],
    ),
    "a token that closes every conversation, flag or not": (
        chat(
            "{{ '<|start|>assistant\n' + m.content + '<|end|>\n' }}",
            prompt=PROMPT + "<|over|>",
        ),
        [HI, YES],
        [USERS, HEADER, ("g", "yes<|end|>"), ("t", "\n"), (".", "<|over|>")],
    ),
    "a token after a turn that says nothing": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|>\n' }}", prompt="</s>"),
        [HI, {**YES, "content": ""}],
        [USERS, ("p", "<|start|>assistant\n"), ("g", "<|end|>"), ("t", "\n</s>")],
    ),
    "when it was said": (
        chat(
            "{{ '<|start|>assistant\n' + m.content + '<|end|>' }}"
            "{{ ' [' + m.timestamp + ']' if m.timestamp }}{{ '\n' }}"
        ),
        [HI, {**YES, "timestamp": "12:00"}],
        [USERS, HEADER, ("g", "yes<|end|>"), ("e", " [12:00]"), ("?", "\n")],
    ),
    "a rule in tokens, after an end that is the user's too": (
        chat("{{ '<|start|>assistant\n' + m.content + '<|end|><rule>over</rule>\n' }}"),
        [HI, YES],
        [USERS, HEADER, ("g", "yes<|end|>"), (".", "<rule>over</rule>\n")],
    ),
}

TO_ITS_CLOSE = {
    "a header that the turn closes as the prompt does": (
        chat("{{ '<|start|>assistant\nfirst\n' + m.content + '<|end|>' }}"),
        [HI, YES],
        [USERS, HEADER, ("g", "first\nyes<|end|>")],
    ),
    "a header whose close is not printed": (
        chat("{{ '<|start|>assistant ' + m.content + '<|end|>' }}"),
        [HI, {**YES, "content": "yes\n"}],
        [USERS, ("p", "<|start|>assistant"), ("g", " yes\n<|end|>")],
    ),
    "a channel after a header that the prompt leaves open": (
        chat(
            "<|start|>assistant to=all<|say|>{{ m.content }}<|end|>",
            prompt="{% if add_generation_prompt %}<|start|>assistant{% endif %}",
        ),
        [HI, YES],
        [USERS, ("p", "<|start|>assistant"), ("g", " to=all<|say|>yes<|end|>")],
    ),
    "a token before what closes the header": (
        chat("{{ '<|start|>assistant <think>\n' + m.content + '<|end|>' }}"),
        [HI, YES],
        [USERS, ("p", "<|start|>assistant"), ("g", " <think>\nyes<|end|>")],
    ),
    "more in the header than the prompt has": (
        chat("{{ '<|start|>assistant first\n' + m.content + '<|end|>' }}"),
        [HI, YES],
        [USERS, ("p", "<|start|>assistant first\n"), ("g", "yes<|end|>")],
    ),
    "who it is, in the header": (
        chat(
            "{{ '<|start|>assistant' + (' name=' + m.name if m.name else '') + '\n' }}"
            "{{ m.content }}"
        ),
        [HI, {**YES, "name": "bob"}],
        [USERS, ("p", "<|start|>assistant name=bob\n"), ("g", "yes")],
    ),
    "what nobody knows, in the header": (
        chat(
            "{{ '<|start|>assistant' + (' (' + m.mood + ')' if m.mood else '') }}"
            "{{ '\n' + m.content }}"
        ),
        [HI, {**YES, "mood": "calm"}],
        [USERS, ("p", "<|start|>assistant (calm)\n"), ("g", "yes")],
    ),
    "another name in the header": (
        chat("{{ '<|start|>' + m.speaker|default('assistant') + '\n' + m.content }}"),
        [HI, {**YES, "speaker": "bob"}],
        [USERS, ("p", "<|start|>"), ("e", "bob"), ("p", "\n"), ("g", "yes")],
    ),
    "a close that the prompt misspells": (
        chat(
            "<|start|>assistant<|said|>\n{{ m.content }}<|end|>",
            prompt="{% if add_generation_prompt %}{{ '<|start|>assistant<|said>\n' }}{% endif %}",
        ),
        [HI, YES],
        [USERS, ("p", "<|start|>assistant<|said|>\n"), ("g", "yes<|end|>")],
    ),
    "an end that is spelled as the header's beginning, but for its brackets": (
        (
            "{% for m in messages %}{% if m.role == 'user' %}<|turn>user\n{{ m.content }}<turn|>\n"
            "{% else %}{% if loop.previtem.role == 'user' %}{{ '<|turn>model\n' }}{% endif %}"
            "{{ m.content }}{% if loop.last or loop.nextitem.role == 'user' %}{{ '<turn|>\n' }}"
            "{% endif %}{% endif %}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|turn>model\n' }}{% endif %}"
        ),
        [HI, YES, {**YES, "content": ""}],
        [
            (".", "<|turn>user\nhi<turn|>\n"),
            ("p", "<|turn>model\n"),
            ("g", "yes"),
            # Neither a header nor a word tells whose it is.
            ("?", "<turn|>\n"),
        ],
    ),
    "another token where the prompt closes the header": (
        chat(
            "<|start|>assistant<|aside|>{{ m.content }}<|end|>",
            prompt="{% if add_generation_prompt %}{{ '<|start|>assistant<|said|>' }}{% endif %}",
        ),
        [HI, YES],
        [USERS, ("p", "<|start|>assistant"), ("g", "<|aside|>yes<|end|>")],
    ),
    "a name alone": (
        "{% for m in messages %}{{ m.name + ': ' if m.name }}{{ m.content }}\n{% endfor %}",
        [{**HI, "name": "ann"}, {**YES, "name": "bob"}, YES],
        [(".", "ann: hi\n"), ("p", "bob: "), ("g", "yes"), ("?", "\n"), ("g", "yes"), ("?", "\n")],
    ),
    "a close that is a token": (
        chat(
            "<|start|>assistant (calm)<|/start|>\n\n{{ m.content }}<|end|>",
            prompt="{% if add_generation_prompt %}<|start|>assistant<|/start|>\n\n{% endif %}",
        ),
        [HI, YES],
        [USERS, ("p", "<|start|>assistant (calm)<|/start|>\n\n"), ("g", "yes<|end|>")],
    ),
    "a second header with more in it": (
        chat(
            "{{ '<|start|>assistant\n' + m.reasoning + '<|end|>' }}"
            "{{ '<|start|>assistant again\n' + m.content + '<|end|>' }}"
        ),
        [HI, {**YES, "reasoning": "hm"}],
        [
            USERS,
            HEADER,
            ("g", "hm<|end|>"),
            ("p", "<|start|>assistant again\n"),
            ("g", "yes<|end|>"),
        ],
    ),
}
CALLED_AND_ENDED_LATE = chat(
    "{{ '<|start|>assistant\n' }}{{ m.content }}"
    + CALLS
    + "{{ '\n' if m.tool_calls else '<|end|>\n' }}",
    "{{ '<|end|>\n' if loop.previtem and loop.previtem.tool_calls }}" + OTHERS,
)
LATE_ENDS = {
    "what follows a call, and ends nothing": (
        chat(
            "{{ '<|start|>assistant\n' }}{{ m.content }}" + CALLS + "<|end|>",
            "{{ '<|results|>' if loop.previtem and loop.previtem.tool_calls }}" + OTHERS,
        ),
        [HI, CALL, RESULT],
        [
            USERS,
            HEADER,
            ("g", "<call>f</call><|end|>"),
            (".", "<|results|><|start|>tool\none<|end|>\n"),
        ],
    ),
    "a token that opens what follows a call without an end": (
        chat(
            "{{ '<|start|>assistant\n' }}{{ m.content }}"
            + CALLS
            + "{{ '<|end|>' if not m.tool_calls }}",
            "{{ '<|results|>' if loop.previtem and loop.previtem.tool_calls }}" + OTHERS,
        ),
        [HI, CALL, RESULT],
        [
            USERS,
            HEADER,
            ("g", "<call>f</call>"),
            (".", "<|results|><|start|>tool\none<|end|>\n"),
        ],
    ),
    "an answer, that ends itself": (
        CALLED_AND_ENDED_LATE,
        [HI, YES, HI],
        [USERS, HEADER, ("g", "yes<|end|>"), ("t", "\n"), USERS],
    ),
    "a call, and then its result": (
        CALLED_AND_ENDED_LATE,
        [HI, CALL, RESULT],
        [
            USERS,
            HEADER,
            ("g", "<call>f</call>\n<|end|>"),
            ("t", "\n"),
            (".", "<|start|>tool\none<|end|>\n"),
        ],
    ),
    "a call, and then the assistant": (
        chat(
            "{{ '<|end|>\n' if loop.previtem and loop.previtem.tool_calls }}"
            "{{ '<|start|>assistant\n' }}{{ m.content }}"
            + CALLS
            + "{{ '<|end|>\n' if not m.tool_calls }}",
            "{{ '<|end|>\n' if loop.previtem and loop.previtem.tool_calls }}" + OTHERS,
        ),
        [HI, CALL, YES],
        [
            USERS,
            HEADER,
            ("g", "<call>f</call><|end|>"),
            ("t", "\n"),
            HEADER,
            ("g", "yes<|end|>"),
            ("t", "\n"),
        ],
    ),
}

# The last answer and its calls are taken out of the messages, and printed apart.
LAST = (
    "{% set ns = namespace() %}{% set past = messages %}{% if messages[-1].role == 'assistant' %}"
    "{% set ns.said = messages[-1].content %}{% set ns.calls = messages[-1].tool_calls %}"
    "{% set past = messages[:-1] %}{% endif %}"
    "{% for m in past %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% else %}"
    "{% if ns.said %}<assistant>{{ ns.said }}<end>{% endif %}"
    "{% if ns.calls %}<assistant>{% for c in ns.calls %}<call>{{ c.function.name }}{% endfor %}"
    "<end>{% endif %}{% endif %}"
)
LAST_TURNS = {
    "an answer": (
        LAST,
        [HI, YES],
        [(".", "<user>hi<end>"), ("p", "<assistant>"), ("g", "yes<end>")],
    ),
    "calls": (
        LAST,
        [HI, CALL],
        [(".", "<user>hi<end>"), ("p", "<assistant>"), ("g", "<call>f<end>")],
    ),
    "an answer, and calls under a second header": (
        LAST,
        [HI, YES, HI, SAID_AND_CALLED],
        [
            (".", "<user>hi<end>"),
            ("p", "<assistant>"),
            ("g", "yes<end>"),
            (".", "<user>hi<end>"),
            ("p", "<assistant>"),
            ("g", "wait<end>"),
            ("p", "<assistant>"),
            ("g", "<call>f<end>"),
        ],
    ),
}


@pytest.mark.parametrize(("template", "messages", "expected"), LAST_TURNS.values(), ids=LAST_TURNS)
def test_a_last_turn_after_the_loop_is_told_as_those_in_it(template, messages, expected):
    assert told(template, messages) == expected


@pytest.mark.parametrize(("template", "messages", "expected"), LATE_ENDS.values(), ids=LATE_ENDS)
def test_the_next_turn_may_print_the_end_of_a_call_alone(template, messages, expected):
    assert told(template, messages) == expected


@pytest.mark.parametrize(
    ("template", "messages", "expected"), TO_ITS_CLOSE.values(), ids=TO_ITS_CLOSE
)
def test_a_header_goes_to_its_own_close(template, messages, expected):
    assert told(template, messages) == expected


@pytest.mark.parametrize(
    ("template", "messages", "expected"), AFTER_THE_STOP.values(), ids=AFTER_THE_STOP
)
def test_nothing_is_generated_after_the_stop_token_but_what_the_message_says(
    template, messages, expected
):
    assert told(template, messages) == expected


def test_a_header_after_the_stop_token_prompts_where_nothing_is_said_after_it():
    again = "{% if m.task %}{{ '<|start|>assistant\n<task:' + m.task + '>' }}{% endif %}"
    template = chat("{{ '<|start|>assistant\n' + m.content + '<|end|>' }}" + again)
    parts = told(template, [HI, {**YES, "task": "draw"}, HI])
    assert parts[:3] == [USERS, HEADER, ("g", "yes<|end|>")]
    assert all(kind != "g" for kind, _ in parts[3:])


def test_an_answer_that_is_told_again_in_a_memo_is_no_turn():
    template = (
        "{% set new = messages[-2:] if messages | length > 3 else messages %}"
        "{% if messages | length > 3 %}<memo>{% for m in messages[:-2] %}"
        "{{ m.role + ': ' + m.content + '; ' }}{% endfor %}</memo>{% endif %}"
        "{% for m in new %}" + OTHERS + "{% endfor %}" + PROMPT
    )
    memo = (".", "<memo>user: hi; assistant: yes; </memo><|start|>user\nhi<|end|>\n")
    turn = [HEADER, ("g", "yes<|end|>"), ("t", "\n")]
    assert told(template, [HI, YES]) == [USERS, *turn]
    assert told(template, [HI, YES, HI, YES]) == [memo, *turn]
