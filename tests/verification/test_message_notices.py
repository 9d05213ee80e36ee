"""What a user should know of what a template makes of messages, and of what its mask holds."""

import pytest

import rewriter
from rewriter.source.environment import parsed
from rewriter.tracing.variables import flags_of
from rewriter.verification.message_notices import rendered_notices, tokenizer_notices
from rewriter.verification.notice import ABOUT_MESSAGES, Notice, NoticeId

LOOP = "{% for m in messages %}@{% endfor %}"
TURN = "<|{{ m.role }}|>{{ m.content }}{{ m.reasoning_content }}{{ m.tool_calls }}<|end|>"
PLAIN = LOOP.replace("@", "<|{{ m.role }}|>{{ m.content }}<|end|>")
LISTS = "{{ m.content if m.content is string else m.content[0].text }}"


def notices(source: str) -> tuple[Notice, ...]:
    return rendered_notices(source, flags_of(parsed(source)))


def ids(source: str) -> list[str]:
    return [notice.id for notice in notices(source)]


def test_nothing_is_said_of_a_template_that_prints_all_and_changes_nothing():
    whole = LOOP.replace("@", TURN.replace("{{ m.content }}", LISTS))
    assert ids(whole) == []


def test_what_is_not_printed_is_named():
    assert ids(PLAIN) == ["N006", "N007", "N009"]
    kept = "{% if m.role != 'system' %}" + TURN.replace("{{ m.content }}", LISTS) + "{% endif %}"
    assert ids(LOOP.replace("@", kept)) == ["N008"]


def test_a_thought_that_is_printed_before_a_call_alone_is_printed():
    turn = TURN.replace("{{ m.content }}", LISTS)
    some = turn.replace("{{ m.reason", "{{ m.tool_calls and m.reason")
    assert ids(LOOP.replace("@", turn.replace("{{ m.reasoning_content }}", ""))) == ["N006"]
    assert ids(LOOP.replace("@", some)) == []


@pytest.mark.parametrize("written", ["m.content | tojson", "m.content if m.role != 'user' else ''"])
def test_a_list_is_told_however_it_is_written_and_whoever_says_it(written):
    turn = TURN.replace("m.content", LISTS.strip("{} "))
    assert ids(LOOP.replace("@", turn)) == []
    assert ids(LOOP.replace("@", "{{ " + written + " }}" + turn)) == ["N009"]


def test_a_system_message_that_raises_says_so_itself():
    raising = "{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif %}"
    assert "N008" not in ids(LOOP.replace("@", raising + TURN))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("{% for k in c.function.arguments.items() %}{{ k }}{% endfor %}", "must be objects"),
        ("{{ '' + c.function.arguments }}", "must be a string of JSON"),
    ],
)
def test_arguments_of_one_kind_alone_are_told(arguments, said):
    calls = "{% for c in m.tool_calls or [] %}{{ c.function.name }}" + arguments + "{% endfor %}"
    (notice,) = [n for n in notices(LOOP.replace("@", calls + "x")) if n.id == "N010"]
    assert said in notice.message


def test_arguments_that_may_be_either_are_not_told():
    calls = "{% for c in m.tool_calls or [] %}{{ c.function }}{% endfor %}"
    assert "N010" not in ids(LOOP.replace("@", calls))


def test_turns_that_change_once_others_follow_are_told():
    assert "N011" not in ids(PLAIN)
    # An end that is printed with the next turn changes nothing before it.
    late = "{% if not loop.first %}<|end|>{% endif %}{{ m.content }}"
    assert "N011" not in ids(LOOP.replace("@", late))
    dropped = "{% if loop.last %}{{ m.reasoning_content }}{% endif %}{{ m.content }}"
    assert "N011" in ids(LOOP.replace("@", dropped))
    is_called = "loop.nextitem and loop.nextitem.role == 'tool'"
    ahead = "{{ m.content }}{{ '<|wait|>' if " + is_called + " else '<|end|>' }}"
    assert "N011" in ids(LOOP.replace("@", ahead))


