"""Turns left out whose message says so: nothing of them is in the mask, all of the others is."""

from functools import cache

import pytest
from click.testing import CliRunner
from rendering import rendered

import rewriter
from rewriter.cli import main
from rewriter.engine.plan import Subject
from rewriter.engine.planner import excluding
from rewriter.engine.transforms import transform_named
from rewriter.rewriting.promises import promised
from rewriter.verification.check import verify_pair

PROMPT = "{% if add_generation_prompt %}<|assistant|>{% endif %}"
PLAIN = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}" + PROMPT
SHAPES = {
    "one output for all roles": PLAIN,
    "a header and a body in one": (
        "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}"
        "{% endfor %}" + PROMPT
    ),
    "lines of their own": (
        "{%- for m in messages %}\n    {%- if m.role == 'assistant' %}\n"
        "        {{- '<|assistant|>' }}\n        {{- m.content + '<|end|>' }}\n    {%- else %}\n"
        "        {{- '<|user|>' + m.content + '<|end|>' }}\n    {%- endif %}\n{%- endfor %}\n"
        "{%- if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}\n"
    ),
    "an end that the next turn prints": (
        "{% for m in messages %}{% if not loop.first %}<|end|>{% endif %}<|{{ m.role }}|>"
        "{{ m.content }}{% endfor %}<|end|>" + PROMPT
    ),
    "a body that may be empty": (
        "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}"
        "{{ m.reasoning_content }}{{ m.content }}{% else %}{{ m.content }}{% endif %}{% endfor %}"
        + PROMPT
    ),
}
ASKED, GOOD = {"role": "user", "content": "Q"}, {"role": "assistant", "content": "good"}


@cache
def made(source: str, key: str | None = "train", **settings) -> rewriter.Rewrite:
    return rewriter.rewrite(source, exclude_turns_by=key, examples=40, limits=None, **settings)


def trained(source: str, *messages: dict, **options) -> str:
    """The text that is in the mask."""
    shown = rendered(source, list(messages), **options)
    return "".join(c for c, kept in zip(shown.text, shown.mask, strict=True) if kept == "#")


def test_who_does_not_ask_has_every_turn_in_the_mask():
    found = made(PLAIN, None)
    bad = {**GOOD, "train": False, "loss_mask": 0}
    assert trained(found.template, ASKED, bad) == trained(found.template, ASKED, GOOD) != ""
    assert "leave-out-turns" not in found.transforms


@pytest.mark.parametrize("source", SHAPES.values(), ids=SHAPES)
def test_where_no_message_says_anything_the_mask_is_as_it_was(source: str):
    found, plain = made(source), made(source, None)
    messages = [ASKED, GOOD, ASKED, GOOD]
    assert rendered(found.template, messages).marked == rendered(plain.template, messages).marked


@pytest.mark.parametrize("source", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("value", [False, 0, 0.0], ids=str)
def test_a_turn_whose_message_says_no_is_left_out_as_a_whole(source: str, value: object):
    found, plain = made(source, "weight").template, made(source, None).template
    bad = {"role": "assistant", "content": "bad", "weight": value}
    both = trained(plain, ASKED, bad, ASKED, GOOD)
    left = trained(found, ASKED, bad, ASKED, GOOD)
    assert "bad" in both
    assert left == both.removeprefix(trained(plain, ASKED, bad, ASKED)) != ""
    assert trained(found, ASKED, bad) == ""
    assert rendered(found, [ASKED, bad, ASKED]).text == rendered(source, [ASKED, bad, ASKED]).text


@pytest.mark.parametrize("value", [True, 1, 0.5], ids=str)
def test_a_turn_whose_message_says_yes_is_trained(value: object):
    found = made(PLAIN).template
    assert trained(found, ASKED, {**GOOD, "train": value}) == trained(found, ASKED, GOOD)


def test_what_a_user_s_message_says_leaves_nothing_out():
    found = made(PLAIN).template
    assert trained(found, {**ASKED, "train": False}, GOOD) == trained(found, ASKED, GOOD)


def test_it_goes_with_a_known_family_s_recipe(later_texts: dict[str, str]):
    found = made(later_texts["qwen3.jinja"])
    assert found.family == "qwen3"
    assert found.transforms[-1] == "leave-out-turns"
    assert trained(found.template, ASKED, {**GOOD, "train": False}) == ""
    assert "good<|im_end|>" in trained(found.template, ASKED, GOOD)


def test_named_by_hand_it_takes_its_own_key():
    recipe = ("split-role-header", "wrap-assistant-output", "leave-out-turns")
    found = rewriter.rewrite(PLAIN, transforms=recipe, examples=40, limits=None)
    assert trained(found.template, ASKED, {**GOOD, "train": False}) == ""


@pytest.mark.parametrize("key", ["loss-mask", "a b", "m['train']", ""])
def test_what_no_template_reads_by_its_name_is_bad_input(key: str):
    if not key:
        assert made(PLAIN, key).template == made(PLAIN, None).template
        return
    with pytest.raises(rewriter.BadInput, match="no key to leave turns out by"):
        made(PLAIN, key)


WRONG = {
    "nothing is left out": lambda text: text.replace("m.train is not defined or m.train", "true"),
    "all is left out": lambda text: text.replace("m.train is not defined or m.train", "false"),
    "what is there is left out": lambda text: text.replace(" or m.train", ""),
    "what is not there is left out": lambda text: text.replace("m.train is not defined or ", ""),
    "another key": lambda text: text.replace("m.train", "m.weight"),
    "the end is left in": lambda text: text.replace(
        "{% else %}{{ turn }}",
        "{% else %}{{ m.content }}{% generation %}<|end|>{% endgeneration %}",
    ),
    "the text is left out": lambda text: text.replace("{% else %}{{ turn }}", "{% else %}"),
}


@cache
def holds(variant: str) -> bool:
    wrap = tuple(map(transform_named, ("split-role-header", "wrap-assistant-output")))
    contract = promised(Subject(PLAIN, "strict"), excluding(wrap, "train"))
    return verify_pair(PLAIN, variant, contract, "strict", examples=40).holds


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_whatever_else_is_in_the_mask_or_not_breaks_a_promise(wrong):
    variant = made(PLAIN).template
    assert wrong(variant) != variant
    assert holds(variant)
    assert not holds(wrong(variant))


def test_the_command_takes_the_key(tmp_path):
    file = tmp_path / "x.jinja"
    file.write_text(PLAIN)
    asked = ["patch", str(file), "--exclude-turns-by", "loss_mask", "--examples", "20"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0
    assert trained(result.stdout, ASKED, {**GOOD, "loss_mask": 0}) == ""
