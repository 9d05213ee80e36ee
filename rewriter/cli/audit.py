"""``rewriter audit``: what training on data with a template would see."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from rewriter.cli.chosen_notices import ChosenNotices, notice_options
from rewriter.cli.data_options import Reading, reading_options
from rewriter.cli.declared_fields import DeclaredFields
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.held_templates import templates_in, tokenizer_in
from rewriter.cli.offending_rows import OffendingRows
from rewriter.cli.options import (
    TemplatePath,
    empty_thoughts_option,
    field_option,
    limit_options,
    policy_option,
)
from rewriter.cli.output import is_for_programs, keep, show_error, text_or_json_option
from rewriter.cli.pages import check_targets, write_page
from rewriter.cli.progress import progress, row_progress
from rewriter.cli.streams import say, say_notices, show
from rewriter.cli.verbosity import quiet_option
from rewriter.errors import BadInput, RewriteError

if TYPE_CHECKING:
    from rewriter.auditing.audit import Audit
    from rewriter.auditing.training import Training
    from rewriter.carriers.carried import Held
    from rewriter.limits import Limits
    from rewriter.turns.parts import EmptyThoughts, Policy
    from rewriter.verification.notice import Notice, NoticeId


class _Making(TypedDict):
    """The options for making the variant."""

    policy: Policy
    empty_thoughts: EmptyThoughts | None
    limits: Limits
    fields: dict[str, str]


@click.command()
@click.argument("template", metavar="TEMPLATE", type=TemplatePath)
@click.argument("data", metavar="DATA…", nargs=-1, required=True, type=TemplatePath)
@click.option(
    "--tokenizer",
    "tokenizer_folder",
    metavar="DIR",
    type=TemplatePath,
    help="Count tokens of the tokenizer in this folder. If TEMPLATE is a model's folder, its own "
    "is used; without one, characters are counted.",
)
@click.option(
    "--max-length", type=click.IntRange(min=1), help="Truncate each row to this many tokens."
)
@click.option("--html", "page", metavar="OUT", type=TemplatePath, help="Write a page to this file.")
@click.option(
    "--save",
    "saved",
    metavar="OUT",
    type=TemplatePath,
    help="Write the rows that a notice is about to this file, as JSON lines with the reason.",
)
@reading_options
@policy_option("strict")
@field_option
@empty_thoughts_option
@notice_options
@quiet_option
@limit_options
@text_or_json_option
def audit(
    template: Path,
    data: tuple[Path, ...],
    tokenizer_folder: Path | None,
    max_length: int | None,
    page: Path | None,
    saved: Path | None,
    chosen_notices: ChosenNotices,
    policy: Policy,
    empty_thoughts: EmptyThoughts | None,
    limits: Limits,
    fields: dict[str, str],
    reading: Reading,
) -> None:
    """Show what training on DATA with the template in TEMPLATE would see.

    TEMPLATE is whatever `rewriter patch` takes, with one template in it; without marks, its
    training variant is used. DATA is JSON lines, JSON, Parquet, Arrow, a folder of these, or one
    that `datasets` saved. The columns with the messages are guessed, and shown.

    Exit codes: 0 no notice is given of a row; 1 one is; 2 bad usage or bad input; 3 the template is
    refused.
    """
    from rewriter.report.audit_text import training_line

    check_targets((page, saved), (template, *data))
    # datasets' own messages are replaced by ours.
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("DATASETS_VERBOSITY", "critical")
    data, unreadable = _readable(data, reading["split"])
    if not data:
        click.get_current_context().exit(unreadable)
    held, code = _held(template, limits)
    code = max(code, unreadable)
    tokenizer = _tokenizer(tokenizer_folder, template)
    making: _Making = {
        "policy": policy,
        "empty_thoughts": empty_thoughts,
        "limits": limits,
        "fields": fields,
    }
    training = _training(held, tokenizer, max_length, making)
    chosen = chosen_notices.ids(held.carrier.path)
    of_template = chosen_notices.of(held.carrier.path, training.template.notices)
    say(f"{held.title}: {training_line(training)}")
    say_notices(held.title, of_template)
    found: list[tuple[Audit, tuple[Notice, ...]]] = []
    with ExitStack() as stack:
        rows = stack.enter_context(OffendingRows(saved, chosen)) if saved else None
        options = _Options(held.title, training, limits, chosen, rows)
        for path in data:
            try:
                with reporting_bugs(str(path)):
                    found.append(_audited(path, options, reading))
            except RewriteError as error:
                show_error(error.named(str(path)))
                code = max(code, error.exit_code)
    if page and found:
        _write_page(page, found, held.title, of_template)
    is_noticed = any(notices for _, notices in found)
    click.get_current_context().exit(max(code, int(is_noticed)))


@dataclass(frozen=True, slots=True)
class _Options:
    template: str
    training: Training
    limits: Limits
    chosen: frozenset[NoticeId]
    rows: OffendingRows | None


def _readable(data: tuple[Path, ...], split: str | None) -> tuple[tuple[Path, ...], int]:
    """The data that can be opened, and the exit code; the rest is named before any work begins."""
    from rewriter.auditing.reading import check_data

    found: list[Path] = []
    code = 0
    for path in data:
        try:
            check_data(path, split)
            found.append(path)
        except RewriteError as error:
            show_error(error.named(str(path)))
            code = max(code, error.exit_code)
    return tuple(found), code


def _audited(path: Path, options: _Options, reading: Reading) -> tuple[Audit, tuple[Notice, ...]]:
    """Audit one data set and print the result."""
    from rewriter.auditing.audit import audited
    from rewriter.auditing.data_notices import data_notices
    from rewriter.auditing.reading import read_data
    from rewriter.data_audit import first_rows
    from rewriter.report.audit_data import audit_data
    from rewriter.report.audit_text import audit_text

    data = read_data(path, reading["split"])
    dataset = data.dataset if reading["rows"] is None else first_rows(data.dataset, reading["rows"])
    watch = partial(options.rows.watch, data.name, dataset) if options.rows else None
    with row_progress(data.name, len(dataset)) as advance:
        found = audited(
            dataset,
            options.training,
            name=data.name,
            given=reading["columns"],
            roles=reading["roles"],
            engine=reading["engine"],
            num_proc=reading["num_proc"],
            limits=options.limits,
            advance=advance,
            watch=watch,
        )
    found = replace(found, remarks=data.remarks)
    notices = tuple(each for each in data_notices(found) if each.id in options.chosen)
    keep(audit_data(found, notices, options.template))
    if not is_for_programs():
        show(audit_text(found, notices))
    return found, notices


def _held(file: Path, limits: Limits) -> tuple[Held, int]:
    found, code = templates_in(file, limits)
    if len(found) == 1:
        return found[0], code
    if found:
        names = ", ".join(each.title for each in found[:5])
        raise BadInput("there are several templates", name=str(file), hint=f"name one: {names}")
    raise BadInput("there is no chat template in it", name=str(file))


def _tokenizer(folder: Path | None, template: Path) -> Any:
    if folder:
        return tokenizer_in(folder)
    return tokenizer_in(template) if (template / "tokenizer.json").is_file() else None


def _training(held: Held, tokenizer: Any, max_length: int | None, making: _Making) -> Training:
    """The training variant, with the tokenizer; errors are located in the file."""
    from rewriter.carriers.located import located_error
    from rewriter.data_audit import audit as data_audit

    if max_length is not None and tokenizer is None:
        raise click.UsageError("--max-length counts tokens: name a --tokenizer.")
    path = held.carrier.path
    declared = DeclaredFields(making["fields"], making["limits"])
    try:
        with reporting_bugs(held.title):
            settings: Any = {**making, "fields": declared.of(path)}
            with progress(1):
                training = data_audit.training(
                    held.text,
                    tokenizer=tokenizer,
                    max_length=max_length,
                    name=held.title,
                    **settings,
                )
            declared.look(held.text)
            declared.tell_unread(path)
            return training
    except RewriteError as error:
        raise located_error(error, held) from None


def _write_page(
    path: Path,
    found: list[tuple[Audit, tuple[Notice, ...]]],
    template: str,
    of_template: tuple[Notice, ...],
) -> None:
    from rewriter.report.page.audit_page import audit_page

    html = audit_page(found, template, of_template)
    write_page(path, html, ", ".join(audit.name for audit, _ in found))
