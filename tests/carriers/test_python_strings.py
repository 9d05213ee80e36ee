"""Which literals of a Python file are templates, and that nothing else in the file changes."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.carriers.python_strings import templates_in
from rewriter.errors import BadInput, Place
from rewriter.source.edits import Edit, apply
from tests.carriers.literals import LOOP, changed, edits_of

HALVES = ("{% for m in messages %}", "{{ m.role }}{% endfor %}")

NOT_TEMPLATES = {
    "no string": "messages = '{%'",
    "a docstring": f'def f():\n    """{LOOP}"""',
    "a module's docstring": f'"""{LOOP}"""\n"{LOOP}"',
    "bytes": f"x = b'{LOOP}'",
    "a comment": f"x = 1  # {LOOP}",
    "an f-string": f"x = f'{LOOP.replace('{', '{{').replace('}', '}}')}'",
    "a piece beside an f-string": f"x = '{LOOP}' f'{{y}}'",
    "a piece of a sum": f"x = '{LOOP}' + y\nx = y + '{LOOP}'\nx = 'a' + ('{LOOP}' + y)",
    "added to": f"x += '{LOOP}'",
    "formatted": f"x = '{LOOP}' % y\nx = '{LOOP}'.format(y)",
    "repeated": f"x = '{LOOP}' * 2",
    "something that it is made of": f"x = '{LOOP}'.replace('a', 'b')",
    "something that is put into a text": f"x = y.replace('a', '{LOOP}')",
    "dedented": f'x = dedent("""\n  {LOOP}\n""")\nx = textwrap.dedent("{LOOP}")',
    "looked for": f"x = y.startswith('{LOOP}')",
    "compared": f"if x == '{LOOP}': pass\ny = '{LOOP}' in x\nz = x in ('{LOOP}', 'b')",
    "looked up by": f"x = y['{LOOP}']\nx = {{'{LOOP}': 1}}\nx = {{'{LOOP}', 'b'}}",
    "matched": f"match x:\n    case '{LOOP}':\n        pass",
    "an annotation": f"x: '{LOOP}'\ndef f(a: '{LOOP}') -> '{LOOP}': pass",
    "another text": "x = 'messages {% if a %}b{% endif %}'",
}
TEMPLATES = {
    "a plain literal": (f"x = '{LOOP}'", "x"),
    "triple quotes": (f'x = """\n{LOOP}\n"""', "x"),
    "raw": (f"x = r'\\d{LOOP}'", "x"),
    "side by side": (f"x = '{HALVES[0]}' '{HALVES[1]}'", "x"),
    "side by side, of several kinds": (f"x = (r'{HALVES[0]}'\n  # why\n  u'''{HALVES[1]}''')", "x"),
    "with backslashes": (f"x = \\\n  '{HALVES[0]}'\\\n  '{HALVES[1]}'", "x"),
    "added": (f"x = '{HALVES[0]}' + ('{HALVES[1]}' 'a') + 'b'", "x"),
    "an attribute": (f"a.b = '{LOOP}'", "a.b"),
    "an item": (f"A['b'] = ('{LOOP}', 1)", "A['b']"),
    "annotated": (f"x: str = '{LOOP}'", "x"),
    "a class's own": (f"class A:\n    x = '{LOOP}'", "x"),
    "in a dict": (f"A = {{'a': '{LOOP}', 'b': ''}}", "A['a']"),
    "in a dict in a dict": (f"A = {{'a': {{'b': ['{LOOP}']}}}}", "A['a']['b']"),
    "a keyword": (f"A(x='{LOOP}')", "x"),
    "an argument": (f"x = A('{LOOP}')", "x"),
    "a default": (f"def f(x='{LOOP}'): pass", "x"),
    "returned": (f"def f():\n    return '{LOOP}'", "f()"),
    "a choice": (f"x = y or '{LOOP}'", "x"),
    "stripped": (f'x = """\n  {LOOP}\n""".strip()', "x"),
    "of a call alone": (f"print(1, '{LOOP}')", "print()"),
    "of nothing": (f"[1, '{LOOP}']", "a string"),
}


@pytest.mark.parametrize("source", NOT_TEMPLATES.values(), ids=NOT_TEMPLATES)
def test_it_is_left_alone(source: str):
    ast.parse(source)
    assert templates_in(source, "x.py") == ()


@pytest.mark.parametrize(("source", "name"), TEMPLATES.values(), ids=TEMPLATES)
def test_it_is_found_and_called_as_it_is_in_the_file(source: str, name: str):
    (template,) = templates_in(source, "x.py")
    assert template.name == name
    assert template.text.strip("\n\\dab") == LOOP
    assert changed(source, template, ()) == source


def test_they_are_found_in_their_order():
    source = "".join(f"x{number} = '{number}{LOOP}'\n" for number in range(3))
    assert [each.text[0] for each in templates_in(source, "x.py")] == ["0", "1", "2"]


# Before and after the literals: line endings of both kinds, and characters of several bytes.
AROUND = (
    ("x = ", ""),
    ("\ufeff'''…'''\r\n\r\nclass A :\r\n\tx = (", "  \r\n )  # 😀\r\n"),
    ("# -*- coding: utf-8 -*-\ny = 'é'; x = [\n 1, ", "]\n\n\n"),
)
GLUE = st.sampled_from([" ", " + ", "\\\n  ", " + \\\n"])
PIECES = st.text(st.sampled_from("ab '\"\\\n\té😀"), max_size=8)


@st.composite
def literals(draw: st.DrawFn) -> str:
    """Literals that together are a template, each of a kind of its own, some in parentheses."""
    texts = [*draw(st.lists(PIECES, min_size=1, max_size=3)), LOOP]
    parts = [draw(written(text)) for text in texts]
    before, within = draw(GLUE), draw(GLUE)
    first = draw(st.integers(0, len(parts)))
    if not 0 < first < len(parts):
        return before.join(parts)
    return f"{before.join(parts[:first])} + ({within.join(parts[first:])})"


@st.composite
def written(draw: st.DrawFn, text: str) -> str:
    quote = draw(st.sampled_from(["'", '"', "'''", '"""']))
    if _may_be_raw(text, quote) and draw(st.booleans()):
        return draw(st.sampled_from("rR")) + quote + text + quote
    body = text.replace("\\", "\\\\").replace(quote[0], f"\\{quote[0]}")
    if len(quote) == 1 or draw(st.booleans()):
        body = body.replace("\n", "\\n")
    return draw(st.sampled_from(["", "u"])) + quote + body + quote


