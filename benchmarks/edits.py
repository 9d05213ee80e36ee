"""How much is edited, beside what the hand-written variants of the seed catalog edit.

Run `python benchmarks/edits.py [strict|trl]`. Characters deleted plus inserted, a comment at the
head apart. The first two columns are an exact comparison of both sides with the original; the last
is what difflib finds by hand with its default heuristic, which takes frequent characters for junk.
"""

from __future__ import annotations

import re
import sys
from difflib import SequenceMatcher

import rewriter
from rewriter.carriers.packages import read_package
from rewriter.engine.families import load_catalog
from rewriter.tracing.parts import Policy

_HEAD = re.compile(r"\A\{#-?.*?#\}\s*", re.DOTALL)


def characters(before: str, after: str, *, heuristic: bool) -> int:
    """How many characters go and come from ``before`` to ``after``."""
    matcher = SequenceMatcher(None, before, after, autojunk=heuristic)
    changes = (code for code in matcher.get_opcodes() if code[0] != "equal")
    return sum(end - start + stop - begin for _, start, end, begin, stop in changes)


def main(policy: Policy = "trl") -> None:
    """Print a row a family, and the sums with their ratios."""
    catalog = load_catalog("trl-1.4.0")
    texts = read_package(catalog.package, catalog.files())
    totals = [0, 0, 0]
    print(f"{'family':22}{'ours':>8}{'by hand':>9}{'by hand, heuristic':>20}")
    for family in catalog.families:
        if not family.recipe or family.reference is None:
            continue
        original = texts[family.file]
        by_hand = _HEAD.sub("", texts[family.reference.file], count=1)
        edits = rewriter.rewrite(original, policy=policy, verify=False).edits
        row = [
            sum(edit.end - edit.start + len(edit.replacement) for edit in edits),
            characters(original, by_hand, heuristic=False),
            characters(original, by_hand, heuristic=True),
        ]
        totals = [total + figure for total, figure in zip(totals, row, strict=True)]
        print(f"{family.name:22}{row[0]:>8}{row[1]:>9}{row[2]:>20}")
    ours, exact, heuristic = totals
    print(f"{'all':22}{ours:>8}{exact:>9}{heuristic:>20}")
    print(f"{'ours of it':22}{'':>8}{ours / exact:>9.2f}{ours / heuristic:>20.2f}")


if __name__ == "__main__":
    main("strict" if "strict" in sys.argv else "trl")
