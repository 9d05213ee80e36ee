"""``--empty-thoughts``: whose a thought is that a template puts in with nothing in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rewriter.carriers.kept_proofs import _file
from rewriter.carriers.project import project_above
from rewriter.errors import BadInput
from rewriter.rewriting.request import Request

pytestmark = pytest.mark.usefixtures("engine_once")

TEMPLATE = (
    "{%- for m in messages -%}{%- if m.role == 'assistant' -%}"
    "{{- '[A]' -}}{{- '<think></think>' -}}{{- m.content + '[/A]' -}}"
    "{%- else -%}{{- '[U]' + m.content + '[/U]' -}}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '[A]' -}}{%- endif -%}"
)
OUTSIDE = "{{- '<think></think>' -}}{%- generation %}"


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jinja"
    path.write_text(TEMPLATE)
    return path


def test_without_it_the_policy_says(run, chat: Path):
    assert OUTSIDE in run("patch", chat, "--examples", 10).stdout
    assert OUTSIDE not in run("patch", chat, "--examples", 10, "--policy", "trl").stdout


def test_patch_and_verify_take_the_choice_whatever_the_policy(run, chat: Path, tmp_path: Path):
    inside, outside = tmp_path / "inside.jinja", tmp_path / "outside.jinja"
    generated = ("--empty-thoughts", "generated", "--examples", 10)
    prompted = ("--empty-thoughts", "prompted", "--policy", "trl", "--examples", 10)
    assert run("patch", chat, "-o", inside, *generated).exit_code == 0
    assert run("patch", chat, "-o", outside, *prompted).exit_code == 0
    assert OUTSIDE not in inside.read_text()
    assert OUTSIDE in outside.read_text()
    assert run("verify", chat, inside, *generated).exit_code == 0
    assert run("verify", inside, *generated).exit_code == 0
    assert run("verify", chat, outside, *prompted).exit_code == 0
    assert run("verify", chat, inside, *prompted).exit_code == 1
    assert run("verify", outside, *generated).exit_code == 1


def test_the_document_for_programs_has_what_was_chosen(run, chat: Path):
    arguments = ("patch", chat, "--check", "--examples", 10, "--output-format", "json")
    for chosen in ("generated", "prompted"):
        result = run(*arguments, "--empty-thoughts", chosen)
        (data,) = json.loads(result.stdout)["results"]
        assert data["empty_thoughts"] == chosen
    (data,) = json.loads(run(*arguments).stdout)["results"]
    assert data["empty_thoughts"] is None


@pytest.mark.parametrize("command", ["patch", "verify", "regenerate"])
def test_another_choice_is_a_usage_error(run, chat: Path, command: str):
    result = run(command, chat, "--empty-thoughts", "mine")
    assert result.exit_code == 2
    assert "--empty-thoughts" in result.stderr


def test_what_is_recorded_as_proven_is_what_the_policy_says(run):
    result = run("regenerate", "--record", "--empty-thoughts", "prompted")
    assert result.exit_code == 2
    assert "--record" in result.stderr


def test_a_project_chooses_for_all_and_for_one_and_options_win(run, chat: Path, tmp_path: Path):
    (tmp_path / "other.jinja").write_text(TEMPLATE)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.rewriter]\nempty-thoughts = "generated"\nexamples = 10\n'
        '[tool.rewriter.templates."other.jinja"]\nempty-thoughts = "prompted"\n'
    )
    assert run("regenerate", tmp_path, "--jobs", 1).exit_code == 0
    assert OUTSIDE not in (tmp_path / "chat_training.jinja").read_text()
    assert OUTSIDE in (tmp_path / "other_training.jinja").read_text()
    run("regenerate", tmp_path, "--jobs", 1, "--empty-thoughts", "prompted")
    assert OUTSIDE in (tmp_path / "chat_training.jinja").read_text()


def test_a_project_that_chooses_something_else_is_bad_input(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text('[tool.rewriter]\nempty-thoughts = "mine"\n')
    with pytest.raises(BadInput, match="empty-thoughts"):
        project_above(tmp_path)


def test_a_kept_proof_is_one_of_what_was_chosen():
    files = {
        _file(Request("x", "strict", empty_thoughts=c)) for c in (None, "generated", "prompted")
    }
    assert len(files) == 3
