"""What decides on a value: what it is made from, and the tests around its assignments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from jinja2 import nodes

from rewriter.source.lexer import Span
from rewriter.source.template import Block, Item, Template
from rewriter.source.walk import find_all
from rewriter.tracing.made_from import names_in, origins, targets
from rewriter.tracing.made_here import FUNCTIONS, made_here


class Decisions:
    """Follows the names of one template to what was passed to it."""

    def __init__(self, template: Template) -> None:
        self._made = {name: set(found) for name, found in made_here(template).items()}
        for macro in find_all(template.tree, nodes.Macro):
            self._made[macro.name] = {name for each in macro.body for name in names_in(each)}
        self._tests = tuple(self._assigned(template.items, ()))

    def depends_only_on(self, node: nodes.Node, at: int, passed: Collection[str]) -> bool:
        """Whether some of the ``passed`` variables alone decide on an expression's value.

        A test that holds for the expression at ``at`` too, and for an assignment, decides on
        neither.
        """
        # Tests only add to what a value is made from, and most values are made from a message.
        if not _roots(node, self._made) <= set(passed):
            return False
        made = {name: set(found) for name, found in self._made.items()}
        for name, body, asked in self._tests:
            if not body.holds(at):
                made[name] |= asked
        roots = _roots(node, made)
        return bool(roots) and roots <= set(passed)

    def _assigned(
        self, items: Iterable[Item], around: tuple[tuple[Span, set[str]], ...]
    ) -> Iterator[tuple[str, Span, set[str]]]:
        """The names that are assigned in each clause, and the names that its tests ask for."""
        for item in items:
            if isinstance(item, Block):
                asked: set[str] = set()
                for clause, body in zip(item.clauses, item.bodies, strict=True):
                    node = clause.tag.node
                    if isinstance(node, (nodes.If, nodes.For)):
                        asked |= names_in(node.test if isinstance(node, nodes.If) else node.iter)
                    yield from self._assigned(clause.body, (*around, (body, set(asked))))
            elif isinstance(item.node, nodes.Assign):
                for name in self._made.keys() & set(targets(item.node.target)):
                    yield from ((name, body, asked) for body, asked in around)


def _roots(node: nodes.Node, made: Mapping[str, set[str]]) -> set[str]:
    """The variables passed to the template that a value is made from."""
    return origins(node, made) - made.keys() - FUNCTIONS
