"""``rewriter lint``: whether ``generation`` blocks stand where they can mean what they say."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rewriter.cli.errors import foreseen
from rewriter.cli.folders import files_given
from rewriter.cli.inputs import opened, told_of_the_rest
from rewriter.cli.options import TemplatePath, limit_options
from rewriter.cli.output import output_format_option, show_error, tell
from rewriter.cli.streams import display_name, say
from rewriter.errors import RewriteError
from rewriter.limits import Limits

if TYPE_CHECKING:
    from rewriter.carriers.carried import Held
    from rewriter.verification.preconditions.finding import Finding


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=TemplatePath)
@limit_options
@output_format_option
def lint(files: tuple[Path, ...], limits: Limits) -> None:
    """Find misplaced generation blocks in each FILE (`-` is standard input), rendering nothing.

    A FILE is whatever `rewriter patch` takes.

    Exit codes: 0 nothing found; 1 something found; 2 a file cannot be read; 3 a limit was reached.
    """
    click.get_current_context().exit(
        max([_linted(file, limits) for file in files_given(files, limits)])
    )


def _linted(file: Path, limits: Limits) -> int:
    """Print what is found in one file and return its exit code: the files after it count too."""
    try:
        with foreseen(display_name(file)):
            carrier = opened(file, limits)
            codes = [_linted_template(held, limits) for held in carrier.held]
            return max([told_of_the_rest(carrier), *codes])
    except RewriteError as error:
        show_error(error.named(display_name(file)))
        return error.exit_code


def _linted_template(held: Held, limits: Limits) -> int:
    from rewriter.carriers.located import located_error, located_finding
    from rewriter.report.findings import finding_text
    from rewriter.report.message import of_finding

    try:
        with foreseen(held.title):
            is_marked, findings = _findings(held.text, limits)
    except RewriteError as error:
        show_error(located_error(error, held))
        return error.exit_code
    if not is_marked:
        say(f"{held.title}: there is no generation block in it")
    for finding in findings:
        located = located_finding(finding, held)
        tell(of_finding(located, held.file), finding_text(located, held.file), result=True)
    return 1 if findings else 0


def _findings(source: str, limits: Limits) -> tuple[bool, tuple[Finding, ...]]:
    from rewriter.confinement.workers import confined
    from rewriter.rewriting.lint import linted

    return confined(partial(linted, source), limits, ["rewriter.verification.lint"])
