"""Bad input in every carrier, to every command: told with its file and line, nothing written."""

import json
from pathlib import Path

import pytest

from tests.carriers.literals import LOOP

MARKED = LOOP.replace("{{ m.role }}", "{% generation %}{{ m.role }}{% endgeneration %}")
BRACED = LOOP.replace("{", "{{").replace("}", "}}")
WRITING = [("patch", "--write"), ("strip", "--write"), ("serve", "--write")]
COMMANDS = [*WRITING, ("lint",), ("verify",)]
every = pytest.mark.parametrize("command", COMMANDS, ids=[each[0] for each in COMMANDS])
writing = pytest.mark.parametrize("command", WRITING, ids=[each[0] for each in WRITING])

# The file's name, what is in it, and what is said after its name.
BROKEN = {
    "JSON that does not parse": (
        "tokenizer_config.json",
        '{"a": 1,\n "chat_template": "a" "b"}',
        ":2:23: not JSON: ",
    ),
    "a line ending in a JSON string": (
        "chat_template.json",
        '{"chat_template": "a\n"}',
        ":1:21: not JSON: ",
    ),
    "Python that does not parse": ("chat.py", f"x = '{LOOP}'\ny = = 1\n", ":2:5: not Python: "),
    "another encoding than declared": (
        "chat.py",
        b"# coding: ascii\nx = '\xff'\n",
        ": the bytes are not text in ascii",
    ),
    "an encoding that is none of text": (
        "chat.py",
        b"# coding: base64\nx = 'a'\n",
        ": the bytes are not text in base64",
    ),
    "JSON that is not UTF-8": ("chat_template.json", b'{"a": "\xff"}', ": not UTF-8: the byte at"),
}
RUN_TIME = {
    "an f-string": (f"y = 1\nx = f'{BRACED}{{y}}'\n", 2, 5, "an f-string"),
    "beside an f-string": (f"x = ('{LOOP}'\n     f'{{y}}')\n", 1, 6, "joined from pieces"),
    "a sum": (f"x = (a +\n     '{LOOP}' + b)\n", 2, 6, "joined from pieces"),
    "a loop around something": (
        "x = '{% for m in messages %}' + body + '{% endfor %}'",
        1,
        5,
        "joined from pieces",
    ),
    "added to": (f"x = ''\nx += '{LOOP}'\n", 2, 6, "joined from pieces"),
    "a list that is joined": (
        "x = ''.join([\n  '{% for m in messages %}',\n  y])",
        2,
        3,
        "joined from pieces",
    ),
    "formatted": (f"x = '{LOOP}' % y\n", 1, 5, "formatted"),
    "replaced in": (f"x = '{LOOP}'.replace('a', y)\n", 1, 5, "formatted"),
    "dedented": (f"x = dedent('''\n  {LOOP}''')\n", 1, 12, "formatted"),
}


@every
@pytest.mark.parametrize(("name", "content", "message"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_read(
    run, tmp_path: Path, command, name: str, content: str | bytes, message: str
):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = path.read_bytes()
    result = run(*command, path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}{message}")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@every
@pytest.mark.parametrize(("content", "line", "column", "how"), RUN_TIME.values(), ids=RUN_TIME)
def test_a_template_that_is_put_together_at_run_time(
    run, tmp_path: Path, command, content: str, line: int, column: int, how: str
):
    path = tmp_path / "chat.py"
    path.write_text(content)
    result = run(*command, path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(
        f"{path}:{line}:{column}: this template is put together at run time ({how})\n"
    )
    assert path.read_text() == content


@pytest.mark.parametrize(
    "content",
    [
        f"if x == '{LOOP}': pass",
        f"def f():\n    '''{LOOP}'''",
        f"x = y.replace('a', '{LOOP}')",
        f"x = {{'{LOOP}': 1}}",
        f"x = b'{LOOP}' + y",
        "x = '{% if messages %}' + y",
        "x = f'{messages}'  # {% for m in messages %}",
    ],
)
def test_a_text_that_no_template_is_made_of_is_left_alone(run, tmp_path: Path, content: str):
    path = tmp_path / "chat.py"
    path.write_text(content)
    result = run("lint", path)
    assert (result.exit_code, result.stderr) == (0, f"{path}: there is no chat template in it\n")


def test_beside_other_templates_it_is_told_and_the_others_are_changed(run, tmp_path: Path):
    path = tmp_path / "chat.py"
    path.write_text(f"x = '{MARKED}'\ny = f'{BRACED}{{x}}'\n")
    result = run("serve", path, "--write")
    assert result.exit_code == 0
    assert f"{path}:2:5: this template is put together at run time" in result.stderr
    assert path.read_text() == f"x = '{LOOP}'\ny = f'{BRACED}{{x}}'\n"


@every
def test_a_folder_without_a_template(run, tmp_path: Path, command):
    (tmp_path / "README.md").write_text(LOOP)
    result = run(*command, tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{tmp_path}: no file in this folder holds a chat template\n")


@every
@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("tokenizer_config.json", {"chat_template": MARKED + "!"}),
        ("processor_config.json", {"chat_template": MARKED + "!"}),
        ("chat_template.json", {"chat_template": MARKED + "!"}),
        (
            "tokenizer_config.json",
            {"chat_template": [{"name": "default", "template": MARKED + "!"}]},
        ),
    ],
)
def test_two_files_of_a_model_that_disagree(run, tmp_path: Path, command, name: str, held: object):
    files = {"chat_template.jinja": MARKED, name: json.dumps(held, indent=1)}
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    result = run(*command, tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    line = 1 + files[name].split("{% for")[0].count("\n")
    assert result.stderr.startswith(f"{tmp_path / name}:{line}:")
    assert "this template differs from the one in chat_template.jinja\n" in result.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


@pytest.mark.parametrize(
    "files",
    [
        {"tokenizer_config.json": MARKED, "chat_template.jinja": f"{MARKED}\n"},
        # A processor's template has images, and a tokenizer's has none.
        {"tokenizer_config.json": MARKED, "chat_template.json": f"{MARKED}!"},
        {"a/chat_template.jinja": MARKED, "b/tokenizer_config.json": f"{MARKED}!"},
    ],
)
def test_files_that_agree_or_are_read_by_others_do_not_disagree(run, tmp_path: Path, files):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        held = json.dumps({"chat_template": text}) if name.endswith(".json") else text
        (tmp_path / name).write_text(held)
    assert run("serve", tmp_path, "--write").exit_code == 0
    assert "generation" not in "".join(path.read_text() for path in tmp_path.rglob("*.j*"))


def test_of_two_that_disagree_the_one_that_is_named_is_taken(run, tmp_path: Path):
    (tmp_path / "chat_template.jinja").write_text(MARKED)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": LOOP}))
    assert run("serve", tmp_path / "chat_template.jinja", "--write").exit_code == 0


@writing
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("chat_template.jinja", MARKED),
        ("tokenizer_config.json", json.dumps({"chat_template": MARKED})),
        ("chat.py", f"x = '{MARKED}'\n"),
    ],
)
@pytest.mark.usefixtures("no_engine")
def test_a_file_that_is_read_only(run, tmp_path: Path, command, name: str, content: str):
    path = tmp_path / name
    path.write_text(content)
    path.chmod(0o444)
    result = run(*command, path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{path}: cannot be written: it is read-only\n" in result.stderr
    assert path.read_text() == content
    assert list(tmp_path.iterdir()) == [path]
