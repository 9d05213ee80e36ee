"""``rewriter show``: a template's conversations on a terminal, and pages of them."""

import json
from pathlib import Path

import pytest

from tests.cli.small import ORIGINAL
from tests.tokens.offline_tokenizers import byte_level
from tests.verification.chatml import VARIANT

# All turns at once: no block can stand anywhere in it.
REFUSED = (
    "{%- set ns = namespace(text='') -%}\n{%- for m in messages -%}\n"
    "{%- set ns.text = ns.text + '<|' + m.role + '|>' + m.content + '<|end|>' -%}\n"
    "{%- endfor -%}\n{{- ns.text }}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jinja"
    path.write_text(ORIGINAL)
    return path


@pytest.fixture
def said(tmp_path: Path) -> Path:
    path = tmp_path / "said.json"
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    path.write_text(json.dumps({"messages": messages}))
    return path


def test_a_file_without_a_template_shows_nothing(run, tmp_path: Path):
    path = tmp_path / "config.json"
    path.write_text("{}")
    result = run("show", path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "there is no chat template in it" in result.stderr


@pytest.mark.parametrize(("option", "content"), [("--conversation", "[1]"), ("--tokenizer", None)])
def test_what_is_no_conversation_and_no_tokenizer_is_bad_input(
    run, chat: Path, tmp_path: Path, option, content
):
    given = tmp_path / "given"
    given.write_text(content) if content else given.mkdir()
    result = run("show", chat, option, given)
    assert result.exit_code == 2
    assert str(given) in result.stderr
    assert "help: " in result.stderr or "a conversation is" in result.stderr


def test_a_page_is_never_written_over_the_template(run, chat: Path):
    assert run("show", chat, "--html", chat).exit_code == 2
    assert chat.read_text() == ORIGINAL


def test_ones_own_conversation_alone_is_shown(run, chat: Path, said: Path):
    result = run("show", chat, "--conversation", said)
    assert result.exit_code == 0
    assert "Hello." in result.stdout
    assert "Two answers" not in result.stdout
    # "Hello." and "<|end|>" of "<|user|>\nHi<|end|><|assistant|>\nHello.<|end|>".
    assert "trained: 13 of 45 characters" in result.stdout


def test_a_refusal_has_its_place_in_the_file_and_what_was_tried(run, tmp_path: Path):
    path = tmp_path / "tokenizer_config.json"
    path.write_text('{\n  "chat_template": ' + json.dumps(REFUSED) + "\n}\n")
    result = run("show", path)
    assert result.exit_code == 3
    assert f"{path}:2:" in result.stderr
    assert "\n  wrap-assistant-output\n" in result.stderr
    assert "no training variant" in result.stdout


def test_a_template_in_a_model_folder_is_shown_in_the_tokens_of_its_tokenizer(
    run, tmp_path: Path, said: Path
):
    model = tmp_path / "model"
    byte_level(VARIANT).save_pretrained(model)
    result = run("show", model, "--conversation", said, "--tokenizer", model)
    assert result.exit_code == 0
    assert "already marked" in result.stdout
    assert "H·e·l·l·o·." in result.stdout


def test_a_page_is_written_where_it_is_asked_for_and_opened(
    run, chat: Path, said: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    page = tmp_path / "pages" / "chat.html"
    result = run("show", chat, "--conversation", said, "--html", page, "--open")
    assert (result.exit_code, result.stdout) == (0, "")
    assert page.read_text().startswith("<!doctype html>")
    assert opened == [page.as_uri()]


def test_the_pages_of_several_templates_go_into_a_folder(run, tmp_path: Path, said: Path):
    for name in ("one", "two"):
        (tmp_path / "templates").mkdir(exist_ok=True)
        (tmp_path / "templates" / f"{name}.jinja").write_text(ORIGINAL)
    out = tmp_path / "out"
    result = run("show", tmp_path / "templates", "--conversation", said, "--html", out)
    assert result.exit_code == 0
    assert len([*out.glob("*one*.html")]) == len([*out.glob("*two*.html")]) == 1
