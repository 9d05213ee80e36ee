"""``patch --goal stop-token`` beside a tokenizer: whether it has what turns would end in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.small import VARIANT

pytestmark = pytest.mark.usefixtures("engine_once")

TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'assistant' %}### Response: {{ m.content }}@"
    "{% else %}### Instruction: {{ m.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}### Response: {% endif %}"
)
ENDLESS, ENDED = TEMPLATE.replace("@", ""), TEMPLATE.replace("@", "<|end|>")
ASKED = ("--goal", "assistant-mask", "--goal", "stop-token", "--examples", 10)


def model(folder: Path, template: str, **config: object) -> Path:
    (folder / "chat_template.jinja").write_text(template)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder / "chat_template.jinja"


def test_where_the_template_has_ends_of_its_own_no_token_is_asked_for(run, tmp_path: Path):
    result = run("patch", model(tmp_path, ENDED, eos_token=None), *ASKED)
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("token", ["</s>", {"content": "</s>"}])
def test_a_tokenizer_that_has_the_token_needs_no_notice(run, tmp_path: Path, token: object):
    result = run("patch", model(tmp_path, ENDLESS, eos_token=token), *ASKED)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "eos_token" in result.stdout


def test_one_that_another_file_names_counts_too(run, tmp_path: Path):
    path = model(tmp_path, ENDLESS)
    (tmp_path / "special_tokens_map.json").write_text('{"eos_token": "</s>"}')
    assert run("patch", path, *ASKED).stderr == ""


@pytest.mark.parametrize("config", ["", "{", "[]", "{}"])
def test_where_nothing_says_so_the_notice_names_the_token(run, tmp_path: Path, config: str):
    path = model(tmp_path, ENDLESS)
    (tmp_path / "tokenizer_config.json").write_text(config)
    result = run("patch", path, *ASKED)
    assert result.exit_code == 0
    assert "N003" in result.stderr


def test_a_tokenizer_that_says_it_has_none_is_refused(run, tmp_path: Path):
    path = model(tmp_path, ENDLESS, eos_token=None)
    result = run("patch", path, "--write", *ASKED)
    assert result.exit_code == 3
    assert "has none" in result.stderr
    assert path.read_text() == ENDLESS


def test_so_is_a_template_within_such_a_tokenizer(run, tmp_path: Path):
    path = tmp_path / "tokenizer_config.json"
    path.write_text(json.dumps({"chat_template": ENDLESS, "eos_token": None}))
    before = path.read_text()
    assert run("patch", path, "--write", *ASKED).exit_code == 3
    assert path.read_text() == before


@pytest.mark.parametrize("command", ["lint", "verify", "show"])
def test_every_command_tells_of_an_end_that_is_not_eos_token(run, tmp_path: Path, command: str):
    (tmp_path / "chat_template.jinja").write_text(VARIANT)
    (tmp_path / "tokenizer_config.json").write_text('{"eos_token": "</s>"}')
    assert "N014: the assistant's turns end in '<|end|>'" in run(command, tmp_path).stderr
    (tmp_path / "tokenizer_config.json").write_text('{"eos_token": "<|end|>"}')
    assert "N014" not in run(command, tmp_path).stderr


def test_lint_tells_it_of_a_template_without_marks_too_and_fast_does_not_look(run, tmp_path: Path):
    path = model(tmp_path, ENDED, eos_token="</s>")
    result = run("lint", tmp_path)
    assert result.exit_code == 0
    assert f"{path}: N014: the assistant's turns end in '<|end|>'" in result.stderr
    assert f"{path}: there is no generation block in it" in result.stderr
    assert "N014" not in run("lint", tmp_path, "--fast").stderr
    assert "N014" not in run("lint", tmp_path, "--ignore", "N014").stderr
