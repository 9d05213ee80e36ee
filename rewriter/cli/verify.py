"""``rewriter verify``: whether one template is a training variant of another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Unpack

import click

from rewriter.cli.options import (
    TemplatePath,
    Verifying,
    policy_option,
    recipe_options,
    verification_options,
)
from rewriter.cli.streams import STANDARD, display_name, read_input, rendered, write_output


@click.command()
@click.argument("original", type=TemplatePath)
@click.argument("variant", type=TemplatePath)
@policy_option("strict")
@recipe_options
@verification_options
def verify(original: Path, variant: Path, **settings: Unpack[Verifying]) -> None:
    """Check that VARIANT is a training variant of ORIGINAL, on generated conversations."""
    from rewriter.api import verify as verified
    from rewriter.report.failures import failure_text

    if original == variant == STANDARD:
        raise click.UsageError("Only one of the two can be standard input.")
    report = verified(read_input(original), read_input(variant), **settings)
    terminal = sys.stdout.isatty()
    for failure in report.failures:
        text = failure_text(failure, brackets=not terminal)
        write_output(rendered(text, terminal=terminal) + "\n")
    verdict = "holds" if report.ok else "fails"
    name = display_name(variant)
    write_output(f"{name}: {verdict}, on {report.conversations} conversations\n")
    click.get_current_context().exit(0 if report.ok else 1)
