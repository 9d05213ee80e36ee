"""Where a command's pages go: to a file, a folder, or a browser."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import click

from rewriter.cli.streams import say

if TYPE_CHECKING:
    from rewriter.report.shown import Shown


@dataclass(slots=True)
class Pages:
    """The pages of one command.

    Attributes:
        out: the file to write to, or the folder for ``several``; ``None`` for no file.
        opens: whether to open each page in a browser.
        several: whether there is more than one template.

    """

    out: Path | None
    opens: bool
    several: bool
    _names: set[str] = field(default_factory=set)
    _folder: Path | None = None

    def __post_init__(self) -> None:
        if self.out and self.several and self.out.is_file():
            raise click.UsageError("There are several templates, but --html is a file.")
        if self.out and not self.several and self.out.is_dir():
            raise click.UsageError("--html is a folder: name the file to write.")

    @property
    def are_wanted(self) -> bool:
        """Whether to write any page."""
        return bool(self.out or self.opens)

    def write(self, shown: Shown) -> None:
        """Write the page, and open it, as requested.

        Raises:
            BadInput: it cannot be written.

        """
        if not self.are_wanted:
            return
        path = self._path(shown.picture.name)
        write_page(path, shown.html, shown.picture.name)
        if self.opens:
            import webbrowser

            webbrowser.open(path.resolve().as_uri())

    def _path(self, name: str) -> Path:
        """The file for the page of the template ``name``."""
        if self.out and not self.several:
            return self.out
        if self._folder is None:
            # It is not removed, since the browser may need it as long as the page is open.
            self._folder = self.out or Path(mkdtemp(prefix="rewriter-show-"))
        name = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "template"
        while name in self._names:
            name += "-"
        self._names.add(name)
        return self._folder / f"{name}.html"


def write_page(path: Path, html: str, what: str = "") -> None:
    """Write a page, and report ``what`` it shows, if given.

    Raises:
        BadInput: it cannot be written.

    """
    from rewriter.carriers.files import make_folder, write_bytes

    make_folder(path.parent)
    # A template or data may hold lone surrogates, which a page cannot.
    for remark in write_bytes(path, html.encode(errors="replace")):
        say(remark)
    if what:
        say(f"{path}: {what}")


def check_targets(written: Iterable[Path | None], sources: Iterable[Path]) -> None:
    """Raise a usage error if two outputs are the same file, or one is an input."""
    targets = [each.resolve() for each in written if each]
    if len({*targets}) < len(targets) or {*targets} & {each.resolve() for each in sources}:
        raise click.UsageError("An output would overwrite another file of this command.")
