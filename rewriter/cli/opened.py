"""The templates in what a command is given to read: files of any kind, folders, standard input."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.cli.errors import show_error
from rewriter.cli.folders import files_within
from rewriter.cli.streams import STANDARD, display_name, read_input, say

if TYPE_CHECKING:
    from rewriter.carriers.carried import Carrier


def opened(path: Path) -> Carrier:
    """The file with the templates in it; what is read from standard input is one template.

    Raises:
        BadInput: it cannot be read, or is not what its suffix says.

    """
    from rewriter.carriers.carrier import read_any, whole

    if path == STANDARD:
        return whole(Path(display_name(path)), read_input(path))
    return read_any(path)


def told_of_the_rest(carrier: Carrier) -> int:
    """Say what the file holds no template of, and return the exit code if it holds none at all."""
    from rewriter.carriers.carrier import built_in

    built = built_in(carrier)
    for error in built:
        show_error(error, "warning" if carrier.templates else "error")
    if carrier.templates:
        return 0
    if not built:
        say(f"{carrier.path}: there is no chat template in it")
    return max((error.exit_code for error in built), default=0)


def files_given(given: Sequence[Path]) -> list[Path]:
    """The files that are meant, each once; of a folder, each file with a template.

    Raises:
        BadInput: a folder holds no template.

    """
    return list(dict.fromkeys(file for path in given for file, _ in files_within(path)))
