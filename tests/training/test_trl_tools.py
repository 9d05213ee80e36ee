"""GRPO with tools on a template that TRL refuses, to the end; the model says what it is told to."""

import pytest
from releases import RELEASE
from tokens.offline_tokenizers import byte_level

from tests.training.models import tiny_model

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

pytestmark = [
    pytest.mark.skipif(RELEASE < (5, 13), reason="tokenizers read no calls by a template"),
    # TRL names options that transformers is about to rename, and has parts on trial.
    pytest.mark.filterwarnings("ignore"),
]

# Not prefix-preserving: a last turn has a thought with nothing in it.
TOOLED = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}"
    "{{ '<think></think>' if loop.last }}{{ m.content }}{% for c in m.tool_calls or [] %}"
    "<call>{{ c.function | tojson }}</call>{% endfor %}{% else %}"
    "{{ m.content }}{% endif %}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|><think></think>{% endif %}"
)
READ = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|assistant|>",
    "fields": {
        "tool_calls": {
            "open": "<call>",
            "close_pattern": "</call>",
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"<\|end\|>", "content": "text"},
    },
}
ASKED = [{"role": "user", "content": "And now?"}]
SAID = ['<call>{"name": "look", "arguments": {"at": "home"}}</call><|end|>', "It rains.<|end|>"]


def trainer(folder, tools, seen):
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    made = byte_level("<|user|><|assistant|><|tool|><|end|><think></think><call></call><pad>")
    made.chat_template, made.eos_token, made.pad_token = TOOLED, "<|end|>", "<pad>"
    made.response_template = READ
    model = tiny_model(made)
    texts = iter(SAID)

    def generate(input_ids=None, **options):
        ids = made(next(texts), add_special_tokens=False)["input_ids"]
        return torch.cat([input_ids, torch.tensor([ids] * len(input_ids))], dim=1)

    def reward(completions, **options):
        seen.extend(completions)
        return [float(number) for number, _ in enumerate(completions)]

    model.generate = generate
    return GRPOTrainer(
        model=model,
        reward_funcs=reward,
        tools=tools,
        processing_class=made,
        args=GRPOConfig(
            output_dir=str(folder),
            max_steps=1,
            per_device_train_batch_size=2,
            num_generations=2,
            report_to=[],
            use_cpu=True,
            bf16=False,
            save_strategy="no",
        ),
        train_dataset=Dataset.from_list(
            [{"prompt": [{"role": "user", "content": "And now?"}]}] * 2
        ),
    )


def test_a_tool_is_called_and_answered_and_the_original_is_saved(tmp_path):
    import trl.trainer.grpo_trainer  # noqa: F401 — so that it has the names that are replaced

    from rewriter.integrations.trl import install

    places = []

    def look(at: str) -> str:
        """Look somewhere.

        Args:
            at: where.
        """
        places.append(at)
        return "rain"

    completions = []
    with pytest.raises(ValueError, match="not training-compatible"):
        trainer(tmp_path, [look], completions)
    uninstall = install()
    try:
        made = trainer(tmp_path, [look], completions)
        assert made.train().global_step == 1
    finally:
        uninstall()
    assert places == ["home", "home"]
    assert [message["role"] for message in completions[0]] == ["assistant", "tool", "assistant"]
    made.save_model()
    assert (tmp_path / "chat_template.jinja").read_text() == TOOLED
