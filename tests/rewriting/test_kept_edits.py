"""What is kept of known families' variants: just what would be planned, and no vendor's text."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest

from rewriter.carriers.packages import read_package
from rewriter.engine.families import Family, catalog_names, catalog_of, load_catalog
from rewriter.rewriting import kept_edits
from rewriter.rewriting.kept_edits import kept_lines, kept_rewrite
from rewriter.rewriting.request import Request
from rewriter.rewriting.rewrite import planned, rewritten
from rewriter.turns.parts import POLICIES, Policy

PROVEN = [
    (name, family, policy)
    for name in catalog_names()
    for family in load_catalog(name).families
    for policy in POLICIES
    if family.recipe and family.proven(policy)
]
NAMES = [f"{name}-{family.name}-{policy}" for name, family, policy in PROVEN]
# A small one, which is planned in no time.
SMALL = next(family for family in load_catalog("trl-1.16.0").families if family.name == "phi3")


def original(catalog: str, family: Family) -> str:
    return read_package(load_catalog(catalog).package, {family.file: family.sha256})[family.file]


@pytest.fixture
def asked() -> Request:
    return Request(original("trl-1.16.0", SMALL), "trl", family=SMALL)


@pytest.mark.parametrize("choice", ["another text", "chosen", "excluding", "more goals"])
def test_what_is_chosen_otherwise_is_planned(asked: Request, choice: str) -> None:
    other = {
        "another text": replace(asked, source=f"{asked.source} "),
        "chosen": replace(asked, transforms=SMALL.recipe),
        "excluding": replace(asked, exclude_turns_by="train"),
        "more goals": replace(asked, goals=("assistant-mask", "prefix-preserving")),
    }
    assert kept_rewrite(other[choice], SMALL) is None


def test_edits_that_were_damaged_are_planned_anew(
    asked: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(catalog: str) -> Sequence[str]:
        kept = map(json.loads, kept_lines(catalog))
        return [json.dumps({**each, "edits": each["edits"][:-1]}) for each in kept]

    monkeypatch.setattr(kept_edits, "kept_lines", damaged)
    assert kept_rewrite(asked, SMALL) is None
    assert rewritten(asked) == planned(asked)


# A family that two catalogs have is looked up in the newer one.
LOOKED_UP = [
    (each, name) for each, name in zip(PROVEN, NAMES, strict=True) if catalog_of(each[1]) == each[0]
]


@pytest.mark.parametrize(
    ("catalog", "family", "policy"),
    [each for each, _ in LOOKED_UP],
    ids=[name for _, name in LOOKED_UP],
)
def test_what_is_kept_is_what_would_be_planned(
    catalog: str, family: Family, policy: Policy
) -> None:
    asked = Request(original(catalog, family), policy, family=family)
    assert kept_rewrite(asked, family) == planned(asked)


@pytest.mark.parametrize(("catalog", "family", "policy"), PROVEN, ids=NAMES)
def test_no_text_of_an_original_is_kept(catalog: str, family: Family, policy: Policy) -> None:
    source, proven = original(catalog, family), family.proven(policy)
    kept = next(json.loads(line) for line in kept_lines(catalog) if proven in line)
    for part in (part for edit in kept["edits"] for part in edit[3:] if isinstance(part, str)):
        assert not any(part[at : at + 8] in source for at in range(len(part) - 7))


def test_a_known_family_takes_no_transformers(asked: Request) -> None:
    program = (
        "import sys, rewriter; sys.stdout.write(rewriter.rewrite(sys.stdin.read(), policy='trl')"
        ".proof); assert 'transformers' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=asked.source, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "on file"), done.stderr
