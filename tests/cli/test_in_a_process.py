"""The command as it is started, whichever releases of its dependencies are installed."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.transformers_version

CHAT = (
    "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "rewriter", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_templates_of_each_kind_of_file_are_patched_and_judged(tmp_path):
    (tmp_path / "a.jinja").write_text(CHAT)
    (tmp_path / "b.py").write_text(f"CHAT = {CHAT!r}\n")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": CHAT}))
    patched = run("patch", tmp_path, "--write")
    assert (patched.returncode, patched.stderr.count("verified")) == (0, 3), patched.stderr
    assert run("patch", tmp_path, "--check").returncode == 0
    for name in ("a.jinja", "b.py", "tokenizer_config.json"):
        assert "{% generation %}" in (tmp_path / name).read_text()
    verified = run("verify", tmp_path / "a.jinja", "--json")
    assert json.loads(verified.stdout)["ok"] is True


def test_a_refusal_is_told_by_its_place(tmp_path):
    refused = run("patch", "-", input="{{ messages }}")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "Traceback" not in refused.stderr
