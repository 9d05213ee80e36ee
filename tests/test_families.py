"""The corpus: sound data, and families that are recognised by it."""

import pickle
from hashlib import sha256
from pathlib import Path

import pytest

import rewriter
from rewriter.carriers.conversations import read_conversations, write_conversation
from rewriter.carriers.packages import read_package
from rewriter.data import data_folder, read_record
from rewriter.engine.families import (
    Catalog,
    Family,
    catalog_names,
    families,
    family_named,
    load_catalog,
    newest_catalog,
    recognise,
)
from rewriter.engine.transforms import load_transforms
from rewriter.errors import BadInput
from rewriter.source.fingerprint import fingerprint

SEED = load_catalog("trl-1.4.0")
LATER = load_catalog("trl-1.16.0")
by_family = pytest.mark.parametrize("family", SEED.families, ids=lambda family: family.name)
by_any_family = pytest.mark.parametrize(
    "family", [*SEED.families, *LATER.families], ids=lambda family: family.name
)


@pytest.fixture(scope="module")
def originals() -> dict[str, str]:
    return read_package(SEED.package, SEED.files())


def test_no_other_template_is_recognised():
    assert recognise("") is None
    assert recognise("{{ messages }}") is None


def test_what_does_not_parse_is_of_no_family():
    assert recognise("{% if %}") is None
    assert recognise("{{ " + "(" * 20_000) is None
    assert recognise("\ud800") is None


@by_family
def test_an_original_with_another_text_is_not_recognised(family: Family, originals):
    assert recognise(originals[family.file] + "x") is None


@by_family
def test_a_training_variant_is_not_taken_for_its_original(family: Family, originals):
    if family.reference:
        assert recognise(originals[family.reference.file]) is None


def known(family: Family) -> Family:
    """What a family's original is recognised as: the newest that has a recipe for it."""
    same = [each for each in LATER.families if each.sha256 == family.sha256 and each.recipe]
    return same[0] if same else family


@by_family
def test_an_original_is_recognised(family: Family, originals):
    assert recognise(originals[family.file]) is known(family)


@by_family
def test_an_original_is_recognised_when_only_comments_and_line_endings_differ(
    family: Family, originals
):
    changed = "{# where it comes from #}" + originals[family.file].replace("\n", "\r\n")
    assert recognise(changed) is known(family)


def test_an_older_recipe_is_taken_where_its_catalog_is_named():
    (older,) = (family for family in SEED.families if family.name == "qwen3")
    assert family_named("trl-1.4.0/qwen3") is older


def test_an_original_of_two_catalogs_is_of_the_newer_one():
    newer = family_named("qwen3")
    assert newer in LATER.families
    assert newer.sha256 == family_named("trl-1.4.0/qwen3").sha256
    assert newer.recipe != family_named("trl-1.4.0/qwen3").recipe
    assert newest_catalog() == "trl-1.16.0"


def test_an_older_name_is_of_the_newer_family_of_the_same_original():
    older = family_named("trl-1.4.0/qwen3_5_2b_and_below")
    newer = family_named("qwen3_5_2b_and_below")
    assert (newer.name, newer.sha256) == ("qwen3_5_nothink", older.sha256)


def test_what_trl_took_out_again_is_only_in_the_older_catalog():
    assert "require-both-think-tags" in family_named("trl-1.4.0/qwen3").recipe
    for family in families().values():
        for recipe in (family.recipe, *family.under.values()):
            assert "require-both-think-tags" not in recipe, family.name


def test_an_unknown_family_of_a_catalog_is_bad_input():
    with pytest.raises(BadInput, match="did you mean 'qwen3'"):
        family_named("trl-1.16.0/qwen-3")
    with pytest.raises(BadInput, match="there is no catalog 'trl-2'"):
        family_named("trl-2/qwen3")


@pytest.mark.parametrize("catalog", [SEED, LATER], ids=lambda catalog: catalog.package.version)
def test_the_recorded_fingerprints_are_the_originals(catalog: Catalog):
    texts = read_package(catalog.package, catalog.files())
    for family in catalog.families:
        assert fingerprint(texts[family.file]) == family.fingerprint, family.name


@by_family
def test_a_family_has_a_reference_if_it_has_a_recipe(family: Family):
    assert bool(family.recipe) == (family.reference is not None)


@by_any_family
def test_a_recipe_names_transforms_that_exist_and_ends_in_the_wrap(family: Family):
    known = {transform.name for transform in load_transforms()}
    for recipe in (family.recipe, *family.under.values()):
        assert set(recipe) <= known
        assert not recipe or recipe[-1].startswith("wrap-")


def test_the_catalogs_hold_all_templates_of_their_packages():
    assert catalog_names() == ("trl-1.16.0", "trl-1.4.0")
    assert len(SEED.files()) == 31
    assert len(load_catalog("trl-1.16.0").files()) == 72


def test_every_template_is_in_the_pinned_package_under_its_sha256():
    later = load_catalog("trl-1.16.0")
    texts = read_package(later.package, later.files())
    assert {
        name: sha256(text.encode()).hexdigest() for name, text in texts.items()
    } == later.files()


def test_a_family_is_found_by_its_name():
    assert family_named("qwen3").title == "Qwen3"
    assert set(families()) == {family.name for family in (*SEED.families, *LATER.families)}


