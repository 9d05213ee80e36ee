import pytest
from releases import ALIASES_REASONING

from rewriter.conversations.rendering import Raised, Rendered
from rewriter.errors import BadInput
from rewriter.tracing.conversation import Conversation
from rewriter.verification.contracts import (
    EQUAL,
    ORACLE_TEXT,
    SAME_TEXT,
    STILL_RAISES,
    STILL_RENDERS,
    WIDENS,
    composed,
    differs,
)

RAISED = Raised("TypeError", "no")
ONE, OTHER = Rendered("one", ()), Rendered("other", ())
PLAIN = Conversation(({"role": "assistant", "content": "so"},))
HALF = Conversation(
    ({"role": "user", "content": "hi"}, {"role": "assistant", "content": "</think>"})
)
HALVED = differs(excepting="('<think>' in text) != ('</think>' in text)")


@pytest.mark.parametrize(
    ("contract", "original", "variant", "broken"),
    [
        (EQUAL, ONE, ONE, None),
        (EQUAL, ONE, OTHER, SAME_TEXT),
        (EQUAL, ONE, RAISED, STILL_RENDERS),
        (EQUAL, RAISED, ONE, STILL_RAISES),
        (EQUAL, RAISED, Raised("ValueError", "another"), None),
        (WIDENS, RAISED, ONE, None),
        (WIDENS, RAISED, RAISED, None),
        (WIDENS, ONE, OTHER, SAME_TEXT),
        (WIDENS, ONE, RAISED, STILL_RENDERS),
    ],
)
def test_a_relation_says_what_must_be_equal(contract, original, variant, broken):
    assert contract.broken(PLAIN, original, variant) == broken


def test_the_mask_is_no_part_of_the_text_contract():
    assert EQUAL.broken(PLAIN, ONE, Rendered("one", ((0, 3),))) is None


def test_an_exception_holds_where_some_message_satisfies_it():
    assert HALVED.broken(HALF, ONE, OTHER) is None


def test_an_exception_holds_nowhere_else():
    assert HALVED.broken(PLAIN, ONE, OTHER) == SAME_TEXT


def test_an_excepted_conversation_must_still_render():
    assert HALVED.broken(HALF, ONE, RAISED) == STILL_RENDERS
    assert HALVED.broken(HALF, RAISED, ONE) == STILL_RAISES


@pytest.mark.parametrize("content", [[{"type": "text", "text": "a</think>"}], ["a", "</think>"]])
def test_an_exception_reads_the_text_of_blocks_too(content):
    chat = Conversation(({"role": "assistant", "content": content},))
    assert HALVED.broken(chat, ONE, OTHER) is None


@pytest.mark.parametrize("message", [{"role": "user", "content": None}, {"role": "user"}])
def test_an_exception_that_cannot_be_evaluated_does_not_hold(message):
    contract = differs(excepting="'x' in message.content.y + 'x'")
    assert contract.broken(Conversation((message,)), ONE, OTHER) == SAME_TEXT


@pytest.mark.skipif(not ALIASES_REASONING, reason="a thought has one name before 5.21")
def test_an_exception_sees_reasoning_under_its_first_name():
    contract = differs(excepting="reasoning_content is defined")
    chat = Conversation(({"role": "assistant", "content": "a", "reasoning": "hm"},))
    assert contract.broken(chat, ONE, OTHER) is None


def test_an_exception_that_is_no_expression_is_bad_input():
    with pytest.raises(BadInput, match="not a Jinja expression"):
        differs(excepting="'a' in in content")


def test_an_oracle_takes_the_place_of_the_original():
    contract = differs(oracle=lambda _: OTHER)
    assert contract.broken(PLAIN, ONE, OTHER) is None
    assert contract.broken(PLAIN, ONE, ONE) == ORACLE_TEXT
    assert contract.broken(PLAIN, RAISED, RAISED) == STILL_RENDERS


def test_contracts_together_allow_what_each_allows_and_no_more():
    together = composed([EQUAL, WIDENS, HALVED])
    assert together.broken(PLAIN, RAISED, ONE) is None
    assert together.broken(HALF, ONE, OTHER) is None
    assert together.broken(PLAIN, ONE, OTHER) == SAME_TEXT
    assert together.broken(HALF, ONE, RAISED) == STILL_RENDERS


def test_no_contracts_together_promise_equality():
    assert composed([]) == EQUAL


def test_two_oracles_do_not_compose():
    with pytest.raises(ValueError, match="do not compose"):
        composed([differs(oracle=lambda _: ONE), differs(oracle=lambda _: OTHER)])
