"""Show many conversations to a judge, and find the smallest that break a promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Final

from rewriter.conversations.first_look import FirstLook, Outcomes
from rewriter.conversations.rendering import Outcome, Raised, Rendered
from rewriter.conversations.steering.search import steered
from rewriter.errors import Place
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import SPECIAL_TOKENS
from rewriter.tracing.render import TracedTemplate
from rewriter.verification.accounting import ForcedFault, account_of
from rewriter.verification.blame import printed_by
from rewriter.verification.broken import Broken
from rewriter.verification.contracts import OF_TEXTS, ORACLE_TEXT, SAME_TEXT
from rewriter.verification.faults import Cause, Fault, most_telling
from rewriter.verification.judge import Judge
from rewriter.verification.reduce import reduced
from rewriter.verification.report import Failure, Report

# The most ways of breaking one promise to report; each has another place as its source.
_MOST_PLACES: Final = 8
# After this many broken promises, only conversations with something new are judged closely.
_ENOUGH: Final = 300


@dataclass(slots=True)
class Examination:
    """The work of a judge so far.

    Attributes:
        judge: the judge.
        first_look: sees each conversation first.
        as_given: judge each conversation closely, and show it as it is.
        hasty: stop at the first conversation that breaks a promise, and show it as it is.

    """

    judge: Judge
    first_look: FirstLook
    as_given: bool = False
    hasty: bool = False
    _smallest: dict[Fault, Conversation] = field(default_factory=dict)
    _checked: int = 0
    _judged: int = 0
    _raised: int = 0
    _broke: int = 0
    _steered: int = 0
    _tokens: Set[str] | None = None

    def steer(self) -> None:
        """Judge conversations that are steered to branches that none has reached so far."""
        before = self._checked
        self.take(steered(self.first_look.explorers))
        self._steered += self._checked - before

    def take(self, conversations: Iterable[Conversation], *, closely: bool = False) -> None:
        """Judge the conversations; of those without messages, only record the coverage.

        With ``closely``, judge every one closely, even with nothing new.
        """
        for conversation in conversations:
            if self.hasty and self._smallest:
                return
            self._checked += 1
            outcomes = self.first_look.outcomes(conversation)
            self._raised += isinstance(outcomes.original or outcomes.variant, Raised)
            if not conversation.messages and not self.as_given:
                continue
            suspect = self._broke < _ENOUGH and self.judge.suspects(outcomes)
            is_new = outcomes.is_new and self._is_told(conversation)
            if self.as_given or closely or is_new or suspect:
                self._judge(conversation, outcomes)

    def compare(self, conversations: Iterable[Conversation]) -> None:
        """Compare the printed texts of the conversations, without looking at masks.

        Skipped if the texts are known to differ, since these odd conversations explain less.
        """
        if any(cause[0] in OF_TEXTS for fault in self._smallest for cause in fault.causes):
            return
        for conversation in conversations:
            if self.hasty and self._smallest:
                return
            self._checked += 1
            outcomes = self.first_look.compared(conversation)
            self._raised += isinstance(outcomes.original or outcomes.variant, Raised)
            if self._broke < _ENOUGH and self.judge.differs(outcomes):
                self._judge(conversation, outcomes, masks=False)

    def _is_told(self, conversation: Conversation) -> bool:
        """Whether the judge can label the template's text on this conversation.

        Without a token that ends turns, nothing shows where a turn ends.
        """
        if self._tokens is None:
            self._tokens = SPECIAL_TOKENS.keys() & conversation.flags.keys()
        return not self._tokens - conversation.flags.keys()

    def _judge(self, conversation: Conversation, outcomes: Outcomes, *, masks: bool = True) -> None:
        self._judged += 1
        verdict = self.judge.judged(conversation, outcomes.original, masks=masks)
        self._broke += bool(verdict.broken)
        for broken in verdict.broken:
            fault = self.judge.fault(conversation, broken)
            known = self._smallest.get(fault, conversation)
            self._smallest[fault] = min(conversation, known, key=_size)

    def accounted(self, report: Report) -> Report:
        """The report, with the account of the variant's sources, and the faults in it."""
        account, faults = account_of(self.judge.masks, self.first_look.explorers[-1])
        failures: dict[object, Failure] = {}
        for fault in faults:
            failure = _forced_failure(self.judge.masks.traced, fault)
            failures.setdefault(failure.identity, failure)
        return replace(report, account=account, failures=tuple(failures.values()))

    def report(self) -> Report:
        """The report on everything so far."""
        failures: dict[object, Failure] = {}
        for failure in sorted(self._failures(), key=_length):
            failures.setdefault(failure.identity, failure)
        return Report(
            tuple(failures.values()),
            self._checked,
            self._raised,
            judged=self._judged,
            steered=self._steered,
            coverage=self.first_look.coverage,
        )

    def _failures(self) -> Iterator[Failure]:
        """A failure for each way of breaking a promise, up to a readable number."""
        places: defaultdict[str, int] = defaultdict(int)
        for cause, conversation in _ways(self._smallest):
            promise = cause[0]
            places[promise] += 1
            if places[promise] <= _MOST_PLACES:
                as_it_is = self.as_given or self.hasty
                shown = conversation if as_it_is else self._reduced(cause, conversation)
                yield self._failure(cause, shown)

    def _reduced(self, cause: Cause, conversation: Conversation) -> Conversation:
        """The conversation, reduced as far as it still shows the fault."""
        return reduced(conversation, lambda less: self._shown(cause, less) is not None)

    def _shown(self, cause: Cause, conversation: Conversation) -> Broken | None:
        """The first promise that this cause breaks on a conversation."""
        masks = cause[0] not in OF_TEXTS
        for broken in self.judge.judged(conversation, masks=masks).broken:
            of_promise = broken.promise == cause[0]
            if of_promise and cause in self.judge.fault(conversation, broken).causes:
                return broken
        return None

    def _failure(self, cause: Cause, conversation: Conversation) -> Failure:
        promise = cause[0]
        verdict = self.judge.judged(conversation, masks=promise not in OF_TEXTS)
        broken = self._shown(cause, conversation) or Broken(promise)
        return Failure(
            promise,
            conversation.as_json(),
            original=_text(verdict.original),
            variant=_text(verdict.variant),
            original_mask=verdict.original.mask if isinstance(verdict.original, Rendered) else (),
            variant_mask=verdict.variant.mask if isinstance(verdict.variant, Rendered) else (),
            original_error=_error(verdict.original),
            variant_error=_error(verdict.variant),
            expected=broken.texts[0] if promise == ORACLE_TEXT else None,
            at=broken.at,
            place=_place(self.judge.masks.traced, conversation, broken.at),
            original_place=_place(self.judge.traced_original, conversation, broken.at)
            if promise == SAME_TEXT
            else None,
        )


