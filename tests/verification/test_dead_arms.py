"""Text in a generation block that no turn prints, whoever speaks."""

import rewriter

ORIGINAL = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
VARIANT = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}{% generation %}"
    "{{ m.content }}<|end|>{% endgeneration %}{% else %}{{ m.content }}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
ASSISTANTS = "{% if m.role == 'assistant' %}{% generation %}"


def test_an_arm_for_another_role_within_the_assistants_is_dead():
    arm = ASSISTANTS + "{{ '<|eot|>' if m.role == 'user' }}"
    assert rewriter.verify(ORIGINAL, VARIANT.replace(ASSISTANTS, arm)).ok


def test_an_arm_for_another_role_in_a_block_around_all_is_not():
    arm = "{{ '<|eot|>' if m.role == 'critic' }}"
    original = ORIGINAL.replace("{{ m.content }}", arm + "{{ m.content }}")
    marked = "{% generation %}" + arm + "{% endgeneration %}"
    variant = VARIANT.replace(ASSISTANTS, marked + ASSISTANTS)
    assert not rewriter.verify(original, variant).ok
