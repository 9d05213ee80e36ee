"""A new family in a module that chooses among templates: it looks as the others there do."""

import ast
import re

import pytest

from rewriter.carriers.python_registry import registered
from rewriter.engine.families import load_catalog
from rewriter.engine.registry import Registry, load_registry
from rewriter.errors import BadInput
from tests.carriers.inserted import inserted
from tests.carriers.released import members

NAME = "registry.py"
DATA = {
    "templates": {"folder": "templates", "original": "{name}.jinja", "variant": "{name}_t.jinja"},
    "python": {
        "file": NAME,
        "constants": {"original": "{name}_chat", "variant": "{name}_train"},
        "entries": ["choose"],
    },
}
REGISTRY = Registry.model_validate(DATA)
CONSTANTS = """\
from pathlib import Path

HERE = Path(__file__).parent

beta_chat = (HERE / "beta.jinja").read_text()  # the first

# Kept with what is below.
delta_chat = (HERE / "delta.jinja").read_text()

beta_train = (HERE / "beta_t.jinja").read_text()
delta_train = (HERE / "delta_t.jinja").read_text()

"""
BRANCHES = (
    CONSTANTS
    + '''
def choose(text):
    """Choose one."""
    if text == beta_chat:
        return beta_train

    if text == delta_chat:
        return delta_train

    raise ValueError(text)
'''
)


def added(source: str, family: str, registry: Registry = REGISTRY) -> str:
    return registered(source, registry, family, family.title(), NAME)


def with_python(**changes: object) -> Registry:
    return Registry.model_validate({**DATA, "python": {**DATA["python"], **changes}})


def test_a_family_that_is_there_changes_nothing():
    assert added(BRANCHES, "delta") == BRANCHES


