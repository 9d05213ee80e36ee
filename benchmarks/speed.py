"""How long rewriting takes, in ratios that mean the same on every machine.

Run `python benchmarks/speed.py [--write] [TEMPLATES…]`: with files and folders of templates of no
known family there are rows on those too, and `--folder 800` has rows on a folder of so many. Each
ratio is of processor time, the least of several runs, of two things measured in turn; only pace is
by the clock on the wall, and wants two cores that have nothing else to do. `--write` keeps the
table in `docs/explanation/speed.md`. `--check` measures what takes seconds, and exits with 1 where
a ratio is more than a quarter over the one that is kept.
"""

from __future__ import annotations

import os
import random
import re
import resource
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
from rich.console import Console
from rich.table import Table

import rewriter
from rewriter.carriers.model_folder import files_with_templates
from rewriter.carriers.packages import read_package
from rewriter.engine.families import load_catalog, newest_catalog
from rewriter.tracing.installed_transformers import sandbox

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "speed.md"
COMMAND = str(Path(sysconfig.get_path("scripts")) / "rewriter")
SLACK = 1.25
# What is installed has been compiled; the first of several runs may still have to.
BESIDE_BYTECODE = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
# In ChatML's manner, with a word of its own in each, so that no run has seen it.
TEMPLATE = """{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {{- '<|WORD|>assistant\\n' + message.content + '<|end_WORD|>\\n' }}
    {%- else %}
        {{- '<|WORD|>' + message.role + '\\n' + message.content + '<|end_WORD|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|WORD|>assistant\\n' }}
{%- endif %}
"""


class Row(NamedTuple):
    """A ratio, and what is aimed at: at most that, or ``at_least``."""

    name: str
    value: float
    aim: float
    at_least: bool = False


def within(action: Callable[[], object], rounds: int) -> float:
    """The least processor time that a call takes."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        action()
        taken.append(time.process_time() - start)
    return min(taken)


def command(*words: str, rounds: int = 3) -> float:
    """The least processor time that a command takes, with the processes that it starts."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    taken = []
    for _ in range(rounds):
        before = used()
        subprocess.run(words, capture_output=True, env=BESIDE_BYTECODE)
        taken.append(used() - before)
    return min(taken)


def importing(module: str) -> float:
    """The processor time that Python takes to start and to import a module."""
    return command(sys.executable, "-c", f"import {module}", rounds=5)


@cache
def originals() -> Mapping[str, Sequence[str]]:
    """The templates of the newest catalog that have a recipe, each with its recipe."""
    catalog = load_catalog(newest_catalog())
    families = [family for family in catalog.families if family.recipe]
    texts = read_package(catalog.package, {family.file: family.sha256 for family in families})
    return {texts[family.file]: family.recipe_under("trl") for family in families}


def beside_compiling(
    edit: Callable[[str], object], times: int
) -> tuple[Sequence[float], Sequence[float]]:
    """The processor time to edit each of the originals, and the time in which jinja2 compiles it.

    A machine changes its pace from one second to the next, so the two are timed in turn; of the
    rounds, the one with the least ratio counts. What is quick is done several ``times`` in each,
    since one time is chance.
    """
    kept = []
    for text in originals():
        compiling = partial(sandbox().from_string, text)
        timed = ((within(partial(edit, text), times), within(compiling, 8)) for _ in range(3))
        kept.append(min(timed, key=lambda pair: pair[0] / pair[1]))
    return [ours for ours, _ in kept], [theirs for _, theirs in kept]


def known() -> Iterator[Row]:
    """Editing of known families, without verification, beside jinja2's compiling."""
    edit = partial(rewriter.rewrite, policy="trl", verify=False, limits=None)
    edit(TEMPLATE)
    ours, theirs = beside_compiling(edit, times=8)
    yield Row("all families, `verify=False` / compile them", sum(ours) / sum(theirs), 3)
    yield Row("the worst of them", max(map(float.__truediv__, ours, theirs)), 5)


def planned() -> Iterator[Row]:
    """The same of the same templates planned anew: transforms that are named are not on file."""
    plan = partial(rewriter.rewrite, policy="trl", verify=False, limits=None)
    plan(TEMPLATE)
    ours, theirs = beside_compiling(lambda text: plan(text, transforms=originals()[text]), times=1)
    yield Row("all families, planned anew / compile them", sum(ours) / sum(theirs), 3)
    yield Row("the worst of these", max(map(float.__truediv__, ours, theirs)), 5)


def training() -> Iterator[Row]:
    """The second call of a training script for the same tokenizer."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    source, made = next(iter(originals())), Tokenizer(models.BPE())
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, chat_template=source)  # type: ignore[no-untyped-call]
    asked = partial(rewriter.get_training_chat_template, tokenizer)
    asked()
    compiled = within(partial(sandbox().from_string, source), 5)
    name = "`get_training_chat_template`, a hundred times more / compile the template once"
    yield Row(name, within(lambda: [asked() for _ in range(100)], 5) / compiled, 1)


def commands() -> Iterator[Row]:
    """Commands in fresh processes, beside imports that they cannot go without."""
    jinja2, unit = importing("jinja2"), importing("transformers.utils.chat_template_utils")
    with TemporaryDirectory() as folder:
        (new,), known = written(Path(folder), 1), Path(folder) / "known.jinja"
        known.write_text(next(iter(originals())))
        command(COMMAND, "patch", "--check", new, rounds=1)  # conversations are drawn once
        taken = command(COMMAND, "patch", "--check", new) / unit
        yield Row("`patch`, a small template never seen / import transformers' renderer", taken, 2)
        taken = command(COMMAND, "patch", "--check", str(known)) / unit
        yield Row("`patch`, a known family / import transformers' renderer", taken, 1.15)
        taken = command(COMMAND, "lint", "--fast", new) / jinja2
        yield Row("`lint --fast` / `import jinja2`", taken, 3)
    yield Row("`rewriter --version` / `import jinja2`", command(COMMAND, "--version") / jinja2, 2)
    yield Row("`import rewriter` / `import jinja2`", importing("rewriter") / jinja2, 1.5)


def unseen(paths: Iterable[Path], most: int) -> Iterator[Row]:
    """``patch`` on a sample of somebody's templates, each in a fresh process."""
    unit = importing("transformers.utils.chat_template_utils")
    found = [file for path in paths for file in files_with_templates(path)]
    sample = random.Random(1).sample(found, min(most, len(found)))
    taken = [command(COMMAND, "patch", "--check", str(file), rounds=1) / unit for file in sample]
    name = f"`patch`, {len(sample)} templates never seen / import transformers' renderer"
    yield Row(f"{name}: median", median(taken), 2)
    yield Row(f"{name}: nine in ten within", quantiles(taken, n=10, method="inclusive")[8], 4)
    yield Row(f"{name}: all within", max(taken), 10)


