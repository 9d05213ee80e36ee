"""What a template tells of its tags, and where it says that one is wrong."""

import pytest

from rewriter.errors import BadInput
from rewriter.source.lexer import Kind
from rewriter.source.template import Block, Template

MARKED = [
    "{% generation %}x{% endgeneration %}",
    "{%- generation -%}x{%- endgeneration -%}",
    "{%+generation%}x{%endgeneration%}",
    "{%\n generation\n%}x{% endgeneration %}",
    "{% for m in a %}{% if b %}{% generation %}x{% endgeneration %}{% endif %}{% endfor %}",
]
UNMARKED = [
    "",
    "generation",
    "{# {% generation %} #}",
    "{{ '{% generation %}' }}",
    "{% raw %}{% generation %}{% endraw %}",
    "{% set generation = 1 %}{{ generation }}",
    "{% if generation %}x{% endif %}",
]
BROKEN = [
    ("a\nb {% if x %}\nc", 3, "Unexpected end of template"),
    ("a\n{% fly %}", 2, "unknown tag 'fly'"),
    ("a\r\nb\r\n{{ 'x }}", 3, "unexpected char"),
    ("{{ a\n\n  b }}", 3, "expected token 'end of print statement'"),
    ("x{# never closed", 1, "Missing end of comment tag"),
    ("a\n{{ " + "1" * 4400 + " }}", 2, "digits"),
    ("x\n{% raw %}\nnever closed", 2, "Missing end of raw directive"),
    ("x\n {% raw %}", 2, "a raw block is not closed"),
    ("{% if a %}\n{% endfor %}", 2, "unknown tag 'endfor'"),
    ("{{ a }\n", 1, "unexpected '}'"),
]


@pytest.mark.parametrize("text", UNMARKED)
def test_what_is_only_called_generation_is_no_marker(text: str):
    assert not Template(text).is_marked


@pytest.mark.parametrize("text", MARKED)
def test_a_generation_tag_however_it_is_written_is_a_marker(text: str):
    assert Template(text).is_marked


@pytest.mark.parametrize(("text", "line", "message"), BROKEN)
def test_a_broken_template_is_bad_input_at_the_line_that_is_broken(text, line, message):
    with pytest.raises(BadInput) as raised:
        Template(text)
    assert message.lower() in raised.value.message.lower()
    assert raised.value.line == line
    assert raised.value.excerpt == text.splitlines()[line - 1]


@pytest.mark.parametrize("opening", ["(", "[", "not ", "-", "{1:"])
def test_absurd_nesting_is_bad_input(opening: str):
    with pytest.raises(BadInput):
        Template("{{ " + opening * 20_000 + " }}")


def test_absurdly_nested_blocks_are_bad_input():
    with pytest.raises(BadInput):
        Template("{% if a %}" * 20_000 + "{% endif %}" * 20_000)


def test_a_long_chain_of_operators_is_read():
    text = "{{ a" + " + a" * 200 + " }}"
    template = Template(text)
    assert template.source(template.output_tags[0]) == text[3:-3]


@pytest.mark.parametrize(
    ("expression", "span", "outer"),
    [
        ("(a)", "a", "(a)"),
        ("((a + b))", "a + b", "((a + b))"),
        ("( a\n)", "a", "( a\n)"),
        ("()", "()", "()"),
        ("( )", "( )", "( )"),
        ("(a, b)", "a, b", "(a, b)"),
        ("-a", "-a", "-a"),
        ("-a | abs", "-a | abs", "-a | abs"),
        ("+a is number", "+a is number", "+a is number"),
        ("(a) | trim", "(a) | trim", "(a) | trim"),
        ("(a == b) != (c)", "(a == b) != (c)", "(a == b) != (c)"),
        ("a if b", "a if b", "a if b"),
    ],
)
def test_an_expression_is_known_with_and_without_its_parentheses(expression, span, outer):
    text = "x {{ " + expression + " }}"
    template = Template(text)
    (node,) = template.output_tags.values()
    assert template.source(node) == span
    found = template.outer(node)
    assert found is not None
    assert found.of(text) == outer


def test_the_dashes_of_a_tag_tell_what_it_swallows():
    text = "{{ a }}{{- b }}{{ c -}}{%- set d = 1 -%}{#- e -#}"
    swallows = [
        (piece.strips_before(text), piece.strips_after(text)) for piece in Template(text).pieces
    ]
    assert swallows == [(False, False), (True, False), (False, True), (True, True), (True, True)]


def test_a_text_is_whole_and_knows_what_of_it_is_printed():
    text = "{% if a %}\n  b \n {%- endif %}\n"
    pieces = [piece for piece in Template(text).pieces if piece.kind is Kind.TEXT]
    assert [(piece.span.of(text), piece.printed.of(text)) for piece in pieces] == [
        ("\n  b \n ", "  b"),
        ("\n", ""),
    ]


def test_the_clauses_of_a_block_are_known_by_their_tags():
    text = "{% if a %}1{% elif b %}2{% else %}{% for m in c %}3{% else %}4{% endfor %}{% endif %}"
    (block,) = Template(text).items
    assert isinstance(block, Block)
    assert block.span.of(text) == text
    assert [clause.tag.piece.keyword for clause in block.clauses] == ["if", "elif", "else"]
    assert [body.of(text) for body in block.bodies[:2]] == ["1", "2"]
    assert block.bodies[2].holds(text.index("3"), len(text))
    assert not block.bodies[2].holds(text.index("2"), len(text))
    (loop,) = block.clauses[2].body
    assert isinstance(loop, Block)
    assert loop.keyword == "for"
    assert loop.end.span.of(text) == "{% endfor %}"
