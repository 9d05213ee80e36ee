"""Compare two rows, for all answers of the tests in them.

If they begin differently, and one begins with a choice, both are compared for each answer. Two rows
are compared only once: that they are equal is kept, with the answers that this depends on.
"""

from __future__ import annotations

from collections.abc import Callable

from rewriter.verification.structure.facts import NO_REASONS, Fact, Facts, Reasons
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.terms import Term, mapped


class Differs(Exception):
    """Two rows differ.

    Attributes:
        first, second: the atoms that differ, ``None`` after the last.

    """

    def __init__(self, first: Term | None, second: Term | None) -> None:
        super().__init__()
        self.first = first
        self.second = second


class Comparing:
    """Compares the rows of two templates."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.terms = rows.terms
        self._same: dict[object, list[Reasons]] = {}

    def printed(self, first: Term, second: Term, facts: Facts) -> Reasons:
        """Check that two rows print the same.

        Raises:
            Differs: they may not.

        """
        reasons: Reasons = NO_REASONS
        while True:
            self.terms.spend()
            if first is second:
                return reasons
            first, why = self._led(first, facts)
            second, also = self._led(second, facts)
            reasons |= why | also
            if first is second:
                return reasons
            heads = _head(first), _head(second)
            if heads[0] is not None and heads[0] is heads[1]:
                first, second = first.args[1], second.args[1]
                continue
            if any(head is not None and head.kind == "if" for head in heads):
                return reasons | self._split(first, second, facts)
            if heads[0] is None or heads[1] is None:
                raise Differs(*heads)
            reasons |= self._same_head(heads[0], heads[1], facts)
            first, second = self._after(first, second)

    def _led(self, row: Term, facts: Facts) -> tuple[Term, Reasons]:
        """The row from the first atom on that may print something."""
        reasons: Reasons = NO_REASONS
        while row.kind == "row of":
            atom, rest = row.args
            if atom.kind == "if":
                known = facts.decide(atom.args[0])
                if known is None:
                    break
                reasons |= known[1]
                row = self.rows.joined(atom.args[1] if known[0] else atom.args[2], rest)
                continue
            if atom.kind != "print":
                break
            value = facts.value(atom.args[0])
            if value is not None:
                reasons |= value[1]
                row = self.rows.joined(self.rows.printed(value[0]), rest)
                continue
            empty = facts.is_empty(atom.args[0])
            if empty is None or not empty[0]:
                break
            reasons |= empty[1]
            row = rest
        return row, reasons

    def _split(self, first: Term, second: Term, facts: Facts) -> Reasons:
        """Compare two rows, of which at least one begins with a choice, for both answers."""
        known = self._same.setdefault((first, second), [])
        if (reasons := facts.holding(known)) is not None:
            return reasons
        one, other = _head(first), _head(second)
        if (
            one is not None
            and other is not None
            and one.kind == other.kind == "if"
            and one.args[0] is other.args[0]
            and first.args[1] is second.args[1]
        ):
            first = self.rows.put(one, self.terms.nothing)
            second = self.rows.put(other, self.terms.nothing)
        atom = one if one is not None and one.kind == "if" else other
        assert atom is not None, "one of the two is a choice"
        test = atom.args[0]
        found: Reasons = NO_REASONS
        for answer in (True, False):
            reasons = self.printed(first, second, facts.adding(test, answer))
            found |= reasons - {(test, answer)}
        known.append(found)
        return found

    def _same_head(self, first: Term, second: Term, facts: Facts) -> Reasons:
        if first is second or first.kind == second.kind == "text":
            return NO_REASONS
        if first.kind == second.kind == "print":
            one, why = self.reduced(first.args[0], facts)
            other, also = self.reduced(second.args[0], facts)
            if self.rows.printed(one) is self.rows.printed(other):
                return why | also
        if first.kind == second.kind == "for":
            reasons = self.same_header(first, second, facts)
            depth = first.args[0]
            inside = facts.outside(depth)
            if first.args[3] is not self.terms.true:
                inside = inside.adding(first.args[3], True)
            found = self.printed(first.args[4], second.args[4], inside)
            return reasons | (found - {(first.args[3], True)})
        raise Differs(first, second)

    def same_header(self, first: Term, second: Term, facts: Facts) -> Reasons:
        """Check that two loops iterate over the same values, and change the same state."""
        reasons: Reasons = NO_REASONS
        if first.args[0] != second.args[0]:
            raise Differs(first, second)
        inside = facts.outside(first.args[0])
        for number, known in ((1, facts), (2, facts), (3, inside), (5, inside)):
            one, why = self.reduced(first.args[number], known)
            other, also = self.reduced(second.args[number], known)
            if one is not other:
                raise Differs(first, second)
            reasons |= why | also
        return reasons

    def _after(self, first: Term, second: Term) -> tuple[Term, Term]:
        """The rest after two equal heads, or after texts of which one is a prefix of the other."""
        one, other = first.args[0], second.args[0]
        if one.kind != "text":
            return first.args[1], second.args[1]
        text, another = one.args[0], other.args[0]
        length = min(len(text), len(another))
        if text[:length] != another[:length]:
            raise Differs(one, other)
        rest = [
            self.rows.put(self.terms.make("text", each[length:]), row.args[1])
            for each, row in ((text, first), (another, second))
        ]
        return rest[0], rest[1]

    def reduced(self, term: Term, facts: Facts) -> tuple[Term, Reasons]:
        """A value, with choices resolved as far as their answers are known."""
        found: dict[Term, Term] = {}
        reasons: set[Fact] = set()

        def reduce(term: Term) -> Term:
            if term not in found:
                self.terms.spend()
                found[term] = change(term)
            return found[term]

        def change(term: Term) -> Term:
            if term.kind in {"for", "after", "stream", "macro"}:
                return term
            if term.kind == "choice":
                known = facts.decide(term.args[0])
                if known is not None:
                    reasons.update(known[1])
                    return reduce(term.args[1] if known[0] else term.args[2])
                return self.rows.chosen(*map(reduce, term.args))
            if term.kind == "row":
                return self.rows.as_text(reduce(term.args[0]))
            if term.kind == "if":
                return term
            if term.kind == "row of":
                return self._reduced_row(term, facts, reasons, reduce)
            return mapped(self.terms, term, reduce)

        return reduce(term), frozenset(reasons)

    def _reduced_row(
        self, row: Term, facts: Facts, reasons: set[Fact], reduce: Callable[[Term], Term]
    ) -> Term:
        atom, rest = row.args
        if atom.kind == "if":
            known = facts.decide(atom.args[0])
            if known is not None:
                reasons.update(known[1])
                chosen = reduce(atom.args[1] if known[0] else atom.args[2])
            else:
                chosen = self.rows.choice(atom.args[0], *map(reduce, atom.args[1:]))
            return self.rows.joined(chosen, reduce(rest))
        if atom.kind == "print":
            return self.rows.joined(self.rows.printed(reduce(atom.args[0])), reduce(rest))
        return self.rows.put(atom, reduce(rest))


def _head(row: Term) -> Term | None:
    if row.kind == "row of":
        head: Term = row.args[0]
        return head
    return None
