"""``rewriter strip`` and ``rewriter serve``: what has no tags is left alone first."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("engine_once")

CHAT = (
    "{% for m in messages %}{{ '<|' ~ m.role + '|>'+ m.content ~ '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
NAMED = ("--transform", "split-role-header", "--transform", "wrap-assistant-output")
MARKED = "a{% generation %}{{ x }}{% endgeneration %}\r\n"
LEAKING = "{% generation %}{% set v = 1 %}{{ v }}{% endgeneration %}{{ v }}"


@pytest.fixture
def file(tmp_path: Path):
    def written(text: str, name: str = "chat.jinja") -> Path:
        (tmp_path / name).write_bytes(text.encode())
        return tmp_path / name

    return written


@pytest.mark.parametrize("command", ["strip", "serve"])
def test_what_is_not_marked_comes_back_as_it_is_and_is_told(run, file, command):
    path = file("{{ a }}\r\n{# {% generation %} #}")
    result = run(command, path)
    assert result.stdout_bytes == path.read_bytes()
    assert result.stderr == f"{path}: there is no generation block in it\n"
    assert result.exit_code == 0


@pytest.mark.parametrize("command", ["strip", "serve"])
def test_the_tags_are_taken_out_and_every_other_byte_stays(run, file, command):
    result = run(command, file(MARKED))
    assert (result.exit_code, result.stdout_bytes) == (0, b"a{{ x }}\r\n")


def test_stripping_gives_the_original_back_byte_for_byte_though_it_was_cut(run, file):
    path = file(CHAT)
    assert run("patch", path, "--write", *NAMED).exit_code == 0
    assert b"{% generation %}" in path.read_bytes()
    served = run("serve", path).stdout_bytes
    result = run("strip", path, "--write")
    assert result.stderr == f"{path}: the original, byte for byte\n"
    assert path.read_bytes() == CHAT.encode() != served


def test_stripping_works_where_the_cache_cannot_be_written(run, file, originals):
    originals.write_text("not a folder")
    path = file(CHAT)
    assert run("patch", path, "--write", *NAMED).exit_code == 0
    result = run("strip", path, "--write")
    assert result.stderr == f"{path}: the same text, without the tags\n"
    assert b"generation %}" not in path.read_bytes()


def test_an_original_that_prints_something_else_is_not_given_back(run, file, originals):
    path = file(CHAT.replace("m.content", "m.tool_calls[0].function.arguments"))
    run("patch", path, "--write", "--no-verify", "--transform", "tojson-tool-arguments", *NAMED)
    assert not originals.exists()


@pytest.mark.parametrize("command", ["strip", "serve"])
def test_a_set_that_the_block_kept_to_itself_is_refused_with_its_place(run, file, command):
    path = file(LEAKING)
    result = run(command, path, "--write")
    assert result.exit_code == 3
    assert result.stderr.startswith(f"{path}:1:17: without its block, other text would be")
    assert path.read_text() == LEAKING


def test_a_file_that_is_refused_does_not_stop_those_after_it(run, file, tmp_path):
    first, second = file(LEAKING, "first.jinja"), file(MARKED, "second.jinja")
    result = run("serve", first, second, "-o", tmp_path / "out")
    assert result.exit_code == 3
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["second.jinja"]


def test_an_original_that_was_not_kept_whole_is_not_given_back_and_that_is_said(
    run, file, originals
):
    path = file(CHAT)
    run("patch", path, "--write", *NAMED)
    (kept,) = originals.glob("*.kept")
    kept.write_bytes(kept.read_bytes().replace(b"content", b"forgery"))
    result = run("strip", path)
    assert result.exit_code == 0
    assert f"{kept}: this is not what rewriter kept" in result.stderr
    assert "forgery" not in result.stdout
    assert not kept.exists()
