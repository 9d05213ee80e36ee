"""Where the reading of a template has got to: what names hold, what was printed, what may raise."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from jinja2 import nodes
from jinja2.idtracking import Symbols

from rewriter.verification.structure.facts import Facts
from rewriter.verification.structure.terms import Term


class Unread(Exception):
    """Something in a template whose meaning is not known here.

    Attributes:
        what: what that is.
        line: where it stands, 0 where that is not known.

    """

    def __init__(self, what: str, node: nodes.Node | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line: int = getattr(node, "lineno", None) or 0


@dataclass(slots=True)
class Path:
    """One way through a template, up to some place.

    What is printed and what may raise are kept apart: a template that raises prints nothing,
    so of the two the order is of no account.

    Attributes:
        names: what the names that are assigned hold, the innermost scope's first.
        root: what those outside of every scope hold, which is what a macro reads.
        symbols: how jinja2 resolves names here.
        facts: how the tests before were answered.
        state: what namespaces hold, and how far streams were walked through.
        depth: in how many loops.
        printed, errors: rows, in order.
        end: what the path ended in, if it has: an error, or a jump out of the loop's body.
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
        """The way from here on, where a test has an answer."""
        names = dict(self.names)
        root = names if self.root is self.names else dict(self.root)
        facts = self.facts if test is None else self.facts.adding(test, answer)
        return replace(self, names=names, root=root, facts=facts, printed=[], errors=[])

    def scope(self, symbols: Symbols) -> Path:
        """The way from here on in a scope of its own; what it assigns is lost behind it."""
        inner = replace(self, names=dict(self.names), symbols=symbols, printed=[], errors=[])
        for name in undefined_at_first(symbols):
            inner.names.pop(name, None)
            inner.names[name] = self.facts.undefined
        return inner


def undefined_at_first(symbols: Symbols) -> list[str]:
    """The names that a scope assigns and that hold nothing before, whatever the caller gives.

    jinja2 looks a name up in what is given only if the scope reads it before it assigns it, or
    assigns it in some branch alone.
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
