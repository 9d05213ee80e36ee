"""What of a conversation an expression reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from itertools import chain
from typing import Any, Final

from jinja2 import nodes

from rewriter.verification.steering.places import Each, Path
from rewriter.verification.steering.scopes import Binding, Scopes

_DEEPEST: Final = 9
_MOST_PATHS: Final = 12
_ITEMS_OF_LOOP: Final = frozenset({"previtem", "nextitem"})
# A value of its own, to which a change of what was read does not come through.
_MEASURES: Final = frozenset({"length", "count"})
_CUTS: Final = frozenset({"split", "rsplit", "splitlines", "partition", "rpartition"})
_ONE_OF: Final = frozenset({"first", "last", "random", "min", "max"})


class Reads:
    """Tells which paths the expressions of one template read.

    Args:
        tree: the template.
        outer: the variables that come from outside.

    """

    def __init__(self, tree: nodes.Template, outer: Set[str]) -> None:
        self.scopes = Scopes(tree)
        self._outer = outer
        self._known: dict[int, tuple[Path, ...]] = {}

    def paths(self, expression: nodes.Node) -> tuple[Path, ...]:
        """The paths that lead to the value of an expression, or to what it was made from."""
        known = self._known.get(id(expression))
        if known is None:
            known = _shortest(self._paths(expression, ()))
            self._known[id(expression)] = known
        return known

    def _paths(self, node: Any, names: tuple[str, ...]) -> Iterator[Path]:
        """``names`` are those being followed, each at most twice: a macro may call itself."""
        if isinstance(node, nodes.Name):
            yield from self._named(node, names)
        elif isinstance(node, nodes.Getattr):
            yield from self._attribute(node, names)
        elif isinstance(node, nodes.Getitem):
            yield from self._item(node, names)
        elif isinstance(node, nodes.Filter):
            yield from self._filtered(node, names)
        elif isinstance(node, nodes.Call):
            yield from self._called(node, names)
        elif isinstance(node, nodes.CondExpr):
            for arm in (node.expr1, node.expr2):
                yield from self._paths(arm, names) if arm is not None else ()
        elif isinstance(node, (nodes.BinExpr, nodes.Concat)):
            for operand in node.iter_child_nodes():
                yield from self._paths(operand, names)

    def _named(self, node: nodes.Name, names: tuple[str, ...]) -> Iterator[Path]:
        if names.count(node.name) > 1:
            return
        if node.name in self._outer:
            yield (node.name,)
        each = [self._bound(b, (*names, node.name)) for b in self.scopes.bindings(node)]
        yield from _shortest(chain.from_iterable(each))

    def _bound(self, binding: Binding, names: tuple[str, ...]) -> Iterator[Path]:
        steps = () if _is_cut(binding.value) else binding.steps
        for path in self._paths(binding.value, names):
            yield from _longer(path, *steps)

    def _attribute(self, node: nodes.Getattr, names: tuple[str, ...]) -> Iterator[Path]:
        if isinstance(node.node, nodes.Name):
            loop = self.scopes.loop(node.node)
            if loop is not None and node.node.name == "loop":
                if node.attr in _ITEMS_OF_LOOP:
                    yield from self._bound(Binding(loop.iter, (Each.ITEM,)), names)
                return
            field = f"{node.node.name}.{node.attr}"
            if names.count(field) < 2:
                for binding in self.scopes.fields(node.node.name, node.attr):
                    yield from self._bound(binding, (*names, field))
        for path in self._paths(node.node, names):
            yield from _longer(path, node.attr)

    def _item(self, node: nodes.Getitem, names: tuple[str, ...]) -> Iterator[Path]:
        for path in self._paths(node.node, names):
            if isinstance(node.arg, nodes.Slice) or _is_cut(node.node):
                yield path
            else:
                yield from _longer(path, *_step(node.arg))

    def _filtered(self, node: nodes.Filter, names: tuple[str, ...]) -> Iterator[Path]:
        if node.node is None or node.name in _MEASURES:
            return
        steps = (Each.ITEM,) if node.name in _ONE_OF else ()
        for path in self._paths(node.node, names):
            yield from _longer(path, *steps)
        if node.name in {"default", "d"}:
            for default in node.args:
                yield from self._paths(default, names)

    def _called(self, node: nodes.Call, names: tuple[str, ...]) -> Iterator[Path]:
        called: Any = node.node
        if isinstance(called, nodes.Name):
            # A macro prints what it is given, or so it is taken to.
            for argument in node.args if called.name in self.scopes.macros else ():
                yield from self._paths(argument, names)
        elif isinstance(called, nodes.Getattr):
            wanted = node.args[:1] if called.attr == "get" else []
            for path in self._paths(called.node, names):
                for arg in wanted:
                    yield from _longer(path, *_step(arg))
                if not wanted:
                    yield path
            if called.attr == "get":
                for default in node.args[1:]:
                    yield from self._paths(default, names)


def _is_cut(node: nodes.Node) -> bool:
    """Whether a text is cut into pieces, each of which is of the text."""
    called = node.node if isinstance(node, nodes.Call) else None
    return isinstance(called, nodes.Getattr) and called.attr in _CUTS


def _step(arg: nodes.Expr) -> Path:
    if not isinstance(arg, nodes.Const):
        return (Each.ITEM,)
    return (arg.value,) if isinstance(arg.value, (str, int)) else ()


def _longer(path: Path, *steps: Any) -> Iterator[Path]:
    if len(path) + len(steps) <= _DEEPEST:
        yield (*path, *steps)


def _shortest(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The shortest of the paths: a macro that calls itself makes ever longer ones."""
    return tuple(sorted(dict.fromkeys(paths), key=len)[:_MOST_PATHS])
