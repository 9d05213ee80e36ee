"""What is called the same prints the same, of random templates with random changes."""

import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.verification.structure import same_text
from tests.rendering import printed_or_raised

_READS = [
    "m.content",
    "m['role']",
    "m.tool_calls",
    "x",
    "n.a",
    "loop.index0",
    "messages[0].content",
]
_TESTS = [
    "m.role == 'user'",
    "m.role != 'assistant'",
    "m.content",
    "m.content is string",
    "x",
    "n.a",
]
_TESTS += ["n.a", "loop.first", "loop.last", "m.content is defined", "m.role in ['user', 'tool']"]


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    test = st.sampled_from(_TESTS)
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(" + ".join),
        pair.map(" ~ ".join),
        pair.map(lambda two: f"({two[0]} or {two[1]})"),
        st.tuples(inner, test, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, test).map(lambda t: f"({t[0]} if {t[1]})"),
        inner.map(lambda each: f"({each}) | trim"),
        inner.map(lambda each: f"({each})[:2]"),
        inner.map(lambda each: f"f({each})"),
    )


_LEAVES = st.sampled_from([*_READS, "'a'", "'b '", "''"])
_EXPRESSIONS = st.recursive(_LEAVES, _grown, max_leaves=4)
_OUTPUTS = _EXPRESSIONS.map(lambda each: f"{{{{ {each} }}}}")
_SETS = st.tuples(st.sampled_from(["x", "n.a"]), _EXPRESSIONS).map(
    lambda two: f"{{% set {two[0]} = {two[1]} %}}"
)
_RAISES = "{% if x == 'a' %}{{ raise_exception('no') }}{% endif %}"
_SIMPLE = st.one_of(_OUTPUTS, _OUTPUTS, _SETS, st.sampled_from(["t", "<|a|>\n", _RAISES]))


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    row = st.lists(inner, min_size=1, max_size=3).map("".join)
    test = st.sampled_from(_TESTS)
    return st.one_of(
        st.tuples(test, row).map(lambda t: f"{{% if {t[0]} %}}{t[1]}{{% endif %}}"),
        st.tuples(test, row, row).map(
            lambda t: f"{{% if {t[0]} %}}{t[1]}{{% else %}}{t[2]}{{% endif %}}"
        ),
        row.map(lambda each: f"{{% set x %}}{each}{{% endset %}}"),
        row.map(lambda each: f"{{% for k in m.tool_calls %}}{each}{{% endfor %}}"),
        test.map(lambda each: f"{{% if {each} %}}{{% continue %}}{{% endif %}}"),
    )


_STATEMENTS = st.recursive(_SIMPLE, _nested, max_leaves=6)
_BODIES = st.lists(_STATEMENTS, min_size=1, max_size=4)
_START = "{% macro f(a) %}<{{ a }}>{% endmacro %}{% set n = namespace(a='') %}"

Change = Callable[[str], str]
_CHANGES: list[Change] = [
    lambda s: f"{{% generation %}}{s}{{% endgeneration %}}",
    lambda s: f"{{% if m.role == 'assistant' %}}{s}{{% else %}}{s}{{% endif %}}",
    lambda s: f"{{% set p %}}{s}{{% endset %}}{{% if p %}}{{{{ p }}}}{{% endif %}}",
    lambda s: f"{{% set p %}}{s}{{% endset %}}{{{{ p[:2] }}}}{{{{ p[2:] }}}}",
    lambda s: f"{{% set p %}}{s}{{% endset %}}{{{{ p[:2] }}}}{{{{ p[2:-1] }}}}{{{{ p[-1:] }}}}",
    lambda s: s.replace(" + ", " + '' }}{{ '' + ", 1),
    lambda s: s.replace(" + ", " }}{{ ", 1),
    lambda s: s.replace(" ~ ", " }}{{ ", 1),
    lambda s: s.replace("'a'", "'c'", 1),
    lambda s: s.replace(" | trim", "", 1),
    lambda s: s.replace("m.role == ", "m['role'] != ", 1),
    lambda s: re.sub(r"^\{\{ (.*?) \}\}", r"{% if \1 %}{{ \1 }}{% endif %}", s),
    lambda s: re.sub(r"^\{\{ (.*?) \}\}", r"{% if (\1) | string %}{{ \1 }}{% endif %}", s),
    lambda s: re.sub(r"^\{\{ (.*?) \}\}", r"{% set q = \1 %}{{ q }}", s),
    lambda s: re.sub(r"^\{\{ (.*?) \}\}", r"{{ '' ~ (\1) }}", s),
    lambda s: re.sub(r"f\((\S+)\)", r"('<' ~ \1 ~ '>')", s, count=1),
    lambda _: "",
    lambda s: s + s,
]
_CONTENTS = ["", "a", " b ", "<t>a", None, 3, ["a"]]
_CONVERSATIONS: list[list[dict[str, Any]]] = [
    [{"role": role, "content": content, "tool_calls": calls} for role in ("user", "assistant")]
    for content in _CONTENTS
    for calls in (None, ["a", "b"])
]
_CONVERSATIONS += [[{"role": "tool"}], [*_CONVERSATIONS[2], *_CONVERSATIONS[5], {"role": "user"}]]


def _printed(template: str) -> list[object]:
    return [
        getattr(shown, "text", "raises")
        for messages in _CONVERSATIONS
        for given_names in ({}, {"x": "a"})
        for shown in [printed_or_raised(template, messages, **given_names)]
    ]


@settings(max_examples=60)
@given(_BODIES, st.data())
def test_what_is_called_the_same_prints_the_same(body: list[str], data: st.DataObject) -> None:
    changed = list(body)
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(body) - 1))
        changed[at] = data.draw(st.sampled_from(_CHANGES))(changed[at])
    original, variant = (
        _START + "{% for m in messages %}" + "".join(each) + "{% endfor %}"
        for each in (body, changed)
    )
    if original != variant and same_text(original, variant).holds:
        assert _printed(original) == _printed(variant)
