"""Small templates in which what a right variant wraps stands between « and », and their faults."""

from rewriter.verification.check import verify_pair
from rewriter.verification.contracts import EQUAL


def unmarked(source):
    return source.replace("«", "").replace("»", "")


def marked(source):
    source = source.replace("«", "{%- generation %}")
    return source.replace("»", "{%- endgeneration %}")


def broken(original, variant):
    """The promise that is found broken first, if any is."""
    original, variant = unmarked(original), marked(variant)
    # What is printed around a thought is trained even if there is none.
    report = verify_pair(
        original, variant, EQUAL, "strict", examples=20, hasty=True, empty_thoughts="generated"
    )
    return next((failure.promise for failure in report.failures), None)


def found(template, old, new, count=1):
    assert template.count(old) == count, old
    return broken(template, template.replace(old, new))
