"""The mutation suite, run over all parents: `python -m tests.mutations`.

Prints a line a parent and every mutant of it that was not killed, and in the end what became of
the mutants of each operator. Ends with 1 if one survived that differs from its parent.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence

from tests.mutations.equivalents import reason_for
from tests.mutations.judging import MENDS
from tests.mutations.operators import OPERATORS, Operator
from tests.mutations.parents import NAMES, parent_named
from tests.mutations.running import (
    EQUIVALENT,
    FREE,
    KILLED,
    NEVER_RUN,
    SURVIVOR,
    Result,
    Suite,
)
from tests.mutations.shown import change

_ALIKE = (EQUIVALENT, NEVER_RUN)
VERDICTS = (KILLED, EQUIVALENT, NEVER_RUN, FREE, SURVIVOR)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--parents", default="", help="only those whose name contains this")
    parser.add_argument("--operators", default="", help="only those whose name contains this")
    parser.add_argument("--about", default="", help="only those about the mask, or the text")
    parser.add_argument("--most", type=int, help="mutants of one operator and parent")
    options = parser.parse_args(arguments)
    operators = [each for each in OPERATORS if options.operators in each.name]
    operators = [each for each in operators if options.about in each.about]
    if not operators:
        parser.error("there is no such operator: " + ", ".join(each.name for each in OPERATORS))
    for part in options.parents.split(","):
        if not any(part in name for name in NAMES):
            parser.error(f"no parent's name contains {part!r}: " + ", ".join(NAMES))
    results: list[Result] = []
    begun = time.process_time()
    for name in NAMES:
        if any(part in name for part in options.parents.split(",")):
            results += _tried(name, operators, options.most)
    _summary(results)
    print(f"\n{time.process_time() - begun:.0f} s of CPU")
    return any(result.verdict == SURVIVOR for result in results)


def _tried(name: str, operators: Sequence[Operator], most: int | None) -> Sequence[Result]:
    """The results of one parent, which are printed."""
    start = time.process_time()
    found = list(Suite(parent_named(name)).results(operators, most))
    print(f"{name:34}{_counts(found)}{time.process_time() - start:>8.1f} s", flush=True)
    for result in found:
        _show(result)
    return found


def _counts(results: Sequence[Result]) -> str:
    counts = Counter(result.verdict for result in results)
    mending = sum(result.flag is not None and result.flag.by == MENDS for result in results)
    shown = (f"{counts[verdict]:>6} {verdict}" for verdict in VERDICTS)
    return "".join(shown).replace(KILLED, f"{KILLED} ({mending} mending)")


def _summary(results: Sequence[Result]) -> None:
    for operator in OPERATORS:
        if own := [each for each in results if each.operator == operator.name]:
            by = Counter(each.flag.by for each in own if each.flag)
            print(f"{operator.name:34}{_counts(own)}   {dict(by.most_common())}")
    print(f"{'all':34}{_counts(results)}")
    print(dict(Counter(result.flag.by for result in results if result.flag).most_common()))
    reasons = Counter(reason_for(each) for each in results if each.verdict in _ALIKE)
    for reason, count in reasons.most_common():
        print(f"{count:>6} alike: {reason or 'for a reason that is not listed'}")


def _show(result: Result) -> None:
    """Whatever was not killed."""
    if result.verdict != KILLED:
        print(f"  {result.verdict}: {result.parent} {result.operator} {result.number}")
        print(change(result), flush=True)
        if result.difference:
            print(f"    {result.difference.of}: {result.difference.conversation.as_json()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
