"""``--field``: whose a key or a variable is, and what is said of those that nobody knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rewriter.carriers.kept_proofs import _file
from rewriter.carriers.project import fields_for, project_above
from rewriter.errors import BadInput
from rewriter.rewriting.request import Request
from rewriter.tracing.fields import Fields

pytestmark = pytest.mark.usefixtures("engine_once")

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
    plain = Request("x", "strict")
    declared = Request("x", "strict", fields=Fields.of({"mood": "generated"}))
    assert _file(plain) != _file(declared)


def _declare(folder: Path, whose: str) -> None:
    (folder / "pyproject.toml").write_text(f'[tool.rewriter.fields]\nmood = "{whose}"\n')


def test_a_project_without_fields_changes_nothing(run, chat: Path):
    alone = run("patch", chat, "--examples", 10)
    (chat.parent / "pyproject.toml").write_text("[tool.rewriter]\nexamples = 10\n")
    assert run("patch", chat, "--examples", 10).stdout == alone.stdout


@pytest.mark.parametrize("whose", ["generated", "environment"])
def test_patch_and_verify_agree_on_what_the_project_declares(run, chat: Path, whose: str):
    _declare(chat.parent, whose)
    variant = chat.with_name("chat_training.jinja")
    patched = run("patch", chat, "-o", variant, "--examples", 10)
    assert (patched.exit_code, "N001" in patched.stderr) == (0, False)
    assert run("verify", chat, variant, "--examples", 10).exit_code == 0
    assert run("verify", variant, "--examples", 10).exit_code == 0
    other = "environment" if whose == "generated" else "generated"
    told = run("verify", chat, variant, "--examples", 10, "--field", f"mood={other}")
    assert told.exit_code == 1


def test_what_is_said_of_one_template_holds_for_its_variant_too(run, chat: Path):
    (chat.parent / "pyproject.toml").write_text(
        '[tool.rewriter.fields]\nmood = "environment"\n'
        '[tool.rewriter.templates."chat.jinja".fields]\nmood = "generated"\n'
    )
    assert fields_for(chat) == {"mood": "generated"}
    assert fields_for(chat.with_name("chat_training.jinja")) == {"mood": "generated"}
    assert fields_for(chat.with_name("other.jinja")) == {"mood": "environment"}


@pytest.mark.parametrize("command", ["patch", "verify", "propose"])
def test_a_project_whose_fields_do_not_fit_is_bad_input_everywhere(run, chat: Path, command: str):
    _declare(chat.parent, "mine")
    result = run(command, chat)
    assert result.exit_code == 2
    assert "tool.rewriter" in result.stderr
    assert "'mine'" in result.stderr


@pytest.mark.parametrize("command", ["patch", "verify"])
def test_a_field_on_the_command_line_that_no_template_reads_is_warned_of(
    run, chat: Path, command: str
):
    file = chat
    if command == "verify":
        file = chat.with_name("variant.jinja")
        assert run("patch", chat, "-o", file, "--field", "mood=generated").exit_code == 0
    given = "--examples", 10, "--field", "mood=generated"
    assert "warning" not in run(command, file, *given).stderr
    result = run(command, file, *given, "--field", "mod=generated")
    assert result.exit_code == 0
    assert f"{file}: warning: --field mod=generated: no template reads" in result.stderr
    assert "'mood'" not in result.stderr


def test_a_field_of_the_project_that_a_template_does_not_read_is_no_warning(run, chat: Path):
    (chat.parent / "pyproject.toml").write_text(
        '[tool.rewriter.fields]\nmood = "generated"\nweather = "environment"\n'
    )
    assert run("patch", chat, "--examples", 10).stderr == ""
