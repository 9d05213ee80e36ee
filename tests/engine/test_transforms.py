"""The transforms' files: sound, exemplified, and refused with a reason where they are not."""

import tomllib
from pathlib import Path

import pytest

from rewriter.data import data_folder, read_record
from rewriter.engine.examples import check_examples
from rewriter.engine.transforms import (
    Example,
    Transform,
    load_transforms,
    transform_named,
)
from rewriter.errors import BadInput

NAMES = {
    "wrap-assistant-output",
    "move-turn-end-into-branches",
    "split-role-header",
    "tojson-tool-arguments",
    "require-both-think-tags",
    "drop-loop-last-conditionals",
}
every_transform = pytest.mark.parametrize("transform", load_transforms(), ids=lambda t: t.name)
SOUND = (data_folder("transforms") / "require-both-think-tags.toml").read_text(encoding="utf-8")


def test_the_six_that_the_seed_catalog_needs_are_there():
    assert {transform.name for transform in load_transforms()} >= NAMES


@every_transform
def test_every_example_comes_out_as_its_file_says(transform: Transform):
    results = check_examples(transform)
    assert len(results) == len(transform.examples)
    assert [result.message for result in results if not result.ok] == []


@every_transform
def test_it_says_what_must_be_left_alone_before_what_it_changes(transform: Transform):
    assert transform.examples[0].after is None
    assert any(example.after is not None for example in transform.examples)


def test_an_example_that_comes_out_otherwise_is_told():
    transform = transform_named("require-both-think-tags")
    wrong = Example(title="t", before="{% if '</think>' in x %}{% endif %}", after="another")
    idle = Example(title="t", before="{% if '</think>' in x %}{% endif %}")
    broken = Example(title="t", before="{% if %}")
    changed = transform.model_copy(update={"examples": (wrong, idle, broken)})
    results = check_examples(changed)
    assert [result.ok for result in results] == [False, False, False]
    assert "expected\nanother\ngot\n{% if '<think>' in x" in results[0].message
    assert "not a valid template" in results[2].message


def test_an_unknown_name_is_bad_input_that_lists_the_names():
    with pytest.raises(BadInput, match="no transform is called 'wrap'") as raised:
        transform_named("wrap")
    assert "wrap-assistant-output" in raised.value.hint


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('summary = "', 'summry = "', r"summary: field required"),
        ('verb = "replace"', 'verb = "erase"', r"rule\.0: .*'erase'.*'replace', 'keep', 'sink'"),
        ('verb = "replace"', 'verb = "replace"\nwith = "x"', r"rule\.0\.replace\.with: extra"),
        ('relation = "equal"', 'relation = "same"', r"contract\.relation: input should be 'equal'"),
        ('goal = "assistant-mask"', 'goal = "mask"', r"goal: input should be 'assistant-mask'"),
        ("match = ", 'prints = "header"\nmatch = ', r"rule\.0\.replace\.prints: input should be"),
        ("in $CONTENT %}", "in %}", r"rule\.0\.replace\.match: .*not a pattern"),
        ('reason = "', 'why = "', r"rule\.0\.replace\.reason: field required"),
        ("[contract]", "[contract", "not valid TOML"),
    ],
)
def test_a_file_that_does_not_fit_names_file_key_and_what_was_expected(
    tmp_path: Path, old: str, new: str, expected: str
):
    assert old in SOUND
    path = tmp_path / "sample.toml"
    path.write_text(SOUND.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=rf"sample\.toml: {expected}"):
        read_record(path, Transform)


def test_a_transform_has_at_least_two_examples(tmp_path: Path):
    data = tomllib.loads(SOUND)
    assert len(data["example"]) >= 2
    path = tmp_path / "sample.toml"
    path.write_text(SOUND[: SOUND.index("[[example]]")], encoding="utf-8")
    with pytest.raises(BadInput, match=r"sample\.toml: example: field required"):
        read_record(path, Transform)
