"""What documentation says of a template."""

import pytest

from rewriter.engine.families import Supports
from rewriter.report.sections import original_section, variant_section
from rewriter.rewriting.result import Rewrite
from rewriter.source.edits import Edit

NOTHING = Supports(
    tools=False, reasoning=False, list_content=False, system_role=False, alternation=False
)
SOURCE = "{{ a }}\n{{ b }}\n{{ c }}\n"


def rewrite(*transforms: str, put_in: str = "{{ d }}") -> Rewrite:
    return Rewrite(
        source=SOURCE,
        template=f"{put_in}{SOURCE}",
        edits=(Edit(0, 0, put_in),),
        transforms=transforms,
        family=None,
        policy="strict",
    )


def section(*transforms: str, **options: object) -> str:
    put_in = str(options.pop("put_in", "{{ d }}"))
    return variant_section(
        "A", "a.jinja", "a_t.jinja", rewrite(*transforms, put_in=put_in), **options
    )


def test_an_original_that_supports_nothing_more_has_one_sentence():
    assert original_section("A", "a.jinja", NOTHING) == (
        "### `a.jinja`\n\nOriginal A chat template."
    )


def test_an_original_is_told_with_its_model_and_what_it_supports():
    tools = NOTHING.model_copy(update={"tools": True, "system_role": True})
    assert original_section("A", "a.jinja", tools, "me/a").splitlines()[2:] == [
        "Original A chat template (as shipped by `me/a`). Supports: tools, system role."
    ]


def test_one_change_is_a_paragraph_and_several_are_a_list():
    assert not section("wrap-assistant-output").splitlines()[4].startswith("- ")
    lines = section("split-role-header", "wrap-assistant-output").splitlines()[4:]
    assert len(lines) == 2
    assert all(line.startswith("- ") for line in lines)


def test_it_is_said_how_much_was_touched():
    assert "Diff vs `a.jinja`, in one place on 1 of its 3 lines:" in section(
        "wrap-assistant-output"
    )


def test_tags_are_set_as_code_so_that_markdown_shows_them():
    words = section("require-both-think-tags")
    assert "`<think>`" in words
    assert "``" not in words
    assert "`{% generation %}`" in section("wrap-assistant-output")


@pytest.mark.parametrize(
    ("transform", "promise"),
    [
        ("wrap-assistant-output", None),
        ("tojson-tool-arguments", "What the original renders is printed as before."),
        ("keep-earlier-turns", "so that the template is prefix-preserving."),
        ("keep-reasoning-in-content", "The text differs from the original's."),
        ("require-both-think-tags", "but where `'</think>' in text and '<think>' not in text`."),
    ],
)
def test_what_becomes_of_the_text_is_said_where_it_is_not_the_same(
    transform: str, promise: str | None
):
    words = section(transform)
    assert words.endswith(promise) if promise else "text" not in words


def test_a_diff_is_shown_only_if_it_is_asked_for_and_short():
    assert "```" not in section("wrap-assistant-output")
    assert "```" not in section("wrap-assistant-output", longest_diff=4)
    assert section("wrap-assistant-output", longest_diff=5).endswith(
        "```diff\n@@ -1,3 +1,3 @@\n-{{ a }}\n+{{ d }}{{ a }}\n {{ b }}\n {{ c }}\n```"
    )


def test_a_diff_with_a_fence_in_it_gets_a_longer_one():
    words = section("wrap-assistant-output", longest_diff=9, put_in="```")
    assert words.endswith("\n````")
    assert "\n````diff\n" in words
