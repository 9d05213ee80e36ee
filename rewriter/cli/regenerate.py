"""``rewriter regenerate``: rewrite a whole catalog, or a folder of templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Unpack

import click

from rewriter.cli.chosen_notices import ChosenNotices, notice_options
from rewriter.cli.options import (
    Regenerating,
    TemplatePath,
    check_option,
    diff_option,
    dry_options,
    empty_thoughts_option,
    field_option,
    given_options,
    goal_option,
    jobs_option,
    limit_options,
    policy_option,
    verification_options,
)
from rewriter.cli.output import (
    check_output_format,
    keep,
    output_format_option,
    show_error,
    tell_notices,
)
from rewriter.cli.streams import QUIET, say, show
from rewriter.cli.verbosity import verbosity_options

if TYPE_CHECKING:
    from rewriter.report.outcome import Outcome

_OUT: Final = Path("build/training_templates")


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=TemplatePath)
@click.option(
    "--catalog",
    metavar="NAME",
    show_default="the newest",
    help="The catalog to regenerate, without DIR.",
)
@click.option(
    "--out",
    type=TemplatePath,
    show_default=f"{_OUT}, or DIR",
    help="The folder to write to, which is created if missing.",
)
@click.option(
    "--family",
    "names",
    multiple=True,
    metavar="NAME",
    help="Only this family of the catalog. May be repeated.",
)
@policy_option(None)
@goal_option
@click.option(
    "--header-comment/--no-header-comment",
    default=False,
    help="List the changes in a comment at the top of each file.",
)
@check_option
@diff_option
@click.option(
    "--html",
    "pages",
    metavar="DIR",
    type=TemplatePath,
    help="Also write a page for each template, and an index.html, to this folder. "
    "This proves every variant again.",
)
@click.option("--exit-non-zero-on-write", is_flag=True, help="Exit with 1 if a file was written.")
@jobs_option
@verification_options
@field_option
@empty_thoughts_option
@notice_options
@verbosity_options
@limit_options
@output_format_option
@click.option(
    "--record",
    is_flag=True,
    help="For maintainers: record each variant's SHA-256 as proven, in the catalog's file.",
)
def regenerate(
    folder: Path | None,
    catalog: str | None,
    out: Path | None,
    names: tuple[str, ...],
    check: bool,
    diff: bool,
    pages: Path | None,
    exit_non_zero_on_write: bool,
    jobs: int,
    record: bool,
    chosen_notices: ChosenNotices,
    **settings: Unpack[Regenerating],
) -> None:
    """Write the training variant of each template in DIR, x_training.jinja beside x.jinja.

    The settings are [tool.rewriter] of the nearest pyproject.toml from DIR upwards; options win
    over them. Proofs are kept, so an interrupted run continues where it stopped. Without DIR, write
    the variant of every family in a catalog that has a recipe.

    A template that is refused, or fails, is not written, and does not stop the others.
    """
    from rewriter.carriers.files import make_folder
    from rewriter.cli.catalog_tasks import catalog_tasks
    from rewriter.cli.catalog_tasks import record as recorded
    from rewriter.cli.delivery import compared, written
    from rewriter.cli.family_pages import FamilyPages
    from rewriter.cli.folder_tasks import folder_work
    from rewriter.engine.families import newest_catalog

    dry = check or diff
    if record and (dry or settings["header_comment"] or settings["empty_thoughts"]):
        raise click.UsageError(
            "--record cannot be combined with --check, --diff, --header-comment or "
            "--empty-thoughts."
        )
    _check_usage(folder)
    check_output_format(diff=diff)
    unread: Sequence[Outcome] = ()
    if folder:
        tasks, unread = folder_work(folder, settings, given_options())
    else:
        catalog = catalog or newest_catalog()
        tasks = catalog_tasks(catalog, names, settings)
    target = out or folder or _OUT
    drawn = FamilyPages(pages, catalog or str(folder))
    if pages:
        make_folder(pages)
        tasks = [each.drawn() for each in tasks]
    if dry:
        finished = compared(tasks, jobs, target, drawn.write_page, diff=diff)
    else:
        finished = written(tasks, jobs, target, drawn.write_page)
    if record and catalog:
        recorded(catalog, tasks, finished)
    here = folder or Path()
    finished = [_noticed(each, here, chosen_notices) for each in finished]
    drawn.write_index([*finished, *unread])
    heading = "template" if folder else "family"
    policies = " and ".join(sorted({task.request.policy for task in tasks}))
    held = f"policy {policies}" if folder else f"catalog {catalog}, policy {policies}"
    finished += unread
    _conclude(finished, heading, table=not diff)
    say(f"{_count(finished, None if dry else target)}; {held}")
    code = max((each.exit_code for each in finished), default=0)
    wrote = exit_non_zero_on_write and any(each.is_written for each in finished)
    click.get_current_context().exit(max(code, int(wrote)))


def _check_usage(folder: Path | None) -> None:
    given = given_options()
    if folder and given & {"catalog", "names", "record"}:
        raise click.UsageError("--catalog, --family and --record cannot be used with a folder.")
    if not folder and "goals" in given:
        raise click.UsageError("--goal is for a folder: a family's recipe has its own goals.")


def _noticed(outcome: Outcome, folder: Path, chosen: ChosenNotices) -> Outcome:
    """The outcome with the chosen notices; wrong marks, unless they are ignored, are a failure."""
    from rewriter.verification.notice import NoticeId

    notices = chosen.of(folder / outcome.original, outcome.notices)
    is_wrong = any(each.id is NoticeId.WRONG_MARKS for each in notices)
    return replace(outcome, notices=notices, exit_code=max(outcome.exit_code, int(is_wrong)))


def _conclude(finished: Sequence[Outcome], heading: str, *, table: bool) -> None:
    """Print the outcome for each template."""
    from rewriter.report.data import outcome_data
    from rewriter.report.table import outcomes_table

    for outcome in finished:
        keep(outcome_data(outcome))
        tell_notices(outcome.title, outcome.original, outcome.notices)
    if table and not QUIET.get():
        show(outcomes_table(finished, heading))
    for error in filter(None, (outcome.error for outcome in finished)):
        show_error(error)


def _count(finished: Sequence[Outcome], target: Path | None) -> str:
    """How many variants were written, or would be, and how to write them."""
    made = [each for each in finished if each.template is not None]
    if target:
        done = sum(each.is_written for each in made)
        same = len(made) - done
        rest = f"; {same} {'was' if same == 1 else 'were'} up to date" if same else ""
        return f"wrote {done} of {len(finished)} variants to {target}{rest}"
    would_change = sum(each.exit_code == 1 for each in made)
    remedy = f"; to write them, drop {dry_options()}" if would_change else ""
    return f"{would_change} of {len(finished)} variants would be written{remedy}"
