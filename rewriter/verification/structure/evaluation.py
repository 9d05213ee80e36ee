"""Track what may raise in an expression, and what depends on values that may change."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from jinja2 import nodes

from rewriter.verification.structure.kinds import is_text
from rewriter.verification.structure.path import Path
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.terms import Term, is_const


class Evaluation:
    """What reading any expression needs."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.terms = rows.terms

    @abstractmethod
    def value(self, node: nodes.Node, path: Path) -> Term:
        """The value of an expression, as a term."""

    def needs(self, kind: str, term: Term, path: Path) -> None:
        """Record that the template raises unless a value meets a need."""
        self.terms.spend()
        if term.kind == "choice":
            test, then, otherwise = term.args
            branches = [path.branch(test, answer) for answer in (True, False)]
            self.needs(kind, then, branches[0])
            self.needs(kind, otherwise, branches[1])
            self.merge_errors(test, branches[0], branches[1], path)
            return
        if kind == "text" and (is_const(term) or term.kind == "undefined"):
            met = is_text(term)
        elif kind == "defined" and term.kind == "undefined":
            met = False
        else:
            need = self.terms.make("need", kind, term)
            known = path.facts.decide(need)
            if known is not None and known[0]:
                return
            path.errors.append(self.rows.put(need, self.terms.nothing))
            path.facts = path.facts.adding(need, True)
            return
        if not met:
            self.fail(path)

    def fail(self, path: Path) -> None:
        """Record that the template raises."""
        path.errors.append(self.terms.error)
        path.end = self.terms.error

    def merge_errors(self, test: Term, then: Path, otherwise: Path, path: Path) -> None:
        """Record what may raise in either of two branches."""
        rows = [self.rows.all(branch.errors) for branch in (then, otherwise)]
        path.errors.append(self.rows.choice(test, *rows))
        if then.end is self.terms.error and otherwise.end is self.terms.error:
            path.end = self.terms.error

    def applied(self, kind: str, *args: Any, path: Path) -> Term:
        """A term, with the state that it is computed in if that may matter."""
        if any(isinstance(arg, Term) and arg.mutable for arg in args):
            args = (*args, path.state)
        return self.terms.make(kind, *args)

    def raising(self, term: Term, path: Path) -> Term:
        """A value whose computation may raise."""
        self.needs("ok", term, path)
        return term

    def shown(self, term: Term, path: Path) -> Term:
        """The row that a value prints; for a namespace, with its current content."""
        if term.mutable and not is_text(term):
            term = self.terms.make("shown", term, path.state)
        return self.rows.printed(term)
