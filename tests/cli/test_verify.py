"""``rewriter verify``: what holds first, then what fails, and how that is told."""

import json
from pathlib import Path

import pytest

from tests.verification.chatml import HEADER, OPEN, ORIGINAL, VARIANT, edited

pytestmark = pytest.mark.usefixtures("engine_once")

WRONG = edited(VARIANT, (HEADER + OPEN, OPEN + HEADER))
SMALLEST = {"messages": [{"role": "assistant", "content": "a"}], "add_generation_prompt": False}
FEW = ("--examples", 10)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "original.jinja").write_text(ORIGINAL)
    (tmp_path / "variant.jinja").write_text(VARIANT)
    (tmp_path / "wrong.jinja").write_text(WRONG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("templates", [["variant.jinja"], ["original.jinja", "variant.jinja"]])
def test_a_right_variant_holds_alone_and_beside_its_original(run, templates):
    result = run("verify", *templates, *FEW)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("variant.jinja: holds, on ")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("templates", [["wrong.jinja"], ["original.jinja", "wrong.jinja"]])
def test_a_wrong_variant_fails_alone_and_beside_its_original(run, templates):
    result = run("verify", *templates, *FEW)
    assert result.exit_code == 1
    assert "the role header is outside the mask" in result.stdout
    assert "⟦<|im_start|>assistant" in result.stdout
    line = 1 + WRONG[: WRONG.index(HEADER)].count("\n")
    assert f"is printed in line {line}, column " in result.stdout
    assert ("what the original prints" in result.stdout) == (len(templates) == 2)


JOINED = (
    "{%- for m in messages %}{{- '<|' + m.role + '|>' + m.content + '<|end|>' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}"
)
PRINTED_APART = JOINED.replace(
    "{{- '<|' + m.role + '|>' + m.content + '<|end|>' }}",
    "{{- '<|' + m.role + '|>' }}{%- if m.role == 'assistant' %}{% generation %}{{- m.content }}"
    "{{- '<|end|>' }}{% endgeneration %}{%- else %}{{- m.content + '<|end|>' }}{%- endif %}",
)


def test_a_variant_may_render_more_if_that_is_accepted(run, folder):
    (folder / "joined.jinja").write_text(JOINED)
    (folder / "apart.jinja").write_text(PRINTED_APART)
    given = ("joined.jinja", "apart.jinja", *FEW)
    refused = run("verify", *given)
    assert refused.exit_code == 1
    assert "where the original raises, the variant raises" in refused.stdout
    assert "give --widens" in refused.stderr
    accepted = run("verify", "--widens", *given)
    assert (accepted.exit_code, accepted.stderr) == (0, "")
    (folder / "apart.jinja").write_text(
        PRINTED_APART.replace("'<|end|>' }}{% endg", "'.' }}{% endg")
    )
    assert run("verify", "--widens", *given).exit_code == 1


@pytest.mark.usefixtures("folder")
def test_an_unmet_precondition_is_shown_with_its_place(run):
    Path("unseen.jinja").write_text(VARIANT.replace(OPEN, OPEN.replace("{%-", "{%+")))
    result = run("verify", "unseen.jinja", *FEW)
    assert result.exit_code == 1
    line = 1 + VARIANT[: VARIANT.index(OPEN)].count("\n")
    assert result.stdout.startswith(f"unseen.jinja:{line}:9: ")


@pytest.mark.usefixtures("folder")
def test_nothing_is_saved_where_all_holds(run):
    assert run("verify", "variant.jinja", *FEW, "--save", "chat.json").exit_code == 0
    assert not Path("chat.json").exists()


@pytest.mark.usefixtures("folder")
def test_the_smallest_failing_conversation_is_saved_and_replayed(run):
    saved = run("verify", "wrong.jinja", *FEW, "--save", "chat.json")
    assert (saved.exit_code, json.loads(Path("chat.json").read_text())) == (1, SMALLEST)
    assert saved.stderr == "chat.json: the smallest conversation that fails\n"
    again = run("verify", "wrong.jinja", "--conversation", "chat.json")
    assert again.exit_code == 1
    assert again.stdout.endswith("wrong.jinja: fails, on 1 conversation\n")
    right = run("verify", "original.jinja", "variant.jinja", "--conversation", "chat.json")
    assert (right.exit_code, right.stdout) == (0, "variant.jinja: holds, on 1 conversation\n")


@pytest.mark.usefixtures("folder")
def test_only_what_is_replayed_is_judged(run):
    Path("chat.json").write_text(json.dumps([{"role": "user", "content": "hi"}]))
    result = run("verify", "wrong.jinja", "--conversation", "chat.json")
    assert (result.exit_code, result.stdout) == (0, "wrong.jinja: holds, on 1 conversation\n")


@pytest.mark.usefixtures("folder")
def test_the_whole_report_is_json_and_nothing_else(run):
    result = run("verify", "original.jinja", "wrong.jinja", *FEW, "--json")
    assert (result.exit_code, result.stderr) == (1, "")
    report = json.loads(result.stdout)
    assert report["ok"] is False
    (failure,) = report["failures"]
    assert failure["conversation"] == SMALLEST
    assert failure["original"]["text"] == failure["variant"]["text"]
    assert failure["place"]["excerpt"] == HEADER.rstrip("\n")
    assert json.loads(run("verify", "variant.jinja", *FEW, "--json").stdout)["failures"] == []


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name the variant"),
        (["a", "b", "c"], "Name the variant"),
        (["variant.jinja", "--family", "qwen3"], "--family and --transform"),
        (["original.jinja"], "original.jinja: there is no generation block in it"),
        (["variant.jinja", "--conversation", "none.json"], "none.json: no such file"),
        (["none.jinja"], "none.jinja: no such file"),
    ],
)
def test_bad_usage_and_bad_input_exit_2(run, arguments, message):
    result = run("verify", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.usefixtures("folder")
def test_a_variant_that_does_not_compile_is_shown_with_its_place(run):
    Path("jumping.jinja").write_text(edited(VARIANT, (OPEN, OPEN + "{%- continue %}\n")))
    for templates in (["jumping.jinja"], ["original.jinja", "jumping.jinja"]):
        result = run("verify", *templates)
        assert result.exit_code == 2
        assert result.stderr.startswith("jumping.jinja:")
        assert "{%- continue %}" in result.stderr


@pytest.mark.usefixtures("folder")
def test_what_was_reached_is_told_in_a_line_and_listed_when_asked(run):
    told = run("verify", "original.jinja", "variant.jinja", *FEW)
    assert "branches of the original" in told.stdout.splitlines()[-1]
    source = Path("variant.jinja").read_text()
    Path("more.jinja").write_text(source + "{% if tools is not defined %}a{% endif %}")
    listed = run("verify", "more.jinja", *FEW, "--coverage").stdout
    line = 1 + source.count("\n")
    assert f"more.jinja:{line}:" in listed
    assert "cannot be reached: then" in listed
    assert "cannot be reached" not in run("verify", "more.jinja", *FEW).stdout
