"""Folders on the command line: their files, and where each result goes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from rewriter.cli.inputs import opened
from rewriter.cli.targets import Target, targets
from rewriter.errors import BadInput
from rewriter.limits import Limits


def targets_within(
    given: tuple[Path, ...],
    out: Path | None,
    limits: Limits,
    *,
    write: bool,
    dry: bool = False,
) -> list[Target]:
    """Like `targets`, with each folder replaced by its files that hold a template.

    ``-o`` keeps the subfolders of a folder.

    Raises:
        click.UsageError: the options contradict each other.
        BadInput: a folder holds no template.

    """
    if not any(path.is_dir() for path in given):
        return targets(given, out, write=write, dry=dry)
    found = list(dict.fromkeys(each for path in given for each in files_within(path, limits)))
    files = tuple(file for file, _ in found)
    if out is None or write:
        return targets(files, out, write=write, dry=dry)
    if out.is_file():
        raise click.UsageError(
            "The templates of a folder need a folder to be written to, but -o is a file."
        )
    _check_names([name for _, name in found])
    return [Target(file, out / name) for file, name in found]


def files_given(paths: Sequence[Path], limits: Limits) -> list[Path]:
    """The given files, each once, with each folder replaced by its files that hold a template.

    Raises:
        BadInput: a folder holds no template.

    """
    return list(dict.fromkeys(file for path in paths for file, _ in files_within(path, limits)))


def files_within(path: Path, limits: Limits) -> list[tuple[Path, Path]]:
    """The files, each with its name below the folder of ``-o``.

    Raises:
        BadInput: a folder holds no template.

    """
    from rewriter.carriers.model_folder import files_with_templates

    if not path.is_dir():
        return [(path, Path(path.name))]
    files = files_with_templates(
        path, partial(opened, limits=limits), partial(_is_likely, limits=limits)
    )
    if not files:
        hint = "name a template file, or a folder with one in it"
        raise BadInput("no file in this folder holds a chat template", name=str(path), hint=hint)
    return [(file, file.relative_to(path)) for file in files]


def _is_likely(text: str, limits: Limits) -> bool:
    """Whether the text is a chat template, parsed in a process that can be stopped."""
    from rewriter.carriers.likeness import is_chat_template, mentions_messages
    from rewriter.confinement.workers import confined

    if not mentions_messages(text):
        return False
    return confined(partial(is_chat_template, text), limits, ["rewriter.carriers.likeness"])


def _check_names(names: Sequence[Path]) -> None:
    if len(set(names)) < len(names):
        raise click.UsageError("Two of the files have the same name, but -o is one folder.")
