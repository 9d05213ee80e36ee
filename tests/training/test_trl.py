"""TRL itself, made to ask here; runs where torch and trl are installed (`.[trl]`)."""

import pytest
from tokens.offline_tokenizers import byte_level

import rewriter
from tests.training.models import tiny_model

pytest.importorskip("torch")
pytest.importorskip("trl")

UNKNOWN = (
    "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
TOOLED = (
    "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' %}"
    "{{ '<think></think>' if loop.last }}{{ m.content }}{% for c in m.tool_calls or [] %}"
    "[{{ c.function.name }}{{ c.function.arguments | tojson }}]{% endfor %}{% else %}"
    "{{ m.content }}{% endif %}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CHAT = [
    {"role": "user", "content": "what now"},
    {"role": "assistant", "content": "this"},
    {"role": "user", "content": "and then"},
    {"role": "assistant", "content": "that, and no more"},
]


# TRL names options that transformers is about to rename.
of_trl = pytest.mark.filterwarnings("ignore::FutureWarning")


@pytest.fixture
def installed():
    import trl.trainer.sft_trainer  # noqa: F401 — so that it has the names that are replaced

    from rewriter.integrations.trl import install

    uninstall = install()
    yield
    uninstall()


def tokenizer(source=UNKNOWN):
    made = byte_level("<|user|><|assistant|><|tool|><|end|><think></think><pad>")
    made.chat_template = source
    made.eos_token, made.pad_token = "<|end|>", "<pad>"
    return made


def test_trl_refuses_the_template_by_itself_and_again_once_it_is_uninstalled():
    import trl.chat_template_utils as theirs

    from rewriter.integrations.trl import install

    before = theirs.get_training_chat_template
    with pytest.raises(ValueError, match="not training-compatible"):
        before(tokenizer())
    uninstall = install()
    assert rewriter.has_generation_markers(theirs.get_training_chat_template(tokenizer()))
    assert install()() is None
    assert theirs.get_training_chat_template is not before
    uninstall()
    assert theirs.get_training_chat_template is before


@pytest.mark.usefixtures("installed")
def test_what_cannot_be_proven_is_trl_s_error_from_our_refusal():
    from trl.chat_template_utils import get_training_chat_template

    with pytest.raises(ValueError, match="not training-compatible") as raised:
        get_training_chat_template(tokenizer("{{ messages }}"))
    assert isinstance(raised.value.__cause__, rewriter.Refused)


@pytest.mark.usefixtures("installed")
def test_a_template_for_tools_is_made_to_keep_its_prefixes():
    from trl.chat_template_utils import (
        get_training_chat_template,
        is_chat_template_prefix_preserving,
    )

    carrier = tokenizer(TOOLED)
    assert not is_chat_template_prefix_preserving(carrier)
    carrier.chat_template = get_training_chat_template(carrier)
    assert is_chat_template_prefix_preserving(carrier)


def supervised(made, folder, *, max_steps=1, **options):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    return SFTTrainer(
        model=tiny_model(made),
        args=SFTConfig(
            output_dir=str(folder),
            assistant_only_loss=True,
            max_steps=max_steps,
            per_device_train_batch_size=2,
            report_to=[],
            use_cpu=True,
            bf16=False,
            save_strategy="no",
            **options,
        ),
        train_dataset=Dataset.from_list([{"messages": CHAT}] * 4),
        processing_class=made,
    )


def check_labels(trainer, made):
    batch = next(iter(trainer.get_train_dataloader()))
    for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
        trained = made.decode([i for i, label in zip(ids, labels, strict=True) if label != -100])
        assert trained == "this<|end|>that, and no more<|end|>"
        assert all(label in (-100, i) for i, label in zip(ids, labels, strict=True))


def saved_template(folder):
    return (folder / "chat_template.jinja").read_text()


@of_trl
@pytest.mark.usefixtures("installed")
def test_installed_the_labels_are_the_assistant_s_tokens_and_the_original_is_saved(tmp_path):
    made = tokenizer()
    trainer = supervised(made, tmp_path, max_steps=3)
    check_labels(trainer, made)
    assert trainer.train().global_step == 3
    trainer.save_model()
    assert saved_template(tmp_path) == UNKNOWN


@of_trl
def test_applied_the_labels_are_the_same_and_the_original_is_saved_for_serving(tmp_path):
    made = tokenizer()
    original = rewriter.apply(made)
    trainer = supervised(made, tmp_path)
    check_labels(trainer, made)
    trainer.save_model()
    assert saved_template(tmp_path) == made.chat_template != UNKNOWN
    with rewriter.saved_for_serving(made, original):
        trainer.save_model()
    assert saved_template(tmp_path) == UNKNOWN


@of_trl
def test_set_as_an_attribute_or_read_from_a_path_the_training_template_is_saved(tmp_path):
    variant = rewriter.get_training_chat_template(tokenizer())
    (tmp_path / "variant.jinja").write_text(variant)
    by_path, by_attribute = tokenizer(), tokenizer(variant)
    trainers = {
        "path": supervised(
            by_path, tmp_path / "path", chat_template_path=str(tmp_path / "variant.jinja")
        ),
        "attribute": supervised(by_attribute, tmp_path / "attribute"),
    }
    for way, trainer in trainers.items():
        check_labels(trainer, trainer.processing_class)
        trainer.save_model()
        assert saved_template(tmp_path / way) == variant


@pytest.mark.parametrize("multiple", [None, 64])
def test_a_template_is_cloned_with_its_tokens_and_where_it_stops(multiple):
    source, target = tokenizer(), byte_level("<other>")
    target.eos_token = "<other>"
    model = tiny_model(target)
    model, target, added = rewriter.clone_chat_template(model, target, source, multiple)
    assert target.chat_template == UNKNOWN
    assert target.eos_token == "<|end|>"
    assert model.config.eos_token_id == target.convert_tokens_to_ids("<|end|>")
    size = model.get_input_embeddings().num_embeddings
    assert size == len(target.get_vocab())
    assert size % (multiple or 1) == 0
    assert {"<|user|>", "<|end|>"} <= set(target.convert_ids_to_tokens(added))


def test_a_source_without_a_template_is_not_cloned():
    target = tokenizer()
    with pytest.raises(rewriter.BadInput, match="no chat template"):
        rewriter.clone_chat_template(tiny_model(target), target, tokenizer(None))
