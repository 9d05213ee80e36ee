"""What checking a conversation costs, beside the bare renders that it needs.

Run `python benchmarks/verification.py [CONVERSATIONS]`. Each of the 13 variants of the seed catalog
is checked; the bare renders are transformers' own, of the original and of the variant, and of what
the variant is declared to print where that is another text. Drawing the drafts, which Hypothesis
does once for all templates, is shown apart; probing what a template takes is done once a template.
What is aimed at: at most 1.5 times the bare renders.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import rewriter
from rewriter.carriers.packages import read_package
from rewriter.conversations.drafting import generated
from rewriter.conversations.profiling import probed
from rewriter.conversations.rendering import render
from rewriter.engine.families import Family, load_catalog
from rewriter.engine.plan import Subject
from rewriter.engine.transforms import transform_named
from rewriter.rewriting.promises import promised
from rewriter.verification.examination import Examination
from rewriter.verification.pair_judge import PairJudge
from rewriter.verification.variant_judge import mask_judge

T = TypeVar("T")


def timed(action: Callable[[], T]) -> tuple[float, T]:
    """How many seconds one call takes, and what it returns; without collecting garbage."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    result = action()
    took = time.perf_counter() - start
    gc.enable()
    return took, result


def measured(family: Family, original: str, examples: int) -> tuple[float, float, float, int]:
    """Seconds for the bare renders, for fitting drafts and for checking; and how many closely."""
    variant = rewriter.rewrite(original, family=f"trl-1.4.0/{family.name}", verify=False).template
    recipe = [transform_named(name) for name in family.recipe]
    contract = promised(Subject(original, "strict"), recipe)
    profile = probed(original, variant)
    drafts = generated(examples, 0)
    fitting, conversations = timed(lambda: [profile.fitted(draft) for draft in drafts])
    sources = [original, variant]
    for source in sources:
        render(source, conversations[0])
    bare, _ = timed(lambda: [render(s, each) for each in conversations for s in sources])
    if contract.oracle:
        bare += timed(lambda: [contract.oracle and contract.oracle(c) for c in conversations])[0]
    pair = PairJudge(original, variant, contract, mask_judge(variant, "strict"))
    examination = Examination(pair, pair.first_look())
    checking, _ = timed(lambda: examination.take(conversations))
    return bare, fitting, checking, examination.report().judged


def main(examples: int) -> None:
    """Print a row a family, and the sums."""
    drawing, _ = timed(lambda: generated(examples, 0))
    print(f"drawing {examples} drafts with Hypothesis, once: {drawing:.1f} s")
    catalog = load_catalog("trl-1.4.0")
    texts = read_package(catalog.package, catalog.files())
    heads = f"{'bare':>8}{'fitting':>9}{'checking':>10}{'ratio':>7}{'closely':>9}"
    print(f"{'µs a conversation':22}{heads}")
    sums = [0.0, 0.0]
    for family in catalog.families:
        if not family.recipe:
            continue
        bare, fitting, checking, closely = measured(family, texts[family.file], examples)
        sums = [sums[0] + bare, sums[1] + fitting + checking]
        unit = 1e6 / examples
        print(
            f"{family.name:22}{bare * unit:>8.0f}{fitting * unit:>9.0f}{checking * unit:>10.0f}"
            f"{(fitting + checking) / bare:>7.2f}{closely:>9}"
        )
    print(f"{'all':22}{'':>27}{sums[1] / sums[0]:>7.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
