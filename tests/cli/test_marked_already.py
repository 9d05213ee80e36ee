"""``rewriter patch`` on templates that came with marks: they are judged, and left as they are."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("engine_once")

TURN = (
    "{% for m in messages %}<|{{ m.role }}|>"
    "{% if m.role == 'assistant' %}MARKED{% else %}{{ m.content }}<|end|>\n{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>PREFILL{% endif %}"
)
RIGHT = "{% generation %}{{ m.content }}<|end|>{% endgeneration %}\n"
ENDLESS = "{% generation %}{{ m.content }}{% endgeneration %}<|end|>\n"
OPENED = "<think>\n{% generation %}"
THOUGHT = "{% generation %}<think>\n{{ m.content }}<|end|>{% endgeneration %}\n"


def source(marked: str, prefill: str = "") -> str:
    return TURN.replace("MARKED", marked).replace("PREFILL", prefill)


@pytest.fixture(params=["chat.jinja", "tokenizer_config.json"])
def saved(request, tmp_path: Path):
    def save(text: str) -> Path:
        path = tmp_path / request.param
        is_template = path.suffix == ".jinja"
        path.write_text(text if is_template else json.dumps({"chat_template": text}))
        return path

    return save


def test_what_is_marked_rightly_is_nothing_to_do(run, saved):
    result = run("patch", saved(source(RIGHT)), "--check")
    assert result.exit_code == 0
    assert "nothing to do" in result.stderr
    assert "N004" not in result.stderr


@pytest.mark.parametrize(
    ("marked", "wrong"),
    [
        (ENDLESS, "the turn end is in the mask"),
        ("{% generation %}{% endgeneration %}{{ m.content }}<|end|>\n", "is in the mask"),
    ],
)
def test_what_is_marked_wrongly_is_said_and_left_as_it_is(run, saved, marked: str, wrong: str):
    path = saved(source(marked))
    before = path.read_bytes()
    result = run("patch", path, "--check")
    assert result.exit_code == 1
    assert "left as it is" in result.stderr
    assert "N004: it is marked already, and it does not hold that " in result.stderr
    assert wrong in result.stderr
    assert run("patch", path, "--write").exit_code == 1
    assert path.read_bytes() == before


def test_so_are_they_in_a_folder_unless_that_is_ignored(run, tmp_path: Path):
    (tmp_path / "a.jinja").write_text(source(RIGHT))
    (tmp_path / "b.jinja").write_text(source(ENDLESS))
    for options in ((), ("--check",)):
        result = run("regenerate", tmp_path, *options)
        assert result.exit_code == 1
        assert "b.jinja: N004: it is marked already" in result.stderr
        assert "a.jinja: N004" not in result.stderr
        assert "0 of 2 variants" in result.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.jinja", "b.jinja"]
    assert run("regenerate", tmp_path, "--ignore", "N004").exit_code == 0


def test_marks_of_the_other_policy_are_said_and_no_fault(run, saved):
    result = run("patch", saved(source(THOUGHT, "<think>\n")), "--check")
    assert result.exit_code == 0
    assert "N005: the edges of its mask are where --policy trl has them" in result.stderr


def test_a_block_round_all_turns_is_wrong(run, saved):
    loop = "{% generation %}" + TURN.replace("MARKED", "{{ m.content }}<|end|>")
    result = run("patch", saved(loop.replace("PREFILL", "") + "{% endgeneration %}"), "--check")
    assert result.exit_code == 1
    assert "N004" in result.stderr


@pytest.mark.parametrize(("policy", "other"), [("strict", "trl"), ("trl", "strict")])
def test_verify_says_where_the_other_policy_holds(run, tmp_path: Path, policy: str, other: str):
    path = tmp_path / "chat.jinja"
    inside = {"trl": THOUGHT, "strict": THOUGHT.replace("{% generation %}<think>\n", OPENED)}
    path.write_text(source(inside[other], "<think>\n"))
    result = run("verify", path, "--policy", policy)
    assert result.exit_code == 1
    assert f"N005: the edges of its mask are where --policy {other} has them" in result.stderr
    assert run("verify", path, "--policy", other).exit_code == 0
