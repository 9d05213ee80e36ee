"""An output that chooses between texts, each of which ends what is generated elsewhere."""

from __future__ import annotations

import pytest
from rendering import rendered

import rewriter

TURNS = (
    "{%- for m in messages -%}{%- if m.role == 'assistant' -%}{{- '[A]\n' -}}{{- m.content -}}@"
    "{%- else -%}{{- '[U]\n' + m.content + '[/U]\n' -}}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '[A]\n' -}}{%- endif -%}"
)
ASKED = {"role": "user", "content": "Hi"}
YES = {"role": "assistant", "content": "Yes."}
CHAT = [ASKED, YES, ASKED, {**YES, "weight": 0}]
CHOICE = "{{- '[/A]\n' if m.weight is undefined or m.weight else '[skip]\n' -}}"
# A filter makes a text of another length of either, which only a slice can cut.
FILTERED = "{%- macro end(m) -%}" + CHOICE + "{%- endmacro -%}{{- end(m) | upper -}}"
HELD = "{%- macro end(m) -%}" + CHOICE + "{%- endmacro -%}{%- set last = end(m) -%}{{- last -}}"


@pytest.mark.parametrize(
    ("ending", "kept", "skipped"),
    [
        (CHOICE, "[/A]", "[skip]"),
        (FILTERED, "[/A]", "[SKIP]"),
        (HELD, "[/A]", "[skip]"),
    ],
    ids=["a choice", "a text that is captured", "a name that is set in the turn"],
)
def test_each_end_is_in_the_mask_and_the_line_break_after_it_is_not(
    ending: str, kept: str, skipped: str
):
    source = TURNS.replace("@", ending)
    variant = rewriter.rewrite(source, limits=None, examples=20).template
    assert rendered(variant, CHAT).text == rendered(source, CHAT).text
    assert rendered(variant, CHAT).marked == (
        f"[U]\nHi[/U]\n[A]\n⟦Yes.{kept}⟧\n[U]\nHi[/U]\n[A]\n⟦Yes.{skipped}⟧\n"
    )


def test_a_choice_of_ends_is_written_as_a_conditional_that_asks_once():
    found = rewriter.rewrite(TURNS.replace("@", CHOICE), limits=None, examples=20)
    assert found.proof == "structure"
    assert found.template.count("m.weight is undefined or m.weight") == 1
