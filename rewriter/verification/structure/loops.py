"""Read loops: what they print and what may raise in them, whatever they iterate over."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from jinja2 import nodes
from jinja2.idtracking import Symbols

from rewriter.verification.structure.expressions import Expressions
from rewriter.verification.structure.kinds import is_of_data
from rewriter.verification.structure.path import Path, Unread, inner_symbols
from rewriter.verification.structure.reading import jumps_out
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.terms import Term, has_plain_items, is_const


class Loops:
    """Reads loops.

    ``places`` has the line where each atom was first seen.
    """

    expressions: Expressions

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.terms = rows.terms
        self.places: dict[Term, int] = {}

    @abstractmethod
    def run(self, body: Sequence[nodes.Node], path: Path) -> None:
        """Continue through statements."""

    @abstractmethod
    def within(self, body: Sequence[nodes.Node], inner: Path, path: Path) -> None:
        """Continue through a scope's body, and after it."""

    @abstractmethod
    def join(self, test: Term, branches: tuple[Path, Path], path: Path) -> None:
        """Continue after two branches."""

    def row(self, path: Path) -> Term:
        """The row that a path printed, and its end."""
        printed = self.rows.all(path.printed)
        ends = path.end is self.terms.stop
        return self.rows.joined(printed, self.terms.stop) if ends else printed

    def errors(self, path: Path) -> Term:
        """The row of what may raise on a path, and its end."""
        errors = self.rows.all(path.errors)
        ends = path.end is self.terms.stop
        return self.rows.joined(errors, self.terms.stop) if ends else errors

    def _run_for(self, node: nodes.For, path: Path) -> None:
        if node.recursive:
            raise Unread("a recursive loop", node)
        iterated = self.expressions.value(node.iter, path)
        if not _can_be_walked(iterated):
            self.expressions.needs("iterable", iterated, path)
        if path.end is not None:
            return
        symbols = Symbols(parent=path.symbols)
        symbols.declare_parameter("loop")
        symbols.analyze_node(node, for_branch="body")
        inner = path.scope(symbols)
        inner.depth, inner.end = path.depth + 1, None
        inner.facts = path.facts.outside(path.depth)
        inner.state = before = self.terms.make("state of", path.depth)
        asked = self._filtered(node, iterated, inner, path)
        self._bind_item(node.target, iterated, path.depth, inner)
        inner.names["loop"] = self.terms.make("loop", path.depth)
        self.run(node.body, inner)
        self._loop(node, path, inner, (iterated, before, asked))

    def _bind_item(self, target: nodes.Node, iterated: Term, depth: int, inner: Path) -> None:
        defined = is_of_data(iterated)
        if iterated.marked:
            raise Unread("a loop over what may be marked as safe", target)
        if not has_plain_items(iterated):
            raise Unread("a loop over streams", target)
        sort = "number" if _is_range(iterated) else defined
        if isinstance(target, nodes.Name):
            item = self.terms.make("item of", depth, "", sort)
            mutable = iterated.mutable
            inner.names[target.name] = self._unsure(item, inner) if mutable else item
            return
        if iterated.mutable or not isinstance(target, nodes.Tuple):
            raise Unread("what a loop assigns to", target)
        item = self.terms.make("item of", depth, "", sort)
        count = len(target.items)
        pairs = iterated.kind in {"call", "filter"} and iterated.args[0] in {"items", "dictsort"}
        if not (pairs and count == 2):
            self.expressions.needs(f"{count} items", item, inner)
        for number, each in enumerate(target.items):
            if not isinstance(each, nodes.Name):
                raise Unread("what a loop assigns to", target)
            inner.names[each.name] = self.terms.make("item of", depth, str(number), defined)

    def _unsure(self, item: Term, inner: Path) -> Term:
        """An item that may be a namespace, or a stream."""
        return self.terms.make("reference", item, inner.state)

    def _filtered(self, node: nodes.For, iterated: Term, inner: Path, path: Path) -> Term:
        """The filter of a loop, which is tested for each item; its errors are kept separate."""
        if node.test is None:
            return self.terms.true
        read = (each for each in (node.test, *node.test.find_all(nodes.Name)))
        if any(isinstance(each, nodes.Name) and each.name == "loop" for each in read):
            raise Unread("a loop's filter that asks for the loop", node)
        asking = path.scope(inner_symbols(path.symbols, node, for_branch="test"))
        asking.depth, asking.facts, asking.state = inner.depth, inner.facts, inner.state
        self._bind_item(node.target, iterated, path.depth, asking)
        asked = self.expressions.value(node.test, asking)
        if asked.mutable or asking.state is not inner.state:
            raise Unread("a loop's filter that depends on a namespace", node)
        if asking.end is not None:
            raise Unread("a loop's filter that raises", node)
        errors = self.errors(asking)
        if errors.fails:
            header = path.depth, iterated, path.state, self.terms.true
            atom = self.terms.make("for", *header, errors, inner.state)
            path.errors.append(self.rows.put(atom, self.terms.nothing))
        inner.facts = asking.facts.adding(asked, True)
        return asked

    def _loop(
        self, node: nodes.For, path: Path, inner: Path, header: tuple[Term, Term, Term]
    ) -> None:
        iterated, before, asked = header
        make, depth = self.terms.make, path.depth
        row, errors = self.row(inner), self.errors(inner)
        if inner.end is self.terms.error:
            row = self.terms.nothing
        state = path.state
        atom = make("for", depth, iterated, state, asked, row, inner.state)
        if row is not self.terms.nothing and row is not self.terms.stop:
            path.printed.append(self.rows.put(atom, self.terms.nothing))
            self.places.setdefault(atom, node.lineno)
        if errors.fails:
            failing = make("for", depth, iterated, state, asked, errors, inner.state)
            path.errors.append(self.rows.put(failing, self.terms.nothing))
        if inner.state is not before:
            stops = self._stops(row)
            path.state = make("after", depth, iterated, state, asked, stops, inner.state)
        if node.else_:
            if any(map(jumps_out, node.else_)) or any(node.find_all(nodes.Break)):
                raise Unread("a loop with an else that is jumped out of", node)
            self._else(node, iterated, path)

    def _else(self, node: nodes.For, iterated: Term, path: Path) -> None:
        """The `else` of a loop: a choice by a test that belongs to the loop."""
        if node.test is not None or iterated.mutable:
            raise Unread("a filtered loop with an else", node)
        empty = self.terms.make("test", "with items", iterated)
        branches = path.branch(empty, True), path.branch(empty, False)
        inner = branches[1].scope(inner_symbols(path.symbols, node, for_branch="else"))
        self.within(node.else_, inner, branches[1])
        self.join(empty, branches, path)

    def _stops(self, row: Term) -> Term:
        """A row, reduced to the jumps out of a loop."""
        if not row.stops:
            return self.terms.nothing
        self.terms.spend()
        if row.kind != "row of":
            return row
        atom, rest = row.args
        after = self._stops(rest)
        if atom.kind != "if":
            return after
        chosen = self.rows.choice(atom.args[0], *map(self._stops, atom.args[1:]))
        return self.rows.joined(chosen, after)


def _is_range(iterated: Term) -> bool:
    return iterated.kind == "function" and iterated.args[0] == "range"


def _can_be_walked(iterated: Term) -> bool:
    """Whether iterating over a value never raises, whatever the conversation."""
    lists = {"list", "tuple", "dict", "row"}
    calls = iterated.kind == "call" and iterated.args[0] in {"items", "keys", "values", "split"}
    filters = iterated.kind == "filter" and iterated.args[0] in {"list", "sort", "dictsort"}
    given = iterated.kind == "given" and iterated.args[0] == "messages"
    return (
        iterated.kind in lists
        or calls
        or filters
        or given
        or _is_range(iterated)
        or is_const(iterated, str)
    )
