"""How much faster `rewriter regenerate` is with two jobs than with one.

Run `python benchmarks/batch.py [CONVERSATIONS] [ROUNDS]`. Whole commands are timed, one job and two
in turn, over the 13 families of the seed catalog; their median is what counts. What is aimed at: at
least 1.7 times the pace of one job. Only two cores that have nothing else to do can tell: the last
column shows what they give to two processes that share nothing.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

COMMAND = Path(sysconfig.get_path("scripts")) / "rewriter"


def seconds(jobs: int, conversations: int) -> float:
    """How long the whole command takes."""
    with TemporaryDirectory() as folder:
        options = ["--jobs", str(jobs), "--examples", str(conversations), "--out", folder]
        start = time.perf_counter()
        subprocess.run(
            [COMMAND, "regenerate", "--catalog", "trl-1.4.0", *options],
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - start


def machine() -> float:
    """How much faster two processes count to a number each than one after the other."""
    count = [sys.executable, "-c", "for i in range(4_000_000): str(i)"]
    start = time.perf_counter()
    subprocess.run(count, check=True)
    alone = time.perf_counter() - start
    start = time.perf_counter()
    for process in [subprocess.Popen(count) for _ in range(2)]:
        process.wait()
    return 2 * alone / (time.perf_counter() - start)


def main(conversations: int, rounds: int) -> None:
    """Print a row a round, and the medians."""
    print(f"{'':8}{'one job':>9}{'two jobs':>10}{'pace':>7}{'machine':>9}")
    taken = []
    for number in range(rounds):
        one, two = seconds(1, conversations), seconds(2, conversations)
        taken.append((one, two))
        print(f"{number + 1:<8}{one:>8.1f}s{two:>9.1f}s{one / two:>7.2f}{machine():>9.2f}")
    one, two = (median(column) for column in zip(*taken, strict=True))
    print(f"{'median':8}{one:>8.1f}s{two:>9.1f}s{one / two:>7.2f}")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*given, *(1000, 5)[len(given) :])
