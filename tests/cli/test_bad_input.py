"""Bad input: a clear message, an exit code, and no file half written or lost."""

import hashlib
from pathlib import Path

import pytest

BAD = {
    "a syntax error": (b"a\n{% if %}", 2, ":2:"),
    "an unclosed tag": (b"{{ a", 2, ":1:"),
    "an unknown tag": (b"a\n  {% frobnicate %}", 2, "frobnicate"),
    "not UTF-8": (b"{{ a }}\xff", 2, "the byte at offset 7"),
    "nested parentheses": (b"{{ " + b"(" * 9_000 + b"1" + b")" * 9_000 + b" }}", 2, "nest"),
    "nested blocks": (b"{% if a %}" * 3_000 + b"{% endif %}" * 3_000, 2, "nest"),
    "an empty file": (b"", 3, "add_generation_prompt"),
    "no chat template": (b"{{ messages }}", 3, "add_generation_prompt"),
}


@pytest.mark.parametrize(("content", "exit_code", "message"), BAD.values(), ids=BAD)
def test_it_is_told_and_the_file_stays(
    run, tmp_path: Path, content: bytes, exit_code: int, message: str
):
    path = tmp_path / "chat.jinja"
    path.write_bytes(content)
    result = run("patch", path, "--write")
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert result.stderr.startswith(str(path))
    assert message in result.stderr
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_syntax_error_is_shown_in_its_line_with_a_caret(run, tmp_path: Path):
    path = tmp_path / "chat.jinja"
    path.write_text("first\n{% if %}\n")
    assert "    2 | {% if %}\n" in run("patch", path).stderr
    assert "^" in run("patch", path).stderr


def test_a_template_that_is_already_marked_comes_back_unchanged(run, original, tmp_path: Path):
    once = run("patch", original("gemma"), "--no-verify").stdout_bytes
    path = tmp_path / "marked.jinja"
    path.write_bytes(once)
    result = run("patch", path, "--no-verify")
    assert (result.exit_code, result.stdout_bytes) == (0, once)


def test_a_marker_in_a_comment_is_no_marker(run, original):
    path = original("gemma")
    commented = b"{#{% generation %}{% endgeneration %}#}" + path.read_bytes()
    path.write_bytes(commented)
    result = run("patch", path, "--no-verify")
    assert result.exit_code == 0
    assert result.stdout_bytes.startswith(b"{#{% generation %}{% endgeneration %}#}")
    assert len(result.stdout_bytes) > len(commented)


def test_an_unknown_family_is_bad_input_with_a_near_name(run, tmp_path: Path):
    path = tmp_path / "chat.jinja"
    path.write_text("{{ messages }}")
    result = run("patch", path, "--family", "qwen33")
    assert result.exit_code == 2
    assert "did you mean 'qwen3'?" in result.stderr


def test_an_unknown_transform_is_bad_input(run, tmp_path: Path):
    path = tmp_path / "chat.jinja"
    path.write_text("{{ messages }}")
    result = run("patch", path, "--transform", "frobnicate")
    assert result.exit_code == 2
    assert "frobnicate" in result.stderr


def test_without_network_and_cache_nothing_is_made(run, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("REWRITER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    result = run("regenerate", "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "trl==1.16.0: the templates of this package are not available" in result.stderr
    assert "help: run this once with a network" in result.stderr
    assert not (tmp_path / "out").exists()


def test_what_is_patched_is_what_the_library_gives(run, original):
    import rewriter

    path = original("llama3")
    expected = rewriter.rewrite(path.read_bytes().decode(), verify=False).template
    shown = run("patch", path, "--no-verify").stdout_bytes
    assert hashlib.sha256(shown).digest() == hashlib.sha256(expected.encode()).digest()
