"""Recording a proven variant edits the catalog's file, and nothing else in it."""

from rewriter.carriers.corpus import recorded

CATALOG = """# A comment.
[package]
name    = "sample"   # not a family

[[family]]
name        = "first"
policy      = "trl"

[family.variant]
strict = ""
trl    = ""

[[family]]
name        = "second"

[family.variant]
strict = ""
trl    = "old"
"""


def test_without_a_digest_nothing_changes():
    assert recorded(CATALOG, "trl", {}) == CATALOG


def test_a_family_that_is_not_there_changes_nothing():
    assert recorded(CATALOG, "trl", {"third": "abc"}) == CATALOG


def test_only_the_policy_that_was_proven_is_recorded():
    assert recorded(CATALOG, "strict", {"first": "abc"}) == CATALOG.replace(
        'strict = ""', 'strict = "abc"', 1
    )


def test_an_older_digest_is_replaced():
    assert recorded(CATALOG, "trl", {"second": "abc"}) == CATALOG.replace("old", "abc")
