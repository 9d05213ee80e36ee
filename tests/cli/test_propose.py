"""``rewriter propose``: a family's table, which a catalog takes as it is."""

import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

import rewriter
from rewriter.engine.families import Family

pytestmark = pytest.mark.usefixtures("engine_once")

CHAT = (
    "{% for m in messages %}{% if m.role == 'assistant' %}{{ '<|assistant|>' + m.content + "
    "'<|end|>' }}{% else %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
RECIPE = ("split-role-header", "wrap-assistant-output")
NAMED = [word for name in RECIPE for word in ("--transform", name)]
FEW = ("--examples", "20")


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "My Chat-2.jinja"
    path.write_text(CHAT)
    return path


def test_a_template_that_is_marked_already_needs_no_recipe(run, tmp_path):
    path = tmp_path / "marked.jinja"
    path.write_text("{% generation %}{{ messages }}{% endgeneration %}")
    result = run("propose", path, *NAMED)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is nothing to do, so there is no recipe to propose" in result.stderr


def test_what_cannot_be_proven_is_refused_and_nothing_is_proposed(run, tmp_path):
    path = tmp_path / "mute.jinja"
    path.write_text("{{ messages }}")
    result = run("propose", path, "-o", tmp_path / "family.toml", *NAMED)
    assert result.exit_code == 3
    assert not (tmp_path / "family.toml").exists()


def test_the_table_is_a_family_with_the_hashes_of_original_and_variants(run, chat):
    result = run("propose", chat, "--title", 'My "Chat"', *NAMED, *FEW)
    assert result.exit_code == 0
    (table,) = tomllib.loads(result.stdout)["family"]
    family = Family.model_validate(table)
    assert (family.name, family.title, family.file) == ("my_chat_2", 'My "Chat"', chat.name)
    assert family.sha256 == sha256(CHAT.encode()).hexdigest()
    assert (family.recipe, family.policy) == (RECIPE, "trl")
    assert family.supports.system_role
    assert not family.supports.tools
    for policy in ("strict", "trl"):
        variant = rewriter.rewrite(CHAT, policy=policy, transforms=RECIPE, verify=False).template
        assert family.proven(policy) == sha256(variant.encode()).hexdigest()


def test_what_was_verified_is_told_on_stderr(run, chat, tmp_path):
    out = tmp_path / "family.toml"
    result = run("propose", chat, "-o", out, "--name", "chat", *NAMED, *FEW)
    assert result.stdout == ""
    first, second, written = result.stderr.splitlines()
    assert first.startswith(f"{chat}: trl: ")
    assert second.startswith(f"{chat}: strict: ")
    assert written == f"{out}: a proposal for 'chat'"
    assert 'name        = "chat"' in out.read_text()


def test_a_page_shows_the_variant_that_is_proposed_with_its_account(run, chat, tmp_path):
    page = tmp_path / "pages" / "chat.html"
    result = run("propose", chat, "--html", page, *NAMED, *FEW)
    assert result.exit_code == 0
    assert f"{page}: {chat}" in result.stderr
    text = page.read_text()
    assert "training variant, trl" in text
    assert "Account of the" in text
    assert result.stdout.startswith("[[family]]")


def test_a_page_shows_why_there_is_no_variant(run, tmp_path):
    path, page = tmp_path / "mute.jinja", tmp_path / "mute.html"
    path.write_text("{{ messages }}")
    result = run("propose", path, "--html", page, *FEW)
    assert result.exit_code == 3
    assert "Refused: no training variant" in page.read_text()
    assert "What was tried" in page.read_text()
