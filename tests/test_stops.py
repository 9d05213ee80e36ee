"""Turns that end in the next turn's header: in which templates, and what of it is caught if wrong.

What is printed for GLM-4-MoE, and where TRL's hand-written variant agrees, is in
`test_later_catalog`; here is each way in which that one is at fault.
"""

from functools import cache
from typing import Any

import pytest
from rendering import rendered
from seed import (
    BYE,
    HI,
    OPTIONS,
    SYSTEM,
    Conversation,
    assistant,
    call,
    result,
)

import rewriter
from rewriter.engine.families import family_named
from rewriter.engine.plan import Subject
from rewriter.engine.planner import recipes_for
from rewriter.engine.transforms import GOALS, transform_named
from rewriter.rewriting.promises import promised
from rewriter.rewriting.request import Request
from rewriter.rewriting.rewrite import rewritten
from rewriter.tokens.prefixes import prefix_verdicts
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.stop_headers import Stops, stops_lacking, stops_printed
from rewriter.verification.check import verify_alone, verify_pair
from rewriter.verification.contracts import ORACLE_TEXT
from rewriter.verification.mask_promises import TURN_END

USER, TOOL = "<|user|>", "<|observation|>"
ANSWER, CALL, RAIN = assistant("Hello."), call({"city": "Oslo"}, "Let me see."), result("rain")
LISTED = {"role": "tool", "content": [{"output": "rain"}]}

PROMPT = "{% if add_generation_prompt %}<|assistant|>{% endif %}"
# A template in this manner, and what it takes beside the transform.
BRANCHES = (
    "{% for m in messages %}{% if m.role == 'assistant' %}<|assistant|>\n{{ m.content }}"
    "{% for c in m.tool_calls %}<call>{{ c.function.name }}</call>{% endfor %}"
    "{% elif m.role == 'user' %}<|user|>\n{{ m.content }}"
    "{% elif m.role == 'tool' %}<|result|>\n{{ m.content }}{% endif %}{% endfor %}" + PROMPT
)
EVERYBODYS = "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{% endfor %}" + PROMPT
JOINED = "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content }}{% endfor %}" + PROMPT
SILENT = (
    "{% for m in messages %}{% if m['content'] %}<|{{ m['role'] }}|>\n{{ m['content'] }}"
    "{% endif %}{% endfor %}" + PROMPT
)
ONE_HEADER_FOR_ALL = (
    "{% for m in messages %}{% if m.role == 'assistant' %}<|assistant|>\n{{ m.content }}"
    "{% for c in m.tool_calls %}<call>{{ c.function.name }}</call>{% endfor %}"
    "{% else %}<|user|>\n{{ m.content }}{% endif %}{% endfor %}" + PROMPT
)
BY_INDEX = (
    "{% for i in range(messages | length) %}{% set m = messages[i] %}{% if m.role == 'assistant' %}"
    "<|assistant|>\n{{ m.content }}{% else %}<|user|>\n{{ m.content }}{% endif %}{% endfor %}"
    + PROMPT
)
SHAPES = {
    "a branch for each role": (BRANCHES, ()),
    "a header of everybody's": (EVERYBODYS, ()),
    "a turn in one output": (JOINED, ("split-role-header",)),
    "a turn that may print nothing": (SILENT, ()),
    "a loop over indices": (BY_INDEX, ()),
    "one header for all that is not the model's": (ONE_HEADER_FOR_ALL, ()),
}


def asked(recipe: tuple[str, ...] = ()) -> tuple[str, ...]:
    return (*recipe, "stop-at-next-header", "wrap-unless-empty")


@cache
def variant_of(source: str, recipe: tuple[str, ...] = ()) -> str:
    return rewriter.rewrite(source, transforms=asked(recipe), examples=40, limits=None).template


@pytest.fixture(scope="module")
def original(later_texts: dict[str, str]) -> str:
    return later_texts["glm4moe.jinja"]


@pytest.fixture(scope="module")
def ours(original: str) -> str:
    known = family_named("trl-1.16.0/glm4moe")
    variant = rewritten(Request(original, known.policy, family=known))
    assert variant.proof == "on file"
    return variant.template


