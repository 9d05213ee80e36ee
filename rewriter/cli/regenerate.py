"""``rewriter regenerate``: a whole catalog."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from rewriter.cli.compare import would_change
from rewriter.cli.options import (
    Regenerating,
    TemplatePath,
    check_option,
    diff_option,
    header_comment_option,
    limit_options,
    policy_option,
    verification_options,
)
from rewriter.cli.progress import progress
from rewriter.cli.remembering import remember_original
from rewriter.cli.streams import say, show
from rewriter.errors import BadInput, RewriteError

if TYPE_CHECKING:
    from rewriter.cli.batch import Task
    from rewriter.engine.families import Catalog, Family
    from rewriter.report.outcome import Outcome


@click.command()
@click.option("--catalog", "catalog_name", default="trl-1.4.0", show_default=True, metavar="NAME")
@click.option(
    "--out",
    type=TemplatePath,
    default=Path("build/training_templates"),
    show_default=True,
    help="The folder to write to; it is made where it is missing.",
)
@click.option(
    "--family", "names", multiple=True, metavar="NAME", help="Only this family. May be repeated."
)
@policy_option(None)
@header_comment_option
@check_option
@diff_option
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="one a processor",
    help="How many families to work on at a time.",
)
@verification_options
@limit_options
@click.option(
    "--record",
    is_flag=True,
    help="For maintainers: record each variant's SHA-256 as proven, in the catalog's file.",
)
def regenerate(
    catalog_name: str,
    out: Path,
    names: tuple[str, ...],
    check: bool,
    diff: bool,
    jobs: int,
    record: bool,
    **settings: Unpack[Regenerating],
) -> None:
    """Write the training variant of every family in a catalog that has a recipe.

    A family that is refused, or fails, is not written, and does not stop the others.
    """
    from rewriter.engine.families import load_catalog

    dry = check or diff
    if record and (dry or settings["header_comment"]):
        raise click.UsageError("--record goes with none of --check, --diff and --header-comment.")
    catalog = load_catalog(catalog_name)
    tasks = _tasks(catalog, _chosen(catalog, names), settings)
    deliver = _comparer(out, diff=diff) if dry else _writer(out)
    finished = [deliver(outcome) for outcome in _rewritten(tasks, jobs)]
    if record:
        _record(catalog_name, tasks, finished)
    if not diff:
        _show_table(finished)
    for problem in filter(None, (outcome.problem for outcome in finished)):
        say(problem)
    if not dry:
        written = sum(not outcome.problem for outcome in finished)
        say(f"wrote {written} of {len(finished)} variants to {out}")
    click.get_current_context().exit(max(outcome.exit_code for outcome in finished))


def _chosen(catalog: Catalog, names: Sequence[str]) -> list[Family]:
    """The families that were asked for; without names, all that have a recipe."""
    package = f"{catalog.package.name}-{catalog.package.version}"
    with_recipe = {family.name: family for family in catalog.families if family.recipe}
    if unknown := [name for name in names if name not in with_recipe]:
        hint = f"there is one for: {', '.join(with_recipe) or 'no family yet'}"
        raise BadInput(f"there is no recipe for {unknown[0]!r}", name=package, hint=hint)
    if not with_recipe:
        raise BadInput("this catalog has no recipes yet", name=package)
    return [family for name, family in with_recipe.items() if not names or name in names]


def _tasks(catalog: Catalog, chosen: Sequence[Family], settings: Regenerating) -> list[Task]:
    from rewriter.carriers.packages import read_package
    from rewriter.cli.batch import Task

    texts = read_package(catalog.package, {family.file: family.sha256 for family in chosen})
    return [
        Task(
            family,
            texts[family.file],
            policy=settings["policy"] or family.policy,
            examples=settings["examples"],
            seed=settings["seed"],
            header_comment=settings["header_comment"],
            limits=settings["limits"],
        )
        for family in chosen
    ]


def _rewritten(tasks: Sequence[Task], jobs: int) -> list[Outcome]:
    """The outcome of each task, in the order of the tasks, whichever is done first."""
    from rewriter.cli.batch import outcomes

    done: dict[str, Outcome] = {}
    with progress(len(tasks)) as advance:
        for outcome in outcomes(tasks, jobs):
            done[outcome.original] = outcome
            advance(outcome.title)
    return [done[task.family.file] for task in tasks]


def _writer(out: Path) -> Callable[[Outcome], Outcome]:
    from rewriter.carriers.files import make_folder, write_template

    def write(outcome: Outcome) -> Outcome:
        if outcome.template is None:
            return outcome
        try:
            write_template(out / outcome.file, outcome.template)
            remember_original(outcome.source, outcome.template, outcome.transforms)
        except RewriteError as error:
            return replace(
                outcome, verdict="not written", problem=str(error), exit_code=error.exit_code
            )
        return outcome

    make_folder(out)
    return write


def _comparer(out: Path, *, diff: bool) -> Callable[[Outcome], Outcome]:
    def compare(outcome: Outcome) -> Outcome:
        if outcome.template is None:
            return outcome
        changed = would_change(
            out / outcome.file,
            outcome.template,
            original=outcome.source,
            name=outcome.original,
            diff=diff,
        )
        return replace(outcome, exit_code=1) if changed else outcome

    return compare


def _show_table(finished: Sequence[Outcome]) -> None:
    from rewriter.report.table import outcomes_table

    show(outcomes_table(finished))


def _record(catalog: str, tasks: Sequence[Task], finished: Sequence[Outcome]) -> None:
    from hashlib import sha256

    from rewriter.carriers.corpus import record_variants

    for task, outcome in zip(tasks, finished, strict=True):
        if outcome.template is not None and not outcome.exit_code:
            digest = sha256(outcome.template.encode()).hexdigest()
            record_variants(catalog, task.policy, {task.family.name: digest})