def test_an_unknown_family_is_bad_input_with_a_near_name():
    with pytest.raises(BadInput, match="did you mean 'qwen3'"):
        family_named("qwen-3")


def test_an_unknown_catalog_is_bad_input_with_the_names_that_there_are():
    with pytest.raises(BadInput, match=r"the catalogs are: trl-1\.16\.0, trl-1\.4\.0"):
        load_catalog("../trl-1.4.0")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name        = "cohere"\n', "", r"family\.0\.name: field required"),
        ('policy      = "trl"', 'policy      = "loose"', r"policy: input should be 'strict' or"),
        ('title       = "Cohere"', "titel = 1", r"family\.0\.title: field required"),
        ("tools = false", "tools = false, images = true", r"supports\.images: extra inputs"),
        ('sha256      = "90c3', 'sha256      = "', r"family\.0\.sha256: string should match"),
        ("[package]", "[package", "not valid TOML"),
    ],
)
def test_a_file_that_does_not_fit_is_bad_input_that_names_file_key_and_what_was_expected(
    tmp_path: Path, old: str, new: str, expected: str
):
    catalog = (data_folder("corpus") / "trl-1.4.0.toml").read_text(encoding="utf-8")
    path = tmp_path / "sample.toml"
    path.write_text(catalog.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=rf"sample\.toml: .*{expected}"):
        read_record(path, Catalog)


CASE = """
[[family.regression]]
note  = "What it shows."
saved = '''
{"messages": [{"role": "user", "content": "hi"}], "add_generation_prompt": true}
'''
"""


def with_case(folder: Path, old: str = "", new: str = "") -> Path:
    """The seed catalog, with a regression case for its last family, written in that folder."""
    assert old in CASE
    catalog = (data_folder("corpus") / "trl-1.4.0.toml").read_text(encoding="utf-8")
    path = folder / "sample.toml"
    path.write_text(catalog + CASE.replace(old, new), encoding="utf-8")
    return path


def test_a_family_keeps_regression_cases(tmp_path: Path):
    family = read_record(with_case(tmp_path), Catalog).families[-1]
    (chat,) = family.conversations
    assert family.regressions[0].note == "What it shows."
    assert chat.as_json() == {
        "messages": [{"role": "user", "content": "hi"}],
        "add_generation_prompt": True,
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('note  = "What it shows."\n', "", r"note: field required"),
        ("note  ", 'when = "ever"\nnote ', r"when: extra inputs"),
        ('"role"', '"rule"', r"saved: value error, this is not a conversation"),
        ('"hi"}]', '"hi"}', r"saved: value error, not JSON: .*, in its line 1, column"),
        ("'''\n{", "'''\n[]{", r"saved: value error, not JSON"),
    ],
)
def test_a_case_that_does_not_fit_is_bad_input_that_names_file_key_and_what_is_wrong(
    tmp_path: Path, old: str, new: str, expected: str
):
    path = with_case(tmp_path, old, new)
    with pytest.raises(BadInput, match=rf"sample\.toml: family\.\d+\.regression\.0\.{expected}"):
        read_record(path, Catalog)


def test_a_family_with_cases_can_be_sent_to_another_process():
    """As `rewriter regenerate --jobs` does."""
    for family in families().values():
        assert pickle.loads(pickle.dumps(family)) == family


def test_what_verify_saves_is_a_regression_case_as_it_stands(tmp_path: Path):
    chat = {"messages": [{"role": "user", "content": 'it\'s "so"\n\\n'}], "flag": None}
    write_conversation(tmp_path / "chat.json", chat, None)
    saved = (tmp_path / "chat.json").read_text(encoding="utf-8")
    given = CASE.split("'''")[1].strip()
    family = read_record(with_case(tmp_path, given, saved), Catalog).families[-1]
    assert family.conversations == read_conversations(tmp_path / "chat.json")


def recorded_cases() -> list[tuple[Family, str]]:
    known = [family for family in families().values() if family.regressions and family.recipe]
    return [(family, policy) for family in known for policy in ("strict", "trl")]


@pytest.mark.parametrize(
    ("family", "policy"), recorded_cases(), ids=lambda given: getattr(given, "name", given)
)
def test_the_variant_that_is_on_file_stands_its_regression_cases(family, policy):
    original = read_package(LATER.package, LATER.files())[family.file]
    variant = rewriter.rewrite(original, policy=policy, verify=False).template
    report = rewriter.verify(
        original, variant, policy=policy, family=family.name, conversations=family.conversations
    )
    assert (report.ok, report.conversations, report.raised) == (True, len(family.regressions), 0)


@pytest.mark.parametrize(
    ("family", "number"),
    [
        (family, number)
        for family, policy in recorded_cases()
        for number in range(len(family.regressions))
        if policy == "trl"
    ],
    ids=lambda given: getattr(given, "name", given),
)
def test_a_hand_written_variant_has_failed_each_regression_case(family, number):
    """Else it would be of no use: in the version of the package where the fault was found."""
    later = load_catalog("trl-1.16.0")
    texts = read_package(later.package, later.files())
    original, variant = texts[family.file], texts[family.training_file]
    case = (family.conversations[number],)
    assert not rewriter.verify(original, variant, policy="trl", conversations=case).ok
