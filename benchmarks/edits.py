"""How much is edited, beside what the hand-written variants of TRL 1.16.0 edit.

Run `python benchmarks/edits.py [strict|trl]`. Characters deleted plus inserted, by an exact
comparison with the original. The hand-written ones are counted as they are, and again without the
comment at their head; ours have none unless it is asked for.
"""

from __future__ import annotations

import re
import sys
from difflib import SequenceMatcher

import rewriter
from rewriter.carriers.packages import read_package
from rewriter.engine.families import load_catalog
from rewriter.turns.parts import Policy

_HEAD = re.compile(r"\A\{#-?.*?#\}\s*", re.DOTALL)


def characters(before: str, after: str) -> int:
    """How many characters go and come from ``before`` to ``after``."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changes = (code for code in matcher.get_opcodes() if code[0] != "equal")
    return sum(end - start + stop - begin for _, start, end, begin, stop in changes)


def main(policy: Policy = "trl") -> None:
    """Print a row a family, and the sums with their ratios."""
    catalog = load_catalog("trl-1.16.0")
    texts = read_package(catalog.package, catalog.files())
    totals = [0, 0, 0]
    print(f"{'family':24}{'ours':>8}{'by hand':>9}{'comment apart':>15}")
    for family in catalog.families:
        if family.reference is None:
            continue
        original, by_hand = texts[family.file], texts[family.reference.file]
        name = f"{catalog.package.name}-{catalog.package.version}/{family.name}"
        edits = rewriter.rewrite(original, policy=policy, family=name, verify=False).edits
        row = [
            sum(edit.end - edit.start + len(edit.replacement) for edit in edits),
            characters(original, by_hand),
            characters(original, _HEAD.sub("", by_hand, count=1)),
        ]
        totals = [total + figure for total, figure in zip(totals, row, strict=True)]
        print(f"{family.name:24}{row[0]:>8}{row[1]:>9}{row[2]:>15}")
    ours, whole, apart = totals
    print(f"{'all':24}{ours:>8}{whole:>9}{apart:>15}")
    print(f"{'ours of it':24}{'':>8}{ours / whole:>9.2f}{ours / apart:>15.2f}")


if __name__ == "__main__":
    main("strict" if "strict" in sys.argv else "trl")