def folder(size: int) -> Iterator[Row]:
    """A folder of templates that differ, on one process and on two, and once more."""
    with TemporaryDirectory() as place:
        few, many, twin = (Path(place) / name for name in ("few", "many", "twin"))
        written(few, size // 10)
        written(many, size)
        written(twin, size)
        _, used_for_few = regenerated(few, 1)
        one, used = regenerated(many, 1)
        again, _ = regenerated(many, 1)
        two, _ = regenerated(twin, 2)
    yield Row(f"pace on {size} templates, two processes / one", one / two, 1.8, at_least=True)
    yield Row("pace of a second run / the first", one / again, 20, at_least=True)
    yield Row("time for each of them / of a tenth as many", used / used_for_few / 10, 1)


def regenerated(place: Path, jobs: int) -> tuple[float, float]:
    """The seconds by the clock on the wall, and of the processor."""
    start = time.perf_counter()
    used = command(COMMAND, "regenerate", str(place), "--jobs", str(jobs), rounds=1)
    return time.perf_counter() - start, used


def written(place: Path, count: int) -> Sequence[str]:
    """The names of so many new files with templates that no run has seen."""
    place.mkdir(exist_ok=True)
    files = [place / f"{number}.jinja" for number in range(count)]
    for file in files:
        file.write_text(TEMPLATE.replace("WORD", f"w{random.getrandbits(64):x}"))
    return [*map(str, files)]


def kept() -> Mapping[str, float]:
    """The ratios that the page has, by their names."""
    rows = re.findall(r"^\| (.+?) \| +([\d.]+) \|", PAGE.read_text(), re.MULTILINE)
    return {name: float(value) for name, value in rows}


def keep(rows: Iterable[Row]) -> None:
    """Put the table on the page, with the date and the commit."""
    revision = ["git", "-C", str(PAGE.parent), "rev-parse", "--short", "HEAD"]
    commit = subprocess.check_output(revision, text=True).strip()
    lines = [
        f"Measured on {datetime.now(UTC):%Y-%m-%d} at commit {commit}:",
        "",
        "| ratio | measured | aimed at |",
        "| --- | ---: | ---: |",
        *(f"| {row.name} | {shown(row.value)} | {aimed(row)} |" for row in rows),
    ]
    head, _, rest = PAGE.read_text().partition("Measured on ")
    behind = rest.partition("\n\n## ")
    PAGE.write_text(head + "\n".join(lines) + "\n" + "".join(behind[1:])[1:])


def shown(ratio: float) -> str:
    """Three digits that count: what is kept as 0.01 may be half as much again."""
    return f"{ratio:#.3g}"


def aimed(row: Row) -> str:
    """What is aimed at, in words."""
    return f"{'at least' if row.at_least else 'at most'} {row.aim:g}"


def checked() -> Sequence[Row]:
    """What takes seconds; what is over the limit may have been disturbed, and is tried again."""
    best: dict[str, Row] = {}
    for measure in (known, planned, training, commands):
        for _ in range(3):
            for row in measure():
                best[row.name] = min(row, best.get(row.name, row), key=lambda row: row.value)
            if not any(map(is_over, best.values())):
                break
    return [*best.values()]


def is_over(row: Row) -> bool:
    """Whether a ratio is more than a quarter over the one that is kept."""
    return row.value > SLACK * kept().get(row.name, float("inf"))


@click.command()
@click.argument("templates", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--sample", default=40, help="How many of the templates to take.")
@click.option("--folder", "size", default=0, help="How many templates to put in a folder.")
@click.option("--write", is_flag=True, help="Keep the table in the docs.")
@click.option("--check", is_flag=True, help="Compare what takes seconds with what is kept.")
def main(templates: tuple[Path, ...], sample: int, size: int, write: bool, check: bool) -> None:
    """Print the ratios beside those that are kept."""
    rows = [*checked()] if check else [*known(), *planned(), *training(), *commands()]
    rows += unseen(templates, sample) if templates else ()
    rows += folder(size) if size else ()
    table = Table("ratio", "measured", "kept", "aimed at")
    before = kept()
    for row in rows:
        was = shown(before[row.name]) if row.name in before else ""
        style = "red" if check and is_over(row) else ""
        table.add_row(row.name.replace("`", ""), shown(row.value), was, aimed(row), style=style)
    Console().print(table)
    if write:
        keep(rows)
    if check and any(map(is_over, rows)):
        sys.exit(
            "slower by more than a quarter: find what costs, or say why and keep the new ratio"
        )


if __name__ == "__main__":
    main()
