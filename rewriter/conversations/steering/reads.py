"""Which paths of a conversation an expression reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any, Final, NamedTuple, TypeAlias

from jinja2 import nodes

from rewriter.conversations.steering.places import Each, Path
from rewriter.conversations.steering.scopes import Binding, Scopes

_DEEPEST: Final = 9
_MOST_PATHS: Final = 12
_MOST_FOLLOWED: Final = 2
_ITEMS_OF_LOOP: Final = frozenset({"previtem", "nextitem"})
# A new value, which does not follow changes of what was read.
_MEASURES: Final = frozenset({"length", "count"})
_CUTS: Final = frozenset({"split", "rsplit", "splitlines", "partition", "rpartition"})
_ONE_OF: Final = frozenset({"first", "last", "random", "min", "max"})


# All bindings that may give a name its value where it is read.
_Bindings: TypeAlias = tuple[Binding, ...]


class _Way(NamedTuple):
    """A path, and the names that were followed to find it, with repetitions."""

    path: Path
    names: tuple[int, ...] = ()


class Reads:
    """Finds the paths that the expressions of one template read.

    Names may be set from each other in a circle, so all are resolved together: each again, from
    what is known about the others, until nothing is added. A name is followed at most twice on the
    way to a path, since a macro may call itself.

    Args:
        tree: the template.
        outer: the variables that come from outside.

    """

    def __init__(self, tree: nodes.Template, outer: Set[str]) -> None:
        self.scopes = Scopes(tree)
        self._outer = outer
        self._known: dict[int, tuple[Path, ...]] = {}
        # The paths that names stand for, by their bindings; unsettled ones in the order found.
        self._settled: dict[_Bindings, tuple[_Way, ...]] = {}
        self._open: dict[_Bindings, tuple[_Way, ...]] = {}

    def paths(self, expression: nodes.Node) -> tuple[Path, ...]:
        """The paths of an expression's value, or of the values that it was made from."""
        known = self._known.get(id(expression))
        if known is None:
            found = _shortest(self._ways(expression))
            if self._open:
                self._settle()
                found = _shortest(self._ways(expression))
            known = tuple(way.path for way in found)
            self._known[id(expression)] = known
        return known

    def _settle(self) -> None:
        """Resolve the names that were found, and those that they are set from."""
        before: dict[_Bindings, tuple[_Way, ...]] = {}
        rounds = 0
        # After this many rounds, a value has passed through every chain of names.
        while before != self._open and rounds <= 2 * len(self._open):
            before = dict(self._open)
            rounds += 1
            for bindings in reversed(before):
                self._open[bindings] = _shortest(self._given(bindings))
        self._settled |= self._open
        self._open.clear()

    def _given(self, bindings: _Bindings) -> Iterator[_Way]:
        number = hash(bindings)
        for binding in bindings:
            for path, names in self._bound(binding):
                if names.count(number) < _MOST_FOLLOWED:
                    yield _Way(path, (*names, number))

    def _ways(self, node: Any) -> Iterator[_Way]:
        if isinstance(node, nodes.Name):
            yield from self._named(node)
        elif isinstance(node, nodes.Getattr):
            yield from self._attribute(node)
        elif isinstance(node, nodes.Getitem):
            yield from self._item(node)
        elif isinstance(node, nodes.Filter):
            yield from self._filtered(node)
        elif isinstance(node, nodes.Call):
            yield from self._called(node)
        elif isinstance(node, nodes.CondExpr):
            for arm in (node.expr1, node.expr2):
                yield from self._ways(arm) if arm is not None else ()
        elif isinstance(node, (nodes.BinExpr, nodes.Concat)):
            for operand in node.iter_child_nodes():
                yield from self._ways(operand)

    def _named(self, node: nodes.Name) -> Iterator[_Way]:
        if node.name in self._outer:
            yield _Way((node.name,))
        yield from self._stands_for(self.scopes.bindings(node))

    def _stands_for(self, possible: Iterable[Binding]) -> tuple[_Way, ...]:
        """The paths known so far for a name with these bindings."""
        bindings = tuple(possible)
        if not bindings:
            return ()
        settled = self._settled.get(bindings)
        return self._open.setdefault(bindings, ()) if settled is None else settled

    def _bound(self, binding: Binding) -> Iterator[_Way]:
        steps = () if _is_cut(binding.value) else binding.steps
        for way in self._ways(binding.value):
            yield from _longer(way, *steps)

    def _attribute(self, node: nodes.Getattr) -> Iterator[_Way]:
        if isinstance(node.node, nodes.Name):
            loop = self.scopes.loop(node.node)
            if loop is not None and node.node.name == "loop":
                if node.attr in _ITEMS_OF_LOOP:
                    yield from self._bound(Binding(loop.iter, (Each.ITEM,)))
                return
            yield from self._stands_for(self.scopes.fields(node.node.name, node.attr))
        for way in self._ways(node.node):
            yield from _longer(way, node.attr)

    def _item(self, node: nodes.Getitem) -> Iterator[_Way]:
        for way in self._ways(node.node):
            if isinstance(node.arg, nodes.Slice) or _is_cut(node.node):
                yield way
            else:
                yield from _longer(way, *_step(node.arg))

    def _filtered(self, node: nodes.Filter) -> Iterator[_Way]:
        if node.node is None or node.name in _MEASURES:
            return
        steps = (Each.ITEM,) if node.name in _ONE_OF else ()
        for way in self._ways(node.node):
            yield from _longer(way, *steps)
        if node.name in {"default", "d"}:
            for default in node.args:
                yield from self._ways(default)

    def _called(self, node: nodes.Call) -> Iterator[_Way]:
        called: Any = node.node
        if isinstance(called, nodes.Name):
            # A macro is assumed to print its arguments.
            for argument in node.args if called.name in self.scopes.macros else ():
                yield from self._ways(argument)
        elif isinstance(called, nodes.Getattr):
            wanted = node.args[:1] if called.attr == "get" else []
            for way in self._ways(called.node):
                for arg in wanted:
                    yield from _longer(way, *_step(arg))
                if not wanted:
                    yield way
            if called.attr == "get":
                for default in node.args[1:]:
                    yield from self._ways(default)


def _is_cut(node: nodes.Node) -> bool:
    """Whether a text is cut into pieces, each a part of the text."""
    called = node.node if isinstance(node, nodes.Call) else None
    return isinstance(called, nodes.Getattr) and called.attr in _CUTS


def _step(arg: nodes.Expr) -> Path:
    if not isinstance(arg, nodes.Const):
        return (Each.ITEM,)
    return (arg.value,) if isinstance(arg.value, (str, int)) else ()


def _longer(way: _Way, *steps: Any) -> Iterator[_Way]:
    if len(way.path) + len(steps) <= _DEEPEST:
        yield _Way((*way.path, *steps), way.names)


def _shortest(ways: Iterable[_Way]) -> tuple[_Way, ...]:
    """The shortest paths, since a macro that calls itself makes ever longer ones."""
    found: dict[Path, _Way] = {}
    for way in ways:
        known = found.setdefault(way.path, way)
        if len(way.names) < len(known.names):
            found[way.path] = way
    return tuple(sorted(found.values(), key=lambda way: len(way.path))[:_MOST_PATHS])
