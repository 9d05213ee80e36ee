"""Which notices a command gives: by its options, by the project, and else those on the mask."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("engine_once")

# Prints no thoughts and no calls, and lists as Python writes them; nothing ends a turn.
SOURCE = (
    "{%- for m in messages %}{{- '\\n### ' + m.role + ':\\n' + m.content }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '\\n### assistant:\\n' }}{%- endif %}"
)
ALL = ["N002", "N006", "N007"]


@pytest.fixture
def given(run, tmp_path: Path):
    file = tmp_path / "chat.jinja"
    file.write_text(SOURCE)

    def ids(*options: str) -> list[str]:
        done = run("patch", str(file), "--check", "--output-format", "json", *options)
        assert done.exit_code == 1
        (document,) = json.loads(done.stdout)["results"]
        return [notice["id"] for notice in document["notices"]]

    return ids


def test_what_a_template_makes_of_messages_is_given_where_it_is_selected(given):
    assert given() == ["N002"]
    assert given("--select", "ALL") == ALL
    assert given("--select", "n006,N007") == ["N006", "N007"]


def test_what_is_ignored_is_not_given_also_where_it_is_selected(given):
    assert given("--ignore", "N002") == []
    assert given("--select", "ALL", "--ignore", "N006", "--ignore", "N002") == ["N007"]


def test_a_project_says_which_and_the_command_line_comes_first(given, tmp_path: Path):
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.rewriter]\nselect = ["ALL"]\nignore = ["N002"]\n')
    assert given() == ["N006", "N007"]
    assert given("--select", "N007") == ["N007"]
    assert given("--ignore", "N006") == ["N002", "N007"]


@pytest.mark.parametrize("name", ["chat.jinja", "tokenizer_config.json"])
@pytest.mark.parametrize("command", ["patch --check", "lint", "verify"])
def test_code_scanning_and_github_have_each_notice_with_its_file_and_its_page(
    run, tmp_path: Path, command: str, name: str
):
    # Nothing ends a turn, and one field is nobody's.
    text = SOURCE.replace("+ m.content", "}}{{- m.content }}{{- m.memo or ''")
    if command != "patch --check":
        answer = "{% generation %}{{ m.content }}{% endgeneration %}{{ m.memo or '' }}"
        text = (
            "{% for m in messages %}<|{{ m.role }}|>"
            "{% if m.role == 'assistant' %}{% if m.content %}@{% endif %}"
            "{% else %}{{ m.content }}{% endif %}{% endfor %}"
            "{% if add_generation_prompt %}<|assistant|>{% endif %}"
        ).replace("@", answer)
    file = tmp_path / name
    file.write_text(text if name == "chat.jinja" else json.dumps({"chat_template": text}))
    done = run(*command.split(), file, "--output-format", "sarif")
    (log,) = json.loads(done.stdout)["runs"]
    found = {each["ruleId"]: each for each in log["results"]}
    assert found["N002"]["level"] == "note"
    where = found["N001"]["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"].endswith(name)
    assert where["region"]["startLine"] == 1
    pages = {each["id"]: each.get("help") for each in log["tool"]["driver"]["rules"]}
    assert "docs/reference/notices.md#n002" in pages["N002"]["text"]

    github = run(*command.split(), file, "--output-format", "github").stderr
    assert f"::notice file={file}" in github
    assert ",title=N002::nothing ends" in github
    ignored = run(*command.split(), file, "--ignore", "N002,N001", "--output-format", "sarif")
    assert "N002" not in ignored.stdout


def test_lint_has_its_notices_as_json_too(run, tmp_path: Path):
    text = (
        "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' and m.content %}"
        "{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}"
        "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    config = tmp_path / "tokenizer_config.json"
    config.write_text(json.dumps({"chat_template": text}))
    (result,) = json.loads(run("lint", config, "--output-format", "json").stdout)["results"]
    assert (result["file"], result["template"]) == (str(config), "chat_template")
    assert [each["id"] for each in result["notices"]] == ["N002"]


def test_each_notice_names_the_template_that_it_is_about(run, tmp_path: Path):
    config = tmp_path / "tokenizer_config.json"
    config.write_text(json.dumps({"chat_template": SOURCE}))
    assert f"{config}:1: chat_template: N002: " in run("patch", config, "--check").stderr


def test_an_id_that_there_is_not_is_bad_usage(run, tmp_path: Path):
    (tmp_path / "chat.jinja").write_text(SOURCE)
    done = run("patch", str(tmp_path / "chat.jinja"), "--check", "--select", "N999")
    assert done.exit_code == 2
    assert "there is no notice 'N999'; they are N001 to N027, and ALL" in done.stderr


def test_a_tokenizer_beside_the_template_is_compared_with_it(run, tmp_path: Path):
    ends = SOURCE.replace("m.content", "m.content + '<|end|>'")
    (tmp_path / "chat_template.jinja").write_text("{{- bos_token }}" + ends)
    config = {"eos_token": "</s>", "bos_token": {"content": "<s>"}, "add_bos_token": True}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    done = run("patch", str(tmp_path), "--check")
    assert "N014: the assistant's turns end in '<|end|>', and eos_token is '</s>'" in done.stderr
    assert "N015: it prints '<s>', and the tokenizer adds it" in done.stderr
    config = {"eos_token": "<|end|>", "bos_token": "<s>", "add_bos_token": False}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    done = run("patch", str(tmp_path), "--check")
    assert "N014" not in done.stderr
    assert "N015" not in done.stderr
