"""A file that holds templates within text of another kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rewriter.carriers.literal import Literal
from rewriter.errors import BadInput, Place, RewriteError
from rewriter.source.edits import Edit, apply


@dataclass(frozen=True, eq=False)
class Carried:
    """One template of a file: what it is called there, and where it is written."""

    name: str
    literal: Literal

    @property
    def text(self) -> str:
        """The template."""
        return self.literal.text


Finder = Callable[[str, str], tuple[Carried, ...]]
"""Finds the templates in a file's text, in their order; the second string is its name."""


@dataclass(frozen=True)
class Carrier:
    """A file's text, the templates that were found in it, and how they were.

    A byte-order mark is a character of the text, and line endings are as they are.
    """

    path: Path
    text: str
    encoding: str
    finder: Finder
    templates: tuple[Carried, ...]

    def title(self, template: Carried) -> str:
        """Which template of which file it is, for a person."""
        return f"{self.path}:{self._place(template, 0).line}: {template.name}"

    def located(self, error: RewriteError, template: Carried) -> RewriteError:
        """The error about the template as one about the file, at the file's own line."""
        if error.place is None:
            error.name = self.title(template)
            return error
        offset = error.place.offset_in(template.text)
        error.place = self._place(template, offset)
        error.name, error.message = str(self.path), f"{template.name}: {error.message}"
        return error

    def _place(self, template: Carried, offset: int) -> Place:
        return Place.at(self.text, template.literal.place(offset))

    def with_edits(self, edits: Mapping[Carried, Sequence[Edit]]) -> str:
        """The file's text after edits of its templates; all else in it is as it was.

        Raises:
            BadInput: a literal cannot hold what its template becomes.

        """
        changes = [
            change for each in self.templates for change in each.literal.edited(edits.get(each, ()))
        ]
        if not changes:
            return self.text
        changed = apply(self.text, sorted(changes))
        expected = [apply(each.text, edits.get(each, ())) for each in self.templates]
        if [each.text for each in self.finder(changed, str(self.path))] != expected:
            message = "the new text would not be read back as it is"
            hint = "take the template out into a file of its own"
            raise BadInput(message, name=str(self.path), hint=hint)
        return changed
