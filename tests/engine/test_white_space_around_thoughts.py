"""White space that a template prints around thoughts and ends, and whose it is."""

import pytest
from rendering import rendered
from test_shapes import ASKED, YES, read

THOUGHT = {**YES, "reasoning_content": "hm"}


@pytest.mark.parametrize(
    ("shape", "answer", "marked"),
    [
        # Nothing is prompted but the header, and no token ends a turn.
        (
            "line-breaks-between-a-thought-and-no-words",
            THOUGHT,
            "<|user|>really<|assistant|>⟦<think>hm</think>\n\nyes⟧",
        ),
        # The prompt opens the thought, though the turn prints a line break before it.
        (
            "other-white-space-before-the-prompted-thought",
            THOUGHT,
            "<|user|>really<|end|><|assistant|>\n<think>\n⟦hm\n</think>\n\nyes<|end|>⟧",
        ),
        # By default the prompt closes the thought; in a turn that calls, it is one text with it.
        (
            "white-space-before-a-closed-thought",
            YES,
            "    <|user|>really    <|assistant|>        </think>⟦      yes<|end|>⟧",
        ),
    ],
)
def test_what_the_prompt_opens_is_outside_whatever_white_space_is_before_it(
    shape: str, answer: dict[str, str], marked: str
):
    assert rendered(read(f"{shape}.after.jinja"), [ASKED, answer]).marked == marked


def test_an_end_is_in_the_mask_with_line_breaks_around_it_and_without():
    """Where another answer follows, the line breaks are there, and the header is outside."""
    variant = read("a-last-turn-without-line-breaks-around-its-end.after.jinja")
    assert rendered(variant, [ASKED, YES, YES]).marked == (
        "<|user|>\nreally<|end|>\n<|assistant|>\n⟦yes\n<|end|>⟧\n<|assistant|>\n⟦yes<|end|>⟧"
    )
