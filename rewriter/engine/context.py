"""What verbs work with: a template, its labels, its layout, and the rule that is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, TypeAlias

from jinja2 import nodes

from rewriter.engine.draft import (
    Added,
    Atom,
    Body,
    By,
    Code,
    Compound,
    Kept,
    Node,
    Section,
    Statement,
    cut,
    fragments,
    text_of,
)
from rewriter.engine.layout import Layout
from rewriter.engine.outline import Outline, Status, united
from rewriter.engine.transforms import Part
from rewriter.errors import Place, Reason, Refused
from rewriter.source.edits import conflict
from rewriter.source.lexer import Kind
from rewriter.source.template import Block, Template
from rewriter.source.walk import find_all
from rewriter.turns.label import Label

# The names in rules for labels.
PART_LABELS: Mapping[Part, Label] = {
    "reasoning": Label.REASONING,
    "tool arguments": Label.ARGUMENTS,
    "turn end": Label.GENERATED,
}
# The content of these is not printed in place.
_ELSEWHERE = frozenset({"macro", "call", "filter", "block", "raw_begin", "set", "generation"})


@dataclass(frozen=True)
class Context:
    """The template that a verb changes, and the rule that it does it for."""

    outline: Outline
    layout: Layout
    by: By

    @property
    def template(self) -> Template:
        """The original."""
        return self.outline.template

    def for_rule(self, transform: str, reason: str) -> Context:
        """The same context, for another rule."""
        return replace(self, by=By(transform, reason))

    def refuse(self, reason: Reason, message: str, offset: int, hint: str) -> NoReturn:
        """Refuse the template, with the place in the original.

        Raises:
            Refused: always.

        """
        place = Place.at(self.template.text, offset)
        raise Refused(message, reason=reason, place=place, hint=hint)

    def check_untouched(self, code: Code, start: int, end: int) -> None:
        """Raise if another transform has changed ``[start, end)`` of the original.

        Raises:
            Conflict: if one has; it names both.

        """
        _, rest = cut(code, start)
        middle, _ = cut(rest, end)
        for fragment in middle:
            if not isinstance(fragment, Kept):
                raise conflict(self.template.text, start, fragment.by.transform, self.by.transform)

    def status(self, node: Node) -> Status:
        """The status of everything that a node prints."""
        if isinstance(node, Statement):
            return self.outline.statement_status(node)
        if node.keyword in _ELSEWHERE:
            return self._captured_status(node)
        return united(self.status(inner) for section in node.sections for inner in section.body)

    def _captured_status(self, node: Compound) -> Status:
        """A ``filter`` or ``call`` prints its body; macros and ``set`` blocks only capture it."""
        if node.keyword not in ("filter", "call"):
            return Status.SILENT
        return united(self.status(inner) for section in node.sections for inner in section.body)

    def shared(self, node: Node) -> bool:
        """Whether a node prints generated text by statements that print other roles' text too."""
        return any(
            atom.label & Label.ELSEWHERE and self.outline.status(atom) is Status.INSIDE
            for atom in atoms(node)
        )

    def all_at_once(self, statement: Statement, around: Surroundings) -> int | None:
        """Where an output prints turns of all roles outside a loop; ``None`` if it does not."""
        if not statement.is_output or any(block.keyword == "for" for block in around.blocks):
            return None
        for atom in statement.atoms:
            mixed = not atom.is_literal and self.outline.status(atom) is Status.MIXED
            if mixed and atom.label & Label.ELSEWHERE:
                return atom.start
        return None

    def text(self, nodes_: Iterable[Node]) -> str:
        """The text of some nodes in the variant."""
        return text_of(fragments(nodes_), self.template.text)

    def added(self, text: str, lead: str = "") -> Statement:
        """A new statement of this rule."""
        return Statement((Added(text, self.by),), lead=(Added(lead, self.by),) if lead else ())

    def fresh(self, name: str) -> str:
        """``name``, or a similar name that the template does not use yet."""
        used = {node.name for node in find_all(self.template.tree, nodes.Name)}
        while name in used:
            name += "_"
        return name


def captures(node: Compound) -> bool:
    """Whether a node's content is printed elsewhere, if at all."""
    return node.keyword in ("macro", "set", "block", "raw_begin")


def is_open(node: Node) -> bool:
    """Whether tags may be put between the statements of a node's bodies."""
    return isinstance(node, Compound) and node.keyword not in _ELSEWHERE


def atoms(node: Node) -> Iterable[Atom]:
    """Everything that a node prints."""
    if isinstance(node, Statement):
        if node.leaf is None or node.leaf.piece.kind is not Kind.BLOCK:
            yield from node.atoms
        return
    for section in node.sections:
        for inner in section.body:
            yield from atoms(inner)


def label_of(nodes_: Iterable[Node]) -> Label:
    """The labels of everything that some nodes print."""
    return united_label(atom for node in nodes_ for atom in atoms(node))


def united_label(found: Iterable[Atom]) -> Label:
    """The labels of some atoms, united."""
    total = Label.NOTHING
    for atom in found:
        total |= atom.label
    return total


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The surroundings of a list of siblings: the blocks around it, and the tag that ends it."""

    blocks: tuple[Block, ...] = ()
    following: Statement | None = None


Change: TypeAlias = Callable[[Body, Surroundings], Body]


def in_bodies(
    body: Body, change: Change, enter: Callable[[Node], bool], around: Surroundings = Surroundings()
) -> Body:
    """``change`` every list of siblings, the outermost first, below nodes that may be entered."""
    changed = change(body, around)
    return tuple(
        _in_compound(node, change, enter, around)
        if isinstance(node, Compound) and enter(node)
        else node
        for node in changed
    )


def with_replaced(
    body: Body, replaced: Mapping[int, Sequence[Statement]], enter: Callable[[Node], bool]
) -> Body:
    """The body with some statements replaced, by their ``id``."""

    def change(siblings: Body, _: Surroundings) -> Body:
        found: list[Node] = []
        for node in siblings:
            found += replaced.get(id(node), (node,)) if isinstance(node, Statement) else (node,)
        return tuple(found)

    return in_bodies(body, change, enter)


def _in_compound(
    node: Compound, change: Change, enter: Callable[[Node], bool], around: Surroundings
) -> Compound:
    blocks = (*around.blocks, node.block) if node.block else around.blocks
    ends = [*(section.tag for section in node.sections[1:]), node.end]
    sections = tuple(
        Section(s.tag, in_bodies(s.body, change, enter, Surroundings(blocks, end)))
        for s, end in zip(node.sections, ends, strict=True)
    )
    return replace(node, sections=sections)


def assigned(node: nodes.Node | None) -> frozenset[str]:
    """The plain names that a statement assigns; attributes of a namespace do not count."""
    if not isinstance(node, (nodes.Assign, nodes.AssignBlock)):
        return frozenset()
    targets = [node.target, *node.target.find_all(nodes.Name)]
    return frozenset(target.name for target in targets if isinstance(target, nodes.Name))
