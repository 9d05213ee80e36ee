"""``--field``: whose a key or a variable is, and what is said of those that nobody knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rewriter.carriers.kept_proofs import _file
from rewriter.carriers.project import project_above
from rewriter.errors import BadInput
from rewriter.rewriting.rewrite import Asked
from rewriter.tracing.fields import Fields

TEMPLATE = (
    "{%- for m in messages -%}{%- if m.role == 'assistant' -%}"
    "{{- '[A]' + m.content + (m.mood or '') + '[/A]' -}}"
    "{%- else -%}{{- '[U]' + m.content + '[/U]' -}}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '[A]' -}}{%- endif -%}"
)


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jinja"
    path.write_text(TEMPLATE)
    return path


def test_an_unknown_field_is_named_on_stderr_and_declared_it_is_not(run, chat: Path):
    told = run("patch", chat, "--examples", 10)
    assert told.exit_code == 0
    assert "N001" in told.stderr
    assert "--field mood=" in told.stderr
    quiet = run("patch", chat, "--examples", 10, "--field", "mood=generated")
    assert (quiet.exit_code, quiet.stderr) == (0, "")
    assert quiet.stdout != told.stdout


def test_notices_are_in_the_document_for_programs(run, chat: Path):
    result = run("patch", chat, "--check", "--examples", 10, "--output-format", "json")
    (data,) = json.loads(result.stdout)["results"]
    (notice,) = data["notices"]
    assert (notice["id"], notice["place"]["line"]) == ("N001", 1)


@pytest.mark.parametrize("command", ["patch", "verify", "regenerate", "propose"])
@pytest.mark.parametrize("field", ["mood", "mood=mine", "=generated", "a.b=header"])
def test_what_declares_nothing_is_a_usage_error(run, chat: Path, command: str, field: str):
    result = run(command, chat, "--field", field)
    assert result.exit_code == 2
    assert "--field" in result.stderr


def test_a_project_declares_fields_for_all_and_for_one(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text(
        '[tool.rewriter.fields]\nmood = "environment"\n'
        '[tool.rewriter.templates."a.jinja".fields]\nmood = "generated"\n'
    )
    _, project = project_above(tmp_path)
    assert project.fields == {"mood": "environment"}
    assert project.templates["a.jinja"].fields == {"mood": "generated"}


def test_a_project_that_declares_another_class_is_bad_input(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text('[tool.rewriter.fields]\nmood = "mine"\n')
    with pytest.raises(BadInput, match=r"fields.*'mine'"):
        project_above(tmp_path)


def test_a_kept_proof_is_one_of_the_fields_that_were_declared():
    plain = Asked("x", "strict")
    declared = Asked("x", "strict", fields=Fields.of({"mood": "generated"}))
    assert _file(plain) != _file(declared)
