"""``rewriter patch``: where it reads, where it writes, and when it writes nothing."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("no_engine")

TEXT = b"\xef\xbb\xbf{{ a }}\r\n\xe2\x80\xa6"
MARKED = TEXT + b"|marked"


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jinja"
    path.write_bytes(TEXT)
    return path


def test_a_patched_file_is_left_as_it_is(run, tmp_path: Path):
    path = tmp_path / "chat.jinja"
    path.write_bytes(MARKED)
    before = path.stat()
    result = run("patch", path, "--write")
    assert result.exit_code == 0
    assert "nothing to do" in result.stderr
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_a_patched_file_has_nothing_to_change(run, tmp_path: Path, option: str):
    path = tmp_path / "chat.jinja"
    path.write_bytes(MARKED)
    result = run("patch", path, option)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to do" in result.stderr


@pytest.mark.parametrize("options", [["--check"], ["--diff"], ["--check", "--diff"]])
def test_check_and_diff_write_nothing_and_exit_1(run, chat: Path, options: list[str]):
    assert run("patch", chat, *options).exit_code == 1
    assert chat.read_bytes() == TEXT
    assert run("patch", chat, *options, "--write").exit_code == 1
    assert chat.read_bytes() == TEXT
    out = chat.with_name("out.jinja")
    assert run("patch", chat, *options, "-o", out).exit_code == 1
    assert not out.exists()


def test_a_single_variant_goes_to_standard_output_byte_for_byte(run, chat: Path):
    result = run("patch", chat)
    assert (result.exit_code, result.stdout_bytes, result.stderr) == (0, MARKED, "")
    assert chat.read_bytes() == TEXT


def test_standard_input_is_read_byte_for_byte(run):
    result = run("patch", "-", stdin=TEXT)
    assert (result.exit_code, result.stdout_bytes) == (0, MARKED)


def test_standard_input_that_is_not_utf8_is_bad_input(run):
    result = run("patch", "-", stdin=b"ab\xff")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("<stdin>: not UTF-8: the byte at offset 2")


@pytest.mark.parametrize("options", [["--check"], ["--write", "--check"]])
def test_check_names_the_file_that_would_change(run, chat: Path, options: list[str]):
    result = run("patch", chat, *options)
    assert (result.stdout, result.stderr.splitlines()[0]) == ("", f"{chat}: would change")


def test_check_of_standard_input_says_so(run):
    result = run("patch", "-", "--check", stdin=TEXT)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("<stdin>: would change\n")


def test_the_diff_goes_to_standard_output_alone(run, chat: Path):
    result = run("patch", chat, "--diff", "--check")
    assert result.stdout_bytes.startswith(f"--- {chat}\n+++ {chat}\n@@".encode())
    assert result.stderr.splitlines() == [
        "1 of 1 file would change; to change it, give --write instead of --check --diff"
    ]


def test_the_variant_is_written_where_o_says(run, chat: Path, tmp_path: Path):
    out = tmp_path / "new" / "variant.jinja"
    result = run("patch", chat, "-o", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{out}: 1 edit by wrap-assistant-output, policy strict; not verified\n"
    assert out.read_bytes() == MARKED
    assert chat.read_bytes() == TEXT


def test_check_compares_with_the_file_that_o_names(run, chat: Path, tmp_path: Path):
    out = tmp_path / "variant.jinja"
    assert run("patch", chat, "-o", out, "--check").stderr.startswith(f"{out}: would be written\n")
    out.write_bytes(MARKED)
    assert run("patch", chat, "-o", out, "--check").exit_code == 0
    out.write_bytes(b"stale")
    assert run("patch", chat, "-o", out, "--check").exit_code == 1
    assert out.read_bytes() == b"stale"


def test_write_replaces_the_original(run, chat: Path):
    assert run("patch", chat, "--write").exit_code == 0
    assert chat.read_bytes() == MARKED


def test_several_files_go_into_the_folder_that_o_names(run, chat: Path, tmp_path: Path):
    other = tmp_path / "other.jinja"
    other.write_bytes(b"b")
    assert run("patch", chat, other, "-o", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "chat.jinja").read_bytes() == MARKED
    assert (tmp_path / "out" / "other.jinja").read_bytes() == b"b|marked"


def test_a_file_that_fails_does_not_stop_those_after_it(run, chat: Path, tmp_path: Path):
    refused = tmp_path / "refused.jinja"
    refused.write_text("refuse")
    missing = tmp_path / "missing.jinja"
    result = run("patch", missing, refused, chat, "-o", tmp_path / "out")
    assert result.exit_code == 3
    assert f"{missing}: no such file" in result.stderr
    assert f"{refused}: this cannot be rewritten" in result.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["chat.jinja"]


def test_a_refused_file_is_not_written(run, tmp_path: Path):
    refused = tmp_path / "refused.jinja"
    refused.write_text("refuse")
    result = run("patch", refused, "--write")
    assert (result.exit_code, result.stdout) == (3, "")
    assert refused.read_text() == "refuse"


def test_a_file_in_place_of_the_folder_is_bad_input_and_stays(run, chat: Path):
    result = run("patch", chat, "-o", chat / "variant.jinja")
    assert result.exit_code == 2
    assert chat.read_bytes() == TEXT


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a", "b"], "Several files need -o FOLDER or --write"),
        (["a", "--write", "-o", "b"], "--write and -o exclude each other"),
        (["-", "--write"], "--write cannot write to standard input"),
        (["-", "a", "-o", "b"], "has no name for a file"),
        (["a/x", "b/x", "-o", "c"], "the same name"),
        (["a", "--policy", "loose"], "is not one of 'strict', 'trl'"),
        ([], "Missing argument"),
    ],
)
def test_bad_usage_exits_2_and_says_what_is_bad(run, arguments: list[str], message: str):
    result = run("patch", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
