"""``rewriter patch``: rewrite one or a few templates, whatever file they are in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Unpack

import click

from rewriter.cli.attempts import Attempt, counted, remedy
from rewriter.cli.beside_tokenizer import with_end_token, with_tokenizer_notices
from rewriter.cli.chosen_notices import ChosenNotices, notice_options
from rewriter.cli.compare import tell_change, would_change
from rewriter.cli.declared_fields import DeclaredFields
from rewriter.cli.embedded import Change, attempt_carried
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.folders import targets_within
from rewriter.cli.in_order import in_order
from rewriter.cli.kept_originals import remember_original
from rewriter.cli.options import (
    Rewriting,
    TemplatePath,
    check_option,
    diff_option,
    empty_thoughts_option,
    exclude_option,
    field_option,
    goal_option,
    header_comment_option,
    jobs_option,
    limit_options,
    policy_option,
    project_settings,
    recipe_options,
    verification_options,
)
from rewriter.cli.output import (
    check_output_format,
    is_for_programs,
    keep,
    output_format_option,
    show_error,
    tell_notices,
)
from rewriter.cli.same_text import remembered
from rewriter.cli.streams import STANDARD, display_name, read_input, say
from rewriter.cli.targets import Target
from rewriter.cli.verbosity import say_more, verbosity_options
from rewriter.errors import RewriteError
from rewriter.limits import Limits
from rewriter.report.explanation import explanation, section_text
from rewriter.report.summary import summary, why_untouched

if TYPE_CHECKING:
    from rewriter.rewriting.result import Rewrite


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=TemplatePath)
@click.option("-o", "--out", type=TemplatePath, help="The file or folder to write to.")
@click.option("--write", is_flag=True, help="Write each variant over its original.")
@check_option
@diff_option
@policy_option("strict")
@goal_option
@recipe_options
@header_comment_option
@click.option("--explain", is_flag=True, help="Print what was seen, tried and done, to stderr.")
@click.option("--no-verify", is_flag=True, help="Only plan and edit, without a proof.")
@verification_options
@field_option
@empty_thoughts_option
@exclude_option
@jobs_option
@notice_options
@verbosity_options
@limit_options
@output_format_option
def patch(
    files: tuple[Path, ...],
    out: Path | None,
    write: bool,
    check: bool,
    diff: bool,
    explain: bool,
    no_verify: bool,
    jobs: int,
    chosen_notices: ChosenNotices,
    **settings: Unpack[Rewriting],
) -> None:
    """Write the training variant of each FILE (`-` is standard input).

    A FILE is a template, or a JSON file, Python file or folder with templates in it; nothing else
    in it changes. The variant of a single FILE goes to standard output, unless you use -o or
    --write.
    """
    from rewriter.api import rewrite

    dry = check or diff
    chosen = targets_within(files, out, settings["limits"], write=write, dry=dry)
    check_output_format(diff=diff)
    if is_for_programs() and not dry and any(each.target == STANDARD for each in chosen):
        raise click.UsageError(
            "Standard output cannot hold both a template and a document: "
            "name a file for the template with -o, or use --write, --check or --diff."
        )
    rewriting = remembered(partial(rewrite, verify=not no_verify, **settings))
    fields = DeclaredFields(settings["fields"], settings["limits"])
    options = _Options(
        fields, chosen_notices, limits=settings["limits"], dry=dry, diff=diff, explain=explain
    )
    done = in_order(
        partial(_timed, rewriting, options),
        chosen,
        what="rewriting",
        name=lambda target: display_name(target.source),
        jobs=jobs,
    )
    fields.tell_unread(files[0])
    if check or len(done) > 1:
        said = counted(done, dry=dry)
        say(said + remedy(done, writes=write or out is not None) if dry else said)
    click.get_current_context().exit(max(each.exit_code for each in done))


@dataclass(frozen=True, slots=True)
class _Options:
    """What else the command does with each file."""

    fields: DeclaredFields
    notices: ChosenNotices
    _: KW_ONLY
    limits: Limits
    dry: bool
    diff: bool
    explain: bool


def _timed(rewriting: Callable[..., Rewrite], options: _Options, target: Target) -> Attempt:
    started = monotonic()
    done = _attempt(target, rewriting, options)
    say_more(f"{display_name(target.source)}: done in {monotonic() - started:.1f} s")
    return done


def _attempt(target: Target, rewriting: Callable[..., Rewrite], options: _Options) -> Attempt:
    """Patch one file, without letting an error stop the next ones."""
    from rewriter.carriers.carrier import is_carrier

    rewriting = partial(_as_declared, rewriting, target.source, options.fields)
    if target.source != STANDARD:
        rewriting = partial(_beside_its_tokenizer, rewriting, target.source, options.limits)
    rewriting = partial(_with_notices, rewriting, target.source, options.notices)
    if options.explain:
        rewriting = partial(_listing_what_was_tried, rewriting)
    if is_carrier(target.source):
        change = partial(_change, rewriting, explain=options.explain)
        return attempt_carried(target, change, options.limits, dry=options.dry, diff=options.diff)
    name = display_name(target.source)
    try:
        with reporting_bugs(name):
            return _attempted(target, name, rewriting, options)
    except RewriteError as error:
        show_error(error)
        return Attempt(error.exit_code)


def _listing_what_was_tried(
    rewriting: Callable[..., Rewrite], source: str, **settings: Any
) -> Rewrite:
    try:
        return rewriting(source, **settings)
    except RewriteError as error:
        if error.tried:
            say(section_text("tried", error.tried))
        raise


def _as_declared(
    rewriting: Callable[..., Rewrite],
    file: Path,
    fields: DeclaredFields,
    source: str,
    **settings: Any,
) -> Rewrite:
    said = project_settings(file, Rewriting.__annotations__)
    result = rewriting(source, fields=fields.of(file), **{**settings, **said})
    project = f"; {', '.join(sorted(said))} as pyproject.toml says" if said else ""
    say_more(f"{display_name(file)}: policy {result.policy}{project}")
    fields.look(source)
    return result


def _beside_its_tokenizer(
    rewriting: Callable[..., Rewrite], file: Path, limits: Limits, source: str, **settings: Any
) -> Rewrite:
    result = with_end_token(rewriting(source, **settings), file)
    return with_tokenizer_notices(result, file, limits)


def _with_notices(
    rewriting: Callable[..., Rewrite],
    file: Path,
    chosen: ChosenNotices,
    source: str,
    **settings: Any,
) -> Rewrite:
    result = rewriting(source, **settings)
    return replace(result, notices=chosen.of(file, result.notices))


def _attempted(
    target: Target, name: str, rewriting: Callable[..., Rewrite], options: _Options
) -> Attempt:
    before = None if options.dry else target.before()
    result = rewriting(read_input(target.source), name=name)
    if result.template == result.source:
        say(f"{name}: {why_untouched(result)}")
    elif options.dry or target.target == STANDARD:
        say_more(f"{name}: {summary(result)}")
    tell_notices(name, name, result.notices)
    if options.explain:
        say(explanation(result))
    keep(_data(result, name))
    if options.dry:
        found = _would_change(target, result, diff=options.diff)
        return Attempt(int(found or result.has_wrong_marks), found)
    _deliver(target, result, before)
    return Attempt(int(result.has_wrong_marks), result.template != result.source)


def _change(rewriting: Callable[..., Rewrite], source: str, *, explain: bool) -> Change:
    result = rewriting(source)
    if explain:
        say(explanation(result))
    said = summary(result) if result.template != result.source else why_untouched(result)
    return Change(
        result.edits,
        said,
        partial(_remember, result),
        partial(_data, result),
        notices=result.notices,
        is_wrong=result.has_wrong_marks,
    )


def _data(result: Rewrite, file: str, template: str = "") -> dict[str, Any]:
    from rewriter.report.data import rewrite_data

    return rewrite_data(result, file, template)


def _remember(result: Rewrite) -> None:
    remember_original(result.source, result.template, result.transforms)


def _would_change(target: Target, result: Rewrite, *, diff: bool) -> bool:
    name = display_name(target.source)
    if target.target != STANDARD:
        return would_change(
            target.target, result.template, original=result.source, name=name, diff=diff
        )
    if result.template == result.source:
        return False
    tell_change(name, "would change", result.diff(name) if diff else "")
    return True


def _deliver(target: Target, result: Rewrite, before: bytes | None) -> None:
    _remember(result)
    changed = result.template != result.source
    target.deliver(result.template, summary(result), changed=changed, before=before)
