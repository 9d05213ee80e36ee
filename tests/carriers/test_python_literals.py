"""Every kind of string literal: what it means, and how it takes another text."""

import ast
import io
import tokenize
import warnings

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rewriter.carriers.literal import Literal, Part
from rewriter.carriers.python_literals import PythonLiteral
from rewriter.carriers.spelling import edited
from rewriter.source.edits import Edit, apply
from tests.carriers.literals import edits_of

WRITTEN = (
    *"ab07'\"é…😀\t{%}",
    *("\n", "\r\n", "''", '""', "\\\n", "\\\r\n"),
    *(r"\n", r"\r", r"\\", r"\'", r"\"", r"\x41", r"\0", r"\12", r"\101", r"\d", r"\é", r"\{"),
    *(r"\u00e9", r"\u2028", r"\U0001F600", r"\N{BULLET}"),
)
TEXTS = st.text(st.sampled_from("ab07'\"\\\n\r\t\x00\x7fdnux é\u0301…😀\u2028\ud83d"), max_size=12)


@st.composite
def sources(draw: st.DrawFn) -> str:
    """A literal of any kind that Python reads."""
    prefix = draw(st.sampled_from(["", "", "u", "r", "R"]))
    quote = draw(st.sampled_from(["'", '"', "'''", '"""']))
    body = "".join(draw(st.lists(st.sampled_from(WRITTEN), max_size=12)))
    source = f"{prefix}{quote}{body}{quote}"
    assume(is_literal(source))
    return source


def is_literal(source: str) -> bool:
    """Whether Python reads it as one literal, and not as two side by side."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({source})", newline="").readline))
    except tokenize.TokenError:
        return False
    return [each.string for each in tokens[1:2]] == [source] and value_of(source) is not None


def value_of(source: str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.literal_eval(source)
        except SyntaxError:
            return None


def read(source: str, encoding: str = "utf-8") -> PythonLiteral:
    return PythonLiteral.read(source, newline="\n", encoding=encoding)


def after(source: str, *edits: Edit, encoding: str = "utf-8") -> str:
    literal = read(source, encoding)
    part = Part(0, len(source), 0, literal.units, literal.write)
    return apply(source, Literal((part,)).edited(edits))


@settings(max_examples=60)
@given(sources())
def test_it_means_what_python_says_and_without_an_edit_stays(source: str):
    units = read(source).units
    assert "".join(unit.meant for unit in units) == value_of(source)
    assert read(source).write(units) == source
    assert after(source) == source


@settings(max_examples=60)
@given(st.data(), sources())
def test_it_takes_any_text_at_any_place(data: st.DataObject, source: str):
    text = value_of(source)
    assert text is not None
    edits = data.draw(edits_of(text, TEXTS))
    changed = after(source, *edits)
    assert is_literal(changed)
    assert value_of(changed) == apply(text, edits)


@settings(max_examples=60)
@given(st.data(), sources(), st.text("xyz ", min_size=1, max_size=3))
def test_where_it_can_hold_the_text_every_other_character_stays_as_it_is_written(
    data: st.DataObject, source: str, text: str
):
    literal = read(source)
    written = data.draw(st.integers(0, len(literal.units)))
    place = len("".join(unit.meant for unit in literal.units[:written]))
    before = len(literal.style.prefix + literal.style.quote)
    before += len("".join(unit.written for unit in literal.units[:written]))
    expected = source[:before] + text + source[before:]
    edit = Edit(place, place, text)
    assume(value_of(expected) == apply(value_of(source) or "", [edit]))
    # A continuation means nothing, so the text may stand on either side of it.
    assert uncontinued(after(source, edit)) == uncontinued(expected)


def uncontinued(source: str) -> str:
    return source.replace("\\\n", "").replace("\\\r\n", "")


EXAMPLES = {
    "an escape": (r"'a\nb'", Edit(0, 0, "é"), r"'éa\nb'"),
    "a line ending in one quote": ("'ab'", Edit(1, 1, "\n"), r"'a\nb'"),
    "a line ending in three": ('"""ab"""', Edit(1, 1, "\n"), '"""a\nb"""'),
    "a line ending that is an escape": (r'"""a\nb"""', Edit(3, 3, "\n"), r'"""a\nb\n"""'),
    "a line ending of either kind": (
        '"""%}\n{{ \'\\n\' }}\n"""',
        Edit(2, 2, "\n{{ '\n' }}"),
        '"""%}\n{{ \'\\n\' }}\n{{ \'\\n\' }}\n"""',
    ),
    "its own quote": ("'a'", Edit(0, 0, "'"), r"'\'a'"),
    "the other quote": ("'a'", Edit(0, 0, '"'), "'\"a'"),
    "three quotes in three": ('"""a"""', Edit(0, 0, '"""'), '"""""\\"a"""'),
    "a quote at the end of three": ('"""a"""', Edit(1, 1, '"'), '"""a\\""""'),
    "quotes that meet": ('"""""a"b"""', Edit(2, 3, ""), '"""""\\"b"""'),
    "a digit after an octal escape": (r"'\0'", Edit(1, 1, "1"), r"'\0001'"),
    "a backslash": (r"'\d'", Edit(2, 2, "\\d"), r"'\d\\d'"),
    "an escape that is cut": (r"'\d'", Edit(1, 1, "n"), r"'\\nd'"),
    "a continuation": ('"""\\\na"""', Edit(0, 0, "b"), '"""\\\nba"""'),
    "beyond ASCII, as escapes": (r"'\xe9'", Edit(1, 1, "…"), r"'\xe9\u2026'"),
    "raw": (r"r'\d'", Edit(2, 2, "\\n"), r"r'\d\n'"),
    "raw, a cut": (r"r'\d'", Edit(1, 1, "n"), r"r'\nd'"),
    "raw, its own quote": (r"r'\d'", Edit(2, 2, "'a"), r"r'''\d'a'''"),
    "raw, a line ending": (r'R"\d"', Edit(0, 0, "\n"), 'R"""\n\\d"""'),
    "raw, its own quote at the end": (r"r'\d'", Edit(2, 2, "'"), 'r"""\\d\'"""'),
    "raw, a backslash at the end": (r"r'\d'", Edit(1, 2, ""), r"'\\'"),
    "raw, and nothing else helps": (r"r'\d'", Edit(0, 0, "\x00'"), r"'\x00\'\\d'"),
}


@pytest.mark.parametrize(("source", "edit", "expected"), EXAMPLES.values(), ids=EXAMPLES)
def test_it_keeps_its_style_where_the_text_allows_it(source: str, edit: Edit, expected: str):
    assert after(source, edit) == expected
    assert value_of(expected) == apply(value_of(source) or "", [edit])


def test_a_character_that_the_file_cannot_encode_is_an_escape():
    assert after("'é'", Edit(1, 1, "…ü"), encoding="latin-1") == r"'é\u2026ü'"
    assert after("r'é'", Edit(1, 1, "…"), encoding="latin-1") == r"'é\u2026'"


def test_a_line_ending_that_is_put_in_is_the_files_own():
    literal = PythonLiteral.read('"""ab"""', newline="\r\n", encoding="utf-8")
    assert literal.write(edited(literal.units, [Edit(1, 1, "\n")])) == '"""a\r\nb"""'
