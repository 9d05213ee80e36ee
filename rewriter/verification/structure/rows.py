"""Rows of printed output: text, printed values, choices between rows, and loops.

A row is a linked list of atoms, in which equal tails are one object. Rows are in normal form:
neighbouring texts are joined, and so are the two parts of a cut text. A choice between equal rows
is removed, and so is a choice that omits a row only if it is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rewriter.verification.structure.kinds import is_boolean, is_number, is_text
from rewriter.verification.structure.terms import Term, Terms, is_const

_ENDS = frozenset({"nothing", "break", "raise"})


class Rows:
    """Makes rows and the choices in them."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._texts: dict[Term, Term] = {}
        self._choices: dict[tuple[Term, Term, Term], Term] = {}
        self._values: dict[tuple[Term, Term, Term], Term] = {}

    def text(self, text: str) -> Term:
        """A row with template text."""
        return self.put(self.terms.make("text", text), self.terms.nothing)

    def put(self, atom: Term, row: Term) -> Term:
        """The row with an atom before it."""
        if atom.kind == "text":
            if not atom.args[0]:
                return row
            if row.kind == "row of" and row.args[0].kind == "text":
                joined = self.terms.make("text", atom.args[0] + row.args[0].args[0])
                return self.put(joined, row.args[1])
        elif atom.kind == "print" and row.kind == "row of":
            whole = _whole(atom, row.args[0])
            if whole is not None:
                return self.joined(self.printed(whole), row.args[1])
        return self.terms.make("row of", atom, row)

    def joined(self, first: Term, second: Term) -> Term:
        """One row after another; nothing follows an end."""
        if second is self.terms.nothing or first.kind in _ENDS - {"nothing"}:
            return first
        atoms: list[Term] = []
        while first.kind == "row of":
            atoms.append(first.args[0])
            first = first.args[1]
        self.terms.spend(len(atoms))
        row = second if first is self.terms.nothing else first
        for atom in reversed(atoms):
            row = self.put(atom, row)
        return row

    def all(self, rows: Iterable[Term]) -> Term:
        """Rows one after another."""
        row = self.terms.nothing
        for each in reversed(list(rows)):
            row = self.joined(each, row)
        return row

    def choice(self, test: Term, then: Term, otherwise: Term) -> Term:
        """A choice between two rows."""
        if then is otherwise:
            return then
        key = test, then, otherwise
        if key not in self._choices:
            self.terms.spend()
            self._choices[key] = self._choice(test, then, otherwise)
        return self._choices[key]

    def _choice(self, test: Term, then: Term, otherwise: Term) -> Term:
        if (taken := self._taken(test, then, otherwise, self.choice)) is not None:
            return taken
        if otherwise is self.terms.nothing and is_text(test) and then is self.printed(test):
            return then
        return self.put(self.terms.make("if", test, then, otherwise), self.terms.nothing)

    def chosen(self, test: Term, then: Term, otherwise: Term) -> Term:
        """A choice between two values."""
        if then is otherwise:
            return then
        key = test, then, otherwise
        if key not in self._values:
            self.terms.spend()
            self._values[key] = self._chosen(test, then, otherwise)
        return self._values[key]

    def _chosen(self, test: Term, then: Term, otherwise: Term) -> Term:
        if (taken := self._taken(test, then, otherwise, self.chosen)) is not None:
            return taken
        if then is self.terms.true and otherwise is self.terms.false and is_boolean(test):
            return test
        return self.terms.make("choice", test, then, otherwise)

    def _taken(
        self,
        test: Term,
        then: Term,
        otherwise: Term,
        choose: Callable[[Term, Term, Term], Term],
    ) -> Term | None:
        """Simplify by the form of a test: one of the two, or a choice by simpler tests."""
        match test.kind:
            case "const":
                return then if test.args[0] else otherwise
            case "undefined":
                return otherwise
            case "not":
                return choose(test.args[0], otherwise, then)
            case "choice":
                asked, first, second = test.args
                yes = choose(first, then, otherwise)
                return choose(asked, yes, choose(second, then, otherwise))
        return then if is_text(test) and self.printed(test).prints else None

    def negated(self, term: Term) -> Term:
        """``not term``."""
        match term.kind:
            case "const":
                return self.terms.const(not term.args[0])
            case "undefined":
                return self.terms.true
            case "not" if is_boolean(term.args[0]):
                inner: Term = term.args[0]
                return inner
        return self.terms.make("not", term)

    def printed(self, term: Term) -> Term:
        """The row that an output tag prints for a value."""
        found = self._texts.get(term)
        if found is None:
            found = self._texts[term] = self._printed(term)
        return found

    def _printed(self, term: Term) -> Term:
        match term.kind:
            case "const":
                return self.text(str(term.args[0]))
            case "undefined":
                return self.terms.nothing
            case "row":
                row: Term = term.args[0]
                return row
            case "choice":
                test, then, otherwise = term.args
                return self.choice(test, self.printed(then), self.printed(otherwise))
        return self.put(self.terms.make("print", term), self.terms.nothing)

    def as_text(self, row: Term) -> Term:
        """The text of a row, as a value."""
        if row is self.terms.nothing:
            return self.terms.const("")
        if row.kind == "row of" and row.args[1] is self.terms.nothing:
            atom = row.args[0]
            if atom.kind == "text":
                return self.terms.const(atom.args[0])
            if atom.kind == "print" and is_text(atom.args[0]):
                value: Term = atom.args[0]
                return value
        return self.terms.make("row", row)

    def sliced(self, value: Term, start: Term, stop: Term, step: Term) -> Term:
        """``value[start:stop:step]``; if a row begins or ends with text, the text is cut."""
        none = self.terms.const(None)
        if step is none and (value.kind == "row" or is_const(value, str)):
            found = self._cut(self.printed(value), start, stop)
            if found is not None:
                return self.as_text(found)
        if is_text(value) and step is none and start is none and stop is none:
            return value
        return self.terms.make("slice", value, start, stop, step)

    def _cut(self, row: Term, start: Term, stop: Term) -> Term | None:
        """The slice of a row whose bounds are in the text at its ends."""
        bounds: list[int | None] = []
        for bound in (start, stop):
            if not is_const(bound, int) and not is_const(bound, type(None)):
                return None
            bounds.append(bound.args[0])
        first, last = bounds
        head = row.args[0].args[0] if row.kind == "row of" and row.args[0].kind == "text" else ""
        if row.kind == "row of" and row.args[1] is self.terms.nothing and head:
            return self.text(head[first:last])
        if row.kind != "row of":
            return row
        if first in (None, 0) and last is not None and 0 <= last <= len(head):
            return self.text(head[:last])
        if last is None and first is not None and 0 <= first <= len(head):
            return self.put(self.terms.make("text", head[first:]), row.args[1])
        return self._cut_after(row, head, first, last)

    def _cut_after(self, row: Term, head: str, first: int | None, last: int | None) -> Term | None:
        atoms: list[Term] = []
        while row.kind == "row of":
            atoms.append(row.args[0])
            row = row.args[1]
        tail = atoms[-1].args[0] if atoms[-1].kind == "text" else ""
        if row is not self.terms.nothing or len(atoms) < 2:
            return None
        if last is None and first is not None and 0 < -first <= len(tail):
            return self.text(tail[first:])
        if last is None or not 0 < -last <= len(tail) or not 0 <= (first or 0) <= len(head):
            return None
        atoms[-1] = self.terms.make("text", tail[:last])
        row = self.terms.nothing
        for atom in reversed(atoms[1:] if head else atoms):
            row = self.put(atom, row)
        return self.put(self.terms.make("text", head[first or 0 :]), row) if head else row


def _whole(atom: Term, following: Term) -> Term | None:
    """The text that two neighbouring slices make up."""
    if following.kind != "print" or atom.args[0].kind != "slice":
        return None
    first, second = atom.args[0], following.args[0]
    if second.kind != "slice":
        return None
    text, start, cut, step = first.args[:4]
    same = second.args[0] is text and second.args[1] is cut and second.args[3] is step
    open_ends = all(is_const(end, type(None)) for end in (start, second.args[2], step))
    return text if same and open_ends and is_text(text) and is_number(cut) else None
