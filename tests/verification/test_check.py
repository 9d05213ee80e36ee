import json
from functools import cache

import pytest
from releases import sees_first_block

from rewriter.conversations.rendering import oracle
from rewriter.tracing.conversation import Conversation
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import (
    EQUAL,
    SAME_TEXT,
    STILL_RAISES,
    STILL_RENDERS,
    WIDENS,
    composed,
    differs,
)
from rewriter.verification.judge import RENDERS
from rewriter.verification.mask_promises import HEADER as HEADER_OUTSIDE
from rewriter.verification.mask_promises import SPOKEN, TURN_END
from rewriter.verification.report import Report, VerificationFailed
from tests.verification.chatml import CLOSE, END, HEADER, OPEN, ORIGINAL, VARIANT, edited

LOOP = "{%- for message in messages %}\n"
CALLS = "        {%- for call in message.tool_calls or [] %}\n"
RESULT = "        {{- '\\n</tool_response><|im_end|>\\n' }}\n"
THOUGHT = "        {%- if message.reasoning_content %}\n"


def check(variant: str, original: str = ORIGINAL, contract=EQUAL, **settings):
    return verify_pair(original, variant, contract, "strict", examples=150, **settings)


@pytest.mark.parametrize("policy", ["strict", "trl"])
def test_a_right_variant_passes(policy):
    report = verify_pair(ORIGINAL, VARIANT, EQUAL, policy, examples=1000)
    assert report.ok
    assert report.conversations >= 1000
    assert 0 < report.raised < report.conversations / 5


# Faults that a published test-suite was seen to let pass, and what ours says of them.
FAULTS = {
    "header in the mask": ([(HEADER + OPEN, OPEN + HEADER)], HEADER_OUTSIDE),
    "think block unmasked": (
        [
            (OPEN, ""),
            (THOUGHT, "        {%- if true %}\n" + THOUGHT),
            (
                "        {%- endif %}\n        {{- said",
                "        {%- endif %}{% endif %}\n" + OPEN + "        {{- said",
            ),
        ],
        SPOKEN["reasoning_content"],
    ),
    "tool calls unmasked": (
        [(CALLS, CLOSE + CALLS), (END + CLOSE, OPEN + END + CLOSE)],
        SPOKEN["tool_calls"],
    ),
    "turn end unmasked on tool-call turns": (
        [
            (
                END + CLOSE,
                CLOSE
                + "        {%- if message.tool_calls %}{{- '<|im_end|>' }}{% else %}"
                + "{% generation %}{{- '<|im_end|>' }}{% endgeneration %}{% endif %}\n",
            )
        ],
        TURN_END,
    ),
    "tool results masked": (
        [(RESULT, "{% generation %}{{- '.' }}{% endgeneration %}" + RESULT)],
        "the turn of a tool is outside the mask",
    ),
    "user messages from the third on dropped": (
        [
            (
                LOOP,
                "{%- set ns = namespace(users=0) %}\n"
                + LOOP
                + "{%- if message.role == 'user' %}{% set ns.users = ns.users + 1 %}{% endif %}"
                + "{%- if message.role == 'user' and ns.users > 2 %}{% continue %}{% endif %}\n",
            )
        ],
        SAME_TEXT,
    ),
    "mid-conversation system messages dropped": (
        [
            (
                LOOP,
                LOOP
                + "{%- if message.role == 'system' and not loop.first %}"
                + "{% continue %}{% endif %}\n",
            )
        ],
        SAME_TEXT,
    ),
}


@cache
def report_on(fault: str) -> Report:
    edits, _ = FAULTS[fault]
    return check(edited(VARIANT, *edits))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_known_fault_is_found(fault):
    _, promise = FAULTS[fault]
    assert promise in [failure.promise for failure in report_on(fault).failures]


@sees_first_block
def test_a_counterexample_is_as_small_as_it_can_be():
    (failure,) = report_on("header in the mask").failures
    assert failure.conversation == {
        "messages": [{"role": "assistant", "content": "a"}],
        "add_generation_prompt": False,
    }
    assert failure.original == failure.variant == "<|im_start|>assistant\na<|im_end|>\n"
    assert failure.original_mask == ()
    assert failure.variant_mask == ((0, 33),)


def test_a_counterexample_keeps_what_the_fault_needs():
    (failure,) = report_on("user messages from the third on dropped").failures
    assert failure.conversation["messages"] == [{"role": "user", "content": "a"}] * 3


