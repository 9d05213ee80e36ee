"""Remove the ``generation`` tags of a template without changing what it prints.

That it prints the same is proven without rendering: the result's tree equals the marked template's
tree with each block replaced by its content.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rewriter.source.fingerprint import fingerprint
from rewriter.source.lexer import Piece
from rewriter.source.template import Block, Item, Template

_EMPTY = "{{ '' }}"


def unmarked(source: str) -> str:
    """``source`` without its ``generation`` tags and the lines that they stood on.

    If the tags only wrapped statements, you get the original back, byte for byte. Where removing a
    tag would change what is printed, a comment takes its place. A block is a scope of its own: a
    variable that is set in one and read after it has another value once the block is gone. Only
    rendering shows that.

    Raises:
        BadInput: ``source`` is not a template.

    """
    printed = fingerprint(source, dissolved=True)
    while (block := _first_block(Template(source).items)) is not None:
        source = next(
            text for text in _without(source, block) if fingerprint(text, dissolved=True) == printed
        )
    return source


def _first_block(items: tuple[Item, ...]) -> Block | None:
    for item in items:
        if isinstance(item, Block):
            if item.keyword == "generation":
                return item
            inner = (_first_block(clause.body) for clause in item.clauses)
            if found := next(filter(None, inner), None):
                return found
    return None


def _without(source: str, block: Block) -> Iterator[str]:
    """Ways to write the source without a block's tags, the best first; the last always works."""
    opening, closing = block.clauses[0].tag.piece, block.end.piece
    pairs = product(_ways(source, opening, True), _ways(source, closing, False))
    for (start, end, instead), (later, last, other) in sorted(pairs, key=_is_comment):
        yield source[:start] + instead + source[end:later] + other + source[last:]


def _is_comment(ways: tuple[tuple[int, int, str], ...]) -> bool:
    return any(instead for _, _, instead in ways)


def _ways(source: str, tag: Piece, opens: bool) -> Iterator[tuple[int, int, str]]:
    """Stretches of source to remove, each with its replacement.

    The line break after an opener, or before a closer, may have been added with the tag: wrapping
    does not move the statements inside.
    """
    start, end = tag.span
    before = start - len(source[:start]) + len(source[:start].rstrip())
    after = end + len(source[end:]) - len(source[end:].lstrip())
    line = source[:start].rfind("\n", before)
    next_line = source.find("\n", end, after)
    stretches = [
        (start, after),
        (before, end),
        (start, next_line + 1 if next_line >= 0 else end),
        (line if line >= 0 else start, end),
        (start, end),
    ]
    if not opens:
        stretches[0], stretches[1] = stretches[1], stretches[0]
    if source.endswith(_EMPTY, 0, start):
        # The engine writes this so that the tag does not swallow the indentation before it.
        stretches.insert(0, (start - len(_EMPTY), end))
    for stretch in dict.fromkeys(stretches):
        yield (*stretch, "")
    left, right = (sign if sign in "-+" else "" for sign in (source[start + 2], source[end - 3]))
    yield start, end, f"{{#{left} {right}#}}"
