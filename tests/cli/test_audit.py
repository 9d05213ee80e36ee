"""``rewriter audit``: what it prints, writes and exits with."""

import json
from pathlib import Path

import datasets
import pytest

from tests.auditing.conversations import conversations
from tests.cli.small import ORIGINAL
from tests.tokens.offline_tokenizers import byte_level

ASKED = {"role": "user", "content": "what now"}
SAID = {"role": "assistant", "content": "this"}
GOOD = {"messages": [ASKED, SAID]}
THOUGHTFUL = {"messages": [ASKED, {**SAID, "reasoning_content": "well"}]}
# What is trained of two such conversations.
PRINTED = "<|user|>\nwhat now<|end|><|assistant|>\nthis<|end|>"
TWICE = f"{2 * len('this<|end|>')} of {2 * len(PRINTED)} characters"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jinja"
    path.write_text(ORIGINAL)
    return path


@pytest.fixture
def data(tmp_path: Path):
    def written(*rows: object, name: str = "data.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return written


def test_data_of_which_nothing_is_noticed_is_told_of_in_figures(run, chat, data):
    result = run("audit", chat, data(GOOD, GOOD))
    assert result.exit_code == 0
    assert TWICE in result.stdout
    assert "2 rows; read as messages" in result.stdout
    assert "no notices" in result.stdout
    assert "training variant, strict" in result.stderr
    # Nothing is said of the tokens of a tokenizer that there is not.
    assert "N014" not in result.stderr


def test_data_that_cannot_be_read_is_named_before_the_template_is_proven(run, chat, data, tmp_path):
    result = run("audit", chat, tmp_path / "none.jsonl")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tmp_path / 'none.jsonl'}: no such file\n"
    both = run("audit", chat, tmp_path / "none.jsonl", data(GOOD))
    assert both.exit_code == 2
    assert "no such file\n" in both.stderr
    assert "1 row; read as messages" in both.stdout


def test_a_notice_of_a_row_is_given_and_exits_with_1_unless_it_is_ignored(run, chat, data):
    file = data(GOOD, THOUGHTFUL)
    result = run("audit", chat, file)
    assert result.exit_code == 1
    assert "N022: row 2: something that is said is not printed: reasoning_content" in result.stdout
    assert run("audit", chat, file, "--ignore", "N022").exit_code == 0
    assert run("audit", chat, file, "--select", "N018").exit_code == 0


def test_rows_are_saved_with_the_reason(run, chat, data, tmp_path):
    out = tmp_path / "out" / "rows.jsonl"
    broken = {"messages": [{"role": "user"}]}
    result = run("audit", chat, data(GOOD, THOUGHTFUL, {"messages": 3}, broken), "--save", out)
    assert result.exit_code == 1
    saved = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(each["row"], each["notices"]) for each in saved] == [
        (2, ["N022"]),
        (3, ["N016"]),
        (4, ["N017"]),
    ]
    assert saved[0]["content"] == THOUGHTFUL
    assert saved[0]["unprinted"] == ["reasoning_content"]
    assert "not a list of messages" in saved[1]["reason"]
    assert "UndefinedError" in saved[2]["reason"]


def test_what_cannot_be_read_does_not_stop_the_rest(run, chat, data, tmp_path):
    short = tmp_path / "short.parquet"
    short.write_bytes(b"PAR1")
    nothing = data({"text": "what now"}, name="nothing.jsonl")
    result = run("audit", chat, short, tmp_path / "missing.jsonl", nothing, data(GOOD))
    assert result.exit_code == 2
    for message in ("short.parquet: cannot be read", "no such file", "no column holds messages"):
        assert message in result.stderr
    assert "1 row; read as messages" in result.stdout


