"""jinja2's own parser, made to record where each node stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar, cast

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser

from rewriter.errors import BadInput
from rewriter.source.lexer import Lexed, Located, Span, syntax_error

_Node = TypeVar("_Node", bound=nodes.Node)
_SIGNS: Final[Mapping[str, type[nodes.UnaryExpr]]] = {"sub": nodes.Neg, "add": nodes.Pos}


class _Stream(TokenStream):
    """A token stream that remembers the last token it gave."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self.last: Token = Token(1, "initial", "")
        super().__init__(tokens, None, None)

    def __next__(self) -> Token:
        self.last = super().__next__()
        return self.last

    def look(self) -> Token:
        last = self.last
        token = super().look()
        self.last = last
        return token


class SpanParser(Parser):
    """Parses as jinja2 does, and records a span for every expression.

    ``spans`` and ``outers`` are keyed by ``id(node)``: the node alone, and with the parentheses
    around it. ``statements`` holds the nodes of a block tag by the offset of its keyword,
    ``outputs`` the expression of an output tag by the tag's offset.
    """

    stream: _Stream

    def __init__(self, environment: Environment, lexed: Lexed) -> None:
        super().__init__(environment, "")
        self.stream = _Stream(lexed.tokens)
        self.spans: dict[int, Span] = {}
        self.outers: dict[int, Span] = {}
        self.statements: dict[int, nodes.Node] = {}
        self.outputs: dict[int, nodes.Expr] = {}
        self._seen: list[nodes.Node] = []

    def offset(self) -> int | None:
        """The offset of the current token, or ``None`` at the end."""
        token: Any = self.stream.current if self.stream.current.type != "eof" else self.stream.last
        return getattr(token, "start", None)

    def _record(self, node: _Node, start: int) -> _Node:
        span = Span(start, cast("Located", self.stream.last).end)
        key = id(node)
        if key not in self.spans:
            self._seen.append(node)  # kept alive so that no other node gets its id
            self.spans[key] = self.outers[key] = span
            self._fill(node)
        elif span.start < self.outers[key].start:
            self.outers[key] = span
            if self.spans[key].start >= self.spans[key].end:
                self.spans[key] = span  # `()` has nothing between its parentheses
        return node

    def _fill(self, node: nodes.Node) -> None:
        """Give an operator's node, which no method here sees, the span of its operands."""
        pending = [node]
        chain: list[nodes.Node] = []
        while pending:
            inner = pending.pop()
            chain.append(inner)
            pending.extend(c for c in inner.iter_child_nodes() if id(c) not in self.spans)
        for inner in reversed(chain):
            if id(inner) not in self.spans:
                ends = [self.outers[id(c)] for c in inner.iter_child_nodes() if id(c) in self.spans]
                if ends:
                    span = Span(min(e.start for e in ends), max(e.end for e in ends))
                    self.spans[id(inner)] = self.outers[id(inner)] = span

    def _located(self, parse: Callable[..., _Node], *args: Any, **options: Any) -> _Node:
        start = self.offset() or 0
        return self._record(parse(*args, **options), start)

    def _extended(self, node: nodes.Expr, parse: Callable[[nodes.Expr], _Node]) -> _Node:
        start = self.outers[id(node)].start
        return self._record(parse(node), start)

    def parse_statement(self) -> nodes.Node | list[nodes.Node]:
        start = self.offset() or 0
        parsed = super().parse_statement()
        if isinstance(parsed, nodes.Node):
            self.statements[start] = parsed
        return parsed

    def parse_expression(self, with_condexpr: bool = True) -> nodes.Expr:
        return self._located(super().parse_expression, with_condexpr)

    def parse_not(self) -> nodes.Expr:
        return self._located(super().parse_not)

    def parse_unary(self, with_filter: bool = True) -> nodes.Expr:
        sign = _SIGNS.get(self.stream.current.type)
        if sign is None:
            return self._located(super().parse_unary, with_filter)
        # As in jinja2, but located before a filter or a test is applied to the signed value.
        start = self.offset() or 0
        lineno = next(self.stream).lineno
        node: nodes.Expr = self._record(sign(self.parse_unary(False), lineno=lineno), start)
        node = self.parse_postfix(node)
        return self.parse_filter_expr(node) if with_filter else node

    def parse_primary(self, with_namespace: bool = False) -> nodes.Expr:
        return self._located(super().parse_primary, with_namespace)

    def parse_tuple(self, *args: Any, **options: Any) -> nodes.Tuple | nodes.Expr:
        before = cast("Located", self.stream.last)
        node = self._located(super().parse_tuple, *args, **options)
        if before.type == "variable_begin":
            self.outputs[before.start] = node
        return node

    def parse_subscribed(self) -> nodes.Expr:
        return self._located(super().parse_subscribed)

    def parse_subscript(self, node: nodes.Expr) -> nodes.Getattr | nodes.Getitem:
        parsed = self._extended(node, super().parse_subscript)
        if isinstance(parsed, nodes.Getitem) and isinstance(parsed.arg, nodes.Const):
            last = cast("Located", self.stream.last)
            number = Span(last.start, last.end)  # the number of `m.0`, which no other method sees
            self.spans.setdefault(id(parsed.arg), number)
            self.outers.setdefault(id(parsed.arg), number)
        return parsed

    def parse_call(self, node: nodes.Expr) -> nodes.Call:
        return self._extended(node, super().parse_call)

    def parse_test(self, node: nodes.Expr) -> nodes.Expr:
        parsed = self._extended(node, super().parse_test)
        if isinstance(parsed, nodes.Not):
            # In `x is not y`, the inner test has no text of its own.
            del self.spans[id(parsed.node)], self.outers[id(parsed.node)]
        return parsed

    def parse_filter(
        self, node: nodes.Expr | None, start_inline: bool = False
    ) -> nodes.Expr | None:
        """Parse one filter at a time, since jinja2 parses a whole chain at once."""
        start = self.outers[id(node)].start if node is not None else self.offset() or 0
        while self.stream.current.type == "pipe" or start_inline:
            if not start_inline:
                next(self.stream)
            node = self._record(self._one_filter(node), start)
            start_inline = False
        return node

    def _one_filter(self, node: nodes.Expr | None) -> nodes.Filter:
        token = self.stream.expect("name")
        name = token.value
        while self.stream.current.type == "dot":
            next(self.stream)
            name += "." + self.stream.expect("name").value
        called = self.stream.current.type == "lparen"
        args, kwargs, dyn_args, dyn_kwargs = (
            self.parse_call_args() if called else ([], [], None, None)
        )
        return nodes.Filter(node, name, args, kwargs, dyn_args, dyn_kwargs, lineno=token.lineno)


def parse(text: str, environment: Environment, lexed: Lexed) -> tuple[nodes.Template, SpanParser]:
    """The tree of ``text``, and the parser that knows its spans.

    Raises:
        BadInput: a syntax error, an unknown tag, or nesting too deep to read.

    """
    parser = SpanParser(environment, lexed)
    try:
        return parser.parse(), parser
    except TemplateSyntaxError as error:
        raise syntax_error(text, error, parser.offset()) from None
    except RecursionError:
        raise BadInput(
            "the template is nested too deeply to be read",
            hint="no template that a model ships comes near this; check where the file is from",
        ) from None
