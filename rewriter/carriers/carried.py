"""A file and the templates that it holds, within text of another kind or as the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rewriter.carriers.literal import Literal, Whole
from rewriter.errors import BadInput, Place
from rewriter.source.edits import Edit, apply


@dataclass(frozen=True, eq=False)
class Carried:
    """One template of a file: what it is called there, and where it is written.

    One that is the whole of its file has no name.
    """

    name: str
    literal: Literal | Whole

    @property
    def text(self) -> str:
        """The template."""
        return self.literal.text


Finder = Callable[[str, str], tuple[Carried, ...]]
"""Finds the templates in a file's text, in their order; the second string is its name."""


@dataclass(frozen=True)
class Carrier:
    """A file's text, the templates that were found in it, and how they were.

    A byte-order mark is a character of the text, and line endings are as they are. ``built`` is
    what is to be said of templates that the file only puts together when it runs.
    """

    path: Path
    text: str
    encoding: str
    finder: Finder
    templates: tuple[Carried, ...]
    built: tuple[BadInput, ...] = ()

    @property
    def held(self) -> tuple[Held, ...]:
        """Each template with this file."""
        return tuple(Held(self, template) for template in self.templates)

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


@dataclass(frozen=True, eq=False)
class Held:
    """A template where it is kept: reports about it name the place in the file."""

    carrier: Carrier
    template: Carried

    @property
    def text(self) -> str:
        """The template."""
        return self.template.text

    @property
    def file(self) -> str:
        """The file, for a person."""
        return str(self.carrier.path)

    @property
    def title(self) -> str:
        """Which template of which file it is, for a person."""
        if not self.template.name:
            return self.file
        line = self._line_and_column(0).line
        return f"{self.file}:{line}: {self.template.name}"

    def said(self, message: str) -> str:
        """The message, which says what template of the file it is about."""
        return f"{self.template.name}: {message}" if self.template.name else message

    def placed(self, place: Place) -> Place:
        """A place in the template as one in the file, with the template's own line."""
        if not self.template.name:
            return place
        found = self._line_and_column(place.offset_in(self.text))
        return Place(found.line, found.column, place.excerpt, place.column)

    def _line_and_column(self, offset: int) -> Place:
        return Place.at(self.carrier.text, self.template.literal.place(offset))