def test_lines_that_are_no_rows_are_counted(run, chat, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text(json.dumps(GOOD) + '\n{"messages": [\n3\n')
    result = run("audit", chat, path)
    assert result.exit_code == 1
    assert "it is not a table" in result.stdout
    assert "N016: 2 rows (67 %), the first is 2" in result.stdout


def test_a_model_s_folder_has_its_tokenizer_and_a_length(run, data, tmp_path):
    model = tmp_path / "model"
    tokenizer = byte_level(ORIGINAL)
    tokenizer.save_pretrained(model)
    rows = [{"messages": chat} for chat in conversations(5)]
    plain = [
        {"messages": [{"role": m["role"], "content": m["content"]} for m in row["messages"]]}
        for row in rows
    ]
    size = sum(len(tokenizer.apply_chat_template(each["messages"])["input_ids"]) for each in plain)
    result = run("audit", model, data(*plain))
    assert f"of {size:,} tokens" in result.stdout
    cut = run("audit", model, data(*plain), "--max-length", 20)
    assert cut.exit_code == 1
    assert "N019" in cut.stdout
    assert "of 100 tokens" in cut.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("--max-length", 20),
        ("--column", "messages"),
        ("--column", "messages=chat"),
        ("--column", "chat=messages"),
        ("--tokenizer", "."),
        ("--select", "N999"),
        ("--save", "{data}"),
        ("--html", "{chat}"),
    ],
)
def test_what_does_not_fit_is_bad_usage(run, chat, data, options):
    file = data(GOOD)
    given = [str(each).format(data=file, chat=chat) for each in options]
    assert run("audit", chat, file, *given).exit_code == 2
    assert json.loads(file.read_text()) == GOOD
    assert chat.read_text() == ORIGINAL


def test_columns_roles_and_rows_are_as_the_command_says(run, chat, data):
    turns = [{"who": "me", "text": "what now"}, {"who": "it", "text": "this"}]
    options = ("--column", "messages=turns", "--column", "role=who", "--column", "content=text")
    roles = ("--role", "me=user", "--role", "it=assistant")
    result = run("audit", chat, data(*[{"turns": turns}] * 3), *options, *roles, "--rows", 2)
    assert result.exit_code == 0
    assert TWICE in result.stdout


def test_a_template_that_is_refused_audits_nothing(run, data, tmp_path):
    path = tmp_path / "refused.jinja"
    path.write_text("{{ messages }}")
    result = run("audit", path, data(GOOD))
    assert (result.exit_code, result.stdout) == (3, "")
    assert f"{path}: " in result.stderr


def test_a_page_has_every_data_set(run, chat, data, tmp_path):
    page = tmp_path / "page.html"
    one, two = data(GOOD, name="one.jsonl"), data(THOUGHTFUL, name="two.jsonl")
    result = run("audit", chat, one, two, "--html", page)
    assert result.exit_code == 1
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert text.index("one.jsonl") < text.index("two.jsonl") < text.index("N022")


def test_the_figures_are_for_programs_too_and_say_what_could_not_be_read(run, chat, data, tmp_path):
    file = data(GOOD, THOUGHTFUL, {"messages": 3})
    asked = ("--output-format", "json")
    result = run("audit", chat, file, tmp_path / "missing.jsonl", *asked)
    assert (result.exit_code, result.stderr) == (2, "")
    document = json.loads(result.stdout)
    assert document["version"] == 1
    (message,) = document["messages"]
    assert (message["kind"], message["message"]) == ("bad-input", "no such file")
    (found,) = document["results"]
    assert (found["data"], found["training"]["file"]) == (str(file), str(chat))
    assert (found["rows"], found["unit"], found["total"]) == (3, "characters", 2 * len(PRINTED))
    assert found["trained"] == sum(found["parts"].values()) == 2 * len("this<|end|>")
    assert [(each["id"], each["rows"], each["first"]) for each in found["notices"]] == [
        ("N016", 1, 3),
        ("N022", 1, 2),
    ]
    assert found["unprinted"] == [{"what": "reasoning_content", "rows": 1, "first": 2}]
    assert sum(each["rows"] for each in found["shares"]) == 2
    assert found["distributions"]["length"]["bins"][0]["count"] == 2


def test_a_template_that_is_refused_is_a_message_for_programs(run, data, tmp_path):
    path = tmp_path / "refused.jinja"
    path.write_text("{{ messages }}")
    result = run("audit", path, data(GOOD), "--output-format", "json")
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert [each["kind"] for each in document["messages"]] == ["refused"]
    assert document["results"] == []
