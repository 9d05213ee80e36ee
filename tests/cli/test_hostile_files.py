"""Files made to break whoever reads them: each is told of alone, and those after it are done."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.carriers.literals import LOOP
from tests.cli.conftest import appended

MARKED = LOOP.replace("{{ m.role }}", "{% generation %}{{ m.role }}{% endgeneration %}")
DIGITS = "9" * 20_000
NESTED = {
    "parentheses": "(" * 5_000 + "1" + ")" * 5_000,
    "a sum": "+".join("1" * 20_000),
    "calls": "a" + "()" * 20_000,
    "signs": "-" * 20_000 + "1",
    "attributes": "a" + ".a" * 20_000,
    "conditions": "1 if a else " * 5_000 + "1",
    "functions": "lambda: " * 5_000 + "1",
    "lists": "[" * 150 + "]" * 150,
    "powers": "a" + "**a" * 20_000,
}
# What is no text, what means other text than is there, and what is none.
CODECS = [
    "rot13",
    "base64",
    "bz2",
    "hex",
    "undefined",
    "unicode_escape",
    "raw_unicode_escape",
    "utf-7",
    "utf-16",
    "idna",
    "punycode",
    "mbcs",
    "no-such-codec",
]
COMMANDS = [("patch", "--write"), ("strip", "--write"), ("serve", "--write"), ("lint",)]
every = pytest.mark.parametrize("command", COMMANDS, ids=[each[0] for each in COMMANDS])


@pytest.fixture(autouse=True)
def engine(no_engine: None) -> None:
    """What is not read is not rewritten, so no engine is needed."""


def _sound(tmp_path: Path, command: tuple[str, ...] = ()) -> Path:
    """A file that the command changes; of which `lint` says that it is not marked."""
    path = tmp_path / "sound.jinja"
    path.write_text(LOOP if command == ("lint",) else MARKED)
    return path


def _is_done(result, command: tuple[str, ...], sound: Path) -> bool:
    """Whether the sound file after a hostile one was worked on."""
    if command == ("lint",):
        return f"{sound}: there is no generation block in it" in result.stderr
    return sound.read_text() != MARKED


@every
@pytest.mark.parametrize("nested", NESTED)
def test_python_that_is_nested_without_measure(run, tmp_path: Path, command, nested: str):
    path, sound = tmp_path / "deep.py", _sound(tmp_path, command)
    text = f"T = {MARKED!r}\nx = {NESTED[nested]}\n"
    path.write_text(text)
    result = run(*command, path, sound, "--time-limit", "20")
    assert result.exit_code in ((0, 1, 2) if nested == "lists" else (2,))
    assert nested == "lists" or f"{path}: the Python is nested too deeply" in result.stderr
    assert nested == "lists" or path.read_text() == text
    assert _is_done(result, command, sound)


@every
@pytest.mark.parametrize("codec", CODECS)
def test_an_odd_codec(run, tmp_path: Path, command, codec: str):
    path, sound = tmp_path / "odd.py", _sound(tmp_path, command)
    text = f"# -*- coding: {codec} -*-\nT = {MARKED!r}\n"
    path.write_text(text)
    result = run(*command, path, sound)
    assert result.exit_code in (0, 1, 2)
    if result.exit_code == 2:
        assert str(path) in result.stderr
        assert path.read_text() == text
    assert _is_done(result, command, sound)


@every
def test_an_integer_of_thousands_of_digits(run, tmp_path: Path, command):
    sound = _sound(tmp_path, command)
    contents = {
        "a.jinja": MARKED + "{{ " + DIGITS + " }}",
        "b.json": f'{{"v": {DIGITS}, "chat_template": {json.dumps(MARKED)}}}',
        "c.py": f"x = {DIGITS}\nT = {MARKED!r}\n",
    }
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
    result = run(*command, *(tmp_path / name for name in contents), sound)
    assert result.exit_code in (0, 1, 2)
    assert DIGITS in (tmp_path / "b.json").read_text()
    assert DIGITS in (tmp_path / "c.py").read_text()
    assert _is_done(result, command, sound)


@every
@pytest.mark.parametrize("escaped", [True, False], ids=["escaped", "as it is"])
def test_half_a_character(run, tmp_path: Path, command, escaped: bool):
    path, sound = tmp_path / "chat_template.json", _sound(tmp_path, command)
    half = "\\udc80" if escaped else "\udc80"
    before = json.dumps({"chat_template": MARKED}).replace("m.role }}", f"m.role }}}}{half}")
    path.write_bytes(before.encode(errors="surrogatepass"))
    result = run(*command, path, sound)
    assert result.exit_code == (0 if escaped else 2)
    # What was read as half a character is written as it was.
    assert before.encode(errors="surrogatepass").count(half.encode(errors="surrogatepass")) == 1
    assert half.encode(errors="surrogatepass") in path.read_bytes()
    assert _is_done(result, command, sound)


@every
def test_json_that_is_nested_without_measure(run, tmp_path: Path, command):
    path, sound = tmp_path / "deep.json", _sound(tmp_path, command)
    path.write_text('{"chat_template": ' + "[" * 200_000 + "]" * 200_000 + "}")
    result = run(*command, path, sound)
    assert result.exit_code == 2
    assert f"{path}: the JSON is nested too deeply" in result.stderr
    assert _is_done(result, command, sound)


@every
@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
def test_pipes_and_devices_in_a_folder(run, tmp_path: Path, command):
    sound = _sound(tmp_path, command)
    os.mkfifo(tmp_path / "a.jinja")
    os.mkfifo(tmp_path / "b.py")
    (tmp_path / "chat_template.jinja").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "README.md")
    result = run(*command, tmp_path)
    assert result.exit_code == 2
    for name, kind in (("a.jinja", "pipe"), ("b.py", "pipe"), ("chat_template.jinja", "device")):
        assert f"{tmp_path / name}: this is a {kind}, not a file" in result.stderr
    assert "README.md" not in result.output
    assert _is_done(result, command, sound)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
def test_verify_goes_on_with_what_can_be_read(run, tmp_path: Path):
    sound = _sound(tmp_path)
    os.mkfifo(tmp_path / "a.jinja")
    (tmp_path / "b.py").write_text(f"T = {MARKED!r}\nx = {NESTED['signs']}\n")
    result = run("verify", tmp_path, "--examples", "5")
    assert result.exit_code == 2
    assert f"{tmp_path / 'a.jinja'}: this is a pipe" in result.stderr
    assert f"{sound}: " in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
def test_pipes_among_the_originals_and_the_variants_of_a_folder(run, tmp_path: Path):
    for name in ("a.jinja", "b.jinja"):
        (tmp_path / name).write_text(LOOP)
    os.mkfifo(tmp_path / "a_training.jinja")
    os.mkfifo(tmp_path / "c.jinja")
    result = run("regenerate", tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path / 'a_training.jinja'}: this is a pipe" in result.stderr
    assert f"{tmp_path / 'c.jinja'}: this is a pipe" in result.stderr
    assert (tmp_path / "b_training.jinja").read_text() == LOOP + "|marked"


def test_a_fault_of_ours_is_of_its_file_alone_and_says_what_to_report(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def faulty(source: str, **options: Any):
        if "fault" in source:
            raise KeyError("a fault of ours")
        return appended(source, **options)

    monkeypatch.setattr("rewriter.api.rewrite", faulty)
    path, sound = tmp_path / "a.jinja", _sound(tmp_path)
    path.write_text("fault")
    result = run("patch", "--write", path, sound)
    assert result.exit_code == 70
    assert f"{path}: internal error: KeyError: 'a fault of ours'" in result.stderr
    assert "please report it" in result.stderr
    assert "test_hostile_files.py" in result.stderr
    assert sound.read_text() == MARKED + "|marked"


def test_a_fault_of_ours_in_a_batch(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def faulty(work: Any, _limits: object):
        (asked,) = work.args
        if "fault" in asked.source:
            raise KeyError("a fault of ours")
        return appended(asked.source, policy=asked.policy)

    monkeypatch.setattr("rewriter.cli.batch.confined", faulty)
    for name, text in (("a.jinja", "fault"), ("b.jinja", LOOP)):
        (tmp_path / name).write_text(text)
    result = run("regenerate", tmp_path)
    assert result.exit_code == 70
    assert "internal error" in result.stdout
    assert f"{tmp_path / 'a.jinja'}: internal error: KeyError" in result.stderr
    assert (tmp_path / "b_training.jinja").read_text() == LOOP + "|marked"


def test_a_fault_of_ours_anywhere_is_no_finding(run, monkeypatch: pytest.MonkeyPatch):
    def faulty() -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr("rewriter.engine.families.newest_catalog", faulty)
    for command in (("docs",), ("regenerate", "--output-format", "json")):
        result = run(*command)
        assert result.exit_code == 70
        assert "internal error" in result.output
