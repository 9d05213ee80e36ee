"""``rewriter patch`` on JSON and Python files and on folders."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import appended

pytestmark = pytest.mark.usefixtures("no_engine")

LOOP = "{% for m in messages %}{{ m.role }}{% endfor %}"
CONFIG = f'{{"b": 1.0,\r\n "chat_template" : "{LOOP}", "a": "\\u00e9"}}'
NAMED = json.dumps(
    {"chat_template": [{"name": "a", "template": LOOP}, {"name": "b", "template": "refuse"}]}
)
SOURCE = f"x = ('{LOOP[:23]}'\n     r'{LOOP[23:]}')\ny = '''refuse\n{LOOP}'''\n"


def marked(text: str) -> str:
    return text.replace("{% endfor %}", "{% endfor %}|marked", 1)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tokenizer_config.json"
    path.write_bytes(CONFIG.encode())
    return path


@pytest.fixture
def named(tmp_path: Path) -> Path:
    path = tmp_path / "processor_config.json"
    path.write_text(NAMED)
    return path


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "chat.py"
    path.write_text(SOURCE)
    return path


def test_a_file_without_a_template_is_left_alone_and_said_to_have_none(run, tmp_path: Path):
    for name, content in (("a.py", "x = 1"), ("a.json", "{}")):
        path = tmp_path / name
        path.write_text(content)
        result = run("patch", path, "--write")
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == f"{path}: there is no chat template in it\n"
        assert path.read_text() == content


def test_a_file_whose_templates_are_patched_is_left_as_it_is(run, config: Path):
    run("patch", config, "--write")
    before = config.stat()
    result = run("patch", config, "--write")
    assert result.stderr == f"{config}:2: chat_template: nothing to do\n"
    assert config.stat().st_mtime_ns == before.st_mtime_ns
    assert run("patch", config, "--check").exit_code == 0


@pytest.mark.parametrize("options", [["--check"], ["--diff"], ["--check", "--diff", "--write"]])
def test_check_and_diff_write_nothing_and_exit_1(run, config: Path, options: list[str]):
    assert run("patch", config, *options).exit_code == 1
    assert config.read_bytes() == CONFIG.encode()


def test_check_names_the_template_and_the_file_that_would_change(run, config: Path):
    result = run("patch", config, "--check")
    assert result.stdout == ""
    assert result.stderr == (
        f"{config}:2: chat_template: 1 edit by wrap-assistant-output, policy strict; not verified\n"
        f"{config}: would change\n"
        "1 of 1 file would change; to change it, give --write instead of --check\n"
    )


def test_the_diff_is_one_of_the_file(run, module: Path):
    result = run("patch", module, "--diff")
    assert result.stdout.startswith(f"--- {module}\n+++ {module}\n@@ -1,4 +1,4 @@\n x = (")
    assert f"\n-     r'{LOOP[23:]}')\n+     r'{LOOP[23:]}|marked')\n" in result.stdout


def test_write_changes_nothing_but_the_template(run, config: Path):
    result = run("patch", config, "--write")
    assert (result.exit_code, result.stdout) == (0, "")
    assert config.read_bytes() == marked(CONFIG).encode()


def test_without_write_the_file_goes_to_standard_output(run, config: Path):
    result = run("patch", config)
    assert (result.exit_code, result.stdout_bytes) == (0, marked(CONFIG).encode())
    assert config.read_bytes() == CONFIG.encode()


def test_a_template_that_is_refused_does_not_stop_the_others_of_the_file(run, named: Path):
    result = run("patch", named, "--write")
    assert result.exit_code == 3
    assert f"{named}:1: chat_template[a]: 1 edit" in result.stderr
    assert f"{named}:1: chat_template[b]: this cannot be rewritten" in result.stderr
    assert named.read_text() == marked(NAMED)


def test_of_a_file_whose_templates_are_all_refused_nothing_is_written(run, tmp_path: Path):
    path = tmp_path / "chat_template.json"
    path.write_text(json.dumps({"chat_template": "refuse"}))
    assert run("patch", path, "-o", tmp_path / "out.json").exit_code == 3
    assert run("patch", path, "--check").exit_code == 3
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_not_what_its_name_says_is_bad_input(run, tmp_path: Path):
    path = tmp_path / "tokenizer_config.json"
    path.write_text('{"chat_template": }')
    result = run("patch", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}:1:19: not JSON: Expecting value\n")
    result = run("patch", tmp_path / "missing.py")
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path / 'missing.py'}: no such file\n")


def test_several_files_of_any_kind_at_once(run, config: Path, module: Path, tmp_path: Path):
    plain = tmp_path / "plain.jinja"
    plain.write_text("a")
    result = run("patch", config, module, plain, "-o", tmp_path / "out")
    assert result.exit_code == 3
    assert (tmp_path / "out" / "chat.py").read_text() == marked(SOURCE)
    assert (tmp_path / "out" / config.name).read_bytes() == marked(CONFIG).encode()
    assert (tmp_path / "out" / "plain.jinja").read_text() == "a|marked"


@pytest.fixture
def model(config: Path) -> Path:
    (config.parent / "chat_template.jinja").write_text(LOOP)
    (config.parent / "additional_chat_templates").mkdir()
    (config.parent / "additional_chat_templates" / "rag.jinja").write_text(LOOP)
    (config.parent / "README.md").write_text(LOOP)
    return config.parent


def test_of_a_folder_every_file_with_a_template_is_patched(run, model: Path):
    assert run("patch", model, "--write").exit_code == 0
    assert (model / "tokenizer_config.json").read_bytes() == marked(CONFIG).encode()
    assert (model / "chat_template.jinja").read_text() == marked(LOOP)
    assert (model / "additional_chat_templates" / "rag.jinja").read_text() == marked(LOOP)
    assert (model / "README.md").read_text() == LOOP


def test_what_is_written_elsewhere_of_a_folder_keeps_its_folders(run, model: Path, tmp_path: Path):
    out = tmp_path / "out" / "new"
    assert run("patch", model, "-o", out).exit_code == 0
    written = sorted(str(path.relative_to(out)) for path in out.rglob("*.*"))
    assert written == [
        "additional_chat_templates/rag.jinja",
        "chat_template.jinja",
        "tokenizer_config.json",
    ]


def test_check_of_a_folder_names_each_file_that_would_change(run, model: Path):
    result = run("patch", model, "--check")
    assert result.exit_code == 1
    assert result.stderr.count("would change\n") == 3


def test_a_file_that_is_named_twice_is_patched_once(run, model: Path):
    result = run("patch", model, model / "chat_template.jinja", "--check")
    assert result.stderr.count("chat_template.jinja: would change") == 1


def test_a_folder_with_one_template_goes_to_standard_output(run, tmp_path: Path):
    (tmp_path / "chat_template.jinja").write_text("a")
    assert run("patch", tmp_path).stdout == "a|marked"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Several files need -o FOLDER or --write"),
        (["--write", "-o", "x"], "exclude each other"),
        (["-o", __file__], "-o is a file"),
    ],
)
def test_bad_usage_exits_2_and_says_what_is_bad(run, model: Path, options: list[str], message: str):
    result = run("patch", model, *options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_folder_without_a_template_is_bad_input(run, tmp_path: Path):
    result = run("patch", tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path}: no file in this folder holds a chat template" in result.stderr


def test_a_text_that_several_files_hold_is_rewritten_once(run, model: Path, monkeypatch):
    sources: list[str] = []

    def counted(source: str, **options: object):
        sources.append(source)
        return appended(source, **options)

    monkeypatch.setattr("rewriter.api.rewrite", counted)
    assert run("patch", model, "--check").stderr.count(": would change") == 3
    assert sources == [LOOP]
