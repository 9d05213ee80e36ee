"""``rewriter strip`` and ``rewriter serve``: a marked template without its marks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import click

from rewriter.cli.carried import Change, attempt_carried
from rewriter.cli.errors import show_error
from rewriter.cli.folders import targets_within
from rewriter.cli.options import TemplatePath
from rewriter.cli.streams import display_name, read_input, say
from rewriter.cli.targets import Target
from rewriter.errors import RewriteError

NOT_MARKED: Final = "there is no generation block in it"

out_option = click.option("-o", "--out", type=TemplatePath, help="The file or folder to write to.")
write_option = click.option("--write", is_flag=True, help="Write each result over its file.")


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=TemplatePath)
@out_option
@write_option
def strip(files: tuple[Path, ...], out: Path | None, write: bool) -> None:
    """Take the generation blocks out of each FILE (`-` is standard input).

    A FILE is whatever `rewriter patch` takes.

    Of a variant that `rewriter patch` wrote on this machine, and that prints what its original
    does, it gives the original back, byte for byte. Of any other it gives a template that prints
    the same text, without the tags.
    """
    _each(files, out, write, _stripped)


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=TemplatePath)
@out_option
@write_option
def serve(files: tuple[Path, ...], out: Path | None, write: bool) -> None:
    """Make each FILE (`-` is standard input) readable for engines that know no generation tag.

    A FILE is whatever `rewriter patch` takes.

    The same text is printed on every conversation, which is proven on the syntax. What a block
    held is left as it is, also where a transform has changed what the original prints.
    """
    _each(files, out, write, _served)


def _each(
    files: tuple[Path, ...], out: Path | None, write: bool, change: Callable[[str], tuple[str, str]]
) -> None:
    codes = [_attempt(each, change) for each in targets_within(files, out, write=write)]
    click.get_current_context().exit(max(codes))


def _attempt(each: Target, change: Callable[[str], tuple[str, str]]) -> int:
    """Change one file and return its exit code: a failure must not stop the files after it."""
    from rewriter.carriers.carrier import is_carrier

    if is_carrier(each.source):
        return attempt_carried(each, partial(_changed, change))
    name = display_name(each.source)
    try:
        before = each.before()
        source = read_input(each.source)
        text, summary = change(source)
        if text == source:
            say(f"{name}: {NOT_MARKED}")
        each.deliver(text, summary, changed=text != source, before=before)
    except RewriteError as error:
        show_error(error.named(name))
        return error.exit_code
    return 0


def _changed(change: Callable[[str], tuple[str, str]], source: str) -> Change:
    from rewriter.carriers.spelling import changes

    text, summary = change(source)
    if text == source:
        return Change((), NOT_MARKED)
    return Change(changes(source, text), summary)


def _stripped(source: str) -> tuple[str, str]:
    from rewriter.carriers.originals import original_of

    original = original_of(source)
    return _served(source) if original is None else (original, "the original, byte for byte")


def _served(source: str) -> tuple[str, str]:
    from rewriter.unmarking import served

    return served(source), "the same text, without the tags"
