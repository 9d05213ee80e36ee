"""A marked template without its ``generation`` tags, which prints the same text.

Whether it does is proven on the trees, without rendering: that of the marked template with each
block replaced by what it holds, and that of the result, are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rewriter.source.fingerprint import fingerprint
from rewriter.source.lexer import Piece
from rewriter.source.template import Block, Item, Template

_EMPTY = "{{ '' }}"


def unmarked(source: str) -> str:
    """``source`` without ``generation`` tags, and without the lines that they stood on.

    It gives back, byte for byte, a template whose statements were wrapped and otherwise left as
    they were. Where a tag cannot be taken out without a change of what is printed, a comment takes
    its place. A block is a scope of its own, and without it is none: a variable that is set in one
    and read behind it has another value then, which rendering tells.

    Raises:
        BadInput: ``source`` is no template.

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
    """The source without a block's tags, the likeliest way first; the last prints the same."""
    opening, closing = block.clauses[0].tag.piece, block.end.piece
    pairs = product(_ways(source, opening, True), _ways(source, closing, False))
    for (start, end, instead), (later, last, other) in sorted(pairs, key=_is_comment):
        yield source[:start] + instead + source[end:later] + other + source[last:]


def _is_comment(ways: tuple[tuple[int, int, str], ...]) -> bool:
    return any(instead for _, _, instead in ways)


def _ways(source: str, tag: Piece, opens: bool) -> Iterator[tuple[int, int, str]]:
    """Stretches of source to take out, each with what is to stand there instead.

    An opener may have brought the line behind it, a closer that before it, as the statements
    within are where they were.
    """
    start, end = tag.span
    before = start - len(source[:start]) + len(source[:start].rstrip())
    behind = end + len(source[end:]) - len(source[end:].lstrip())
    line = source[:start].rfind("\n", before)
    next_line = source.find("\n", end, behind)
    stretches = [
        (start, behind),
        (before, end),
        (start, next_line + 1 if next_line >= 0 else end),
        (line if line >= 0 else start, end),
        (start, end),
    ]
    if not opens:
        stretches[0], stretches[1] = stretches[1], stretches[0]
    if source.endswith(_EMPTY, 0, start):
        # Put there so that the tag would not swallow the indentation before it.
        stretches.insert(0, (start - len(_EMPTY), end))
    for stretch in dict.fromkeys(stretches):
        yield (*stretch, "")
    left, right = (sign if sign in "-+" else "" for sign in (source[start + 2], source[end - 3]))
    yield start, end, f"{{#{left} {right}#}}"
