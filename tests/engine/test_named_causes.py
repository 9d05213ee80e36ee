"""Why a template is refused whose every mask breaks a promise: what it prints, and where."""

from __future__ import annotations

import pytest

import rewriter
from rewriter.errors import Reason

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
    words = "m.content + ' (that is all that there is to say)<|end|>' -}}"
    source = (
        "{%- for m in messages -%}\n" + EACH.replace("m.content + '<|end|>' -}}", words)
        + "{%- endfor -%}" + PROMPT
    )  # fmt: skip
    error = refused(source)
    assert "every role's turn prints words around its content here" in error.message
    assert (error.reason, error.line) == (Reason.SHARED, 2)
    assert error.excerpt[error.column - 1 :].startswith(" (that is all")
    assert "bug in rewriter" not in str(error)


def test_a_plan_that_was_stopped_where_the_mask_is_wrong_is_the_reason():
    source = (
        "{%- for m in messages -%}{{- '[' + m.role + ']' -}}\n"
        "{{- 'Note. ' + m.content + ' Over.' -}}{{- '<|end|>' -}}{%- endfor -%}" + PROMPT
    )
    error = refused(source)
    assert (error.reason, error.line) == (Reason.MIXED, 2)
    assert "bug in rewriter" not in str(error)


def test_what_cannot_be_traced_is_a_fault_of_our_own():
    source = (
        "{%- for m in messages -%}{%- if m.role == 'assistant' -%}{{- '[assistant]' -}}"
        "{{- m.content | e -}}{{- '<|end|>' -}}{%- else -%}" + EACH
        + "{%- endif -%}{%- endfor -%}" + PROMPT
    )  # fmt: skip
    error = refused(source)
    assert error.reason is Reason.BROKEN_PROMISE
    assert "this is a bug in rewriter" in error.hint


def test_what_was_tried_is_told_beside_the_cause():
    assert any("a promise is broken" in attempt for attempt in refused(FIRST_APART).tried)
