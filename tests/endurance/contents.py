"""Random files for a folder: templates, JSON and Python with templates in them, and worse."""

import json

from hypothesis import strategies as st

from tests.source import random_templates
from tests.verification.chatml import ORIGINAL, VARIANT

PLAIN = (
    "{%- for m in messages %}{{- '<|' + m.role + '|>' + m.content + '<|end|>' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}"
)
MARKED = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}{% generation %}"
    "{{ m.content }}<|end|>{% endgeneration %}{% else %}{{ m.content }}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
HOSTILE = (
    "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}",
    "{% if a %}" * 1_500 + "{% endif %}" * 1_500,
    "{{ v" + " + v" * 3_000 + " }}" + MARKED,
    "{{ " + "9" * 6_000 + " }}" + PLAIN,
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}" + PLAIN,
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}" + PLAIN,
    "{% set a = 'x' * 9999999999 %}" + MARKED,
    "{{ 9 ** (9 ** (9 ** 9)) }}" + MARKED,
    "{%- generation %}" * 300 + "{%- endgeneration %}" * 300,
    PLAIN + "\ud800",
    "\ufeff" + MARKED + "\r\n",
    "",
)
_PIECES = ("{%", "%}", "{{", "}}", "{#", "#}", "-", "'", '"', "\\", "\n", "\r", "\0", "\u2028", "ä")


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A template that is sound but for a few random edits."""
    text = draw(st.sampled_from([PLAIN, MARKED, ORIGINAL, VARIANT]))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 30)))
        text = text[:start] + draw(st.sampled_from(["", *_PIECES])) + text[end:]
    return text


def templates() -> st.SearchStrategy[str]:
    """Sound ones mostly."""
    odd = [random_templates.templates, random_templates.noise, st.sampled_from(HOSTILE)]
    return st.one_of(damaged(), damaged(), *odd)


def _values() -> st.SearchStrategy[object]:
    plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9))
    keys = st.one_of(st.sampled_from(["chat_template", "name", "template"]), st.text(max_size=4))
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
    )


@st.composite
def json_files(draw: st.DrawFn) -> bytes:
    """JSON in any layout, with one or several templates, or damaged."""
    template = st.one_of(
        templates(),
        st.dictionaries(st.text(max_size=5), templates(), max_size=2),
        st.lists(st.fixed_dictionaries({"name": st.text(max_size=5), "template": templates()})),
    )
    data = {"before": draw(_values()), "chat_template": draw(template), "after": draw(_values())}
    text = json.dumps(
        data, indent=draw(st.sampled_from([None, 2])), ensure_ascii=draw(st.booleans())
    )
    return _damaged(draw, text.encode("utf-8", errors="surrogatepass"))


@st.composite
def python_files(draw: st.DrawFn) -> bytes:
    """Python with templates in literals of any kind, in any encoding, or damaged."""
    codec = draw(st.sampled_from(["", "utf-8", "latin-1", "utf-7", "rot13", "unicode_escape"]))
    lines = [f"# coding: {codec}"] if codec else []
    for number in range(draw(st.integers(0, 3))):
        text = draw(templates())
        written = draw(st.sampled_from([repr(text), f"r'''{text}'''", f'"""{text}"""']))
        lines.append(f"T{number} = {written}")
    lines += draw(
        st.lists(st.sampled_from([f"x = {'(' * 900}1{')' * 900}", "if 1:", "\tpass", "é"]))
    )
    return _damaged(draw, "\n".join(lines).encode("utf-8", errors="surrogatepass"))


def _damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The content as it is, mostly; else with a few bytes of it changed."""
    if draw(st.integers(0, 3)):
        return content
    start = draw(st.integers(0, len(content)))
    return (
        content[:start] + draw(st.binary(max_size=4)) + content[start + draw(st.integers(0, 9)) :]
    )
