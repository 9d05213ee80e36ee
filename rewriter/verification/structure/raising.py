"""Compare two templates by the conversations for which they raise.

An evaluation may raise anywhere on a path, so neither the order of evaluations matters, nor how
often each happens.
"""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.verification.structure.comparing import Comparing, Differs
from rewriter.verification.structure.facts import NO_REASONS, Facts, Reasons
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.terms import Term


@dataclass(frozen=True, slots=True)
class _Side:
    """The rest of one template's row, and what may raise in it but not in the other."""

    row: Term
    owed: frozenset[Term] = frozenset()


class Raising:
    """Compares what may raise in two templates."""

    def __init__(self, rows: Rows, comparing: Comparing) -> None:
        self.rows = rows
        self.terms = rows.terms
        self._comparing = comparing
        self._same: dict[tuple[_Side, _Side, bool], list[Reasons]] = {}
        self._within: Differs | None = None
        self._different: set[tuple[_Side, _Side, bool]] = set()

    def same(self, first: Term, second: Term, facts: Facts) -> Reasons:
        """Check that two rows raise alike.

        Raises:
            Differs: they may not.

        """
        return self._compared(_Side(first), _Side(second), facts)

    def _compared(self, first: _Side, second: _Side, facts: Facts) -> Reasons:
        reasons: Reasons = NO_REASONS
        while True:
            self.terms.spend()
            if first.row is second.row and not first.owed and not second.owed:
                return reasons
            first, second, facts, why = self._absorbed(first, second, facts, 1)
            second, first, facts, also = self._absorbed(second, first, facts, -1)
            reasons |= why | also
            if first.row is second.row and not first.owed and not second.owed:
                return reasons
            choices = _choice(first.row), _choice(second.row)
            choice = choices[0] or choices[1]
            if (
                choice is not None
                and choices[0] is choices[1]
                and _may_go_on(choice, first, second)
            ):
                after = self._after(first, second, facts)
                if after is not None:
                    return reasons | after
            if choice is not None:
                return reasons | self._split(choice, first, second, facts)
            return reasons | self._ended(first, second, facts)

    def _absorbed(
        self, side: _Side, other: _Side, facts: Facts, order: int
    ) -> tuple[_Side, _Side, Facts, Reasons]:
        """Advance to the next choice: what may raise before it is owed, unless in both."""
        row, owed, owing = side.row, side.owed, other.owed
        reasons: Reasons = NO_REASONS
        while row.kind == "row of":
            self.terms.spend()
            atom, rest = row.args
            if atom.kind == "if":
                known = facts.decide(atom.args[0])
                if known is None:
                    break
                reasons |= known[1]
                row = self.rows.joined(atom.args[1] if known[0] else atom.args[2], rest)
                continue
            row = rest
            known = facts.decide(atom) if atom.kind == "need" else None
            if known is not None and known[0]:
                reasons |= known[1]
                continue
            match, why = self._matching(atom, owing, facts, order)
            if match is None:
                owed |= {atom}
            else:
                reasons |= why
                owing -= {match}
                if atom.kind == "need":
                    facts = facts.adding(atom, True)
        return _Side(row, owed), _Side(other.row, owing), facts, reasons

    def _matching(
        self, atom: Term, owing: frozenset[Term], facts: Facts, order: int
    ) -> tuple[Term | None, Reasons]:
        if atom in owing:
            return atom, NO_REASONS
        for other in owing:
            if atom.kind == other.kind == "for":
                try:
                    return other, self._same_loop((atom, other)[::order], facts)
                except Differs as differs:
                    self._within = differs
                    continue
            if atom.kind == other.kind == "need" and atom.args[0] == other.args[0]:
                one, why = self._comparing.reduced(atom.args[1], facts)
                another, also = self._comparing.reduced(other.args[1], facts)
                if one is another:
                    return other, why | also
        return None, NO_REASONS

    def _same_loop(self, loops: tuple[Term, ...], facts: Facts) -> Reasons:
        first, second = loops
        reasons = self._comparing.same_header(first, second, facts)
        test = first.args[3]
        inside = facts.outside(first.args[0])
        if test is not self.terms.true:
            inside = inside.adding(test, True)
        return reasons | (self.same(first.args[4], second.args[4], inside) - {(test, True)})

    def _after(self, first: _Side, second: _Side, facts: Facts) -> Reasons | None:
        """Compare the rests after a choice that both have, if that is enough."""
        key = first, second, True
        known = self._same.setdefault(key, [])
        if (reasons := facts.holding(known)) is not None:
            return reasons
        one, other = (_Side(side.row.args[1], side.owed) for side in (first, second))
        if key in self._different:
            return None
        try:
            found = self._compared(one, other, facts)
        except Differs:
            self._different.add(key)
            return None
        known.append(found)
        return found

    def _split(self, choice: Term, first: _Side, second: _Side, facts: Facts) -> Reasons:
        known = self._same.setdefault((first, second, False), [])
        if (reasons := facts.holding(known)) is not None:
            return reasons
        test = choice.args[0]
        found: Reasons = NO_REASONS
        for answer in (True, False):
            reasons = self._compared(first, second, facts.adding(test, answer))
            found |= reasons - {(test, answer)}
        known.append(found)
        return found

    def _ended(self, first: _Side, second: _Side, facts: Facts) -> Reasons:
        """Compare at the ends of both: both raise, or neither owes anything."""
        reasons: Reasons = NO_REASONS
        if first.row is self.terms.error and second.row is self.terms.error:
            return reasons
        for side in (first, second):
            for need in sorted(side.owed, key=lambda each: each.number):
                known = facts.decide(need) if need.kind == "need" else None
                if known is None or not known[0]:
                    if need.kind == "for" and self._within is not None:
                        raise self._within
                    raise Differs(*((need, None) if side is first else (None, need)))
                reasons |= known[1]
        if first.row is not second.row:
            raise Differs(first.row, second.row)
        return reasons


def _choice(row: Term) -> Term | None:
    if row.kind == "row of" and row.args[0].kind == "if":
        choice: Term = row.args[0]
        return choice
    return None


def _may_go_on(choice: Term, first: _Side, second: _Side) -> bool:
    """Whether what is owed can still be evaluated after a choice, in any branch."""
    return not (first.owed or second.owed) or not choice.stops
