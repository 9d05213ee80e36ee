"""Whoever saves a file while it is worked on finds it as he saved it, and is told."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.carriers.literals import LOOP
from tests.cli.conftest import appended

SAVED = "{# my edit #}"
CONTENTS = {
    "chat.jinja": LOOP,
    "tokenizer_config.json": json.dumps({"chat_template": LOOP}),
    "chat.py": f"T = {LOOP!r}\n",
}


@pytest.fixture
def saving(monkeypatch: pytest.MonkeyPatch):
    """An engine that takes so long that somebody saves a file before it is done."""

    def prepare(path: Path) -> None:
        def slow(source: str, **options: Any):
            path.write_text(SAVED)
            return appended(source, **options)

        def confined(work: partial, _limits: object):
            return slow(work.args[0].source)

        monkeypatch.setattr("rewriter.api.rewrite", slow)
        monkeypatch.setattr("rewriter.cli.batch.confined", confined)

    return prepare


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("elsewhere", [False, True], ids=["over itself", "to another file"])
def test_patch(run, saving, tmp_path: Path, name: str, elsewhere: bool):
    path = tmp_path / name
    path.write_text(CONTENTS[name])
    target = tmp_path / f"out-{name}" if elsewhere else path
    saving(target)
    result = run("patch", path, *(["-o", target] if elsewhere else ["--write"]))
    assert result.exit_code == 2
    assert f"{target}: the file changed in the meantime" in result.stderr
    assert target.read_text() == SAVED


def test_regenerate_goes_on_with_the_others(run, saving, tmp_path: Path):
    for name in ("a.jinja", "b.jinja", "a_training.jinja"):
        (tmp_path / name).write_text(LOOP)
    saving(tmp_path / "a_training.jinja")
    result = run("regenerate", tmp_path, "--jobs", "1")
    assert result.exit_code == 2
    assert "a_training.jinja: the file changed in the meantime" in result.stderr
    assert (tmp_path / "a_training.jinja").read_text() == SAVED
    assert (tmp_path / "b_training.jinja").read_text() == LOOP + "|marked"


def test_new_family(run, repository: Path, template: Path, monkeypatch: pytest.MonkeyPatch):
    from rewriter.cli import registering

    (module,) = repository.rglob("chat_template_utils.py")
    found = registering.changes

    def slow(*arguments: Any):
        result = found(*arguments)
        module.write_text(SAVED)
        return result

    monkeypatch.setattr("rewriter.api.rewrite", appended)
    monkeypatch.setattr("rewriter.cli.registering.changes", slow)
    options = ("--registry", "trl", "--transform", "wrap-assistant-output")
    result = run("new-family", "mine", template, "--into", repository, *options, "--write")
    assert result.exit_code == 2
    assert "the file changed in the meantime" in result.stderr
    assert module.read_text() == SAVED
    assert not list(repository.rglob("mine*"))
