"""Texts that templates may treat differently.

A template may change only a text that begins with a brace, or that is all digits; some filters read
a text of digits as a number. Two templates that agree on ordinary texts may differ on these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, permutations
from json import dumps
from typing import Final

from rewriter.conversations.kinds import KINDS
from rewriter.conversations.saying import saying, saying_at_work
from rewriter.tracing.conversation import Conversation

_LIKE_DATA: Final = (
    *("007", "0", "-7", "+7", "7.50", "1e3", "1_000", "0x1F", "inf", "nan", "²½٣", "x" * 3),
    *("None", "none", "null", "True", "true", "False", "false", "[]", "{}", "['a']", '["a"]'),
    *('"a"', "'a'", "{'a': 1}", '{"b": 1, "a": 2}', "a: 1", "<b>a</b>", "http://a.example/?b=1&c"),
)
_LIKE_WORDS: Final = (
    *("A", "É", "ß", "a b", "a B", "A B", "it's a-b_c d", "iPhone iPHONE", "ABC DEF", "a-b-c"),
    *(
        "a\u0301",
        "a\tb",
        "a\r\nb\rc",
        "a\x0bb\x0cc\x85d\u2028e",
        "a \n b",
        "a\n \n\nb",
        "\\n",
        "a\x00b",
    ),
    *(
        "a\U0001f600b",
        "\U0001f600",
        "?",
        "a? b! c.",
        ".a",
        "a:",
        "- a\n- b",
        "*",
        "#",
        "a" * 70 + " " + "b" * 90,
    ),
)
_OF_EACH_KIND: Final = ("42", "-7", "WHY NOT", "why", "Why Not", "a_b2")
# What people and tools often say.
_OFTEN_SAID: Final = (
    "1. Look.\n2. Go on.\n",
    "- one\n- two",
    "# So\n\n**It** is `so`.",
    "Great!",
    "Is it so?",
    "https://so.example/a?b=1",
    "```python\nso = 1\n```",
    '{"so": [1, 2], "is": null}\n',
    dumps({f"so{number}": ["it", "is"] for number in range(60)}, indent=2),
    "<p>So it is.</p>",
    "\u6f22\u5b57\u3002",
    "\u0627\u0644\u0633",
    "\U0001f600",
    "Error: it is not so.\n  at line 1\n",
)
# White space of each kind, of two kinds in both orders, and characters that only look like it.
_WHITE_SPACE: Final = (
    *(" ", "\t", "\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u00a0", "\u2028"),
    *(" \n", "\n ", "\t\n", "\n\t", "\n\n", "  ", "\u200b", "\ufeff"),
)
# What contents often begin with, which a template may tell apart.
_BEGINNINGS: Final = ("{", "[", "<", "**", "- ", "# ", "`", '"', "1", "a", "A", "\u6f22", "\u0627")
_LAID_OUT: Final = "a  b\tc\r\nd\n\n\n    e True, {'f': \"g\"}"
_AROUND_MARKS: Final = (" ", "\t", "\n", " \n", "\n ", "\r\n", "\n\n")
_MOST_MARKS: Final = 12
_MOST_PAIRED: Final = 5


def odd_texts(texts: Iterable[str]) -> Iterator[Conversation]:
    """Everybody says texts that look like data, with white space of each kind, and around marks.

    ``texts`` are those that the templates look for.
    """
    marks = [text for text in dict.fromkeys(texts) if text not in KINDS][:_MOST_MARKS]
    edges = (each + "a" + each for each in _WHITE_SPACE)
    spellings = chain.from_iterable((m.upper(), m.title(), m[:-1], m[1:]) for m in marks)
    begun = _laid_out((*_BEGINNINGS, *marks, *KINDS))
    made = (*_LIKE_DATA, *_LIKE_WORDS, *edges, *_WHITE_SPACE, *spellings, *_marked(marks), *begun)
    for text in dict.fromkeys(filter(None, made)):
        yield from saying(text)


def texts_of_each_kind() -> Iterator[Conversation]:
    """Everybody says a text of each kind that the tests and methods of texts tell apart."""
    yield from chain.from_iterable(map(saying, _OF_EACH_KIND))
    yield from map(saying_at_work, _OFTEN_SAID)


def _laid_out(beginnings: Iterable[str]) -> Iterator[str]:
    """Each beginning before white space of many kinds, which may change only after that."""
    for beginning in beginnings:
        yield f"{beginning}{_LAID_OUT}\n"
        yield f"{beginning}{_LAID_OUT} "
        yield f" \n{beginning}{_LAID_OUT}"


def _marked(marks: list[str]) -> Iterator[str]:
    """One text with white space on both sides of each mark, and of each pair of marks."""
    yield " ".join(marks)
    yield "\n".join(reversed(marks))
    for mark in marks:
        for space in _AROUND_MARKS:
            yield f"{space}a{space}{mark}{space}b{space}"
    for one, other in permutations(marks[:_MOST_PAIRED], 2):
        yield f"{one}a{other}b"
        yield f"a{other} {one} \tb\t {other} c"
        yield f"{one}\n a \n{other}\n b"