HEADER = "<|assistant|>"
THINKS = "{% if m.role == 'assistant' %}@{% else %}<|user|>{{ m.content }}{% endif %}"
PROMPT = "{% if add_generation_prompt %}" + HEADER + "<think>{% endif %}"


def marked(turn: str) -> list[str]:
    source = LOOP.replace("@", THINKS.replace("@", turn)) + PROMPT
    return [n.id for n in notices(source) if n.id not in ABOUT_MESSAGES]


def test_an_empty_thought_and_a_prefill_in_the_mask_are_told_and_outside_of_it_are_not():
    thought, said = "{{ m.reasoning_content }}</think>", "{{ m.content }}{% endgeneration %}"
    opening = "{% generation %}"
    assert marked(HEADER + "<think>" + thought + opening + said) == []
    assert marked(HEADER + "<think>" + opening + thought + said) == ["N012"]
    assert marked(HEADER + opening + "<think>" + thought + said) == ["N012", "N013"]


def test_a_prefill_that_only_a_flag_prints_after_a_tool_is_told():
    """A prompt counts in the conversation that it is of; without the flag nothing is prefilled."""
    turn = "{% generation %}<think>{{ m.reasoning_content }}</think>{{ m.content }}"
    turn += "{% for c in m.tool_calls or [] %}{{ c.function.name }}{% endfor %}{% endgeneration %}"
    role = "{% if m.role == 'assistant' %}@{% else %}<|{{ m.role }}|>{{ m.content }}{% endif %}"
    prompt = "{% if add_generation_prompt %}@{% endif %}"
    after_tool = "{% if messages[-1].role == 'tool' and enable_thinking %}<think>{% endif %}"

    def told(turn: str, prefill: str) -> list[str]:
        source = LOOP.replace("@", role.replace("@", turn)) + prompt.replace("@", prefill)
        return [n.id for n in notices(source) if n.id is NoticeId.PREFILL]

    assert told(turn, "") == []
    assert told(turn, after_tool) == ["N013"]
    assert told(turn, after_tool.replace("enable_thinking", "deep")) == ["N013"]
    assert told(turn, after_tool.replace("enable_thinking", "not quick")) == ["N013"]
    outside = "<think>" + turn.replace("{% generation %}<think>", "{% generation %}")
    assert told(outside, after_tool) == []


ENDED = LOOP.replace("@", "<|{{ m.role }}|>{{ m.content }}{{ eos_token }}")


def test_a_turn_end_that_is_not_the_tokenizers_is_told():
    assert tokenizer_notices(ENDED, "</s>", None) == ()
    assert tokenizer_notices(PLAIN, "<|end|>", None) == ()
    assert tokenizer_notices(PLAIN, None, None) == ()
    (notice,) = tokenizer_notices(PLAIN, "</s>", None)
    assert notice.id == "N014"
    assert "'<|end|>', and eos_token is '</s>'" in notice.message


def test_a_beginning_that_the_tokenizer_adds_too_is_told():
    assert tokenizer_notices(PLAIN, "<|end|>", "<s>") == ()
    (notice,) = tokenizer_notices("{{ bos_token }}" + ENDED, "</s>", "<s>")
    assert notice.id == "N015"


DROPPED = (
    "{% for m in messages %}<|{{ m.role }}|>{% if loop.last %}{{ m.reasoning_content }}{% endif %}"
    "{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@pytest.mark.parametrize("verify", [True, False])
def test_what_a_goal_has_mended_is_said_no_more(verify):
    def given(*goals: str) -> set[str]:
        made = rewriter.rewrite(DROPPED, goals=goals, verify=verify, examples=10, limits=None)
        return {notice.id for notice in made.notices}

    assert "N011" in given("assistant-mask")
    assert "N011" not in given("assistant-mask", "prefix-preserving")
