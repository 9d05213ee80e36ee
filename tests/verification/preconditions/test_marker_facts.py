"""What transformers and jinja2 make of misplaced blocks: the facts that the lint rests on."""

import pytest
from releases import MASKS_BY_OVERLAP
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from rewriter.verification.preconditions.detectors import DETECTED
from tests.rendering import printed_or_raised, rendered

pytestmark = pytest.mark.transformers_version

MESSAGES = [{"role": "user", "content": "hi"}]
BLOCK = "x{% generation %}yz{% endgeneration %}"


def marked(template: str) -> str:
    return rendered(template, MESSAGES).marked


@pytest.mark.parametrize(
    "template",
    [
        "ab" + BLOCK + "cd",
        "ab{% if true %}" + BLOCK + "{% endif %}cd",
        "ab{% for i in [1] %}" + BLOCK + "{% endfor %}cd",
        "ab{% for i in [1, 2] if i > 1 %}" + BLOCK + "{% endfor %}cd",
        "ab{% with a = 1 %}" + BLOCK + "{% endwith %}cd",
        "ab{% block b %}" + BLOCK + "{% endblock %}cd",
        "{% macro m() %}yz{% endmacro %}abx{% generation %}{{ m() }}{% endgeneration %}cd",
    ],
)
def test_a_block_that_is_printed_at_once_has_its_own_span(template):
    assert marked(template) == "abx⟦yz⟧cd"


@pytest.mark.parametrize(
    ("template", "mask"),
    [
        ("{% macro m() %}" + BLOCK + "{% endmacro %}ab{{ m() }}cd", "ab⟦xy⟧zcd"),
        ("^{% set v %}" + BLOCK + "{% endset %}ab{{ v }}cd", "^⟦ab⟧xyzcd"),
        ("ab{% filter string %}" + BLOCK + "{% endfilter %}cd", "ab⟦xy⟧zcd"),
        (
            "{% macro m() %}{{ caller() }}{% endmacro %}ab{% call m() %}"
            + BLOCK
            + "{% endcall %}cd",
            "ab⟦xy⟧zcd",
        ),
        ("ab{% for i in [1] recursive %}" + BLOCK + "{% endfor %}cd", "ab⟦xy⟧zcd"),
        ("ab{% for i in [] recursive %}{% else %}" + BLOCK + "{% endfor %}cd", "ab⟦xy⟧zcd"),
    ],
)
def test_the_span_of_a_captured_block_covers_other_characters(template, mask):
    assert marked(template) == mask


def test_the_span_of_a_block_within_a_block_overlaps_the_other():
    template = "ab{% generation %}" + BLOCK + "{% endgeneration %}cd"
    assert rendered(template, MESSAGES).spans == ((2, 4), (2, 5))


@pytest.mark.parametrize(
    ("body", "printed"),
    [
        ("{% set n.v = 2 %}", "2"),
        ("{% set v = 2 %}", "1"),
        ("{% set v %}2{% endset %}", "1"),
        ("{% if true %}{% set v = 2 %}{% endif %}", "1"),
    ],
)
def test_what_a_block_sets_is_lost_unless_it_is_of_a_namespace(body, printed):
    read = "n.v" if "n.v" in body else "v"
    template = "{% set n = namespace(v=1) %}{% set v = 1 %}^{% generation %}" + body
    assert marked(template + "a{% endgeneration %}{{ " + read + " }}") == "^⟦a⟧" + printed


def test_a_macro_from_a_block_is_not_there_after_it():
    from jinja2 import UndefinedError

    template = "{% generation %}{% macro m() %}a{% endmacro %}b{% endgeneration %}{{ m() }}"
    assert printed_or_raised(template, MESSAGES) is UndefinedError


def test_a_macro_reads_what_was_set_since_it_was_defined():
    before = "{% macro m() %}{{ v }}{% endmacro %}{% set v = 1 %}"
    assert marked(before + "{% set v = 2 %}{{ m() }}") == "2"
    assert marked(before + "{% generation %}{% set v = 2 %}{% endgeneration %}{{ m() }}") == "1"


def test_what_a_loop_sets_is_gone_in_its_next_round_and_after_it():
    template = "{% for i in [1, 2] %}[{{ v }}]{% set v = i %}{% endfor %}[{{ v }}]"
    assert marked(template) == "[][][]"


@pytest.mark.parametrize("word", ["break", "continue"])
@pytest.mark.parametrize(
    "body",
    [
        "{% WORD %}",
        "{% if i %}{% WORD %}{% endif %}",
        "{% for j in [] %}{% else %}{% WORD %}{% endfor %}",
    ],
)
def test_a_jump_out_of_a_block_does_not_compile(word, body):
    template = "{% for i in [1] %}{% generation %}BODY{% endgeneration %}{% endfor %}"
    source = template.replace("BODY", body.replace("WORD", word))
    assert printed_or_raised(source, MESSAGES) is SyntaxError


def test_a_jump_within_a_block_compiles():
    loop = "{% for j in [1, 2] %}{{ j }}{% break %}{% endfor %}"
    assert marked("^{% generation %}" + loop + "{% endgeneration %}") == "^⟦1⟧"


@pytest.mark.parametrize("opener", ["{%+ generation %}", "{% generation +%}", "{% generation: %}"])
def test_transformers_reads_markers_that_detectors_do_not_see(opener):
    assert marked("a" + opener + "b{% endgeneration %}") == "a⟦b⟧"
    assert not DETECTED.search(opener)


def test_transformers_warns_of_exactly_what_the_pattern_does_not_find(monkeypatch):
    from transformers.utils import chat_template_utils

    warned: list[str] = []
    monkeypatch.setattr(chat_template_utils.logger, "warning_once", warned.append)
    for opener in ("{% generation %}", "{%-generation-%}", "{#{% generation %}#}{#"):
        rendered(opener + ("#}" if opener.endswith("{#") else "b{% endgeneration %}"), MESSAGES)
        assert DETECTED.search(opener)
        assert not warned
    rendered("{%+ generation %}b{% endgeneration %}", MESSAGES)
    assert len(warned) == 1


def test_an_empty_block_after_the_first_token_masks_all_that_follows_before_5_24():
    tokenizer = Tokenizer(models.WordLevel({"a": 0, "b": 1, "[UNK]": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)

    def mask(template: str) -> list[int]:
        return fast.apply_chat_template(
            MESSAGES, chat_template=template, return_dict=True, return_assistant_tokens_mask=True
        )["assistant_masks"]

    assert mask("ab{% generation %}b{% endgeneration %}b") == [0, 0, 1, 0]
    assert mask("ab{% generation %}{% endgeneration %}bb") == [0, 0, 0, 0]
    assert mask("a{% generation %}{% endgeneration %}bbb") == (
        [0, 0, 0, 0] if MASKS_BY_OVERLAP else [0, 1, 1, 1]
    )
