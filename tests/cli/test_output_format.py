"""``--output-format``: the same for people, for programs, for GitHub and for code scanning."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.carriers.literals import LOOP
from tests.cli.small import ORIGINAL, VARIANT, WRONG

BLOCK = "{% generation %}{{ x }}{% endgeneration %}"
CAPTURED = "{% set v %}\n  " + BLOCK + "{% endset %}{{ v }}\n"
COLUMN = 1 + len("  ")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {
        "sound.jinja": VARIANT,
        "captured.jinja": CAPTURED,
        "broken.jinja": "a\n{% if %}",
        "chat.jinja": "a",
        "refused.jinja": "refuse",
        "tokenizer_config.json": json.dumps({"a": 1, "chat_template": LOOP}, indent=1),
        "original.jinja": ORIGINAL,
        "wrong.jinja": WRONG,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.jinja").write_text("a")
    return tmp_path


def messages(document: str) -> list[tuple[Any, ...]]:
    names = ("level", "kind", "file", "line", "column")
    return [tuple(each[name] for name in names) for each in json.loads(document)["messages"]]


@pytest.mark.usefixtures("engine_once")
def test_of_what_is_sound_nothing_is_told_in_any_form(run):
    assert run("lint", "sound.jinja", "--output-format", "github").output == ""
    assert json.loads(run("lint", "sound.jinja", "--output-format", "json").stdout) == {
        "version": 1,
        "messages": [],
        "results": [],
    }
    (sarif,) = json.loads(run("lint", "sound.jinja", "--output-format", "sarif").stdout)["runs"]
    assert sarif["results"] == []


def test_text_is_the_same_as_without_a_form(run):
    asked = run("lint", "captured.jinja", "--output-format", "text")
    assert asked.output == run("lint", "captured.jinja").output


def test_json_is_all_that_is_said(run):
    result = run("lint", "captured.jinja", "broken.jinja", "chat.jinja", "--output-format", "json")
    assert (result.exit_code, result.stderr) == (2, "")
    assert messages(result.stdout) == [
        ("error", "captured", "captured.jinja", 2, COLUMN),
        ("error", "bad-input", "broken.jinja", 2, 1 + len("{% if ")),
    ]
    found = json.loads(result.stdout)["messages"][0]
    assert found["excerpt"] == CAPTURED.splitlines()[1]
    assert found["hint"]


def test_github_gets_an_annotation_beside_the_text(run):
    text = run("lint", "captured.jinja").stdout
    result = run("lint", "captured.jinja", "--output-format", "github")
    assert (result.exit_code, result.stdout) == (1, text)
    where = f"::error file=captured.jinja,line=2,col={COLUMN},title=captured::"
    (line,) = result.stderr.splitlines()
    assert line.startswith(where)


def test_github_is_the_form_within_its_actions_if_none_is_asked_for(run, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run("lint", "captured.jinja").stderr.startswith("::error file=captured.jinja,line=2,")
    assert run("lint", "captured.jinja", "--output-format", "text").stderr == ""
    assert run("verify", "none.jinja").stderr.splitlines()[-1].startswith("::error file=none.jinja")


@pytest.mark.usefixtures("no_engine")
def test_patch_tells_what_became_of_each_template(run):
    result = run(
        *("patch", "chat.jinja", "refused.jinja", "tokenizer_config.json", "--check"),
        *("--output-format", "json"),
    )
    assert (result.exit_code, result.stderr) == (3, "")
    assert messages(result.stdout) == [
        ("error", "would-change", "chat.jinja", None, None),
        ("error", "refused", "refused.jinja", None, None),
        ("error", "would-change", "tokenizer_config.json", None, None),
    ]
    results = json.loads(result.stdout)["results"]
    assert [(each["file"], each["template"], each["changed"]) for each in results] == [
        ("chat.jinja", None, True),
        ("tokenizer_config.json", "chat_template", True),
    ]
    assert results[0]["transforms"] == ["wrap-assistant-output"]


@pytest.mark.usefixtures("no_engine")
def test_a_diff_is_a_part_of_the_document(run):
    diff = run("patch", "chat.jinja", "--diff").stdout
    result = run("patch", "chat.jinja", "--diff", "--output-format", "json")
    assert result.exit_code == 1
    assert [each["diff"] for each in json.loads(result.stdout)["messages"]] == [diff]
    github = run("patch", "chat.jinja", "--diff", "--output-format", "github")
    assert github.stdout == diff
    assert github.stderr == "::error file=chat.jinja,title=would-change::would change\n"


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["patch", "chat.jinja", "--output-format", "json"], "both a template and a document"),
        (["patch", "chat.jinja", "--output-format", "json"], "with -o, or use --write, --check"),
        (["patch", "chat.jinja", "--diff", "--output-format", "sarif"], "cannot hold a diff"),
        (["regenerate", "templates", "--diff", "--output-format", "sarif"], "cannot hold a diff"),
        (["lint", "chat.jinja", "--output-format", "xml"], "'xml' is not one of"),
    ],
)
def test_bad_usage_exits_2_and_says_what_is_bad(run, options: list[str], message: str):
    result = run(*options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.usefixtures("no_engine")
def test_regenerate_tells_the_table_as_data(run, folder: Path):
    (folder / "templates" / "b.jinja").write_text("refuse")
    result = run("regenerate", "templates", "--output-format", "json")
    assert (result.exit_code, result.stderr) == (3, "")
    assert messages(result.stdout) == [("error", "refused", "templates/b.jinja", None, None)]
    results = json.loads(result.stdout)["results"]
    assert [(each["original"], each["verdict"]) for each in results] == [
        ("templates/a.jinja", "not verified"),
        ("templates/b.jinja", "refused"),
    ]
    checked = run("regenerate", "templates", "--check", "--output-format", "github")
    assert "::error file=templates/b.jinja,title=refused::this cannot be" in checked.stderr


@pytest.mark.usefixtures("engine_once")
def test_verify_has_its_report_as_json_and_its_failures_in_the_other_forms(run):
    given = ("verify", "original.jinja", "wrong.jinja", "--examples", 3)
    as_json = run(*given, "--output-format", "json")
    assert as_json.stdout == run(*given, "--json").stdout
    assert json.loads(as_json.stdout)["ok"] is False
    text, github = run(*given), run(*given, "--output-format", "github")
    assert (github.exit_code, github.stdout) == (1, text.stdout)
    assert github.stderr.startswith("::error file=wrong.jinja,line=2,col=")
    assert "title=broken-promise::the role header is outside the mask\n" in github.stderr


def test_an_error_is_in_the_document_too(run):
    for command in ("lint", "verify"):
        result = run(command, "none.jinja", "--output-format", "json")
        assert (result.exit_code, result.stderr) == (2, "")
        assert messages(result.stdout) == [("error", "bad-input", "none.jinja", None, None)]


# What SARIF 2.1.0 requires of each object that there is, by the clauses of section 3.
REQUIRED = {
    "log": {"version", "runs"},
    "run": {"tool"},
    "driver": {"name"},
    "rule": {"id"},
    "result": {"message"},
    "message": {"text"},
}


def test_sarif_has_what_the_standard_requires(run, tmp_path: Path):
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "é.jinja").write_text(CAPTURED)
    result = run("lint", "captured.jinja", "a b/é.jinja", "none.jinja", "--output-format", "sarif")
    assert (result.exit_code, result.stderr) == (2, "")
    log = json.loads(result.stdout)
    assert log.keys() >= REQUIRED["log"]
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    (sarif,) = log["runs"]
    assert sarif.keys() >= REQUIRED["run"]
    assert sarif["columnKind"] == "unicodeCodePoints"
    driver = sarif["tool"]["driver"]
    assert driver.keys() >= REQUIRED["driver"]
    rules = {rule["id"]: rule for rule in driver["rules"]}
    assert all(rule["shortDescription"].keys() >= REQUIRED["message"] for rule in rules.values())
    assert len(sarif["results"]) == 3
    for found in sarif["results"]:
        assert found.keys() >= REQUIRED["result"]
        assert found["message"].keys() >= REQUIRED["message"]
        assert found["level"] in ("none", "note", "warning", "error")
        assert found["ruleId"] in rules
    places = [found["locations"][0]["physicalLocation"] for found in sarif["results"]]
    assert places == [
        {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": 2, "startColumn": COLUMN},
        }
        for uri in ("captured.jinja", "a%20b/%C3%A9.jinja")
    ] + [{"artifactLocation": {"uri": "none.jinja"}}]


def test_a_file_below_the_working_directory_is_told_as_seen_from_it(run, folder: Path):
    given = str(folder / "captured.jinja")
    assert "file=captured.jinja," in run("lint", given, "--output-format", "github").stderr
    log = json.loads(run("lint", given, "--output-format", "sarif").stdout)
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "captured.jinja"


def test_what_is_read_from_standard_input_is_in_no_file(run):
    for form in ("github", "sarif"):
        result = run("lint", "-", "--output-format", form, stdin=CAPTURED.encode())
        assert result.exit_code == 1
    assert json.loads(result.stdout)["runs"][0]["results"][0]["locations"] == []


RARE = "m.content[23:24] == '~'"
SAID = "m.content + '<|end|>' }}{% endg"
RARELY = VARIANT.replace(
    SAID, "m.content + ('.' if " + RARE + " else '')" + SAID[len("m.content") :]
)


@pytest.mark.usefixtures("engine_once")
def test_what_is_not_proven_is_told_in_every_form_with_its_place(run):
    Path("rare.jinja").write_text(RARELY)
    given = "verify", "original.jinja", "rare.jinja", "--examples", 10
    line, column = 2, RARELY.splitlines()[1].index(RARE) + 1

    sarif = run(*given, "--output-format", "sarif")
    assert sarif.exit_code == 1
    (ran,) = json.loads(sarif.stdout)["runs"]
    (result,) = ran["results"]
    assert (result["ruleId"], result["level"]) == ("not-proven", "error")
    assert RARE in result["message"]["text"]
    assert "always got the same answer" in result["message"]["text"]
    (where,) = result["locations"]
    region = where["physicalLocation"]["region"]
    assert where["physicalLocation"]["artifactLocation"]["uri"] == "rare.jinja"
    assert (region["startLine"], region["startColumn"]) == (line, column)

    github = run(*given, "--output-format", "github").stderr
    assert f"::error file=rare.jinja,line={line},col={column},title=not-proven::" in github

    (unproven,) = json.loads(run(*given, "--json").stdout)["unproven"]
    assert "always got the same answer" in unproven["reason"]
    assert unproven["original"] is False


@pytest.mark.usefixtures("engine_once")
def test_what_may_be_unproven_is_a_warning(run):
    Path("rare.jinja").write_text(RARELY)
    given = "verify", "original.jinja", "rare.jinja", "--examples", 10, "--allow-unproven"
    result = run(*given, "--output-format", "github")
    assert result.exit_code == 0
    assert "::warning file=rare.jinja" in result.stderr


@pytest.mark.usefixtures("engine_once")
def test_a_test_that_only_the_original_makes_has_its_place_there(run):
    asks = "{% if strftime_now('%Y') == '1999' %}.{% endif %}"
    Path("original.jinja").write_text(asks + ORIGINAL)
    Path("variant.jinja").write_text(VARIANT)
    given = "verify", "original.jinja", "variant.jinja", "--examples", 10
    result = run(*given, "--output-format", "github")
    assert result.exit_code == 1
    assert "::error file=original.jinja,line=1,col=7,title=not-proven::" in result.stderr
    (unproven,) = json.loads(run(*given, "--json").stdout)["unproven"]
    assert unproven["original"] is True
