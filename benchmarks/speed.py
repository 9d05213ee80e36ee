"""How long rewriting and starting take, beside what jinja2 takes for the same.

Run `python benchmarks/speed.py [ROUNDS]`. Only ratios within one run mean anything: each round
times both sides in turn, and a row shows the medians over all rounds. What is aimed at: rewriting
at most 3 times compiling, `rewriter --version` at most twice `import jinja2`, `import rewriter` at
most 1.5 times. A training script's second call is shown by itself: it should take less than 1 ms.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import rewriter
from rewriter.carriers.packages import read_package
from rewriter.engine.families import load_catalog
from rewriter.tracing.installed_transformers import sandbox


def originals() -> list[str]:
    """The templates of the seed catalog that have a recipe."""
    catalog = load_catalog("trl-1.4.0")
    files = {family.file: family.sha256 for family in catalog.families if family.recipe}
    return list(read_package(catalog.package, files).values())


def seconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def compared(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> tuple[float, float, float]:
    """The median seconds of both, and the median ratio; a first round warms up."""
    ours(), theirs()
    times = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    mine, its = zip(*times, strict=True)
    return median(mine), median(its), median(a / b for a, b in times)


def process(*command: str) -> Callable[[], object]:
    """A call that runs a command in a fresh process."""
    return lambda: subprocess.run(command, check=True, capture_output=True)


def importing(package: str) -> Callable[[], object]:
    """A call that starts Python and imports a package."""
    return process(sys.executable, "-c", f"import {package}")


def second_call(source: str, rounds: int) -> float:
    """The median seconds in which a tokenizer's variant is found that was asked for before."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, chat_template=source)  # type: ignore[no-untyped-call]
    rewriter.get_training_chat_template(tokenizer)
    return median(
        seconds(lambda: rewriter.get_training_chat_template(tokenizer)) for _ in range(rounds)
    )


def version_command() -> Sequence[str]:
    """The installed command, or the same in this interpreter."""
    script = Path(sysconfig.get_path("scripts")) / "rewriter"
    if script.exists():
        return (str(script), "--version")
    return (sys.executable, "-c", "from rewriter.cli import main; main(['--version'])")


def main(rounds: int = 15) -> None:
    """Print the table."""
    texts = originals()
    environment = sandbox()
    rows = {
        f"rewrite {len(texts)} | compile them": compared(
            lambda: [rewriter.rewrite(text, policy="trl", verify=False) for text in texts],
            lambda: [environment.from_string(text) for text in texts],
            rounds,
        ),
        "rewriter --version | import jinja2": compared(
            process(*version_command()), importing("jinja2"), rounds
        ),
        "import rewriter | import jinja2": compared(
            importing("rewriter"), importing("jinja2"), rounds
        ),
    }
    print(f"{'median of ' + str(rounds) + ' rounds':40}{'ours':>10}{'jinja2':>10}{'ratio':>8}")
    for name, (ours, theirs, ratio) in rows.items():
        print(f"{name:40}{ours * 1000:>8.1f}ms{theirs * 1000:>8.1f}ms{ratio:>8.2f}")
    again = second_call(texts[0], rounds)
    print(f"{'get_training_chat_template again':40}{again * 1000:>8.3f}ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
