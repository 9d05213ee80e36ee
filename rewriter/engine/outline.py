"""A template's statements, each with what it was seen to print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import Enum, auto
from functools import cached_property

from jinja2 import nodes

from rewriter.engine.draft import Atom, Body, Compound, Kept, Node, Section, Statement
from rewriter.source.lexer import Kind, Span
from rewriter.source.literals import literal, value_of, value_offsets
from rewriter.source.operands import is_text, joined_in, joined_items, operands
from rewriter.source.template import Block, Item, Leaf, Template
from rewriter.tracing.conversation import Conversation
from rewriter.turns.earlier_answers import EarlierAnswers, earlier_answers
from rewriter.turns.label import LEFT, STOP, Label
from rewriter.turns.labels import Labels
from rewriter.turns.missing_ends import MissingEnds, missing_ends
from rewriter.turns.parts import Policy


class Status(Enum):
    """Whether something belongs in the mask."""

    SILENT = auto()
    INSIDE = auto()
    OUTSIDE = auto()
    MIXED = auto()


_PREFILL = LEFT | Label.TRAILING
_MAYBE_WHITE = Label.GENERATED | Label.TRAILING
# What stands behind a header.
_TURN = LEFT | Label.GENERATED


class Outline:
    """Reads one template into the statements of a draft, under one policy.

    With ``prefill_is_uncovered``, prefilled text counts as generated, to be separated at render
    time. The end of the header that the model writes again, ``repeated``, is then prefilled as
    well. ``telling`` are conversations in which earlier turns were seen to change.
    """

    def __init__(
        self,
        template: Template,
        labels: Labels,
        policy: Policy,
        *,
        prefill_is_uncovered: bool = False,
        repeated: str = "",
        telling: Sequence[Conversation] = (),
    ) -> None:
        self.template = template
        self._telling = telling
        self.labels = labels
        self.leaves_prefill = policy == "strict"
        self.prefill = labels.cue.prefill if self.leaves_prefill else ""
        left_out = self.leaves_prefill or labels.leaves_empty_thoughts
        empty = labels.empty_thoughts if left_out else ()
        self.empty_thoughts = sorted(empty, key=len, reverse=True)
        self.repeated = repeated
        self.cuts_trailing = policy == "strict"
        self.cuts_prefill = self.leaves_prefill and not prefill_is_uncovered
        outside = Label.PREFILL if self.cuts_prefill else Label.NOTHING
        outside |= Label.TRAILING if self.cuts_trailing else Label.NOTHING
        if not prefill_is_uncovered:
            outside |= Label.NO_THOUGHT
        self._outside = Label.PROMPT | Label.FOREIGN | outside
        self._inside = (Label.GENERATED | _PREFILL) & ~outside

    @cached_property
    def earlier_answers(self) -> EarlierAnswers:
        """The tests whose answers change when messages follow."""
        return earlier_answers(self.template, self._telling)

    @cached_property
    def missing_ends(self) -> MissingEnds | None:
        """The missing ends of its turns."""
        return missing_ends(self.labels.traced)

    def body(self) -> Body:
        """The whole template; text is already cut where its labels change."""
        return self._body(self.template.items)

    def status(self, atom: Atom) -> Status:
        """Whether an atom is the model's to write.

        An atom that prints both headers and generated text is a header, and so is a name, if all
        that it prints of generated text is white space; but white space between two generated texts
        must stay with them. Text that is also printed without a foreign field is the model's.
        """
        is_inside = bool(atom.label & self._inside)
        is_outside = bool(atom.label & self._outside)
        if is_inside and is_outside:
            if not atom.is_literal:
                if not atom.label & (Label.PROMPT | Label.FOREIGN):
                    return Status.INSIDE
                has_words = atom.label & (self._inside & ~_MAYBE_WHITE | Label.WORDS)
                return Status.MIXED if has_words else Status.OUTSIDE
            is_own = self.is_white(atom) or not atom.label & self._outside & ~Label.FOREIGN
            return Status.INSIDE if is_own else Status.OUTSIDE
        if is_inside:
            return Status.INSIDE
        return Status.OUTSIDE if atom.label else Status.SILENT

    def zone(self, atom: Atom) -> tuple[Status, bool]:
        """A key of atoms that may stay together: their status, and whether they end turns."""
        return self.status(atom), bool(atom.label & STOP)

    def is_joined(self, atom: Atom) -> bool:
        """Whether an operand prints both what belongs in the mask and what does not."""
        trails = Label.TRAILING in atom.label and self.status(atom) is Status.INSIDE
        return not atom.is_literal and (trails or self.status(atom) is Status.MIXED)

    def is_repeated(self, atom: Atom) -> bool:
        """Whether an atom is the end of the header that the model writes again."""
        is_prefilled = bool(self.repeated) and atom.is_literal and Label.PREFILL in atom.label
        return is_prefilled and self._written(atom) == self.template.text[atom.start : atom.end]

    def is_white(self, atom: Atom) -> bool:
        """Whether the characters of an atom are spaces, tabs or line breaks alone."""
        return not self.printed(atom).strip()

    def printed(self, atom: Atom) -> str:
        """The text that an atom's characters print; of an operand, its expression."""
        written = self.template.text[atom.start : atom.end]
        return value_of(written) if atom.quote else written

    def statement_status(self, statement: Statement) -> Status:
        """The status of everything that a statement prints."""
        if statement.leaf is not None and statement.leaf.piece.kind is Kind.BLOCK:
            return Status.SILENT
        return united(self.status(atom) for atom in statement.atoms)

    def _body(self, items: Iterable[Item]) -> Body:
        return tuple(node for item in items for node in self._nodes(item))

    def _nodes(self, item: Item) -> Iterator[Node]:
        if isinstance(item, Block):
            yield self._compound(item)
        elif item.piece.kind is Kind.TEXT:
            yield from self._texts(item)
        else:
            yield self._statement(item)

    def _compound(self, block: Block) -> Compound:
        sections = tuple(
            Section(self._statement(clause.tag), self._body(clause.body))
            for clause in block.clauses
        )
        return Compound(sections, self._statement(block.end), block)

    def _statement(self, leaf: Leaf) -> Statement:
        return Statement((Kept(*leaf.span),), leaf, tuple(self._atoms(leaf)))

    def _texts(self, leaf: Leaf) -> Iterator[Statement]:
        """Separate swallowed white space from printed text, and cut that by status."""
        start, end = leaf.piece.printed
        if start >= end:
            yield Statement((Kept(*leaf.span),), leaf)
            return
        if leaf.span.start < start:
            yield Statement((Kept(leaf.span.start, start),), leaf)
        text = self.template.text
        offsets = (at for at in range(start, end) if text[at - 1 : at + 1] != "\r\n")
        for atoms in self._grouped(self.characters(offsets, end)):
            code = (Kept(atoms[0].start, atoms[-1].end),)
            yield Statement(code, leaf, atoms)
        if end < leaf.span.end:
            yield Statement((Kept(end, leaf.span.end),), leaf)

    def _grouped(self, atoms: Iterable[Atom]) -> Iterator[tuple[Atom, ...]]:
        group: list[Atom] = []
        for atom in atoms:
            if group and self.zone(group[-1]) != self.zone(atom):
                yield tuple(group)
                group = []
            group.append(atom)
        if group:
            yield tuple(group)

    def _atoms(self, leaf: Leaf) -> Iterator[Atom]:
        value = leaf.node.node if isinstance(leaf.node, nodes.Assign) else leaf.node
        if leaf.piece.kind is Kind.OUTPUT and isinstance(value, nodes.Expr):
            alone = self.labels.site(leaf.span.start)
            yield from self.row(value, alone)
        elif isinstance(leaf.node, nodes.Assign) and isinstance(value, nodes.Expr):
            yield from self.row(value, Label.NOTHING)

    def row(self, expression: nodes.Expr, alone: Label, *, bare: bool = False) -> Iterator[Atom]:
        """The atoms of an expression; ``alone`` is what it was seen to print, if it is no row.

        One in parentheses is no row, unless these are left out: then it is ``bare``.
        """
        outer = self.template.outer(expression)
        if outer is None:
            return
        is_open = bare or outer == self.template.span(expression)
        row = joined_items(expression) or (operands(expression) if is_open else (expression,))
        atoms = [*self._operands(row, outer, alone)]
        if len(atoms) == 1 or any(atom.label & _TURN for atom in atoms[1:]):
            atoms[0] = self._repeating(atoms[0])
        yield from atoms

    def _operands(self, row: Sequence[nodes.Expr], outer: Span, alone: Label) -> Iterator[Atom]:
        for operand in self._with_joined(row):
            span = self.template.outer(operand) or outer
            offsets = self._literal(operand, span)
            if offsets:
                quote = self.template.text[offsets[-1]]
                yield from self.characters(offsets[:-1], offsets[-1], quote)
            elif not is_text(operand):
                label = alone if len(row) == 1 else self.labels.site(span.start)
                yield Atom(span.start, span.end, label)

    def _repeating(self, first: Atom) -> Atom:
        """The white space that a row begins with, as prefill if the model writes it elsewhere."""
        is_repeated = self._written(first) == self.template.text[first.start : first.end]
        is_header = Label.PROMPT in first.label and not self.labels.is_of_prompt(first.start)
        if self.repeated.isspace() and is_repeated and is_header:
            return replace(first, label=_prefilled(first.label))
        return first

    def _with_joined(self, row: Sequence[nodes.Expr]) -> Iterator[nodes.Expr]:
        """The operands, with those of each ``~`` in a row of ``+``."""
        for number, operand in enumerate(row):
            is_open = self.template.outer(operand) == self.template.span(operand)
            yield from joined_in(number, operand, is_open=is_open) or (operand,)

    def _literal(self, operand: nodes.Expr, span: Span) -> tuple[int, ...] | None:
        if isinstance(operand, nodes.Const) and isinstance(operand.value, str):
            return value_offsets(self.template.text, *span, operand.value)
        return None

    def characters(self, offsets: Iterable[int], end: int, quote: str = "") -> Iterator[Atom]:
        """Atoms for characters at ``offsets``, neighbours with one label together."""
        rows = list(self.labels.rows(offsets))
        ends = [start for start, _ in rows[1:]] + [end]
        for (start, label), stop in zip(rows, ends, strict=False):
            atom = Atom(start, stop, label, True, quote)
            yield from self._divided(atom) if self.repeated else (atom,)

    def _divided(self, atom: Atom) -> Iterator[Atom]:
        """Cut the end that the model writes again off an atom of a turn's header."""
        written = self._written(atom)
        is_header = Label.PROMPT in atom.label and not self.labels.is_of_prompt(atom.start)
        # White space may stand elsewhere in a header.
        is_header &= bool(self.repeated.strip()) or Label.GENERATED in atom.label
        if not is_header or not self.template.text.endswith(written, atom.start, atom.end):
            yield atom
            return
        start = atom.end - len(written)
        if start > atom.start:
            yield replace(atom, end=start)
        yield replace(atom, start=start, label=_prefilled(atom.label))

    def _written(self, atom: Atom) -> str:
        """How an atom's source spells the end that the model writes again, if it has it."""
        # A literal may have a line break as it is.
        as_it_is = self.template.text.endswith(self.repeated, atom.start, atom.end)
        if as_it_is or not atom.quote:
            return self.repeated
        return literal(self.repeated, atom.quote)[1:-1]


def _prefilled(label: Label) -> Label:
    return label & ~Label.PROMPT | Label.PREFILL


def united(found: Iterable[Status]) -> Status:
    """One status for several: mixed as soon as two differ."""
    kinds = set(found) - {Status.SILENT}
    return Status.SILENT if not kinds else kinds.pop() if len(kinds) == 1 else Status.MIXED