def test_two_faults_behind_one_promise_are_told_apart():
    twice = edited(
        VARIANT,
        (THOUGHT, THOUGHT + "        {{- 'extra' }}\n"),
        (CALLS, CALLS + "        {{- 'another' }}\n"),
    )
    first, second = check(twice).failures
    assert first.promise == second.promise == SAME_TEXT
    assert "reasoning_content" in first.conversation["messages"][0]
    assert "tool_calls" in second.conversation["messages"][0]
    assert [f.place.excerpt.strip() for f in (first, second) if f.place] == [
        "{{- 'extra' }}",
        "{{- 'another' }}",
    ]


def test_where_text_is_lost_the_original_s_line_is_told():
    (failure,) = check(edited(VARIANT, (RESULT, ""))).failures
    assert failure.promise == SAME_TEXT
    assert failure.original_place is not None
    assert failure.original_place.excerpt.strip() == RESULT.strip()


def test_an_original_that_renders_nothing_at_all_proves_nothing():
    refusing = "{{ raise_exception('never') }}"
    report = check(refusing + VARIANT, refusing + ORIGINAL)
    assert [failure.promise for failure in report.failures] == [RENDERS]


def test_a_variant_that_hides_an_error_is_found():
    unsafe = edited(
        VARIANT, ("        {{- raise_exception('no such role: ' ~ message.role) }}\n", "")
    )
    assert [failure.promise for failure in check(unsafe).failures] == [STILL_RAISES]
    assert check(unsafe, contract=WIDENS).ok


def test_a_variant_that_raises_more_is_found():
    strict = edited(
        VARIANT, ("message.content or ''", "message.content | length and message.content")
    )
    assert STILL_RENDERS in [failure.promise for failure in check(strict).failures]


def test_a_declared_difference_is_allowed_where_it_is_declared():
    said = "message.content or ''"
    original = edited(ORIGINAL, (said, f"({said}) | string | replace('now?', 'then')"))
    variant = edited(VARIANT, (said, f"({said}) | string"))
    allowed = differs(excepting="'now?' in text")
    assert not check(variant, original).ok
    assert check(variant, original, allowed).ok
    assert check(variant, original, composed([allowed, WIDENS])).ok
    assert not check(variant, original, differs(excepting="'never' in text")).ok


def test_an_oracle_is_what_the_variant_must_print():
    def without_tools(messages, **options):
        return "".join(f"{message['role']};" for message in messages)

    source = "{% for m in messages %}{{ m.role + ';' }}{% endfor %}"
    report = check(source, "{{ messages | length }}", differs(oracle=oracle(without_tools)))
    assert SAME_TEXT not in [failure.promise for failure in report.failures]


def test_a_template_that_prints_the_time_raises_no_alarm():
    clock = "{{- strftime_now('%H:%M:%S.%f') }}\n"
    assert check(clock + VARIANT, clock + ORIGINAL).ok


def test_the_same_seed_gives_the_same_report():
    wrong = edited(VARIANT, (END + CLOSE, CLOSE + END))
    assert check(wrong, seed=3) == check(wrong, seed=3)


def test_a_refusal_shows_the_promise_and_the_conversation():
    report = check(edited(VARIANT, (END + CLOSE, CLOSE + END)))
    shown = str(VerificationFailed(report, name="x.jinja"))
    assert shown.startswith("x.jinja: ")
    assert report.failures[0].promise in shown
    assert json.dumps(report.failures[0].conversation) in shown


def test_a_regression_case_is_judged_before_all_others_and_as_it_is():
    """Also where nothing that is generated would show the fault, nor what is steered."""
    rare = "{%- if (message.content | string)[::-1] == 'emases nepo' %}{{- '!' }}{% endif %}\n"
    wrong = edited(VARIANT, (LOOP, LOOP + rare))
    case = Conversation(({"role": "user", "content": "open sesame"},))
    alone = check(wrong)
    assert alone.holds
    assert not alone.ok  # its own test had one answer, so it is not proven either
    report = check(wrong, regressions=[case])
    (failure,) = report.failures
    assert failure.conversation == case.as_json()


def test_a_regression_case_s_mask_is_judged_also_where_no_path_is_new():
    odd = "        {%- if said == 'open sesame' %}{% generation %}!{% endgeneration %}{% endif %}\n"
    user = "        {{- '<|im_start|>' + message.role + '\\n' }}\n"
    both = (user, user + odd.replace("{% generation %}!{% endgeneration %}", "{{- '!' }}"))
    wrong = edited(VARIANT, (user, user + odd))
    cases = [Conversation(({"role": "user", "content": "open sesame"},))] * 2
    report = check(wrong, edited(ORIGINAL, both), regressions=cases)
    assert report.failures[0].promise == "the turn of a user is outside the mask"
    assert report.judged >= 2