def examined(
    judge: Judge,
    conversations: Iterable[Conversation],
    *,
    first: Iterable[Conversation] = (),
    closely: Iterable[Conversation] = (),
    texts: Iterable[Conversation] = (),
    as_given: bool = False,
    hasty: bool = False,
) -> Report:
    """The report on the conversations, and on more that are steered to unreached branches.

    ``first`` are judged before them and ``closely`` after them, each closely; of ``texts``, only
    the printed text is compared. With ``as_given``, only the conversations are judged, each
    closely, and none is reduced. With ``hasty``, it stops at the first broken promise.
    """
    examination = Examination(judge, judge.first_look(), as_given, hasty)
    examination.take(first, closely=True)
    examination.take(conversations)
    examination.take(closely, closely=True)
    if as_given:
        return examination.report()
    examination.steer()
    report = examination.report()
    is_clean = judge.is_masked and not report.failures
    account = examination.accounted(report) if is_clean else report
    if hasty and (account.failures or account.unproven):
        # It is rejected in any case.
        return account
    examination.compare(texts)
    report = examination.report()
    if report.failures or not is_clean:
        return report
    return replace(report, account=account.account, failures=account.failures)


def _forced_failure(traced: TracedTemplate, forced: ForcedFault) -> Failure:
    """A failure that shows on a conversation, usually with forced tests."""
    lines = ", ".join(map(str, forced.lines))
    where = f", with the tests in line {lines} forced" if lines else ""
    promise = forced.fault.promise + where
    at = forced.fault.printed
    place = None if at is None else Place.at(traced.template.text, at)
    return Failure(promise, forced.conversation.as_json(), None, None, place=place)


def _ways(smallest: Mapping[Fault, Conversation]) -> list[tuple[Cause, Conversation]]:
    """The fewest causes that explain all faults, each with its smallest conversation.

    It is greedy: each cause is the one that explains the most of the remaining faults.
    """
    left = dict(sorted(smallest.items(), key=lambda pair: _size(pair[1])))
    ways: list[tuple[Cause, Conversation]] = []
    while left:
        cause = most_telling(left)
        together = [fault for fault in left if cause in fault.causes]
        ways.append((cause, left[together[0]]))
        for fault in together:
            del left[fault]
    return sorted(ways, key=lambda way: _size(way[1]))


def _place(
    traced: TracedTemplate | None, conversation: Conversation, at: int | None
) -> Place | None:
    if traced is None or at is None:
        return None
    culprit = printed_by(traced, conversation, at)
    return culprit.place if culprit else None


def _text(outcome: Outcome | None) -> str | None:
    return outcome.text if isinstance(outcome, Rendered) else None


def _error(outcome: Outcome | None) -> str:
    return f"{outcome.type}: {outcome.message}" if isinstance(outcome, Raised) else ""


def _size(conversation: Conversation) -> tuple[int, int, str]:
    return conversation.size


def _length(failure: Failure) -> tuple[int, int, str]:
    return Conversation.from_json(failure.conversation).size
