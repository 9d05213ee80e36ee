"""Templates that ask for a text after the assistant's answers, as a judge's do."""

import pytest

import rewriter

LOOP = "{% for m in messages %}"
USER = "<|user|>{{ m.content }}<|end|>"
JUDGED = (
    LOOP + "{{ 'Agent' if m.role == 'assistant' else 'User' }}: {{ m.content }}\n\n{% endfor %}"
)
QUESTION = "Say in one word whether that is safe."


def made(source: str) -> rewriter.Rewrite:
    return rewriter.rewrite(source, examples=30, limits=None)


@pytest.mark.parametrize(
    "source",
    [
        # A header, whether it is asked for or not.
        LOOP + "<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}<|assistant|>",
        # Instructions before the prompt, which the turns begin with as well.
        LOOP + "<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        "<|system|>Answer in no more than one word.<|end|><|assistant|>",
        LOOP + "<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>"
        "{% else %}This is how all of it ended.{% endif %}",
        # Tokens that end something, whoever spoke last.
        LOOP + "<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{{ eos_token }}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}",
        # A header of another form, which names the same.
        LOOP + "{{ m.role | capitalize }}: {{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}ASSISTANT:{% endif %}",
        # A token alone, whatever it is called.
        LOOP + "<{{ m.role }}>{{ m.content }}<|end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<bot>{% endif %}",
    ],
)
def test_where_the_assistants_turn_is_asked_for_it_is_the_models(source: str):
    assert "{% generation %}" in made(source).template


@pytest.mark.parametrize(
    "asked",
    [
        QUESTION,
        QUESTION + "<|assistant|>",
        QUESTION + "{% if add_generation_prompt %}<|assistant|>{% endif %}",
        "[/INST]",
        "</conversation><|end|>\n<|assistant|>",
        "<score>",
        "Verdict:",
        "{% if add_generation_prompt %}Verdict: {% endif %}",
    ],
)
def test_where_another_text_is_asked_for_it_is_refused_there(asked: str):
    with pytest.raises(rewriter.Refused, match="not an assistant's turn") as raised:
        made(JUDGED + asked)
    assert raised.value.reason is rewriter.Reason.NO_HEADER
    flagged = asked.startswith("{% if")
    column = len("{% endfor %}" + "{% if add_generation_prompt %}" * flagged) + 1
    assert (raised.value.line, raised.value.column) == (3, column)
