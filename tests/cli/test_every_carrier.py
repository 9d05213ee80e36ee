"""``lint``, ``strip``, ``serve`` and ``verify`` on templates wherever they are kept."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rewriter.errors import Place
from tests.cli.small import ORIGINAL, VARIANT, WRONG

pytestmark = pytest.mark.usefixtures("engine_once")

CAPTURED = (
    "{% for m in messages %}{{ m.role }}\n{% set v %}\n  {% generation %}{{ m.content }}"
    "{% endgeneration %}{% endset %}{{ v }}{% endfor %}"
)
MARKED = (
    "{% for m in messages %}{{ m.role }}\né{% generation %}{{ x }}{% endgeneration %}{% endfor %}"
)
SERVED = "{% for m in messages %}{{ m.role }}\né{{ x }}{% endfor %}"
FEW = ("--examples", 3)

Held = Callable[[str], str]
KINDS: dict[str, tuple[str, Held]] = {
    "json": (
        "tokenizer_config.json",
        lambda text: json.dumps({"a": 1, "chat_template": text}, indent=1) + "\n",
    ),
    "json as it is": (
        "chat_template.json",
        lambda text: json.dumps([{"chat_template": text}], ensure_ascii=False),
    ),
    "triple": ("chat.py", lambda text: f"# é\nx = '''{text}'''\n"),
    "escaped": ("chat.py", lambda text: f"\n\nx = f({text!a}, 1)\n"),
    "side by side": (
        "chat.py",
        lambda text: f"x = (\n    {text[:30]!a}  # a\n    r'''{text[30:]}''')\n",
    ),
}
kinds = pytest.mark.parametrize(("name", "held"), KINDS.values(), ids=KINDS)


@kinds
@pytest.mark.parametrize("command", ["lint", "strip", "serve"])
def test_what_is_not_marked_is_left_alone(run, tmp_path: Path, command: str, name: str, held: Held):
    path = tmp_path / name
    path.write_text(held(SERVED))
    result = run(command, path, *([] if command == "lint" else ["--write"]))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith(f"{path}:")
    assert result.stderr.endswith(": there is no generation block in it\n")
    assert path.read_text() == held(SERVED)


@pytest.mark.parametrize("command", ["lint", "strip", "serve"])
def test_a_file_that_holds_no_template_is_said_to_hold_none(run, tmp_path: Path, command: str):
    path = tmp_path / "tokenizer_config.json"
    path.write_text("{}")
    result = run(command, path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{path}: there is no chat template in it\n"


@kinds
def test_a_finding_is_at_the_place_in_the_file_and_shows_the_template(
    run, tmp_path: Path, name: str, held: Held
):
    path = tmp_path / name
    path.write_text(held(CAPTURED))
    result = run("lint", path)
    assert result.exit_code == 1
    place = Place.at(held(CAPTURED), held(CAPTURED).index("{% generation"))
    where, excerpt, caret, _ = result.stdout.splitlines()
    assert where.startswith(f"{path}:{place.line}:{place.column}: ")
    assert excerpt == f"{place.line:>5} |   {CAPTURED.splitlines()[2].strip()}"
    assert caret.index("^") == excerpt.index("{% generation")


@kinds
@pytest.mark.parametrize("command", ["strip", "serve"])
def test_the_tags_are_taken_out_and_every_other_byte_stays(
    run, tmp_path: Path, command: str, name: str, held: Held
):
    path = tmp_path / name
    path.write_text(held(MARKED))
    result = run(command, path, "--write")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(": the same text, without the tags\n")
    assert path.read_text() == held(SERVED)


def test_stripping_a_literal_gives_its_original_back_byte_for_byte(run, tmp_path: Path):
    path = tmp_path / "chat.py"
    content = "x = '''" + ORIGINAL.replace("\\", "\\\\") + "'''\ny = 1"
    path.write_text(content)
    assert run("patch", path, "--write", "--no-verify").exit_code == 0
    assert "{% generation %}" in path.read_text()
    result = run("strip", path, "--write")
    assert result.stderr == f"{path}:1: x: the original, byte for byte\n"
    assert path.read_text() == content


def test_of_a_folder_every_template_is_linted_and_stripped(run, tmp_path: Path):
    for name, held in KINDS.values():
        (tmp_path / name).write_text(held(MARKED))
    (tmp_path / "chat_template.jinja").write_text(MARKED)
    assert run("lint", "--fast", tmp_path).stderr == ""
    out = tmp_path / "out"
    assert run("strip", tmp_path, "-o", out).exit_code == 0
    assert (out / "chat_template.jinja").read_text() == SERVED
    assert (out / "chat.py").read_text() == KINDS["side by side"][1](SERVED)


@kinds
def test_a_refusal_is_at_the_place_in_the_file(run, tmp_path: Path, name: str, held: Held):
    leaking = (
        "{% for m in messages %}{{ m.role }}\n"
        "{% generation %}{% set v = 1 %}{% endgeneration %}{{ v }}{% endfor %}"
    )
    path = tmp_path / name
    path.write_text(held(leaking))
    result = run("serve", path, "--write")
    assert result.exit_code == 3
    place = Place.at(held(leaking), held(leaking).index("{% set v"))
    assert result.stderr.startswith(f"{path}:{place.line}:{place.column}: ")
    assert f"{place.line:>5} | {leaking.splitlines()[1]}\n" in result.stderr
    assert path.read_text() == held(leaking)


def test_a_right_variant_holds_alone_and_beside_its_original(run, tmp_path: Path):
    name, held = KINDS["side by side"]
    path, original = tmp_path / name, tmp_path / "original.jinja"
    path.write_text(held(VARIANT))
    original.write_text(ORIGINAL)
    for templates in ([path], [original, path]):
        result = run("verify", *templates, *FEW)
        assert (result.exit_code, result.stderr) == (0, "")
        assert ": holds, on " in result.stdout


def test_a_failure_is_at_the_place_in_the_file(run, tmp_path: Path):
    name, held = KINDS["json"]
    path, original = tmp_path / name, tmp_path / "original.py"
    path.write_text(held(WRONG))
    original.write_text(f"x = {ORIGINAL!a}\n")
    result = run("verify", original, path, *FEW)
    assert result.exit_code == 1
    assert f"    3 | {WRONG.splitlines()[1][:60]}" in result.stdout
    (failure,) = json.loads(run("verify", original, path, *FEW, "--json").stdout)["failures"]
    line, column = failure["place"]["line"], failure["place"]["column"]
    assert f"is printed in line {line}, column {column}:" in result.stdout
    assert held(WRONG).splitlines()[line - 1][column - 1 :].startswith("<|' + m.role")


def test_templates_of_two_files_are_compared_by_their_names(run, tmp_path: Path):
    for folder, texts in (("a", [ORIGINAL, ORIGINAL]), ("b", [WRONG, VARIANT])):
        (tmp_path / folder).mkdir()
        named = [{"name": n, "template": t} for n, t in zip("xy", texts, strict=True)]
        path = tmp_path / folder / "tokenizer_config.json"
        path.write_text(json.dumps({"chat_template": named}))
    files = [tmp_path / each / "tokenizer_config.json" for each in "ab"]
    result = run("verify", tmp_path / "a", tmp_path / "b", *FEW)
    assert result.exit_code == 1
    assert f"{files[1]}:1: chat_template[x]: fails, on " in result.stdout
    assert f"{files[1]}:1: chat_template[y]: holds, on " in result.stdout
    reports = json.loads(run("verify", *files, *FEW, "--json").stdout)
    assert [each["ok"] for each in reports] == [False, True]
    assert reports[0]["template"] == f"{files[1]}:1: chat_template[x]"


def test_a_template_without_an_original_of_its_name_is_bad_input(run, tmp_path: Path):
    original, variant = tmp_path / "a.json", tmp_path / "b.json"
    original.write_text(json.dumps({"chat_template": ORIGINAL}))
    variant.write_text(json.dumps({"chat_template": {"x": VARIANT, "y": VARIANT}}))
    result = run("verify", original, variant)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(
        f"{variant}:1: chat_template[x]: it has no original in {original}\n"
    )


def test_of_several_one_that_is_not_marked_does_not_stop_the_others(run, tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"chat_template": {"x": ORIGINAL, "y": VARIANT}}))
    result = run("verify", path, *FEW)
    assert result.exit_code == 2
    assert f"{path}:1: chat_template[x]: there is no generation block in it" in result.stderr
    assert f"{path}:1: chat_template[y]: holds, on " in result.stdout
    unmarked, marked = json.loads(run("verify", path, *FEW, "--json").stdout)
    assert (unmarked["error"]["kind"], marked["ok"]) == ("bad-input", True)
