"""The thirteen variants of the seed catalog, beside the originals and the hand-written ones."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache
from typing import Any

import pytest
from rendering import Rendered, printed_or_raised, rendered
from seed import (
    CALLING,
    CALLING_WITH_TEXT,
    HI,
    OPTIONS,
    PLAIN,
    TOOLS,
    assistant,
    call,
    result,
)

import rewriter
from rewriter.engine.families import Family, load_catalog
from rewriter.source.edits import apply
from rewriter.turns.parts import Policy

FAMILIES = {f.name: f for f in load_catalog("trl-1.4.0").families if f.recipe}
POLICIES = ("strict", "trl")
# What these two print differs from the original by intent: earlier reasoning is kept.
TEXT_OF_THE_REFERENCE = {"qwen3", "qwen3_6"}

pytestmark = pytest.mark.usefixtures("fixed_date")


def rewritten(family: Family, source: str, policy: Policy) -> rewriter.Rewrite:
    """What this catalog's recipe makes of a template."""
    return _rewritten(family.name, source, policy)


@cache
def _rewritten(name: str, source: str, policy: Policy) -> rewriter.Rewrite:
    return rewriter.rewrite(source, policy=policy, family=f"trl-1.4.0/{name}", verify=False)


@pytest.fixture(scope="session", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES[request.param]


@pytest.fixture(scope="session")
def original(family: Family, seed_texts: dict[str, str]) -> str:
    return seed_texts[family.file]


@pytest.fixture(scope="session")
def reference(family: Family, seed_texts: dict[str, str]) -> str:
    assert family.reference is not None
    return seed_texts[family.reference.file]


@pytest.fixture(scope="session", params=POLICIES)
def rewrite(family: Family, original: str, request: pytest.FixtureRequest) -> rewriter.Rewrite:
    return rewritten(family, original, request.param)


def conversations() -> Iterable[tuple[list[dict[str, Any]], dict[str, Any]]]:
    for prompted in (False, True):
        options = {**OPTIONS, "add_generation_prompt": prompted}
        for messages in PLAIN.values():
            yield messages, options
            yield messages, {**options, "enable_thinking": False}
        for messages in (*CALLING.values(), *CALLING_WITH_TEXT.values()):
            yield messages, {**options, "tools": TOOLS}


def without(found: Rendered, token: str) -> Rendered:
    """The same, with no part of ``token`` in the mask."""
    mask = list(found.mask)
    for place in re.finditer(re.escape(token), found.text):
        mask[place.start() : place.end()] = "." * len(token)
    spans = re.finditer("#+", "".join(mask))
    return Rendered(found.text, tuple(span.span() for span in spans))


def test_a_second_run_makes_no_edit(rewrite: rewriter.Rewrite, family: Family):
    again = rewritten(family, rewrite.template, rewrite.policy)
    assert again.template == rewrite.template
    assert again.edits == ()


def test_the_edits_make_the_variant(rewrite: rewriter.Rewrite, original: str):
    assert apply(original, rewrite.edits) == rewrite.template
    assert all(original[edit.start : edit.end] != edit.replacement for edit in rewrite.edits)


def test_no_line_that_is_kept_is_indented_anew(rewrite: rewriter.Rewrite, original: str):
    lines = iter(rewrite.template.split("\n"))
    for line in re.finditer(r"(?m)^[ \t]*(.+)$", original):
        start, end = line.span(1)
        if not any(edit.start < end and edit.end > start for edit in rewrite.edits):
            # Asked first, as looking for the line would go through all that follow.
            joined = any(start <= edit.start == edit.end < end for edit in rewrite.edits)
            assert joined or any(other.startswith(line.group()) for other in lines), line.group()


def test_a_template_of_one_line_stays_on_one_line(rewrite: rewriter.Rewrite, original: str):
    if "\n" not in original.rstrip("\n"):
        assert rewrite.template.count("\n") == original.count("\n")


def test_crlf_in_is_crlf_out(rewrite: rewriter.Rewrite, family: Family, original: str):
    crlf = original.replace("\n", "\r\n")
    found = rewritten(family, crlf, rewrite.policy)
    assert found.template == rewrite.template.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "form", [lambda text: "\ufeff" + text, lambda text: text + "\n{# end #}\n"]
)
def test_what_is_put_before_or_after_changes_no_edit(rewrite, original: str, form, family: Family):
    found = rewritten(family, form(original), rewrite.policy)
    assert found.template == form(rewrite.template)


