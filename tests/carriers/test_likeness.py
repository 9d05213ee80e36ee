"""What is taken for a chat template where templates stand among other text."""

import pytest

from rewriter.carriers.likeness import is_chat_template

NONE = {
    "nothing": "",
    "prose about messages": "a loop over messages, and the role and content of each",
    "a format string": "{messages} {role} {{content}}",
    "a generation prompt": "{% if add_generation_prompt %}{{ messages[0].content }}{% endif %}",
    "a web page's messages": "{% for m in messages %}<p class='{{ m.tags }}'>{{ m }}{% endfor %}",
    "another loop": "{% for row in rows %}{{ row.content }}{% endfor %}{{ messages }}",
    "a piece that prints nothing": (
        "{% for m in messages %}{% if m.role == 'user' %}{% set i = loop.index %}{% endif %}"
        "{% endfor %}"
    ),
    "a piece of a loop": "{% for m in messages %}{{ m['content'] }}",
    "broken syntax": "{% for m in messages %}{{ m['content' }}{% endfor %}",
    "a template of another language": "{{ range .messages }}{{ .role }}{% end %}",
}
SOME = {
    "a loop": "{% for m in messages %}{{ m.role + m.content }}{% endfor %}",
    "a loop with items": "{%- for m in messages -%}{{- m['content'] -}}{%- endfor -%}",
    "a loop with a method": "{% for m in messages %}{{ m.get('content') }}{% endfor %}",
    "a slice": "{% for m in messages[1:] %}{{ m.content }}{% endfor %}",
    "a variable": (
        "{% if a %}{% set b = messages[1:] %}{% else %}{% set b = messages %}{% endif %}"
        "{% for m in b %}{{ m.content }}{% endfor %}"
    ),
    "a variable of a variable": (
        "{% set c = b %}{% set b = messages %}{% for m in c %}{{ m.content }}{% endfor %}"
    ),
    "a namespace": (
        "{% set ns = namespace(of=[]) %}{% set ns.of = messages %}"
        "{% for m in ns.of %}{{ m.content }}{% endfor %}"
    ),
    "an output after the loop": (
        "{% set ns = namespace(t='') %}"
        "{% for m in messages %}{% set ns.t = ns.t + m.content %}{% endfor %}{{ ns.t }}"
    ),
    "one that is marked": (
        "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}"
    ),
}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_it_is_none(text: str):
    assert not is_chat_template(text)


@pytest.mark.parametrize("text", SOME.values(), ids=SOME)
def test_it_is_one(text: str):
    assert is_chat_template(text)


def test_every_template_of_the_seed_catalog_is_one(seed_texts: dict[str, str]):
    assert [name for name, text in seed_texts.items() if not is_chat_template(text)] == []
