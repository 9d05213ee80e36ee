"""Messages that a template makes anew before it prints them."""

import pytest

from tests.turns.told import CALL, CALLS, HI, RESULT, YES, told

OK = {"role": "assistant", "content": "fine"}
SYSTEM = {"role": "system", "content": "be kind"}
TURN = (
    "{% if m.role == 'user' %}[Q]{{ m.content }}[/Q]"
    "{% elif m.role == 'tool' %}[R]{{ m.content }}[/R]"
    "{% else %}{{ m.content }}" + CALLS + "</s>{% endif %}"
)
PRINTED = "{% for m in ns.all %}" + TURN + "{% endfor %}"
MERGED_INTO_LAST = (
    "{% set ns = namespace(all=[]) %}{% for m in messages %}"
    "{% if ns.all and ns.all[-1].role == m.role %}{% set ns.all = ns.all[:-1] + "
    "[{'role': m.role, 'content': ns.all[-1].content + '\\n' + m.content}] %}"
    "{% else %}{% set ns.all = ns.all + [m] %}{% endif %}{% endfor %}" + PRINTED
)
# A group is put together in the iteration of the message after it.
MERGED_BY_THE_NEXT = (
    "{% set ns = namespace(all=[], group=[], role=none) %}"
    "{% for m in messages + [{'role': 'none'}] %}{% if m.role != ns.role %}"
    "{% if ns.group %}{% set texts = [] %}{% set ns.texts = [] %}"
    "{% for one in ns.group %}{% set ns.texts = ns.texts + [one.content] %}{% endfor %}"
    "{% set ns.all = ns.all + [{'role': ns.role, 'content': ns.texts | join('\\n')}] %}{% endif %}"
    "{% set ns.group = [] %}{% set ns.role = m.role %}{% endif %}"
    "{% set ns.group = ns.group + [m] %}{% endfor %}" + PRINTED
)
WITH_SYSTEM_FIRST = (
    "{% set ns = namespace(all=[], system='') %}{% for m in messages %}"
    "{% if m.role == 'system' %}{% set ns.system = m.content + '\\n' %}"
    "{% else %}{% set ns.all = ns.all + [dict(m, content=ns.system + m.content)] %}"
    "{% set ns.system = '' %}{% endif %}{% endfor %}" + PRINTED
)
WITH_RESULTS = (
    "{% set ns = namespace(all=[]) %}{% for m in messages %}"
    "{% if m.role == 'tool' %}{% set ns.all = ns.all[:-1] + [{'role': 'assistant', "
    "'content': '', 'tool_calls': ns.all[-1].tool_calls, 'result': m.content}] %}"
    "{% else %}{% set ns.all = ns.all + [m] %}{% endif %}{% endfor %}"
    + PRINTED.replace("</s>", "{{ m.result }}</s>")
)
CASES = {
    "other roles' neighbours that are merged": (
        MERGED_INTO_LAST,
        [HI, HI, YES],
        [(".", "[Q]hi\nhi[/Q]"), ("g", "yes</s>")],
    ),
    "a turn that the system's text was moved into": (
        WITH_SYSTEM_FIRST,
        [SYSTEM, HI, YES],
        [(".", "[Q]be kind\nhi[/Q]"), ("g", "yes</s>")],
    ),
    "what a tool answers in a message of the assistant's": (
        WITH_RESULTS,
        [HI, CALL, RESULT],
        [(".", "[Q]hi[/Q]"), ("g", "<call>f</call>"), (".", "one"), ("g", "</s>")],
    ),
    "the assistant's neighbours that are merged": (
        MERGED_INTO_LAST,
        [HI, YES, OK, HI, YES],
        [(".", "[Q]hi[/Q]"), ("g", "yes\nfine</s>"), (".", "[Q]hi[/Q]"), ("g", "yes</s>")],
    ),
    "neighbours that are merged once the next message comes": (
        MERGED_BY_THE_NEXT,
        [HI, YES, OK, HI, YES],
        [(".", "[Q]hi[/Q]"), ("g", "yes\nfine</s>"), (".", "[Q]hi[/Q]"), ("g", "yes</s>")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_whose_turn_a_rebuilt_message_prints_follows_from_where_its_text_comes_from(
    case: str,
) -> None:
    template, messages, expected = CASES[case]
    assert told(template, messages) == expected
