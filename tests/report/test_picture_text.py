"""A picture as text: what is trained can be read without colour, and part is told from part."""

from functools import cache

import pytest

import rewriter
from rewriter.picture.drawing import drawn
from rewriter.picture.picture import Picture
from rewriter.report.picture_text import BAR, CUT, picture_text, share_line
from rewriter.rewriting.request import Request
from rewriter.tracing.conversation import Conversation
from tests.tokens.offline_tokenizers import byte_level_crossing
from tests.verification.chatml import ORIGINAL

CHAT = (
    {"role": "user", "content": "What now?"},
    {"role": "assistant", "content": "This.", "reasoning_content": "Hm."},
)


@cache
def picture(*messages: str) -> Picture:
    chat = tuple({"role": "user", "content": each} for each in messages) or CHAT
    return drawn(Request(ORIGINAL, "strict", verify=False), "chat.jinja", [Conversation(chat)])


def rows(*messages: str, width: int = 80) -> list[str]:
    return picture_text(picture(*messages), width).plain.splitlines()


def test_what_is_not_trained_has_no_bar():
    assert [row for row in rows("What now?")[4:] if BAR in row] == []


def test_each_part_comes_after_its_name_and_what_is_trained_after_a_bar():
    found = [" ".join(row.split()) for row in rows()]
    start = found.index("user said <|im_start|>user↵")
    assert found[start:][:11] == [
        "user said <|im_start|>user↵",
        "What now?<|im_end|>↵",
        "assistant header <|im_start|>assistant↵",
        f"reasoning {BAR} <think>↵",
        f"{BAR} Hm.↵",
        f"{BAR} </think>↵",
        f"{BAR} ↵",
        f"content {BAR} This.",
        f"turn end {BAR} <|im_end|>",
        "space after ↵",
        "trained: 37 of 97 characters (38 %): reasoning 22, content 5, turn end 10",
    ]


@pytest.mark.parametrize("width", [60, 100])
def test_no_row_of_a_conversation_is_wider_than_the_terminal(width):
    said = "word " * 60 + "x" * 200
    assert max(map(len, rows(said, width=width)[4:-2])) <= width


def test_a_long_text_of_others_is_shortened_and_says_by_how_much():
    found = rows("\n".join(f"line {number}" for number in range(100)))
    assert not any("line 50" in row for row in found)
    # Header, a hundred lines, and the end after the last: of 101 rows eight are shown.
    assert any("… 93 more lines …" in row for row in found)


def test_control_characters_cannot_move_the_cursor():
    assert not any("\x1b" in row for row in rows("\x1b[2J"))


def test_the_last_line_but_for_notices_sums_up():
    told = [str(notice) for notice in picture().notices]
    assert share_line(picture().share) in [row for row in rows() if row not in told][-1]


def test_a_cut_token_is_marked_where_it_is_cut():
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    shown = rewriter.show(byte_level_crossing(ORIGINAL), chat, verify=False, limits=None)
    assert f"{BAR} {CUT}H·e·l·l·o" in str(shown)