def test_the_text_is_the_original_s(rewrite, family: Family, original: str, reference: str):
    source = reference if family.name in TEXT_OF_THE_REFERENCE else original
    for messages, options in conversations():
        expected = printed_or_raised(source, messages, **options)
        if family.name == "deepseekv3" and has_dict_arguments(messages):
            assert expected is TypeError
            expected = printed_or_raised(reference, messages, **options)
        found = printed_or_raised(rewrite.template, messages, **options)
        assert getattr(found, "text", found) == getattr(expected, "text", expected), messages


def has_dict_arguments(messages: list[dict[str, Any]]) -> bool:
    calls = [each for message in messages for each in message.get("tool_calls", [])]
    return any(isinstance(each["function"]["arguments"], dict) for each in calls)


def test_the_mask_is_that_of_the_hand_written_variant(
    family: Family, original: str, reference: str
):
    variant = rewritten(family, original, "trl").template
    compared = 0
    for messages, options in conversations():
        theirs = printed_or_raised(reference, messages, **options)
        if isinstance(theirs, Rendered) and not is_at_fault(family, messages):
            for token in FAULTS.get(family.name, ()):
                theirs = without(theirs, token)
            ours = rendered(variant, messages, **options)
            assert ours.text == theirs.text
            assert ours.core == theirs.core, (ours.marked, theirs.marked)
            compared += 1
    assert compared >= 20


# Where the hand-written variants are wrong. Tokens that they train on and should not:
FAULTS = {
    "deepseekv3": ("<｜Assistant｜>", "<｜tool▁outputs▁end｜>"),
    "gptoss": ("<|start|>assistant",),
}


def is_at_fault(family: Family, messages: list[dict[str, Any]]) -> bool:
    """Whether the hand-written variant prints another text than the original does."""
    if family.name == "deepseekv3":
        return messages in CALLING_WITH_TEXT.values()
    return family.name == "cohere2" and any(message["role"] == "tool" for message in messages)


def both(name: str, seed_texts: dict[str, str], messages, **options: Any) -> tuple[Rendered, ...]:
    """What our variant and the hand-written one print."""
    family = FAMILIES[name]
    assert family.reference is not None
    variant = rewritten(family, seed_texts[family.file], "trl").template
    texts = (variant, seed_texts[family.reference.file])
    return tuple(rendered(each, messages, **OPTIONS, **options) for each in texts)


def test_deepseek_v3_is_not_trained_on_the_role_header(seed_texts):
    ours, theirs = both("deepseekv3", seed_texts, [HI, assistant("Hello.")])
    assert ours.marked.endswith("Hi<｜Assistant｜>⟦Hello.<｜end▁of▁sentence｜>⟧")
    assert theirs.marked.endswith("Hi⟦<｜Assistant｜>Hello.<｜end▁of▁sentence｜>⟧")


def test_gpt_oss_is_not_trained_on_the_role_header_wherever_it_is_printed(seed_texts):
    messages = [HI, assistant("Hello.", thinking="Greet.")]
    ours, theirs = both("gptoss", seed_texts, messages)
    header, analysis = "<|start|>assistant", "<|channel|>analysis<|message|>Greet.<|end|>"
    final = "<|channel|>final<|message|>Hello.<|return|>"
    assert ours.marked.endswith(f"{header}⟦{analysis}⟧{header}⟦{final}⟧")
    assert theirs.marked.endswith(f"⟦{header}{analysis}{header}{final}⟧")


