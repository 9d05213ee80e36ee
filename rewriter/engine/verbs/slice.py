"""Cut the text of an output at its edges, if its expression cannot be cut.

Text that is joined by a filter, built by a macro, or chosen by a condition is captured and printed
in slices: the header, the generated text, and white space after it. The edges always have the same
length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from jinja2 import nodes

from rewriter.engine.assistant_tests import assistant_test
from rewriter.engine.context import Context, Surroundings, atoms, in_bodies, is_open, label_of
from rewriter.engine.draft import (
    Atom,
    Body,
    Compound,
    Kept,
    Node,
    Section,
    Statement,
    dropped,
    text_of,
)
from rewriter.engine.markers import SWALLOWS_BEFORE, SWALLOWS_BEHIND, guard, kept_break
from rewriter.errors import Refused
from rewriter.turns.label import Label

Parts: TypeAlias = Callable[[Statement], Iterable[Node]]
# Slices by numbers are harder to read than split expressions.
BY_LENGTH: Final = "an expression cannot be cut, but its text, whose edges are as long each time"


def cut_texts(body: Body, context: Context, parts: Parts) -> Body:
    """Each output that prints what is generated with what is not, in slices where they are known.

    Only where its expression cannot be cut into ``parts``.
    """
    context = context.for_rule(context.by.transform, BY_LENGTH)

    def change(siblings: Body, around: Surroundings) -> Body:
        found: list[Node] = []
        for index, node in enumerate(siblings):
            edges = _edges(node, around, context, parts) if isinstance(node, Statement) else None
            if edges is None or not isinstance(node, Statement):
                found.append(node)
            else:
                ending = (around.following,) if around.following else ()
                after = context.text((*siblings[index + 1 :], *ending))
                found += _sliced(node, edges, around, context, (context.text(found), after))
        return tuple(found)

    return in_bodies(body, change, is_open)


def _edges(
    statement: Statement,
    around: Surroundings,
    context: Context,
    parts: Parts,
) -> tuple[int, int] | None:
    """How much is to be cut off before and after, or ``None`` if that is not known, or nothing."""
    if not statement.is_output or statement.leaf is None:
        return None
    if context.all_at_once(statement, around) is not None:
        return None
    seen = context.outline.labels.edges.of(statement.leaf.span.start)
    whole = statement.code == (Kept(*statement.leaf.span),)
    if seen is None or not whole or not _resists(statement, context, parts):
        return None
    before = seen.header + (seen.prefill if context.outline.cuts_prefill else 0)
    behind = seen.trailing if context.outline.cuts_trailing else 0
    return (before, behind) if before or behind else None


def _resists(statement: Statement, context: Context, parts: Parts) -> bool:
    """Whether something prints both what is generated and an edge, however it is cut."""
    try:
        found = list(parts(statement))
    except Refused:
        return True
    return any(context.outline.is_joined(atom) for node in found for atom in atoms(node))


def _sliced(
    statement: Statement,
    edges: tuple[int, int],
    around: Surroundings,
    context: Context,
    beside: tuple[str, str],
) -> Iterator[Node]:
    """The slices, in a conditional if others print by it too; the tags trim as the output did."""
    code = text_of(statement.code, context.template.text)
    trims = "-" if code.startswith(SWALLOWS_BEFORE) else ""
    trims_after = "-" if code.endswith(SWALLOWS_BEHIND) else ""
    node = statement.leaf.node if statement.leaf else None
    name = node.name if isinstance(node, nodes.Name) else context.fresh("turn")
    before = "" if trims else guard(beside[0])
    gone = dropped(statement.code, context.by)
    if isinstance(node, nodes.Name):
        yield replace(statement, code=gone, atoms=())
    else:
        yield context.added(f"{before}{{%{trims} set {name} %}}")
        # Only the slices print the captured text.
        yield replace(statement, atoms=())
        yield context.added("{% endset %}")
        before = trims = ""
    at = statement.atoms[0].start
    slices = _slices(name, edges)
    if not label_of((statement,)) & Label.ELSEWHERE:
        for number, (expression, label) in enumerate(slices):
            left = trims if not number else ""
            right = trims_after if number == len(slices) - 1 else ""
            yield _printed(f"{{{{{left} {expression} {right}}}}}", label, at, context)
        return
    test = assistant_test(around.blocks, context.template)
    own = tuple(_printed(f"{{{{ {each} }}}}", label, at, context) for each, label in slices)
    others = _printed(f"{{{{ {name} }}}}", Label.ELSEWHERE, at, context)
    sections = (
        Section(context.added(f"{before}{{%{trims} if {test} %}}"), own),
        Section(context.added("{% else %}"), (others,)),
    )
    kept = "" if trims_after else kept_break(beside[1])
    end = context.added(f"{{% endif {trims_after}%}}{kept}")
    yield Compound(sections, end, opened_by="if")


def _slices(name: str, edges: tuple[int, int]) -> list[tuple[str, Label]]:
    before, behind = edges
    body = f"{name}[{before or ''}:{-behind or ''}]"
    found = [(f"{name}[:{before}]", Label.PROMPT)] if before else []
    found.append((body, Label.GENERATED))
    return [*found, (f"{name}[{-behind}:]", Label.TRAILING)] if behind else found


def _printed(code: str, label: Label, at: int, context: Context) -> Statement:
    return replace(context.added(code), atoms=(Atom(at, at, label),))
