"""What makes a mutant another than its parent, and what the policy leaves free."""

import pytest

from rewriter.conversations.profiling import probed
from rewriter.verification.contracts import EQUAL
from tests.mutations.equivalence import FREE, MASK, TEXT, Comparison
from tests.mutations.parents import Parent

# Each turn ends in [end]; after all of them [over] is printed once.
PARENT = (
    "{% for m in messages %}[{{ m.role }}] {% if m.role == 'assistant' %}"
    "{% generation %}{{ m.content }}[end]\n{% endgeneration %}"
    "{% else %}{{ m.content }}[end]\n{% endif %}{% endfor %}"
    "{% if messages[-1].role == 'assistant' %}{% generation %}[over]{% endgeneration %}{% endif %}"
)
OVER = "{% generation %}[over]{% endgeneration %}"
END = "[end]\n{% endgeneration %}"


def differs(old, new, policy="trl"):
    assert old in PARENT
    parent = Parent("small", PARENT, PARENT, EQUAL, policy)
    found = Comparison(parent, probed(PARENT), examples=1).difference(PARENT.replace(old, new))
    return found and found.of


def test_a_comment_makes_no_difference():
    assert differs(OVER, "{# so #}" + OVER) is None


def test_what_ends_the_text_but_no_turn_may_be_out_of_a_mask_that_is_made_after_trl_s():
    assert differs(OVER, "[over]") == FREE
    assert differs(OVER, "[over]", policy="strict") == MASK


@pytest.mark.parametrize(
    "ending",
    [
        "{% endgeneration %}[end]\n",
        (
            "{% endgeneration %}{% if loop.last %}[end]\n{% else %}"
            "{% generation %}[end]\n{% endgeneration %}{% endif %}"
        ),
    ],
)
def test_what_ends_a_turn_may_not_be_out_of_it(ending):
    assert differs(END, ending) == MASK


def test_another_text_is_another():
    assert differs("[over]", "[Over]") == TEXT
