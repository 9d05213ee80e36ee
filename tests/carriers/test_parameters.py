"""A new family among what tests are given as parameters."""

import ast

import pytest

from rewriter.carriers.parameters import with_parameters
from rewriter.engine.registry import Tests as Described
from rewriter.errors import BadInput
from tests.carriers.inserted import inserted

NAME = "test_chat.py"
TESTS = Described(
    file=NAME, parameters=("TestChoice",), entry='pytest.param("{model}", id="{name}")'
)
SOURCE = """\
import pytest


@pytest.mark.parametrize("model", ["a/b"])
def test_other(model):
    assert model


@pytest.mark.parametrize(
    "model",
    [
        pytest.param("me/tiny-beta", id="beta"),  # the first
        pytest.param(
            "me/tiny-long",
            id="long",
            marks=pytest.mark.slow,
        ),
        pytest.param("me/tiny-delta", id="delta"),
    ],
)
class TestChoice:
    def test_choice(self, model):
        assert model
"""


def added(source: str, family: str, tests: Described = TESTS) -> str:
    return with_parameters(source, tests, family, f"me/tiny-{family}", NAME)


def test_a_family_that_is_there_changes_nothing():
    assert added(SOURCE, "beta") == SOURCE


@pytest.mark.parametrize("family", ["alpha", "carbon", "zeta"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_one_line_is_put_in_and_all_else_stays(family: str, newline: str):
    source = SOURCE.replace("\n", newline)
    changed = added(source, family)
    line = f'        pytest.param("me/tiny-{family}", id="{family}"),{newline}'
    assert inserted(source, changed) == [line]
    assert added(changed, family) == changed


def test_the_parameters_come_in_order_of_their_names():
    changed = added(added(added(SOURCE, "zeta"), "alpha"), "carbon")
    named = [
        name for name in ("alpha", "beta", "carbon", "delta", "zeta") if f'"{name}"' in changed
    ]
    assert sorted(named, key=lambda name: changed.index(f'id="{name}"')) == named
    assert len(named) == 5


def test_a_list_in_one_line_stays_in_one():
    source = (
        'import pytest\n\n\n@pytest.mark.parametrize("m", [pytest.param("a/b", id="b")])\n'
        "def test_it(m):\n    assert m\n"
    )
    tests = TESTS.model_copy(update={"parameters": ("test_it",)})
    assert '[pytest.param("a/b", id="b"), pytest.param("me/tiny-c", id="c")]' in added(
        source, "c", tests
    )


def test_a_method_of_a_class_is_named_with_it():
    source = (
        "class TestChoice:\n    @pytest.mark.parametrize(\n        'm',\n        [\n"
        '            pytest.param("a/b", id="b"),\n        ],\n    )\n'
        "    def test_it(self, m):\n        assert m\n"
    )
    tests = TESTS.model_copy(update={"parameters": ("TestChoice.test_it",)})
    changed = added(source, "c", tests)
    assert inserted(source, changed) == ['            pytest.param("me/tiny-c", id="c"),\n']
    ast.parse(changed)


@pytest.mark.parametrize(
    ("source", "message", "excerpt"),
    [
        (SOURCE.replace("TestChoice", "TestOther"), "there is no test TestChoice here", None),
        (SOURCE + "def (", "not Python", "def ("),
        (SOURCE.replace("id=", "key="), "no parameter of TestChoice looks like", "class TestC"),
    ],
)
def test_another_shape_is_refused_with_the_place(source: str, message: str, excerpt: str | None):
    with pytest.raises(BadInput) as caught:
        added(source, "gamma")
    assert message in caught.value.message
    assert caught.value.name == NAME
    assert (caught.value.excerpt or "").startswith(excerpt or "")
    assert (caught.value.line is None) == (excerpt is None)
