"""``rewriter verify``: check a training variant, with or without its original."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Unpack, cast

import click

from rewriter.cli.beside_tokenizer import notices_beside
from rewriter.cli.chosen_notices import ChosenNotices, notice_options
from rewriter.cli.declared_fields import DeclaredFields
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.in_order import in_order
from rewriter.cli.options import (
    TemplatePath,
    Verifying,
    empty_thoughts_option,
    field_option,
    limit_options,
    policy_option,
    project_settings,
    recipe_options,
    verification_options,
)
from rewriter.cli.output import (
    asked_format,
    failures_text,
    is_for_programs,
    keep_document,
    output_format_option,
    show_error,
    tell,
    tell_notices,
)
from rewriter.cli.streams import STANDARD, display_name, say, write_output
from rewriter.cli.verbosity import quiet_option
from rewriter.errors import RewriteError

if TYPE_CHECKING:
    from rewriter.cli.pairs import Pair
    from rewriter.tracing.conversation import Conversation
    from rewriter.verification.report import Report

# Whether an error is about the original or the variant.
_ORIGINAL: Final = "<original>"
_VARIANT: Final = "<variant>"


@click.command()
@click.argument("templates", metavar="[ORIGINAL] VARIANT", nargs=-1, type=TemplatePath)
@policy_option("strict")
@recipe_options
@verification_options
@field_option
@empty_thoughts_option
@limit_options
@click.option(
    "--conversation",
    "replayed",
    type=TemplatePath,
    help="Check only on the conversation, or the list of them, in this JSON file.",
)
@click.option(
    "--save", type=TemplatePath, help="Write the smallest failing conversation to this file."
)
@click.option("--coverage", is_flag=True, help="List the branches and outputs not reached.")
@click.option(
    "--explain",
    is_flag=True,
    help="List each source of the variant's text, and what is known about it.",
)
@click.option(
    "--allow-unproven",
    is_flag=True,
    help="Accept text that no conversation showed, if everything that was shown is right.",
)
@click.option(
    "--widens",
    is_flag=True,
    help="Accept that VARIANT renders conversations that ORIGINAL raises for.",
)
@click.option(
    "--json", "output_format", flag_value="json", help="The same as --output-format json."
)
@notice_options
@quiet_option
@output_format_option
def verify(
    templates: tuple[Path, ...],
    replayed: Path | None,
    save: Path | None,
    coverage: bool,
    explain: bool,
    allow_unproven: bool,
    widens: bool,
    chosen_notices: ChosenNotices,
    **settings: Unpack[Verifying],
) -> None:
    """Check that VARIANT is a training variant of ORIGINAL, on generated conversations.

    Without ORIGINAL, check the mask of VARIANT and where its generation blocks stand. Each may be
    whatever `rewriter patch` takes. If they hold several templates, these are paired by name.
    """
    from rewriter.carriers.conversations import read_conversations, write_conversation
    from rewriter.carriers.files import before_writing
    from rewriter.cli.pairs import pairs
    from rewriter.report.explanation import section_text
    from rewriter.report.message import of_report

    _check_usage(templates, settings)
    before = before_writing(save) if save else None
    given = read_conversations(replayed) if replayed else None
    original = templates[0] if len(templates) == 2 else None
    unread: list[RewriteError] = []
    chosen = pairs(original, templates[-1], settings["limits"], unread.append)
    for error in unread:
        show_error(error)
    fields = DeclaredFields(settings["fields"], settings["limits"])
    checked = partial(_verified, conversations=given, widens=widens)
    found = in_order(
        lambda pair: (pair, _attempted(pair, checked, settings, fields, chosen_notices)),
        chosen,
        what="checking",
        name=lambda pair: pair.variant.title,
    )
    fields.tell_unread(templates[-1])
    verified = [(pair, report) for pair, report in found if not isinstance(report, RewriteError)]
    failures = [failure for _, report in verified for failure in report.failures]
    if save and failures:
        for remark in write_conversation(save, failures[0].conversation, before):
            say(remark)
        say(f"{save}: the smallest conversation that fails")
    if asked_format() == "json" and (len(found) > 1 or verified):
        keep_document(_data(found, unread))
    for pair, report in verified:
        if is_for_programs():
            tell_notices(pair.variant.title, pair.variant.file, report.notices)
        else:
            _show(report, pair, coverage=coverage, replayed=given is not None)
            if explain:
                write_output(section_text("account", [str(each) for each in report.account]))
        first = pair.original.file if pair.original else ""
        for message in of_report(report, pair.variant.file, first, allow_unproven=allow_unproven):
            tell(message)
    codes = [_exit_code(result, allow_unproven=allow_unproven) for _, result in found]
    click.get_current_context().exit(max([*codes, *(error.exit_code for error in unread)]))


def _check_usage(templates: tuple[Path, ...], settings: Verifying) -> None:
    if not 1 <= len(templates) <= 2:
        raise click.UsageError("Name the variant, or the original and the variant.")
    if templates.count(STANDARD) > 1:
        raise click.UsageError("Only one of the two can be standard input.")
    if len(templates) == 1 and (settings["family"] or settings["transforms"]):
        raise click.UsageError(
            "--family and --transform need an original: they say what a variant promises about it."
        )


def _attempted(
    pair: Pair,
    checked: Callable[[Pair, Verifying], Report],
    settings: Verifying,
    fields: DeclaredFields,
    notices: ChosenNotices,
) -> Report | RewriteError:
    """The report, or the error, which is shown and does not stop the next ones."""
    try:
        with reporting_bugs(pair.variant.title):
            # A project's settings for an original also hold for its variant.
            kept = (held.carrier.path for held in (pair.original, pair.variant) if held)
            files = [file for file in kept if str(file) != display_name(STANDARD)]
            first, *_ = files or [STANDARD]
            said = project_settings(first, Verifying.__annotations__)
            declared = cast("Verifying", {**settings, **said, "fields": fields.of(first)})
            report = _report(pair, checked, declared)
            fields.look(pair.variant.text)
            found = report.notices
            if files:
                found += notices_beside(pair.variant.text, files[-1], settings["limits"])
            chosen = notices.of(files[-1] if files else STANDARD, found)
            return replace(report, notices=chosen)
    except RewriteError as error:
        show_error(error)
        return error


def _exit_code(result: Report | RewriteError, *, allow_unproven: bool) -> int:
    if isinstance(result, RewriteError):
        return result.exit_code
    return 0 if (result.holds if allow_unproven else result.ok) else 1


def _report(
    pair: Pair, checked: Callable[[Pair, Verifying], Report], settings: Verifying
) -> Report:
    """The report on the pair, or on the variant alone, with all places located in the files."""
    from rewriter.carriers.located import located_error, located_report

    try:
        report = checked(pair, settings)
    except RewriteError as error:
        held = {_ORIGINAL: pair.original, _VARIANT: pair.variant}.get(error.name)
        raise (located_error(error, held) if held else error) from None
    return located_report(report, original=pair.original, variant=pair.variant)


def _verified(
    pair: Pair,
    settings: Verifying,
    *,
    conversations: tuple[Conversation, ...] | None,
    widens: bool,
) -> Report:
    from rewriter.api import verify as verified
    from rewriter.api import verify_marked

    if pair.original:
        return verified(
            pair.original.text,
            pair.variant.text,
            names=(_ORIGINAL, _VARIANT),
            conversations=conversations,
            widens=widens,
            **settings,
        )
    return verify_marked(
        pair.variant.text,
        name=_VARIANT,
        conversations=conversations,
        policy=settings["policy"],
        examples=settings["examples"],
        seed=settings["seed"],
        limits=settings["limits"],
        fields=settings["fields"],
        empty_thoughts=settings["empty_thoughts"],
    )


def _data(
    found: Sequence[tuple[Pair, Report | RewriteError]], unread: Sequence[RewriteError]
) -> object:
    """A single report, or a list of reports, each with its file and template."""
    from rewriter.report.data import report_data
    from rewriter.report.message import message_data, of_error

    data = [
        {"template": pair.variant.title, "error": message_data(of_error(result))}
        if isinstance(result, RewriteError)
        else {"template": pair.variant.title, **report_data(result)}
        for pair, result in found
    ]
    data += [{"template": each.name, "error": message_data(of_error(each))} for each in unread]
    if len(data) == 1:
        del data[0]["template"]
        return data[0]
    return data


def _show(report: Report, pair: Pair, *, coverage: bool, replayed: bool) -> None:
    from rewriter.report.account import unproven_text
    from rewriter.report.coverage import coverage_line, coverage_text
    from rewriter.report.findings import finding_text
    from rewriter.verification.contracts import STILL_RAISES

    variant = pair.variant
    for finding in report.findings:
        write_output(finding_text(finding, variant.file))
    write_output(failures_text(report, sys.stdout))
    if coverage:
        files = [held.file for held in (pair.original, variant) if held]
        write_output(coverage_text(report.coverage, files))
    for source in report.unproven:
        write_output(unproven_text(source, variant.file))
    tell_notices(variant.title, variant.file, report.notices)
    write_output(f"{variant.title}: {_verdict(report)}\n")
    if report.coverage and (coverage or not replayed):
        write_output(f"{variant.title}: {coverage_line(report.coverage)}\n")
    if any(failure.promise == STILL_RAISES for failure in report.failures):
        say("to accept that it renders where the original raises, give --widens")


def _verdict(report: Report) -> str:
    count = report.conversations
    checked = f"{count} conversation{'' if count == 1 else 's'}"
    raised = f", of which {report.raised} raise" if report.raised else ""
    if not report.holds:
        return f"fails, on {checked}{raised}"
    text = f"; its text by {report.text_proof}" if report.text_proof else ""
    if report.unproven:
        return f"not proven, on {checked}{raised}{text}"
    return f"holds, on {checked}{raised}{text}"
