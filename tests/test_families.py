"""The corpus: sound data, and families that are recognised by it."""

from hashlib import sha256
from pathlib import Path

import pytest

from rewriter.carriers.packages import read_package
from rewriter.engine.data import data_folder, read_record
from rewriter.engine.families import (
    Catalog,
    Family,
    catalog_names,
    families,
    family_named,
    load_catalog,
    recognise,
)
from rewriter.engine.transforms import load_transforms
from rewriter.errors import BadInput
from rewriter.source.fingerprint import fingerprint

SEED = load_catalog("trl-1.4.0")
by_family = pytest.mark.parametrize("family", SEED.families, ids=lambda family: family.name)


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


@by_family
def test_an_original_is_recognised(family: Family, originals):
    assert recognise(originals[family.file]) is family


@by_family
def test_an_original_is_recognised_when_only_comments_and_line_endings_differ(
    family: Family, originals
):
    changed = "{# where it comes from #}" + originals[family.file].replace("\n", "\r\n")
    assert recognise(changed) is family


@by_family
def test_the_recorded_fingerprint_is_the_original_s(family: Family, originals):
    assert fingerprint(originals[family.file]) == family.fingerprint


@by_family
def test_a_family_has_a_reference_if_it_has_a_recipe(family: Family):
    assert bool(family.recipe) == (family.reference is not None)


@by_family
def test_a_recipe_names_transforms_that_exist_and_ends_in_the_wrap(family: Family):
    known = {transform.name for transform in load_transforms()}
    assert set(family.recipe) <= known
    assert family.recipe[-1:] in {(), ("wrap-assistant-output",)}


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
    assert list(families()) == [family.name for family in SEED.families]


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
