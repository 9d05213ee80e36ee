"""``rewriter lint``: whether ``generation`` blocks stand where they can mean what they say."""

from __future__ import annotations

from pathlib import Path

import click

from rewriter.cli.errors import show_error
from rewriter.cli.options import TemplatePath
from rewriter.cli.streams import display_name, read_input, say, write_output
from rewriter.errors import RewriteError


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=TemplatePath)
def lint(files: tuple[Path, ...]) -> None:
    """Find misplaced generation blocks in each FILE (`-` is standard input), rendering nothing.

    Exit codes: 0 nothing found; 1 something found; 2 a file cannot be read.
    """
    click.get_current_context().exit(max([_linted(file) for file in files]))


def _linted(file: Path) -> int:
    """Print what is found in one file and return its exit code: the files after it count too."""
    from rewriter.report.findings import finding_text
    from rewriter.source.template import Template
    from rewriter.verification.lint import lint as findings_in

    name = display_name(file)
    try:
        template = Template(read_input(file))
        findings = findings_in(template)
    except RewriteError as error:
        show_error(error.named(name))
        return error.exit_code
    if not template.is_marked:
        say(f"{name}: there is no generation block in it")
    for finding in findings:
        write_output(finding_text(finding, name))
    return 1 if findings else 0
