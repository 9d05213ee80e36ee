"""Read macro calls: the macro's body, with the arguments substituted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from jinja2 import nodes
from jinja2.idtracking import Symbols

from rewriter.source.walk import find_all
from rewriter.verification.structure.path import Path, Unread, inner_symbols
from rewriter.verification.structure.terms import Term

if TYPE_CHECKING:
    from rewriter.verification.structure.statements import Reading

_SPECIAL: Final = frozenset({"varargs", "kwargs", "caller", "self", "super"})


class Macros:
    """The macros of one template."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._nodes: dict[Term, nodes.Macro] = {}
        self._named: dict[str, list[nodes.Macro]] = {}

    def learn(self, tree: nodes.Template) -> None:
        """Find the macros of a template by their names."""
        for macro in find_all(tree, nodes.Macro):
            self._named.setdefault(macro.name, []).append(macro)

    def defined(self, node: nodes.Macro, path: Path) -> Term:
        """The value of a macro's name; macros with equal source are one."""
        del path
        for name in node.find_all(nodes.Name):
            if name.name in _SPECIAL:
                raise Unread(f"a macro that reads {name.name}", node)
        term = self._reading.terms.make("macro", repr(node))
        self._nodes[term] = node
        return term

    def call(self, call: nodes.Call, macro: Term, path: Path) -> Term:
        """The value of a call, which is text."""
        node = self._nodes[macro]
        given = self._given(call, node, path)
        if path.end is not None:
            return self._reading.terms.undefined
        if self._is_recursive(node):
            return self._opaque(node, macro, given, path)
        return self._inlined(node, macro, given, path)

    def _given(self, call: nodes.Call, node: nodes.Macro, path: Path) -> dict[str, Term]:
        """The values of the parameters that are passed."""
        if call.dyn_args is not None or call.dyn_kwargs is not None:
            raise Unread("arguments given as a list", call)
        names = [each.name for each in node.args]
        if len(call.args) > len(names) or len(set(names)) < len(names):
            raise Unread("a call of a macro with other arguments than it takes", call)
        expressions = self._reading.expressions
        given = {
            name: expressions.value(each, path)
            for name, each in zip(names, call.args, strict=False)
        }
        for each in call.kwargs:
            if each.key not in names or each.key in given:
                raise Unread("a call of a macro with other arguments than it takes", call)
            given[each.key] = expressions.value(each.value, path)
        if any(value.stream or value.kind == "macro" for value in given.values()):
            raise Unread("an argument that is a stream, or a macro", call)
        return given

    def _inlined(
        self, node: nodes.Macro, macro: Term, arguments: dict[str, Term], path: Path
    ) -> Term:
        reading = self._reading
        if macro in path.called:
            raise Unread("a macro that calls itself", node)
        root = path.root
        inner = replace(
            path,
            names=root,
            printed=[],
            errors=[],
            called=(*path.called, macro),
        ).scope(inner_symbols(self._outermost(path), node))
        for parameter in node.args:
            inner.names[parameter.name] = arguments.get(parameter.name, reading.terms.undefined)
        without = len(node.args) - len(node.defaults)
        for number, default in enumerate(node.defaults):
            name = node.args[without + number].name
            if name not in arguments:
                inner.names[name] = reading.expressions.value(default, inner)
        inner.names.pop("loop", None)
        reading.run(node.body, inner)
        if inner.end not in (None, reading.terms.error):
            raise Unread("a jump out of a macro", node)
        reading.leave(inner, path)
        return reading.rows.as_text(reading.rows.all(inner.printed))

    def _outermost(self, path: Path) -> Symbols:
        symbols = path.symbols
        while symbols.parent is not None:
            symbols = symbols.parent
        return symbols

    def _opaque(
        self, node: nodes.Macro, macro: Term, arguments: dict[str, Term], path: Path
    ) -> Term:
        """A call as one term, equal if all macros that it may call, and their reads, are equal."""
        reading, terms = self._reading, self._reading.terms
        args: list[object] = []
        for name in sorted(arguments):
            args += [name, arguments[name]]
        called = self._called(node)
        names = {name.name for each in called for name in each.find_all(nodes.Name)}
        names |= {ref.name for each in called for ref in each.find_all(nodes.NSRef)}
        for name in sorted(names):
            value = path.root.get(name, terms.make("given", name))
            if value.stream:
                raise Unread("a macro that walks through a stream", node)
            args += [name, value]
        term = terms.make("macro call", macro, path.state, *args)
        if any(_may_change(each) for each in called):
            path.state = terms.make("changed", path.state, term)
        reading.expressions.needs("ok", term, path)
        return term

    def _is_recursive(self, node: nodes.Macro) -> bool:
        called = self._called(node, itself=False)
        return any(node is inner for each in called for inner in self._called(each))

    def _called(self, node: nodes.Macro, *, itself: bool = True) -> list[nodes.Macro]:
        """The macros that a macro may call, by their names."""
        found = [node] if itself else []
        pending = [node]
        while pending:
            for macro in self._callees(pending.pop()):
                if not any(macro is each for each in found):
                    found.append(macro)
                    pending.append(macro)
        return found

    def _callees(self, node: nodes.Macro) -> Iterator[nodes.Macro]:
        for name in node.find_all(nodes.Name):
            yield from self._named.get(name.name, ())


def _may_change(node: nodes.Macro) -> bool:
    """Whether a macro may change later reads, or has another value each time."""
    return any(node.find_all((nodes.NSRef, nodes.Call)))
