"""Pair the templates that ``rewriter verify`` compares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rewriter.cli.errors import reporting_bugs
from rewriter.cli.folders import files_within
from rewriter.cli.inputs import opened
from rewriter.cli.streams import display_name
from rewriter.errors import BadInput, RewriteError
from rewriter.limits import Limits

if TYPE_CHECKING:
    from rewriter.carriers.carried import Carrier, Held

# The path relative to the argument, and the template's name in the file.
Key: TypeAlias = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A variant, with its original if there is one."""

    original: Held | None
    variant: Held


def pairs(
    original: Path | None,
    variant: Path,
    limits: Limits,
    failed: Callable[[RewriteError], None],
) -> tuple[Pair, ...]:
    """Each template of ``variant``, with the one of the same name in ``original``.

    If each has only one template, these are a pair, whatever their names. A file in a folder that
    cannot be read, or a template without an original, is passed to ``failed`` and does not stop the
    others.

    Raises:
        BadInput: one of the two cannot be read, or holds no template.

    """
    variants = _templates(variant, limits, failed)
    if original is None:
        return tuple(Pair(None, held) for held in variants.values())
    originals = _templates(original, limits, failed)
    if len(originals) == len(variants) == 1:
        return (Pair(*originals.values(), *variants.values()),)
    for key, held in variants.items():
        if key not in originals:
            hint = "templates are paired by name, in files of the same name"
            message = f"it has no original in {display_name(original)}"
            failed(BadInput(message, name=held.title, hint=hint))
    return tuple(Pair(originals[key], held) for key, held in variants.items() if key in originals)


def _templates(
    given: Path, limits: Limits, failed: Callable[[RewriteError], None]
) -> dict[Key, Held]:
    found: dict[Key, Held] = {}
    unread = 0
    for file, below in files_within(given, limits):
        try:
            with reporting_bugs(display_name(file)):
                found |= _held(opened(file, limits), below if given.is_dir() else Path())
        except RewriteError as error:
            if not given.is_dir():
                raise error.named(display_name(file)) from None
            failed(error.named(display_name(file)))
            unread += 1
    if not found and not unread:
        raise BadInput("there is no chat template in it", name=display_name(given))
    return found


def _held(carrier: Carrier, below: Path) -> dict[Key, Held]:
    for error in carrier.built:
        if not carrier.templates:
            raise error
    return {(below, held.template.name): held for held in carrier.held}
