"""Which files a command reads, and where the result of each goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from rewriter.cli.streams import STANDARD, display_name, say, write_output


@dataclass(frozen=True, slots=True)
class Target:
    """A file to read, and where the result goes; ``-`` is standard input, or output."""

    source: Path
    target: Path

    def before(self) -> bytes | None:
        """The target's content, or ``None``; call this before you read the source.

        Raises:
            BadInput: it cannot be written later.

        """
        from rewriter.carriers.files import before_writing

        return None if self.target == STANDARD else before_writing(self.target)

    def deliver(self, text: str, summary: str, *, changed: bool, before: bytes | None) -> None:
        """Write the result, whole or not at all; a file that would not change is left alone.

        Raises:
            BadInput: it cannot be written, or has changed since ``before``.

        """
        from rewriter.carriers.files import encoded

        if self.target == STANDARD:
            return write_output(text)
        if not changed and self.target == self.source:
            return None
        self.write(encoded(text, "utf-8", display_name(self.target)), before)
        return say(f"{self.target}: {summary}")

    def write(self, content: bytes, before: bytes | None) -> None:
        """Write the target, which is a file, and report what could not be kept.

        Raises:
            BadInput: as for `deliver`.

        """
        from rewriter.carriers.files import make_folder, write_all

        make_folder(self.target.parent)
        for remark in write_all({self.target: content}, {self.target: before}):
            say(remark)


def targets(
    files: tuple[Path, ...], out: Path | None, *, write: bool, dry: bool = False
) -> list[Target]:
    """Each file with its target, by ``-o`` and ``--write``; ``dry`` if nothing is written.

    Raises:
        click.UsageError: the options contradict each other.

    """
    if write and out:
        raise click.UsageError("--write and -o exclude each other.")
    if write and STANDARD in files:
        raise click.UsageError("--write cannot write to standard input.")
    if out and (len(files) > 1 or out.is_dir()):
        return _into_folder(files, out)
    if len(files) > 1 and not (write or dry):
        raise click.UsageError("Several files need -o FOLDER or --write.")
    return [Target(file, out or (file if write or dry else STANDARD)) for file in files]


def _into_folder(files: tuple[Path, ...], folder: Path) -> list[Target]:
    names = [file.name for file in files]
    if STANDARD in files:
        raise click.UsageError(
            "Standard input has no name for a file in a folder: name a file with -o."
        )
    if len(set(names)) < len(names):
        raise click.UsageError("Two of the files have the same name, but -o is one folder.")
    return [Target(file, folder / file.name) for file in files]
