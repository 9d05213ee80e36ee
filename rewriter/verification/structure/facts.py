"""What is known on a path through a template: the answers of earlier tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from rewriter.verification.structure.kinds import is_defined, is_first_or_last_message, is_text
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.terms import Term, is_const

# The facts that an answer was concluded from.
Fact: TypeAlias = tuple[Term, bool]
Reasons: TypeAlias = frozenset[Fact]
Answer: TypeAlias = tuple[bool, Reasons]
NO_REASONS: Final[Reasons] = frozenset()


class Facts:
    """Answers to tests; facts are added to a copy."""

    def __init__(
        self,
        rows: Rows,
        known: Mapping[Term, Answer] | None = None,
        values: Mapping[Term, tuple[Term, Reasons]] | None = None,
    ) -> None:
        self._rows = rows
        self._known = dict(known or {})
        self._values = dict(values or {})

    @property
    def undefined(self) -> Term:
        """The undefined value."""
        return self._rows.terms.undefined

    def __contains__(self, reason: tuple[Term, bool]) -> bool:
        found = self._known.get(reason[0])
        return found is not None and found[0] is reason[1]

    def holding(self, known: Iterable[Reasons]) -> Reasons | None:
        """The first of some sets of reasons that are all among these facts."""
        return next((reasons for reasons in known if all(each in self for each in reasons)), None)

    def adding(self, test: Term, answer: bool) -> Facts:
        """These facts, with the answer of one more test; a test of ``not x`` is one of ``x``."""
        self._rows.terms.spend(1 + len(self._known) // 20)
        more = Facts(self._rows, self._known, self._values)
        reasons: Reasons = frozenset({(test, answer)})
        if test.kind == "eq" and answer and is_const(test.args[1], str):
            more._values[test.args[0]] = (test.args[1], reasons)
        for term, truth in self._implied(test, answer):
            more._known.setdefault(term, (truth, reasons))
        more._known[test] = (answer, reasons)
        return more

    def outside(self, depth: int) -> Facts:
        """The facts that do not refer to the loop at a depth, where another loop is now."""

        def speaks(term: Term, reasons: Reasons) -> bool:
            bound = term.bound
            for reason, _ in reasons:
                bound |= reason.bound
            return bool(bound >> depth & 1)

        known = {t: a for t, a in self._known.items() if not speaks(t, a[1])}
        values = {t: v for t, v in self._values.items() if not speaks(t, v[1])}
        return Facts(self._rows, known, values)

    def _implied(self, test: Term, answer: bool) -> Iterator[tuple[Term, bool]]:
        if test.kind == "not":
            yield test.args[0], not answer
        elif test.kind == "row" and not answer:
            row = test.args[0]
            while row.kind == "row of":
                if row.args[0].kind == "print":
                    yield self._rows.as_text(self._rows.printed(row.args[0].args[0])), False
                row = row.args[1]
        elif test.kind == "need":
            yield from self._met_with(test.args[0], test.args[1])

    def _met_with(self, need: str, term: Term) -> Iterator[tuple[Term, bool]]:
        """The needs that a met need implies: operands of a computed value exist."""
        make = self._rows.terms.make
        if need == "text":
            yield make("need", "defined", term), True
        elif need == "ok" and term.kind in {"call", "slice"}:
            base = term.args[1] if term.kind == "call" else term.args[0]
            yield make("need", "defined", base), True
            if is_text(term) and term.kind == "call":
                yield make("need", "text", base), True

    def decide(self, test: Term) -> Answer | None:
        """The answer to a test, if it is known."""
        known = self._known.get(test)
        if known is not None:
            return known
        match test.kind:
            case "const":
                return bool(test.args[0]), NO_REASONS
            case "undefined" | "nothing":
                return False, NO_REASONS
            case "not":
                return _negated(self.decide(test.args[0]))
            case "eq":
                return self._equal(test.args[0], test.args[1])
            case "in":
                return self._is_in(test.args[0], test.args[1])
            case "test":
                return self._tested(test.args[0], test.args[1])
            case "need":
                return self._met(test.args[0], test.args[1])
        value = self.value(test)
        return None if value is None else (bool(value[0].args[0]), value[1])

    def value(self, term: Term) -> tuple[Term, Reasons] | None:
        """The constant text that a value is known to equal."""
        if is_const(term, str):
            return term, NO_REASONS
        return self._values.get(term)

    def _equal(self, left: Term, right: Term) -> Answer | None:
        first, second = self.value(left), self.value(right)
        if left.kind == "undefined" and right.kind == "const":
            return False, NO_REASONS
        if first is None or second is None:
            return None
        return first[0] is second[0], first[1] | second[1]

    def _is_in(self, item: Term, container: Term) -> Answer | None:
        value = self.value(item)
        if value is None:
            return None
        if container.kind in {"list", "tuple"} and all(is_const(c, str) for c in container.args):
            return value[0] in container.args, value[1]
        if is_const(container, str):
            return value[0].args[0] in container.args[0], value[1]
        return None

    def _tested(self, name: str, term: Term) -> Answer | None:
        if name not in {"defined", "undefined", "none", "string"}:
            return None
        wanted = name in {"defined", "string"}
        if name == "string" and is_text(term):
            return True, NO_REASONS
        if name != "string" and term.kind == "undefined":
            return name == "undefined", NO_REASONS
        if name in {"defined", "undefined"}:
            if is_defined(term):
                return wanted, NO_REASONS
            known = self._known.get(term)
            if known is not None and known[0]:
                return wanted, known[1]
        value = self.value(term)
        return None if value is None else (wanted, value[1])

    def _met(self, need: str, term: Term) -> Answer | None:
        """Whether a value is known to meet a need."""
        make = self._rows.terms.make
        if need == "text":
            return _true(
                self._tested("string", term), self._known.get(make("test", "string", term))
            )
        if need == "defined":
            there = self._known.get(term.args[0]) if is_first_or_last_message(term) else None
            return _true(
                there,
                self._tested("defined", term),
                self._known.get(make("test", "defined", term)),
                self._known.get(make("test", "string", term)),
                self._known.get(make("test", "mapping", term)),
            )
        return None

    def is_empty(self, term: Term) -> Answer | None:
        """Whether a value is known to print nothing."""
        known = self.decide(self._rows.as_text(self._rows.printed(term)))
        if known is None:
            truth, text = self.decide(term), self._met("text", term)
            if truth is not None and text is not None:
                known = truth[0], truth[1] | text[1]
        return _negated(known)


def _true(*answers: Answer | None) -> Answer | None:
    return next((answer for answer in answers if answer is not None and answer[0]), None)


def _negated(answer: Answer | None) -> Answer | None:
    return None if answer is None else (not answer[0], answer[1])
