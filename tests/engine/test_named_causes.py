"""Why a template is refused whose every mask breaks a promise: what it prints, and where."""

from __future__ import annotations

import pytest

import rewriter
from rewriter.errors import Reason
from rewriter.verification.contracts import SAME_TEXT
from rewriter.verification.report import Failure, Report, VerificationFailed

PROMPT = "{%- if add_generation_prompt -%}{{- '[assistant]' -}}{%- endif -%}"
EACH = "{{- '[' + m.role + ']' + m.content + '<|end|>' -}}"


def refused(source: str) -> rewriter.Refused:
    with pytest.raises(rewriter.Refused) as raised:
        rewriter.rewrite(source, limits=None, examples=20)
    return raised.value


FIRST_APART = (
    "{%- set m = messages[0] -%}\n" + EACH
    + "{%- for m in messages[1:] -%}" + EACH + "{%- endfor -%}" + PROMPT
)  # fmt: skip


def test_a_first_message_that_is_printed_before_the_loop_is_named_with_its_place():
    error = refused(FIRST_APART)
    assert "outside of a loop over the messages" in error.message
    assert (error.reason, error.line) == (Reason.NOTHING_FOUND, 2)
    assert "bug in rewriter" not in str(error)


def test_words_that_every_role_prints_are_named_with_their_place():
    words = "m.content + ' (that is all that there is to say)' -}}{{- '\n' -}}"
    source = (
        "{%- for m in messages -%}\n" + EACH.replace("m.content + '<|end|>' -}}", words)
        + "{%- endfor -%}" + PROMPT
    )  # fmt: skip
    error = refused(source)
    assert "every role's turn prints words around its content here" in error.message
    assert (error.reason, error.line) == (Reason.SHARED, 2)
    assert error.excerpt[error.column - 1 :].startswith("(that is all")
    assert "bug in rewriter" not in str(error)


def test_a_plan_that_was_stopped_where_the_mask_is_wrong_is_the_reason():
    source = (
        "{%- for m in messages -%}\n"
        "{{- m.role | upper + ' says: ' + m.content + ' Over.' + eos_token -}}{%- endfor -%}"
        + PROMPT
    )
    error = refused(source)
    assert (error.reason, error.line) == (Reason.MIXED, 2)
    assert "bug in rewriter" not in str(error)


HEADER = "{{- '<|start|>assistant\\n' -}}"
OF_TOKENS = (
    "{%- for m in messages -%}{%- if m.role == 'assistant' -%}\n"
    "HERE{%- else -%}{{- '<|start|>' + m.role + '\\n' + m.content + '<|end|>' -}}{%- endif -%}"
    "{%- endfor -%}{%- if add_generation_prompt -%}HEADER{%- endif -%}"
)


@pytest.mark.parametrize(
    ("printed", "reason", "message", "at"),
    [
        pytest.param(
            "{%- if m.reasoning -%}{{- '<|start|>thoughts\\n' + m.reasoning -}}"
            "{{- '<|end|>' -}}{%- endif -%}HEADER{{- m.content + '<|end|>' -}}",
            Reason.MIXED,
            "goes on under another header",
            "<|start|>assistant\\n'",
            id="a thought under a header of its own",
        ),
        pytest.param(
            "{%- if loop.index > 9 -%}{{- '<|start|>assistant:' -}}{%- else -%}HEADER{%- endif -%}"
            "{{- m.content + '<|end|>' -}}",
            Reason.MIXED,
            "does not print the header",
            "<|start|>assistant:'",
            id="a late header that no prompt has",
        ),
        pytest.param(
            "HEADER{%- if m.reasoning -%}{{- '(' ~ m.reasoning ~ ' in ' -}}"
            "{{- m.hours | default(1) -}}{{- ')' -}}{%- endif -%}{{- m.content + '<|end|>' -}}",
            Reason.UNKNOWN_FIELD,
            "prints 'hours', which no model is known to write",
            "m.hours",
            id="a key that nobody knows between two texts of the model",
        ),
        pytest.param(
            "HEADER{%- filter trim -%}{{- m.content -}}{{- m.hours -}}"
            "{%- endfilter -%}{{- '<|end|>' -}}",
            Reason.UNKNOWN_FIELD,
            "prints 'hours', which no model is known to write",
            "m.hours",
            id="a key that nobody knows in a block that is one text",
        ),
        pytest.param(
            "{%- filter trim -%}{{- '<|start|>assistant\\n' + m.content -}}{%- endfilter -%}"
            "{{- '<|end|>' -}}",
            Reason.MIXED,
            "this filter block makes one text",
            "<|start|>assistant\\n",
            id="a filter over the header and the words",
        ),
    ],
)
def test_what_a_turn_prints_that_no_mask_fits_is_named_with_its_place(
    printed: str, reason: Reason, message: str, at: str
):
    error = refused(OF_TOKENS.replace("HERE", printed).replace("HEADER", HEADER))
    assert message in error.message
    assert (error.reason, error.line) == (reason, 2)
    assert error.excerpt[error.column - 1 :].startswith(at)
    assert "bug in rewriter" not in str(error)
    assert "split-role-header" not in error.hint


def test_what_cannot_be_told_apart_is_named_with_its_place():
    source = (
        "{%- for m in messages -%}{%- if m.role == 'assistant' -%}{{- '[assistant]' -}}\n"
        "{{- m.content | e -}}{{- '<|end|>' -}}{%- else -%}" + EACH
        + "{%- endif -%}{%- endfor -%}" + PROMPT
    )  # fmt: skip
    error = refused(source)
    assert (error.reason, error.line) == (Reason.BROKEN_PROMISE, 2)
    assert "bug in rewriter" not in str(error)


def test_a_text_that_is_not_the_originals_is_a_fault_of_our_own():
    failure = Failure(SAME_TEXT, {"messages": []}, original="one", variant="another", at=0)
    assert "this is a bug in rewriter" in VerificationFailed(Report((failure,), 1, 0)).hint


def test_what_was_tried_is_told_beside_the_cause():
    assert any("a promise is broken" in attempt for attempt in refused(FIRST_APART).tried)
