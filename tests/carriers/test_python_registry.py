"""A new family in a module that chooses among templates: it looks as the others there do."""

import ast

import pytest

from rewriter.carriers.python_registry import registered
from rewriter.engine.registry import Registry
from rewriter.errors import BadInput
from tests.carriers.inserted import inserted

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


def test_what_comes_first_goes_above_the_comment_on_the_one_behind_it():
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


def test_it_is_as_long_in_lines_as_one_with_a_name_as_long():
    wrapped = 'delta_chat = (\n    HERE / "delta.jinja"\n).read_text()\n'
    source = BRANCHES.replace('delta_chat = (HERE / "delta.jinja").read_text()\n', wrapped)
    assert wrapped.replace("delta", "gamma") in added(source, "gamma")
    assert 'zeta_chat = (HERE / "zeta.jinja").read_text()\n' in added(source, "zeta")


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
    "no constants": ("def choose(text):\n    pass\n", "no variable {name}_chat reads", None),
    "no variants": (
        BRANCHES.replace("_t.jinja", ".html"),
        "no variable {name}_train reads",
        None,
    ),
    "no function": (BRANCHES.replace("def choose", "def chosen"), "there is no choose here", None),
    "no branches": (
        CONSTANTS + "def choose(text):\n    return text\n",
        "nothing in choose stands for one family",
        "def choose(t",
    ),
    "a chain with an end": (
        CONSTANTS + "def choose(t):\n    if t == beta_chat:\n        return beta_train\n"
        "    elif t == delta_chat:\n        return delta_train\n    else:\n        return ''\n",
        "nothing in choose stands for one family",
        "def choose(t",
    ),
    "a constant that is taken": (
        BRANCHES + "gamma_chat = 'something else'\n",
        "gamma_chat is taken: it does not read gamma.jinja",
        "gamma_chat = 'something else'",
    ),
    "a branch of another kind": (
        BRANCHES.replace("    raise", "    if text == gamma_chat:\n        text = ''\n\n    raise"),
        "choose has gamma_chat already, in another way",
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
