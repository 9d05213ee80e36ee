"""Read the templates in a command's inputs: files of any kind, and standard input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.cli.output import show_error
from rewriter.cli.streams import STANDARD, display_name, read_input, say

if TYPE_CHECKING:
    from rewriter.carriers.carried import Carried, Carrier
    from rewriter.limits import Limits
    from rewriter.source.edits import Edit


def opened(path: Path, limits: Limits) -> Carrier:
    """The file with its templates; standard input is one template.

    Raises:
        BadInput: it cannot be read, or is not what its suffix says.
        Stopped: reading it exceeded a limit.

    """
    from rewriter.carriers.carrier import is_carrier, read_any, whole

    if path == STANDARD:
        return whole(Path(display_name(path)), read_input(path))
    return carrier(path, limits) if is_carrier(path) else read_any(path)


def carrier(path: Path, limits: Limits) -> Carrier:
    """A JSON or Python file with its templates, parsed in a process that can be stopped.

    Raises:
        BadInput: it cannot be read, or is not what its suffix says.
        Stopped: reading it exceeded a limit.

    """
    from rewriter.carriers.carrier import carrier_of
    from rewriter.carriers.files import read_bytes
    from rewriter.confinement.workers import confined

    is_python = path.suffix.lower() == ".py"
    needs = "python_strings" if is_python else "json_strings"
    work = partial(carrier_of, path, read_bytes(path))
    return confined(work, limits, [f"rewriter.carriers.{needs}"])


def edited(carrier: Carrier, edits: Mapping[Carried, Sequence[Edit]], limits: Limits) -> str:
    """`Carrier.with_edits`, in a process that can be stopped.

    Raises:
        BadInput: a literal cannot hold the edited template.
        Stopped: reading it again exceeded a limit.

    """
    from rewriter.confinement.workers import confined

    if not any(edits.values()):
        return carrier.text
    return confined(partial(carrier.with_edits, edits), limits, ())


def report_unreadable(carrier: Carrier) -> int:
    """Report templates that no literal holds, and return the exit code if there are no others."""
    built = carrier.built
    for error in built:
        show_error(error, "warning" if carrier.templates else "error")
    if carrier.templates:
        return 0
    if not built:
        say(f"{carrier.path}: there is no chat template in it")
    return max((error.exit_code for error in built), default=0)
