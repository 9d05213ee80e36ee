"""Rows are looked at where the work can be stopped, and one that takes too much is counted."""

from dataclasses import replace

import pytest

import rewriter
from rewriter.auditing.audit import audited
from rewriter.auditing.training import Training
from rewriter.limits import GENEROUS, Limits
from tests.auditing.conversations import conversations
from tests.tokens.offline_tokenizers import byte_level
from tests.verification.chatml import VARIANT

ASKED = {"role": "user", "content": "what now"}
SAID = {"role": "assistant", "content": "this"}
ENDLESS = (
    "{% if messages[0].endless %}{% for a in range(99999) %}{% for b in range(99999) %}"
    "{% endfor %}{% endfor %}{% endif %}"
)


def training() -> Training:
    """Of a template that does not end on some rows, which it did not show when it was looked at."""
    made = rewriter.audit.training(VARIANT, verify=False, limits=None)
    return replace(made, template=replace(made.template, text=ENDLESS + VARIANT))


def test_within_limits_the_figures_are_those_without():
    rows = [{"messages": chat} for chat in conversations(20)]
    made = rewriter.audit.training(VARIANT, tokenizer=byte_level(VARIANT), limits=None)
    limited = audited(rows, made, limits=GENEROUS).figures
    assert limited == audited(rows, made).figures
    assert not limited.stopped


def test_a_row_on_which_the_template_does_not_end_is_counted_and_the_others_are_looked_at():
    good = {"messages": [ASKED, SAID]}
    rows = [good, {"messages": [{**ASKED, "endless": True}, SAID]}, good]
    found = audited(rows, training(), limits=Limits(seconds=1))
    assert found.figures.rows == 3
    (reason,) = found.figures.stopped
    assert "was stopped after" in reason
    assert found.figures.stopped[reason].first == 1
    assert found.figures.trained.total == 2 * len("this<|im_end|>")


def test_a_tokenizer_of_a_class_that_only_this_process_has_is_told_of():
    class Own(type(byte_level("x"))):
        pass

    tokenizer = byte_level(VARIANT)
    tokenizer.__class__ = Own
    made = rewriter.audit.training(VARIANT, tokenizer=tokenizer, limits=None)
    rows = [{"messages": [ASKED, SAID]}]
    with pytest.raises(rewriter.BadInput, match="cannot be sent to another process"):
        audited(rows, made, limits=GENEROUS)
    assert audited(rows, made).figures.rows == 1
