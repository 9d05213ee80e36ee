"""Small templates of every shape, for properties that must hold of all of them."""

from hypothesis import strategies as st

_SPACE = st.sampled_from(["", "", " ", " ", "\n", "\r\n", "\t", "  \n "])
_GAP = st.sampled_from([" ", " ", "\n", "\r\n\t"])
_NAMES = st.sampled_from(["messages", "m", "loop", "añb", "notes", "iffy", "x1"])
_STRINGS = st.sampled_from(
    [
        "''",
        '""',
        "'a'",
        '"it\'s"',
        r"'it\'s'",
        r"'\n\t\\'",
        r'"\x41\u00e9\U0001F600\101"',
        r"'\N{BULLET}\q'",
        "'é🙂'",
        "'{{ not }} {% a tag %} {# #}'",
        "'two\nlines'",
        "'two\r\nlines'",
        "'joined' 'strings'",
        "'<|im_start|>'",
    ]
)
_OTHERS = st.sampled_from(["0", "42", "1_000", "0x1f", "1.5e3", "true", "None", "[]", "{}", "()"])
_BINARY = st.sampled_from(
    ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">=", "and", "or", "in", "not in"]
)
_POSTFIX = st.sampled_from(
    [
        ".role",
        ".0",
        "['role']",
        "[0]",
        "[1:]",
        "[::-1]",
        "[-1:a]",
        "[a, b]",
        "()",
        "(1, b=c)",
        "(*a, **b)",
        ".split('x')[-1]",
        "|trim",
        " | default('a', true) | trim",
        "|join(', ')",
        " is string",
        " is not none",
        " is divisibleby 3",
        " is not divisibleby(a + 1)",
        " is in [1, 2]",
    ]
)


def _joined(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies).map("".join)


def _closed(text: str) -> str:
    return text if text.startswith("(not(") else text.removesuffix(")")


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        _joined(inner, _GAP, _BINARY, _GAP, inner),
        _joined(inner, _SPACE, st.sampled_from(["+", "~", "=="]), _SPACE, inner),
        _joined(inner, "+", inner, " +", inner, "+ ", inner),
        _joined("(", _SPACE, inner, _SPACE, ")"),
        _joined("(", inner, ")", _POSTFIX),
        _joined(inner, _POSTFIX),
        _joined(st.sampled_from(["-", "+", "- -"]), inner),
        _joined("(", st.sampled_from(["not ", "not not ", "not("]), inner, "))").map(_closed),
        _joined(inner, " if ", inner, " else ", inner),
        _joined(inner, " if ", inner),
        _joined("[", inner, ",", _SPACE, inner, "]"),
        _joined("{", _SPACE, "'k': ", inner, "}"),
        _joined("(", inner, ",", inner, ")"),
        _joined(inner, ", ", inner),
    )


expressions = st.recursive(st.one_of(_NAMES, _STRINGS, _OTHERS), _expressions, max_leaves=6)

_TEXT = st.sampled_from(
    [
        "text",
        " ",
        "\n",
        "\n\n",
        "  \n  ",
        "\r\n",
        "\r",
        "\t",
        "a \n  b",
        "<|im_end|>\n",
        "é🙂",
        "\u00a0",
        "\u2028",
        "\x0c",
        "{",
        "}}",
        "%}",
        "it's",
        "{# a comment with {% generation %} in it #}",
        "{#- one\n more -#}",
        "{#+ another +#}",
        "{% raw %} {{ raw }}\n {% endraw %}",
        "{%- raw -%} {% raw \n{%- endraw -%}",
    ]
)
_BEGIN = st.sampled_from(["{%", "{%", "{%-", "{%+"])
_END = st.sampled_from(["%}", "%}", "-%}", "+%}"])


def _tag(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    return _joined(_BEGIN, _SPACE, *parts, _SPACE, _END)


_OUTPUT = _joined(
    st.sampled_from(["{{", "{{", "{{-", "{{+"]),
    _SPACE,
    expressions,
    _GAP,
    st.sampled_from(["}}", "}}", "-}}"]),
)
_SIMPLE = st.one_of(
    _TEXT,
    _TEXT,
    _OUTPUT,
    _OUTPUT,
    _tag("set ", _NAMES, " = ", expressions),
    _tag("set ns.a = ", expressions),
    _tag("set a, b = ", expressions),
)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Compound statements around ``inner``, and rows of statements."""
    loop = _tag("for ", st.sampled_from(["m", "k, v"]), " in ", expressions)
    return st.one_of(
        _joined(inner, inner),
        _joined(inner, inner, inner),
        _joined(_tag("if ", expressions), inner, _tag("endif")),
        _joined(
            _tag("if ", expressions),
            inner,
            _tag("elif ", expressions),
            inner,
            _tag("elif a"),
            _tag("else"),
            inner,
            _tag("endif"),
        ),
        _joined(loop, inner, _tag("break"), _tag("endfor")),
        _joined(loop, inner, _tag("else"), inner, _tag("endfor")),
        _joined(_tag("for m in a if ", expressions, " recursive"), inner, _tag("endfor")),
        _joined(_tag("macro f(a, b=", expressions, ")"), inner, _tag("endmacro")),
        _joined(_tag("set text"), inner, _tag("endset")),
        _joined(_tag("set text | trim"), inner, _tag("endset")),
        _joined(_tag("filter upper | replace('a', 'b')"), inner, _tag("endfilter")),
        _joined(_tag("call(a) f(1)"), inner, _tag("endcall")),
        _joined(_tag("with a = ", expressions), inner, _tag("endwith")),
        _joined(_tag("generation"), inner, _tag("endgeneration")),
    )


templates = st.recursive(_SIMPLE, _blocks, max_leaves=8)

# What no grammar would write: mostly broken, now and then just odd.
_SCRAPS = ["{", "{{", "{%", "{#", "}", "}}", "%}", "#}", "-", "+", "\n", "\r", " ", "a", "'", "raw"]
_SCRAPS += [
    "{% raw %}",
    "{% endraw %}",
    "{{ a }}",
    "if a",
    "endif",
    "\\",
    "(",
    ")",
    "[0]",
    "is not",
]
noise = st.lists(st.sampled_from(_SCRAPS), max_size=14).map("".join)
