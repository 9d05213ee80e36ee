"""No mutant whose text differs is called the same as its parent."""

import pytest

from rewriter.conversations.fixed import fixed_conversations
from rewriter.conversations.profiling import probed
from rewriter.conversations.rendering import Outcome, Raised, render
from rewriter.verification.structure import same_text
from tests.mutations.anatomy import Anatomy
from tests.mutations.operators import OPERATORS
from tests.mutations.parents import NAMES, parent_named
from tests.mutations.running import spread

_EACH = 1


def _text(outcome: Outcome) -> str | None:
    return None if isinstance(outcome, Raised) else outcome.text


@pytest.mark.parametrize(
    "name", [NAMES[0], *(pytest.param(each, marks=pytest.mark.slow) for each in NAMES[1:])]
)
def test_a_mutant_that_is_called_the_same_prints_the_same(name: str) -> None:
    source = parent_named(name).source
    anatomy = Anatomy(source)
    conversations = [each for each in fixed_conversations(probed(source, source)) if each.messages][
        :15
    ]
    expected = [_text(render(source, each)) for each in conversations]
    for operator in OPERATORS:
        mutants = list(dict.fromkeys(operator.mutants(anatomy)))
        for number in spread(len(mutants), _EACH):
            if same_text(source, mutants[number]).holds:
                printed = [_text(render(mutants[number], each)) for each in conversations]
                assert printed == expected, f"{operator.name} {number}"
