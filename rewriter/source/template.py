"""A chat template, read without loss: its pieces, jinja2's tree, and how the two correspond."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from jinja2 import nodes

from rewriter.source.environment import parsing_environment
from rewriter.source.lexer import Kind, Lexed, Piece, Span, is_marker_free, lex
from rewriter.source.parser import parse
from rewriter.source.walk import find_all


@dataclass(frozen=True, slots=True)
class Leaf:
    """One piece and the node for it.

    An output's node is its expression, a text's its ``TemplateData``, and a block tag's its
    statement. Comments, ``else``, end tags and swallowed text have none.
    """

    piece: Piece
    node: nodes.Node | None

    @property
    def span(self) -> Span:
        """The piece's place in the text."""
        return self.piece.span


@dataclass(frozen=True, slots=True)
class Clause:
    """A tag that opens a body (``if``, ``elif``, ``else``, ``for`` …), with that body."""

    tag: Leaf
    body: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A compound statement: its clauses in order and its end tag."""

    node: nodes.Node | None
    clauses: tuple[Clause, ...]
    end: Leaf

    @property
    def keyword(self) -> str:
        """Its first word: ``for``, ``if``, ``macro``, ``generation``, and so on."""
        return self.clauses[0].tag.piece.keyword

    @property
    def bodies(self) -> tuple[Span, ...]:
        """The span of each clause's body, between the tags."""
        starts = (clause.tag.span.end for clause in self.clauses)
        ends = (*(clause.tag.span.start for clause in self.clauses[1:]), self.end.span.start)
        return tuple(Span(*each) for each in zip(starts, ends, strict=True))

    @property
    def span(self) -> Span:
        """From the start of the first tag to the end of the last."""
        return Span(self.clauses[0].tag.span.start, self.end.span.end)


Item = Leaf | Block

_OPENS = {"for", "if", "macro", "call", "filter", "with", "autoescape", "block", "generation"}
_CONTINUES = {"elif", "else", "pluralize"}


class Template:
    """The original text of a chat template, with its syntax.

    Raises:
        BadInput: if jinja2 cannot parse it.

    """

    def __init__(self, text: str) -> None:
        self.text = text
        environment = parsing_environment()
        self._lexed: Lexed = lex(text, environment)
        self.tree, self._parser = parse(text, environment, self._lexed)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The file, piece by piece."""
        return self._lexed.pieces

    @property
    def is_marked(self) -> bool:
        """Whether it has a ``generation`` tag, outside comments and strings."""
        return not is_marker_free(self._lexed.tokens)

    def span(self, node: nodes.Node) -> Span | None:
        """The span of an expression, without the parentheses around it."""
        return self._parser.spans.get(id(node))

    def outer(self, node: nodes.Node) -> Span | None:
        """The span of an expression, with the parentheses around it."""
        return self._parser.outers.get(id(node))

    def source(self, node: nodes.Node) -> str:
        """The text of an expression, as written."""
        span = self.span(node)
        return span.of(self.text) if span else ""

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The template as nested statements."""
        return _Nesting(self).items()

    @cached_property
    def data_spans(self) -> Mapping[int, Span]:
        """The printed span of each ``TemplateData`` node, by ``id``."""
        printed = [
            piece.printed for piece in self.pieces if piece.printed.start < piece.printed.end
        ]
        return {
            id(n): s for n, s in zip(find_all(self.tree, nodes.TemplateData), printed, strict=True)
        }

    @property
    def output_tags(self) -> Mapping[int, nodes.Expr]:
        """The expression of each output tag by the offset of its ``{{``."""
        return self._parser.outputs

    def leaf_node(self, piece: Piece) -> nodes.Node | None:
        """The node that jinja2 made from a tag."""
        if piece.kind is Kind.OUTPUT:
            return self._parser.outputs.get(piece.span.start)
        if piece.kind is Kind.BLOCK and piece.keyword:
            at = self.text.find(piece.keyword, piece.inner.start)
            return self._parser.statements.get(at)
        return None


class _Nesting:
    """Folds the flat pieces into nested statements."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._pieces = iter(template.pieces)
        self._data = iter(find_all(template.tree, nodes.TemplateData))

    def items(self) -> tuple[Item, ...]:
        body, _ = self._body()
        return body

    def _leaf(self, piece: Piece) -> Leaf:
        if piece.kind is Kind.TEXT:
            shown = piece.printed.start < piece.printed.end
            return Leaf(piece, next(self._data) if shown else None)
        return Leaf(piece, self._template.leaf_node(piece))

    def _body(self) -> tuple[tuple[Item, ...], Leaf | None]:
        """The statements up to the tag that ends them, and that tag."""
        found: list[Item] = []
        for piece in self._pieces:
            leaf = self._leaf(piece)
            if piece.kind is not Kind.BLOCK:
                found.append(leaf)
            elif _ends(piece.keyword):
                return tuple(found), leaf
            elif _opens(leaf):
                found.append(self._block(leaf))
            else:
                found.append(leaf)
        return tuple(found), None

    def _block(self, opening: Leaf) -> Block:
        clauses: list[Clause] = []
        tag: Leaf | None = opening
        while tag is opening or (tag is not None and tag.piece.keyword in _CONTINUES):
            head = Leaf(tag.piece, self._clause_node(opening, tag, len(clauses)))
            body, tag = self._body()
            clauses.append(Clause(head, body))
        assert tag is not None, "jinja2 parsed the template, so every block is closed"
        return Block(opening.node, tuple(clauses), tag)

    @staticmethod
    def _clause_node(opening: Leaf, tag: Leaf, index: int) -> nodes.Node | None:
        if index and isinstance(opening.node, nodes.If) and tag.piece.keyword == "elif":
            return opening.node.elif_[index - 1]
        return opening.node if tag is opening else None


def _opens(leaf: Leaf) -> bool:
    keyword = leaf.piece.keyword
    return keyword in _OPENS or keyword == "raw_begin" or isinstance(leaf.node, nodes.AssignBlock)


def _ends(keyword: str) -> bool:
    return keyword.startswith("end") or keyword == "raw_end" or keyword in _CONTINUES


def leaves(items: Iterable[Item]) -> Iterator[Leaf]:
    """All pieces below ``items``, in order."""
    for item in items:
        if isinstance(item, Leaf):
            yield item
            continue
        for clause in item.clauses:
            yield clause.tag
            yield from leaves(clause.body)
        yield item.end
