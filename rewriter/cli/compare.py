"""``--check`` and ``--diff``: show what writing would change, without writing."""

from __future__ import annotations

from pathlib import Path

from rewriter.cli.output import is_for_programs, tell
from rewriter.cli.streams import show_diff


def would_change(
    target: Path,
    template: str,
    *,
    original: str,
    name: str,
    diff: bool,
    encoding: str = "utf-8",
) -> bool:
    """Whether writing ``template`` to ``target`` would change it; if so, print that or the diff.

    Args:
        target: the file that would be written.
        template: the text that would be written.
        original: the template that was rewritten; a missing target is compared with it.
        name: the original's name.
        diff: print the diff, rather than only the name of the file.
        encoding: the file's encoding.

    """
    from rewriter.carriers.encoding import text_of
    from rewriter.carriers.files import read_bytes
    from rewriter.source.diff import unified_diff

    present = target.exists()
    current = text_of(read_bytes(target), encoding, str(target)) if present else None
    if current == template:
        return False
    before, old_name = (original, name) if current is None else (current, str(target))
    tell_change(
        str(target),
        f"would {'change' if present else 'be written'}",
        unified_diff(before, template, old_name, str(target)) if diff else "",
    )
    return True


def tell_change(file: str, message: str, diff: str) -> None:
    """Report that a file would change, with the diff if there is one."""
    from rewriter.report.message import Message

    if diff and not is_for_programs():
        show_diff(diff)
    change = Message("error", "would-change", message, file, diff=diff)
    tell(change, "" if diff else f"{file}: {message}")
