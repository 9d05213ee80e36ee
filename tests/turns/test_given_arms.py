"""The template's own text around what is given to the assistant, within its turn."""

from tests.turns.told import HEADER, HI, USERS, chat, told

BLOCKS = chat(
    "{{ '<|start|>assistant\n' }}{% for b in m.content %}"
    "{% if b.type == 'text' %}{{ b.text }}"
    "{% elif b.type == 'noted' %}{{ '(' }}{{ b.text }}{{ '|' }}{{ b.output }}{{ ')' }}"
    "{% elif b.type == 'results' %}{{ '[' }}"
    "{% for each in b.outputs %}{{ each.output }}{% if not loop.last %}{{ ', ' }}{% endif %}"
    "{% endfor %}{{ ']' }}{% endif %}{% endfor %}<|end|>"
)
SAID = {"type": "text", "text": "yes"}


def turn(*blocks):
    return {"role": "assistant", "content": [*blocks]}


def test_text_in_an_arm_that_prints_what_the_model_says_as_well_is_the_models():
    noted = {"type": "noted", "text": "so", "output": "rain"}
    assert told(BLOCKS, [HI, turn(noted)]) == [
        USERS,
        HEADER,
        ("g", "(so|"),
        ("e", "rain"),
        ("g", ")<|end|>"),
    ]


def test_text_in_an_arm_that_prints_nothing_but_what_is_given_is_given_too():
    results = {"type": "results", "outputs": [{"output": "rain"}, {"output": "sun"}]}
    assert told(BLOCKS, [HI, turn(SAID, results, SAID)]) == [
        USERS,
        HEADER,
        ("g", "yes"),
        ("e", "[rain, sun]"),
        ("g", "yes<|end|>"),
    ]


def test_it_is_given_where_nothing_of_it_is_printed_too():
    results = {"type": "results", "outputs": []}
    assert told(BLOCKS, [HI, turn(SAID, results)]) == [
        USERS,
        HEADER,
        ("g", "yes"),
        ("e", "[]"),
        ("g", "<|end|>"),
    ]


# The results are told by the key that they stand under, and by nothing that is read of each.
WITHIN = chat(
    "{{ '<|start|>assistant\n' }}{% for each in m.tool_responses or [] %}"
    "{{ '(' ~ (each.name | default('unknown')) ~ ')' }}{% endfor %}{{ m.content }}<|end|>"
)


def test_what_is_printed_of_an_item_that_is_given_is_given_whatever_keys_it_has():
    for results, printed in (([{"name": "look"}], "(look)"), ([{}], "(unknown)")):
        given = {"role": "assistant", "content": "yes", "tool_responses": results}
        assert told(WITHIN, [HI, given]) == [USERS, HEADER, ("e", printed), ("g", "yes<|end|>")]


def test_a_name_that_is_also_given_something_else_tells_nothing():
    source = WITHIN.replace(
        "{{ m.content }}", "{% for each in [m] %}{{ each.content }}{% endfor %}"
    )
    said = {"role": "assistant", "content": "yes"}
    assert told(source, [HI, said]) == [USERS, HEADER, ("g", "yes<|end|>")]
