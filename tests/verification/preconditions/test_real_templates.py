"""The lint on real templates, ours and others'."""

import pytest

import rewriter
from rewriter.engine.families import load_catalog
from rewriter.source.template import Template
from rewriter.verification.lint import lint

FAMILIES = [family for family in load_catalog("trl-1.4.0").families if family.recipe]


@pytest.mark.parametrize("policy", ["strict", "trl"])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_nothing_is_found_in_what_is_generated_here(seed_texts, family, policy):
    result = rewriter.rewrite(
        seed_texts[family.file],
        policy=policy,
        family=f"trl-1.4.0/{family.name}",
        verify=False,
        header_comment=True,
    )
    assert lint(Template(result.template)) == ()


def test_in_others_templates_all_that_is_found_is_a_marker_in_a_comment_beside_real_ones(shipped):
    template = Template(shipped)
    for finding in lint(template):
        assert (finding.kind, finding.harmless) == ("decoy", True)
        assert "a comment" in finding.message
        assert template.is_marked


def test_a_vendor_s_template_without_blocks_has_none_of_their_faults(seed_texts):
    assert lint(Template(seed_texts["qwen3.jinja"])) == ()
