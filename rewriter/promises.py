"""What the transforms of a recipe promise together, as verification checks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rewriter.engine.oracle import is_declared, oracle_of
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import Transform
from rewriter.tracing.conversation import Conversation
from rewriter.verification.arguments import with_arguments_as_text
from rewriter.verification.contracts import Contract, composed
from rewriter.verification.render import Oracle, Outcome, Raised, oracle, render


def promised(subject: Subject, recipe: Sequence[Transform]) -> Contract:
    """The contract of the variant that ``recipe`` makes of an original."""
    printed = oracle_of(subject, recipe)
    promises = [transform.contract for transform in recipe]
    excepting = [t.contract.exempt for t in recipe if t.contract.exempt and not is_declared(t)]
    declared = Contract(oracle=oracle(printed) if printed else None, stops=subject.stops_of(recipe))
    widens = any(promise.relation == "widens" for promise in promises)
    return composed(
        [
            replace(declared, as_text=_as_text(subject, declared) if widens else None),
            Contract(excepting=tuple(excepting)),
            *(
                Contract(
                    widens=promise.relation == "widens",
                    keeps_turns=promise.buys == "prefix-preserving",
                )
                for promise in promises
            ),
        ]
    )


def _as_text(subject: Subject, declared: Contract) -> Oracle:
    """What is declared of a conversation whose tool arguments are made text first."""
    source = subject.template.text

    def outcome(conversation: Conversation) -> Outcome:
        written = with_arguments_as_text(conversation)
        if written is None:
            return Raised("", "")
        return declared.expected(written, render(source, written))

    return outcome
