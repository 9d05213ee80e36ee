"""White space that the generation prompt prints, and that a mask holds."""

from __future__ import annotations

import rewriter

USERS = "{% else %}{{ '<U>' + m.content }}{% endif %}{% endfor %}"
PROMPT = "{% if add_generation_prompt %}{{ '<A>\n' }}{% endif %}"


def template(turn: str) -> str:
    return "{% for m in messages %}{% if m.role == 'assistant' %}" + turn + USERS + PROMPT


def marked(text: str) -> str:
    return "{% generation %}" + text + "{% endgeneration %}"


def promises(original: str, variant: str, policy: rewriter.Policy = "strict") -> list[str]:
    report = rewriter.verify(
        template(original), template(variant), policy=policy, examples=5, limits=None
    )
    return [failure.promise for failure in report.failures]


def test_white_space_of_the_model_s_own_may_be_in_the_mask():
    thought = "{% if m.thinking %}{{ '<t>' + m.thinking + '</t>' }}{% endif %}"
    said = thought + "{{ '\n' }}{{ m.content + '</s>' }}"
    assert promises("{{ '<A>' }}" + said, "{{ '<A>' }}" + marked(said)) == []


def test_the_line_break_that_ends_a_header_must_be_outside():
    said = "{{ '\n' }}{{ m.content + '</s>' }}"
    (promise,) = promises("{{ '<A>' }}" + said, "{{ '<A>' }}" + marked(said))
    assert promise == "white space that the generation prompt prints is outside the mask"


def test_under_the_other_policy_it_may_be_in_the_mask():
    said = "{{ '\n' }}{{ m.content + '</s>' }}"
    assert promises("{{ '<A>' }}" + said, "{{ '<A>' }}" + marked(said), "trl") == []
