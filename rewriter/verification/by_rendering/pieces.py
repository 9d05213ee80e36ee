"""Compare texts by whole pieces: tokens in brackets, runs of letters, white space."""

from __future__ import annotations

import re
from typing import Final

_PIECE: Final = re.compile(r"<[^<>\s]{1,60}>|\[[^\[\]\s]{1,60}\]|\s|\w+|.", re.DOTALL)
_TOKEN: Final = re.compile(r"<[^<>\s]{1,60}>|\[[A-Z_/]{1,40}\]")
_IN_BRACKETS: Final = re.compile(r"<[^<>]{1,60}>|\[[^\[\]]{1,60}\]|\{[^{}]{0,60}\}")


def pieces(text: str) -> list[str]:
    """The text in indivisible pieces."""
    return _PIECE.findall(text)


def common_start(one: str, other: str) -> int:
    """The length of the common start, in whole pieces of both."""
    length = 0
    for mine, theirs in zip(pieces(one), pieces(other), strict=False):
        if mine != theirs:
            break
        length += len(mine)
    return length


def common_end_of_turn(one: str, other: str) -> int:
    """How much of the common start may end a turn.

    A token that different words directly follow in each opens two headers.
    """
    length = common_start(one, other)
    mine, theirs = one[length : length + 1], other[length : length + 1]
    last = pieces(one[:length])[-1:]
    is_opening = mine.isalnum() and theirs.isalnum() and bool(last) and _TOKEN.fullmatch(last[0])
    return length - len(last[0]) if is_opening else length


def alike_start(one: str, other: str) -> tuple[int, int]:
    """The length of the common start in each, ignoring differences of white space."""
    mine, theirs = _placed(one), _placed(other)
    ends = (0, 0)
    for (piece, end), (same, other_end) in zip(mine, theirs, strict=False):
        if piece != same:
            break
        ends = (end, other_end)
    white = common_start(one[ends[0] :], other[ends[1] :])
    return ends[0] + white, ends[1] + white


def _placed(text: str) -> list[tuple[str, int]]:
    at, placed = 0, []
    for piece in pieces(text):
        at += len(piece)
        if not piece.isspace():
            placed.append((piece, at))
    return placed


def common_end(one: str, other: str) -> int:
    """The length of the common end, in whole pieces of both."""
    length = 0
    for mine, theirs in zip(reversed(pieces(one)), reversed(pieces(other)), strict=False):
        if mine != theirs:
            break
        length += len(mine)
    return length


def has_words(text: str) -> bool:
    """Whether there are letters outside all brackets."""
    return re.search(r"[^\W\d_]{2}", _IN_BRACKETS.sub(" ", text)) is not None


def has_words_or_numbers(text: str) -> bool:
    """Whether there are letters or digits outside all brackets."""
    return has_words(text) or re.search(r"\d", _IN_BRACKETS.sub(" ", text)) is not None


def may_have_words(text: str) -> bool:
    """Whether there are letters outside of certain tokens."""
    return re.search(r"[^\W\d_]{2}", _TOKEN.sub(" ", text)) is not None


def may_have_words_or_numbers(text: str) -> bool:
    """Whether there are letters or digits outside of certain tokens."""
    return may_have_words(text) or re.search(r"\d", _TOKEN.sub(" ", text)) is not None


def first_run(text: str) -> tuple[int, int]:
    """The first run of characters that are not white space, which may be empty."""
    match = re.search(r"\S+", text)
    return match.span() if match else (0, 0)


def squeezed(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


def is_token(piece: str) -> bool:
    """Whether a piece is a token in brackets."""
    return len(piece) > 2 and piece[0] in "<["


def to_last_token(run: str) -> str:
    """A run up to its last token; all of it without a token."""
    found = pieces(run)
    while found and not is_token(found[-1]):
        found.pop()
    return "".join(found) or run
