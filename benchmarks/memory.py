"""How much memory `rewriter regenerate` takes at its peak, the processes that it starts included.

Run `python benchmarks/memory.py [OPTION…]`; options go to `regenerate`. The resident memory of
the whole process tree is read every few milliseconds from /proc; pages that processes share count
once for each. Where there is no /proc, the largest single process is shown instead.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

COMMAND = (sys.executable, "-c", "from rewriter.cli import main; main()", "regenerate")
PAGE = os.sysconf("SC_PAGE_SIZE")
PROC = Path("/proc")


def tree(root: int) -> Iterator[int]:
    """A process and all below it."""
    yield root
    for listing in (PROC / str(root) / "task").glob("*/children"):
        for child in listing.read_text().split():
            yield from tree(int(child))


def resident(root: int) -> tuple[int, int]:
    """The bytes in memory of a process tree, and how many processes it has."""
    total = count = 0
    try:
        for process in tree(root):
            total += int((PROC / str(process) / "statm").read_text().split()[1]) * PAGE
            count += 1
    except (OSError, IndexError):
        pass  # a process ended while it was looked at; what was read so far counts
    return total, count


def main(options: list[str]) -> int:
    """Run the command and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        run = subprocess.Popen([*COMMAND, "--out", folder, *options], stdout=subprocess.DEVNULL)
        peak, processes = 0, 0
        while run.poll() is None:
            total, count = resident(run.pid)
            peak, processes = max(peak, total), max(processes, count)
            time.sleep(0.01)
        took = time.perf_counter() - start
    if not peak:
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    print(f"{'peak memory':>14}{'processes':>12}{'seconds':>10}{'exit code':>12}")
    print(f"{peak / 2**20:>10.0f} MiB{processes:>12}{took:>10.1f}{run.returncode:>12}")
    return run.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
