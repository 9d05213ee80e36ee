"""How much of each template verification reaches, and what it does not.

Run `python benchmarks/coverage.py [EXAMPLES] [CATALOG] [--list]`. Each original of the catalog is
verified on what every template is verified on: the standing conversations, generated ones, and
those steered to what these missed. A branch counts if it is not proven that nothing reaches it.
What is aimed at: at least 95 % of each template's branches. Exits 1 if one has less.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from rewriter.carriers.packages import read_package
from rewriter.conversations.coverage import Coverage
from rewriter.conversations.drafting import generated
from rewriter.conversations.first_look import FirstLook
from rewriter.conversations.fixed import fixed_conversations
from rewriter.conversations.profiling import probed
from rewriter.conversations.steering.search import steered
from rewriter.engine.families import load_catalog

LEAST = 0.95


@dataclass(frozen=True)
class Measured:
    """One template: what is reached before steering and after, and what steering takes."""

    before: Coverage
    after: Coverage
    steered: int
    seconds: float


def measured(source: str, examples: int) -> Measured:
    """The coverage of a template, and the seconds of processor time that steering takes."""
    first_look = FirstLook(None, source)
    profile = probed(source)
    for conversation in fixed_conversations(profile):
        first_look.outcomes(conversation)
    for draft in generated(examples, 0):
        first_look.outcomes(profile.fitted(draft))
    (before,) = first_look.coverage
    start = time.process_time()
    count = 0
    for conversation in steered(first_look.explorers):
        first_look.outcomes(conversation)
        count += 1
    took = time.process_time() - start
    (after,) = first_look.coverage
    return Measured(before, after, count, took)


def main(examples: int, catalog: str, *, listed: bool) -> int:
    """Print a row a template, and what is missed where asked."""
    found = load_catalog(catalog)
    texts = read_package(found.package, found.files())
    # A variant is called so in each catalog.
    originals = sorted(file for file in texts if not file.endswith("_training.jinja"))
    heads = (
        f"{'branches':>9}{'dead':>5}{'before':>8}{'after':>8}{'outputs':>9}{'steered':>8}{'s':>6}"
    )
    print(f"{'template':32}{heads}")
    worst = 1.0
    for file in originals:
        row = measured(texts[file], examples)
        after = row.after
        worst = min(worst, after.share)
        outputs = f"{len(after.outputs) - len(after.unprinted)}/{len(after.outputs)}"
        print(
            f"{file.removesuffix('.jinja'):32}{len(after.branches):>9}{len(after.impossible):>5}"
            f"{row.before.share:>8.1%}{after.share:>8.1%}{outputs:>9}{row.steered:>8}"
            f"{row.seconds:>6.2f}"
        )
        for missed in after.missed if listed else ():
            print(
                f"    line {missed.place.line}, column {missed.place.column}: {missed.branch.kind}"
            )
    print(f"the least: {worst:.1%}; aimed at: {LEAST:.0%}")
    return 0 if worst >= LEAST else 1


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    number = int(given[0]) if given else 200
    name = given[1] if len(given) > 1 else "trl-1.16.0"
    sys.exit(main(number, name, listed="--list" in sys.argv))
