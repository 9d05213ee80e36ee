"""The recipes' variants hold on ten thousand conversations each; `pytest -m slow` runs it."""

import pytest

import rewriter
from rewriter.engine.families import load_catalog

WITH_RECIPE = [family for family in load_catalog("trl-1.4.0").families if family.recipe]


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["strict", "trl"])
@pytest.mark.parametrize("family", WITH_RECIPE, ids=lambda family: family.name)
def test_a_variant_holds_on_ten_thousand_conversations(family, policy, seed_texts):
    result = rewriter.rewrite(
        seed_texts[family.file],
        policy=policy,
        family=f"trl-1.4.0/{family.name}",
        verify="afresh",
        examples=10_000,
        seed=1,
    )
    assert result.proof in ("structure", "verified")
    assert result.report.conversations > 10_000
    assert result.report.raised < result.report.conversations / 2
