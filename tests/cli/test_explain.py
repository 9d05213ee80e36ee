"""``rewriter patch --explain``: what was seen and tried, for a variant and for a refusal."""

import json
from pathlib import Path

import pytest


@pytest.fixture(params=["chat.jinja", "tokenizer_config.json"])
def refused(request, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    text = "hello"
    path.write_text(text if path.suffix == ".jinja" else json.dumps({"chat_template": text}))
    return path


def test_a_refusal_says_in_one_line_that_plans_were_tried(run, refused: Path):
    result = run("patch", refused, "--check")
    assert result.exit_code == 3
    assert result.stderr.count("tried") == 1
    assert "plans; rewriter patch --explain lists them" in result.stderr


def test_each_plan_is_listed_where_it_is_asked_for(run, refused: Path):
    result = run("patch", refused, "--check", "--explain")
    assert result.exit_code == 3
    assert "tried:\n  wrap-assistant-output: " in result.stderr
    assert "\n  split-role-header + wrap-assistant-output: " in result.stderr