def _may_be_raw(text: str, quote: str) -> bool:
    holds_lines = len(quote) == 3 or "\n" not in text
    return holds_lines and quote[0] not in text and not text.endswith("\\")


@settings(max_examples=50)
@given(literals(), st.sampled_from(AROUND))
def test_without_an_edit_nothing_changes(source: str, around: tuple[str, str]):
    file = source.join(around)
    (template,) = templates_in(file, "x.py")
    assert template.text == eval(source.strip(), {})
    assert changed(file, template, ()) == file
    loop = len(template.text) - len(LOOP)
    assert file.startswith(LOOP, template.literal.place(loop))


@settings(max_examples=50)
@given(st.data(), literals(), st.sampled_from(AROUND))
def test_what_is_written_is_read_back_and_the_rest_of_the_file_stays(
    data: st.DataObject, source: str, around: tuple[str, str]
):
    file = source.join(around)
    (template,) = templates_in(file, "x.py")
    edits = data.draw(edits_of(template.text[: -len(LOOP)], PIECES))
    after = changed(file, template, edits)
    assert after.startswith(around[0])
    assert after.endswith(around[1])
    assert [each.text for each in templates_in(after, "x.py")] == [apply(template.text, edits)]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            Edit(23, 23, "{% a %}"),
            ("'{% for m in messages %}'", "'{% a %}{{ m.role }}{% endfor %}'"),
        ),
        (
            Edit(23, 23, "\n{%- endif %}"),
            (r"'{% for m in messages %}\n{%- endif %}'", "'{{ m.role }}{% endfor %}'"),
        ),
        (Edit(20, 26, "%}{{"), ("'{% for m in messages%}'", "'{{m.role }}{% endfor %}'")),
        (Edit(23, 47, ""), ("'{% for m in messages %}'", "''")),
    ],
)
def test_between_two_literals_an_end_tag_stays_with_what_it_closes(
    edit: Edit, expected: tuple[str, str]
):
    source = f"x = (\n    '{HALVES[0]}'\n    '{HALVES[1]}'\n)\n"
    (template,) = templates_in(source, "x.py")
    after = changed(source, template, [edit])
    assert after == "x = (\n    {}\n    {}\n)\n".replace("{}", "%s") % expected