@pytest.mark.parametrize("family", ["alpha", "carbon", "zeta", "delta2", "a_very_long_name_indeed"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_lines_are_put_in_and_all_else_stays(family: str, newline: str):
    source = BRANCHES.replace("\n", newline)
    changed = added(source, family)
    assert inserted(source, changed)
    assert changed.count("\n") == changed.count(newline)
    assert added(changed, family) == changed


def test_what_is_put_in_means_for_the_family_what_its_like_means_for_another():
    own = ast.unparse(ast.parse(BRANCHES))
    both = ast.unparse(ast.parse(added(BRANCHES, "gamma")))
    gone = ast.unparse(ast.parse(BRANCHES.replace("delta", "gamma")))
    assert set(both.splitlines()) == set(own.splitlines()) | set(gone.splitlines())


def test_it_stands_where_its_name_comes_in_order():
    changed = added(BRANCHES, "carbon")
    places = [changed.index(f"{name}_chat = ") for name in ("beta", "carbon", "delta")]
    assert places == sorted(places)
    assert changed.index("carbon_chat = ") < changed.index("# Kept with what is below.\ndelta_chat")


def test_what_comes_first_goes_above_the_comment_on_the_one_after_it():
    source = BRANCHES.replace("beta_chat = ", "# On beta.\nbeta_chat = ")
    assert 'alpha_chat = (HERE / "alpha.jinja").read_text()\n\n# On beta.\nbeta_chat' in added(
        source, "alpha"
    )


DICTIONARY = "choose = {\n    beta_chat: beta_train,\n    delta_chat: delta_train,\n}\n"
TABLES = {
    "a dictionary": DICTIONARY,
    "no comma at the end": DICTIONARY.replace(",\n}", "\n}"),
    "one line": "choose = {beta_chat: beta_train, delta_chat: delta_train}\n",
    "pairs": "choose: list = [\n    (beta_chat, beta_train),\n    (delta_chat, delta_train),\n]\n",
    "a comment": DICTIONARY.replace(",\n}", ",  # d\n}"),
    "a comment and no comma": DICTIONARY.replace(",\n}", "  # d\n}"),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("family", ["alpha", "gamma"])
def test_a_table_gets_an_entry_too(table: str, family: str):
    source = CONSTANTS + table
    changed = added(source, family)
    held = ast.unparse(ast.parse(changed).body[-1])
    assert f"{family}_chat: {family}_train" in held or f"({family}_chat, {family}_train)" in held
    assert held.count("_chat") == held.count("_train") == 3
    assert changed.count("  # d") == table.count("  # d")
    assert added(changed, family) == changed


def test_it_is_wrapped_only_where_it_is_too_wide_for_one_line():
    wrapped = 'delta_chat = (\n    HERE / "delta.jinja"\n).read_text()\n'
    source = BRANCHES.replace('delta_chat = (HERE / "delta.jinja").read_text()\n', wrapped)
    assert 'zeta_chat = (HERE / "zeta.jinja").read_text()\n' in added(source, "zeta")
    narrow = with_python(width=40)
    assert wrapped.replace("delta", "gamma") in added(source, "gamma", narrow)


def test_a_chain_of_branches_gets_one_more():
    chain = "def choose(t):\n    if t == beta_chat:\n        return beta_train\n"
    chain += "    elif t == delta_chat:\n        return delta_train\n"
    one_more = chain[chain.index("    elif") :].replace("delta", "gamma")
    assert added(CONSTANTS + chain, "gamma").endswith(chain + one_more)


def test_a_branch_for_two_families_is_no_example():
    shared = "    if text in (beta_chat, omega_chat):\n        return beta_train\n"
    source = BRANCHES.replace("    raise", f"{shared}\n    raise")
    assert inserted(source, added(source, "gamma"))
    assert added(source, "gamma").count("gamma_chat") == 2


REFUSED = {
    "not Python": (BRANCHES + "def (", "not Python", "def ("),
    "no constants": (
        "def choose(text):\n    pass\n",
        "no variable named like {name}_chat reads",
        None,
    ),
    "no variants": (
        BRANCHES.replace("_t.jinja", ".html"),
        "no variable named like {name}_train reads",
        None,
    ),
    "no function": (BRANCHES.replace("def choose", "def chosen"), "there is no choose here", None),
    "no branches": (
        CONSTANTS + "def choose(text):\n    return text\n",
        "choose has no entry with the original and variant of one family",
        "def choose(t",
    ),
    "a chain with an end": (
        CONSTANTS + "def choose(t):\n    if t == beta_chat:\n        return beta_train\n"
        "    elif t == delta_chat:\n        return delta_train\n    else:\n        return ''\n",
        "choose has no entry with the original and variant of one family",
        "def choose(t",
    ),
    "a constant that is taken": (
        BRANCHES + "gamma_chat = 'something else'\n",
        "gamma_chat exists already, and does not read gamma.jinja",
        "gamma_chat = 'something else'",
    ),
    "a branch of another kind": (
        BRANCHES.replace("    raise", "    if text == gamma_chat:\n        text = ''\n\n    raise"),
        "choose already has gamma_chat, but in another form",
        "    if text == gamma_chat:",
    ),
}


@pytest.mark.parametrize(("source", "message", "excerpt"), REFUSED.values(), ids=REFUSED)
def test_another_shape_is_refused_with_the_place(source: str, message: str, excerpt: str | None):
    with pytest.raises(BadInput) as caught:
        added(source, "gamma")
    assert message in caught.value.message
    assert caught.value.name == NAME
    assert (caught.value.excerpt or "").startswith(excerpt or "")
    assert (caught.value.line is None) == (excerpt is None)


LISTING = with_python(
    listing={"function": "choose", "opens": "Now", "closes": "are known.", "instead": "See"}
)


def test_a_docstring_that_says_where_the_list_is_needs_none():
    source = BRANCHES.replace("Choose one.", "Choose one. See elsewhere.")
    assert "Gamma" not in added(source, "gamma", LISTING)


def test_the_title_comes_into_the_list_of_the_docstring_and_nowhere_else():
    source = BRANCHES.replace("Choose one.", "Now Beta, Delta and Zeta are known.")
    changed = added(source, "gamma", LISTING)
    assert changed.replace(", Gamma", "") == added(source, "gamma")
    assert added(changed, "gamma", LISTING) == changed


@pytest.mark.parametrize(
    ("source", "message", "excerpt"),
    [
        (BRANCHES, "no list 'Now' … 'are known.' is here", '    """Choose one."""'),
        (
            BRANCHES.replace('    """Choose one."""\n', ""),
            "choose has no docstring",
            "def choose(text):",
        ),
    ],
)
def test_a_docstring_without_the_list_is_refused_with_its_place(
    source: str, message: str, excerpt: str
):
    with pytest.raises(BadInput) as caught:
        added(source, "gamma", LISTING)
    assert caught.value.message.startswith(message)
    assert caught.value.name == NAME
    assert (caught.value.excerpt or "").startswith(excerpt or "")
    assert (caught.value.line is None) == (excerpt is None)


LATER = load_catalog("trl-1.16.0").package
MODULE = "trl/chat_template_utils.py"


def without(source: str, family: str) -> str:
    """The module of trl as it would be without the training template of a family."""
    constant = rf"^{family}_training_chat_template = [^\n]*\n(?:[ )][^\n]*\n)*\n"
    branch = rf"^    if chat_template == {family}_chat_template:\n[^\n]*\n\n"
    for pattern in (constant, branch):
        source, count = re.subn(pattern, "", source, flags=re.MULTILINE)
        assert count == 1
    return source


@pytest.fixture(scope="module")
def written_by_hand() -> str:
    """The module of trl 1.16.0."""
    return members(LATER, MODULE)[MODULE].decode()


@pytest.mark.parametrize("family", ["cohere", "muse_glimmer"])
def test_what_was_written_by_hand_for_a_family_comes_out(written_by_hand: str, family: str):
    source = without(written_by_hand, family)
    title = "no matter"  # the docstring has no list
    assert registered(source, load_registry("trl"), family, title, NAME) == written_by_hand


@pytest.mark.slow
def test_what_was_written_by_hand_comes_out_for_all_families_in_some_order(written_by_hand: str):
    trained = re.findall(r"^(\w+)_training_chat_template = ", written_by_hand, re.MULTILINE)
    assert len(trained) == 31
    trained.remove("nemotron_3_5_lightning")  # no other name is so long that it is laid out so
    same = 0
    for family in trained:
        source = without(written_by_hand, family)
        changed = registered(source, load_registry("trl"), family, "no matter", NAME)
        assert sorted(changed.splitlines()) == sorted(written_by_hand.splitlines())
        same += changed == written_by_hand
    assert same >= 24
