"""Read statements: what they print, and what may raise in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from jinja2 import nodes
from jinja2.idtracking import Symbols

from rewriter.source.environment import is_generation
from rewriter.verification.structure.expressions import Expressions, refuse_held
from rewriter.verification.structure.facts import Facts
from rewriter.verification.structure.loops import Loops
from rewriter.verification.structure.macros import Macros
from rewriter.verification.structure.path import Path, Unread, inner_symbols
from rewriter.verification.structure.reading import jumps_out, refuse_unread
from rewriter.verification.structure.rows import Rows
from rewriter.verification.structure.terms import Term


class Reading(Loops):
    """Reads one template."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.macros = Macros(self)
        self.expressions = Expressions(rows, self.macros.call)

    def template(self, tree: nodes.Template) -> tuple[Term, Term]:
        """What a template prints if nothing raises, and what may raise."""
        symbols = Symbols()
        symbols.analyze_node(tree)
        names: dict[str, Term] = {}
        facts = Facts(self.rows)
        path = Path(names, names, symbols, facts, self.terms.make("at first"))
        path = path.scope(symbols)
        path.root = path.names
        refuse_unread(tree)
        self.macros.learn(tree)
        self.run(tree.body, path)
        return self.row(path), self.errors(path)

    def run(self, body: Sequence[nodes.Node], path: Path) -> None:
        """Continue through statements."""
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
        self.join(test, branches, path)
        self._place(path, node)

    def _place(self, path: Path, node: nodes.Node) -> None:
        row = path.printed[-1] if path.printed else self.terms.nothing
        if row.kind == "row of":
            self.places.setdefault(row.args[0], node.lineno)

    def join(self, test: Term, branches: tuple[Path, Path], path: Path) -> None:
        """Continue after two branches."""
        then, otherwise = branches
        self.expressions.merge_errors(test, then, otherwise, path)
        error = self.terms.error
        for number, branch in enumerate(branches):
            if branch.end is error:
                # If it did not raise, the other branch was taken.
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
        """A conditional with a jump in a branch: what follows is moved into its branches."""
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
        rows: list[Term] = []
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
        """The value that a name gets; a stream changes once it is consumed."""
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
        """Continue after a scope, whose assignments are lost, but not its errors."""
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
        self.within(node.body, inner, path)

    def within(self, body: Sequence[nodes.Node], inner: Path, path: Path) -> None:
        """Continue through a scope's body, and after it."""
        self.run(body, inner)
        path.printed += inner.printed
        self.leave(inner, path)

    def _run_callblock(self, node: nodes.CallBlock, path: Path) -> None:
        if not is_generation(node):
            raise Unread("a call of a macro with a body", node)
        self.within(node.body, path.scope(inner_symbols(path.symbols, node)), path)

    def _run_macro(self, node: nodes.Macro, path: Path) -> None:
        if path.names is not path.root:
            raise Unread("a macro within a scope", node)
        path.names[node.name] = self.macros.defined(node, path)


_CAPTURED: Final = " captured"


def _on_captured(chain: nodes.Filter) -> nodes.Filter:
    """The filters of a ``set`` block, applied to the captured text."""
    inner = chain.node
    value = nodes.Name(_CAPTURED, "load") if inner is None else inner
    if isinstance(value, nodes.Filter):
        value = _on_captured(value)
    copy = nodes.Filter(
        value, chain.name, chain.args, chain.kwargs, chain.dyn_args, chain.dyn_kwargs
    )
    copy.set_lineno(chain.lineno)
    return copy


def _otherwise(node: nodes.If) -> Sequence[nodes.Node]:
    """What runs if a conditional's test fails: the next ``elif`` as an ``if``, or the ``else``."""
    if not node.elif_:
        return node.else_
    first, *others = node.elif_
    return [nodes.If(first.test, first.body, others, node.else_, lineno=first.lineno)]
