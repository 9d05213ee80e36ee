"""``rewriter verify``: whether one template is a training variant of another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Unpack

import click

from rewriter.cli.errors import failures_text
from rewriter.cli.options import (
    TemplatePath,
    Verifying,
    policy_option,
    recipe_options,
    verification_options,
)
from rewriter.cli.streams import STANDARD, display_name, read_input, write_output


@click.command()
@click.argument("original", type=TemplatePath)
@click.argument("variant", type=TemplatePath)
@policy_option("strict")
@recipe_options
@verification_options
def verify(original: Path, variant: Path, **settings: Unpack[Verifying]) -> None:
    """Check that VARIANT is a training variant of ORIGINAL, on generated conversations."""
    from rewriter.api import verify as verified

    if original == variant == STANDARD:
        raise click.UsageError("Only one of the two can be standard input.")
    names = (display_name(original), display_name(variant))
    report = verified(read_input(original), read_input(variant), names=names, **settings)
    verdict = "holds" if report.ok else "fails"
    write_output(failures_text(report, sys.stdout))
    write_output(f"{display_name(variant)}: {verdict}, on {report.conversations} conversations\n")
    click.get_current_context().exit(0 if report.ok else 1)
