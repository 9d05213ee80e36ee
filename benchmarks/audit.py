"""How fast an audit is, beside a bare `datasets.map` of `apply_chat_template` over the same rows.

Run `python benchmarks/audit.py [ROWS] [ROUNDS]`. Seconds are of processor time, with those of child
processes, so that they mean something on a machine that has other work. What is aimed at: at least
0.8 of the bare pace, also where rows are held to limits; and two processes that take at most
2 / 1.7 times the processor time of one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from os import sysconf
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import datasets

import rewriter
from rewriter.auditing.audit import audited
from rewriter.limits import GENEROUS
from tests.auditing.conversations import FAMILIES, conversations
from tests.tokens.offline_tokenizers import byte_level_merging


def seconds(action: Callable[[], object]) -> float:
    """How much processor time one call takes, in all its processes."""

    def spent() -> float:
        each = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
        return sum(used.ru_utime + used.ru_stime for used in each) + of_workers()

    start = spent()
    action()
    return spent() - start


def of_workers() -> float:
    """How much those child processes have taken that still run."""
    ticks = 0
    for child in Path("/proc/self/task").glob("*/children"):
        for number in child.read_text().split():
            # Behind the name, which may hold anything, comes the state.
            after = Path("/proc", number, "stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(after[11]) + int(after[12])
    return ticks / sysconf("SC_CLK_TCK")


def main(rows: int, rounds: int) -> None:
    datasets.disable_progress_bars()
    source = rewriter.rewrite(FAMILIES["chatml"], limits=None).template
    tokenizer = byte_level_merging(source)
    training = rewriter.audit.training(tokenizer, limits=None)
    # Three in one, so that they are as long as those that people have.
    chats = conversations(3 * rows)
    joined = (chats[at] + chats[at + 1] + chats[at + 2] for at in range(0, 3 * rows, 3))
    data = datasets.Dataset.from_list([{"messages": chat} for chat in joined])

    def masked(row: dict[str, Any]) -> dict[str, Any]:
        given: Any = {"return_dict": True, "return_assistant_tokens_mask": True}
        encoded: Any = tokenizer.apply_chat_template(row["messages"], **given)
        return {name: encoded[name] for name in ("input_ids", "assistant_masks")}

    bare, alone, limited, both = [], [], [], []
    audited(data.select(range(9)), training, limits=GENEROUS)  # whose worker is kept
    for _ in range(rounds):
        with TemporaryDirectory() as folder:
            datasets.config.HF_DATASETS_CACHE = Path(folder, "one")
            bare.append(seconds(lambda: data.map(masked, load_from_cache_file=False)))
            alone.append(seconds(lambda: audited(data, training)))
            datasets.config.HF_DATASETS_CACHE = Path(folder, "limited")
            limited.append(seconds(lambda: audited(data, training, limits=GENEROUS)))
            datasets.config.HF_DATASETS_CACHE = Path(folder, "two")
            both.append(seconds(lambda: audited(data, training, num_proc=2)))
    pace = median(one / other for one, other in zip(bare, alone, strict=True))
    held = median(one / other for one, other in zip(bare, limited, strict=True))
    more = median(one / other for one, other in zip(both, alone, strict=True))
    print(f"{rows:,} rows, {rounds} rounds; processor time, medians")
    print(f"bare {median(bare):.2f} s, audit {median(alone):.2f} s: pace {pace:.2f}")
    print(f"held to limits {median(limited):.2f} s: pace {held:.2f}")
    print(f"two processes {median(both):.2f} s: {2 / more:.2f} times one, on idle processors")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [4000, 5][len(given) :]))
