"""Where pages go that show templates: to a file, a folder of them, or a browser."""

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
        out: the file to write to, or the folder where there are ``several``; ``None``: no file.
        opens: whether each is opened in a browser.
        several: whether there is more than one template.

    """

    out: Path | None
    opens: bool
    several: bool
    _names: set[str] = field(default_factory=set)
    _folder: Path | None = None

    def __post_init__(self) -> None:
        if self.out and self.several and self.out.is_file():
            raise click.UsageError("There are several templates, and --html is a file.")
        if self.out and not self.several and self.out.is_dir():
            raise click.UsageError("--html is a folder: name the file to write.")

    @property
    def are_wanted(self) -> bool:
        """Whether any page is to be written."""
        return bool(self.out or self.opens)

    def write(self, shown: Shown) -> None:
        """Write the page, if it is wanted, and open it.

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
        """The file for the page of a template that is called so."""
        if self.out and not self.several:
            return self.out
        if self._folder is None:
            # Whoever looks at it in a browser needs it for as long as that is open.
            self._folder = self.out or Path(mkdtemp(prefix="rewriter-show-"))
        name = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "template"
        while name in self._names:
            name += "-"
        self._names.add(name)
        return self._folder / f"{name}.html"


def write_page(path: Path, html: str, what: str = "") -> None:
    """Write a page, and say of what it is, if there is something to say.

    Raises:
        BadInput: it cannot be written.

    """
    from rewriter.carriers.files import make_folder, write_bytes

    make_folder(path.parent)
    # Half of a character, which a template or data may hold, is none of a page.
    for remark in write_bytes(path, html.encode(errors="replace")):
        say(remark)
    if what:
        say(f"{path}: {what}")


def check_targets(written: Iterable[Path | None], given: Iterable[Path]) -> None:
    """Raise a usage error if a file would be written over another, or over one that is read."""
    targets = [each.resolve() for each in written if each]
    if len({*targets}) < len(targets) or {*targets} & {each.resolve() for each in given}:
        raise click.UsageError("What is written would be written over another file.")
