"""``rewriter verify``: whether a template is a training variant, of another or by itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from rewriter.cli.errors import failures_text
from rewriter.cli.options import (
    TemplatePath,
    Verifying,
    limit_options,
    policy_option,
    recipe_options,
    verification_options,
)
from rewriter.cli.streams import STANDARD, display_name, read_input, say, write_output

if TYPE_CHECKING:
    from rewriter.tracing.conversation import Conversation
    from rewriter.verification.report import Report


@click.command()
@click.argument("templates", metavar="[ORIGINAL] VARIANT", nargs=-1, type=TemplatePath)
@policy_option("strict")
@recipe_options
@verification_options
@limit_options
@click.option(
    "--conversation",
    "replayed",
    type=TemplatePath,
    help="Judge only the conversation in this JSON file, or those that it lists.",
)
@click.option("--save", type=TemplatePath, help="Write the smallest failing conversation there.")
@click.option("--coverage", is_flag=True, help="List the branches and outputs not reached.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
def verify(
    templates: tuple[Path, ...],
    replayed: Path | None,
    save: Path | None,
    coverage: bool,
    as_json: bool,
    **settings: Unpack[Verifying],
) -> None:
    """Check that VARIANT is a training variant of ORIGINAL, on generated conversations.

    Without an original: check the mask of VARIANT, and where its generation blocks stand.
    """
    from rewriter.carriers.conversations import read_conversations, write_conversation
    from rewriter.report.data import report_data

    given = read_conversations(replayed) if replayed else None
    report = _report(templates, given, settings)
    if save and report.failures:
        write_conversation(save, report.failures[0].conversation)
        say(f"{save}: the smallest conversation that fails")
    if as_json:
        write_output(json.dumps(report_data(report), ensure_ascii=False, indent=2) + "\n")
    else:
        _show(report, templates, coverage=coverage, replayed=given is not None)
    click.get_current_context().exit(0 if report.ok else 1)


def _report(
    templates: tuple[Path, ...], given: tuple[Conversation, ...] | None, settings: Verifying
) -> Report:
    from rewriter.api import verify as verified
    from rewriter.api import verify_marked

    if not 1 <= len(templates) <= 2:
        raise click.UsageError("Name the variant, or the original and the variant.")
    if templates.count(STANDARD) > 1:
        raise click.UsageError("Only one of the two can be standard input.")
    name = display_name(templates[-1])
    if len(templates) == 2:
        names = (display_name(templates[0]), name)
        original, variant = map(read_input, templates)
        return verified(original, variant, names=names, conversations=given, **settings)
    if settings["family"] or settings["transforms"]:
        raise click.UsageError("--family and --transform say what is promised of an original.")
    return verify_marked(
        read_input(templates[0]),
        name=name,
        conversations=given,
        policy=settings["policy"],
        examples=settings["examples"],
        seed=settings["seed"],
        limits=settings["limits"],
    )


def _show(report: Report, templates: tuple[Path, ...], *, coverage: bool, replayed: bool) -> None:
    from rewriter.report.coverage import coverage_line, coverage_text
    from rewriter.report.findings import finding_text

    names = [display_name(template) for template in templates]
    for finding in report.findings:
        write_output(finding_text(finding, names[-1]))
    write_output(failures_text(report, sys.stdout))
    if coverage:
        write_output(coverage_text(report.coverage, names))
    write_output(f"{names[-1]}: {_verdict(report)}\n")
    if report.coverage and (coverage or not replayed):
        write_output(f"{names[-1]}: {coverage_line(report.coverage)}\n")


def _verdict(report: Report) -> str:
    count = report.conversations
    checked = f"{count} conversation{'' if count == 1 else 's'}"
    raised = f", of which {report.raised} raise" if report.raised else ""
    return f"{'holds' if report.ok else 'fails'}, on {checked}{raised}"
