"""Templates that would hang or eat the machine are stopped, and what comes after them is not."""

from time import monotonic

import pytest

import rewriter
from rewriter import Limits
from tests.verification.chatml import ORIGINAL, VARIANT

QUICK = Limits(seconds=0.5, megabytes=200)
TURNS = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}{% generation %}"
    "{{ m.content }}<|end|>{% endgeneration %}{% else %}{{ m.content }}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
RANGE = "range(99999)"
ENDLESS = {
    "nested loops": f"{{% for a in {RANGE} %}}{{% for b in {RANGE} %}}{{% endfor %}}{{% endfor %}}",
    "a power of powers": "{% set a = 9 ** (9 ** (9 ** 9)) %}",
    "a regular loop over a long product": "{% for a in 'x' * 30000000 %}{% endfor %}",
}
EXPLODING = {
    "a doubling string": "{% set n = namespace(s='x') %}{% for i in range(60) %}"
    "{% set n.s = n.s ~ n.s %}{% endfor %}",
    "a doubling list": "{% set n = namespace(s=[1]) %}{% for i in range(60) %}"
    "{% set n.s = n.s + n.s %}{% endfor %}",
    "a long product": "{% set a = 'x' * 9999999999 %}",
    "wide formatting": "{% set a = '%9999999999d' % 1 %}",
}


@pytest.mark.parametrize("attack", ENDLESS)
def test_a_template_that_never_ends_is_stopped_in_time(attack):
    rewriter.verify_marked(TURNS, examples=1)  # a worker's start is nobody's time
    started = monotonic()
    with pytest.raises(rewriter.Stopped, match=r"was stopped after 0\.5 s") as stopped:
        rewriter.verify_marked(ENDLESS[attack] + TURNS, limits=QUICK, name="a.jinja")
    assert monotonic() - started < 15  # also where others need the processors
    assert stopped.value.limit == "0.5 s"
    assert stopped.value.name == "a.jinja"
    assert stopped.value.exit_code == 3


@pytest.mark.parametrize("attack", EXPLODING)
def test_a_template_that_explodes_gets_no_more_memory_than_it_may_take(attack):
    with pytest.raises(rewriter.Stopped, match="took more than 200 MB"):
        rewriter.verify_marked(EXPLODING[attack] + TURNS, limits=Limits(30, 200))


def test_what_explodes_as_it_is_rewritten_is_stopped_too():
    source = EXPLODING["a doubling string"] + ORIGINAL
    with pytest.raises(rewriter.Stopped, match="took more than"):
        rewriter.rewrite(source, transforms=["wrap-assistant-output"], limits=Limits(30, 200))


def test_an_original_that_explodes_is_stopped_as_its_variant_is():
    with pytest.raises(rewriter.Stopped):
        rewriter.verify(EXPLODING["a long product"] + ORIGINAL, VARIANT, limits=Limits(30, 200))


def test_a_macro_without_end_raises_for_every_conversation_and_is_no_crash():
    source = "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" + TURNS
    report = rewriter.verify_marked(source, examples=20, limits=Limits(30, 500))
    assert not report.ok
    assert report.raised == report.conversations


@pytest.mark.parametrize("nested", ["(" * 50_000 + "1" + ")" * 50_000, "-" * 50_000 + "1"])
def test_a_template_nested_without_end_is_bad_input(nested):
    with pytest.raises(rewriter.BadInput, match="nested too deeply"):
        rewriter.verify_marked("{{ " + nested + " }}" + TURNS, limits=Limits(30, 500))


def test_a_source_of_ten_megabytes_is_stopped_or_done_in_time():
    source = TURNS + "{{ 'x' }}" * (10 * 2**20 // 9)
    started = monotonic()
    with pytest.raises(rewriter.Stopped):
        rewriter.verify_marked(source, limits=Limits(1, 500))
    assert monotonic() - started < 10


def test_the_next_template_is_worked_on_as_if_nothing_had_been():
    before = rewriter.verify_marked(TURNS, examples=20, limits=Limits(30, 500))
    for attack in (ENDLESS["nested loops"], EXPLODING["a long product"]):
        with pytest.raises(rewriter.Stopped):
            rewriter.verify_marked(attack + TURNS, limits=Limits(0.5, 200))
    assert rewriter.verify_marked(TURNS, examples=20, limits=Limits(30, 500)) == before


def test_a_report_is_the_same_with_limits_and_without():
    wrong = TURNS.replace(
        "{{ m.content }}<|end|>{% endgeneration %}", "{{ m.content }}{% endgeneration %}<|end|>"
    )
    confined = rewriter.verify_marked(wrong, examples=50)
    assert not confined.ok
    assert confined == rewriter.verify_marked(wrong, examples=50, limits=None)
    assert rewriter.rewrite(ORIGINAL, transforms=["wrap-assistant-output"]) == rewriter.rewrite(
        ORIGINAL, transforms=["wrap-assistant-output"], limits=None
    )


@pytest.mark.parametrize("bad", [{"seconds": 0}, {"megabytes": -1}, {"seconds": float("nan")}])
def test_a_limit_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match="must be above zero, or None for no limit"):
        Limits(**bad)
