"""What a recipe promises where a transform excepts some messages."""

from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named
from rewriter.rewriting.promises import promised
from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import ORACLE_TEXT
from tests.verification.chatml import ORIGINAL, VARIANT, edited

SAID = "        {{- said }}\n        {%- for"
CLOSED = "{%- if '</think>' in said %}"
BOTH = "{%- if '<think>' in said and '</think>' in said %}"


def splitting(source: str, test: str) -> str:
    split = f"        {test}{{%- set said = said.split('</think>')[-1] %}}{{%- endif %}}\n"
    return edited(source, (SAID, split + SAID))


def broken(variant: str) -> set[str]:
    original = splitting(ORIGINAL, CLOSED)
    contract = promised(Subject(original, "strict"), [transform_named("require-both-think-tags")])
    report = verify_pair(original, variant, contract, "strict")
    return {failure.promise for failure in report.failures}


def test_a_test_for_both_tags_breaks_nothing():
    assert broken(splitting(VARIANT, BOTH)) == set()


def test_what_the_transform_was_to_change_and_did_not_is_found():
    assert broken(splitting(VARIANT, CLOSED)) == {ORACLE_TEXT}


def test_a_text_with_one_tag_that_is_lost_is_found():
    lost = "{%- if '</think>' in said and '<think>' not in said %}{%- set said = '' %}{%- endif %}"
    variant = splitting(VARIANT, BOTH).replace(SAID, f"        {lost}\n{SAID}")
    assert broken(variant) == {ORACLE_TEXT}
