"""The combined promises of a recipe's transforms, for verification to check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rewriter.conversations.arguments import with_arguments_as_text
from rewriter.conversations.rendering import Oracle, Outcome, Raised, oracle, render
from rewriter.engine.assumed_original import is_declared, oracle_of
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import End, Leave, Transform
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.render import TracedTemplate
from rewriter.verification.contracts import Contract, composed
from rewriter.verification.turn_ends import TurnEnds


def promised(subject: Subject, recipe: Sequence[Transform]) -> Contract:
    """The contract of the variant that ``recipe`` makes of an original."""
    printed = oracle_of(subject, recipe)
    promises = [transform.contract for transform in recipe]
    excepting = [t.contract.exempt for t in recipe if t.contract.exempt and not is_declared(t)]
    declared = Contract(oracle=oracle(printed) if printed else None, stops=subject.stops_of(recipe))
    if ends := _turn_ends(subject, recipe, declared):
        declared = replace(declared, oracle=ends.expected, ends=ends)
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
            *(
                Contract(left_out=rule.key)
                for transform in recipe
                if transform.contract.leaves_out
                for rule in transform.rules
                if isinstance(rule, Leave)
            ),
        ]
    )


def _turn_ends(
    subject: Subject, recipe: Sequence[Transform], declared: Contract
) -> TurnEnds | None:
    """The promise about the ends that a recipe gives to turns, added to the declared text."""
    missing = subject.missing_ends if any(each.uses(End) for each in recipe) else None
    if missing is None:
        return None
    source = subject.template.text
    others = [t for t in recipe if t.contract.relation != "equal" and not t.uses(End)]
    template = subject.plan(others).template if others else source
    without = declared.oracle or (lambda conversation: render(source, conversation))
    return TurnEnds(TracedTemplate(template, subject.fields), missing, without)


def _as_text(subject: Subject, declared: Contract) -> Oracle:
    """The declared text of a conversation after its tool arguments are turned into text."""
    source = subject.template.text

    def outcome(conversation: Conversation) -> Outcome:
        written = with_arguments_as_text(conversation)
        if written is None:
            return Raised("", "")
        return declared.expected(written, render(source, written))

    return outcome