@pytest.fixture(scope="module")
def by_hand(later_texts: dict[str, str]) -> str:
    return later_texts["glm4moe_training.jinja"]


# Where nothing is to be done.


@pytest.mark.parametrize(
    "source",
    [
        BRANCHES.replace(
            "{% endfor %}{% elif m.role == 'user'", "{% endfor %}<|end|>{% elif m.role == 'user'"
        ),
        BRANCHES.replace("{% endfor %}" + PROMPT, "{% endfor %}{{ eos_token }}" + PROMPT),
        EVERYBODYS.replace("<|{{ m.role }}|>", "<|turn|>{{ m.role }}").replace(
            "<|assistant|>", "<|turn|>assistant"
        ),
        EVERYBODYS.replace("<|{{ m.role }}|>", "{{ m.role }}:").replace(
            "<|assistant|>", "assistant:"
        ),
    ],
    ids=["turn end", "end of text", "no header of one role", "no token"],
)
def test_a_template_without_such_headers_is_left_alone(source: str):
    assert stops_lacking(TracedTemplate(source)) is None
    subject, alone = Subject(source, "strict"), [transform_named("stop-at-next-header")]
    assert subject.stops_of(alone) is None
    assert subject.plan(alone).template == source


def test_nothing_stops_at_headers_unasked():
    planned = {transform.name for recipe in recipes_for(GOALS) for transform in recipe}
    assert "wrap-assistant-output" in planned
    assert "stop-at-next-header" not in planned


# What is looked for.


def test_the_header_is_that_of_who_is_to_speak_next(original: str, ours: str, by_hand: str):
    assert stops_lacking(TracedTemplate(original)) == Stops(USER, TOOL)
    assert stops_printed(TracedTemplate(ours)) == Stops(USER, TOOL)
    assert stops_lacking(TracedTemplate(ours)) is None
    assert stops_printed(TracedTemplate(original)) is None
    assert stops_printed(TracedTemplate(by_hand)) is None


def test_a_template_without_tools_ends_every_turn_alike():
    assert stops_lacking(TracedTemplate(EVERYBODYS)) == Stops(USER, USER)
    assert stops_lacking(TracedTemplate(ONE_HEADER_FOR_ALL)) == Stops(USER, USER)


# Beside TRL's variant.


FAULTS: dict[str, tuple[Conversation, dict[str, Any], str, str]] = {
    "a user under the tool's header": (
        [HI, CALL, BYE],
        {},
        "</tool_call><|observation|>⟧\nBye",
        "</tool_call>⟧<|user|>\nBye",
    ),
    "a system message under the tool's header": (
        [HI, CALL, SYSTEM],
        {},
        "</tool_call><|observation|>⟧\nBe brief.",
        "</tool_call>⟧<|system|>\nBe brief.",
    ),
    "a result under the user's header": (
        [HI, ANSWER, RAIN],
        {},
        "Hello.<|user|>⟧\n<tool_response>",
        "Hello.⟧<|observation|>\n<tool_response>",
    ),
    "a result under no header": (
        [HI, RAIN],
        {},
        "Hi\n<tool_response>",
        "Hi<|observation|>\n<tool_response>",
    ),
    "a user's header without a user": (
        [HI, ANSWER, ANSWER],
        {},
        "Hello.<|user|>⟧<|assistant|>",
        "Hello.⟧<|assistant|>",
    ),
    "a user's header before the prompt": (
        [HI, ANSWER],
        {"add_generation_prompt": True},
        "Hello.<|user|>⟧<|assistant|>",
        "Hello.⟧<|assistant|>",
    ),
    "a header trained that no engine stops at": (
        [HI, ANSWER, SYSTEM],
        {},
        "Hello.<|system|>⟧\nBe brief.",
        "Hello.⟧<|system|>\nBe brief.",
    ),
}


