"""Which templates ``rewriter verify`` is to compare, wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rewriter.cli.folders import files_within
from rewriter.cli.opened import opened
from rewriter.cli.streams import display_name
from rewriter.errors import BadInput, RewriteError
from rewriter.limits import Limits

if TYPE_CHECKING:
    from rewriter.carriers.carried import Held

# The file below what was given, and the template's name in it.
Key: TypeAlias = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A variant, and its original if there is one to compare it with."""

    original: Held | None
    variant: Held


def pairs(original: Path | None, variant: Path, limits: Limits) -> tuple[Pair, ...]:
    """Each template of ``variant`` with the one that is called the same in ``original``.

    Where each holds one template, these are a pair, whatever they are called.

    Raises:
        BadInput: one of the two cannot be read, holds no template, or lacks the other's.

    """
    variants = _templates(variant, limits)
    if original is None:
        return tuple(Pair(None, held) for held in variants.values())
    originals = _templates(original, limits)
    if len(originals) == len(variants) == 1:
        return (Pair(*originals.values(), *variants.values()),)
    for key, held in variants.items():
        if key not in originals:
            hint = "templates are compared that are called the same, in files of the same name"
            message = f"there is no original of it in {display_name(original)}"
            raise BadInput(message, name=held.title, hint=hint)
    return tuple(Pair(originals[key], held) for key, held in variants.items())


def _templates(given: Path, limits: Limits) -> dict[Key, Held]:
    found = dict(_held(given, limits))
    if not found:
        for error in opened(given, limits).built:
            raise error
        raise BadInput("there is no chat template in it", name=display_name(given))
    return found


def _held(given: Path, limits: Limits) -> Iterator[tuple[Key, Held]]:
    for file, below in files_within(given, limits):
        try:
            carrier = opened(file, limits)
        except RewriteError as error:
            raise error.named(display_name(file)) from None
        for held in carrier.held:
            yield (below if given.is_dir() else Path(), held.template.name), held
