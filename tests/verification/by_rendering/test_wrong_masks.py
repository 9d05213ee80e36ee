"""Faults that were put into right masks, each of which must be found."""

from itertools import product

import pytest

from rewriter.conversations.rendering import Outcome, Rendered, render
from rewriter.tracing.conversation import Conversation
from rewriter.verification.by_rendering import Given, beginnings, endings, judged_by_rendering, said
from rewriter.verification.by_rendering.verdict import SPANS
from tests.verification.by_rendering.templates import (
    CALLS,
    CONTENT,
    HEADER,
    INSTEAD,
    LATE,
    OTHERS,
    REMARK,
    RIGHT,
    THOUGHT,
    TURN,
    template,
)

GENERATION, END = "{% generation %}", "{% endgeneration %}"
OVER = "{{- '<|over|>' }}"
NEXT_TOKEN = (
    "{%- for m in messages %}"
    "{%- if loop.previtem and loop.previtem.role == 'assistant' %}{% generation %}"
    "{{- '<|turn|>' }}{% endgeneration %}{%- else %}{{- '<|turn|>' }}{%- endif %}"
    "{{- m.role + '\n' }}{%- if m.role == 'assistant' %}{% generation %}"
    "{{- m.content + '<|over|>' }}{% endgeneration %}{%- else %}{{- m.content + '<|over|>' }}"
    "{%- endif %}{{- '\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|turn|>assistant\n' }}{%- endif %}"
)
WRONG = {
    "an end of calls that the first result prints": (
        LATE.replace("{% generation %}{{- '<|end_of_calls|>' }}{% endgeneration %}",
                     "{{- '<|end_of_calls|>' }}"),
        endings.STOP,
    ),
    "what opens the first result": (
        LATE.replace("<|end_of_calls|>", "<|results|>"), endings.NEXT,
    ),
    "the header": (
        template(GENERATION + TURN.replace(GENERATION, "")), beginnings.PROMPTED,
    ),
    "the header's last piece": (
        template(TURN.replace(HEADER, "{{- '<|turn|>' }}").replace(
            GENERATION, GENERATION + "{{- m.role + '\n' }}", 1)), beginnings.PROMPTED,
    ),
    "the end left out": (
        template(HEADER + GENERATION + THOUGHT + CONTENT + CALLS + END + OVER + "{{- '\n' }}"),
        endings.STOP,
    ),
    "the end left out after calls": (
        template(HEADER + GENERATION + THOUGHT + CONTENT + CALLS + END
                 + "{%- if m.tool_calls %}" + OVER + "{%- else %}" + GENERATION + OVER + END
                 + "{%- endif %}{{- '\n' }}"),
        endings.STOP,
    ),
    "the end of a result before a user, where calls end in another token": (
        template(
            HEADER + GENERATION + "{{- m.content or '' }}" + CALLS
            + "{{- '<|wait|>' if m.tool_calls else '<|over|>' }}" + END + "{{- '\n' }}",
            others="{%- elif m.role == 'tool' and loop.previtem.tool_calls and loop.nextitem"
            " and loop.nextitem.role == 'user' %}{{- '<|turn|>tool\n' + m.content }}"
            + GENERATION + OVER + END + "{{- '\n' }}" + OTHERS),
        said.AROUND,
    ),
    "a thought of a user": (
        template(TURN, others=OTHERS.replace(
            "{{- '<|turn|>' + m.role + '\n' + (m.content",
            HEADER + GENERATION + THOUGHT + END + "{{- (m.content")),
        said.GIVEN,
    ),
    "the end left out of the last turn": (
        template(HEADER + GENERATION + THOUGHT + CONTENT + CALLS + END
                 + "{%- if loop.last %}" + OVER + "{%- else %}" + GENERATION + OVER + END
                 + "{%- endif %}{{- '\n' }}"),
        endings.STOP,
    ),
    "white space after the end": (
        template(TURN.replace(END + "{{- '\n' }}", "{{- '\n' }}" + END)), endings.WHITE,
    ),
    "the next turn's first token": (
        NEXT_TOKEN,
        endings.NEXT,
    ),
    "what the user says": (
        template(others=OTHERS.replace("{%- else %}", "{%- else %}" + GENERATION).replace(
            "{%- endif %}", END + "{%- endif %}")),
        said.GIVEN,
    ),
    "calls left out": (
        template(HEADER + GENERATION + THOUGHT + CONTENT + END + CALLS + GENERATION + OVER + END
                 + "{{- '\n' }}"),
        said.SAID,
    ),
    "the thought left out": (
        template(HEADER + THOUGHT + GENERATION + CONTENT + CALLS + OVER + END + "{{- '\n' }}"),
        said.SAID,
    ),
    "what opens the thought left out": (
        template(HEADER + "{%- if m.reasoning_content %}{{- '<think>' }}{%- endif %}"
                 + TURN[len(HEADER):].replace("'<think>' + ", "")),
        beginnings.BEGUN,
    ),
    "what closes the thought left out": (
        template(HEADER + "{%- if m.reasoning_content %}" + GENERATION
                 + "{{- '<think>' + m.reasoning_content }}" + END + "{{- '</think>' }}{%- endif %}"
                 + GENERATION + CONTENT + CALLS + OVER + END + "{{- '\n' }}"),
        said.BETWEEN,
    ),
    "all but the first characters of a thought left out": (
        template(HEADER + "{%- if m.reasoning_content %}" + GENERATION
                 + "{{- '<think>' + m.reasoning_content[:900] }}" + END
                 + "{{- m.reasoning_content[900:] }}" + GENERATION + "{{- '</think>' }}" + END
                 + "{%- endif %}" + GENERATION + CONTENT + CALLS + OVER + END + "{{- '\n' }}"),
        said.SAID,
    ),
    "all turns but the first left out": (
        template("{%- if loop.index > 2 %}" + TURN.replace(GENERATION, "").replace(END, "")
                 + "{%- else %}" + TURN + "{%- endif %}"),
        said.SAID,
    ),
    "all turns after the twentieth message left out": (
        template("{%- if loop.index > 20 %}" + TURN.replace(GENERATION, "").replace(END, "")
                 + "{%- else %}" + TURN + "{%- endif %}"),
        said.SAID,
    ),
    "lists left out": (
        template("{%- if m.content is string or not m.content %}" + TURN + "{%- else %}"
                 + TURN.replace(GENERATION, "").replace(END, "") + "{%- endif %}"),
        said.SAID,
    ),
    "nothing inside": (
        template(TURN.replace(GENERATION, "").replace(END, "")), said.SAID,
    ),
    "an empty span": (
        template(TURN + GENERATION + END), SPANS,
    ),
    "a field that nobody knows": (
        template(TURN.replace(CONTENT, "{{- m.observation or '' }}" + CONTENT)), said.NOBODYS,
    ),
    "a field of a call that nobody knows": (
        template(TURN.replace("{{- '</call>' }}", "{{- (c.result or '') + '</call>' }}")),
        said.NOBODYS,
    ),
    "every field but the role": (
        template(HEADER + GENERATION + "{%- for k, v in m.items() if k != 'role' %}{{- v }}"
                 "{%- endfor %}" + OVER + END + "{{- '\n' }}"),
        said.NOBODYS,
    ),
    "a name in the header": (
        template("{{- '<|turn|>assistant' }}" + GENERATION
                 + "{{- (' ' + m.name if m.name else '') + '\n' }}" + TURN[len(HEADER):].replace(
                     GENERATION, "")),
        said.HEADERS,
    ),
    "an answer in a memo": (
        ("{%- set new = messages[-8:] %}{%- if messages | length > 8 %}<memo>"
        "{%- for m in messages[:-8] %}{{- m.role + ': ' }}{%- if m.role == 'assistant' %}"
        "{% generation %}{{- m.content }}{% endgeneration %}{%- else %}{{- m.content }}"
        "{%- endif %}{%- endfor %}</memo>{%- endif %}{%- for m in new %}"
        "{{- '<|turn|>' + m.role + '\n' }}{%- if m.role == 'assistant' %}{% generation %}"
        "{{- m.content + '<|over|>' }}{% endgeneration %}{%- else %}{{- m.content + '<|over|>' }}"
        "{%- endif %}{%- endfor %}"
        "{%- if add_generation_prompt %}{{- '<|turn|>assistant\n' }}{%- endif %}"),
        said.RETOLD,
    ),
    "a time after the end": (
        template(TURN.replace(END, "{{- ' [' + m.timestamp + ']' if m.timestamp else '' }}" + END)),
        said.NOBODYS,
    ),
    "another speaker after the end": (
        template(TURN.replace(END, "{{- '\n<|turn|>system\nGo on.<|over|>' }}" + END)),
        endings.AFTER,
    ),
    "a header spelled otherwise": (
        template("{{- '<|turn|>assistant' }}" + GENERATION
                 + "{{- ' first' if loop.index0 == 1 else '' }}{{- '\n' }}"
                 + TURN[len(HEADER):].replace(GENERATION, "")),
        beginnings.SPELLED,
    ),
    "instructions before everybody's words": (
        template(TURN.replace(CONTENT, "{{- 'Answer in one word. ' }}" + CONTENT),
                 others=OTHERS.replace("(m.content", "'Answer in one word. ' + (m.content")),
        beginnings.INSTRUCTION,
    ),
    "a remark of every role after long texts": (
        template(TURN.replace(OVER, REMARK + OVER),
                 others=OTHERS.replace(" + '<|over|>", " }}" + REMARK + "{{- '<|over|>")),
        beginnings.INSTRUCTION,
    ),
    "what every role prints instead of nothing": (
        template(TURN.replace(OVER, INSTEAD + OVER),
                 others=OTHERS.replace(" + '<|over|>", " }}" + INSTEAD + "{{- '<|over|>")),
        beginnings.INSTRUCTION,
    ),
    "the thought that is prompted": (
        RIGHT["a thought that is prompted"].replace(
            "{{- '<think>\n' }}{% generation %}", "{% generation %}{{- '<think>\n' }}"),
        beginnings.PROMPTED,
    ),
    "an empty thought that some prompt prints": (
        template(TURN.replace(THOUGHT, "{{- '<think>' + (m.reasoning_content or '')"
                              " + '</think>' }}"),
                 prompt="{%- if add_generation_prompt %}{{- '<|turn|>assistant\n' }}"
                 "{%- if enable_thinking is false %}{{- '<think></think>' }}{%- endif %}"
                 "{%- endif %}"),
        beginnings.EMPTY,
    ),
    "the header of another speaker after the end": (
        template(HEADER + GENERATION + CONTENT + OVER + "{%- if m.tool_calls %}"
                 "{{- '<|turn|>caller\n' }}" + CALLS + OVER + "{%- endif %}" + END + "{{- '\n' }}"),
        said.ANOTHER,
    ),
    "the header of a second channel": (
        RIGHT["a second channel"].replace(
            "{% endgeneration %}{%- endif %}{{- '<|turn|>assistant\n' }}{% generation %}",
            "{% endgeneration %}{%- endif %}{% generation %}{{- '<|turn|>assistant\n' }}"),
        said.REPEATED,
    ),
    "the end of calls that the next turn prints": (
        template(TURN.replace(OVER, "{%- if not m.tool_calls %}" + OVER + "{%- endif %}"),
                 others=OTHERS.replace("{%- else %}", "{%- else %}{%- if loop.previtem and"
                                       " loop.previtem.tool_calls %}" + OVER + "{%- endif %}")),
        endings.STOP,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_found(name: str) -> None:
    variant, promise = WRONG[name]
    assert promise in {fault.promise for fault in judged_by_rendering(variant, "strict")}


ORDERS = [
    *product(("user", "assistant", "system", "tool"), ("user", "system", "tool"),
             ("user", "assistant", "system", "tool")),
    ("user", "developer", "assistant"), ("assistant", "developer", "tool"),
]  # fmt: skip


def test_a_block_that_one_order_of_three_speakers_opens_is_found() -> None:
    missed = [order for order in ORDERS if not judged_by_rendering(_opened_for(*order), "strict")]
    assert missed == []


def test_a_block_that_only_later_results_open_is_found() -> None:
    results = "(messages[:loop.index0] | selectattr('role', 'eq', 'tool') | list)"
    for after in ("user", "assistant", "system", "tool"):
        opened = _opened_for("assistant", "tool", after, f"{results} and ")
        assert judged_by_rendering(opened, "strict"), after


def _opened_for(before: str, own: str, after: str, condition: str = "") -> str:
    """A variant that also trains one role's turn between two others."""
    opens = (
        f"({condition}m.role == '{own}'"
        f" and loop.previtem is defined and loop.previtem.role == '{before}'"
        f" and loop.nextitem is defined and loop.nextitem.role == '{after}')"
    )
    turn = "{{- m.content }}{%- for c in m.tool_calls or [] %}{{- c.function.name }}{%- endfor %}"
    turn += "{{- '<|over|>' }}"
    return (
        "{%- for m in messages %}{{- '<|turn|>' + m.role + '\n' }}"
        f"{{%- if m.role == 'assistant' or {opens} %}}"
        f"{GENERATION}{turn}{END}{{%- else %}}{turn}{{%- endif %}}{{{{- '\n' }}}}{{%- endfor %}}"
        "{%- if add_generation_prompt %}{{- '<|turn|>assistant\n' }}{%- endif %}"
    )


def test_a_variable_that_nobody_knows_is_found_when_it_is_named() -> None:
    variant = template(TURN.replace(CONTENT, "{{- hint if hint is defined else '' }}" + CONTENT))
    named = judged_by_rendering(variant, "strict", given=Given(variables=("hint",)))
    assert said.NOBODYS in {fault.promise for fault in named}


def test_a_field_that_is_declared_to_be_of_the_environment_is_outside() -> None:
    variant = template(TURN.replace(CONTENT, CONTENT + "{{- m.extra or '' }}"))
    faults = judged_by_rendering(variant, "strict", fields={"extra": "environment"})
    assert faults == ()
    given = Given(keys=("extra",))
    found = judged_by_rendering(variant, "strict", fields={"extra": "environment"}, given=given)
    assert said.GIVEN in {fault.promise for fault in found}


def test_a_declared_field_that_is_printed_by_its_name_is_outside_however_it_is_quoted() -> None:
    quoted = "{{- '{\"observation\": \"' + (m.observation or '') + '\"}' }}"
    variant = template(TURN.replace(CONTENT, CONTENT + quoted))
    found = judged_by_rendering(variant, "strict", fields={"observation": "environment"})
    assert said.GIVEN in {fault.promise for fault in found}


def test_a_fault_tells_where_it_is() -> None:
    variant, _ = WRONG["the end left out"]
    (fault,) = (
        each for each in judged_by_rendering(variant, "strict") if each.promise == endings.STOP
    )
    assert fault.text[fault.offset :].startswith("<|over|>")
    assert "⟧<|over|>" in fault.excerpt
    assert isinstance(fault.conversation, Conversation)


def test_a_renderer_with_another_clock_can_be_given() -> None:
    def emptied(variant: str, conversation: Conversation) -> Outcome:
        outcome = render(variant, conversation)
        return Rendered(outcome.text, ()) if isinstance(outcome, Rendered) else outcome

    faults = judged_by_rendering(template(), "strict", rendered=emptied)
    assert said.SAID in {fault.promise for fault in faults}


def test_a_prompt_that_what_is_said_decides_on_is_looked_at_where_it_is_said() -> None:
    variant = (
        "{%- set ns = namespace(deep=true) %}{%- for m in messages %}"
        "{%- if '(quick)' in m.content %}{%- set ns.deep = false %}{%- endif %}"
        "{{- '<|turn|>' + m.role + '\n' }}{%- if m.role == 'assistant' %}{{- '<think>' }}"
        "{%- generation %}{{- (m.reasoning or '') + '</think>' + m.content + '<|over|>' }}"
        "{%- endgeneration %}{%- else %}{{- m.content + '<|over|>' }}{%- endif %}{%- endfor %}"
        "{%- if add_generation_prompt %}{{- '<|turn|>assistant\n<think>' }}"
        "{{- '' if ns.deep else '</think>' }}{%- endif %}"
    )
    assert judged_by_rendering(variant, "strict") == ()
    found = judged_by_rendering(variant, "strict", given=Given(texts=("(quick)",)))
    assert {fault.promise for fault in found} == {beginnings.PROMPTED}
