"""What the statements of a template print, and what of them may raise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jinja2 import nodes
from jinja2.idtracking import Symbols

from rewriter.source.environment import is_generation
from rewriter.verification.structure.expressions import Expressions, refuse_held
from rewriter.verification.structure.facts import Facts
from rewriter.verification.structure.kinds import is_of_data
from rewriter.verification.structure.macros import Macros
from rewriter.verification.structure.path import Path, Unread, inner_symbols
from rewriter.verification.structure.reading import jumps_out, refuse_unread
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.terms import Term, has_plain_items, is_const


class Reading:
    """Reads one template.

    ``places`` has the line on which each atom was first met.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.terms = rows.terms
        self.macros = Macros(self)
        self.expressions = Expressions(rows, self.macros.call)
        self.places: dict[Term, int] = {}

    def template(self, tree: nodes.Template) -> tuple[Term, Term]:
        """What a template prints where nothing raises, and what raises."""
        symbols = Symbols()
        symbols.analyze_node(tree)
        names: dict[str, Term] = {}
        facts = Facts(self.rows)
        path = Path(names, names, symbols, facts, self.terms.make("at first"))
        path = path.scope(symbols)
        path.root = path.names
        refuse_unread(tree)
        self.macros.learn(tree)
        self.expressions.learn(tree)
        self.run(tree.body, path)
        return self.row(path), self.errors(path)

    def row(self, path: Path) -> Term:
        """What was printed on a way, and what it ended in."""
        printed = self.rows.all(path.printed)
        ends = path.end is self.terms.stop
        return self.rows.joined(printed, self.terms.stop) if ends else printed

    def errors(self, path: Path) -> Term:
        """What may have raised on a way, and what it ended in."""
        errors = self.rows.all(path.errors)
        ends = path.end is self.terms.stop
        return self.rows.joined(errors, self.terms.stop) if ends else errors

    def run(self, body: Sequence[nodes.Node], path: Path) -> None:
        """Go on through statements."""
        for number, statement in enumerate(body):
            if path.end is not None:
                return
            self.terms.spend()
            if isinstance(statement, nodes.If) and jumps_out(statement):
                self._fork(statement, body[number + 1 :], path)
                return
            run = getattr(self, f"_run_{type(statement).__name__.lower()}", None)
            if run is None:
                raise Unread(f"a statement of the kind {type(statement).__name__}", statement)
            run(statement, path)

    def _run_output(self, node: nodes.Output, path: Path) -> None:
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                self._say(self.rows.text(child.data), child, path)
                continue
            value = self.expressions.value(child, path)
            if path.end is not None:
                return
            self._say(self.expressions.shown(value, path), child, path)

    def _say(self, row: Term, node: nodes.Node, path: Path) -> None:
        path.printed.append(row)
        while row.kind == "row of":
            self.places.setdefault(row.args[0], node.lineno)
            row = row.args[1]

    def _run_if(self, node: nodes.If, path: Path) -> None:
        test = self.expressions.value(node.test, path)
        if path.end is not None:
            return
        otherwise = _otherwise(node)
        known = path.facts.decide(test)
        if known is not None:
            self.run(node.body if known[0] else otherwise, path)
            return
        branches = path.branch(test, True), path.branch(test, False)
        self.run(node.body, branches[0])
        self.run(otherwise, branches[1])
        self._join(test, branches, path)
        self._place(path, node)

    def _place(self, path: Path, node: nodes.Node) -> None:
        row = path.printed[-1] if path.printed else self.terms.nothing
        if row.kind == "row of":
            self.places.setdefault(row.args[0], node.lineno)

    def _join(self, test: Term, branches: tuple[Path, Path], path: Path) -> None:
        then, otherwise = branches
        self.expressions.merge_errors(test, then, otherwise, path)
        error = self.terms.error
        for number, branch in enumerate(branches):
            if branch.end is error:
                # Where it does not raise, the other one was taken.
                other = branches[1 - number]
                path.printed += other.printed
                path.state = other.state
                path.facts = other.facts
                self._assign(other.names, path)
                return
        path.printed.append(self.rows.choice(test, self.row(then), self.row(otherwise)))
        path.state = self.rows.chosen(test, then.state, otherwise.state)
        names = {**then.names, **otherwise.names}
        self._assign({name: self._chosen(name, test, branches) for name in names}, path)

    def _chosen(self, name: str, test: Term, branches: tuple[Path, Path]) -> Term:
        given = self.terms.make("given", name)
        return self.rows.chosen(test, *(branch.names.get(name, given) for branch in branches))

    def _assign(self, names: dict[str, Term], path: Path) -> None:
        for name, value in names.items():
            path.names[name] = value

    def _fork(self, node: nodes.If, rest: Sequence[nodes.Node], path: Path) -> None:
        """A conditional out of which something jumps: what follows is in its branches."""
        test = self.expressions.value(node.test, path)
        if path.end is not None:
            return
        otherwise = _otherwise(node)
        known = path.facts.decide(test)
        if known is not None:
            self.run([*(node.body if known[0] else otherwise), *rest], path)
            return
        branches = path.branch(test, True), path.branch(test, False)
        self.run([*node.body, *rest], branches[0])
        self.run([*otherwise, *rest], branches[1])
        self.expressions.merge_errors(test, *branches, path)
        rows = []
        for branch in branches:
            raises = branch.end is self.terms.error
            rows.append(self.row(branches[1 - len(rows)] if raises else branch))
        path.printed.append(self.rows.choice(test, *rows))
        errors = [self.errors(branch) for branch in branches]
        path.errors[-1] = self.rows.choice(test, *errors)
        path.state = self.rows.chosen(test, branches[0].state, branches[1].state)
        self._place(path, node)
        path.end = path.end or self.terms.nothing

    def _run_break(self, node: nodes.Break, path: Path) -> None:
        del node
        path.end = self.terms.stop

    def _run_continue(self, node: nodes.Continue, path: Path) -> None:
        del node
        path.end = self.terms.nothing

    def _run_assign(self, node: nodes.Assign, path: Path) -> None:
        value = self.expressions.value(node.node, path)
        if path.end is None:
            self._bind(node.target, value, path)

    def _bind(self, target: nodes.Node, value: Term, path: Path) -> None:
        if isinstance(target, nodes.Name):
            path.names[target.name] = self._held(value, path)
        elif isinstance(target, nodes.NSRef):
            namespace = path.names.get(target.name, self.terms.make("given", target.name))
            change = self.terms.make("set", namespace, target.attr, value)
            if namespace.kind != "namespace":
                self.expressions.needs("namespace", namespace, path)
            if target.attr.startswith("_"):
                raise Unread("a private attribute", target)
            refuse_held(value, target)
            path.state = self.terms.make("changed", path.state, change)
        elif isinstance(target, nodes.Tuple) and value.kind in {"tuple", "list"}:
            if len(target.items) != len(value.args):
                raise Unread("an assignment of too many values, or too few", target)
            held = [self._held(each, path) for each in value.args]
            for each, item in zip(target.items, held, strict=True):
                self._bind(each, item, path)
        elif isinstance(target, nodes.Tuple):
            self.expressions.needs(f"{len(target.items)} items", value, path)
            for number, each in enumerate(target.items):
                part = self.expressions.applied("part", value, number, path=path)
                self._bind(each, part, path)
        else:
            raise Unread("what is assigned to", target)

    def _held(self, value: Term, path: Path) -> Term:
        """What a name holds of a value: a stream is another one once it was walked through."""
        if not value.stream or value.kind == "stream":
            return value
        stream = self.terms.make("stream", value, path.state)
        path.state = self.terms.make("changed", path.state, stream)
        return stream

    def _run_assignblock(self, node: nodes.AssignBlock, path: Path) -> None:
        inner = path.scope(inner_symbols(path.symbols, node))
        inner.depth = path.depth
        self.run(node.body, inner)
        self.leave(inner, path)
        if path.end is not None:
            return
        value = self.rows.as_text(self.row(inner))
        if node.filter is not None:
            path.names[_CAPTURED] = value
            value = self.expressions.value(_on_captured(node.filter), path)
            del path.names[_CAPTURED]
        if path.end is None:
            self._bind(node.target, value, path)

    def leave(self, inner: Path, path: Path) -> None:
        """Go on behind a scope, whose assignments are lost and whose errors are not."""
        path.errors += inner.errors
        path.state, path.facts = inner.state, inner.facts
        if inner.end is self.terms.error:
            path.end = inner.end

    def _run_with(self, node: nodes.With, path: Path) -> None:
        symbols = inner_symbols(path.symbols, node)
        values = [self.expressions.value(each, path) for each in node.values]
        if path.end is not None:
            return
        inner = path.scope(symbols)
        for target, value in zip(node.targets, values, strict=True):
            self._bind(target, value, inner)
        self._within(node.body, inner, path)

    def _within(self, body: Sequence[nodes.Node], inner: Path, path: Path) -> None:
        self.run(body, inner)
        path.printed += inner.printed
        self.leave(inner, path)

    def _run_callblock(self, node: nodes.CallBlock, path: Path) -> None:
        if not is_generation(node):
            raise Unread("a call of a macro with a body", node)
        self._within(node.body, path.scope(inner_symbols(path.symbols, node)), path)

    def _run_macro(self, node: nodes.Macro, path: Path) -> None:
        if path.names is not path.root:
            raise Unread("a macro within a scope", node)
        path.names[node.name] = self.macros.defined(node, path)

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
        if not defined and self.expressions.marks:
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
        return self.terms.make("stream", item, inner.state)

    def _filtered(self, node: nodes.For, iterated: Term, inner: Path, path: Path) -> Term:
        """What the items are chosen by; it is asked of each, and what raises in it stands alone."""
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
            stops = self.stops(row)
            path.state = make("after", depth, iterated, state, asked, stops, inner.state)
        if node.else_:
            if any(map(jumps_out, node.else_)) or any(node.find_all(nodes.Break)):
                raise Unread("a loop with an else that is jumped out of", node)
            self._else(node, iterated, path)

    def _else(self, node: nodes.For, iterated: Term, path: Path) -> None:
        """What is printed where a loop has no items: a choice by a test that is the loop's own."""
        if node.test is not None or iterated.mutable:
            raise Unread("a filtered loop with an else", node)
        empty = self.terms.make("test", "with items", iterated)
        branches = path.branch(empty, True), path.branch(empty, False)
        inner = branches[1].scope(inner_symbols(path.symbols, node, for_branch="else"))
        self._within(node.else_, inner, branches[1])
        self._join(empty, branches, path)

    def stops(self, row: Term) -> Term:
        """What of a row is left where only the jumps out of a loop count."""
        if not row.stops:
            return self.terms.nothing
        self.terms.spend()
        if row.kind != "row of":
            return row
        atom, rest = row.args
        behind = self.stops(rest)
        if atom.kind != "if":
            return behind
        chosen = self.rows.choice(atom.args[0], *map(self.stops, atom.args[1:]))
        return self.rows.joined(chosen, behind)


_CAPTURED: Final = " captured"


def _on_captured(chain: nodes.Filter) -> nodes.Filter:
    """The filters of a ``set`` block, on what it captured."""
    inner = chain.node
    value = nodes.Name(_CAPTURED, "load") if inner is None else inner
    if isinstance(value, nodes.Filter):
        value = _on_captured(value)
    copy = nodes.Filter(
        value, chain.name, chain.args, chain.kwargs, chain.dyn_args, chain.dyn_kwargs
    )
    return copy.set_lineno(chain.lineno)


def _otherwise(node: nodes.If) -> Sequence[nodes.Node]:
    """What is run where a conditional's test fails: its next ``elif`` as one within the else."""
    if not node.elif_:
        return node.else_
    first, *others = node.elif_
    return [nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)]


def _is_range(iterated: Term) -> bool:
    return iterated.kind == "function" and iterated.args[0] == "range"


def _can_be_walked(iterated: Term) -> bool:
    """Whether a value can be looped over, whatever the conversation."""
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
