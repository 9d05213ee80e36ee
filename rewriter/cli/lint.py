"""``rewriter lint``: whether ``generation`` blocks are in valid places and hold the right text."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rewriter.cli.beside_tokenizer import notices_beside
from rewriter.cli.chosen_notices import ChosenNotices, notice_options
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.folders import files_given
from rewriter.cli.in_order import in_order
from rewriter.cli.inputs import opened, report_unreadable
from rewriter.cli.options import TemplatePath, limit_options, policy_option, project_settings
from rewriter.cli.output import (
    failures_text,
    is_for_programs,
    keep,
    output_format_option,
    show_error,
    tell,
    tell_notices,
)
from rewriter.cli.streams import STANDARD, display_name, say, write_output
from rewriter.cli.verbosity import quiet_option
from rewriter.errors import RewriteError
from rewriter.limits import Limits

if TYPE_CHECKING:
    from rewriter.carriers.carried import Held
    from rewriter.turns.parts import Policy
    from rewriter.verification.notice import Notice
    from rewriter.verification.preconditions.finding import Finding


@dataclass(frozen=True, slots=True)
class _Options:
    """What to look for in each template."""

    policy: Policy
    fast: bool
    notices: ChosenNotices
    limits: Limits


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=TemplatePath)
@policy_option("strict")
@click.option("--fast", is_flag=True, help="Only check where the blocks are; render nothing.")
@notice_options
@quiet_option
@limit_options
@output_format_option
def lint(
    files: tuple[Path, ...],
    policy: Policy,
    fast: bool,
    chosen_notices: ChosenNotices,
    limits: Limits,
) -> None:
    """Find wrong generation blocks in each FILE (`-` is standard input).

    A FILE is whatever `rewriter patch` takes. A block may be in a place where it does not work. It
    may hold text that the model does not write, such as a header, or lack text that the model does
    write, such as the end of a turn. A template without blocks passes; it is only compared with the
    tokenizer beside it.

    Exit codes: 0 nothing found; 1 something found; 2 a file cannot be read; 3 a limit was reached.
    """
    options = _Options(policy, fast, chosen_notices, limits)
    chosen = files_given(files, limits)
    codes = in_order(
        lambda file: _linted(file, options), chosen, what="checking", name=display_name
    )
    click.get_current_context().exit(max(codes))


def _linted(file: Path, options: _Options) -> int:
    """Print the findings in one file and return its exit code, so that others are checked too."""
    try:
        with reporting_bugs(display_name(file)):
            carrier = opened(file, options.limits)
            codes = [_linted_template(held, file, options) for held in carrier.held]
            return max([report_unreadable(carrier), *codes])
    except RewriteError as error:
        show_error(error.named(display_name(file)))
        return error.exit_code


def _linted_template(held: Held, file: Path, options: _Options) -> int:
    from rewriter.carriers.located import located_error, located_finding
    from rewriter.report.findings import finding_text
    from rewriter.report.message import of_finding

    try:
        with reporting_bugs(held.title):
            is_marked, findings = _findings(held.text, options.limits)
            for finding in findings:
                located = located_finding(finding, held)
                text = finding_text(located, held.file)
                tell(of_finding(located, held.file), text, result=True)
            if is_marked and not findings and not options.fast:
                return _judged(held, file, options)
            if not is_marked and not options.fast:
                _tell(held, file, options, _beside(held, file, options))
    except RewriteError as error:
        show_error(located_error(error, held))
        return error.exit_code
    if not is_marked:
        say(f"{held.title}: there is no generation block in it")
    return 1 if findings else 0


def _judged(held: Held, file: Path, options: _Options) -> int:
    """Print what is wrong with the mask, unless a proof of it is on file."""
    from rewriter.api import rewrite
    from rewriter.carriers.located import located_report
    from rewriter.carriers.project import fields_for
    from rewriter.report.account import unproven_text
    from rewriter.report.message import of_report
    from rewriter.verification.notice import NoticeId

    fields = fields_for(Path() / "-" if file == STANDARD else file)
    said = project_settings(file, ("policy", "empty_thoughts"))
    settings = {"policy": options.policy, **said}
    result = rewrite(held.text, fields=fields, limits=options.limits, **settings)
    # This notice is a short form of what the report says.
    notices = tuple(each for each in result.notices if each.id is not NoticeId.WRONG_MARKS)
    notices += _beside(held, file, options)
    if result.has_wrong_marks and result.report:
        report = located_report(result.report, original=None, variant=held)
        if not is_for_programs():
            write_output(failures_text(report, sys.stdout))
            for source in report.unproven:
                write_output(unproven_text(source, held.file))
        for message in of_report(report, held.file, ""):
            tell(message)
    _tell(held, file, options, notices)
    return int(result.has_wrong_marks)


def _beside(held: Held, file: Path, options: _Options) -> tuple[Notice, ...]:
    return () if file == STANDARD else notices_beside(held.text, file, options.limits)


def _tell(held: Held, file: Path, options: _Options, notices: tuple[Notice, ...]) -> None:
    from rewriter.carriers.located import located_notice
    from rewriter.report.data import notices_data

    given = [located_notice(each, held) for each in options.notices.of(file, notices)]
    tell_notices(held.title, held.file, given)
    if given:
        keep(notices_data(given, held.file, held.template.name))


def _findings(source: str, limits: Limits) -> tuple[bool, tuple[Finding, ...]]:
    from rewriter.confinement.workers import confined
    from rewriter.rewriting.lint import linted

    return confined(partial(linted, source), limits, ["rewriter.verification.lint"])
