"""``rewriter patch``: one template, or a few."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from rewriter.cli.compare import would_change
from rewriter.cli.errors import show_error
from rewriter.cli.options import (
    Rewriting,
    TemplatePath,
    check_option,
    diff_option,
    header_comment_option,
    limit_options,
    policy_option,
    recipe_options,
    verification_options,
)
from rewriter.cli.streams import STANDARD, display_name, read_input, say, show_diff, write_output
from rewriter.errors import RewriteError

if TYPE_CHECKING:
    from rewriter.rewriting import Rewrite


@dataclass(frozen=True, slots=True)
class _Patch:
    """A template to patch, and where its variant goes: ``-`` is standard output."""

    source: Path
    target: Path


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=TemplatePath)
@click.option("-o", "--out", type=TemplatePath, help="The file or folder to write to.")
@click.option("--write", is_flag=True, help="Write each variant over its original.")
@check_option
@diff_option
@policy_option("strict")
@recipe_options
@header_comment_option
@click.option("--no-verify", is_flag=True, help="Only plan and edit; prove nothing.")
@verification_options
@limit_options
def patch(
    files: tuple[Path, ...],
    out: Path | None,
    write: bool,
    check: bool,
    diff: bool,
    no_verify: bool,
    **settings: Unpack[Rewriting],
) -> None:
    """Write the training variant of each FILE (`-` is standard input).

    A single variant goes to standard output, unless -o or --write says otherwise.
    """
    from rewriter.api import rewrite

    dry = check or diff
    patches = _patches(files, out, write=write, dry=dry)
    rewriting = partial(rewrite, verify=not no_verify, **settings)
    codes = [_attempt(each, rewriting, dry=dry, diff=diff) for each in patches]
    click.get_current_context().exit(max(codes))


def _patches(files: tuple[Path, ...], out: Path | None, *, write: bool, dry: bool) -> list[_Patch]:
    if write and out:
        raise click.UsageError("--write and -o exclude each other.")
    if write and STANDARD in files:
        raise click.UsageError("--write cannot write to standard input.")
    if out and (len(files) > 1 or out.is_dir()):
        return _into_folder(files, out)
    if len(files) > 1 and not (write or dry):
        raise click.UsageError("Several files need -o FOLDER or --write.")
    return [_Patch(file, out or (file if write or dry else STANDARD)) for file in files]


def _into_folder(files: tuple[Path, ...], folder: Path) -> list[_Patch]:
    names = [file.name for file in files]
    if STANDARD in files:
        raise click.UsageError("What is read from standard input has no name in a folder.")
    if len(set(names)) < len(names):
        raise click.UsageError("Two of the files have the same name, and -o is one folder.")
    return [_Patch(file, folder / file.name) for file in files]


def _attempt(each: _Patch, rewriting: Callable[..., Rewrite], *, dry: bool, diff: bool) -> int:
    """Patch one file and return its exit code: a failure must not stop the files after it."""
    try:
        name = display_name(each.source)
        result = rewriting(read_input(each.source), name=name)
        if result.template == result.source:
            say(f"{name}: nothing to do")
        if dry:
            return int(_would_change(each, result, diff=diff))
        _deliver(each, result)
    except RewriteError as error:
        show_error(error)
        return error.exit_code
    return 0


def _would_change(each: _Patch, result: Rewrite, *, diff: bool) -> bool:
    name = display_name(each.source)
    if each.target != STANDARD:
        return would_change(
            each.target, result.template, original=result.source, name=name, diff=diff
        )
    if result.template == result.source:
        return False
    if diff:
        show_diff(result.diff(name))
    else:
        say(f"{name}: would change")
    return True


def _deliver(each: _Patch, result: Rewrite) -> None:
    from rewriter.carriers.files import make_folder, write_template

    if each.target == STANDARD:
        return write_output(result.template)
    if result.template == result.source and each.target == each.source:
        return None
    make_folder(each.target.parent)
    write_template(each.target, result.template)
    return say(f"{each.target}: {_summary(result)}")


def _summary(result: Rewrite) -> str:
    proof = {"verified": "verified", "on file": "proof on file", "none": "not verified"}
    edits = f"{len(result.edits)} edit{'' if len(result.edits) == 1 else 's'}"
    return f"{edits} by {', '.join(result.transforms) or 'no transform'}; {proof[result.proof]}"
