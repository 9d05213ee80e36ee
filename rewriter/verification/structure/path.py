"""The state of reading a template: values of names, printed rows, and what may raise."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from jinja2 import nodes
from jinja2.idtracking import Symbols

from rewriter.verification.structure.facts import Facts
from rewriter.verification.structure.terms import Term


class Unread(Exception):
    """Something in a template that this proof cannot read.

    Attributes:
        what: a description.
        line: its line, 0 if unknown.

    """

    def __init__(self, what: str, node: nodes.Node | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line: int = getattr(node, "lineno", None) or 0


@dataclass(slots=True)
class Path:
    """One way through a template, up to some place.

    Printed text and possible errors are kept apart: a template that raises prints nothing, so their
    relative order does not matter.

    Attributes:
        names: the values of assigned names, the innermost scope first.
        root: the values of names outside all scopes, which macros read.
        symbols: how jinja2 resolves names here.
        facts: the answers of earlier tests.
        state: the content of namespaces, and how far streams were consumed.
        depth: the number of loops around it.
        printed, errors: rows, in order.
        end: how the path ended, if it has: an error, or a jump out of the loop's body.
        called: the macros that are being called.

    """

    names: dict[str, Term]
    root: dict[str, Term]
    symbols: Symbols
    facts: Facts
    state: Term
    depth: int = 0
    printed: list[Term] = field(default_factory=list)
    errors: list[Term] = field(default_factory=list)
    end: Term | None = None
    called: tuple[Term, ...] = ()

    def branch(self, test: Term | None = None, answer: bool = True) -> Path:
        """The path from here on, given the answer of a test."""
        names = dict(self.names)
        root = names if self.root is self.names else dict(self.root)
        facts = self.facts if test is None else self.facts.adding(test, answer)
        return replace(self, names=names, root=root, facts=facts, printed=[], errors=[])

    def scope(self, symbols: Symbols) -> Path:
        """The path from here on in a scope of its own, whose assignments are lost after it."""
        inner = replace(self, names=dict(self.names), symbols=symbols, printed=[], errors=[])
        for name in undefined_at_first(symbols):
            inner.names.pop(name, None)
            inner.names[name] = self.facts.undefined
        return inner


def undefined_at_first(symbols: Symbols) -> list[str]:
    """The names that a scope assigns and that are undefined before, whatever variables are passed.

    jinja2 looks a name up in the variables only if the scope reads it before assigning it, or
    assigns it only in some branches.
    """
    return [
        name
        for name, identifier in symbols.refs.items()
        if symbols.loads.get(identifier, ("",))[0] == "undefined"
    ]


def inner_symbols(outer: Symbols, node: nodes.Node, **branch: str) -> Symbols:
    """How names are resolved in the scope that a statement opens."""
    symbols = Symbols(parent=outer)
    symbols.analyze_node(node, **branch)
    return symbols