def test_between_two_literals_what_is_put_in_stays_in_order():
    source = f"x = '{HALVES[0]}' '{HALVES[1]}'"
    (template,) = templates_in(source, "x.py")
    edits = [Edit(23, 23, each) for each in ("{% endif %}", "{{ a }}", "{% endif %}")]
    expected = f"x = '{HALVES[0]}{{% endif %}}' '{{{{ a }}}}{{% endif %}}{HALVES[1]}'"
    assert changed(source, template, edits) == expected


def test_a_place_in_the_template_is_one_in_the_file():
    source = f'"é"\nx = "{HALVES[0]}" \\\n  r"{HALVES[1]}"\n'
    (template,) = templates_in(source, "x.py")
    offset = template.literal.place(template.text.index("m.role"))
    assert source[offset:].startswith("m.role")
    assert Place.at(source, offset).line == 3
    assert source[template.literal.place(0) :].startswith(HALVES[0])
    assert source[template.literal.place(len(template.text)) :] == '"\n'


def test_of_a_stripped_literal_what_is_stripped_stays():
    source = f'x = """\n  {LOOP}\n""".strip()\n'
    (template,) = templates_in(source, "x.py")
    assert changed(source, template, [Edit(0, 0, "a")]) == source.replace(LOOP, f"a{LOOP}")


def test_what_is_no_python_is_bad_input_with_its_place():
    with pytest.raises(BadInput, match=r"^x\.py:2:\d+: not Python: "):
        templates_in(f"x = '{LOOP}'\ny = = 1\n", "x.py")


UNUSUAL = {
    "a form feed": f"\x0cx = '{LOOP}'\n\x0c\ny = 'é'\n",
    "form feeds within a block": f"class A:\n\x0c    y = 1\n\x0c    x = '{LOOP}'\n",
    "a form feed for an indentation": f"def f():\n \n\x0c  y = 1\n  x = '{LOOP}'\n",
    "a continuation before a statement": f"y = 1\n\\\nx = '{LOOP}'\n",
    "a byte-order mark and a form feed": f"\ufeff\x0cx = '{LOOP}'\n",
    "no final line ending": f"x = '{LOOP}'  # '{LOOP}'",
    "carriage returns": f"y = 'é'\r\rx = [\r'{LOOP}']\r",
    "line endings of every kind": f"y = 1\r\ny = 2\nx = (  # \r\n'{LOOP}'\r\n)\ny = 3\r",
}


@pytest.mark.parametrize("source", UNUSUAL.values(), ids=UNUSUAL)
def test_what_libcst_would_leave_out_stays(source: str):
    (template,) = templates_in(source, "x.py")
    assert changed(source, template, ()) == source
    edited = changed(source, template, [Edit(0, 0, "a")])
    assert edited == source.replace(f"'{LOOP}'", f"'a{LOOP}'", 1)
