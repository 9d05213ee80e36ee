"""Which files of a folder hold templates."""

import json
from pathlib import Path

import pytest

from rewriter.carriers.model_folder import files_with_templates
from rewriter.carriers.regular import LARGEST_TEMPLATE
from tests.carriers.literals import LOOP

HELD = json.dumps({"chat_template": LOOP})

PASSED_OVER = {
    "README.md": LOOP,
    "page.jinja": "<p>{{ title }}</p>",
    "broken.jinja": "{% for m in messages %}{{ m.content }",
    "config.json": HELD,
    "tokenizer.json": HELD,
    "sub/processor_config.json": "{}",
    "setup.py": "x = 1",
    "broken.py": f"x = = '{LOOP}'",
    "latin.jinja": b"\xff" + LOOP.encode(),
    "__pycache__/chat_template.jinja": LOOP,
    ".git/chat_template.jinja": LOOP,
}
FOUND = {
    "additional_chat_templates/tool_use.jinja": "{{ a }}",
    "any.jinja": LOOP,
    "any.jinja2": LOOP,
    "broken/chat_template.jinja": "{{ a",
    "chat_template.jinja": LOOP,
    "chat_template.json": HELD,
    "processor_config.json": HELD,
    "sub/deeper/chat.py": f"x = '{LOOP}'",
    "sub/tokenizer_config.json": "not JSON",
    "tokenizer_config.json": HELD,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {**PASSED_OVER, **FOUND}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def test_only_files_with_a_template_are_found_and_those_a_model_needs(folder: Path):
    found = [str(each.relative_to(folder)) for each in files_with_templates(folder)]
    assert sorted(found) == sorted(FOUND)


def test_they_are_found_in_the_same_order_each_time(folder: Path):
    assert files_with_templates(folder) == files_with_templates(folder)


def test_a_link_to_a_folder_is_not_followed_and_one_to_a_file_is(tmp_path: Path):
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "1234").write_text(LOOP)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "around").symlink_to(tmp_path)
    (tmp_path / "model" / "chat_template.jinja").symlink_to(tmp_path / "blobs" / "1234")
    assert files_with_templates(tmp_path / "model") == (tmp_path / "model" / "chat_template.jinja",)


def test_a_file_that_is_too_large_for_a_template_is_among_them_to_be_told_of(tmp_path: Path):
    path = tmp_path / "huge.jinja"
    with path.open("wb") as file:
        file.truncate(LARGEST_TEMPLATE + 1)
    assert files_with_templates(tmp_path) == (path,)
