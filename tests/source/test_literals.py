"""Each character of a string literal's value is found where it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes

from rewriter.source.literals import literal, value_of, value_offsets
from rewriter.source.template import Template

# What is written, and what it stands for.
WRITTEN = {
    "a": "a",
    "é": "é",
    "🙂": "🙂",
    '"': '"',
    "|": "|",
    "\n": "\n",
    "\r\n": "\n",
    r"\n": "\n",
    r"\t": "\t",
    r"\\": "\\",
    r"\'": "'",
    r"\"": '"',
    r"\x41": "A",
    r"\u00e9": "é",
    r"\U0001F600": "\U0001f600",
    r"\101": "A",
    r"\0": "\0",
    r"\7": "\7",
    r"\N{BULLET}": "•",
    "\\\n": "",
    "\\\r\n": "",
}


def offsets_in(literal: str) -> tuple[str, tuple[int, ...] | None]:
    """The value of a literal, and where its characters are written in it."""
    template = Template("{{ " + literal + " }}")
    (constant,) = template.tree.find_all(nodes.Const)
    span = template.span(constant)
    assert span is not None
    found = value_offsets(template.text, *span, constant.value)
    return constant.value, found and tuple(offset - span.start for offset in found)


@pytest.mark.parametrize("literal", ["'a' 'b'", "'a'\n\"b\"", "'' ''"])
def test_literals_that_jinja2_joined_cannot_be_told_apart(literal: str):
    assert offsets_in(literal)[1] is None


def test_an_empty_literal_has_only_its_end():
    assert offsets_in("''") == ("", (1,))


@pytest.mark.parametrize(("written", "value"), WRITTEN.items(), ids=map(repr, WRITTEN))
def test_what_is_written_stands_for_what_jinja2_reads(written: str, value: str):
    assert value_of(f"x{written}y") == f"x{value}y"


@pytest.mark.parametrize(("written", "value"), WRITTEN.items(), ids=map(repr, WRITTEN))
def test_what_stands_between_two_letters_takes_the_room_it_takes(written: str, value: str):
    end = 2 + len(written)
    middle = (2,) * len(value)
    assert offsets_in(f"'x{written}y'") == (f"x{value}y", (1, *middle, end, end + 1))


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
def test_an_escape_that_there_is_not_stands_for_both_its_characters():
    assert offsets_in(r"'a\qb'") == (r"a\qb", (1, 2, 2, 4, 5))


@given(st.lists(st.sampled_from(list(WRITTEN))))
def test_every_character_begins_where_it_is_written(written: list[str]):
    value, offsets = offsets_in("'" + "".join(written) + "'")
    expected: list[int] = []
    position = 1
    for each in written:
        expected += [position] * len(WRITTEN[each])
        position += len(each)
    assert value == "".join(WRITTEN[each] for each in written)
    assert offsets == (*expected, position)


@given(st.text(), st.sampled_from("'\""))
def test_a_literal_has_the_text_that_it_is_written_for(text: str, quote: str):
    value, _ = offsets_in(literal(text, quote))
    assert value == text
