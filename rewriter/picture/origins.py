"""Where in the template the text of a run comes from, and which tags passed it on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from rewriter.source.lexer import Kind, Span
from rewriter.tracing.origins import Literal
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Run


def sources_of(traced: TracedTemplate, run: Run, start: int, end: int) -> tuple[Span, ...]:
    """The sources of the characters ``[start, end)`` of a run, the most exact first.

    First the characters of a literal, or the expression; then the tag that evaluated it, and the
    tag that printed the variable it was assigned to.
    """
    return tuple(dict.fromkeys(_sources(traced, run, start, end)))


def _sources(traced: TracedTemplate, run: Run, start: int, end: int) -> Iterator[Span]:
    if isinstance(run.origin, Literal):
        origin = Literal(run.origin.at, run.origin.index + start - run.start)
        # With the offset after the last character, which may be an escape of several characters.
        offsets = traced.source_offsets(origin, end - start + 1)
        if len(offsets) > end - start:
            yield Span(offsets[0], offsets[-1])
    tags = [site for site in run.sites if site in traced.template.output_tags]
    expressions = [site for site in run.sites if site not in traced.template.output_tags]
    for site in expressions[:1]:
        if span := traced.expression_span(site):
            yield span
    for site in (*tags[:1], *tags[-1:]):
        yield _piece(traced, site)


def _piece(traced: TracedTemplate, offset: int) -> Span:
    """The tag at an offset."""
    pieces = traced.template.pieces
    piece = pieces[bisect_right(pieces, offset, key=lambda each: each.span.start) - 1]
    assert piece.kind is Kind.OUTPUT, "only output tags print"
    return piece.span
