"""What the transforms of a recipe promise together, as verification checks it."""

from __future__ import annotations

from collections.abc import Sequence

from rewriter.engine.oracle import oracle_of
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import Transform
from rewriter.verification.contracts import Contract, composed
from rewriter.verification.render import oracle


def promised(subject: Subject, recipe: Sequence[Transform]) -> Contract:
    """The contract of the variant that ``recipe`` makes of an original."""
    printed = oracle_of(subject, recipe)
    promises = (transform.contract for transform in recipe)
    return composed(
        [
            Contract(oracle=oracle(printed) if printed else None),
            *(
                Contract(
                    widens=promise.relation == "widens",
                    excepting=(promise.exempt,) if promise.exempt else (),
                    keeps_turns=promise.buys == "prefix-preserving",
                )
                for promise in promises
            ),
        ]
    )
