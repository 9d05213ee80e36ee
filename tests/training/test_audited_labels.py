"""An audit's figures are what TRL's own trainer trains on, row by row.

``AUDIT_ROWS=1000 pytest -n 0 tests/training/test_audited_labels.py`` compares a thousand.
"""

import os

import pytest
from tokens.offline_tokenizers import byte_level_crossing, byte_level_merging, metaspace

import rewriter
from rewriter.integrations.trl import install
from tests.auditing.conversations import FAMILIES, conversations

pytest.importorskip("torch")
pytest.importorskip("trl")

# What transformers says of what TRL asks it for is theirs to settle.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
ROWS = int(os.environ.get("AUDIT_ROWS", "30"))
KINDS = {"chatml": byte_level_merging, "instruct": metaspace, "channels": byte_level_crossing}
LENGTH = 200


@pytest.fixture(autouse=True)
def installed():
    """TRL before 1.6 does not see by itself that `{%- generation %}` marks a template."""
    import trl.trainer.sft_trainer  # noqa: F401 — so that it has the names that are replaced

    uninstall = install()
    yield
    uninstall()


def carrier(family, kind):
    made = kind(FAMILIES[family] + "<pad>")
    made.chat_template = rewriter.rewrite(FAMILIES[family], limits=None).template
    made.pad_token = "<pad>"
    return made


def labels(made, rows, folder, length):
    """What the trainer trains on, by the rows' numbers."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    from tests.training.models import tiny_model

    trainer = SFTTrainer(
        model=tiny_model(made),
        args=SFTConfig(
            output_dir=str(folder),
            assistant_only_loss=True,
            max_length=length,
            report_to=[],
            use_cpu=True,
            bf16=False,
        ),
        train_dataset=Dataset.from_list([{**row, "at": at} for at, row in enumerate(rows)]),
        processing_class=made,
    )
    # Before 1.8 TRL makes labels of a row's masks once it is put into a batch.
    return {
        row["at"]: trainer.data_collator([dict(row)])["labels"][0].tolist()
        for row in trainer.train_dataset
    }


@pytest.mark.parametrize("length", [None, LENGTH])
@pytest.mark.parametrize("form", ["messages", "completion"])
@pytest.mark.parametrize("family", FAMILIES)
def test_as_many_tokens_are_seen_and_trained_as_in_the_trainer(family, form, length, tmp_path):
    made = carrier(family, KINDS[family])
    chats = conversations(ROWS)
    if form == "messages":
        rows = [{"messages": chat} for chat in chats]
    else:
        rows = [{"prompt": chat[:-1], "completion": chat[-1:]} for chat in chats]
    trained = labels(made, rows, tmp_path, length)
    training = rewriter.audit.training(made, max_length=length, verify=False, limits=None)
    figures = rewriter.audit.batch(rows, training)
    for at in range(ROWS):
        seen = trained.get(at)
        if seen is None:
            # The trainer drops rows of which nothing is left to train.
            assert figures["trained"][at] == 0
            assert figures["N018"][at]
        else:
            assert figures["seen"][at] == len(seen)
            assert figures["trained"][at] == sum(label != -100 for label in seen)
    assert len(trained) > ROWS // 4
    if length:
        assert any(figures["N019"])
        assert max(figures["seen"]) == length


def test_the_trainer_warns_of_its_data_before_it_trains(tmp_path):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    from tests.training.models import tiny_model

    made = carrier("chatml", byte_level_merging)
    chats = conversations(5)
    chats[1].append({"role": "user", "content": "one more"})
    chats[2][-1]["timestamp"] = "noon"
    uninstall = install(audit_rows=3)
    try:
        with pytest.warns(UserWarning, match="before training") as warned:
            SFTTrainer(
                model=tiny_model(made),
                args=SFTConfig(
                    output_dir=str(tmp_path),
                    assistant_only_loss=True,
                    max_length=64,
                    report_to=[],
                    use_cpu=True,
                    bf16=False,
                ),
                train_dataset=Dataset.from_list([{"messages": chat} for chat in chats]),
                processing_class=made,
            )
    finally:
        uninstall()
    (said,) = (str(each.message) for each in warned if "before training" in str(each.message))
    assert "the training data: 3 rows" in said
    assert "N019" in said