@pytest.mark.parametrize(("messages", "options", "theirs", "right"), FAULTS.values(), ids=FAULTS)
def test_the_hand_written_variant_is_at_fault_where_somebody_else_speaks(
    messages: Conversation,
    options: dict[str, Any],
    theirs: str,
    right: str,
    ours: str,
    by_hand: str,
):
    assert theirs in rendered(by_hand, messages, **OPTIONS, **options).marked
    assert right in rendered(ours, messages, **OPTIONS, **options).marked


# What verification catches.

HEADER = "{% generation %}<|user|>{% endgeneration %}"
END = "{% if loop.last and not add_generation_prompt %}"
WHERE = " and not loop.previtem.tool_calls"
WRONG = {
    "the header is not trained": (HEADER, "<|user|>", TURN_END),
    "a header is trained that ends no such turn": (WHERE, "", "the turn of a user is outside"),
    "the last turn has no end": (END, "{% if false %}", ORACLE_TEXT),
    "the end is printed where the model is prompted": (
        " and not add_generation_prompt",
        "",
        ORACLE_TEXT,
    ),
    "every turn prints its end": ("loop.last and", "", ORACLE_TEXT),
    "the last turn ends in another's header": ("if m.tool_calls else", "if true else", ORACLE_TEXT),
    "a user's header is lost": (HEADER, "{% generation %}{% endgeneration %}", ORACLE_TEXT),
}


@pytest.fixture(scope="module")
def branches() -> str:
    return variant_of(BRANCHES)


@pytest.mark.parametrize(("old", "new", "promise"), WRONG.values(), ids=WRONG)
def test_a_variant_that_is_wrong_breaks_a_promise(old: str, new: str, promise: str, branches: str):
    assert branches.count(old) == 1
    recipe = [transform_named(name) for name in asked()]
    contract = promised(Subject(BRANCHES, "strict"), recipe)
    wrong = branches.replace(old, new)
    report = verify_pair(BRANCHES, wrong, contract, "strict", examples=20, hasty=True)
    assert any(promise in failure.promise for failure in report.failures)


@pytest.mark.parametrize("policy", ["strict", "trl"])
def test_without_its_original_it_is_judged_by_what_its_last_turn_ends_in(policy, branches: str):
    assert verify_alone(branches, policy, examples=20).ok
    report = verify_alone(branches.replace(HEADER, "<|user|>"), policy, examples=20)
    assert TURN_END in {failure.promise for failure in report.failures}


# Other templates in this manner.


@pytest.mark.parametrize(("source", "recipe"), SHAPES.values(), ids=SHAPES)
def test_it_is_a_shape_and_no_file(source: str, recipe: tuple[str, ...]):
    variant = variant_of(source, recipe)
    assert variant != source
    for messages, end in (
        ([HI, ANSWER], "Hello.<|user|>⟧"),
        ([HI, ANSWER, BYE], "Hello.<|user|>⟧\nBye"),
    ):
        assert rendered(variant, messages).marked.endswith(end)
    again = rendered(variant, [HI, ANSWER, ANSWER]).marked
    assert "Hello.⟧<|assistant|>" in again


def test_a_turn_that_prints_nothing_has_no_end():
    assert rendered(variant_of(SILENT), [HI, assistant("")]).marked == "<|user|>\nHi"


def test_a_turn_is_kept_but_for_what_it_says_to_another_than_speaks(ours: str):
    thinking = BRANCHES.replace("{{ m.content }}", "{{ m.reasoning_content if loop.last }}", 1)
    variant = variant_of(thinking, ("keep-earlier-turns",))
    assert "if loop.last }}" not in variant
    for each, across in ((variant, ("tool messages", "user turns")), (ours, ("tool messages",))):
        verdicts = prefix_verdicts(each)
        assert [verdict.holds for verdict in verdicts if verdict.across in across] == [True] * len(
            across
        )


def test_the_older_catalog_s_recipe_does_not_ask_for_it():
    assert "stop-at-next-header" in family_named("trl-1.16.0/glm4moe").recipe
    assert "stop-at-next-header" not in family_named("trl-1.4.0/glm4moe").recipe
