"""Whether verification flags a mutant: what it finds of it and not of its parent.

A mutant is checked as `verify_pair` checks any variant: by the same conversations, judged closely
where a first look says so, for the same promises, and by the lint. Only what does not depend on the
mutant is shared with the others of its parent: the conversations, those among them that are steered
to where the reference was not reached, the profile that they are fitted to, and what the reference
prints. A mutant has conversations made for the constants that it alone holds and the keys that it
alone reads, and none that are steered to its own branches. A mutant that is not flagged so, though
it differs from its parent, is verified as a whole, as anybody's variant is.
Where text and mask are its parent's, a mutant is not judged: nothing could tell the two apart.
And the check ends with the first thing found.

Our own variants break no promise, so whatever is found of a mutant of theirs is its own. A
hand-written one may have a faulty mask. A mutant of it is flagged if it breaks a promise, or
breaks it at a character, that its parent does not on the same conversation; or if it keeps one
that its parent breaks there, so that the check tells the two apart by the parent's fault. The
two are counted apart: the second is said to mend its parent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rewriter.conversations.drafting import generated
from rewriter.conversations.first_look import FirstLook
from rewriter.conversations.fixed import fixed_conversations, made_for, made_for_masks
from rewriter.conversations.profile import Profile
from rewriter.conversations.profiling import probed
from rewriter.conversations.rendering import Outcome, Rendered, render
from rewriter.conversations.steering.search import steered
from rewriter.errors import BadInput
from rewriter.source.template import Template
from rewriter.tracing.conversation import Conversation
from rewriter.verification.by_rendering.faults import Fault
from rewriter.verification.by_rendering.verdict import judged_by_rendering
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import OF_TEXTS, Contract
from rewriter.verification.judge import Verdict
from rewriter.verification.lint import lint
from rewriter.verification.pair_judge import PairJudge
from rewriter.verification.report import Report
from rewriter.verification.variant_judge import mask_judge
from tests.mutations.parents import Parent

# What may flag a mutant.
TEXT, MASK, LINT, COMPILES, MENDS = "text", "mask", "lint", "does not compile", "mends its parent"
EXAMPLES = 200

# Broken promises, and the characters at which they are.
Faults = frozenset[tuple[str, int | None]]


@dataclass(frozen=True)
class Flag:
    """Why a mutant is flagged, and on which conversation if on one."""

    by: str
    promise: str
    conversation: Conversation | None = None


class Check:
    """Checks the mutants of one parent."""

    def __init__(self, parent: Parent, *, examples: int = EXAMPLES, seed: int = 0) -> None:
        self.parent = parent
        self._examples, self._seed = examples, seed
        self._expected: dict[int, Outcome] = {}
        self._of_parent: dict[int, Faults] = {}
        self._printed: dict[int, Outcome] = {}

    @cached_property
    def profile(self) -> Profile:
        return probed(self.parent.reference, self.parent.source)

    @cached_property
    def conversations(self) -> tuple[Conversation, ...]:
        drafts = generated(self._examples, self._seed)
        first = (*fixed_conversations(self.profile), *map(self.profile.fitted, drafts))
        every = (*first, *_steered(self.parent.reference, first), *self._made_for)
        # Of no message nothing is promised; what is made twice has one number.
        return tuple({each.size[2]: each for each in every if each.messages}.values())

    @cached_property
    def _made_for(self) -> tuple[Conversation, ...]:
        return tuple(made_for(self.profile, self.parent.reference, self.parent.source))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The number of each conversation: of those for all mutants, and of a mutant's own."""
        return {each.size[2]: number for number, each in enumerate(self.conversations)}

    def _own(self, mutant: str) -> Iterator[tuple[int, Conversation]]:
        """Conversations made for what only this mutant holds and reads."""
        for conversation in made_for(self.profile, mutant):
            written = conversation.size[2]
            number = self._numbers.setdefault(written, len(self._numbers))
            if number >= len(self.conversations):
                yield number, conversation

    def _own_to_be_judged(self, mutant: str) -> Iterator[tuple[int, Conversation]]:
        for conversation in made_for_masks(self.profile, mutant, self.parent.source):
            written = conversation.size[2]
            yield self._numbers.setdefault(written, len(self._numbers)), conversation

    def flag(self, mutant: str, *, is_about_text: bool = False) -> Flag | None:
        """What flags a mutant, if anything does; the text is the first to be asked if it may."""
        return (self._at_once(mutant) if is_about_text else None) or self._in_full(mutant)

    def flag_in_whole(self, mutant: str) -> Flag | None:
        """What the whole of `verify_pair` finds of a mutant, and not of its parent."""
        known = {failure.promise for failure in self._report(self.parent.source).failures}
        for failure in self._report(mutant).failures:
            if failure.promise not in known:
                by = TEXT if failure.promise in OF_TEXTS else MASK
                return Flag(by, failure.promise, Conversation.from_json(failure.conversation))
        # A faulty parent's report ends before the second judge.
        known = {fault.promise for fault in self._seen_by_rendering(self.parent.source)}
        for fault in self._seen_by_rendering(mutant):
            if fault.promise not in known:
                return Flag(MASK, fault.promise, fault.conversation)
        return None

    def _seen_by_rendering(self, variant: str) -> Sequence[Fault]:
        return judged_by_rendering(variant, self.parent.policy)

    def _report(self, variant: str) -> Report:
        parent = self.parent
        return verify_pair(parent.reference, variant, parent.contract, parent.policy)

    def _at_once(self, mutant: str) -> Flag | None:
        """A text that is wrong, looked for first where one was found last.

        The first look would find it too, as its text is what transformers prints. To render is
        cheaper than to make that ready.
        """
        for number, conversation in (*self._in_order(), *self._own(mutant)):
            expected = self._outcome(number, conversation)
            printed = render(mutant, conversation)
            if promise := self._contract.broken(conversation, expected, printed):
                if number in self._order:
                    self._order.remove(number)
                    self._order.insert(0, number)
                return Flag(TEXT, promise, conversation)
        return None

    def _in_order(self) -> Iterator[tuple[int, Conversation]]:
        return ((number, self.conversations[number]) for number in tuple(self._order))

    @cached_property
    def _order(self) -> list[int]:
        """The numbers of the conversations, those first that have told on a mutant."""
        return list(range(len(self.conversations)))

    def _in_full(self, mutant: str) -> Flag | None:
        try:
            first_look = FirstLook(None, mutant)
            pair = _LazyPair(self, mutant)
            for number, conversation in (*enumerate(self.conversations), *self._own(mutant)):
                if found := self._on(number, conversation, first_look, pair):
                    return found
            for number, conversation in self._own_to_be_judged(mutant):
                if found := self._on(number, conversation, first_look, pair, closely=True):
                    return found
        except BadInput as error:
            return Flag(COMPILES, str(error))
        new = _findings(mutant) - self._findings
        return Flag(LINT, next(iter(new))) if new else None

    def _on(
        self,
        number: int,
        conversation: Conversation,
        first_look: FirstLook,
        pair: _LazyPair,
        *,
        closely: bool = False,
    ) -> Flag | None:
        expected = self._outcome(number, conversation)
        outcomes = replace(first_look.outcomes(conversation), original=expected)
        if promise := self._contract.broken(conversation, expected, outcomes.variant):
            return Flag(TEXT, promise, conversation)
        if outcomes.variant == self._parent_outcome(number, conversation):
            return None
        if not (closely or outcomes.is_new or pair.judge.suspects(outcomes)):
            return None
        verdict = pair.judge.judged(conversation, expected)
        theirs = self._parent_s(number, conversation)
        if not theirs:
            return Flag(MASK, verdict.broken[0].promise, conversation) if verdict.broken else None
        found = _every_fault(pair.judge, verdict, conversation)
        for kind, faults in ((MASK, found - theirs), (MENDS, theirs - found)):
            for promise, _ in sorted(faults, key=str):
                return Flag(kind, promise, conversation)
        return None

    def _outcome(self, number: int, conversation: Conversation) -> Outcome:
        if number not in self._expected:
            self._expected[number] = render(self.parent.reference, conversation)
        return self._expected[number]

    def _parent_outcome(self, number: int, conversation: Conversation) -> Outcome:
        """What the parent prints, and its mask."""
        if self.parent.source == self.parent.reference:
            return self._outcome(number, conversation)
        if number not in self._printed:
            self._printed[number] = render(self.parent.source, conversation)
        return self._printed[number]

    def _parent_s(self, number: int, conversation: Conversation) -> Faults:
        """The promises that the parent breaks on a conversation, and where."""
        if number not in self._of_parent:
            verdict = self._judge.judged(conversation, self._outcome(number, conversation))
            self._of_parent[number] = _every_fault(self._judge, verdict, conversation)
        return self._of_parent[number]

    def pair(self, variant: str) -> PairJudge:
        parent = self.parent
        return PairJudge(
            parent.reference, variant, self._contract, mask_judge(variant, parent.policy)
        )

    @cached_property
    def _judge(self) -> PairJudge:
        return self.pair(self.parent.source)

    @cached_property
    def _contract(self) -> Contract:
        """The parent's contract, whose oracle is asked once for each conversation."""
        contract = self.parent.contract
        if contract.oracle is None:
            return contract
        oracle, known = contract.oracle, dict[int, tuple[Conversation, Outcome]]()

        def remembered(conversation: Conversation) -> Outcome:
            if id(conversation) not in known:
                known[id(conversation)] = conversation, oracle(conversation)
            return known[id(conversation)][1]

        return replace(contract, oracle=remembered)

    @cached_property
    def _findings(self) -> Counter[str]:
        return _findings(self.parent.source)


@dataclass
class _LazyPair:
    """The judge of a mutant, made only where it is asked for."""

    check: Check
    mutant: str

    @cached_property
    def judge(self) -> PairJudge:
        return self.check.pair(self.mutant)


def _steered(source: str, first: Iterable[Conversation]) -> Iterator[Conversation]:
    """Conversations for what of a template the first ones do not reach."""
    first_look = FirstLook(None, source)
    for conversation in first:
        first_look.outcomes(conversation)
    for conversation in steered(first_look.explorers):
        first_look.outcomes(conversation)
        yield conversation


def _every_fault(judge: PairJudge, verdict: Verdict, conversation: Conversation) -> Faults:
    """What a verdict finds, and further places where the same promises are broken."""
    first = {(broken.promise, broken.at) for broken in verdict.broken}
    if first and isinstance(verdict.variant, Rendered):
        return frozenset({*first, *judge.masks.every_fault(conversation, verdict.variant)})
    return frozenset(first)


def _findings(source: str) -> Counter[str]:
    """How often the lint finds each thing, but for what does no harm."""
    return Counter(each.kind for each in lint(Template(source)) if not each.harmless)
