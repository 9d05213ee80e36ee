"""``rewriter strip`` and ``rewriter serve``: remove the marks of a template."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import click

from rewriter.cli.embedded import Change, attempt_carried
from rewriter.cli.errors import reporting_bugs
from rewriter.cli.folders import targets_within
from rewriter.cli.options import TemplatePath, limit_options
from rewriter.cli.output import show_error
from rewriter.cli.streams import display_name, read_input, say
from rewriter.cli.targets import Target
from rewriter.errors import BadInput, RewriteError
from rewriter.limits import Limits

# Gives a template without marks, and a description of it.
Unmarking: TypeAlias = Callable[[str, Limits], tuple[str, str]]

NOT_MARKED: Final = "there is no generation block in it"

out_option = click.option("-o", "--out", type=TemplatePath, help="The file or folder to write to.")
write_option = click.option("--write", is_flag=True, help="Write each result over its file.")


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=TemplatePath)
@out_option
@write_option
@limit_options
def strip(files: tuple[Path, ...], out: Path | None, write: bool, limits: Limits) -> None:
    """Remove the generation blocks from each FILE (`-` is standard input).

    A FILE is whatever `rewriter patch` takes.

    If `rewriter patch` wrote the variant on this machine, and it prints what its original prints,
    this restores the original, byte for byte. Otherwise the result is a template that prints the
    same text, without the tags.
    """
    _each(files, out, write, _stripped, limits)


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=TemplatePath)
@out_option
@write_option
@limit_options
def serve(files: tuple[Path, ...], out: Path | None, write: bool, limits: Limits) -> None:
    """Make each FILE (`-` is standard input) work in engines without the generation tag.

    A FILE is whatever `rewriter patch` takes.

    The result prints the same text on every conversation, which is proven from the syntax. The
    blocks' content stays, even where a transform has changed what the original prints.
    """
    _each(files, out, write, _served, limits)


def _each(
    files: tuple[Path, ...], out: Path | None, write: bool, change: Unmarking, limits: Limits
) -> None:
    chosen = targets_within(files, out, limits, write=write)
    codes = [_attempt(each, change, limits) for each in chosen]
    click.get_current_context().exit(max(codes))


def _attempt(target: Target, change: Unmarking, limits: Limits) -> int:
    """Change one file and return its exit code, without letting an error stop the next files."""
    from rewriter.carriers.carrier import is_carrier

    if is_carrier(target.source):
        return attempt_carried(target, partial(_changed, change, limits), limits).exit_code
    name = display_name(target.source)
    try:
        with reporting_bugs(name):
            before = target.before()
            source = read_input(target.source)
            text, summary = change(source, limits)
            if text == source:
                say(f"{name}: {NOT_MARKED}")
            target.deliver(text, summary, changed=text != source, before=before)
    except RewriteError as error:
        show_error(error.named(name))
        return error.exit_code
    return 0


def _changed(change: Unmarking, limits: Limits, source: str) -> Change:
    from rewriter.carriers.spelling import changes
    from rewriter.confinement.workers import confined

    text, summary = change(source, limits)
    if text == source:
        return Change((), NOT_MARKED)
    return Change(confined(partial(changes, source, text), limits, ()), summary)


def _stripped(source: str, limits: Limits) -> tuple[str, str]:
    from rewriter.carriers.originals import original_of

    try:
        original = original_of(source)
    except BadInput as error:
        say(f"{error.name}: {error.message}; it was removed, and only the tags are taken out")
        original = None
    if original is None:
        return _served(source, limits)
    return original, "the original, byte for byte"


def _served(source: str, limits: Limits) -> tuple[str, str]:
    from rewriter.confinement.workers import confined
    from rewriter.rewriting.unmark import served

    text = confined(
        partial(served, source),
        limits,
        ["rewriter.source.unmarked", "rewriter.verification.preconditions.lost_sets"],
    )
    return text, "the same text, without the tags"
