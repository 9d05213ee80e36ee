"""The data that describes a registry: sound, and refused with a reason where it is not."""

from pathlib import Path

import pytest

from rewriter.engine.registry import Names, Registry, load_registry, registry_names
from rewriter.engine.transforms import GOALS
from rewriter.errors import BadInput

SOUND = """
[templates]
folder   = "templates"
original = "{name}.jinja"
variant  = "{name}_t.jinja"

[python]
file      = "a.py"
constants = { original = "{name}_chat", variant = "{name}_train" }
"""


@pytest.fixture
def load(tmp_path: Path):
    def loaded(text: str) -> Registry:
        path = tmp_path / "own.toml"
        path.write_text(text)
        return load_registry(str(path))

    return loaded


def test_the_layout_of_trl_is_known():
    assert registry_names() == ("trl",)
    trl = load_registry("trl")
    assert set(trl.goals) == set(GOALS)
    assert trl.templates.of("llama3") == ("llama3.jinja", "llama3_training.jinja")


def test_little_is_enough(load):
    registry = load(SOUND)
    assert (registry.policy, registry.goals) == ("strict", ("assistant-mask",))
    assert registry.tests is registry.templates.header is None
    assert registry.documentation == ()


def test_a_variant_is_told_from_an_original_though_both_fit():
    names = Names(original="{name}.jinja", variant="{name}_t.jinja")
    assert names.family("a.jinja") == ("a", False)
    assert names.family("a_t.jinja") == ("a", True)
    assert names.family("a.jinja2") is None


def test_what_is_neither_known_nor_a_file_is_refused():
    with pytest.raises(BadInput, match="there is no such registry") as caught:
        load_registry("missing.toml")
    assert caught.value.hint.endswith("one of: trl")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"{name}.jinja"', '"x.jinja"', "templates.original: value error, expected {name} in it"),
        ('"templates"', '"../templates"', "templates.folder: value error, expected a path within"),
        ('"a.py"', '"/a.py"', "python.file: value error, expected a path within"),
        ("[python]", "header = 'Hello.'\n[python]", "templates.header: value error, expected one"),
        (
            "[python]",
            "header = '''{# {% x %} #}\n'''\n[python]",
            "templates.header: value error, expected one Jinja comment",
        ),
        ("[python]", "colour = 1\n[python]", "templates.colour: extra inputs"),
        ('file      = "a.py"', "", "python.file: field required"),
        ("[templates]", "goals = ['fast']\n[templates]", "goals.0: input should be"),
    ],
)
def test_what_does_not_fit_is_named_with_what_was_expected(
    load, tmp_path: Path, old: str, new: str, message: str
):
    with pytest.raises(BadInput) as caught:
        load(SOUND.replace(old, new))
    assert caught.value.name == str(tmp_path / "own.toml")
    assert caught.value.message.startswith(message)
