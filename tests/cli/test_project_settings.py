"""What a project says of its templates counts for a single file too, and options win over it."""

import json
from pathlib import Path

import pytest

TURNS = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@pytest.fixture
def patched(run, tmp_path: Path):
    (tmp_path / "chat.jinja").write_text(TURNS)

    def result(*options: str) -> dict:
        asked = (tmp_path / "chat.jinja", "--check", "--examples", "10", "--output-format", "json")
        done = run("patch", *asked, *options)
        (document,) = json.loads(done.stdout)["results"]
        return document

    return result


def test_without_a_project_the_defaults_hold(patched):
    assert patched()["policy"] == "strict"


def test_a_project_says_how_and_options_win_over_it(patched, tmp_path: Path):
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.rewriter]\npolicy = "trl"\nempty-thoughts = "generated"\n')
    said = patched()
    assert (said["policy"], said["empty_thoughts"]) == ("trl", "generated")
    assert patched("--policy", "strict")["policy"] == "strict"


def test_what_is_said_of_one_template_comes_before_what_is_said_of_all(patched, tmp_path: Path):
    table = '[tool.rewriter.templates."chat.jinja"]\ntransforms = ["split-role-header"]\n'
    (tmp_path / "pyproject.toml").write_text('[tool.rewriter]\npolicy = "trl"\n' + table)
    assert patched("--no-verify")["transforms"] == ["split-role-header"]
    # A recipe on the command line is instead of the project's, of either kind.
    chosen = patched("--family", "trl-1.16.0/qwen2_5", "--no-verify")
    assert chosen["transforms"] == ["split-role-header", "wrap-behind-prefill"]


def test_verify_and_lint_judge_by_the_policy_of_the_project(run, patched, tmp_path: Path):
    block = "{% generation %}{{ m.content }}<|end|>\n{% endgeneration %}"
    other = "{{ m.content }}<|end|>\n"
    branch = "{% if m.role == 'assistant' %}" + block + "{% else %}" + other + "{% endif %}"
    (tmp_path / "marked.jinja").write_text(TURNS.replace("{{ m.content }}<|end|>\n", branch))
    marked = tmp_path / "marked.jinja"
    assert run("verify", marked).exit_code == 1
    assert "N005" in run("lint", marked).stderr
    (tmp_path / "pyproject.toml").write_text('[tool.rewriter]\npolicy = "trl"\n')
    assert run("verify", marked).exit_code == 0
    assert run("lint", marked).stderr == ""