def test_deepseek_v3_is_not_trained_on_the_end_of_the_tool_outputs(seed_texts):
    messages = [HI, call({"city": "Oslo"}), result("rain"), assistant("Yes.")]
    ours, theirs = both("deepseekv3", seed_texts, messages)
    output = "<｜tool▁outputs▁begin｜><｜tool▁output▁begin｜>rain<｜tool▁output▁end｜>"
    assert ours.marked.endswith(f"{output}<｜tool▁outputs▁end｜>⟦Yes.<｜end▁of▁sentence｜>⟧")
    assert theirs.marked.endswith(f"{output}⟦<｜tool▁outputs▁end｜>Yes.<｜end▁of▁sentence｜>⟧")


def test_deepseek_v3_s_string_arguments_are_not_encoded_twice(seed_texts):
    ours, theirs = both("deepseekv3", seed_texts, [HI, call('{"city": "Oslo"}')])
    assert '```json\n{"city": "Oslo"}\n```' in ours.text
    assert '```json\n"{\\"city\\": \\"Oslo\\"}"\n```' in theirs.text
    with_dict, _ = both("deepseekv3", seed_texts, [HI, call({"city": "Oslo"})])
    assert with_dict == ours


def test_cohere2_ends_the_turn_of_a_role_that_no_branch_names(seed_texts):
    messages = [HI, {"role": "narrator", "content": "Later."}, assistant("So.")]
    ours, theirs = both("cohere2", seed_texts, messages)
    original = rendered(seed_texts["cohere2.jinja"], messages, **OPTIONS)
    assert ours.text == original.text
    ends = [each.text.count("<|END_OF_TURN_TOKEN|>") for each in (ours, theirs)]
    assert ends[0] == ends[1] + 1


# How little is edited.


def characters_edited(old: str, new: str) -> int:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return sum(
        (end - start) + (to - at)
        for kind, start, end, at, to in matcher.get_opcodes()
        if kind != "equal"
    )


# Those of which the hand-written variant keeps few lines as they were.
REFLOWED = ("gemma", "gemma3", "glm4moe", "llama3", "phi3")


def edited_by_hand(family: Family, texts: dict[str, str]) -> int:
    """How much the hand-written variant edits, the comment at its head apart."""
    assert family.reference is not None
    body = re.sub(r"\A\{#-?.*?#\}\n*", "", texts[family.reference.file], flags=re.DOTALL)
    return characters_edited(texts[family.file], body)


def edited_by_us(family: Family, texts: dict[str, str], policy: Policy) -> int:
    edits = rewritten(family, texts[family.file], policy).edits
    return sum(edit.end - edit.start + len(edit.replacement) for edit in edits)


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
def test_less_is_edited_than_by_hand(policy, seed_texts):
    ours, theirs = edited(FAMILIES, seed_texts, policy)
    assert ours < theirs


@pytest.mark.slow
@pytest.mark.xfail(strict=True, reason="0.79 under trl, the comments at their heads apart")
@pytest.mark.parametrize("policy", POLICIES)
def test_at_most_half_as_much_is_edited_as_by_hand(policy, seed_texts):
    ours, theirs = edited(FAMILIES, seed_texts, policy)
    assert ours * 2 <= theirs


@pytest.mark.parametrize("policy", POLICIES)
def test_at_most_half_is_edited_of_what_was_reflowed_by_hand(policy, seed_texts):
    ours, theirs = edited(REFLOWED, seed_texts, policy)
    assert ours * 2 <= theirs


def edited(names, texts, policy):
    """How many characters we edit, and how many were edited by hand."""
    families = [FAMILIES[name] for name in names]
    ours = sum(edited_by_us(family, texts, policy) for family in families)
    return ours, sum(edited_by_hand(family, texts) for family in families)


def test_the_proof_of_what_is_written_today_is_on_file(family: Family, original: str):
    for policy in POLICIES:
        found = rewriter.rewrite(original, policy=policy, family=f"trl-1.4.0/{family.name}")
        assert found.proof == "on file"


def test_a_proof_on_file_is_of_this_text_alone(family: Family, original: str):
    changed = "{# another #}" + original
    assert rewriter.rewrite(changed, examples=20).proof in ("structure", "verified")
