"""``rewriter lint``: sound files first."""

from pathlib import Path

import pytest

BLOCK = "{% generation %}{{ x }}{% endgeneration %}"
CAPTURED = "{% set v %}\n  " + BLOCK + "{% endset %}{{ v }}\n"


@pytest.fixture
def file(tmp_path: Path):
    """A file with the text that is given."""

    def written(text: str, name: str = "chat.jinja") -> Path:
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return written


# One turn a line: a header, an answer and its end.
TURNS = (
    "{% for m in messages %}<|{{ m.role }}|>"
    "{% if m.role == 'assistant' %}@{% else %}{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
RIGHT = TURNS.replace("@", "{% generation %}{{ m.content }}<|end|>{% endgeneration %}")
NO_END = TURNS.replace("@", "{% generation %}{{ m.content }}{% endgeneration %}<|end|>")
ALL_TURNS = (
    "{% generation %}" + TURNS.replace("@", "{{ m.content }}<|end|>") + "{% endgeneration %}"
)


def test_a_sound_file_says_nothing_and_exits_0(run, file):
    result = run("lint", file(RIGHT))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("wrong", "broken"),
    [(NO_END, "the turn end is in the mask"), (ALL_TURNS, "what a user says is outside the mask")],
)
def test_a_mask_that_is_wrong_is_shown_with_a_conversation_and_fast_does_not_look(
    run, file, wrong, broken
):
    path = file(wrong)
    result = run("lint", path)
    assert result.exit_code == 1
    assert f"broken: {broken}\n" in result.stdout
    assert run("lint", "--fast", path).exit_code == 0


def test_a_mask_as_the_other_policy_has_it_is_no_finding_but_is_told(run, file):
    ends = TURNS.replace("@", "{% generation %}{{ m.content }}<|end|>\n{% endgeneration %}")
    result = run("lint", file(ends))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "N005: the edges of its mask are where --policy trl has them" in result.stderr
    assert run("lint", "--policy", "trl", file(ends)).stderr == ""


def test_a_file_without_a_marker_is_no_finding_but_is_told(run, file):
    path = file("{{ messages }}")
    result = run("lint", path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{path}: there is no generation block in it\n"


def test_a_finding_is_shown_with_its_place_and_exits_1(run, file):
    path = file(CAPTURED)
    result = run("lint", path)
    assert (result.exit_code, result.stderr) == (1, "")
    where, excerpt, caret, hint = result.stdout.splitlines()
    assert where.startswith(f"{path}:2:3: ")
    assert excerpt.endswith(" | " + CAPTURED.splitlines()[1])
    assert caret.index("^") == excerpt.index("{% generation")
    assert hint.startswith("help: ")


def test_standard_input_is_read(run):
    result = run("lint", "-", stdin=CAPTURED.encode())
    assert result.exit_code == 1
    assert result.stdout.startswith("<stdin>:2:3: ")


def test_bad_input_exits_2_and_does_not_stop_the_files_after_it(run, file, tmp_path: Path):
    broken, found = file("{% if %}", "broken.jinja"), file(CAPTURED, "found.jinja")
    result = run("lint", tmp_path / "missing.jinja", broken, found)
    assert result.exit_code == 2
    assert f"{tmp_path / 'missing.jinja'}: no such file" in result.stderr
    assert f"{broken}:1:" in result.stderr
    assert result.stdout.startswith(f"{found}:2:3: ")


def test_an_endless_row_of_operators_is_bad_input(run, file):
    path = file(
        "{% generation %}{% set v = 1 %}{{ v }}{% endgeneration %}{{ v" + " + v" * 5000 + " }}"
    )
    result = run("lint", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}: ")


def test_a_file_of_megabytes_is_stopped_at_the_limit_and_those_after_it_are_linted(run, file):
    large, small = file("{{ 'x' }}" * 400_000, "large.jinja"), file(CAPTURED, "small.jinja")
    result = run("lint", large, small, "--time-limit", "1")
    assert result.exit_code == 3
    assert result.stderr.startswith(f"{large}: the work on this template was stopped after 1 s\n")
    assert result.stdout.startswith(f"{small}:2:3: ")
