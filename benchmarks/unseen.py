"""How long a whole `rewrite` of templates takes that belong to no known family, and what it gives.

Run `python benchmarks/unseen.py PATH…` on files and folders of any kind that `rewriter patch`
takes: unpacked packages that carry templates, for instance. Planning, rewriting and verification
are timed together; templates that are known, marked already, or no template at all are left out.
What is aimed at: half of them within 2 s.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

import rewriter
from rewriter.carriers.carrier import read_any
from rewriter.carriers.model_folder import files_with_templates


def unseen(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Each template of no known family, once, with where it is."""
    texts: dict[str, str] = {}
    for path in paths:
        for file in files_with_templates(path) if path.is_dir() else [path]:
            for held in read_any(file).templates:
                texts.setdefault(held.text, f"{file}: {held.name}".rstrip(": "))
    for text, where in texts.items():
        try:
            left_out = rewriter.has_generation_markers(text) or rewriter.recognise(text)
        except rewriter.BadInput:
            continue
        if not left_out:
            yield where, text


def rewritten(text: str) -> str:
    """What becomes of a template, in a word or two."""
    try:
        return rewriter.rewrite(text).proof
    except rewriter.VerificationFailed:
        return "failed"
    except rewriter.Refused as error:
        return f"refused: {error.reason}"


def main(paths: list[Path]) -> None:
    """Print a row for each template, then the outcomes and the distribution."""
    outcomes: Counter[str] = Counter()
    taken: list[float] = []
    rewritten("")  # starts the process that all the others are worked on in
    for where, text in unseen(paths):
        start = time.perf_counter()
        outcome = rewritten(text)
        taken.append(time.perf_counter() - start)
        outcomes[outcome] += 1
        print(f"{taken[-1]:>7.2f}s  {outcome:24}{where}", flush=True)
    for outcome, number in outcomes.most_common():
        print(f"{number:>8}  {outcome}")
    tenths = quantiles(taken, n=10, method="inclusive") if len(taken) > 1 else taken * 9
    print(f"half within {tenths[4]:.2f} s, nine in ten within {tenths[8]:.2f} s", end=", ")
    print(f"all within {max(taken):.2f} s")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
